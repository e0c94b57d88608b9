//! TG0807: a counter that the table in question does not store.

use super::model::{Model, Proxy};
use super::tracked::{self, Read};
use super::{COUNTER_NOT_STORED, Look, sample};
use crate::syntax::{Diagnostic, Diagnostics, Word};
use crate::table::Layout;

pub(super) fn lint(look: &Look<'_>, diags: &mut Diagnostics) {
    for proxy in &look.model.proxies {
        for statement in proxy.statements() {
            for sample in sample::of_statement(&statement.words) {
                for call in sample.calls() {
                    if let Some(read) = tracked::read(call) {
                        check(&look.model, proxy, call.name, sample.word, &read, diags);
                    }
                }
            }
            if let Some((word, read)) = tracked::written(statement) {
                check(&look.model, proxy, sample::text(word), word, &read, diags);
            }
        }
    }
}

fn check(
    model: &Model<'_>,
    proxy: &Proxy<'_>,
    name: &str,
    word: &Word,
    read: &Read<'_>,
    diags: &mut Diagnostics,
) {
    let table = match (read.table, read.slot) {
        (None, Some(slot)) => tracked::table_of_slot(model, proxy, slot),
        (name, _) => model.table_of(name, proxy),
    };
    let Some(table) = table else {
        return;
    };
    let layout = Layout::new(&table.spec.store);
    let stored = |kind| layout.slot(kind, read.index).is_some();
    if read.kinds.is_empty() || read.kinds.iter().any(|&kind| stored(kind)) {
        return;
    }
    let wanted = read.kinds.first().map_or("", |kind| kind.name());
    let message = format!(
        "'{name}' finds nothing: table '{}' does not store '{wanted}'",
        table.spec.name
    );
    diags.push(
        Diagnostic::lint(COUNTER_NOT_STORED, message)
            .at(word.span, "")
            .at(super::table_place(table), "the table")
            .help(format!("add '{wanted}' to the table's 'store'")),
    );
}
