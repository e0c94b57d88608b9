//! `shutdown session`, `shutdown sessions server`: closes connections at once.

use super::answer::Answer;
use super::command::{Call, Command};
use super::servers;
use super::show_sess::address;
use crate::settings::AccessLevel;
use std::sync::Arc;

pub(super) const COMMANDS: &[Command] = &[
    Command::new(
        "shutdown session",
        "<id>",
        "closes the connection of a stream",
        AccessLevel::Admin,
        one,
    ),
    Command::new(
        "shutdown sessions server",
        "<backend>/<server>",
        "closes all connections that are served by a server",
        AccessLevel::Admin,
        of_server,
    ),
];

fn of_server(call: &mut Call<'_>) -> Answer {
    match servers::server(call, 3) {
        Ok(named) => {
            call.control.shut_down_streams(named.place);
            Answer::Done
        }
        Err(answer) => answer,
    }
}

fn one(call: &mut Call<'_>) -> Answer {
    let Some(wanted) = address(&call.text(2)) else {
        return Answer::error("Session pointer expected (use 'show sess').");
    };
    let mut walk = call.control.streams();
    while let Some(some) = walk.some() {
        if let Some(view) = some.iter().find(|view| Arc::as_ptr(view).addr() == wanted) {
            view.shut_down();
            return Answer::Done;
        }
    }
    Answer::error("No such session (use 'show sess').")
}
