//! `tidegate demo`: the first thing to try, without a file or another service.
//!
//! Two small origins of our own, the configuration `examples/demo.cfg`, and what to type next.

use super::args::Flags;
use super::console::{Console, cause};
use super::load::{LoadOptions, Loaded};
use super::run;
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::ExitCode;
use std::thread;

/// The configuration that is served.
const CONFIG: &str = include_str!("../../examples/demo.cfg");

/// Longest request head an origin reads, in bytes.
const LONGEST_HEAD: u64 = 64 << 10;

/// Serves until stopped by a signal.
pub(super) fn run(port: u16) -> ExitCode {
    let console = Console { quiet: false };
    let setup = || -> io::Result<(u16, u16, u16)> {
        Ok((start_origin("one")?, start_origin("two")?, free_port(port)?))
    };
    let (one, two, port) = match setup() {
        Ok(ports) => ports,
        Err(error) => {
            console.alert(&format!("the demo cannot start: {}", cause(&error)));
            return ExitCode::FAILURE;
        }
    };
    let variable = |name: &str, port: u16| (OsString::from(name), OsString::from(port.to_string()));
    let options = LoadOptions {
        variables: vec![
            variable("DEMO_PORT", port),
            variable("DEMO_ORIGIN_ONE", one),
            variable("DEMO_ORIGIN_TWO", two),
        ],
        ..LoadOptions::default()
    };
    let mut loaded = Loaded::default();
    loaded.add("examples/demo.cfg", CONFIG);
    loaded.build(&options);
    let flags = Flags {
        foreground: true,
        ..Flags::default()
    };
    run::start(loaded, &flags, &[], &introduction(port))
}

fn introduction(port: u16) -> String {
    format!(
        "Tidegate serves examples/demo.cfg on 127.0.0.1:{port} in front of two small origins.
In another terminal:

    curl -i http://127.0.0.1:{port}/          # again and again: the origins take turns
    curl -i http://127.0.0.1:{port}/two       # a condition sends this to one of them
    curl -i http://127.0.0.1:{port}/private   # refused by a rule
    curl -i http://127.0.0.1:{port}/health    # answered by the proxy itself

Each request is logged below. Ctrl-C stops.

"
    )
}

/// `port`, or one that nobody uses now.
fn free_port(port: u16) -> io::Result<u16> {
    match port {
        0 => {
            let probe = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
            Ok(probe.local_addr()?.port())
        }
        port => Ok(port),
    }
}

/// Starts an origin on any free port of the loopback address.
fn start_origin(name: &'static str) -> io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = listener.local_addr()?.port();
    thread::Builder::new()
        .name(format!("origin-{name}"))
        .spawn(move || {
            for stream in listener.incoming().flatten() {
                // A failed connection concerns the proxy, which sees it end.
                let _ = thread::Builder::new().spawn(move || answer_all(name, &stream));
            }
        })?;
    Ok(port)
}

/// Answers every request of a connection until the peer is done or sends a body.
fn answer_all(name: &str, stream: &TcpStream) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    loop {
        let mut head = String::new();
        let mut limited = (&mut reader).take(LONGEST_HEAD);
        while limited.read_line(&mut head)? > 2 {}
        let Some(line) = head.lines().next() else {
            return Ok(());
        };
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
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n\
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
        let port = start_origin("one").unwrap();
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
    fn port_zero_is_replaced() {
        assert_ne!(free_port(0).unwrap(), 0);
        assert_eq!(free_port(8080).unwrap(), 8080);
    }
}
