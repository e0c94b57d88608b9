//! One HTTP request, from its first byte to its log line, on one screen.
//!
//! [`serve`] is the list of what happens to it; each step is a function of this file or of the
//! file named after it. Whatever stops a request is an [`End`], answered and logged in one place.

use super::client::Client;
use super::connect::{self, ServerConn, Target};
use super::end::End;
use super::exchange::{After, Exchange};
use super::health;
use super::place::Place;
use super::streams::StreamView;
use super::transaction::{Switched, Transaction};
use super::{
    caching, compress, content, cookie, count, forward, invalid, log, outlier, page, protection,
    replay, reply, retry, rules, stick, tracking, tunnel, wait,
};
use crate::clock::Millis;
use crate::compile::config::{Backend, BackendId, RetryOn};
use crate::health::Event;
use crate::http1::HeadError;
use crate::net::ReadOutcome;
use crate::observe::LogStep;
use crate::settings::TraceSpec;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// How often open breakers may send a request to another backend.
const MOST_DETOURS: u32 = 4;

/// What the client connection is good for afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Another request.
    Request,
    /// Nothing.
    Close,
}

/// Waits for the first bytes of a request, holding nothing meanwhile.
pub(super) async fn wait(at: Place<'_>, client: &mut Client) -> Next {
    let outcome = std::future::poll_fn(|cx| poll_first_bytes(at, client, cx)).await;
    let Err((mut tx, end)) = outcome else {
        return Next::Request;
    };
    begin(at, client, &mut tx);
    let stop = nothing_more(at, client, &mut tx, end);
    let next = conclude(at, client, &mut tx, None, Err(stop)).await;
    at.end_stream(client, &mut tx);
    at.worker.give_transaction(tx);
    next
}

/// Serves the request whose first bytes are in `tx`.
pub(super) async fn serve(
    at: Place<'_>,
    view: &StreamView,
    client: &mut Client,
    tx: &mut Transaction,
) -> Next {
    begin(at, client, tx);
    let mut chosen = None;
    let processed = {
        let stream = pin!(process(at, client, tx, &mut chosen));
        view.unless_killed(stream).await
    };
    let result = processed.unwrap_or_else(|| {
        let answered = tx.record.response_us > 0;
        Err(End::Killed { answered }.into())
    });
    conclude(at, client, tx, chosen, result).await
}

