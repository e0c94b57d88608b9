//! `expert-mode` and `experimental-mode`: whether commands for those who know are there.

use super::answer::Answer;
use super::command::{Call, Command};
use crate::settings::AccessLevel;

pub(super) const COMMANDS: &[Command] = &[
    Command::new(
        "expert-mode",
        "[on|off]",
        "shows or sets whether commands that may do harm can be called",
        AccessLevel::Admin,
        |call| run(call, |call| &mut call.session.expert),
    ),
    Command::new(
        "experimental-mode",
        "[on|off]",
        "shows or sets whether commands that may change can be called",
        AccessLevel::Admin,
        |call| run(call, |call| &mut call.session.experimental),
    ),
];

fn run(call: &mut Call<'_>, mode: for<'c> fn(&'c mut Call<'_>) -> &'c mut bool) -> Answer {
    call.session.no_line_end = call.has(1) && call.bytes(2) == b"-";
    if !call.has(1) {
        let name = call.text(0).into_owned();
        let state = if *mode(call) { "ON" } else { "OFF" };
        return Answer::info(format!("{name} is {state}"));
    }
    *mode(call) = call.bytes(1) == b"on";
    Answer::Done
}
