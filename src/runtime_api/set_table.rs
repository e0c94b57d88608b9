//! `set table`: makes an entry of a stick table, or changes its values.

use super::answer::Answer;
use super::command::{Call, Command};
use super::tables;
use crate::settings::AccessLevel;
use crate::table::{Entry, Slot, Storage, Table};
use std::sync::Arc;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "set table",
    "<table> {key <key> | ptr <ptr>} [data.<type> <value>]*",
    "makes or changes an entry of a stick table",
    AccessLevel::Operator,
    run,
)];

const USAGE: &str = "Required arguments: <table> key <key> [data.<store_data_type> <value>]* or <table> ptr <ptr> [data.<store_data_type> <value>]*";

fn run(call: &mut Call<'_>) -> Answer {
    if !call.has(2) {
        return Answer::error(USAGE);
    }
    let table = match tables::table(call) {
        Ok(table) => Arc::clone(table),
        Err(answer) => return answer,
    };
    let entry = match entry(call, &table) {
        Ok(entry) => entry,
        Err(answer) => return answer,
    };
    // As in HAProxy, what stands before a mistake is set.
    let mut at = 5;
    while call.has(at) {
        match value(call, &table, at) {
            Ok((slot, value)) => drop(table.set(&entry, slot, value, table.now())),
            Err(why) => return Answer::error(why),
        }
        at += 2;
    }
    table.touch(&entry);
    Answer::Done
}

fn entry(call: &Call<'_>, table: &Table) -> Result<Arc<Entry>, Answer> {
    match call.bytes(3) {
        b"key" => {
            let key = tables::key(call, table, "Inserting keys into")?;
            let made = table.find_or_create(key.bytes());
            made.ok_or_else(|| Answer::error("Unable to allocate a new entry"))
        }
        b"ptr" => tables::at_address(call, table),
        word if word.starts_with(b"data.") => Err(Answer::error(
            "content-based lookup is only supported with the \"show\" and \"clear\" actions",
        )),
        b"" => Err(Answer::Done),
        _ => Err(Answer::error(USAGE)),
    }
}

fn value(call: &Call<'_>, table: &Table, at: usize) -> Result<(Slot, u64), &'static str> {
    let word = call.text(at);
    if !word.starts_with("data.") {
        return Err("\"data.<type>\" followed by a value expected");
    }
    let (kind, index) = tables::data_type(&word).ok_or("Unknown data type")?;
    if table.layout().find(kind).is_none() || kind.storage() == Storage::Text {
        return Err("Data type not stored in this table");
    }
    let value = tables::integer(&call.text(at + 1));
    let value = value.ok_or("Require a valid integer value to store")?;
    let slot = table.layout().slot(kind, index);
    let slot = slot.ok_or("index out of range in this data array")?;
    Ok((slot, value as u64))
}
