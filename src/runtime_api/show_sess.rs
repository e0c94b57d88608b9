//! `show sess`: the streams being served.

use super::anon::Anon;
use super::answer::Answer;
use super::command::{Call, Command};
use crate::clock::{Clock, Millis};
use crate::compile::config::Mode;
use crate::net::Endpoint;
use crate::proxy::StreamView;
use crate::settings::AccessLevel;
use crate::vocab::args::{self, TimeUnit};
use std::borrow::Cow;
use std::io::Write;
use std::sync::Arc;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "show sess",
    "[<id>|all|older <age>|help] [<option>*]",
    "shows the streams being served",
    AccessLevel::Operator,
    run,
)];

const HELP: &str = "\
Usage: show sess [<id> | all | older <age> | help] [<option>*]
Shows the streams being served, one in a line. What to show:
   <id>         this stream (0x...), in full
   all          all of them, in full
   older <age>  those older than that (in seconds unless it has a unit), in full
   help         this
Options:
   server <b/s> only those on this server
   backend <b>  only those in this backend
   frontend <f> only those of this frontend";

/// Which streams are shown, and how.
#[derive(Default)]
struct Wanted {
    /// The one at that address.
    address: Option<usize>,
    in_full: bool,
    min_age: Millis,
    frontend: Option<String>,
    backend: Option<String>,
    server: Option<String>,
}

fn run(call: &mut Call<'_>) -> Answer {
    let wanted = match wanted(call) {
        Ok(wanted) => wanted,
        Err(answer) => return answer,
    };
    let (clock, anon) = (call.control.clock().clone(), call.session.anon);
    let mut walk = call.control.streams();
    let mut found = false;
    let mut is_over = false;
    Answer::pieces(move |out| {
        if is_over {
            return false;
        }
        let Some(some) = walk.some() else {
            is_over = true;
            if wanted.address.is_some() && !found {
                out.extend_from_slice(b"Session not found.\n");
            }
            return false;
        };
        let now = clock.now();
        for view in some.iter().filter(|view| wanted.admits(view, now)) {
            found = true;
            match wanted.in_full {
                true => show_in_full(view, &clock, anon, out),
                false => show(view, now, anon, out),
            }
        }
        true
    })
}

fn wanted(call: &Call<'_>) -> Result<Wanted, Answer> {
    let mut wanted = Wanted::default();
    let mut at = 3;
    match call.bytes(2) {
        b"help" => return Err(Answer::error(HELP)),
        b"all" => wanted.in_full = true,
        b"older" if !call.has(3) => {
            return Err(Answer::error(
                "Expects a minimum age (in seconds by default).",
            ));
        }
        b"older" => {
            let age = args::duration(&call.text(3), TimeUnit::Seconds);
            let age = age.map_err(|_| Answer::error("Invalid age."))?;
            (wanted.in_full, wanted.min_age, at) = (true, age.saturating_mul(1000), 4);
        }
        _ => match address(&call.text(2)) {
            Some(address) => (wanted.in_full, wanted.address) = (true, Some(address)),
            None => at = 2,
        },
    }
    while call.has(at) {
        match call.bytes(at) {
            b"server" | b"backend" | b"frontend"
                if [&wanted.server, &wanted.backend, &wanted.frontend]
                    .iter()
                    .any(|w| w.is_some()) =>
            {
                return Err(Answer::error(
                    "Only one of backend, frontend or server may be set.",
                ));
            }
            b"server" => wanted.server = Some(server(call, at + 1)?),
            b"backend" if !call.has(at + 1) => {
                return Err(Answer::error("Missing backend name."));
            }
            b"backend" => wanted.backend = Some(backend(call, &call.text(at + 1))?),
            b"frontend" if !call.has(at + 1) => {
                return Err(Answer::error("Missing frontend name."));
            }
            b"frontend" => {
                let name = call.text(at + 1);
                let mut frontends = call.control.config().frontends.iter();
                if !frontends.any(|frontend| *frontend.name == *name) {
                    return Err(Answer::error("No such frontend."));
                }
                wanted.frontend = Some(name.into_owned());
            }
            _ => {
                let option = call.shown(at);
                return Err(Answer::error(format!(
                    "Unsupported option '{option}', try 'help' for more info."
                )));
            }
        }
        at += 2;
    }
    Ok(wanted)
}

fn backend(call: &Call<'_>, name: &str) -> Result<String, Answer> {
    let mut backends = call.control.config().backends.present();
    match backends.any(|(_, backend)| &*backend.name == name) {
        true => Ok(name.to_owned()),
        false => Err(Answer::error("No such backend.")),
    }
}

/// `backend/server`, if there is one.
fn server(call: &Call<'_>, at: usize) -> Result<String, Answer> {
    if !call.has(at) {
        return Err(Answer::error("Missing server name (<backend>/<server>)."));
    }
    let word = call.text(at);
    let Some((name, server)) = word
        .split_once('/')
        .filter(|(_, server)| !server.is_empty())
    else {
        return Err(Answer::error("Require 'backend/server'."));
    };
    backend(call, name)?;
    let backends = call.control.config().backends.present();
    let mut servers = backends
        .filter(|(_, b)| &*b.name == name)
        .flat_map(|(_, b)| b.servers.present());
    match servers.any(|(_, known)| &*known.name == server) {
        true => Ok(word.into_owned()),
        false => Err(Answer::error("No such server.")),
    }
}

