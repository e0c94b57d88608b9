//! `debug dev`: those of HAProxy's commands for developers that mean something here.
//!
//! Deliberately absent: what reaches into the memory of the process or stops a thread.

use super::answer::Answer;
use super::command::{Call, Command, Restriction};
use crate::observe::log::level;
use crate::settings::AccessLevel;

pub(super) const COMMANDS: &[Command] = &[
    Command::new(
        "debug dev hash",
        "[<text>]",
        "shows what hides <text> from this session",
        AccessLevel::User,
        |call| {
            let text = call.shown(3);
            Answer::info(call.session.anon.text(&text).into_owned())
        },
    ),
    Command {
        restriction: Restriction::Expert,
        ..Command::new(
            "debug dev log",
            "[<text>]...",
            "sends a line to the process's log",
            AccessLevel::Admin,
            log,
        )
    },
    Command {
        restriction: Restriction::Expert,
        ..Command::new(
            "debug dev write",
            "<size>",
            "answers so many bytes",
            AccessLevel::User,
            write,
        )
    },
];

fn log(call: &mut Call<'_>) -> Answer {
    let words = call.words.get(3..).unwrap_or_default();
    call.control.log(level::INFO, &words.join(&b' '));
    Answer::Done
}

/// Lines of dots; a size that is no number is 0.
fn write(call: &mut Call<'_>) -> Answer {
    if !call.has(3) {
        return Answer::error("Missing output size.");
    }
    let size = call.text(3).parse().unwrap_or(0);
    if size >= call.control.config().global.bufsize {
        return Answer::error("Output too large, must be <tune.bufsize.");
    }
    let mut text = ".".repeat(size).into_bytes();
    for end in text.iter_mut().skip(64).step_by(64) {
        *end = b'\n';
    }
    text.push(b'\n');
    Answer::text(text)
}
