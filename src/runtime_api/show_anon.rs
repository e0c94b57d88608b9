//! `show anon`: whether names are hidden in what commands show. They never are.

use super::answer::Answer;
use super::command::Command;
use crate::settings::AccessLevel;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "show anon",
    "",
    "shows whether names are hidden: they never are",
    AccessLevel::User,
    |_| Answer::info("Anonymized mode disabled"),
)];