/// Nothing is awaited that has nothing to do: each costs some 40 instructions even so, and most
/// requests meet none.
async fn process(
    at: Place<'_>,
    client: &mut Client,
    tx: &mut Transaction,
    chosen: &mut Option<BackendId>,
) -> Result<Next, Stop> {
    read_head(at, client, tx).await?;
    let switched = tx.switched.take();
    if switched.is_none() {
        tracing(at, &at.frontend.traces, tx);
        log::accept(at, client, tx);
        if !at.frontend.content.rules.is_empty() {
            content::of_frontend(at, client, tx).await?;
        }
    }
    tracking::request(at, client, tx);
    monitor(at, client, tx)?;
    log::step(at, LogStep::Request, None, client, tx);
    if at.frontend.buffer_request {
        wait_for_body(at, client, tx).await?;
    }
    if !at.frontend.request_rules.is_empty() {
        rules::request(&at.frontend.request_rules, at, None, client, tx).await?;
    }
    if let Some(page) = page::asked_for(at.frontend.stats.as_ref(), tx) {
        page::serve(at, page, None, client, tx).await?;
    }
    rules::restrict_names(at.frontend.header_names, tx)?;

    let mut id = match protection::ask(&at.frontend.breakers, at, None, client, tx)? {
        Some(instead) => instead,
        None => match switched {
            Some(Switched::ByBackend(id)) => id,
            _ => rules::backend(at, client, tx).ok_or(End::NoBackend)?,
        },
    };
    let mut detours = 0;
    let (backend, state, _counted) = loop {
        let backend = at.worker.backend(id).ok_or(End::NoBackend)?;
        let state = at.worker.backend_state(id).ok_or(End::NoBackend)?;
        *chosen = Some(id);
        client.view.enter(id.0);
        let counted = state.enter();
        count::backend(at, id, state.conns(), tx.record.request_end_us / 1000);
        tracing(at, &backend.traces, tx);
        cookie::enter(at, backend, client, tx);
        if rules::has_own(at, backend, &backend.content.rules) {
            content::of_backend(at, backend, client, tx).await?;
        }
        if backend.buffer_request {
            wait_for_body(at, client, tx).await?;
        }
        tracking::backend_request(at, client, tx);
        if rules::has_own(at, backend, &backend.request_rules) {
            rules::request(&backend.request_rules, at, Some(backend), client, tx).await?;
        }
        if let Some(page) = page::asked_for(backend.stats.as_ref(), tx) {
            page::serve(at, page, Some(backend), client, tx).await?;
        }
        rules::restrict_names(backend.header_names, tx)?;
        match protection::ask_backend(at, backend, client, tx)? {
            None => break (backend, state, counted),
            Some(_) if detours == MOST_DETOURS => return Err(End::NoBackend.into()),
            Some(instead) => id = instead,
        }
        detours += 1;
    };
    let to = Target { id, backend, state };
    rules::server(at, to, client, tx);
    add_unique_id(at, Some(backend), client, tx);
    compress::request(at, backend, tx);
    if let Some(entry) = caching::hit(tx) {
        let keep = caching::serve(at, to, client, tx, &entry).await?;
        return Ok(if keep { Next::Request } else { Next::Close });
    }
    cookie::request(at, backend, state, tx).map_err(|_| End::RequestRuleFailed)?;
    forward::prepare(at, backend, client, tx);
    stick::request(at, backend, state, client, tx);

    let after = relay(at, to, client, tx).await?;
    Ok(if after.client_keeps {
        Next::Request
    } else {
        Next::Close
    })
}

/// `filter trace` lines begin to see the request.
fn tracing(at: Place<'_>, filters: &[Arc<TraceSpec>], tx: &mut Transaction) {
    if !filters.is_empty() {
        let clock = &at.worker.clock;
        tx.traces.enter(filters, tx.record.request_counter, clock);
        tx.traces.request(&tx.request, clock.now());
    }
}

/// Answers a request that stopped, and logs any.
async fn conclude(
    at: Place<'_>,
    client: &mut Client,
    tx: &mut Transaction,
    chosen: Option<BackendId>,
    result: Result<Next, Stop>,
) -> Next {
    tx.traces.leave(at.worker.clock.now());
    let (end, logged) = match result {
        Ok(next) => {
            protection::complete(at, tx, None);
            log::finish(at, chosen, client, tx);
            count::end(at, chosen, tx, None);
            return next;
        }
        Err(Stop::Silent) => return Next::Close,
        Err(Stop::Unlogged(end)) => (end, false),
        Err(Stop::End(end)) => (end, true),
    };
    invalid::keep(at, chosen, client, tx, &end);
    tracking::end(at, client, tx, &end);
    let mut shown = chosen;
    if end.is_denial() {
        shown = chosen.or(at.frontend.own_cookie);
        cookie::of_denied(at, shown, tx);
    }
    if tx.record.connected_us == 0 {
        tx.record.bytes_in += tx.upload.ready().len() as u64;
    }
    let fate = end.fate();
    if !end.is_timed() && tx.record.response_us == 0 {
        tx.record.request_end_us = 0;
    }
    log::note_fate(tx, fate);
    let backend = chosen.and_then(|id| at.worker.backend(id));
    let keep = reply::send(at, backend, client, tx, &end).await;
    protection::complete(at, tx, Some(&end));
    if logged && fate.logged {
        log::finish(at, shown, client, tx);
    }
    count::end(at, chosen, tx, Some(&end));
    match keep && reply::drain(at, client, tx).await {
        true => Next::Request,
        false => Next::Close,
    }
}

