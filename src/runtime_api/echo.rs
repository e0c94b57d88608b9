//! `echo`: repeats its words.

use super::answer::Answer;
use super::command::{Call, Command};
use crate::settings::AccessLevel;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "echo",
    "<text>",
    "prints <text>",
    AccessLevel::User,
    run,
)];

fn run(call: &mut Call<'_>) -> Answer {
    let words: Vec<_> = (1..call.words.len()).map(|at| call.shown(at)).collect();
    Answer::info(words.join(" "))
}
