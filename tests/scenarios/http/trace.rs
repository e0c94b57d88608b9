//! `filter trace`: what passes is told on the standard error stream.

use crate::proxy;
use crate::support::script::play;
use crate::support::tidegate;
use crate::support::topology::Topology;

/// What is told of an exchange under a filter with these words, without the times.
fn told(words: &str) -> Vec<String> {
    let config = proxy("").replace(
        "default_backend be\n",
        &format!("default_backend be\n    filter trace name t {words}\n"),
    );
    let mut topology = Topology::start(&tidegate(), &config);
    let script = "c> POST / HTTP/1.1|host: a|content-length: 5||hello
        s< POST / HTTP/1.1|host: a|content-length: 5||hello
        s> HTTP/1.1 200 OK|content-length: 3||abc
        c< HTTP/1.1 200 OK|content-length: 3||abc
        c open";
    play(&mut topology, script).unwrap_or_else(|why| panic!("{why}"));
    let printed = topology.process.output();
    let line = |line: &str| {
        match line.split_once("[strm ") {
            Some((_, rest)) => rest.split_once("] ").map_or("", |(_, rest)| rest).trim(),
            None => line.trim(),
        }
        .to_owned()
    };
    let mut lines: Vec<_> = printed.lines().map(line).collect();
    // What `c open` asks comes after that.
    let end = lines
        .iter()
        .position(|line| line.starts_with("stream_stop"));
    lines.truncate(end.map_or(0, |end| end + 1));
    lines
}

#[test]
fn heads_and_bodies_are_told() {
    assert_eq!(
        told("max-fwd 3"),
        [
            "stream_start             :",
            "http_headers             : REQUEST POST / HTTP/1.1",
            "host: a",
            "content-length: 5",
            "payload                  : REQUEST offset=0 forward=3",
            "payload                  : REQUEST offset=3 forward=2",
            "http_headers             : RESPONSE HTTP/1.1 200 OK",
            "content-length: 3",
            "payload                  : RESPONSE offset=0 forward=3",
            "stream_stop              :",
        ]
    );
}

#[test]
fn bytes_are_shown_on_request() {
    let lines = told("hexdump");
    let shown = lines.iter().filter(|line| line.starts_with("0x"));
    let shown: Vec<_> = shown.map(|line| line.rsplit(' ').next()).collect();
    assert_eq!(shown, [Some("|hello|"), Some("|abc|")]);
}

#[test]
fn nothing_is_told_when_quiet() {
    assert!(told("quiet random-forwarding").is_empty());
}
