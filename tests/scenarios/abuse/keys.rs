//! Keys that clients choose: none makes look-ups slow, and only lists without a size grow.

use crate::support::peer::Peer;
use crate::support::tidegate;
use crate::support::topology::Topology;

const KEYS: usize = 1 << 14;

/// How much longer chosen keys may take than others, and what is too short to be measured, ms.
const FACTOR: u64 = 3;
const NOISE_MS: u64 = 150;

/// The most one entry of a map that rules fill may cost, bytes.
const MAP_ENTRY: u64 = 512;

fn config(rules: &str) -> String {
    format!(
        "global
             nbthread 1
         defaults
             mode http
             timeout client 60s
         frontend fe
             bind \"fd@${{fe}}\"
             {rules}
             http-request return status 204
         backend sized
             stick-table type string len 64 size 1000 expire 1h store gpc0,http_req_rate(10s)
         backend large
             stick-table type string len 64 size 100k expire 1h store gpc0
         backend numbers
             stick-table type integer size 100k expire 1h store gpc0
"
    )
}

/// Sends one request with each key in `x-key`, all on one connection, and reads all the answers.
fn send(topology: &Topology, keys: impl Iterator<Item = String>) {
    let mut peer = Peer::new(topology.connect("fe"));
    let request = |key: String| format!("GET / HTTP/1.1\r\nhost: a\r\nx-key: {key}\r\n\r\n");
    let all: Vec<String> = keys.map(request).collect();
    peer.send(all.concat().into_bytes());
    for _ in &all {
        let head = peer.head().unwrap_or_else(|why| panic!("{why}"));
        assert_eq!(head.status(), 204, "{head}");
    }
}

/// Keys of one length that are equal under every hash that multiplies and adds, such as
/// those of many languages' strings and djb2.
fn colliding(n: usize) -> String {
    (0..14)
        .map(|bit| if n >> bit & 1 == 0 { "Aa" } else { "BB" })
        .collect()
}

fn random(n: usize) -> String {
    format!("{:028}", (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// Numbers that differ in their high bits only, and others.
fn high(n: usize) -> String {
    ((n as u64) << 18 & 0xffff_ffff).to_string()
}

fn low(n: usize) -> String {
    n.to_string()
}

#[track_caller]
fn cost_the_same(what: &str, rules: &str, chosen: fn(usize) -> String, other: fn(usize) -> String) {
    let cost = |key: fn(usize) -> String| {
        let topology = Topology::start(&tidegate(), &config(rules));
        send(&topology, (0..KEYS).map(key));
        topology.process.vitals().cpu_ms
    };
    let (chosen, other) = (cost(chosen), cost(other));
    println!("figure: {KEYS} chosen keys in {what}: {chosen} ms, others {other} ms");
    assert!(
        chosen <= FACTOR * other + NOISE_MS,
        "{chosen} ms, others {other} ms"
    );
}

#[test]
fn strings_in_a_table() {
    let rules = "http-request track-sc0 req.hdr(x-key) table large";
    cost_the_same("a table of strings", rules, colliding, random);
}

#[test]
fn numbers_in_a_table() {
    let rules = "http-request track-sc0 req.hdr(x-key) table numbers";
    cost_the_same("a table of integers", rules, high, low);
}

#[test]
fn strings_in_a_map() {
    let rules = "http-request set-map(virt@m) %[req.hdr(x-key)] 1";
    cost_the_same("a map", rules, colliding, random);
}

#[test]
fn a_table_keeps_its_size() {
    let rules = "http-request track-sc0 req.hdr(x-key) table sized
                 http-request return status 200 hdr x-count %[table_cnt(sized)] if { req.hdr(x-key) count }";
    let topology = Topology::start(&tidegate(), &config(rules));
    send(&topology, (0..2000).map(random));
    let before = topology.process.vitals().resident_kb;
    send(&topology, (2000..KEYS).map(random));
    let grown = topology.process.vitals().resident_kb.saturating_sub(before);
    let mut peer = Peer::new(topology.connect("fe"));
    peer.send(b"GET / HTTP/1.1\r\nhost: a\r\nx-key: count\r\n\r\n".to_vec());
    let head = peer.head().unwrap_or_else(|why| panic!("{why}"));
    let entries = head.header("x-count").and_then(|count| count.parse().ok());
    println!("figure: {KEYS} keys in a table of 1000: {entries:?} entries, {grown} kB more");
    assert!(entries.is_some_and(|count: u32| count <= 1000), "{head}");
    assert!(grown <= 1024, "{grown} kB");
}

/// As in HAProxy nothing bounds a map that rules fill, so what an entry costs should be known.
#[test]
fn a_map_grows_by_the_entry() {
    let rules = "http-request return status 200 hdr x-found %[req.hdr(x-find),map(virt@m,none)] if { req.hdr(x-find) -m found }
                 http-request set-map(virt@m) %[req.hdr(x-key)] 1";
    let topology = Topology::start(&tidegate(), &config(rules));
    send(&topology, (0..10).map(random));
    let before = topology.process.vitals().resident_kb;
    for part in 0..4 {
        send(&topology, (part * KEYS..(part + 1) * KEYS).map(random));
    }
    let grown = topology.process.vitals().resident_kb.saturating_sub(before);
    let mut peer = Peer::new(topology.connect("fe"));
    for (key, expected) in [(random(4 * KEYS - 1), "1"), (random(4 * KEYS), "none")] {
        peer.send(format!("GET / HTTP/1.1\r\nhost: a\r\nx-find: {key}\r\n\r\n").into_bytes());
        let head = peer.head().unwrap_or_else(|why| panic!("{why}"));
        assert_eq!(head.header("x-found"), Some(expected), "{head}");
    }
    let each = grown * 1024 / (4 * KEYS as u64);
    println!("figure: set-map from traffic: {each} bytes for each entry with a key of 28 bytes");
    assert!(each <= MAP_ENTRY, "{each} bytes each");
}

/// Patterns that make other engines try every way to match take time in proportion to the text.
#[test]
fn a_regular_expression_is_linear() {
    let rules = "http-request deny if { req.hdr(x-key) -m reg ^(a+)+$ } || { req.hdr(x-key) -m reg ^(a|aa)*b$ }";
    let topology = Topology::start(&tidegate(), &config(rules));
    let key = |_| format!("{}!", "a".repeat(4000));
    send(&topology, (0..100).map(key));
    let cpu = topology.process.vitals().cpu_ms;
    println!("figure: 100 hostile texts of 4 kB, two patterns: {cpu} ms");
    assert!(cpu <= 2000, "{cpu} ms");
}
