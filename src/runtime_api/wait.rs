//! `wait`: for some time, or until a server is no longer in use.

use super::answer::Answer;
use super::command::{Call, Command};
use super::servers;
use crate::backend::{Admin, BackendState};
use crate::clock::{Clock, Millis};
use crate::net::Wheel;
use crate::net::timer::sleep;
use crate::settings::AccessLevel;
use crate::vocab::args::{self, TimeUnit};
use std::sync::Arc;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "wait",
    "{-h | <delay>} [srv-removable <backend>/<server>]",
    "waits for a time, or until something is so",
    AccessLevel::Admin,
    run,
)];

const USAGE: &str = "\
Usage: wait {-h | <duration>} [srv-removable <backend>/<server>]
Waits as long as that, in milliseconds unless it has a unit, or until the server is in maintenance
and serves nobody any more.";
const IN_USE: &str = "Server still has connections attached to it, cannot remove it.";

fn run(call: &mut Call<'_>) -> Answer {
    if !call.has(1) {
        return Answer::error("Expects a duration in milliseconds.");
    }
    if call.bytes(1) == b"-h" || call.bytes(2) == b"-h" {
        return Answer::info(USAGE);
    }
    let Ok(delay @ 1..) = args::duration(&call.text(1), TimeUnit::Millis) else {
        return Answer::error("Invalid duration.");
    };
    let server = match call.bytes(2) {
        b"" => None,
        b"srv-removable" if !call.has(3) => {
            return Answer::error("Missing server name (<backend>/<server>).");
        }
        b"srv-removable" => match servers::any_server(call, 3) {
            Ok(named) if !named.state.status().admin.has(Admin::MAINT) => {
                return Answer::error("Failed. Only servers in maintenance mode can be deleted.");
            }
            Ok(named) => Some((Arc::clone(named.pool), named.place.server)),
            Err(Answer::Message(_, why)) if !why.starts_with("Require") => {
                return Answer::error(format!("Failed. {why}"));
            }
            Err(answer) => return answer,
        },
        _ => return Answer::error(USAGE),
    };
    let (clock, wheel) = (call.control.clock().clone(), call.wheel.clone());
    Answer::Later(Box::pin(wait(clock, wheel, delay, server)))
}

async fn wait(
    clock: Clock,
    wheel: Wheel,
    delay: Millis,
    server: Option<(Arc<BackendState>, usize)>,
) -> Answer {
    let deadline = clock.now().saturating_add(delay);
    loop {
        let now = clock.now();
        let is_in_use = server.as_ref().map(|(backend, server)| {
            let state = backend.servers().get(*server);
            state.is_some_and(|state| state.served() > 0 || state.queued() > 0)
        });
        match is_in_use {
            Some(false) => return Answer::info("Done."),
            Some(true) if now >= deadline => {
                return Answer::error(format!("Wait delay expired. {IN_USE}"));
            }
            None if now >= deadline => return Answer::info("Done."),
            Some(true) => sleep(&wheel, deadline.min(now + (delay / 10).max(1))).await,
            None => sleep(&wheel, deadline).await,
        }
    }
}
