//! `show version`: the version of HAProxy that commands are compatible with.

use super::answer::Answer;
use super::command::Command;
use crate::settings::AccessLevel;
use crate::version::HAPROXY;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "show version",
    "",
    "shows the version",
    AccessLevel::User,
    |_| Answer::info(HAPROXY),
)];
