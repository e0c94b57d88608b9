//! `set rate-limit`: how many connections or sessions the process takes in per second, and how much
//! it compresses.

use super::answer::Answer;
use super::command::{Call, Command};
use crate::settings::AccessLevel;
use crate::vocab::args::leading_integer;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "set rate-limit",
    "{connections|sessions|http-compression} global <number>",
    "sets how many may come, or kB be compressed, per second",
    AccessLevel::Admin,
    run,
)];

const USAGE: &str = "\
'set rate-limit' only supports :
   - 'connections global' to set the per-process maximum connection rate
   - 'sessions global' to set the per-process maximum session rate
   - 'http-compression global' to set the per-process maximum compression speed in kB/s";

fn run(call: &mut Call<'_>) -> Answer {
    let what = call.text(2).into_owned();
    let is_known = matches!(&*what, "connections" | "sessions" | "http-compression");
    if !is_known || call.bytes(3) != b"global" {
        return Answer::error(USAGE);
    }
    if !call.has(4) {
        return Answer::error("Expects an integer value.");
    }
    let Ok(most) = u32::try_from(leading_integer(&call.text(4)).0) else {
        return Answer::error("Value out of range.");
    };
    match &*what {
        "connections" => call.control.set_connection_rate(most),
        "sessions" => call.control.set_session_rate(most),
        _ => call.control.set_compression_rate(most.saturating_mul(1024)),
    }
    Answer::Done
}