/// A request that goes no further.
enum Stop {
    /// With all consequences.
    End(End),
    /// Answered, but kept out of the log by `option dontlognull`.
    Unlogged(End),
    /// As if nothing had been: an idle connection closed or expired.
    Silent,
}

impl From<End> for Stop {
    fn from(end: End) -> Self {
        Self::End(end)
    }
}

/// Sends the request to a server and its response back: once more after the failures that
/// `retry-on` names, and on another connection if a reused one turns out to be closed and the
/// request may be repeated (RFC 9110 §9.2.2).
async fn relay(
    at: Place<'_>,
    to: Target<'_>,
    client: &mut Client,
    tx: &mut Transaction,
) -> Result<After, Stop> {
    let retry_on = match to.backend.retry_on.replays() {
        true => replay::arm(at, to.backend, client, tx).await?,
        false => RetryOn::NONE,
    };
    retry::begin(at, to, tx);
    let mut fresh = false;
    let mut held = None;
    loop {
        let ServerConn {
            mut stream,
            uses,
            slot,
        } = connect::open(at, to, client, tx, held.take(), fresh).await?;
        log::step(at, LogStep::Connect, Some(to.id), client, tx);
        let repeatable = tx.upload.is_done() && tx.upload.ready().is_empty();
        let retry_on = match retry::may(to.backend, tx) {
            true => retry_on,
            false => RetryOn::NONE,
        };
        let outcome = {
            let mut exchange = Exchange::new(at, to, &slot, client, &mut stream, tx, uses > 0);
            exchange.refuse(retry_on);
            health::unless_cut(at, to, slot.server(), pin!(exchange.run())).await
        };
        // Settled before anything else is awaited: what lives on takes room in the futures of all
        // streams.
        let left = {
            let answered = tx.record.response_us > 0;
            let outcome = outcome.unwrap_or_else(|why| Err(End::Cut { why, answered }));
            if let Err(end) = &outcome {
                outlier::record_end(at, &slot, end);
            }
            match outcome {
                Ok(after) if after.tunnel => Left::Tunnel(after),
                Ok(after) => {
                    if after.server_keeps {
                        connect::keep(at, to, client, &slot, (stream, uses + 1), tx);
                    } else {
                        stream.abort();
                    }
                    connect::leave(slot, tx);
                    return Ok(after);
                }
                Err(end)
                    if replay::follows(retry_on, &end, tx) && retry::allow(at, to.backend, tx) =>
                {
                    observe(at, to, slot.server(), &end);
                    replay::rewind(tx);
                    Left::Retry(failed_with(&end, tx))
                }
                Err(End::ReuseFailed)
                    if repeatable && tx.request.known_method().is_idempotent() =>
                {
                    fresh = true;
                    tx.to_server.rewind();
                    continue;
                }
                Err(end) => {
                    let server = slot.server();
                    connect::leave(slot, tx);
                    observe(at, to, server, &end);
                    return Err(end.into());
                }
            }
        };
        match left {
            Left::Tunnel(after) => {
                protection::complete(at, tx, None);
                let relayed = tunnel::after_switch(at, to.backend, client, &mut stream, tx).await;
                connect::leave(slot, tx);
                return relayed.map(|()| after).map_err(Stop::End);
            }
            Left::Retry(failed) => {
                stream.abort();
                held = Some(connect::retry(at, to, client, tx, slot, failed).await?);
                fresh = true;
            }
        }
    }
}

/// What an exchange leaves to do that waits again.
enum Left {
    /// Bytes go both ways.
    Tunnel(After),
    /// The same request once more; how it failed, as breakers of servers count it.
    Retry((u16, bool)),
}

/// The status as breakers of servers count it, and whether it is a network error.
fn failed_with(end: &End, tx: &Transaction) -> (u16, bool) {
    match *end {
        End::UnwantedStatus(status) => (status, matches!(status, 502 | 504)),
        _ => protection::outcome(tx, Some(end)).unwrap_or((502, true)),
    }
}

