//! `show threads`: what each worker is doing.

use super::answer::Answer;
use super::command::{Call, Command};
use crate::settings::AccessLevel;
use std::fmt::Write;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "show threads",
    "",
    "shows what each worker serves and how busy it is",
    AccessLevel::User,
    run,
)];

fn run(call: &mut Call<'_>) -> Answer {
    let mut text = String::new();
    for (number, load) in (1..).zip(call.control.load()) {
        // Writing to memory cannot fail.
        let _ = writeln!(
            text,
            "  Thread {number} : connections={} cpu={}% requests={}",
            load.connections, load.cpu_percent, load.requests
        );
    }
    Answer::text(text)
}
