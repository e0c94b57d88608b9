//! `del server`: removes a server that is in maintenance and serves nobody.

use super::answer::Answer;
use super::command::{Call, Command};
use super::servers::{self, Named};
use crate::backend::{Admin, BackendState};
use crate::compile::dynamic;
use crate::observe::stats::Counters;
use crate::proxy::Control;
use crate::settings::AccessLevel;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "del server",
    "<backend>/<server>",
    "removes a server that is in maintenance and not in use",
    AccessLevel::Admin,
    run,
)];

/// What a server is told that is still in use.
pub(super) const IN_USE: &str = "Server still has connections attached to it, cannot remove it.";

fn run(call: &mut Call<'_>) -> Answer {
    let named = match servers::any_server(call, 2) {
        Ok(named) => named,
        Err(answer) => return answer,
    };
    if let Some(why) = refusal(call.control, &named) {
        return Answer::error(why);
    }
    let counters = call.control.server_counters(named.place);
    if is_in_use(named.pool, named.place.server, counters.as_deref()) {
        return Answer::error(IN_USE);
    }
    call.control.remove_server(named.place);
    Answer::info("Server deleted.")
}

/// Why a server can't be removed however long one waits.
pub(super) fn refusal(control: &Control, named: &Named<'_>) -> Option<&'static str> {
    let is_named = dynamic::names_server(control.config(), named.backend, named.place.server);
    if is_named || control.health().is_tracked(named.place) {
        return Some(
            "This server cannot be removed at runtime due to other configuration elements pointing to it.",
        );
    }
    let in_maintenance = named.state.status().admin.has(Admin::MAINT);
    (!in_maintenance).then_some("Only servers in maintenance mode can be deleted.")
}

/// Whether anything holds on to a server: a request, a waiter, an idle connection.
pub(super) fn is_in_use(pool: &BackendState, server: usize, counters: Option<&Counters>) -> bool {
    let state = pool.servers().get(server);
    let idle = counters.map(Counters::idle);
    state.is_some_and(|state| state.served() > 0 || state.queued() > 0)
        || idle.is_some_and(|(idle, safe, _)| idle + safe > 0)
}
