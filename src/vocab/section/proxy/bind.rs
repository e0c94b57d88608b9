//! `bind`: where a frontend listens.

use super::{Build, word};
use crate::vocab::bind_option;
use crate::vocab::codes::MISSING_ARGUMENT;
use crate::vocab::keyword::{Keyword, Sections};

/// The word.
pub(super) const WORDS: &[Keyword<Build>] = &[word(
    "bind",
    "{<address>:<port> | <path>}[,...] [<option>...]",
    Sections::FRONTEND,
    "Listens on an address, several separated by commas, or a range of ports `1000-1010`; the \
     options that follow hold for all of them. `*` or nothing before the port is every IPv4 \
     address.",
    |line, draft| {
        draft.has_bind = true;
        if line.arg(1).is_none() {
            return line.error(
                MISSING_ARGUMENT,
                0,
                "'bind' expects {<path>|[addr1]:port1[-end1]}{,[addr]:port[-end]}... as arguments",
            );
        }
        let bind = bind_option::read(line, 1, draft.kind.keyword());
        draft.binds.extend(bind);
    },
)];
