//! Scripts: what the peers of a proxy send and must see, one step per line, in order.
//!
//! A line is `WHO OP BYTES`. Clients are `c…` and `p…` (to `fd@${fe}`), `d…` (to `fd@${fe2}`) and `a…`, `b…`
//! (to the stats socket `fd@${cli}`); `s`, `t`, `u`
//! are the first connections to the origins of those names, `s2`, `s3`… the next ones. A connection
//! is made, or accepted, by its first step. Bytes are in the notation of [`super::text`].
//!
//! | step       | meaning |
//! |------------|---------|
//! | `c> bytes` | send |
//! | `c< bytes` | receive this message: head, then body (chunks undone, trailers after it) |
//! | `c^ bytes` | receive this head, leave its body |
//! | `c~ bytes` | receive this much body (chunks undone) |
//! | `c$ bytes` | receive the rest of the chunks, and the trailers |
//! | `c= bytes` | receive exactly these raw bytes |
//! | `c eof` `c reset` `c end` | wait for the orderly end, a reset, either |
//! | `c open`   | still usable: asks the `monitor-uri` and is answered |
//! | `c connect` `c shut` `c close` `c abort` | make it, half-close, close, reset |
//! | `s refuse` | close the listening socket |
//! | `s unused` | nothing waits to be accepted |
//! | `signal USR1` | signal the proxy (by the name of any signal it knows, `STOP`, `CONT`) |
//! | `cli command => answer` | what the stats socket `fd@${cli}` answers, without the empty line at the end; `|` is a line feed, addresses, expiry times and times of `show servers state` are masked with `#` |
//! | `stat fe/FRONTEND stot=1 …` | `show stat` comes to show these values of an object; `+` is any above 0 |
//! | `info Nbthread=1 Pid …` | `show info` has these names, in this order, with these values where one is given; `_` in a name is a blank or itself |
//! | `log line` | the next log line, times masked with `#` |
//! | `event N line` | the next line that is not about traffic, after its severity |
//! | `told text` | the next message to the log that is not about traffic contains this |
//! | `edit old => new` | replaces every `old` in the configuration file |

use super::log::pattern;
use super::message::{Message, show};
use super::peer::{End, Peer};
use super::text::decode;
use super::topology::Topology;
use regex::Regex;
use rustix::process::Signal;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// How often statistics are asked for before they are taken to be wrong.
const MOST_LOOKS: usize = 200;

/// Path answered by every HTTP frontend itself.
pub(crate) const MONITOR: &str = "/_open";

/// Plays `script` against a running proxy; the error says which step failed, and how.
pub(crate) fn play(topology: &mut Topology, script: &str) -> Result<(), String> {
    let mut player = Player {
        topology,
        peers: BTreeMap::new(),
        logged: false,
    };
    for (at, step) in steps(script).iter().enumerate() {
        player.step(step).map_err(|why| {
            let at = at + 1;
            format!(
                "step {at}: {step}\n{why}\nproxy's output: {}",
                player.topology.process.output()
            )
        })?;
    }
    match player
        .logged
        .then(|| player.topology.log.pending())
        .flatten()
    {
        Some(line) => Err(format!("one more log line: {line}")),
        None => Ok(()),
    }
}

/// Lines of a script; one that starts with `|` continues the line before.
fn steps(script: &str) -> Vec<String> {
    let mut steps: Vec<String> = Vec::new();
    for line in script
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
    {
        match steps.last_mut() {
            Some(last) if line.starts_with('|') => last.push_str(line),
            _ => steps.push(line.to_owned()),
        }
    }
    steps
}

struct Player<'a> {
    topology: &'a mut Topology,
    peers: BTreeMap<String, Peer>,
    logged: bool,
}

