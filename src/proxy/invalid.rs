//! Keeping messages that were refused, for `show errors`.

use super::client::Client;
use super::end::End;
use super::place::Place;
use super::transaction::Transaction;
use crate::compile::config::BackendId;
use crate::http1::suspect;
use crate::net::Buffer;
use crate::observe::{BadMessage, Named};
use std::sync::Arc;

/// Keeps what was received, if it was refused for what it is.
#[cold]
pub(super) fn keep(
    at: Place<'_>,
    chosen: Option<BackendId>,
    client: &Client,
    tx: &Transaction,
    end: &End,
) {
    let is_response = match end {
        End::BadRequest(_) => false,
        End::BadResponse => true,
        _ => return,
    };
    let buffer = match is_response {
        false => &tx.upload.buffer,
        true => &tx.download.buffer,
    };
    if buffer.is_empty() {
        return;
    }
    let backend = chosen.and_then(|id| at.worker.backend(id));
    let proxy = match is_response {
        false => at.frontend.uuid,
        true => backend.map_or(at.frontend.uuid, |backend| backend.uuid),
    };
    let server = backend
        .zip(tx.record.server)
        .and_then(|(backend, server)| backend.servers.get(server));
    let clock = &at.worker.clock;
    let named = |name: &Arc<str>, id| -> Named { Some((Arc::clone(name), id)) };
    at.worker
        .shared
        .bad_messages()
        .keep(proxy, |event| BadMessage {
            is_response,
            wall_us: clock.wall_us(clock.now_us()),
            frontend: named(&at.frontend.name, at.frontend.uuid),
            backend: backend.and_then(|backend| named(&backend.name, backend.uuid)),
            server: server.and_then(|server| named(&server.name, server.id)),
            event,
            client: client.facts.src.to_string(),
            position: suspect(buffer.data()),
            free: free(buffer),
            bytes: buffer.data().into(),
        });
}

fn free(buffer: &Buffer) -> usize {
    buffer.capacity().saturating_sub(buffer.len())
}
