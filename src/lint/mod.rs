//! What a configuration says that is allowed and probably not meant.
//!
//! One lint is one file: a function from what it looks at (`Look`) to findings, its code declared
//! here, and a page in `diagnostics::lints` whose wrong example fires and whose right one stays
//! silent. What must hold: lints read statements as written, whether or not these compile, and stay
//! silent when in doubt; while there are errors, about all that is said elsewhere. Deliberately
//! absent: what is an error or what HAProxy warns of itself; that is `compile`'s.

mod binary_key;
mod condition;
mod contradiction;
mod counter_not_stored;
mod cut_key;
mod duplicate;
mod forgotten_var;
mod host_case;
mod host_port;
mod key_never_made;
mod map_target;
mod missing_unit;
mod mode_words;
mod model;
mod narrow_table;
mod needs_check;
mod no_minimum;
mod predefined_acl;
mod rule_order;
mod sample;
mod self_feeding;
mod shared_conn_cur;
mod short_expire;
mod track;
mod tracked;
mod tracked_late;
mod unreachable;
mod unset_variable;
mod untracked;
mod unused_acl;
mod unused_backend;
mod unused_table;
mod unused_var;
mod variables;
mod words;

use crate::syntax::{Code, Diagnostics, Document, FileId, Severity, Sources, Span};
use crate::vocab::host::Host;
use crate::vocab::line::span_of;
use model::Model;
use std::collections::HashSet;
pub use words::tokens;

/// An ACL that no condition uses.
pub const UNUSED_ACL: Code = Code("TG0801");
/// A backend that nothing sends to.
pub const UNUSED_BACKEND: Code = Code("TG0802");
/// A key that the table's type can hardly ever hold.
pub const KEY_NEVER_MADE: Code = Code("TG0803");
/// Bytes as a key of a `string` table.
pub const BINARY_KEY: Code = Code("TG0804");
/// A key that is longer than what the table keeps of it.
pub const CUT_KEY: Code = Code("TG0805");
/// Entries that expire before the period of a rate they store is over.
pub const SHORT_EXPIRE: Code = Code("TG0806");
/// A counter is read or written that the table does not store.
pub const COUNTER_NOT_STORED: Code = Code("TG0807");
/// A tracked counter is read that nothing tracks.
pub const UNTRACKED: Code = Code("TG0808");
/// A counter is tracked after the rule that reads it.
pub const TRACKED_LATE: Code = Code("TG0809");
/// A stick table that nothing uses.
pub const UNUSED_TABLE: Code = Code("TG0810");
/// A variable is set and never read.
pub const UNUSED_VAR: Code = Code("TG0811");
/// A variable is read and never set.
pub const FORGOTTEN_VAR: Code = Code("TG0812");
/// A variable is read when its scope has ended or not begun.
pub const VAR_OUT_OF_SCOPE: Code = Code("TG0813");
/// A rule that an earlier one always anticipates.
pub const UNREACHABLE: Code = Code("TG0814");
/// A condition that can never hold, or always does.
pub const CONTRADICTION: Code = Code("TG0815");
/// A host name compared with its case.
pub const HOST_CASE: Code = Code("TG0816");
/// A host name compared without the port that clients send.
pub const HOST_PORT: Code = Code("TG0817");
/// A server option that works with health checks only.
pub const NEEDS_CHECK: Code = Code("TG0818");
/// Words of one mode in a proxy of the other.
pub const WRONG_MODE: Code = Code("TG0819");
/// A table of one entry with many keys.
pub const NARROW_TABLE: Code = Code("TG0820");
/// A limit that counts what it refuses.
pub const SELF_FEEDING: Code = Code("TG0821");
/// A ratio that decides after a single request.
pub const NO_MINIMUM: Code = Code("TG0822");
/// `conn_cur` in a table shared with peers.
pub const SHARED_CONN_CUR: Code = Code("TG0823");
/// A map gives names that are no backends.
pub const MAP_TARGET: Code = Code("TG0824");
/// A duration without a unit, so milliseconds.
pub const MISSING_UNIT: Code = Code("TG0825");
/// The same line twice.
pub const DUPLICATE: Code = Code("TG0826");
/// An ACL of the same name as a predefined one.
pub const PREDEFINED_ACL: Code = Code("TG0827");
/// An environment variable of an address is not set.
pub const UNSET_VARIABLE: Code = Code("TG0828");
/// A `tidegate:allow` comment with a code that does not exist.
pub const UNKNOWN_ALLOWED: Code = Code("TG0890");
/// A `tidegate:allow` comment that silences nothing.
pub const NOTHING_ALLOWED: Code = Code("TG0891");

/// A configuration, and where it was read.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The texts.
    pub sources: &'a Sources,
    /// As written.
    pub document: &'a Document,
    /// The machine, to read files that the configuration names.
    pub host: &'a dyn Host,
}

/// What a lint looks at: the configuration, and what several lints ask of it.
struct Look<'a> {
    sources: &'a Sources,
    document: &'a Document,
    host: &'a dyn Host,
    model: Model<'a>,
}

/// Where a table is declared.
fn table_place(table: &model::Table<'_>) -> Span {
    span_of(&table.line.words)
}

/// Looks for one kind of mistake.
type Lint = fn(&Look<'_>, &mut Diagnostics);

/// Lints that judge what is there.
const OF_STATEMENTS: &[Lint] = &[
    binary_key::lint,
    contradiction::lint,
    counter_not_stored::lint,
    cut_key::lint,
    duplicate::lint,
    host_case::lint,
    host_port::lint,
    key_never_made::lint,
    missing_unit::lint,
    narrow_table::lint,
    no_minimum::lint,
    predefined_acl::lint,
    self_feeding::lint,
    shared_conn_cur::lint,
    short_expire::lint,
    unreachable::lint,
    unset_variable::lint,
];

/// Lints that judge what is missing, which a statement in error may have been meant to say.
const OF_THE_WHOLE: &[Lint] = &[
    forgotten_var::lint,
    map_target::lint,
    mode_words::lint,
    needs_check::lint,
    tracked_late::lint,
    untracked::lint,
    unused_acl::lint,
    unused_backend::lint,
    unused_table::lint,
    unused_var::lint,
];

/// Runs every lint; where errors were found, only those that judge what is there, on lines without
/// an error.
pub fn run(view: &View<'_>, diags: &mut Diagnostics) {
    let look = Look {
        sources: view.sources,
        document: view.document,
        host: view.host,
        model: Model::new(view.document, view.host),
    };
    if diags.has_errors() {
        beside_errors(&look, diags);
        return;
    }
    for lint in OF_STATEMENTS.iter().chain(OF_THE_WHOLE) {
        lint(&look, diags);
    }
}

/// Looks at lines without an error only.
fn beside_errors(look: &Look<'_>, diags: &mut Diagnostics) {
    let line = |span: Span| -> (FileId, u32) { (span.file, look.sources.position(span).line) };
    let errors = diags.iter().filter(|d| d.severity == Severity::Error);
    let labels = errors.flat_map(|error| &error.labels);
    let in_error: HashSet<_> = labels.map(|label| line(label.span)).collect();
    let mut found = Diagnostics::default();
    for lint in OF_STATEMENTS {
        lint(look, &mut found);
    }
    found.retain(|lint| {
        let mut labels = lint.labels.iter();
        !labels.any(|label| in_error.contains(&line(label.span)))
    });
    found.iter().cloned().for_each(|lint| diags.push(lint));
}
