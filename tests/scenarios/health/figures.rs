//! What checks cost: thousands of servers checked every two seconds.
//!
//! The servers and the client of this test share the machine with the proxy, and delay requests
//! themselves. What the proxy's checks delay is what is left beyond the same checks made by
//! another process.
//!
//! `TIDEGATE_CHECKED_SERVERS=10000 TIDEGATE_CHECK_SECONDS=20` and a release build as
//! `TIDEGATE_BINARY` give the figures that count. They are printed; what is demanded of the small
//! run is what a build for tests on a busy machine can do.

use crate::support::peer::Peer;
use crate::support::topology::Topology;
use crate::support::{parameter, tidegate};
use std::fmt::Write;
use std::net::TcpListener;
use std::thread::{self, park_timeout};
use std::time::Duration;
use tidegate::clock::Clock;

/// Time between two requests whose delay is measured.
const PAUSE: Duration = Duration::from_millis(2);

fn config(servers: u64, checked: u16) -> String {
    let mut text = String::from(
        "global\n    nbthread 1\n    maxconn 500\n    stats socket \"fd@${cli}\" level admin\n\
         defaults\n    mode http\n    timeout connect 1s\n    timeout client 6s\n    timeout server 6s\n\
         frontend fe\n    bind \"fd@${fe}\"\n    default_backend be\n\
         backend be\n    server s ${s}\n\
         backend checked\n    option httpchk\n    default-server check inter 2s\n",
    );
    for number in 0..servers {
        let (high, low) = (number / 200 % 200, number % 200 + 1);
        let _ = writeln!(text, "    server c{number} 127.1.{high}.{low}:{checked}");
    }
    text
}

/// Answers whatever comes on any address of this machine, and closes.
fn answer(listener: TcpListener) {
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut peer = Peer::new(stream);
            if peer.head().is_ok() {
                peer.send(b"HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec());
            }
        }
    });
}

/// Microseconds of the slowest hundredth of requests over a time, and the share of a processor
/// that the proxy took, in percent.
fn measure(topology: &Topology, ms: u64) -> (u64, f64) {
    let clock = Clock::system();
    let mut peer = Peer::new(topology.connect("fe"));
    let mut delays = Vec::new();
    let (begun, cpu) = (clock.now(), topology.process.vitals().cpu_ms);
    while clock.now() < begun + ms {
        let asked = clock.now_us();
        peer.send(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n".to_vec());
        assert_eq!(peer.head().expect("an answer").status(), 200);
        delays.push(clock.now_us() - asked);
        park_timeout(PAUSE);
    }
    let took = clock.now() - begun;
    let cpu = topology.process.vitals().cpu_ms - cpu;
    delays.sort_unstable();
    let p99 = delays[delays.len() * 99 / 100];
    (p99, cpu as f64 * 100.0 / took as f64)
}

#[test]
fn thousands_of_servers_are_checked() {
    let servers = parameter("TIDEGATE_CHECKED_SERVERS", 400);
    let ms = 1000 * parameter("TIDEGATE_CHECK_SECONDS", 3);
    let listener = TcpListener::bind("0.0.0.0:0").expect("a free port");
    let port = listener.local_addr().expect("a local address").port();
    answer(listener);
    let serve = |servers| {
        let topology = Topology::start(&tidegate(), &config(servers, port));
        let origin = topology.origin("s");
        thread::spawn(move || {
            for stream in origin.incoming().map_while(Result::ok) {
                thread::spawn(move || {
                    let mut peer = Peer::new(stream);
                    while peer.head().is_ok() {
                        peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec());
                    }
                });
            }
        });
        topology
    };
    let (quiet_us, quiet_cpu) = measure(&serve(0), ms);
    let beside_us = {
        let _checking = serve(servers);
        measure(&serve(0), ms).0
    };
    let (busy_us, busy_cpu) = measure(&serve(servers), ms);
    println!(
        "{servers} servers checked every 2 s: {:.1} % of a processor (of {busy_cpu:.1} %, with {quiet_cpu:.1} % for the requests alone); \
         p99 of requests {busy_us} us, while another process checks them {beside_us} us, without checks {quiet_us} us",
        busy_cpu - quiet_cpu
    );
    assert!(busy_cpu < 90.0, "{busy_cpu} % of a processor");
}
