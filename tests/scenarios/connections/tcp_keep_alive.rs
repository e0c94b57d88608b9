//! `option clitcpka`, `srvtcpka` and `tcpka`: the kernel says which of the proxy's sockets it watches.

use crate::proxy;
use crate::support::peer::Peer;
use crate::support::tidegate;
use crate::support::topology::Topology;
use std::net::SocketAddr;

/// In how many seconds at most the kernel will probe the peer of the connection from `local` to
/// `remote`; `None` if it does not watch it.
fn probe_in(local: SocketAddr, remote: SocketAddr) -> Option<u64> {
    let port = |place: &str| u16::from_str_radix(place.split(':').nth(1)?, 16).ok();
    let table = std::fs::read_to_string("/proc/net/tcp").expect("the kernel's list");
    let row = table
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .find(|row| port(row[1]) == Some(local.port()) && port(row[2]) == Some(remote.port()))
        .expect("the connection");
    let (timer, ticks) = row[5].split_once(':').expect("a timer");
    let ticks = u64::from_str_radix(ticks, 16).expect("ticks");
    // The kernel shows hundredths of a second.
    (timer == "02").then_some(ticks.div_ceil(100))
}

/// A connection is open on both sides. Whether the client's and the server's are probed in time.
#[track_caller]
fn check(lines: &str, [client_s, server_s]: [Option<u64>; 2]) {
    let topology = Topology::start(&tidegate(), &proxy(lines));
    let socket = topology.connect("fe");
    let (local, remote) = (socket.local_addr(), socket.peer_addr());
    let mut client = Peer::new(socket);
    client.send(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n".to_vec());
    let socket = topology.accept("s").expect("a connection");
    let ours = (socket.local_addr(), socket.peer_addr());
    let mut server = Peer::new(socket);
    // The proxy has set its options once it sends. With an answer its bytes are acknowledged: the kernel
    // has none to send again, and shows this timer.
    server.head().expect("a request");
    server.send(b"HTTP/1.1 ".to_vec());
    let within = |got: Option<u64>, wanted: Option<u64>| match (got, wanted) {
        (Some(got), Some(wanted)) => got <= wanted,
        (got, wanted) => got == wanted,
    };
    let at_client = probe_in(remote.expect("an address"), local.expect("an address"));
    let at_server = probe_in(ours.1.expect("an address"), ours.0.expect("an address"));
    assert!(within(at_client, client_s), "{lines}: {at_client:?}");
    assert!(within(at_server, server_s), "{lines}: {at_server:?}");
}

#[test]
fn of_checks() {
    let check =
        "option srvtcpka\noption tcp-check\ntcp-check send PING\ntcp-check expect string PONG";
    let config = format!(
        "{}\n    default-server check\n    server t ${{t}}\n",
        proxy("")
    );
    let config = config.replace(
        "\nbackend be\n",
        &format!("\nbackend be\n{check}\nsrvtcpka-idle 30\n"),
    );
    let topology = Topology::start(&tidegate(), &config);
    let socket = topology.accept("t").expect("a check");
    let ours = (socket.local_addr(), socket.peer_addr());
    let mut server = Peer::new(socket);
    server.raw(4).expect("what the check sends");
    server.send(b"PO".to_vec());
    let probed = probe_in(ours.1.expect("an address"), ours.0.expect("an address"));
    assert!(probed.is_some_and(|seconds| seconds <= 30), "{probed:?}");
}

#[test]
fn of_neither_side() {
    check("clitcpka-idle 20", [None, None]);
}

#[test]
fn of_one_side() {
    check("option clitcpka\nclitcpka-idle 20s", [Some(20), None]);
    check("option srvtcpka\nsrvtcpka-idle 30", [None, Some(30)]);
}

#[test]
fn of_both_sides() {
    check(
        "option tcpka\nclitcpka-idle 20\nclitcpka-intvl 5\nclitcpka-cnt 3\nsrvtcpka-idle 1m",
        [Some(20), Some(60)],
    );
}
