//! `shutdown session`: the stream ends at once, and its log line says who ended it.

use super::ask;
use crate::proxy;
use crate::support::peer::Peer;
use crate::support::tidegate;
use crate::support::topology::Topology;

fn start(mode: &str) -> Topology {
    let config = proxy("").replace("mode http", mode);
    let config = match mode {
        "mode tcp" => config.replace("option httplog", "option tcplog"),
        _ => config,
    };
    let socket = "    stats socket \"fd@${cli}\" level admin\n";
    let config = config.replacen("    nbthread 1\n", &format!("    nbthread 1\n{socket}"), 1);
    Topology::start(&tidegate(), &config)
}

/// Ends the only stream of the frontend.
fn kill(topology: &Topology) {
    let sessions = ask(topology, "show sess");
    let line = sessions.lines().find(|line| line.contains("fe=fe"));
    let id = line
        .and_then(|line| line.split(':').next())
        .expect("a stream");
    assert_eq!(ask(topology, &format!("shutdown session {id}")), "\n");
}

/// The last part of the next log line, after the server's name and the times.
#[track_caller]
fn check(topology: &Topology, expected: &str) {
    let line = topology.log.line().expect("a line");
    assert!(line.ends_with(expected), "{line}");
}

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";

#[test]
fn a_request_that_waits_for_its_response() {
    let topology = start("mode http");
    let mut client = Peer::new(topology.connect("fe"));
    client.send(REQUEST.to_vec());
    let mut server = Peer::new(topology.accept("s").expect("a connection"));
    server.head().unwrap();
    kill(&topology);
    assert_eq!(client.rest().unwrap(), b"");
    check(&topology, "500 # - - KC-- 1/1/0/0/0 0/0 \"GET / HTTP/1.1\"");
    server.end().unwrap();
}

#[test]
fn a_response_that_is_on_its_way() {
    let topology = start("mode http");
    let mut client = Peer::new(topology.connect("fe"));
    client.send(REQUEST.to_vec());
    let mut server = Peer::new(topology.accept("s").expect("a connection"));
    server.head().unwrap();
    server.send(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n123".to_vec());
    assert_eq!(client.head().unwrap().start, "HTTP/1.1 200 OK");
    assert_eq!(client.raw(3).unwrap(), b"123");
    kill(&topology);
    assert_eq!(client.rest().unwrap(), b"");
    check(&topology, " - - KC-- 1/1/0/0/0 0/0 \"GET / HTTP/1.1\"");
}

#[test]
fn a_connection_in_tcp_mode() {
    let topology = start("mode tcp");
    let mut client = Peer::new(topology.connect("fe"));
    client.send(b"hello".to_vec());
    let mut server = Peer::new(topology.accept("s").expect("a connection"));
    assert_eq!(server.raw(5).unwrap(), b"hello");
    kill(&topology);
    assert_eq!(client.rest().unwrap(), b"");
    check(&topology, " KC 1/1/0/0/0 0/0");
}
