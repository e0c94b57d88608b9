//! `peers`: not supported yet; addresses are checked all the same.

use crate::vocab::address::{Accepts, PortRule, parse};
use crate::vocab::codes::BAD_ADDRESS;
use crate::vocab::line::Line;

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
