//! `peers`: its tables work; the exchange with other machines is not supported yet.

use crate::vocab::address::{Accepts, PortRule, parse};
use crate::vocab::codes::{BAD_ADDRESS, MISSING_ARGUMENT};
use crate::vocab::line::Line;
use crate::vocab::stick_table::{self, TableDraft};

const PEER: Accepts = Accepts {
    port: PortRule::Mandatory,
    range: false,
    offset: false,
    fd: false,
    stream: true,
    datagram: false,
};

/// Reads a statement of the section called `section`: a table, or nothing. The local peer may have
/// no address, as a `bind` line gives it.
pub fn read<'d>(line: &mut Line<'_, 'd>, section: &str) -> Option<TableDraft<'d>> {
    let word = line.name().into_owned();
    if word == "table" {
        let Some(name) = line.text(1) else {
            line.error(MISSING_ARGUMENT, 0, "'table' expects a name");
            return None;
        };
        return stick_table::parse(line, 2, &format!("{section}/{name}"));
    }
    if let ("peer" | "server", Some(name), Some(address)) = (&*word, line.text(1), line.text(2))
        && let Err(message) = parse(&address, PEER, line.host)
    {
        line.error(BAD_ADDRESS, 2, format!("'peer {name}' : {message}"));
    }
    line.not_yet(0, &format!("'{word}'"), "sharing stick tables with peers");
    None
}
