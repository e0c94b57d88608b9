//! Backends in `mode log`.

use super::{ask, get, info, start};
use crate::support::log::Syslog;
use crate::support::peer::Peer;
use crate::support::topology::Topology;

/// A log backend of two receivers.
fn two(lines: &str) -> (Topology, [Syslog; 2]) {
    let receivers = [Syslog::open(), Syslog::open()];
    let [a, b] = receivers.each_ref().map(Syslog::address);
    let topology = start(
        "",
        "log backend@logs format raw local0",
        &format!("backend logs\n mode log\n {lines}\n server a udp@{a}\n server b udp@{b}"),
    );
    (topology, receivers)
}

#[track_caller]
fn check(receiver: &Syslog, expected: &[&str]) {
    for line in expected {
        assert_eq!(receiver.datagram().as_deref(), Some(*line));
    }
}

#[test]
fn servers_take_turns() {
    let (topology, [a, b]) = two("balance roundrobin");
    get(&topology, &["/1", "/2", "/3", "/4"]);
    check(&a, &["GET_/1", "GET_/3"]);
    check(&b, &["GET_/2", "GET_/4"]);
}

#[test]
fn lines_belong_to_servers() {
    let (topology, [a, b]) = two("balance log-hash field(2,/)\n hash-type map-based none");
    get(&topology, &["/0", "/1", "/2", "/3"]);
    check(&a, &["GET_/0", "GET_/2"]);
    check(&b, &["GET_/1", "GET_/3"]);
}

#[test]
fn a_server_keeps_everything_until_it_goes() {
    let (topology, [a, b]) = two("balance sticky");
    get(&topology, &["/1", "/2"]);
    ask(&topology, "disable server logs/a");
    get(&topology, &["/3"]);
    ask(&topology, "enable server logs/a");
    get(&topology, &["/4"]);
    ask(&topology, "disable server logs/b");
    get(&topology, &["/5"]);
    check(&a, &["GET_/1", "GET_/2", "GET_/5"]);
    check(&b, &["GET_/3", "GET_/4"]);
    ask(&topology, "disable server logs/a");
    get(&topology, &["/6"]);
    ask(&topology, "echo");
    assert_eq!(info(&topology, "DroppedLogs"), 1);
}

#[test]
fn a_server_moves_with_its_next_connection() {
    let topology = start(
        "",
        "log backend@logs format raw local0",
        "backend logs\n mode log\n server a ${s}\n# ${t}",
    );
    get(&topology, &["/1"]);
    let mut first = Peer::new(topology.accept("s").expect("a connection"));
    assert_eq!(first.raw(7).unwrap(), b"GET_/1\n");
    drop(first);
    let port = topology.port("t");
    let answer = ask(
        &topology,
        &format!("set server logs/a addr 127.0.0.1 port {port}"),
    );
    assert!(answer.starts_with("port changed from "), "{answer}");
    get(&topology, &["/2"]);
    let mut second = Peer::new(topology.accept("t").expect("a connection"));
    assert_eq!(second.raw(7).unwrap(), b"GET_/2\n");
}

#[test]
fn statistics_show_log_backends() {
    let (topology, _) = two("");
    let stat = ask(&topology, "show stat logs 4 -1");
    let fields: Vec<_> = stat
        .lines()
        .filter(|line| line.starts_with("logs,"))
        .collect();
    assert_eq!(fields.len(), 2, "{stat}");
    assert!(fields[0].contains(",syslog,"), "{stat}");
}
