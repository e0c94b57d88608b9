//! `show env`: the environment as the configuration left it.

use super::answer::Answer;
use super::command::{Call, Command};
use crate::settings::AccessLevel;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "show env",
    "[<name>]",
    "shows environment variables, or one of them",
    AccessLevel::Operator,
    run,
)];

fn run(call: &mut Call<'_>) -> Answer {
    let environment = &call.control.config().environment;
    let line = |(name, value): (&[u8], &[u8])| [name, b"=", value, b"\n"].concat();
    if !call.has(2) {
        return Answer::text(environment.iter().flat_map(line).collect::<Vec<u8>>());
    }
    match environment.get(call.bytes(2)) {
        Some(value) => Answer::text(line((call.bytes(2), value))),
        None => Answer::error("Variable not found"),
    }
}
