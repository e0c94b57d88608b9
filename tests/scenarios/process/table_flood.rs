//! Requests that each bring a new key, while the table has room for it and once it has none.
//!
//! A few thousand keys here; `TIDEGATE_FLOOD_SIZE=100000 cargo test --test scenarios table_flood -- --nocapture` with
//! a release build as `TIDEGATE_BINARY` gives the figures that count.

use crate::support::topology::{Surroundings, Topology};
use crate::support::{parameter, tidegate};
use std::io::{BufRead, BufReader, Read, Write};
use std::ops::Range;
use tidegate::clock::Clock;

/// Requests written before their answers are read.
const AT_ONCE: usize = 50;

fn start(size: u64) -> Topology {
    let config = format!(
        "global
             nbthread 1
             stats socket \"fd@${{cli}}\" level admin
         defaults
             mode http
             timeout client 60s
         frontend fe
             bind \"fd@${{fe}}\"
             stick-table type string size {size} expire 1h store gpc0,http_req_rate(10s)
             tcp-request connection track-sc1 src
             http-request track-sc0 path
             http-request return status 204
"
    );
    Surroundings::of(&config).start(&tidegate(), &["-db"])
}

/// Sends a request for each key on a connection. Microseconds of the proxy's processor time and of
/// real time that one takes.
fn flood(topology: &Topology, keys: Range<u64>) -> (f64, f64) {
    let clock = Clock::system();
    let count = (keys.end - keys.start) as f64;
    let mut stream = BufReader::new(topology.connect("fe"));
    let (begun, cpu) = (clock.now_us(), topology.process.vitals().cpu_ms);
    let mut line = String::new();
    for first in keys.clone().step_by(AT_ONCE) {
        let some = first..keys.end.min(first + AT_ONCE as u64);
        let requests: String = some
            .clone()
            .map(|key| format!("GET /{key} HTTP/1.1\r\nHost: a\r\n\r\n"))
            .collect();
        let stream_out = stream.get_mut();
        stream_out.write_all(requests.as_bytes()).expect("requests");
        for _ in some {
            line.clear();
            while line != "\r\n" {
                line.clear();
                stream.read_line(&mut line).expect("an answer");
                assert!(!line.is_empty(), "every request is answered");
            }
        }
    }
    let cpu = topology.process.vitals().cpu_ms - cpu;
    let took = clock.now_us() - begun;
    (cpu as f64 * 1_000.0 / count, took as f64 / count)
}

fn command(topology: &Topology, command: &str) -> String {
    let mut stream = topology.connect("cli");
    stream.write_all(command.as_bytes()).expect("a command");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("its answer");
    answer
}

#[test]
fn a_flood_of_keys_costs_requests_little_and_spares_what_is_tracked() {
    const ROUNDS: u64 = 4;
    let size = parameter("TIDEGATE_FLOOD_SIZE", 5_000);
    let (roomy, full) = (start(2 * ROUNDS * size), start(size));
    let held = BufReader::new(full.connect("fe"));
    flood(&full, 0..size);
    let (mut best, mut best_full) = ((f64::MAX, f64::MAX), (f64::MAX, f64::MAX));
    let least = |one: (f64, f64), other: (f64, f64)| (one.0.min(other.0), one.1.min(other.1));
    for round in 1..=ROUNDS {
        let keys = round * size..(round + 1) * size;
        best = least(best, flood(&roomy, keys.clone()));
        best_full = least(best_full, flood(&full, keys));
    }
    let table = command(&full, "show table fe key 127.0.0.1\n");
    assert!(table.contains(" key=127.0.0.1 use="), "{table}");
    let header = table.lines().next().unwrap_or_default();
    let used = header.split_once("used:").map(|(_, used)| used.parse());
    let used: u64 = used.expect("a number").expect("a number");
    assert!(used <= size && used + 100 >= size, "{header}");
    drop(held);
    let (cpu, real) = (best_full.0 / best.0, best_full.1 / best.1);
    println!(
        "a request with a new key: {:.2} us of processor time and {:.2} us in all while the table of {size} has room, \
         {:.2} and {:.2} us when it is full: {cpu:.2} and {real:.2} times as much (bar: 1.2)",
        best.0, best.1, best_full.0, best_full.1
    );
    assert!(cpu.min(real) < 2.0, "a full table costs as much again");
}
