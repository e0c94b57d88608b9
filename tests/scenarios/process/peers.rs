//! Two processes that share tables: whole, over real sockets, and with peers that mean no good.

use crate::support::peer::Peer;
use crate::support::tidegate;
use crate::support::topology::{Surroundings, Topology};
use std::net::TcpStream;

/// Requests count by their path; `other` is the peer `B`, or `A` as `B` sees it.
fn config(local: &str, other: &str, address: &str) -> String {
    format!(
        "global
             nbthread 2
             stats socket \"fd@${{cli}}\" level admin
             localpeer {local}
         defaults
             mode http
             timeout client 60s
         peers mesh
             bind \"fd@${{peers}}\"
             server {local}
             server {other} {address}
             table own type string len 16 size 30k expire 1h store gpc0
         frontend fe
             bind \"fd@${{fe}}\"
             http-request track-sc0 path table clients
             http-request track-sc1 path table mesh/own
             http-request sc-inc-gpc0(1)
             http-request return status 204
         backend clients
             stick-table type string len 16 size 30k expire 1h store http_req_cnt peers mesh
"
    )
}

fn start(config: &str) -> Topology {
    Surroundings::of(config).start(&tidegate(), &["-db"])
}

/// `A`, which cannot reach `B`, and `B`, which connects to it.
fn pair() -> (Topology, Topology) {
    let first = start(&config("A", "B", "${closed}"));
    let address = format!("127.0.0.1:{}", first.port("peers"));
    (first, start(&config("B", "A", &address)))
}

fn ask(topology: &Topology, line: &str) -> String {
    let mut peer = Peer::new(topology.connect("cli"));
    peer.send(format!("{line}\n").into_bytes());
    peer.shut();
    let answer = peer.rest().unwrap_or_else(|why| panic!("{why}"));
    String::from_utf8(answer).expect("text")
}

/// Asks until the answer contains this: what another process does is not to be waited for otherwise.
#[track_caller]
fn comes_to(topology: &Topology, line: &str, expected: &str) {
    let mut last = String::new();
    for _ in 0..200_000 {
        last = ask(topology, line);
        if last.contains(expected) {
            return;
        }
    }
    panic!("{line}: no {expected} in {last}");
}

/// Sends so many requests for each of these paths, on one connection.
fn request(topology: &Topology, paths: impl Iterator<Item = String>) {
    let mut peer = Peer::new(topology.connect("fe"));
    let paths: Vec<String> = paths.collect();
    let all: Vec<String> = (paths.iter())
        .map(|path| format!("GET /{path} HTTP/1.1\r\nhost: a\r\n\r\n"))
        .collect();
    peer.send(all.concat().into_bytes());
    for path in &paths {
        let head = peer.head().unwrap_or_else(|why| panic!("{path}: {why}"));
        assert_eq!(head.status(), 204);
    }
}

#[test]
fn both_know_what_either_counts() {
    let (first, second) = pair();
    request(&first, ["a", "a", "b"].map(str::to_owned).into_iter());
    comes_to(&second, "show table mesh/own key /a", "gpc0=2");
    comes_to(&second, "show table clients key /a", "http_req_cnt=2");
    request(&second, ["a"].map(str::to_owned).into_iter());
    comes_to(&first, "show table mesh/own key /a", "gpc0=3");
    comes_to(&first, "show peers mesh", "id=B(remote,active)");
    comes_to(&first, "show info", "ConnectedPeers: 1");
    comes_to(&second, "show peers", "last_status=ESTA");
}

/// Ten thousand entries were there before the second process came; it learns them all.
#[test]
fn a_new_process_learns_everything() {
    let first = start(&config("A", "B", "${closed}"));
    request(&first, (0..10_000).map(|number| number.to_string()));
    // Until it has stopped looking for somebody to learn from, it says that it may not know all.
    comes_to(&first, "show peers", "resync_timeout=<PAST>");
    let address = format!("127.0.0.1:{}", first.port("peers"));
    let second = start(&config("B", "A", &address));
    comes_to(&second, "show peers", "resync_timeout=<PAST>");
    for key in [0, 4_999, 9_999] {
        comes_to(
            &second,
            &format!("show table mesh/own key /{key}"),
            "gpc0=1",
        );
    }
    assert!(ask(&second, "show table clients").contains("used:10000"));
    request(&first, ["7"].map(str::to_owned).into_iter());
    comes_to(&second, "show table mesh/own key /7", "gpc0=2");
}

#[test]
fn a_peer_that_dies_is_found_again() {
    let (first, second) = pair();
    comes_to(&first, "show peers", "id=B(remote,active)");
    let address = format!("127.0.0.1:{}", first.port("peers"));
    drop(second);
    comes_to(&first, "show peers", "id=B(remote,inactive)");
    request(&first, ["a"].map(str::to_owned).into_iter());
    let second = start(&config("B", "A", &address));
    comes_to(&second, "show table mesh/own key /a", "gpc0=1");
}

/// A connection to the socket for peers that says this.
fn call(topology: &Topology, bytes: &[u8]) -> Peer {
    let stream = TcpStream::connect(("127.0.0.1", topology.port("peers")));
    let mut peer = Peer::new(stream.expect("a connection"));
    peer.send(bytes.to_vec());
    peer
}

/// Strangers and broken peers are refused, what they can hold is bounded, and the others go on.
#[test]
fn peers_that_mean_no_good() {
    const HELLO: &[u8] = b"HAProxyS 2.1\nA\nB 1 1\n";
    let first = start(&config("A", "B", "${closed}"));
    let refused = |bytes: &[u8], expected: &[u8]| {
        let mut peer = call(&first, bytes);
        let told = peer
            .raw(expected.len())
            .unwrap_or_else(|why| panic!("{why}"));
        assert_eq!(told, expected, "{}", bytes.escape_ascii());
        assert!(peer.end().is_ok(), "{}", bytes.escape_ascii());
    };
    refused(b"GET / HTTP/1.1\r\n", b"501\n");
    refused(&[b'x'; 100_000], b"501\n");
    refused(b"HAProxyS 2.1\nA\nnobody 1 1\n", b"504\n");
    let hello = |rest: &[u8]| [HELLO, rest].concat();
    refused(&hello(b"\xff\xff"), b"200\n\x01\0");
    refused(&hello(b"\x0a\x80\xff\xff\xff\xff\x7f"), b"200\n\x01\x01");
    // More silent callers than there are places: the rest are turned away, and places come back.
    let crowd: Vec<Peer> = (0..50).map(|_| call(&first, b"HAProxyS 2.1\n")).collect();
    request(&first, ["a"].map(str::to_owned).into_iter());
    drop(crowd);
    comes_to(&first, "show table mesh/own key /a", "gpc0=1");
    let address = format!("127.0.0.1:{}", first.port("peers"));
    let second = start(&config("B", "A", &address));
    comes_to(&second, "show table mesh/own key /a", "gpc0=1");
    assert!(ask(&first, "show peers").contains("proto_err=2"));
}
