//! A client connection from accept to close.
//!
//! Between requests it holds nothing but its task, its socket and its timer: the transaction,
//! with its buffers, goes back to the worker.

use super::client::Client;
use super::content::Onward;
use super::place::{Place, Spot};
use super::request::{self, Next};
use super::rules::{self, Admission};
use super::shared::Listener;
use super::worker::Worker;
use super::{count, handshake, tunnel};
use crate::compile::config::Mode;
use crate::observe::stats::Count;
use crate::table::{Event, Tracks};
use crate::vocab::variable::StreamVars;
use std::sync::Arc;

/// Serves one connection until it ends.
pub(super) async fn serve(worker: &Worker, listener: &Listener, client: &mut Client) {
    let Some(frontend) = worker.shared.config.frontends.get(listener.frontend) else {
        return;
    };
    let at = &Spot {
        worker,
        frontend,
        frontend_index: listener.frontend,
        listener,
        mode: frontend.mode,
    };
    if frontend.no_linger {
        client.stream.linger_none();
    }
    if let Some(keep_alive) = &frontend.keep_alive {
        keep_alive.start(&client.stream);
    }
    let expects_proxy = match rules::connection(at, client) {
        Admission::Refused => return count::refused(at, Count::DeniedConnections),
        Admission::WithProxyHeader => true,
        Admission::Admitted => listener.accept_proxy,
    };
    if expects_proxy {
        // A handshake may take long and keeps nobody out.
        client.arrival = None;
        if !handshake::accept_proxy(at, client).await {
            return;
        }
    }
    if rules::session(at, client) == Admission::Refused {
        return count::refused(at, Count::DeniedSessions);
    }
    count::session(at, worker.clock.now());
    client.arrival = None;
    let tracks = Tracks {
        connection: Some(&client.tracks),
        stream: None,
    };
    tracks.event(Event::Sess, &worker.clock);
    match frontend.mode {
        Mode::Http => http(at, client).await,
        Mode::Tcp => {
            client.view.begin(at.worker.clock.now());
            if tunnel::serve(at, client).await == Onward::Http {
                let mode = Mode::Http;
                http(&Spot { mode, ..*at }, client).await;
            }
        }
    }
    at.vars(&client.vars, &StreamVars::default()).end_session();
}

/// Requests one after the other.
async fn http(at: Place<'_>, client: &mut Client) {
    let view = Arc::clone(client.view.view());
    loop {
        let mut tx = match client.pending.take() {
            Some(tx) => tx,
            None if request::wait(at, client).await == Next::Close => return,
            None => continue,
        };
        if tx.switched.is_none() {
            client.reset_ends();
        }
        let next = request::serve(at, &view, client, &mut tx).await;
        at.end_stream(client, &mut tx);
        let unread = !tx.upload.is_finished() || !tx.upload.buffer.is_empty();
        client.view.end();
        client.served = client.served.saturating_add(1);
        client.idle_since_us = at.worker.clock.now_us();
        if next == Next::Request && unread {
            tx.begin();
            client.pending = Some(tx);
            continue;
        }
        at.worker.give_transaction(tx);
        if next == Next::Close {
            return if unread {
                client.linger(at).await
            };
        }
    }
}
