//! Entries for fuzzing commands and what agents say; unit tests call them too.
//!
//! Each input meets a process of its own that serves nobody: tables, maps, limits and servers are
//! there, no thread and no socket is. What commands ask the process for goes nowhere.

use super::answer::Answer;
use super::command::{Session, execute};
use super::commands;
use super::line::{Line, LineReader, TooBig};
use crate::clock::Clock;
use crate::compile::config::Config;
use crate::compile::{CompileOptions, compile};
use crate::health::{Place, fuzz_agent};
use crate::net::Wheel;
use crate::proxy::Control;
use crate::settings::{AccessLevel, SeverityOutput};
use crate::syntax::{Diagnostics, Environment, Facts, Sources, parse};
use crate::vocab::host::System;

/// Longest input looked at.
const LONGEST: usize = 8 * 1024;
/// Bytes from here on stand for the name of a command each.
const FIRST_NAME: u8 = 0x80;
/// Most pieces of one answer: there is little to show.
const MOST_PIECES: usize = 10_000;
/// Most bytes of a line, and of a payload.
const MAX_LINE: usize = 1024;
const MAX_PAYLOAD: usize = 2048;

const CONFIG: &str = "
global
    stats socket /tmp/none level admin
    set-var proc.v int(1)
ring recent
frontend fe
    mode http
    bind 127.0.0.1:1
    timeout client 1s
    stick-table type ip size 100 expire 1h store http_req_rate(10s),gpc(2),conn_cnt
    http-request track-sc0 src
    http-request set-var(txn.v) var(proc.v)
    http-request rate-limit average 10 period 1s name api
    http-request inflight-limit 5
    http-request deny if { path -f virt@paths }
    http-request set-header m %[path,map_beg(virt@map)]
    circuit-breaker errors expression \"NetworkErrorRatio() > 0.30\"
    default_backend be
backend be
    mode http
    timeout server 1s
    timeout connect 1s
    stick-table type string size 10 store server_id
    circuit-limits max-requests 10
    outlier-detection
    server a 127.0.0.1:1 check agent-check agent-port 2 weight 10
    server b 127.0.0.1:2 backup
";

fn config() -> Config {
    let mut sources = Sources::default();
    let file = sources.add("fuzz.cfg", CONFIG.to_owned());
    let mut environment = Environment::default();
    let mut diags = Diagnostics::default();
    let facts = Facts::default();
    let document = parse(&sources, &[file], &mut environment, &facts, &mut diags);
    let host = System {
        environment: &environment,
        ignore_resolution: false,
        offline: true,
    };
    let options = CompileOptions {
        allow_unsupported: false,
        host: &host,
        sources: &sources,
    };
    compile(&document, &mut diags, &options).unwrap_or_else(|| panic!("{diags:?}"))
}

/// Calls the commands that `data` asks for: lines and payloads as on a socket, in which a byte above
/// 0x7f stands for the name of a command, so that arguments are what varies.
///
/// # Panics
/// When a command does, its answer has no end, a message repeats a control character, or bytes
/// that come one by one make other lines.
pub fn fuzz_commands(data: &[u8]) {
    let data = data.get(..LONGEST).unwrap_or(data);
    let text = spelled_out(data);
    let lines = read(&text, text.len().max(1));
    assert_eq!(lines, read(&text, 1), "bytes that come one by one");
    let control = Control::idle(config(), Clock::manual(1_000_000));
    let wheel = Wheel::new(control.clock().now());
    let mut session = Session::new(AccessLevel::Admin, SeverityOutput::None, 1000);
    session.expert = true;
    session.experimental = true;
    for line in lines.0 {
        let last = line.commands.len() - 1;
        for (at, command) in line.commands.iter().enumerate() {
            let payload = line.payload.clone().filter(|_| at == last);
            look(execute(command, payload, &control, &wheel, &mut session));
        }
    }
}