impl Player<'_> {
    fn step(&mut self, step: &str) -> Result<(), String> {
        let (word, rest) = step.split_once(' ').unwrap_or((step, ""));
        match word {
            "log" => return self.log(rest),
            "event" => return self.event(rest),
            "cli" => return self.cli(rest),
            "stat" => return self.stat(rest),
            "info" => return self.info(rest),
            "signal" => return self.signal(rest),
            "told" => return self.told(rest),
            "edit" => return self.edit(rest),
            _ => {}
        }
        let (who, op) = match word.strip_suffix(['>', '<', '^', '~', '$', '=']) {
            Some(who) => (who, &word[who.len()..]),
            None => (word, rest),
        };
        match op {
            "refuse" => self.topology.close_origin(who),
            "unused" => return self.unused(who),
            "close" => drop(self.take(who)),
            "abort" => self.take(who).abort(),
            "open" => return self.open(who),
            _ => {
                let bytes = decode(rest, &|name| self.port(name));
                return transfer(self.peer(who)?, op, bytes);
            }
        }
        Ok(())
    }

    /// The connection `who`, made or accepted when this is its first step.
    fn peer(&mut self, who: &str) -> Result<&mut Peer, String> {
        if !self.peers.contains_key(who) {
            let stream = match who.as_bytes()[0] {
                b'c' | b'p' => self.topology.connect("fe"),
                b'd' => self.topology.connect("fe2"),
                b'a' | b'b' => self.topology.connect("cli"),
                _ => self
                    .topology
                    .accept(&who[..1])
                    .ok_or("no connection arrived")?,
            };
            self.peers.insert(who.to_owned(), Peer::new(stream));
        }
        Ok(self.peers.get_mut(who).expect("just inserted"))
    }

    fn take(&mut self, who: &str) -> Peer {
        self.peers
            .remove(who)
            .unwrap_or_else(|| panic!("{who} is not connected"))
    }

    fn open(&mut self, who: &str) -> Result<(), String> {
        let probe = format!("GET {MONITOR} HTTP/1.1\r\nhost: probe\r\n\r\n");
        let peer = self.peer(who)?;
        peer.send(probe.into_bytes());
        match peer.head()? {
            head if head.start == "HTTP/1.1 200 OK" => Ok(()),
            head => Err(format!("the probe was answered {head}")),
        }
    }

    fn unused(&self, who: &str) -> Result<(), String> {
        let pending = self.topology.has_pending(&who[..1]);
        if pending {
            Err("a connection waits to be accepted".to_owned())
        } else {
            Ok(())
        }
    }

    fn log(&mut self, expected: &str) -> Result<(), String> {
        self.logged = true;
        let expected = decode(expected, &|name| self.port(name));
        match self.topology.log.line() {
            Some(line) if line.as_bytes() == expected => Ok(()),
            other => Err(format!("got:  {}", other.as_deref().unwrap_or("nothing"))),
        }
    }

    fn told(&self, expected: &str) -> Result<(), String> {
        let expected = self.topology.named(expected);
        match self.topology.log.message() {
            Some(message) if message.contains(&expected) => Ok(()),
            other => Err(format!("got:  {}", other.as_deref().unwrap_or("nothing"))),
        }
    }

    fn edit(&self, change: &str) -> Result<(), String> {
        let change = self.topology.named(change);
        let (old, new) = change.split_once(" => ").expect("old => new");
        let file = self.topology.dir.path().join("cfg");
        let text = std::fs::read_to_string(&file).expect("the configuration");
        if !text.contains(old) {
            return Err("the configuration has no such text".to_owned());
        }
        std::fs::write(&file, text.replace(old, new)).expect("the configuration");
        Ok(())
    }

    fn ask(&self, command: &str) -> Result<Vec<u8>, String> {
        let mut peer = Peer::new(self.topology.connect("cli"));
        peer.send(command.as_bytes().to_vec());
        peer.shut();
        peer.rest()
    }

    /// Counters follow what they count a moment later.
    fn stat(&self, rest: &str) -> Result<(), String> {
        let mut words = rest.split(' ').filter(|word| !word.is_empty());
        let object = words
            .next()
            .ok_or("no object in the step")?
            .replacen('/', ",", 1);
        let wanted: Vec<_> = words.filter_map(|word| word.split_once('=')).collect();
        let mut seen = String::new();
        for _ in 0..MOST_LOOKS {
            let table = self.ask("show stat\n")?;
            let table = String::from_utf8_lossy(&table);
            let mut lines = table.lines();
            let names = lines.next().unwrap_or_default().trim_start_matches("# ");
            let row = lines.find(|line| line.starts_with(&format!("{object},")));
            let row = row.ok_or_else(|| format!("no {object} in {table}"))?;
            let value = |name: &str| {
                let cells = names.split(',').zip(row.split(','));
                let mut named = cells.filter(|(own, _)| *own == name);
                named.next().map_or("(no such column)", |(_, value)| value)
            };
            let values = wanted
                .iter()
                .map(|(name, _)| format!("{name}={}", value(name)));
            seen = values.collect::<Vec<_>>().join(" ");
            let holds = |wanted: &str, value: &str| match wanted {
                "+" => value.parse().is_ok_and(|number: u64| number > 0),
                wanted => wanted == value,
            };
            if wanted
                .iter()
                .all(|(name, wanted)| holds(wanted, value(name)))
            {
                return Ok(());
            }
        }
        Err(format!("got: {seen}"))
    }

    fn info(&self, rest: &str) -> Result<(), String> {
        let shown = self.ask("show info\n")?;
        let shown = String::from_utf8_lossy(&shown).into_owned();
        let mut lines = shown.lines().filter_map(|line| line.split_once(": "));
        for word in rest.split(' ').filter(|word| !word.is_empty()) {
            let (name, wanted) = match word.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (word, None),
            };
            let is_named = |own: &str| own.replace(' ', "_") == name;
            let found = lines.find(|(own, _)| is_named(own));
            let is_there =
                found.is_some_and(|(_, value)| wanted.is_none_or(|wanted| wanted == value));
            if !is_there {
                return Err(format!("{word} is not there, or not in its place: {shown}"));
            }
        }
        Ok(())
    }

    fn cli(&self, rest: &str) -> Result<(), String> {
        let (command, expected) = rest.split_once("=>").ok_or("no '=>' in the step")?;
        let text = |text: &str| {
            let bytes = decode(text.trim(), &|name| self.port(name));
            String::from_utf8_lossy(&bytes).replace("\r\n", "\n") + "\n"
        };
        let got = self.ask(&text(command))?;
        match mask(&got) == mask(text(expected).as_bytes()) {
            true => Ok(()),
            false => Err(format!(
                "got:  {}\nwant: {}",
                show(&got),
                show(text(expected).as_bytes())
            )),
        }
    }

    fn event(&mut self, expected: &str) -> Result<(), String> {
        match self.topology.log.event() {
            Some(line) if line == expected => Ok(()),
            other => Err(format!("got:  {}", other.as_deref().unwrap_or("nothing"))),
        }
    }

    fn signal(&self, name: &str) -> Result<(), String> {
        self.topology.process.signal(match name {
            "INT" => Signal::INT,
            "TERM" => Signal::TERM,
            "USR1" => Signal::USR1,
            "USR2" => Signal::USR2,
            "HUP" => Signal::HUP,
            "TTOU" => Signal::TTOU,
            "TTIN" => Signal::TTIN,
            "STOP" => Signal::STOP,
            "CONT" => Signal::CONT,
            other => panic!("unknown signal {other}"),
        });
        Ok(())
    }

    /// `${fe.port}`, `${c.port}`: in decimal, `…16` as two bytes. `${dir}`.
    fn port(&self, name: &str) -> Option<Vec<u8>> {
        if name == "dir" {
            return Some(self.topology.dir.path().display().to_string().into_bytes());
        }
        let (who, form) = name.split_once('.')?;
        let port = self
            .peers
            .get(who)
            .map_or_else(|| self.topology.port(who), Peer::port);
        Some(match form {
            "port16" => port.to_be_bytes().to_vec(),
            _ => port.to_string().into_bytes(),
        })
    }
}

