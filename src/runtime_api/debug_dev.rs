//! `debug dev log`: a line to the process's log, to see where it arrives.

use super::answer::Answer;
use super::command::{Call, Command, Restriction};
use crate::observe::log::level;
use crate::settings::AccessLevel;

pub(super) const COMMANDS: &[Command] = &[Command {
    restriction: Restriction::Expert,
    ..Command::new(
        "debug dev log",
        "[<text>]...",
        "sends a line to the process's log",
        AccessLevel::Admin,
        run,
    )
}];

fn run(call: &mut Call<'_>) -> Answer {
    let words = call.words.get(3..).unwrap_or_default();
    call.control.log(level::INFO, &words.join(&b' '));
    Answer::Done
}