/// The number of an address as a stream is named by.
pub(super) fn address(word: &str) -> Option<usize> {
    let number = match word.strip_prefix("0x") {
        Some(digits) => usize::from_str_radix(digits, 16),
        None => word.parse(),
    };
    number.ok().filter(|address| *address != 0)
}

impl Wanted {
    fn admits(&self, view: &Arc<StreamView>, now: Millis) -> bool {
        let of = |wanted: &Option<String>, name: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| name == Some(wanted))
        };
        let backend = view.backend().map(|backend| &*backend.name);
        let server = view.server().map(|server| &*server.name);
        let place = backend
            .zip(server)
            .map(|(backend, server)| format!("{backend}/{server}"));
        let is_the_one = |address| Arc::as_ptr(view).addr() == address;
        view.age(now).is_some_and(|age| age >= self.min_age)
            && self.address.is_none_or(is_the_one)
            && of(
                &self.frontend,
                view.frontend().map(|frontend| &*frontend.name),
            )
            && of(&self.backend, backend)
            && of(&self.server, place.as_deref())
    }
}

/// How HAProxy calls a socket's protocol, and who is at its other end.
fn origin(client: Endpoint, anon: Anon) -> (&'static str, String) {
    match client {
        Endpoint::Inet(addr) => {
            let protocol = if addr.is_ipv4() { "tcpv4" } else { "tcpv6" };
            let ip = addr.ip().to_string();
            (protocol, format!("{}:{}", anon.text(&ip), addr.port()))
        }
        other => ("unix_stream", other.to_string()),
    }
}

/// A name as the session sees it, or what stands for none.
fn hidden<'a>(anon: Anon, none: &'static str, name: Option<&'a str>) -> Cow<'a, str> {
    name.map_or(Cow::Borrowed(none), |name| anon.text(name))
}

fn show(view: &Arc<StreamView>, now: Millis, anon: Anon, out: &mut Vec<u8>) {
    let (protocol, source) = origin(view.client(), anon);
    // A vector takes everything.
    let _ = writeln!(
        out,
        "0x{:x}: proto={protocol} src={source} fe={} be={} srv={} age={} reqs={}",
        Arc::as_ptr(view).addr(),
        hidden(anon, "<NONE>", view.frontend().map(|f| &*f.name)),
        hidden(anon, "<NONE>", view.backend().map(|b| &*b.name)),
        hidden(anon, "<none>", view.server().map(|s| &*s.name)),
        time(view.age(now).unwrap_or(0)),
        view.requests(),
    );
}

fn show_in_full(view: &Arc<StreamView>, clock: &Clock, anon: Anon, out: &mut Vec<u8>) {
    let now = clock.now();
    let (protocol, source) = origin(view.client(), anon);
    let address = Arc::as_ptr(view).addr();
    // A vector takes everything.
    let _ = writeln!(out, "0x{address:x}: proto={protocol} source={source}");
    if let Some(frontend) = view.frontend() {
        let (name, id) = view.listener();
        let _ = writeln!(
            out,
            "  frontend={} (id={} mode={}), listener={name} (id={id})",
            anon.text(&frontend.name),
            frontend.uuid,
            mode(frontend.mode),
        );
    }
    let _ = match view.backend() {
        Some(backend) => writeln!(
            out,
            "  backend={} (id={} mode={})",
            anon.text(&backend.name),
            backend.uuid,
            mode(backend.mode)
        ),
        None => writeln!(out, "  backend=<NONE> (id=-1 mode=-)"),
    };
    let _ = match view.server() {
        Some(server) => writeln!(
            out,
            "  server={} (id={})",
            anon.text(&server.name),
            server.id
        ),
        None => writeln!(out, "  server=<none> (id=0)"),
    };
    let _ = writeln!(
        out,
        "  age={} connected={} requests={}",
        time(view.age(now).unwrap_or(0)),
        time(view.connected_for(now)),
        view.requests(),
    );
}

fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Tcp => "tcp",
        Mode::Http => "http",
    }
}

/// A time in its two largest units.
fn time(ms: Millis) -> String {
    let s = ms / 1000;
    match (s / 86_400, s / 3600 % 24, s / 60 % 60, s % 60) {
        (0, 0, 0, s) => format!("{s}s"),
        (0, 0, m, s) => format!("{m}m{s}s"),
        (0, h, m, _) => format!("{h}h{m}m"),
        (d, h, ..) => format!("{d}d{h}h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_addresses() {
        let check = |ms, expected: &str| assert_eq!(time(ms), expected);
        check(999, "0s");
        check(61_000, "1m1s");
        check(3_600_000, "1h0m");
        check(90_000_000, "1d1h");
        assert_eq!(address("0x1f"), Some(31));
        assert_eq!(address("31"), Some(31));
        assert_eq!(address("0"), None);
        assert_eq!(address("x"), None);
    }
}