fn transfer(peer: &mut Peer, op: &str, bytes: Vec<u8>) -> Result<(), String> {
    match op {
        "connect" => Ok(()),
        "shut" => {
            peer.shut();
            Ok(())
        }
        ">" => {
            peer.send(bytes);
            Ok(())
        }
        "<" => {
            let expected = Message::read(&bytes);
            same_message(peer.message(expected.body.len())?, &expected)
        }
        "^" => same_message(peer.head()?, &Message::read(&bytes)),
        "~" => same_bytes(&peer.body(bytes.len())?, &bytes),
        "$" => same_bytes(&peer.rest_of_chunks()?, &bytes),
        "=" => same_bytes(&peer.raw(bytes.len())?, &bytes),
        "eof" | "reset" | "end" => end(peer, op),
        other => panic!("unknown step {other:?}"),
    }
}

fn end(peer: &mut Peer, expected: &str) -> Result<(), String> {
    match (peer.end()?, expected) {
        (End::Eof, "eof") | (End::Reset, "reset") | (_, "end") => Ok(()),
        (other, _) => Err(format!("the connection ended with {other:?}")),
    }
}

fn same_message(got: Message, expected: &Message) -> Result<(), String> {
    if got.matches(expected) {
        Ok(())
    } else {
        Err(format!("got:  {got}\nwant: {expected}"))
    }
}

fn same_bytes(got: &[u8], expected: &[u8]) -> Result<(), String> {
    if got == expected {
        return Ok(());
    }
    Err(format!("got:  {}\nwant: {}", show(got), show(expected)))
}

/// A command's answer without what differs from run to run: addresses in memory and times.
fn mask(answer: &[u8]) -> String {
    static ADDRESS: LazyLock<Regex> = LazyLock::new(|| pattern("0x[0-9a-f]+"));
    static EXPIRY: LazyLock<Regex> = LazyLock::new(|| pattern("exp=[1-9][0-9]*"));
    static CHANGE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?m)^(\d+ \S+ \d+ \S+ \S+ \d \d+ \d+ \d+) \d+ "));
    let answer = String::from_utf8_lossy(answer);
    let answer = CHANGE.replace_all(&answer, "$1 # ");
    let answer = ADDRESS.replace_all(&answer, "0x#");
    EXPIRY.replace_all(&answer, "exp=#").into_owned()
}
