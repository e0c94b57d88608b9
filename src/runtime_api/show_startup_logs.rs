//! `show startup-logs`: what was found in the configuration the process started with.

use super::answer::Answer;
use super::command::Command;
use crate::settings::AccessLevel;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "show startup-logs",
    "",
    "shows the warnings of the start",
    AccessLevel::Operator,
    |call| Answer::text(call.control.findings()),
)];
