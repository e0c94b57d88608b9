//! `wait`: for some time, or until a server is no longer in use.

use super::answer::Answer;
use super::command::{Call, Command};
use super::{del_backend, del_server, servers};
use crate::backend::BackendState;
use crate::clock::{Clock, Millis};
use crate::net::Wheel;
use crate::net::timer::sleep;
use crate::observe::stats::Counters;
use crate::settings::AccessLevel;
use crate::vocab::args::{self, TimeUnit};
use std::sync::Arc;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "wait",
    "{-h | <delay>} [srv-removable <backend>/<server> | be-removable <backend>]",
    "waits for a time, or until something is so",
    AccessLevel::Admin,
    run,
)];

const USAGE: &str = "\
Usage: wait {-h | <duration>} [srv-removable <backend>/<server> | be-removable <backend>]
Waits as long as that, in milliseconds unless it has a unit, or until the server, or the backend, is
in use no more and can be removed.";

/// What is waited for.
enum Until {
    Time,
    Server(Arc<BackendState>, usize, Option<Arc<Counters>>),
    Backend(Arc<BackendState>),
}

impl Until {
    /// Why it is not so yet; nothing once it is, or where only time counts.
    fn obstacle(&self) -> Option<&'static str> {
        match self {
            Self::Time => None,
            Self::Server(pool, server, counters) => {
                let in_use = del_server::is_in_use(pool, *server, counters.as_deref());
                in_use.then_some(del_server::IN_USE)
            }
            Self::Backend(state) => (state.conns() > 0).then_some(del_backend::IN_USE),
        }
    }
}

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
    let until = match call.bytes(2) {
        b"" => Until::Time,
        b"srv-removable" if !call.has(3) => {
            return Answer::error("Missing server name (<backend>/<server>).");
        }
        b"srv-removable" => match servers::any_server(call, 3) {
            Ok(named) => match del_server::refusal(call.control, &named) {
                Some(why) => return Answer::error(format!("Failed. {why}")),
                None => Until::Server(
                    Arc::clone(named.pool),
                    named.place.server,
                    call.control.server_counters(named.place),
                ),
            },
            Err(Answer::Message(_, why)) if !why.starts_with("Require") => {
                return Answer::error(format!("Failed. {why}"));
            }
            Err(answer) => return answer,
        },
        b"be-removable" if !call.has(3) => return Answer::error("Missing backend name."),
        b"be-removable" => match del_backend::removable(call.control, call.bytes(3)) {
            Ok((_, state)) => Until::Backend(Arc::clone(state)),
            Err(why) => return Answer::error(format!("Failed. {why}")),
        },
        _ => return Answer::error(USAGE),
    };
    let (clock, wheel) = (call.control.clock().clone(), call.wheel.clone());
    Answer::Later(Box::pin(wait(clock, wheel, delay, until)))
}

async fn wait(clock: Clock, wheel: Wheel, delay: Millis, until: Until) -> Answer {
    let deadline = clock.now().saturating_add(delay);
    loop {
        let now = clock.now();
        match (&until, until.obstacle()) {
            (Until::Time, _) if now < deadline => sleep(&wheel, deadline).await,
            (_, None) => return Answer::info("Done."),
            (_, Some(why)) if now >= deadline => {
                return Answer::error(format!("Wait delay expired. {why}"));
            }
            (_, Some(_)) => sleep(&wheel, deadline.min(now + (delay / 10).clamp(1, 100))).await,
        }
    }
}
