//! `dump stats-file`: what was counted, in the form that `stats-file` reads at start.

use super::answer::Answer;
use super::command::{Call, Command};
use crate::settings::AccessLevel;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "dump stats-file",
    "",
    "writes what was counted, for 'stats-file'",
    AccessLevel::Admin,
    |call: &mut Call<'_>| Answer::text(call.control.stats_file()),
)];
