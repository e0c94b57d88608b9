//! `-S`: the master's own socket, and the way through it to the workers.
//!
//! A line is answered as on a stats socket. Commands after `@<n>` or `@!<pid>` go to a worker, each on a
//! connection of its own, and what it answers is copied; all others are the master's. Each
//! connection has a thread, of which there are few: nobody waits for the master but administrators.

use super::super::codes;
use super::super::load::{LoadOptions, Loaded};
use crate::net::{ListenOptions, open};
use crate::proxy::{StartError, Visitor};
use crate::runtime_api::line::{LineReader, words};
use crate::settings::StatsSocket;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{AddressFamily, SocketFlags, SocketType, accept_with, socketpair};
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Most connections at once.
const MAX_CONNECTIONS: usize = 10;
/// How often it is looked whether one of too many has ended.
const LOOK_AGAIN: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 100_000_000,
};
/// How long a client, or a worker, may be silent.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longest line, and longest payload.
const MAX_LINE: usize = 16_384;
const MAX_PAYLOAD: usize = 128 * 1024;

/// What a connection asks the master.
pub(super) enum Question {
    Processes(mpsc::Sender<String>),
    Reload {
        hard: bool,
        answer: mpsc::Sender<String>,
    },
    /// Whether the worker takes this visitor.
    Visit {
        target: Target,
        visitor: Visitor,
        answer: mpsc::Sender<bool>,
    },
}

/// A worker, as a prefix names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// `@1`: the one that serves.
    Current,
    /// `@!<pid>`.
    Pid(u32),
}

/// Opens the socket and serves it; `ask` is `false` once there is no master any more.
pub(super) fn listen(
    text: &str,
    ask: impl Fn(Question) -> bool + Send + Sync + 'static,
) -> Result<(), StartError> {
    let failed = |why: &str| {
        let message = format!("Can't create the master's CLI: {why}");
        StartError::new(codes::MASTER_SOCKET, message)
            .help("'-S' takes an address, then options of 'bind' after commas: '-S /run/master.sock,mode,600'")
    };
    let config = parsed(text).ok_or_else(|| failed(&format!("'{text}' is not an address")))?;
    let options = ListenOptions {
        unix_mode: config.bind.unix_mode.or(Some(0o600)),
        unix_uid: config.bind.unix_uid,
        unix_gid: config.bind.unix_gid,
        ..ListenOptions::default()
    };
    let opened = open(&config.bind.addr, &options, 1).map_err(|error| failed(&error.message))?;
    let ask: Ask = Arc::new(ask);
    thread::Builder::new()
        .name("master-cli".to_owned())
        .spawn(move || opened.sockets.first().map(|socket| accept(socket, &ask)))
        .map_err(|error| failed(&error.to_string()))?;
    Ok(())
}

/// Reads the value of `-S`: what a `stats socket` line would say, with commas for blanks.
fn parsed(text: &str) -> Option<StatsSocket> {
    let words = text.split(',').map(|word| format!(" '{word}'"));
    let line: String = words.collect();
    let mut loaded = Loaded::default();
    loaded.add("-S", format!("global\n    stats socket{line}\n"));
    loaded.build(&LoadOptions::default());
    let has_errors = loaded.diags.has_errors();
    let config = loaded.config.filter(|_| !has_errors)?;
    config.global.stats_sockets.into_iter().next()
}

type Ask = Arc<dyn Fn(Question) -> bool + Send + Sync>;

fn accept(socket: &OwnedFd, ask: &Ask) {
    let connections = Arc::new(());
    loop {
        let mut wanted = [PollFd::new(socket, PollFlags::IN)];
        let is_full = Arc::strong_count(&connections) > MAX_CONNECTIONS;
        let sockets = if is_full {
            &mut []
        } else {
            wanted.as_mut_slice()
        };
        let limit = is_full.then_some(&LOOK_AGAIN);
        if poll(sockets, limit).is_err() || is_full {
            continue;
        }
        let Ok(accepted) = accept_with(socket, SocketFlags::CLOEXEC) else {
            continue;
        };
        let (ask, counted) = (Arc::clone(ask), Arc::clone(&connections));
        let serve = move || {
            // Reads and writes of any stream socket.
            let stream = UnixStream::from(accepted);
            // Whoever went away needs no answer.
            let _ = Connection::new(stream, ask).and_then(|mut connection| connection.serve());
            drop(counted);
        };
        // Without a thread the connection is closed.
        let _ = thread::Builder::new()
            .name("master-cli".to_owned())
            .spawn(serve);
    }
}

/// One connection.
struct Connection {
    stream: UnixStream,
    ask: Ask,
    /// Who gets commands without a prefix; `None` is the master.
    target: Option<Target>,
    /// `expert-mode on`: holds for workers too.
    expert: bool,
    /// `prompt`: more than one line is answered.
    prompt: bool,
}

