//! The demo's origins: one is steady, one is slow, fails and recovers by a script.

use crate::clock::{Clock, Millis};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// Longest request head an origin reads, in bytes.
const LONGEST_HEAD: u64 = 64 << 10;
/// After so long the script begins anew, in milliseconds.
const CYCLE: Millis = 20_000;

/// How an origin behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Script {
    /// Always well.
    Steady,
    /// Well for 4 seconds, slow for 2, failing for 3, then well again.
    Moody,
}

/// A mood of an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mood {
    status: u16,
    reason: &'static str,
    latency: Millis,
}

impl Script {
    fn mood(self, elapsed: Millis) -> Mood {
        let (status, reason, latency) = match (self, elapsed % CYCLE) {
            (Self::Moody, 4_000..6_000) => (200, "OK", 400),
            (Self::Moody, 6_000..9_000) => (500, "Internal Server Error", 15),
            _ => (200, "OK", 15),
        };
        Mood {
            status,
            reason,
            latency,
        }
    }
}

/// Starts an origin on any free port of the loopback address.
pub(super) fn start(name: &'static str, script: Script, clock: &Clock) -> io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = listener.local_addr()?.port();
    let (clock, began) = (clock.clone(), clock.now());
    thread::Builder::new()
        .name(format!("origin-{name}"))
        .spawn(move || {
            for stream in listener.incoming().flatten() {
                let clock = clock.clone();
                let mood = move || script.mood(clock.now().saturating_sub(began));
                // A failed connection concerns the proxy, which sees it end.
                let _ = thread::Builder::new().spawn(move || answer_all(name, &stream, mood));
            }
        })?;
    Ok(port)
}

/// Answers every request of a connection until the peer is done or sends a body.
fn answer_all(name: &str, stream: &TcpStream, mood: impl Fn() -> Mood) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    loop {
        let mut head = String::new();
        let mut limited = (&mut reader).take(LONGEST_HEAD);
        while limited.read_line(&mut head)? > 2 {}
        let Some(line) = head.lines().next() else {
            return Ok(());
        };
        let Mood {
            status,
            reason,
            latency,
        } = mood();
        let is_report = line.contains(" /reports");
        thread::park_timeout(Duration::from_millis(if is_report { 300 } else { latency }));
        let answer = answer(name, line, stream.peer_addr()?);
        let has_body = has_body(&head);
        let connection = if has_body { "close" } else { "keep-alive" };
        let body = if line.starts_with("HEAD ") {
            ""
        } else {
            &answer
        };
        let length = answer.len();
        write!(
            writer,
            "HTTP/1.1 {status} {reason}\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n\
             X-Origin: {name}\r\nConnection: {connection}\r\n\r\n{body}"
        )?;
        if has_body {
            return Ok(());
        }
    }
}

fn answer(name: &str, request_line: &str, peer: SocketAddr) -> String {
    let target = request_line.split(' ').nth(1).unwrap_or("?");
    format!("origin {name} got {target} from {peer}\n")
}

fn has_body(head: &str) -> bool {
    head.lines().any(|line| {
        let name = line.split(':').next().unwrap_or("");
        name.eq_ignore_ascii_case("content-length")
            || name.eq_ignore_ascii_case("transfer-encoding")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_answers_with_its_name_and_keeps_the_connection() {
        let port = start("one", Script::Steady, &Clock::manual(1)).unwrap();
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        stream
            .write_all(b"HEAD /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
            .unwrap();
        let mut answers = String::new();
        stream.read_to_string(&mut answers).unwrap();
        let bodies: Vec<_> = answers.matches("origin one got").collect();
        assert_eq!(bodies.len(), 1, "{answers}");
        assert!(
            answers.contains("origin one got /b from 127.0.0.1"),
            "{answers}"
        );
        assert_eq!(answers.matches("X-Origin: one").count(), 2, "{answers}");
    }

    #[test]
    fn the_script_repeats() {
        let check = |at: Millis, expected: (u16, Millis)| {
            let mood = Script::Moody.mood(at);
            assert_eq!((mood.status, mood.latency), expected, "{at}");
        };
        check(0, (200, 15));
        check(5_000, (200, 400));
        check(7_000, (500, 15));
        check(10_000, (200, 15));
        check(25_000, (200, 400));
        assert_eq!(Script::Steady.mood(7_000).status, 200);
    }
}
