//! `prompt`: one line or many, with a prompt or without.

use super::answer::Answer;
use super::command::{Call, Command};
use crate::settings::AccessLevel;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "prompt",
    "[help | n | i | p | timed]*",
    "switches interactive mode and the prompt",
    AccessLevel::User,
    run,
)];

const USAGE: &str = "\
Usage: prompt [help | n | i | p | timed]*
Switches how many lines are answered, and the prompt:
  help    shows this
  n       one line is answered, without a prompt
  i       lines are answered until the end, without a prompt
  p       lines are answered until the end, with a prompt
  timed   the prompt tells for how long the process has run, or no longer does
Without any of them: from p to n, else to p.";

fn run(call: &mut Call<'_>) -> Answer {
    let mut mode = None;
    let mut toggles_time = false;
    for word in call.words.get(1..).unwrap_or_default() {
        match word.as_slice() {
            b"n" => mode = Some((false, false)),
            b"i" => mode = Some((true, false)),
            b"p" => mode = Some((true, true)),
            b"timed" => toggles_time = true,
            b"help" => return Answer::info(USAGE),
            _ => return Answer::error(USAGE),
        }
    }
    let session = &mut *call.session;
    session.timed ^= toggles_time;
    let switched = match (session.interactive, session.prompt) {
        (true, true) if !toggles_time => (false, false),
        _ => (true, true),
    };
    (session.interactive, session.prompt) = mode.unwrap_or(switched);
    Answer::Done
}