/// Has an agent of a server say this. The process is that of all inputs of a thread: what must hold,
/// holds in every state of it.
///
/// # Panics
/// When reading it does, or a server's weight leaves its range.
pub fn fuzz_agent_line(data: &[u8]) {
    thread_local! {
        static CONTROL: Control = Control::idle(config(), Clock::manual(1_000_000));
    }
    CONTROL.with(|control| agent_says(control, data));
}

fn agent_says(control: &Control, data: &[u8]) {
    let place = Place {
        backend: 0,
        server: 0,
    };
    let told = fuzz_agent(control.health(), place, data);
    assert!(!told.contains('\n'), "{told:?}");
    let backend = control.backends().get(0).expect("a backend");
    let server = backend.servers().get(0).expect("a server");
    assert!(server.user_weight() <= 256);
}

fn spelled_out(data: &[u8]) -> Vec<u8> {
    let names: Vec<&str> = commands().map(|command| command.name).collect();
    let mut text = Vec::new();
    for &byte in data {
        match byte.checked_sub(FIRST_NAME) {
            Some(name) => {
                let name = names.get(usize::from(name) % names.len().max(1));
                text.extend_from_slice(name.copied().unwrap_or_default().as_bytes());
                text.push(b' ');
            }
            None => text.push(byte),
        }
    }
    text
}

/// The lines of `text` when `piece` bytes come at a time, and why there are no more.
fn read(text: &[u8], piece: usize) -> (Vec<Line>, Option<TooBig>) {
    let mut reader = LineReader::new(MAX_LINE, MAX_PAYLOAD);
    let mut lines = Vec::new();
    for mut piece in text.chunks(piece) {
        while !piece.is_empty() {
            match reader.read(piece) {
                Ok((used, line)) => {
                    lines.extend(line);
                    piece = piece.get(used..).unwrap_or_default();
                }
                Err(too_big) => return (lines, Some(too_big)),
            }
        }
    }
    (lines, None)
}

/// Takes an answer to its end. What comes later is not waited for.
fn look(answer: Answer) {
    match answer {
        Answer::Done | Answer::Later(_) => {}
        Answer::Message(_, text) => {
            let shown = |c: char| !c.is_control() || c == '\n' || c == '\t';
            assert!(text.chars().all(shown), "{text:?}");
        }
        Answer::Pieces(mut next) => to_the_end(&mut next),
        Answer::Feed(mut feed) => to_the_end(&mut feed.next),
    }
}

fn to_the_end(next: &mut super::Pieces) {
    let mut out = Vec::new();
    for _ in 0..MOST_PIECES {
        out.clear();
        if !next(&mut out) {
            return;
        }
    }
    panic!("an answer without an end");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_cases() {
        for commands in [
            "show info;show stat\nshow table fe\nset table fe key 1.2.3.4 data.gpc0 1\n",
            "add map virt@map <<\n/a b\n/c d\n\nshow map virt@map\nclear map virt@map\n",
            "add acl virt@paths <<e\n/a\ne\nprepare map virt@map;commit map @1 virt@map\n",
            "set weight be/a 50%;set server be/a state drain;show servers state be\n",
            "set var proc.v str(x),length\nget var proc.v\nwait 1s srv-removable be/a\n",
            "show events recent -w\nshow events\nreload\nexpert-mode off\nuser\nadmin\n",
            "set circuit-breaker fe/errors open\nshow circuit-breaker\nclear rate-limit api\n",
            "a\\;b;\\\n;;<<\n<<x\n",
        ] {
            fuzz_commands(commands.as_bytes());
        }
        // Every name there is, with arguments that are none.
        for name in 0..=127 {
            fuzz_commands(&[name + FIRST_NAME, b'x', b' ', b'1', b'\n']);
            fuzz_commands(&[name + FIRST_NAME, b'\n']);
        }
    }

    #[test]
    fn named_agent_lines() {
        for line in [
            "up 50% maxconn:10\n",
            "weight:999999999999999999999 drain\r\n",
            "maint # why\0",
            "99999% \u{e9}\n",
            "-1%\n",
            "#",
            "",
        ] {
            fuzz_agent_line(line.as_bytes());
        }
    }
}
