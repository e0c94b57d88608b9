//! A table that is shown again and again while requests use it.
//!
//! A few thousand entries here; `TIDEGATE_TABLE_ENTRIES=1000000 TIDEGATE_TABLE_SECONDS=10 cargo test --test scenarios
//! table_load -- --nocapture` with a release build as `TIDEGATE_BINARY` compares the 99th percentiles.

use crate::support::topology::{Surroundings, Topology};
use crate::support::{parameter, tidegate};
use std::io::{BufRead, BufReader, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use tidegate::clock::{Clock, Millis};

/// Commands on one line: shorter than a buffer.
const BATCH: u64 = 200;

fn start(entries: u64) -> Topology {
    let config = format!(
        "global
             nbthread 1
             stats socket \"fd@${{cli}}\" level admin
         defaults
             mode http
             timeout client 60s
         frontend fe
             bind \"fd@${{fe}}\"
             stick-table type string size {} expire 1h store gpc0,http_req_rate(10s)
             http-request track-sc0 path
             http-request return status 204
",
        entries + 1_000
    );
    let topology = Surroundings::of(&config).start(&tidegate(), &["-db"]);
    for first in (0..entries).step_by(BATCH as usize) {
        let each = first..(first + BATCH).min(entries);
        let lines: Vec<String> = each
            .map(|n| format!("set table fe key /{n} data.gpc0 1"))
            .collect();
        let mut stream = topology.connect("cli");
        stream
            .write_all((lines.join(";") + "\n").as_bytes())
            .expect("commands");
        stream.read_to_end(&mut Vec::new()).expect("answers");
    }
    topology
}

/// How many lines `show table` gives.
fn show(topology: &Topology) -> usize {
    let mut stream = topology.connect("cli");
    stream.write_all(b"show table fe\n").expect("a command");
    let lines = BufReader::new(stream).split(b'\n');
    lines
        .filter(|line| line.as_ref().is_ok_and(|line| line.starts_with(b"0x")))
        .count()
}

/// The 99th percentile of what requests take for so long, microseconds, and how many there were.
fn p99_us(topology: &Topology, entries: u64, for_ms: Millis) -> (u64, usize) {
    let clock = Clock::system();
    let mut stream = topology.connect("fe");
    let (mut taken, mut answer) = (Vec::new(), [0; 1024]);
    let end = clock.now() + for_ms;
    while clock.now() < end {
        let key = (taken.len() as u64).wrapping_mul(611_953) % entries;
        let begun = clock.now_us();
        stream
            .write_all(format!("GET /{key} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes())
            .expect("a request");
        let length = stream.read(&mut answer).expect("an answer");
        assert!(answer[..length].starts_with(b"HTTP/1.1 204"));
        taken.push(clock.now_us() - begun);
    }
    taken.sort_unstable();
    (taken[taken.len() * 99 / 100], taken.len())
}

#[test]
fn show_table_of_a_million() {
    let entries = parameter("TIDEGATE_TABLE_ENTRIES", 5_000);
    let for_ms = parameter("TIDEGATE_TABLE_SECONDS", 1) * 1_000;
    let topology = start(entries);
    let (alone, _) = p99_us(&topology, entries, for_ms);
    let done = AtomicBool::new(false);
    let (shown, during, count) = thread::scope(|scope| {
        let shower = scope.spawn(|| {
            let mut shown = 0;
            while !done.load(Ordering::Relaxed) {
                assert_eq!(show(&topology) as u64, entries);
                shown += 1;
            }
            shown
        });
        let (during, count) = p99_us(&topology, entries, for_ms);
        done.store(true, Ordering::Relaxed);
        (shower.join().expect("every entry is shown"), during, count)
    });
    println!(
        "{entries} entries shown {shown} times during {count} requests: p99 {during} us, {alone} us alone (bar: \
         1.1 times as much)"
    );
}
