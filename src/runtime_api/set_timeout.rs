//! `set timeout cli`: how long this connection may be silent.

use super::answer::Answer;
use super::command::{Call, Command};
use crate::settings::AccessLevel;
use crate::vocab::args::{self, TimeUnit};

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "set timeout",
    "cli <delay>",
    "sets how long this connection may be silent",
    AccessLevel::User,
    run,
)];

fn run(call: &mut Call<'_>) -> Answer {
    if call.bytes(2) != b"cli" {
        return Answer::error("'set timeout' only supports 'cli'.");
    }
    if !call.has(3) {
        return Answer::error("Expects an integer value.");
    }
    match args::duration(&call.text(3), TimeUnit::Seconds) {
        Ok(seconds @ 1..) => {
            call.session.timeout = seconds.saturating_mul(1000);
            Answer::Done
        }
        _ => Answer::error("Invalid timeout value."),
    }
}
