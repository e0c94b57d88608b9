//! Peers that take their time: each is cut by a timeout that no amount of small progress extends.

use crate::support::peer::Peer;
use crate::support::tidegate;
use crate::support::topology::Topology;
use std::time::Duration;
use tidegate::clock::{Clock, Millis};

/// How often a slow peer sends its next byte.
const PACE: Duration = Duration::from_millis(20);

/// What the timeout is, and how late it may be on a busy machine, in milliseconds.
const TIMEOUT: Millis = 300;
const LATE: Millis = 5_000;

/// Sends `start`, then `more` again and again, until something comes back. The answer and how
/// long it took are checked; the origin must not have been bothered.
#[track_caller]
fn check(what: &str, lines: &str, start: &str, more: &str, status: u16) {
    let config = crate::proxy(&format!("timeout http-request {TIMEOUT}ms\n    {lines}"));
    let topology = Topology::start(&tidegate(), &config);
    let mut client = Peer::new(topology.connect("fe"));
    let clock = Clock::system();
    let began = clock.now();
    client.send(start.as_bytes().to_vec());
    client.set_patience(PACE);
    while !client.has_bytes() {
        client.send(more.as_bytes().to_vec());
    }
    let took = clock.now() - began;
    let head = client.head().unwrap_or_else(|why| panic!("{why}"));
    println!("figure: {what}: cut after {took} ms of {TIMEOUT} with {status}");
    assert_eq!(head.status(), status, "{head}");
    assert!((TIMEOUT - 20..TIMEOUT + LATE).contains(&took), "{took} ms");
    assert!(!topology.has_pending("s"), "the server was asked");
}

#[test]
fn a_head_in_single_bytes() {
    check(
        "slow head",
        "",
        "GET / HTTP/1.1\r\nhost: a\r\nx: ",
        "y",
        408,
    );
}

#[test]
fn a_body_in_single_bytes() {
    let start = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n";
    check("slow body", "option http-buffer-request", start, "x", 408);
}

#[test]
fn a_chunk_size_in_single_bytes() {
    let start = "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1;";
    check("slow chunk", "option http-buffer-request", start, "x", 408);
}

/// A client that takes no more of a large response, and a server that sends no more of one.
#[test]
fn a_transfer_that_stands_still() {
    let config = crate::proxy("").replace("timeout client 6s", "timeout client 300ms");
    let topology = Topology::start(&tidegate(), &config);
    let mut client = Peer::new(topology.connect("fe"));
    client.send(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n".to_vec());
    let mut server = Peer::new(topology.accept("s").expect("a connection to the server"));
    server.head().unwrap_or_else(|why| panic!("{why}"));
    let before = topology.process.vitals().resident_kb;
    server.send(b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n".to_vec());
    server.send(vec![b'x'; 100_000_000]);
    // The client reads nothing: the proxy gives up, and the server sees it.
    assert!(server.end().is_ok(), "the server's connection goes on");
    let grown = topology.process.vitals().resident_kb - before;
    println!("figure: a client that reads nothing of 100 MB: {grown} kB");
    assert!(grown < 4096, "{grown} kB");
}
