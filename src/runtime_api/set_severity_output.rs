//! `set severity-output`: whether messages start with how severe they are.

use super::answer::Answer;
use super::command::{Call, Command};
use crate::settings::{AccessLevel, SeverityOutput};

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "set severity-output",
    "{none|number|string}",
    "sets what precedes the messages of this connection",
    AccessLevel::User,
    run,
)];

fn run(call: &mut Call<'_>) -> Answer {
    call.session.no_line_end = call.bytes(3) == b"-";
    let Some(output) = SeverityOutput::find(&call.text(2)) else {
        return Answer::error("one of 'none', 'number', 'string' is a required argument");
    };
    call.session.severity = output;
    Answer::Done
}
