//! Where log lines go: rings and their servers, log backends, `log-forward`.

mod backends;
mod forward;
mod patterns;
mod rings;

use crate::support::peer::Peer;
use crate::support::tidegate;
use crate::support::topology::Topology;

/// A proxy that answers every request itself. `global` are lines of `global`, `fe` of the
/// frontend, `sections` whole sections.
fn start(global: &str, fe: &str, sections: &str) -> Topology {
    let config = format!(
        "global\n nbthread 1\n stats socket \"fd@${{cli}}\" level admin\n{global}\n\
         defaults\n timeout connect 6s\n timeout client 6s\n timeout server 6s\n\
         frontend fe\n mode http\n bind \"fd@${{fe}}\"\n option httplog\n log-format %HM_%HPO\n\
         http-request return status 204\n{fe}\n{sections}\n"
    );
    Topology::start(&tidegate(), &config)
}

/// Asks for these paths, one after the other.
fn get(topology: &Topology, paths: &[&str]) {
    let mut client = Peer::new(topology.connect("fe"));
    for path in paths {
        client.send(format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n").into_bytes());
        client.head().unwrap_or_else(|why| panic!("{why}"));
    }
}

/// What the stats socket answers.
fn ask(topology: &Topology, line: &str) -> String {
    let mut peer = Peer::new(topology.connect("cli"));
    peer.send(format!("{line}\n").into_bytes());
    peer.shut();
    let answer = peer.rest().unwrap_or_else(|why| panic!("{why}"));
    String::from_utf8(answer).expect("text")
}

/// The value of a fact of `show info`.
fn info(topology: &Topology, name: &str) -> u64 {
    let answer = ask(topology, "show info");
    let line = answer
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    line.and_then(|value| value.parse().ok())
        .unwrap_or_else(|| panic!("no {name} in {answer}"))
}
