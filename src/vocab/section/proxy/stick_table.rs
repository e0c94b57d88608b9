//! `stick-table`: the table of a proxy.

use super::{Build, ProxyDraft, word};
use crate::syntax::Diagnostic;
use crate::vocab::codes::DUPLICATE_TABLE;
use crate::vocab::keyword::{Keyword, Sections};
use crate::vocab::line::Line;
use crate::vocab::stick_table;

/// The word.
pub(super) const WORD: &[Keyword<Build>] = &[word(
    "stick-table",
    "type {ip | integer | string [len <length>] | binary [len <length>]} size <size> \
     [expire <time>] [nopurge] [recv-only] [write-to <table>] [srvkey {name | addr}] \
     [store <data>[,...]]* [brates-factor <factor>] [peers <section>]",
    Sections::LISTEN,
    "Gives the proxy a table of keys and counters, of the proxy's name.",
    read,
)];

fn read<'d>(line: &mut Line<'_, 'd>, draft: &mut ProxyDraft<'d>) {
    let parsed = stick_table::parse(line, 1, &draft.name);
    if let Some(earlier) = &draft.table {
        let message = format!(
            "stick-table name '{}' conflicts with table declared in {} '{}'",
            draft.name,
            draft.kind.noun(),
            draft.name
        );
        let found = Diagnostic::error(DUPLICATE_TABLE, message).at(line.span(), "");
        line.diags.push(found.at(earlier.span, "declared here"));
        return;
    }
    draft.table = parsed;
}
