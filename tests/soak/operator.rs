//! Who looks after the proxy meanwhile: commands, good and bad ones, reloads, connections that end
//! in the middle of a command.

use crate::support::peer::Peer;
use crate::support::topology::Topology;

/// Commands whose answer is not empty.
const COMMANDS: &[&str] = &[
    "show version",
    "help",
    "show env",
    "show cli sockets",
    "show info",
    "show stat",
    "show table users",
    "show map virt@last",
    "clear table users",
    "clear counters",
    "no such command",
    "echo a;echo b",
    "reload",
];

/// Works until told that it is over.
pub(crate) fn run(topology: &Topology, goes_on: impl Fn() -> bool) {
    for command in COMMANDS.iter().cycle().take_while(|_| goes_on()) {
        assert!(!ask(topology, command).is_empty(), "{command}: no answer");
        let mut half = Peer::new(topology.connect("cli"));
        half.send(command.as_bytes().to_vec());
        half.abort();
    }
}

/// The answer to a command.
pub(crate) fn ask(topology: &Topology, command: &str) -> String {
    let mut peer = Peer::new(topology.connect("cli"));
    peer.send(format!("{command}\n").into_bytes());
    peer.shut();
    let answer = peer.rest().unwrap_or_else(|why| panic!("{command}: {why}"));
    String::from_utf8_lossy(&answer).into_owned()
}
