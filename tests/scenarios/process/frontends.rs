//! `disable`, `enable` and `shutdown frontend` as clients of a TCP port see them. What becomes of a
//! socket that others gave us is a parity case.

use crate::support::peer::Peer;
use crate::support::tidegate;
use crate::support::topology::Topology;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, TcpStream};

/// A port that nobody else asks for: other tests listen on another address.
fn free_address() -> SocketAddr {
    let taken = TcpListener::bind("127.83.1.9:0").expect("a free port");
    taken.local_addr().expect("a local address")
}

fn start(address: SocketAddr) -> Topology {
    let config = format!(
        "global\n    nbthread 2\n    stats socket \"fd@${{cli}}\" level admin\n\
         defaults\n    mode http\n    timeout client 6s\n    timeout connect 6s\n    timeout server 6s\n\
         frontend web\n    bind {address}\n    http-request return status 200\n"
    );
    let topology = Topology::start(&tidegate(), &config);
    // Commands are served when the sockets of frontends are open.
    assert_eq!(ask(&topology, "echo here"), "here\n\n");
    topology
}

fn ask(topology: &Topology, line: &str) -> String {
    let mut peer = Peer::new(topology.connect("cli"));
    peer.send(format!("{line}\n").into_bytes());
    let answer = peer.rest().unwrap_or_else(|why| panic!("{why}"));
    String::from_utf8(answer).expect("text")
}

/// Whether a request on a connection that lasts is answered.
#[track_caller]
fn is_served(peer: &mut Peer) {
    peer.send(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n".to_vec());
    let head = peer.message(0).unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(head.start, "HTTP/1.1 200 OK");
}

#[track_caller]
fn is_refused(address: SocketAddr) {
    let refusal = TcpStream::connect(address)
        .map(|_| ())
        .expect_err("a refusal");
    assert_eq!(refusal.kind(), ErrorKind::ConnectionRefused);
}

#[track_caller]
fn connected(address: SocketAddr) -> Peer {
    Peer::new(TcpStream::connect(address).expect("a connection"))
}

/// The state that statistics show.
fn status(topology: &Topology) -> String {
    let table = ask(topology, "show stat web 1 -1");
    let line = table.lines().nth(1).expect("a line");
    line.split(',').nth(17).expect("a status").to_owned()
}

#[test]
fn a_disabled_port_refuses_and_keeps_its_clients() {
    let address = free_address();
    let topology = start(address);
    let mut old = connected(address);
    is_served(&mut old);
    assert_eq!(ask(&topology, "disable frontend web"), "\n");
    assert_eq!(status(&topology), "PAUSED");
    is_refused(address);
    is_served(&mut old);
    assert_eq!(ask(&topology, "enable frontend web"), "\n");
    assert_eq!(status(&topology), "OPEN");
    is_served(&mut connected(address));
    is_served(&mut old);
}

#[test]
fn a_port_that_was_shut_is_free() {
    let address = free_address();
    let topology = start(address);
    let mut old = connected(address);
    is_served(&mut old);
    assert_eq!(ask(&topology, "shutdown frontend web"), "\n");
    assert_eq!(status(&topology), "STOP");
    is_refused(address);
    is_served(&mut old);
    let _next = TcpListener::bind(address).expect("the port");
    let answer = "Frontend was previously shut down, cannot enable.\n\n";
    assert_eq!(ask(&topology, "enable frontend web"), answer);
}

#[test]
fn a_port_that_others_took_stays_disabled() {
    let address = free_address();
    let topology = start(address);
    assert_eq!(ask(&topology, "disable frontend web"), "\n");
    let other = TcpListener::bind(address).expect("the port, while nobody listens");
    let answer = "Failed to resume frontend, check logs for precise cause (port conflict?).\n\n";
    assert_eq!(ask(&topology, "enable frontend web"), answer);
    assert_eq!(status(&topology), "PAUSED");
    drop(other);
    assert_eq!(ask(&topology, "enable frontend web"), "\n");
    is_served(&mut connected(address));
}

#[test]
fn a_reload_opens_what_was_shut() {
    let address = free_address();
    let topology = start(address);
    assert_eq!(ask(&topology, "shutdown frontend web"), "\n");
    let answer = ask(&topology, "reload");
    assert!(answer.starts_with("Success=1\n"), "{answer}");
    assert_eq!(status(&topology), "OPEN");
    is_served(&mut connected(address));
}
