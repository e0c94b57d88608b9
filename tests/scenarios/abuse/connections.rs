//! Very many connections: idle ones are small and end, those over `maxconn` wait in the kernel.

use crate::support::peer::Peer;
use crate::support::process::{Vitals, affordable};
use crate::support::tidegate;
use crate::support::topology::Topology;
use std::net::TcpStream;
use std::time::Duration;

/// The most one idle connection may cost, bytes.
const IDLE_BYTES: u64 = 4096;

fn config(lines: &str) -> String {
    format!(
        "global
             nbthread 1
             maxconn 20000
         defaults
             mode http
             timeout client 6s
             timeout http-request 30s
             timeout http-keep-alive 2s
         frontend fe
             bind \"fd@${{fe}}\"
             {lines}
             http-request return status 204
         frontend other
             bind \"fd@${{other}}\"
             http-request return status 204
"
    )
}

fn ask(peer: &mut Peer) {
    peer.send(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n".to_vec());
    let head = peer.head().unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(head.status(), 204, "{head}");
}

/// Looks at the process until `holds`.
#[track_caller]
fn until(topology: &Topology, holds: impl Fn(Vitals) -> bool) -> Vitals {
    for _ in 0..400 {
        let vitals = topology.process.vitals();
        if holds(vitals) {
            return vitals;
        }
        let ended = topology.process.ends_within(Duration::from_millis(50));
        assert!(!ended, "{}", topology.process.output());
    }
    panic!("still {:?}", topology.process.vitals());
}

#[test]
fn five_thousand_idle_ones_are_small_and_end() {
    let count = affordable(5000);
    let topology = Topology::start(&tidegate(), &config(""));
    ask(&mut Peer::new(topology.connect("fe")));
    let before = until(&topology, |_| true);
    let mut idle = Vec::with_capacity(count);
    for _ in 0..count {
        let mut peer = Peer::new(topology.connect("fe"));
        ask(&mut peer);
        idle.push(peer);
    }
    let during = topology.process.vitals();
    let each = during.resident_kb.saturating_sub(before.resident_kb) * 1024 / count as u64;
    // `timeout http-keep-alive` ends them although the clients stay.
    let after = until(&topology, |vitals| vitals.sockets <= before.sockets);
    println!("figure: {count} idle connections: {each} bytes each, {after:?} after their timeout");
    assert!(each <= IDLE_BYTES, "{each} bytes each");
    drop(idle);
}

#[test]
fn a_flood_over_maxconn_waits_in_the_kernel() {
    const MAXCONN: usize = 50;
    // As many more wait as the socket's backlog holds.
    let count = affordable(170);
    let lines = format!("maxconn {MAXCONN}");
    let topology = Topology::start(&tidegate(), &config(&lines));
    ask(&mut Peer::new(topology.connect("fe")));
    let before = topology.process.vitals();
    let flood: Vec<TcpStream> = (0..count).map(|_| topology.connect("fe")).collect();
    let full = until(&topology, |vitals| {
        vitals.sockets >= before.sockets + MAXCONN - 1
    });
    // Nobody is turned away elsewhere, and no more than one connection waits inside.
    ask(&mut Peer::new(topology.connect("other")));
    let most = topology.process.vitals().sockets;
    println!(
        "figure: {count} connections, maxconn {MAXCONN}: {} sockets more, {} kB more",
        most - before.sockets,
        full.resident_kb.saturating_sub(before.resident_kb)
    );
    assert!(most <= before.sockets + MAXCONN + 2, "{most} sockets");
    // All are served in the end, as others leave.
    for stream in flood {
        ask(&mut Peer::new(stream));
    }
}
