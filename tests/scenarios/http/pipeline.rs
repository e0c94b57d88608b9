//! Ten thousand requests sent before the first answer is read.

use crate::proxy;
use crate::support::message::Message;
use crate::support::peer::Peer;
use crate::support::tidegate;
use crate::support::topology::Topology;

const REQUESTS: usize = 10_000;

#[test]
fn ten_thousand_are_answered_in_order() {
    let rule = "frontend fe\n    http-request return status 200 content-type text/plain lf-string %[path]\n";
    let topology = Topology::start(&tidegate(), &proxy("").replace("frontend fe\n", rule));
    let mut client = Peer::new(topology.connect("fe"));
    let request = |n: usize| format!("GET /{n} HTTP/1.1\r\nhost: a\r\n\r\n");
    client.send((0..REQUESTS).map(request).collect::<String>().into_bytes());
    for n in 0..REQUESTS {
        let path = format!("/{n}");
        let got = client
            .message(path.len())
            .unwrap_or_else(|why| panic!("answer {n}: {why}"));
        assert_eq!(got.body, path.as_bytes(), "answer {n}: {got}");
    }
}

#[test]
fn a_thousand_reach_the_server_in_order() {
    let topology = Topology::start(&tidegate(), &proxy(""));
    let mut client = Peer::new(topology.connect("fe"));
    let request = |n: usize| format!("GET /{n} HTTP/1.1\r\nhost: a\r\n\r\n");
    client.send(
        (0..REQUESTS / 10)
            .map(request)
            .collect::<String>()
            .into_bytes(),
    );
    let mut server = Peer::new(topology.accept("s").expect("a connection to the server"));
    for n in 0..REQUESTS / 10 {
        let head = server
            .head()
            .unwrap_or_else(|why| panic!("request {n}: {why}"));
        assert_eq!(head, Message::read(request(n).as_bytes()));
        server.send(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec());
        let answer = client
            .head()
            .unwrap_or_else(|why| panic!("answer {n}: {why}"));
        assert_eq!(answer.start, "HTTP/1.1 204 No Content");
    }
}