/// Tells the health of a server how a request to it failed.
fn observe(at: Place<'_>, to: Target<'_>, server: usize, end: &End) {
    let event = match end {
        End::ResponseClosed => Event::ReadError,
        End::ResponseTimeout => Event::ReadTimeout,
        End::BadResponse => Event::BadHead,
        End::BadResponseBody | End::DataServerClosed => Event::BadResponse,
        _ => return,
    };
    connect::observe(at, to.id, server, event);
}

fn begin(at: Place<'_>, client: &Client, tx: &mut Transaction) {
    let record = &mut tx.record;
    record.accepted_us = client.facts.accepted_us;
    record.handshake_us = client.handshake_us;
    record.idle_since_us = client.idle_since_us;
    record.followed = client.served > 0;
    if let Some(backend) = at.frontend.own_cookie.and_then(|id| at.worker.backend(id)) {
        record.persistence = cookie::letters(backend);
    }
}

/// Reads once into a borrowed transaction, which the client keeps only if something came.
fn poll_first_bytes(
    at: Place<'_>,
    client: &mut Client,
    cx: &mut Context<'_>,
) -> Poll<Result<(), (Box<Transaction>, End)>> {
    let mut tx = at.worker.take_transaction();
    let end = match client
        .stream
        .poll_read(cx, tx.upload.room(&at.worker.buffers))
    {
        Poll::Ready(Ok(ReadOutcome::Data(_))) => {
            client.pending = Some(tx);
            return Poll::Ready(Ok(()));
        }
        Poll::Ready(Ok(_)) => End::RequestClosed,
        Poll::Ready(Err(_)) => End::RequestError,
        // A client that was let in may ask once.
        Poll::Pending if is_closing(at, client) => End::RequestClosed,
        Poll::Pending => {
            if client
                .poll_deadline(cx, first_bytes_deadline(at, client))
                .is_pending()
            {
                at.worker.give_transaction(tx);
                return Poll::Pending;
            }
            End::RequestTimeout
        }
    };
    Poll::Ready(Err((tx, end)))
}

/// Whether an idle connection is closed because the process stops.
fn is_closing(at: Place<'_>, client: &Client) -> bool {
    at.worker.is_stopping() && client.served > 0 && !at.frontend.idle_close_on_response
}

/// `timeout http-request` for a first request, `timeout http-keep-alive` for a further one.
fn first_bytes_deadline(at: Place<'_>, client: &Client) -> Millis {
    let timeouts = &at.frontend.timeouts;
    let timeout = if client.served == 0 {
        timeouts.http_request
    } else {
        timeouts.http_keep_alive
    };
    (client.idle_since_us / 1000).saturating_add(timeout)
}

/// Reads until the head is complete.
async fn read_head(at: Place<'_>, client: &mut Client, tx: &mut Transaction) -> Result<(), Stop> {
    let now = at.worker.clock.now_us();
    tx.record.request_start_us = now;
    client.view.begin(now / 1000);
    if parse_head(at, tx, now)? {
        return Ok(());
    }
    let due = (now / 1000).saturating_add(at.frontend.timeouts.http_request);
    std::future::poll_fn(|cx| {
        let end = loop {
            match client
                .stream
                .poll_read(cx, tx.upload.room(&at.worker.buffers))
            {
                Poll::Ready(Ok(ReadOutcome::Data(_))) => {
                    if parse_head(at, tx, at.worker.clock.now_us())? {
                        return Poll::Ready(Ok(()));
                    }
                }
                Poll::Ready(Ok(_)) => break End::RequestClosed,
                Poll::Ready(Err(_)) => break End::RequestError,
                Poll::Pending => match client.poll_deadline(cx, due) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(()) => break End::RequestTimeout,
                },
            }
        };
        Poll::Ready(Err(nothing_more(at, client, tx, end)))
    })
    .await
}

