//! Messages that arrive one byte at a time.

use crate::proxy;
use crate::support::message::Message;
use crate::support::peer::Peer;
use crate::support::tidegate;
use crate::support::topology::Topology;

const REQUEST: &[u8] =
    b"POST /slow?x=1 HTTP/1.1\r\nhost: a.example\r\nx-a: b\r\ntransfer-encoding: chunked\r\n\r\n\
      3;e=1\r\nabc\r\n0\r\nx-t: 1\r\n\r\n";
const RESPONSE: &[u8] =
    b"HTTP/1.1 200 Fine\r\nserver: s\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";

/// Sends byte by byte; the delay of a round trip to the kernel keeps most of them apart.
fn dribble(peer: &mut Peer, bytes: &[u8]) {
    for byte in bytes {
        peer.send(vec![*byte]);
        std::thread::yield_now();
    }
}

#[test]
fn are_the_same_as_whole_ones() {
    let topology = Topology::start(&tidegate(), &proxy(""));
    let mut client = Peer::new(topology.connect("fe"));
    dribble(&mut client, REQUEST);
    let mut server = Peer::new(topology.accept("s").expect("a connection to the server"));
    let request = server.message(1).unwrap_or_else(|why| panic!("{why}"));
    let expected = b"POST /slow?x=1 HTTP/1.1\r\nhost: a.example\r\nx-a: b\r\n\
                     transfer-encoding: chunked\r\n\r\nabcx-t: 1\r\n";
    assert_eq!(request, Message::read(expected));
    dribble(&mut server, RESPONSE);
    let response = client.message(1).unwrap_or_else(|why| panic!("{why}"));
    let expected = b"HTTP/1.1 200 Fine\r\nserver: s\r\ntransfer-encoding: chunked\r\n\r\nok";
    assert_eq!(response, Message::read(expected));
}
