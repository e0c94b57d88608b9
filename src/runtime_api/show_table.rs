//! `show table`: the stick tables, or the entries of one.

use super::answer::Answer;
use super::command::{Call, Command};
use super::tables::{self, Choice, Walk};
use crate::settings::{AccessLevel, SharedTable};
use crate::table::Table;
use std::sync::Arc;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "show table",
    "[<table> [<filter>* | key <key> | ptr <ptr>]]",
    "lists the stick tables, or the entries of one",
    AccessLevel::User,
    run,
)];

const USAGE: &str = "Optional argument only supports \"data.<store_data_type>\" <operator> <value> or key <key> or ptr <ptr>";

fn run(call: &mut Call<'_>) -> Answer {
    if !call.has(2) {
        // As HAProxy, the last one first.
        let tables = call.control.tables().to_vec();
        return Answer::each(tables.into_iter().rev(), |table, out| {
            tables::show_heading(&table, out)
        });
    }
    let table = match tables::table(call) {
        Ok(table) => Arc::clone(table),
        Err(answer) => return answer,
    };
    let shards = shards(call, &table);
    let mut heading = Vec::new();
    tables::show_heading(&table, &mut heading);
    let filters = match tables::choice(call, &table, USAGE, "Showing keys from") {
        Ok(Choice::Filtered(filters)) => filters,
        Ok(Choice::One(Some(entry))) => {
            tables::show_entry(&table, shards, &entry, &mut heading);
            return Answer::text(heading);
        }
        Ok(Choice::One(None)) => return Answer::Done,
        Err(answer) => return answer,
    };
    if call.session.level < AccessLevel::Operator {
        heading.extend_from_slice(b"# contents not dumped due to insufficient privileges\n");
        return Answer::text(heading);
    }
    let mut entries = Walk::new(&table);
    // What had expired is no longer counted.
    heading.clear();
    tables::show_heading(&table, &mut heading);
    Answer::pieces(move |out| {
        out.append(&mut heading);
        let Some(entry) = entries.next() else {
            return false;
        };
        if filters.iter().all(|filter| filter.admits(&table, &entry)) {
            tables::show_entry(&table, shards, &entry, out);
        }
        true
    })
}

/// How many shares the keys of a table fall into, for peers.
fn shards(call: &Call<'_>, table: &Arc<Table>) -> u32 {
    let mut tables = call.control.tables().iter();
    let number = tables.position(|known| Arc::ptr_eq(known, table));
    let is_it = |shared: &SharedTable| usize::try_from(shared.table).ok() == number;
    let mut sections = call.control.config().peers.iter();
    let section = sections.find(|section| section.tables.iter().any(is_it));
    section.map_or(0, |section| section.shards)
}
