//! `clear counters [all]`: forgets maxima, or all counts.

use super::answer::Answer;
use super::command::{Call, Command, PERMISSION_DENIED};
use crate::settings::AccessLevel;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "clear counters",
    "[all]",
    "forgets the maxima of statistics, or all counts",
    AccessLevel::Operator,
    run,
)];

fn run(call: &mut Call<'_>) -> Answer {
    let all = call.bytes(2) == b"all";
    if all && call.session.level < AccessLevel::Admin {
        return Answer::error(PERMISSION_DENIED);
    }
    call.control.clear_counters(all);
    Answer::Done
}
