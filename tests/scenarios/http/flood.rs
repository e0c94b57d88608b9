//! A server that never stops sending interim responses is cut off.

use crate::proxy;
use crate::support::message::Message;
use crate::support::peer::Peer;
use crate::support::tidegate;
use crate::support::topology::Topology;

/// Far more interim responses than any honest exchange has.
const FLOOD: usize = 100_000;

#[test]
fn of_interim_responses_ends() {
    let topology = Topology::start(&tidegate(), &proxy(""));
    let mut client = Peer::new(topology.connect("fe"));
    client.send(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n".to_vec());
    let mut server = Peer::new(topology.accept("s").expect("a connection to the server"));
    server.head().unwrap_or_else(|why| panic!("{why}"));
    server.send(b"HTTP/1.1 100 Continue\r\n\r\n".repeat(FLOOD));
    let interim = Message::read(b"HTTP/1.1 100 Continue\r\n\r\n");
    let passed = (0..FLOOD)
        .take_while(|_| client.head().as_ref() == Ok(&interim))
        .count();
    assert!(passed < FLOOD, "all {FLOOD} were passed on");
}
