//! What the commands about servers have in common: which one they name.

use super::answer::Answer;
use super::command::Call;
use crate::backend::{BackendState, ServerState};
use crate::compile::config::{Backend, Server};
use crate::health::Place;
use std::sync::Arc;

/// A server that a command names.
pub(super) struct Named<'c> {
    pub(super) place: Place,
    pub(super) backend: &'c Backend,
    pub(super) config: &'c Server,
    pub(super) pool: &'c Arc<BackendState>,
    pub(super) state: &'c ServerState,
}

/// The index of the backend that the word at `index` names.
pub(super) fn backend(call: &Call<'_>, index: usize) -> Result<usize, Answer> {
    if !call.has(index) {
        return Err(Answer::error("A backend name is expected."));
    }
    backend_named(call, &call.text(index)).ok_or_else(|| Answer::error("No such backend."))
}

pub(super) fn backend_named(call: &Call<'_>, name: &str) -> Option<usize> {
    let found = call.control.config().backend_named(name.as_bytes());
    found.map(|id| id.0 as usize)
}

/// `<backend>/<server>`, taken apart.
pub(super) fn split(word: &str) -> Option<(&str, &str)> {
    word.split_once('/').filter(|(_, name)| !name.is_empty())
}

/// The server that the word at `index` names, as `<backend>/<server>`; not one of a disabled proxy.
pub(super) fn server<'c>(call: &'c Call<'_>, index: usize) -> Result<Named<'c>, Answer> {
    let named = any_server(call, index)?;
    match named.backend.disabled {
        true => Err(Answer::error("Proxy is disabled.")),
        false => Ok(named),
    }
}

/// The same, even one of a disabled proxy.
pub(super) fn any_server<'c>(call: &'c Call<'_>, index: usize) -> Result<Named<'c>, Answer> {
    let word = call.text(index);
    let Some((backend, name)) = split(&word) else {
        return Err(Answer::error("Require 'backend/server'."));
    };
    let no_backend = || Answer::error("No such backend.");
    let no_server = || Answer::error("No such server.");
    let at = backend_named(call, backend).ok_or_else(no_backend)?;
    let control = call.control;
    let backend = control.config().backends.get(at).ok_or_else(no_backend)?;
    let pool = control.backends().get(at).ok_or_else(no_backend)?;
    let server = backend.server_named(name.as_bytes());
    let server = server.ok_or_else(no_server)?;
    Ok(Named {
        place: Place {
            backend: at,
            server,
        },
        config: backend.servers.get(server).ok_or_else(no_server)?,
        state: pool.servers().get(server).ok_or_else(no_server)?,
        backend,
        pool,
    })
}
