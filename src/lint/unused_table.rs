//! TG0810: a table that no rule, fetch, converter or peer of the configuration uses.

use super::{Look, UNUSED_TABLE, sample, tokens};
use crate::syntax::{Diagnostic, Diagnostics};

pub(super) fn lint(look: &Look<'_>, diags: &mut Diagnostics) {
    for table in look.model.tables_in_order() {
        let name = table.spec.name.as_str();
        if table.shared || is_named(look, name) {
            continue;
        }
        let own = look.model.proxies.iter().filter(|proxy| proxy.name == name);
        let used = own.flat_map(|proxy| {
            let tracks = proxy.tracks.iter().any(|rule| rule.table.is_none());
            let sticks = proxy.lines("stick").next().is_some();
            let reads = proxy.statements().any(|statement| {
                let samples = sample::of_statement(&statement.words);
                samples.iter().flat_map(|s| s.calls()).any(|call| {
                    call.name.starts_with("src_")
                        || call.name.starts_with("table_")
                        || call.name == "in_table"
                })
            });
            [tracks, sticks, reads]
        });
        if !used.into_iter().any(|used| used) {
            let message = format!("stick table '{name}' is never used");
            diags.push(
                Diagnostic::lint(UNUSED_TABLE, message)
                    .at(super::table_place(table), "nothing tracks, sticks or reads")
                    .help("add a 'track-sc' rule or a 'stick' line, or remove the table"),
            );
        }
    }
}

/// Whether a statement names the table as an argument.
fn is_named(look: &Look<'_>, name: &str) -> bool {
    look.model.proxies.iter().any(|proxy| {
        proxy.statements().any(|statement| {
            let words = statement.words.iter();
            let by_word = super::words::option(&statement.words, b"table");
            by_word.is_some_and(|word| *word == name)
                || words
                    .filter(|word| word.bytes.contains(&b'('))
                    .any(|word| tokens(&word.bytes).any(|token| token == name.as_bytes()))
        })
    })
}
