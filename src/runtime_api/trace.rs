//! `trace`, `show trace`: nothing here writes traces, so there is no source to name.

use super::answer::{Answer, Severity};
use super::command::{Call, Command};
use crate::settings::AccessLevel;

pub(super) const COMMANDS: &[Command] = &[
    Command::new(
        "trace",
        "[0|all]",
        "lists what writes traces, which is nothing, or stops it",
        AccessLevel::Operator,
        trace,
    ),
    Command::new(
        "show trace",
        "",
        "shows what writes traces: nothing",
        AccessLevel::User,
        show,
    ),
];

const HEADING: &str = "Supported trace sources and states (.=stopped, w=waiting, R=running) :\n";

fn trace(call: &mut Call<'_>) -> Answer {
    match call.bytes(1) {
        b"" => Answer::message(
            Severity::Warning,
            format!(
                "{HEADING} [.] 0          : not a source, will immediately stop all traces\n \
                 [.] all        : all sources below, only for 'sink', 'level' and 'follow'\n"
            ),
        ),
        b"0" => Answer::message(Severity::Notice, "All traces now stopped"),
        // To all there are.
        b"all" => Answer::Done,
        _ => Answer::error(format!("No such trace source '{}'", call.shown(1))),
    }
}

fn show(call: &mut Call<'_>) -> Answer {
    match call.has(2) {
        false => Answer::info(HEADING),
        true if call.session.level < AccessLevel::Operator => {
            Answer::error(super::command::PERMISSION_DENIED)
        }
        true => Answer::error("No such trace source"),
    }
}
