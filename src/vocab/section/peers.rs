//! `peers`: not supported yet; addresses and tables are checked all the same.

use crate::vocab::address::{Accepts, PortRule, parse};
use crate::vocab::codes::BAD_ADDRESS;
use crate::vocab::line::Line;
use crate::vocab::stick_table;

const PEER: Accepts = Accepts {
    port: PortRule::Mandatory,
    range: false,
    offset: false,
    fd: false,
    stream: true,
    datagram: false,
};

/// Checks a statement. The local peer may have no address, as a `bind` line gives it.
pub fn check(line: &mut Line<'_, '_>) {
    if line.name() == "table" {
        let name = line.text(1).unwrap_or_default();
        stick_table::parse(line, 2, &name);
    }
    if !matches!(&*line.name(), "peer" | "server") {
        return;
    }
    let (Some(name), Some(address)) = (line.text(1), line.text(2)) else {
        return;
    };
    if let Err(message) = parse(&address, PEER, line.host) {
        line.error(BAD_ADDRESS, 2, format!("'peer {name}' : {message}"));
    }
}
