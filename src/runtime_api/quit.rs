//! `quit`: ends the connection.

use super::answer::Answer;
use super::command::Command;
use crate::settings::AccessLevel;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "quit",
    "",
    "disconnects",
    AccessLevel::User,
    |call| {
        call.session.quits = true;
        Answer::Done
    },
)];
