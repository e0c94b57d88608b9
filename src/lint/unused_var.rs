//! TG0811: a variable that is set and never read.

use super::{Look, UNUSED_VAR, variables};
use crate::syntax::{Diagnostic, Diagnostics};
use std::collections::HashSet;

pub(super) fn lint(look: &Look<'_>, diags: &mut Diagnostics) {
    let Some(uses) = variables::uses(look) else {
        return;
    };
    let reads = uses.iter().filter(|one| !one.sets && !one.unsets);
    let mut known: HashSet<&str> = reads.map(|read| read.name).collect();
    for set in uses.iter().filter(|one| one.sets) {
        if known.insert(set.name) {
            let message = format!("variable '{}' is set and never read", set.name);
            diags.push(
                Diagnostic::lint(UNUSED_VAR, message)
                    .at(set.word.span, "")
                    .help(format!(
                        "read it with 'var({})', or remove the line",
                        set.name
                    )),
            );
        }
    }
}