/// The client will not complete a request. Without a byte of it after a first one, nothing
/// happened at all.
fn nothing_more(at: Place<'_>, client: &Client, tx: &mut Transaction, end: End) -> Stop {
    let empty = tx.upload.buffer.is_empty();
    if empty && (client.served > 0 || at.frontend.ignore_probes) {
        return Stop::Silent;
    }
    count::request(at, at.worker.clock.now());
    tx.record.bad_request = true;
    if empty && at.frontend.log.dont_log_null {
        Stop::Unlogged(end)
    } else {
        Stop::End(end)
    }
}

/// Parses what has arrived by now; `true` when the head is complete.
fn parse_head(at: Place<'_>, tx: &mut Transaction, now_us: u64) -> Result<bool, End> {
    match tx.request.parse_by(
        tx.upload.buffer.data(),
        at.worker.shared.head_limits,
        at.frontend.strictness,
    ) {
        Ok(None) if tx.upload.is_full() => refuse(at, tx, HeadError::TooLarge),
        Ok(None) => Ok(false),
        Ok(Some(length)) => {
            tx.upload.buffer.consume(length);
            let record = &mut tx.record;
            record.request_end_us = now_us;
            count::request(at, now_us / 1000);
            record.request_counter = at.worker.shared.next_request();
            record.bytes_in += log::request_size(&tx.request);
            if at
                .worker
                .shared
                .keeps_request_line(at.frontend_index, at.frontend)
            {
                let limit = at.worker.shared.config.global.logurilen;
                log::write_request_line(&tx.request, &mut record.request_line, limit);
            }
            if let Some(captures) = &at.frontend.captures {
                captures.take_request(&tx.request, &tx.record);
            }
            tx.upload.expect(tx.request.body());
            match tx.upload.decode() {
                Ok(()) => Ok(true),
                Err(_) => Err(End::BadRequestBody),
            }
        }
        Err(error) => refuse(at, tx, error),
    }
}

fn refuse(at: Place<'_>, tx: &mut Transaction, error: HeadError) -> Result<bool, End> {
    count::request(at, at.worker.clock.now());
    tx.record.bad_request = true;
    Err(End::BadRequest(error))
}

/// `monitor-uri`: answered here, never forwarded, never logged.
fn monitor(at: Place<'_>, client: &Client, tx: &Transaction) -> Result<(), End> {
    let Some(uri) = &at.frontend.monitor_uri else {
        return Ok(());
    };
    let asked = tx.request.target() == &**uri
        || uri.first() == Some(&b'/') && tx.request.path_and_query() == &**uri;
    if !asked {
        return Ok(());
    }
    let view = rules::view(at, at.names(None, None), client, tx);
    let failing = at
        .frontend
        .monitor_fail
        .iter()
        .any(|condition| condition.holds(&view));
    Err(End::Monitored(if failing { 503 } else { 200 }))
}

/// `option http-buffer-request`: waits for the whole body, or for as much as the buffer holds.
async fn wait_for_body(
    at: Place<'_>,
    client: &mut Client,
    tx: &mut Transaction,
) -> Result<(), End> {
    tx.record.waiting_for_body = true;
    let timeout = at.frontend.timeouts.http_request;
    let due = at.worker.clock.now().saturating_add(timeout);
    wait::body(at, client, tx, due, 0).await?;
    tx.record.waiting_for_body = false;
    Ok(())
}

/// `unique-id-header`: the id goes along with the request.
fn add_unique_id(at: Place<'_>, backend: Option<&Backend>, client: &Client, tx: &mut Transaction) {
    let Some(name) = &at.frontend.unique_id_header else {
        return;
    };
    rules::view(at, at.names(backend, None), client, tx).unique_id();
    if let Some(id) = tx.record.unique_id.get() {
        // An id that no header can hold is left out.
        let _ = tx.request.add_header(name, id);
    }
}
