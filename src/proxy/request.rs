//! One HTTP request, from its first byte to its log line, on one screen.
//!
//! [`serve`] is the list of what happens to it; each step is a function of this file or of the
//! file named after it. Whatever stops a request is an [`End`], answered and logged in one place.

use super::client::Client;
use super::connect::{self, ServerConn, Target};
use super::end::End;
use super::exchange::{After, Exchange};
use super::place::Place;
use super::transaction::Transaction;
use super::{forward, log, reply, rules, tunnel};
use crate::clock::Millis;
use crate::compile::config::{Backend, BackendId};
use crate::http1::HeadError;
use crate::net::ReadOutcome;
use std::task::Poll;

/// What the client connection is good for afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Another request.
    Request,
    /// Nothing.
    Close,
}

/// What was decided so far, for the answer and the log of a request that stops.
#[derive(Default)]
struct Progress {
    backend: Option<BackendId>,
    server: Option<usize>,
}

/// Serves one request. Its first bytes may not have arrived yet.
pub(super) async fn serve(at: Place<'_>, client: &mut Client, tx: &mut Transaction) -> Next {
    let mut progress = Progress::default();
    let result = process(at, client, tx, &mut progress).await;
    let backend = progress.backend.and_then(|id| at.worker.backend(id));
    let (next, fate) = match result {
        Ok(next) => (next, None),
        Err(Stop::Silent) => return Next::Close,
        Err(Stop::End(end)) => {
            let fate = end.fate();
            log::note_fate(tx, fate);
            let keep = reply::send(at, backend, client, tx, &end).await;
            (if keep { Next::Request } else { Next::Close }, Some(fate))
        }
    };
    if fate.is_none_or(|fate| fate.logged) {
        log::finish(at, backend, progress.server, client, tx);
    }
    next
}

/// A request that goes no further: with consequences, or as if it had never been.
enum Stop {
    End(End),
    /// Nothing was asked: an idle connection that closed or expired.
    Silent,
}

impl From<End> for Stop {
    fn from(end: End) -> Self {
        Self::End(end)
    }
}

async fn process(
    at: Place<'_>,
    client: &mut Client,
    tx: &mut Transaction,
    progress: &mut Progress,
) -> Result<Next, Stop> {
    read_head(at, client, tx).await?;
    monitor(at, client, tx)?;
    wait_for_body(at, at.frontend.buffer_request, client, tx).await?;
    rules::request(&at.frontend.request_rules, at, at.names(None, None), client, tx)?;

    let id = rules::backend(at, client, tx).ok_or(End::NoServer)?;
    let backend = at.worker.backend(id).ok_or(End::NoServer)?;
    progress.backend = Some(id);
    let state = at.worker.backend_state(id).ok_or(End::NoServer)?;
    let _counted = state.enter();
    let names = at.names(Some(backend), None);
    wait_for_body(at, backend.buffer_request, client, tx).await?;
    rules::request(&backend.request_rules, at, names, client, tx)?;
    forward::prepare(at, backend, client, tx);

    let target = Target { id, backend, state };
    let after = relay(at, target, client, tx, progress).await?;
    tx.record.conns = log::connections(at, Some(state), progress.server);
    Ok(if after.client_keeps { Next::Request } else { Next::Close })
}

/// Sends the request to a server and its response back, on another connection if a reused one
/// turns out to be closed and the request may be repeated (RFC 9110 §9.2.2).
async fn relay(
    at: Place<'_>,
    to: Target<'_>,
    client: &mut Client,
    tx: &mut Transaction,
    progress: &mut Progress,
) -> Result<After, Stop> {
    let mut fresh = false;
    loop {
        let opened = connect::open(at, to, client, tx, fresh).await;
        progress.server = tx.record.server;
        let ServerConn { mut stream, uses, slot } = opened?;
        progress.server = Some(slot.server());
        let repeatable = tx.upload.is_done() && tx.upload.ready().is_empty();
        let exchange =
            Exchange::new(at, to.backend, &slot, client, &mut stream, tx, uses > 0).run().await;
        match exchange {
            Ok(after) if after.tunnel => {
                tunnel::after_switch(at, to.backend, client, &mut stream, tx).await?;
                return Ok(after);
            }
            Ok(after) => {
                if after.server_keeps {
                    at.worker.keep_idle(to.id, to.backend, slot.server(), stream, uses + 1);
                }
                return Ok(after);
            }
            Err(End::ReuseFailed) if repeatable && tx.request.is_idempotent() => {
                fresh = true;
                tx.to_server.rewind();
            }
            Err(end) => return Err(end.into()),
        }
    }
}

