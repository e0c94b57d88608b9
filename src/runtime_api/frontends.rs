//! `enable`, `disable` and `shutdown frontend`: whether connections are taken in.
//!
//! The sockets of a disabled frontend do not listen, and who connects is refused, but for sockets that
//! others gave us: there who connects waits. What is shut stays so until a reload.

use super::answer::{Answer, Severity};
use super::command::{Call, Command};
use crate::proxy::Door;
use crate::settings::AccessLevel;
use tokio::sync::oneshot;

pub(super) const COMMANDS: &[Command] = &[
    Command::new(
        "enable frontend",
        "<frontend>",
        "takes connections in again",
        AccessLevel::Admin,
        |call| switch(call, Door::Open),
    ),
    Command::new(
        "disable frontend",
        "<frontend>",
        "takes no connections in for now",
        AccessLevel::Admin,
        |call| switch(call, Door::Paused),
    ),
    Command::new(
        "shutdown frontend",
        "<frontend>",
        "closes the sockets of a frontend",
        AccessLevel::Admin,
        |call| switch(call, Door::Shut),
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

fn switch(call: &mut Call<'_>, wanted: Door) -> Answer {
    let index = match frontend(call, 2) {
        Ok(index) => index,
        Err(answer) => return answer,
    };
    let config = call.control.config().frontends.get(index);
    let door = match config.is_some_and(|frontend| frontend.disabled) {
        true => Door::Shut,
        false => call.control.frontend_door(index),
    };
    let notice = |text: &'static str| Answer::message(Severity::Notice, text);
    match (door, wanted) {
        (Door::Shut, Door::Open) => {
            return Answer::error("Frontend was previously shut down, cannot enable.");
        }
        (Door::Shut, Door::Paused) => {
            return notice("Frontend was previously shut down, cannot disable.");
        }
        (Door::Shut, Door::Shut) => return notice("Frontend was already shut down."),
        (Door::Open, Door::Open) => return notice("All sockets are already enabled."),
        (Door::Paused, Door::Paused) => return notice("All sockets are already disabled."),
        _ => {}
    }
    let (told, done) = oneshot::channel();
    // Nobody listens any more if the client has gone.
    let tell = |is_so| {
        let _ = told.send(is_so);
    };
    call.control.orders().frontend(index, wanted, tell);
    Answer::Later(Box::pin(async move {
        match done.await {
            Ok(false) => Answer::error(
                "Failed to resume frontend, check logs for precise cause (port conflict?).",
            ),
            // A process that ends does not tell.
            Ok(true) | Err(_) => Answer::Done,
        }
    }))
}
