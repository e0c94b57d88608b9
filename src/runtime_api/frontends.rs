//! `enable frontend`, `disable frontend`: lets who connects wait, and takes them in again.

use super::answer::{Answer, Severity};
use super::command::{Call, Command};
use crate::settings::AccessLevel;

pub(super) const COMMANDS: &[Command] = &[
    Command::new(
        "enable frontend",
        "<frontend>",
        "takes connections in again",
        AccessLevel::Admin,
        |call| switch(call, true),
    ),
    Command::new(
        "disable frontend",
        "<frontend>",
        "lets new connections wait in the kernel's queue",
        AccessLevel::Admin,
        |call| switch(call, false),
    ),
];

/// The index of the frontend that the word at `index` names.
pub(super) fn frontend(call: &Call<'_>, index: usize) -> Result<usize, Answer> {
    if !call.has(index) {
        return Err(Answer::error("A frontend name is expected."));
    }
    let name = call.text(index);
    let frontends = &call.control.config().frontends;
    let found = frontends
        .iter()
        .position(|frontend| *frontend.name == *name);
    found.ok_or_else(|| Answer::error("No such frontend."))
}

fn switch(call: &mut Call<'_>, accepts: bool) -> Answer {
    let index = match frontend(call, 2) {
        Ok(index) => index,
        Err(answer) => return answer,
    };
    let is_disabled = call
        .control
        .config()
        .frontends
        .get(index)
        .is_some_and(|f| f.disabled);
    match (is_disabled, accepts) {
        (true, true) => Answer::error("Frontend was previously shut down, cannot enable."),
        (true, false) => Answer::message(
            Severity::Notice,
            "Frontend was previously shut down, cannot disable.",
        ),
        (false, _) if call.control.open_frontend(index, accepts) => Answer::Done,
        (false, true) => Answer::message(Severity::Notice, "All sockets are already enabled."),
        (false, false) => Answer::message(Severity::Notice, "All sockets are already disabled."),
    }
}
