//! `clear table`: removes entries that nothing refers to.

use super::answer::Answer;
use super::command::{Call, Command};
use super::tables::{self, Choice};
use crate::settings::AccessLevel;
use std::sync::Arc;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "clear table",
    "<table> [<filter>* | key <key> | ptr <ptr>]",
    "removes entries of a stick table",
    AccessLevel::Operator,
    run,
)];

const USAGE: &str = "Required arguments: <table> \"data.<store_data_type>\" <operator> <value> or <table> key <key> or <table> ptr <ptr>";
/// Entries that are looked at before others have their turn.
const TURN: usize = 1000;

fn run(call: &mut Call<'_>) -> Answer {
    if !call.has(2) {
        return Answer::error(USAGE);
    }
    let table = match tables::table(call) {
        Ok(table) => Arc::clone(table),
        Err(answer) => return answer,
    };
    let filters = match tables::choice(call, &table, USAGE, "Removing keys from") {
        Ok(Choice::Filtered(filters)) => filters,
        Ok(Choice::One(Some(entry))) if !table.remove(&entry) => {
            return Answer::error("Entry currently in use, cannot remove");
        }
        Ok(Choice::One(_)) => return Answer::Done,
        Err(answer) => return answer,
    };
    Answer::Later(Box::pin(async move {
        let entries = table.entries();
        for some in entries.chunks(TURN) {
            for entry in some {
                if filters.iter().all(|filter| filter.admits(&table, entry)) {
                    // One that is referred to stays.
                    table.remove(entry);
                }
            }
            tokio::task::yield_now().await;
        }
        Answer::Done
    }))
}