/// Reads until the head is complete.
async fn read_head(at: Place<'_>, client: &mut Client, tx: &mut Transaction) -> Result<(), Stop> {
    let record = &mut tx.record;
    record.accepted_us = client.facts.accepted_us;
    record.handshake_us = client.handshake_us;
    record.idle_since_us = client.idle_since_us;
    if !tx.upload.buffer.is_empty() {
        started(at, client, tx);
        if parse_head(at, tx)? {
            return Ok(());
        }
    }
    std::future::poll_fn(|cx| {
        loop {
            match client.stream.poll_read(cx, &mut tx.upload.buffer) {
                Poll::Ready(Ok(ReadOutcome::Data(_))) => {
                    if tx.record.request_start_us == 0 {
                        started(at, client, tx);
                    }
                    if parse_head(at, tx)? {
                        return Poll::Ready(Ok(()));
                    }
                }
                Poll::Ready(Ok(ReadOutcome::Eof)) => {
                    return Poll::Ready(Err(nothing_more(at, client, tx, End::RequestClosed)));
                }
                Poll::Ready(Err(_)) => {
                    return Poll::Ready(Err(nothing_more(at, client, tx, End::RequestError)));
                }
                Poll::Pending => {
                    if at.worker.is_stopping() && tx.record.request_start_us == 0 && client.served > 0 {
                        return Poll::Ready(Err(Stop::Silent));
                    }
                    let due = head_deadline(at, client, tx);
                    return client.poll_deadline(cx, due)
                        .map(|()| Err(nothing_more(at, client, tx, End::RequestTimeout)));
                }
            }
        }
    })
    .await
}

/// The first byte of the request is there.
fn started(at: Place<'_>, client: &Client, tx: &mut Transaction) {
    let now = at.worker.clock.now_us();
    let _ = client;
    tx.record.request_start_us = now;
}

/// `timeout http-keep-alive` until the first byte of a further request, then
/// `timeout http-request` for the head.
fn head_deadline(at: Place<'_>, client: &Client, tx: &Transaction) -> Millis {
    let timeouts = &at.frontend.timeouts;
    let (since, timeout) = match (tx.record.request_start_us, client.served) {
        (0, 0) => (client.handshake_us, timeouts.http_request),
        (0, _) => (client.idle_since_us, timeouts.http_keep_alive),
        (start, _) => (start, timeouts.http_request),
    };
    (since / 1000).saturating_add(timeout)
}

/// The client will not complete a request. Without a byte of it after a first one, nothing
/// happened at all.
fn nothing_more(at: Place<'_>, client: &Client, tx: &mut Transaction, end: End) -> Stop {
    let empty = tx.upload.buffer.is_empty();
    if empty && (client.served > 0 || at.frontend.ignore_probes) {
        return Stop::Silent;
    }
    if empty && at.frontend.log.dont_log_null && !matches!(end, End::RequestTimeout) {
        return Stop::Silent;
    }
    tx.record.bad_request = true;
    Stop::End(end)
}

/// Parses what has arrived; `true` when the head is complete.
fn parse_head(at: Place<'_>, tx: &mut Transaction) -> Result<bool, End> {
    match tx.request.parse(tx.upload.buffer.data(), at.worker.shared.head_limits) {
        Ok(None) if tx.upload.buffer.is_full() => refuse(tx, HeadError::TooLarge),
        Ok(None) => Ok(false),
        Ok(Some(length)) => {
            tx.upload.buffer.consume(length);
            let record = &mut tx.record;
            record.request_end_us = at.worker.clock.now_us();
            record.request_counter = at.worker.shared.next_request();
            record.bytes_in += tx.request.logged_size();
            if at.worker.shared.keeps_request_line(at.frontend_index, at.frontend) {
                let limit = at.worker.shared.config.global.logurilen;
                tx.request.write_request_line(&mut record.request_line, limit);
            }
            tx.upload.expect(tx.request.body());
            match tx.upload.decode() {
                Ok(()) => Ok(true),
                Err(_) => Err(End::BadRequestBody),
            }
        }
        Err(error) => refuse(tx, error),
    }
}

fn refuse(tx: &mut Transaction, error: HeadError) -> Result<bool, End> {
    tx.record.bad_request = true;
    Err(End::BadRequest(error))
}

/// `monitor-uri`: answered here, never forwarded, never logged.
fn monitor(at: Place<'_>, client: &Client, tx: &Transaction) -> Result<(), End> {
    let Some(uri) = &at.frontend.monitor_uri else { return Ok(()) };
    let asked = tx.request.target() == &**uri
        || uri.first() == Some(&b'/') && tx.request.path() == &**uri;
    if !asked {
        return Ok(());
    }
    let view = rules::view(at, at.names(None, None), client, tx);
    let failing = at.frontend.monitor_fail.iter().any(|condition| condition.holds(&view));
    Err(End::Monitored(if failing { 503 } else { 200 }))
}

/// `option http-buffer-request`: waits for the whole body, or for as much as the buffer holds.
async fn wait_for_body(
    at: Place<'_>,
    wanted: bool,
    client: &mut Client,
    tx: &mut Transaction,
) -> Result<(), End> {
    if !wanted {
        return Ok(());
    }
    let due = at.worker.clock.now().saturating_add(at.frontend.timeouts.http_request);
    std::future::poll_fn(|cx| {
        while !tx.upload.is_done() && !tx.upload.buffer.is_full() {
            match client.stream.poll_read(cx, &mut tx.upload.buffer) {
                Poll::Ready(Ok(ReadOutcome::Data(_))) => {
                    tx.upload.decode().map_err(|_| End::BadRequestBody)?;
                }
                Poll::Ready(Ok(ReadOutcome::Eof)) => {
                    return Poll::Ready(Err(End::RequestClosed));
                }
                Poll::Ready(Err(_)) => return Poll::Ready(Err(End::RequestError)),
                Poll::Pending => {
                    return client.poll_deadline(cx, due)
                        .map(|()| Err(End::RequestTimeout));
                }
            }
        }
        Poll::Ready(Ok(()))
    })
    .await
}
