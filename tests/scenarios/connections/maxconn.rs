//! At `maxconn`, of the process, a frontend or a bind line, connections wait; none is dropped.

use crate::proxy;
use crate::support::peer::Peer;
use crate::support::tidegate;
use crate::support::topology::Topology;

const CLIENTS: usize = 40;

/// All clients connect and ask at once; each answer ends its connection and lets the next one in.
#[track_caller]
fn check(config: &str) {
    let topology = Topology::start(&tidegate(), config);
    let mut clients: Vec<Peer> = (0..CLIENTS)
        .map(|_| Peer::new(topology.connect("fe")))
        .collect();
    for client in &mut clients {
        client.send(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n".to_vec());
    }
    for (n, mut client) in clients.into_iter().enumerate() {
        let got = client
            .head()
            .unwrap_or_else(|why| panic!("client {n}: {why}"));
        assert_eq!(got.start, "HTTP/1.1 200 OK", "client {n}");
    }
}

/// Every request is answered in the frontend.
fn answering(lines: &str) -> String {
    proxy("").replace(
        "frontend fe\n",
        &format!("frontend fe\n    http-request return status 200\n{lines}\n"),
    )
}

#[test]
fn of_the_frontend() {
    check(&answering("    maxconn 2"));
}

#[test]
fn of_the_process() {
    check(&format!("global\n    maxconn 3\n{}", answering("")));
}

#[test]
fn of_the_bind_line() {
    check(&answering("").replace("\"fd@${fe}\"", "\"fd@${fe}\" maxconn 2"));
}
