//! `set maxconn server|frontend|global`: limits of connections.

use super::answer::Answer;
use super::command::{Call, Command};
use super::servers;
use crate::health::leading_number;
use crate::settings::AccessLevel;

pub(super) const COMMANDS: &[Command] = &[
    Command::new(
        "set maxconn server",
        "<backend>/<server> <value>",
        "sets the most concurrent requests of a server",
        AccessLevel::Admin,
        server,
    ),
    Command::new(
        "set maxconn frontend",
        "<frontend> <value>",
        "sets the most concurrent connections of a frontend",
        AccessLevel::Admin,
        frontend,
    ),
    Command::new(
        "set maxconn global",
        "<value>",
        "sets the most concurrent connections of the process",
        AccessLevel::Admin,
        global,
    ),
];

fn server(call: &mut Call<'_>) -> Answer {
    let named = match servers::server(call, 3) {
        Ok(named) => named,
        Err(answer) => return answer,
    };
    let text = call.text(4);
    match leading_number(&text) {
        _ if text.is_empty() => Answer::error("Require <maxconn>."),
        (None, _) => Answer::error("maxconn string empty or preceded by garbage"),
        (Some(value), "") => {
            named.pool.set_maxconn(named.place.server, limit(value));
            Answer::Done
        }
        (Some(_), _) => Answer::error("Trailing garbage in maxconn string"),
    }
}

fn frontend(call: &mut Call<'_>) -> Answer {
    let frontend = match super::frontends::frontend(call, 3) {
        Ok(frontend) => frontend,
        Err(answer) => return answer,
    };
    if !call.has(4) {
        return Answer::error("Integer value expected.");
    }
    match leading_number(&call.text(4)).0.unwrap_or(0) {
        ..0 => Answer::error("Value out of range."),
        value => {
            call.control.set_frontend_maxconn(frontend, limit(value));
            Answer::Done
        }
    }
}

fn global(call: &mut Call<'_>) -> Answer {
    if !call.has(3) {
        return Answer::error("Expects an integer value.");
    }
    let most = i64::from(call.control.config().global.maxconn);
    match leading_number(&call.text(3)).0.unwrap_or(0) {
        value if value > most => Answer::error("Value out of range."),
        // As in the configuration.
        ..=0 => {
            call.control.set_maxconn(limit(most));
            Answer::Done
        }
        value => {
            call.control.set_maxconn(limit(value));
            Answer::Done
        }
    }
}

/// What a limit can be; a negative one is none.
fn limit(value: i64) -> u32 {
    u32::try_from(value.max(0)).unwrap_or(u32::MAX)
}
