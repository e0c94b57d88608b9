//! `enable|disable dynamic-cookie backend`, `set dynamic-cookie-key backend`: the values that servers
//! get for their persistence cookies.

use super::answer::Answer;
use super::command::{Call, Command};
use super::servers;
use crate::compile::config::Backend;
use crate::settings::AccessLevel;

pub(super) const COMMANDS: &[Command] = &[
    Command::new(
        "enable dynamic-cookie backend",
        "<backend>",
        "gives servers without a cookie one made from their address",
        AccessLevel::Admin,
        |call| change(call, |backend, _| give(backend, true)),
    ),
    Command::new(
        "disable dynamic-cookie backend",
        "<backend>",
        "takes such cookies away",
        AccessLevel::Admin,
        |call| change(call, |backend, _| give(backend, false)),
    ),
    Command::new(
        "set dynamic-cookie-key backend",
        "<backend> <key>",
        "changes the secret that cookies are made with",
        AccessLevel::Admin,
        |call| change(call, set_key),
    ),
];

/// Does something to the backend that the fourth word names, and then gives its servers what they
/// get now.
fn change(call: &mut Call<'_>, how: fn(&Backend, &Call<'_>) -> Option<Answer>) -> Answer {
    let index = match servers::backend(call, 3) {
        Ok(index) => index,
        Err(answer) => return answer,
    };
    let backend = call.control.config().backends.get(index);
    let state = call.control.backends().get(index);
    let (Some(backend), Some(state)) = (backend, state) else {
        return Answer::error("No such backend.");
    };
    if let Some(answer) = how(backend, call) {
        return answer;
    }
    let dynamic = &backend.newcomers.cookies;
    for (at, server) in backend.servers.present() {
        if let Some(state) = state.servers().get(at) {
            dynamic.give(&server.cookie, state.addr().as_deref());
        }
    }
    Answer::Done
}

fn give(backend: &Backend, on: bool) -> Option<Answer> {
    let dynamic = &backend.newcomers.cookies;
    dynamic.turn(on);
    if !on {
        let servers = backend.servers.present();
        servers.for_each(|(_, server)| dynamic.take(&server.cookie));
    }
    None
}

fn set_key(backend: &Backend, call: &Call<'_>) -> Option<Answer> {
    if !call.has(4) {
        return Some(Answer::error("String value expected."));
    }
    backend.newcomers.cookies.set_key(call.bytes(4));
    None
}