/// What the master says where it does not understand, and to `help`.
const HELP: &str = "\
The following commands are valid at this level:
  @!<pid>                                 : send a command to the <pid> process
  @<relative pid>                         : send a command to the <relative pid> process
  @master                                 : send a command to the master process
  expert-mode [on|off]                    : show or set expert mode, for workers too
  hard-reload                             : achieve a hard-reload (-st) of the process
  reload                                  : achieve a soft-reload (-sf) of the process
  show proc                               : show processes status
  show version                            : show the version
  help                                    : this text
  prompt                                  : toggle interactive mode with prompt
  quit                                    : disconnect
";

impl Connection {
    fn new(stream: UnixStream, ask: Ask) -> io::Result<Self> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self {
            stream,
            ask,
            target: None,
            expert: false,
            prompt: false,
        })
    }

    fn serve(&mut self) -> io::Result<()> {
        let mut lines = LineReader::new(MAX_LINE, MAX_PAYLOAD);
        let mut buffer = [0; 4096];
        loop {
            let len = self.stream.read(&mut buffer)?;
            let mut bytes = buffer.get(..len).unwrap_or_default();
            if bytes.is_empty() {
                return Ok(());
            }
            while !bytes.is_empty() {
                let (used, line) = match lines.read(bytes) {
                    Ok(read) => read,
                    Err(too_big) => return self.say(&format!("{}\n", too_big.message())),
                };
                bytes = bytes.get(used..).unwrap_or_default();
                let Some(line) = line else { continue };
                let last = line.commands.len().saturating_sub(1);
                for (at, command) in line.commands.iter().enumerate() {
                    let payload = line.payload.as_deref().filter(|_| at == last);
                    if !self.command(command, payload)? {
                        return Ok(());
                    }
                }
                if !self.prompt {
                    return self.stream.shutdown(Shutdown::Write);
                }
                self.say("master> ")?;
            }
        }
    }

    /// Answers one command; `false` ends the connection.
    fn command(&mut self, command: &[u8], payload: Option<&[u8]>) -> io::Result<bool> {
        let all = words(command).unwrap_or_default();
        let Some(first) = all.first() else {
            return Ok(true);
        };
        if let Some(prefix) = first.strip_prefix(b"@") {
            let Some(target) = target(prefix) else {
                let shown = String::from_utf8_lossy(first).escape_debug().to_string();
                self.say(&format!(
                    "Can't find the target PID matching the prefix '{shown}'\n\n"
                ))?;
                return Ok(true);
            };
            if all.len() == 1 {
                self.target = target;
                return Ok(true);
            }
            let rest = after_first_word(command);
            return self.run(target, rest, all.get(1..).unwrap_or_default(), payload);
        }
        self.run(self.target, command, &all, payload)
    }

    fn run(
        &mut self,
        target: Option<Target>,
        command: &[u8],
        words: &[Vec<u8>],
        payload: Option<&[u8]>,
    ) -> io::Result<bool> {
        let words: Vec<_> = words.iter().map(Vec::as_slice).collect();
        let text = match (&*words, target) {
            // The master keeps these, and the session of each command begins with them.
            ([b"expert-mode", b"on"], _) => {
                self.expert = true;
                return Ok(true);
            }
            ([b"expert-mode", b"off"], _) => {
                self.expert = false;
                return Ok(true);
            }
            ([b"quit"], _) => return Ok(false),
            ([b"prompt", ..], None) => {
                self.prompt = !self.prompt;
                return Ok(true);
            }
            (_, Some(target)) => return self.forward(target, command, payload).map(|()| true),
            ([b"show", b"proc", ..], None) => self.asked(Question::Processes),
            ([b"show", b"version"], None) => format!("{}\n", crate::version::HAPROXY),
            ([b"reload"], None) => {
                let hard = false;
                let answer = self.asked(|answer| Question::Reload { hard, answer });
                self.say(&answer)?;
                return Ok(false);
            }
            ([b"hard-reload"], None) => {
                let hard = true;
                let answer = self.asked(|answer| Question::Reload { hard, answer });
                self.say(&answer)?;
                return Ok(false);
            }
            ([b"help", ..], None) => HELP.to_owned(),
            (all, None) => {
                let shown = String::from_utf8_lossy(&all.join(&b' '))
                    .escape_debug()
                    .to_string();
                format!("Unknown command: '{shown}'.\n{HELP}")
            }
        };
        self.say(&format!("{text}\n"))?;
        Ok(true)
    }

    /// Asks the master; empty if it is about to end.
    fn asked(&self, question: impl FnOnce(mpsc::Sender<String>) -> Question) -> String {
        let (answer, answered) = mpsc::channel();
        (self.ask)(question(answer));
        answered.recv().unwrap_or_default()
    }

    /// Has a worker answer.
    fn forward(&self, target: Target, command: &[u8], payload: Option<&[u8]>) -> io::Result<()> {
        let flags = SocketFlags::CLOEXEC;
        let (ours, theirs) = socketpair(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
        let (answer, answered) = mpsc::channel();
        let visitor = Visitor {
            socket: theirs,
            expert: self.expert,
        };
        (self.ask)(Question::Visit {
            target,
            visitor,
            answer,
        });
        if !answered.recv().unwrap_or(false) {
            return self.say("Can't connect to the target CLI!\n");
        }
        let mut worker = UnixStream::from(ours);
        worker.set_read_timeout(Some(PATIENCE))?;
        worker.write_all(command.trim_ascii())?;
        if let Some(payload) = payload {
            worker.write_all(b" <<\n")?;
            worker.write_all(payload)?;
            worker.write_all(b"\n")?;
        }
        worker.write_all(b"\n")?;
        worker.shutdown(Shutdown::Write)?;
        io::copy(&mut worker, &mut &self.stream)?;
        Ok(())
    }

    fn say(&self, text: &str) -> io::Result<()> {
        (&self.stream).write_all(text.as_bytes())
    }
}

