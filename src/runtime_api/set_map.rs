//! `set map`: gives an entry of a map another value.

use super::answer::Answer;
use super::command::{Call, Command};
use super::patterns::{self, Kind};
use crate::settings::AccessLevel;
use crate::vocab::pattern::EditError;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "set map",
    "<map> {<key>|#<ref>} <value>",
    "changes the value of entries of a map",
    AccessLevel::Admin,
    run,
)];

fn run(call: &mut Call<'_>) -> Answer {
    if !(2..=4).all(|index| call.has(index)) {
        return Answer::error("'set map' expects three parameters: map identifier, key and value.");
    }
    let Some(list) = patterns::any_list(call, 2) else {
        return Kind::Map.unknown();
    };
    let value = call.bytes(4);
    match patterns::entry(call.bytes(3)) {
        Some(Err(answer)) => answer,
        Some(Ok(id)) => match list.set_entry(id, value) {
            Err(EditError::NotFound) => Answer::error("key or pattern not found."),
            other => patterns::outcome(other),
        },
        None => patterns::outcome(list.set(call.bytes(3), value)),
    }
}
