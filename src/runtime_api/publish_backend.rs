//! `publish backend`, `unpublish backend`: whether requests are given to a backend.
//!
//! Rules that lead to one that is not published are passed over, but for `force-be-switch`. Its
//! checks go on.

use super::answer::{Answer, Severity};
use super::command::{Call, Command};
use super::servers;
use crate::settings::AccessLevel;

pub(super) const COMMANDS: &[Command] = &[
    Command::new(
        "publish backend",
        "<backend>",
        "lets requests be given to a backend",
        AccessLevel::Admin,
        |call| publish(call, true),
    ),
    Command::new(
        "unpublish backend",
        "<backend>",
        "passes a backend over",
        AccessLevel::Admin,
        |call| publish(call, false),
    ),
];

fn publish(call: &mut Call<'_>, published: bool) -> Answer {
    let index = match servers::backend(call, 2) {
        Ok(index) => index,
        Err(answer) => return answer,
    };
    let config = call.control.config().backends.get(index);
    if config.is_some_and(|backend| backend.disabled) {
        return Answer::error("No effect on a disabled backend.");
    }
    if let Some(state) = call.control.backends().get(index) {
        state.publish(published);
    }
    Answer::message(
        Severity::Info,
        match published {
            true => "Backend published.",
            false => "Backend unpublished.",
        },
    )
}