/// Who a prefix without its `@` names: the inner `None` is the master, the outer one nobody.
fn target(prefix: &[u8]) -> Option<Option<Target>> {
    let text = std::str::from_utf8(prefix).ok()?;
    match text {
        "" | "0" | "master" => Some(None),
        "1" => Some(Some(Target::Current)),
        _ => {
            let pid = text.strip_prefix('!')?.parse().ok()?;
            Some(Some(Target::Pid(pid)))
        }
    }
}

/// A command without its first word, as written.
fn after_first_word(command: &[u8]) -> &[u8] {
    let trimmed = command.trim_ascii_start();
    let end = trimmed.iter().position(|b| *b == b' ' || *b == b'\t');
    end.and_then(|end| trimmed.get(end..))
        .unwrap_or_default()
        .trim_ascii_start()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::ListenAddr;

    /// What a client is answered by a master whose only worker echoes.
    fn answer(lines: &str) -> String {
        let ask = |question| {
            match question {
                Question::Processes(answer) => drop(answer.send("processes\n".to_owned())),
                Question::Reload { hard, answer } => {
                    drop(answer.send(format!("reloaded {hard}\n")));
                }
                Question::Visit {
                    target,
                    visitor,
                    answer,
                } => {
                    let known = matches!(target, Target::Current | Target::Pid(42));
                    answer.send(known).unwrap();
                    thread::spawn(move || {
                        let mut worker = UnixStream::from(visitor.socket);
                        let mut line = String::new();
                        worker.read_to_string(&mut line).unwrap();
                        let expert = visitor.expert;
                        writeln!(worker, "[{expert}] {line}").unwrap();
                    });
                }
            }
            true
        };
        let (ours, theirs) = UnixStream::pair().unwrap();
        (&ours).write_all(lines.as_bytes()).unwrap();
        ours.shutdown(Shutdown::Write).unwrap();
        let mut connection = Connection::new(theirs, Arc::new(ask)).unwrap();
        connection.serve().unwrap();
        drop(connection);
        let mut answer = String::new();
        (&ours).read_to_string(&mut answer).unwrap();
        answer
    }

    #[track_caller]
    fn check(lines: &str, expected: &str) {
        assert_eq!(answer(lines), expected, "{lines}");
    }

    #[test]
    fn the_master_answers() {
        check("show proc\n", "processes\n\n");
        check("show version;show proc\n", "3.4.0\n\nprocesses\n\n");
        check("reload\n", "reloaded false\n");
        check("hard-reload\nshow proc\n", "reloaded true\n");
        check("show proc\nshow proc\n", "processes\n\n");
        check("prompt\nshow proc\nquit\n", "master> processes\n\nmaster> ");
        check("\n", "");
        assert!(answer("shwo proc\n").starts_with("Unknown command: 'shwo proc'.\nThe following"));
    }

    #[test]
    fn prefixes_lead_to_workers() {
        check("@1 show info\n", "[false] show info\n\n");
        check("@1 a b; show proc\n", "[false] a b\n\nprocesses\n\n");
        check("@!42; a;b\n", "[false] a\n\n[false] b\n\n");
        check(
            "@1; expert-mode on; debug dev log X\n",
            "[true] debug dev log X\n\n",
        );
        check("@!7 a\n", "Can't connect to the target CLI!\n");
        check(
            "@x a\n",
            "Can't find the target PID matching the prefix '@x'\n\n",
        );
        check(
            "@1 add map x <<\nk v\n\n",
            "[false] add map x <<\nk v\n\n\n",
        );
        check("@1; @master show proc\n", "processes\n\n");
    }

    #[test]
    fn addresses() {
        let check = |text: &str, expected: Option<&str>| {
            let seen = parsed(text).map(|socket| socket.bind.addr.to_string());
            assert_eq!(seen.as_deref(), expected, "{text}");
        };
        check("fd@9", Some("fd@9"));
        check("127.0.0.1:999", Some("127.0.0.1:999"));
        check("/run/m.sock,mode,600,level,admin", Some("/run/m.sock"));
        check("/run/m.sock,nonsense", None);
        check("", None);
        let mode = parsed("/run/m.sock,mode,640").map(|socket| socket.bind.unix_mode);
        assert_eq!(mode, Some(Some(0o640)));
        assert!(matches!(
            parsed("fd@9").unwrap().bind.addr,
            ListenAddr::Fd(9)
        ));
    }
}
