//! `log-forward` sections.

use super::{ask, info, start};
use crate::support::log::Syslog;
use crate::support::peer::Peer;
use crate::support::topology::Topology;
use std::net::UdpSocket;

/// Receives over connections at `fd@${in}` and sends on to the receiver.
fn forward(lines: &str) -> (Topology, Syslog) {
    let receiver = Syslog::open();
    let to = receiver.address();
    let lines = lines.replace("TO", &to);
    let sections = format!("log-forward in\n bind \"fd@${{in}}\"\n {lines}");
    (start("", "", &sections), receiver)
}

#[test]
fn messages_over_connections_are_sent_on() {
    let (topology, receiver) = forward("log TO local0");
    let mut client = Peer::new(topology.connect("in"));
    let messages = [
        "<30>1 2026-01-02T03:04:05Z host app 12 - - one",
        "<30>Jan  2 03:04:05 host app[12]: two",
    ];
    client.send(format!("{}\r\n{} {}", messages[0], messages[1].len(), messages[1]).into_bytes());
    for message in messages {
        assert_eq!(receiver.datagram().as_deref(), Some(message));
    }
    assert_eq!(info(&topology, "CumRecvLogs"), 2);
    // What is no message ends the connection.
    client.send(b"hello\n".to_vec());
    client.end().unwrap();
}

#[test]
fn formats_and_hosts_are_written_anew() {
    let (topology, receiver) = forward("option host replace\n log TO format rfc3164 local0");
    let mut client = Peer::new(topology.connect("in"));
    client.send(b"<30>1 2026-01-02T03:04:05Z host app 12 - - one\n".to_vec());
    assert_eq!(
        receiver.datagram().as_deref(),
        Some("<30>Jan  2 03:04:05 127.0.0.1 app[12]: one")
    );
}

#[test]
fn messages_may_be_left_alone() {
    let (topology, receiver) =
        forward("option dont-parse-log\n option assume-rfc6587-ntf\n log TO format raw local0");
    let mut client = Peer::new(topology.connect("in"));
    client.send(b"5 any\n<30>thing\n".to_vec());
    assert_eq!(receiver.datagram().as_deref(), Some("5 any"));
    assert_eq!(receiver.datagram().as_deref(), Some("<30>thing"));
}

#[test]
fn messages_are_shared_out() {
    let (topology, receiver) = forward(
        "log TO format priority sample 2:2 local0\n log ring@rest sample 1:2 local0\nring rest",
    );
    let mut client = Peer::new(topology.connect("in"));
    client.send(b"<30>1\n<30>2\n<30>3\n<30>4\n".to_vec());
    assert_eq!(receiver.datagram().as_deref(), Some("<30>2"));
    assert_eq!(receiver.datagram().as_deref(), Some("<30>4"));
    assert_eq!(ask(&topology, "show events rest"), "1\n3\n\n");
}

#[test]
fn connections_beyond_maxconn_wait() {
    let (topology, receiver) = forward("maxconn 1\n log TO format priority local0");
    let mut first = Peer::new(topology.connect("in"));
    first.send(b"<30>first\n".to_vec());
    assert_eq!(receiver.datagram().as_deref(), Some("<30>first"));
    let mut second = Peer::new(topology.connect("in"));
    second.send(b"<30>second\n".to_vec());
    first.send(b"<30>still first\n".to_vec());
    assert_eq!(receiver.datagram().as_deref(), Some("<30>still first"));
    drop(first);
    assert_eq!(receiver.datagram().as_deref(), Some("<30>second"));
}

#[test]
fn datagrams_are_sent_on() {
    // The port of a socket that shares it.
    let probe = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::DGRAM, None).unwrap();
    probe.set_reuse_port(true).unwrap();
    probe
        .bind(
            &"127.0.0.1:0"
                .parse::<std::net::SocketAddr>()
                .unwrap()
                .into(),
        )
        .unwrap();
    let address = probe.local_addr().unwrap().as_socket().unwrap();
    let (topology, receiver) = forward(&format!(
        "dgram-bind {address}\n log TO format priority local0"
    ));
    // It is there when it answers.
    assert_eq!(info(&topology, "CumRecvLogs"), 0);
    drop(probe);
    let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
    sender.send_to(b"<30>hello\n", address).unwrap();
    assert_eq!(receiver.datagram().as_deref(), Some("<30>hello"));
    assert_eq!(info(&topology, "CumRecvLogs"), 1);
}
