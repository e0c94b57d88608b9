//! `del backend`: removes a backend that gets no requests and has no servers.

use super::answer::Answer;
use super::command::{Call, Command};
use crate::backend::BackendState;
use crate::compile::config::Backend;
use crate::compile::dynamic;
use crate::proxy::Control;
use crate::settings::AccessLevel;
use std::sync::Arc;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "del backend",
    "<name>",
    "removes an unpublished backend without servers",
    AccessLevel::Admin,
    run,
)];

/// What a backend is told that is still in use.
pub(super) const IN_USE: &str = "Backend still has attached streams on it.";

fn run(call: &mut Call<'_>) -> Answer {
    if call.has(3) {
        return Answer::error("Usage: del backend <name>.");
    }
    match removable(call.control, call.bytes(2)) {
        Err(why) => Answer::error(why),
        Ok((_, state)) if state.conns() > 0 => Answer::error(IN_USE),
        Ok((index, _)) => {
            call.control.remove_backend(index);
            Answer::info("Backend deleted.")
        }
    }
}

/// The backend of that name, unless it can't be removed however long one waits.
pub(super) fn removable<'c>(
    control: &'c Control,
    name: &[u8],
) -> Result<(usize, &'c Arc<BackendState>), &'static str> {
    let config = control.config();
    let index = config.backend_named(name).map(|id| id.0 as usize);
    let found = index.and_then(|index| {
        let backend = config.backends.get(index)?;
        Some((index, backend, control.backends().get(index)?))
    });
    let (index, backend, state) = found.ok_or("No such backend.")?;
    match refusal(control, backend, state) {
        Some(why) => Err(why),
        None => Ok((index, state)),
    }
}

fn refusal(control: &Control, backend: &Backend, state: &BackendState) -> Option<&'static str> {
    let config = control.config();
    let id = Some(backend.index);
    let is_listen =
        |front: &crate::compile::config::Frontend| front.own_backend.map(|id| id.0) == id;
    if config.frontends.iter().any(is_listen) {
        return Some("Cannot delete a listen section.");
    }
    if backend.has_table {
        return Some("Cannot remove a backend with stick-table.");
    }
    if dynamic::names_backend(config, backend) {
        return Some(
            "This proxy cannot be removed at runtime due to other configuration elements pointing to it.",
        );
    }
    if state.is_published() {
        return Some("Backend must be unpublished prior to its deletion.");
    }
    let has_servers = backend.servers.present().next().is_some();
    has_servers.then_some("Only a backend without server can be deleted.")
}
