//! `enable|disable server|health|agent`: takes a server out of service and back, or its checks.

use super::answer::Answer;
use super::command::{Call, Command};
use super::servers;
use crate::health::CheckKind;
use crate::settings::AccessLevel;

pub(super) const COMMANDS: &[Command] = &[
    Command::new(
        "enable server",
        "<backend>/<server>",
        "puts a server back into service",
        AccessLevel::Admin,
        |call| {
            act(call, |call, named| {
                call.control.health().set_ready(named.place);
            })
        },
    ),
    Command::new(
        "disable server",
        "<backend>/<server>",
        "puts a server into maintenance",
        AccessLevel::Admin,
        |call| {
            act(call, |call, named| {
                call.control.health().set_maint(named.place, "");
            })
        },
    ),
    Command::new(
        "enable health",
        "<backend>/<server>",
        "resumes the health checks of a server",
        AccessLevel::Admin,
        |call| enable(call, CheckKind::Health),
    ),
    Command::new(
        "disable health",
        "<backend>/<server>",
        "suspends the health checks of a server",
        AccessLevel::Admin,
        |call| disable(call, CheckKind::Health),
    ),
    Command::new(
        "enable agent",
        "<backend>/<server>",
        "resumes the agent checks of a server",
        AccessLevel::Admin,
        |call| enable(call, CheckKind::Agent),
    ),
    Command::new(
        "disable agent",
        "<backend>/<server>",
        "suspends the agent checks of a server",
        AccessLevel::Admin,
        |call| disable(call, CheckKind::Agent),
    ),
];

fn act(call: &mut Call<'_>, act: fn(&Call<'_>, &servers::Named<'_>)) -> Answer {
    match servers::server(call, 2) {
        Ok(named) => {
            act(call, &named);
            Answer::Done
        }
        Err(answer) => answer,
    }
}

fn enable(call: &mut Call<'_>, kind: CheckKind) -> Answer {
    let place = match servers::server(call, 2) {
        Ok(named) => named.place,
        Err(answer) => return answer,
    };
    match (call.control.health().enable(place, kind, true), kind) {
        (true, _) => Answer::Done,
        (false, CheckKind::Health) => {
            Answer::error("Health check was not configured on this server, cannot enable.")
        }
        (false, CheckKind::Agent) => {
            Answer::error("Agent was not configured on this server, cannot enable.")
        }
    }
}

fn disable(call: &mut Call<'_>, kind: CheckKind) -> Answer {
    match servers::server(call, 2) {
        Ok(named) => {
            // A server without such a check has none that runs.
            call.control.health().enable(named.place, kind, false);
            Answer::Done
        }
        Err(answer) => answer,
    }
}
