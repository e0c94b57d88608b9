//! A client connection from accept to close.
//!
//! Between requests it holds nothing but its task, its socket and its timer: the transaction,
//! with its buffers, goes back to the worker.

use super::client::Client;
use super::place::Place;
use super::request::{self, Next};
use super::shared::Listener;
use super::worker::Worker;
use super::{handshake, tunnel};
use crate::compile::config::Mode;
use std::rc::Rc;
use std::sync::Arc;

/// Serves one connection until it ends.
pub(super) async fn serve(worker: Rc<Worker>, listener: Arc<Listener>, mut client: Client) {
    let Some(frontend) = worker.shared.config.frontends.get(listener.frontend) else { return };
    let at = Place { worker: &worker, frontend, frontend_index: listener.frontend, listener: &listener };
    if listener.accept_proxy && !handshake::accept_proxy(at, &mut client).await {
        return;
    }
    match frontend.mode {
        Mode::Http => http(at, &mut client).await,
        Mode::Tcp => tunnel::serve(at, &mut client).await,
    }
}

/// Requests one after the other.
async fn http(at: Place<'_>, client: &mut Client) {
    loop {
        if client.pending.is_none() && !request::wait(at, client).await {
            return;
        }
        let mut tx = client.pending.take().unwrap_or_else(|| at.worker.take_transaction());
        tx.begin();
        let next = request::serve(at, client, &mut tx).await;
        client.served = client.served.saturating_add(1);
        client.idle_since_us = at.worker.clock.now_us();
        if next == Next::Close {
            at.worker.give_transaction(tx);
            return client.close().await;
        }
        if tx.upload.buffer.is_empty() {
            at.worker.give_transaction(tx);
        } else {
            client.pending = Some(tx);
        }
    }
}
