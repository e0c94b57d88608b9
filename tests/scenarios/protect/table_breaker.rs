//! The stick-table breaker of `examples/haproxy-circuit-breaker.cfg` in real time, its times divided by
//! twenty: prints when it opened and closed. On a virtual clock the rules of `table` are exact.

use crate::support::peer::Peer;
use crate::support::tidegate;
use crate::support::topology::{Surroundings, Topology};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

/// `expire`, which is how long the circuit stays open.
const EXPIRE: Duration = Duration::from_millis(1_500);

/// The example with shorter times, in front of the origin `s`.
fn start() -> Topology {
    let scaled = include_str!("../../../examples/haproxy-circuit-breaker.cfg")
        .replace("127.0.0.1:8080", "\"fd@${fe}\"")
        .replace("127.0.0.1:9001", "${s}")
        .replace("127.0.0.1:9002", "${s}")
        .replace("expire 30s", &format!("expire {}ms", EXPIRE.as_millis()))
        .replace("(10s)", "(500ms)");
    assert!(!scaled.contains("0s)"), "every time is scaled");
    let topology = Surroundings::of(&scaled).start(&tidegate(), &["-db"]);
    let origin = topology.origin("s");
    thread::spawn(move || serve(&origin));
    topology
}

/// An origin that fails where the path says so.
fn serve(listener: &TcpListener) {
    while let Ok((stream, _)) = listener.accept() {
        thread::spawn(move || {
            let mut peer = Peer::new(stream);
            while let Ok(head) = peer.head() {
                let status = if head.start.contains("/bad") {
                    500
                } else {
                    200
                };
                let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\n\r\n");
                peer.send(answer.into_bytes());
            }
        });
    }
}

/// Servers that cannot be reached open nothing: rules see no answer that was made here.
#[test]
fn item_148_answers_of_the_proxy_count_nothing() {
    let config = include_str!("../../../examples/haproxy-circuit-breaker.cfg")
        .replace("127.0.0.1:8080", "\"fd@${fe}\"")
        .replace("timeout connect 5s", "retries 0")
        .replace("127.0.0.1:9001", "${closed}")
        .replace("127.0.0.1:9002", "${closed}")
        + "global\n    stats socket \"fd@${cli}\" level admin\n";
    let topology = Surroundings::of(&config).start(&tidegate(), &["-db"]);
    for _ in 0..5 {
        assert_eq!(status(&topology, "/"), 503);
    }
    let mut cli = Peer::new(topology.connect("cli"));
    cli.send(b"show table serviceA\n".to_vec());
    cli.shut();
    let shown = cli.rest().unwrap_or_else(|why| panic!("{why}"));
    let shown = String::from_utf8_lossy(&shown);
    assert!(
        shown.contains(" gpc0=0 ") && shown.contains(" gpc1=0\n"),
        "{shown}"
    );
}

/// The status that a request for a path gets.
fn status(topology: &Topology, path: &str) -> u16 {
    let mut client = Peer::new(topology.connect("fe"));
    client.send(format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n").into_bytes());
    let head = client.head().unwrap_or_else(|why| panic!("{why}"));
    head.status()
}

#[test]
#[allow(
    clippy::disallowed_methods,
    reason = "real time is what this run is about"
)]
fn the_seeds_breaker_opens_and_closes_in_real_time() {
    let topology = start();
    let begun = std::time::Instant::now();
    let ms = || begun.elapsed().as_millis();
    for _ in 0..20 {
        assert_eq!(status(&topology, "/good"), 200);
    }
    let mut failures = 0;
    while status(&topology, "/bad") == 500 {
        failures += 1;
        assert!(failures < 1_000, "it never opens");
    }
    let opened = ms();
    let mut refused = 1;
    while status(&topology, "/good") == 503 {
        refused += 1;
    }
    let closed = ms();
    println!(
        "open at {opened} ms after 20 good answers and {failures} failures; {refused} requests refused; closed \
         at {closed} ms, {} ms later, with expire {} ms",
        closed - opened,
        EXPIRE.as_millis()
    );
    let open_for = closed - opened;
    assert!(open_for + 50 >= EXPIRE.as_millis(), "{open_for} ms");
    assert_eq!(status(&topology, "/good"), 200);
}
