//! `show resolvers`: there are none, since names are looked up by the system.

use super::answer::Answer;
use super::command::Command;
use crate::settings::AccessLevel;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "show resolvers",
    "[<name>]",
    "shows resolvers; there are none",
    AccessLevel::User,
    |call| match call.has(2) {
        true => Answer::error("Can't find that resolvers section"),
        false => Answer::text("No resolvers found\n"),
    },
)];
