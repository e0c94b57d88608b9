//! Circuit breakers on the way of a request: who is let through, what they are told of its end,
//! and their log lines (SEMANTICS 8.5).
//!
//! What must hold: a request that a breaker of a proxy refuses is no sample for the proxy's others.
//! Deliberately absent: limits, which are rules.

use super::client::Client;
use super::end::End;
use super::place::Place;
use super::rules;
use super::server_breakers;
use super::transaction::Transaction;
use crate::compile::config::{Backend, BackendId, Mode};
use crate::health::Reports;
use crate::observe::log::level;
use crate::protect::metrics::Sample;
use crate::protect::{Change, News, Pass};
use crate::vocab::action::Rule;
use crate::vocab::context::Verdict;

/// Asks a proxy's breakers. `Some` is the backend that gets the request instead.
pub(super) fn ask(
    breakers: &[Rule],
    at: Place<'_>,
    backend: Option<&Backend>,
    client: &mut Client,
    tx: &mut Transaction,
) -> Result<Option<BackendId>, End> {
    if breakers.is_empty() {
        return Ok(None);
    }
    let before = tx.holds.passes();
    let verdict = rules::run_request(breakers, &mut 0, at, backend, client, tx);
    tell(at, tx);
    match verdict {
        Verdict::Continue => Ok(None),
        refusal => {
            tx.holds.forget_passes(before);
            match refusal {
                Verdict::SendTo(index) => {
                    let id = BackendId(index);
                    let cx = rules::view(at, at.names(None, None), client, tx);
                    let is_usable = rules::is_eligible(at, &cx, id) && is_http(at, id);
                    is_usable.then_some(Some(id)).ok_or(End::NoBackend)
                }
                refusal => rules::decide(refusal, false, client).map(|()| None),
            }
        }
    }
}

fn is_http(at: Place<'_>, id: BackendId) -> bool {
    let backend = at.worker.backend(id);
    backend.is_some_and(|backend| backend.mode == Mode::Http)
}

/// Asks a backend's breakers, unless they were the frontend's already.
pub(super) fn ask_backend(
    at: Place<'_>,
    backend: &Backend,
    client: &mut Client,
    tx: &mut Transaction,
) -> Result<Option<BackendId>, End> {
    if rules::is_same_proxy(at, backend) {
        return Ok(None);
    }
    ask(&backend.breakers, at, Some(backend), client, tx)
}

/// The request is over: the breakers that let it through learn how. `end` is what stopped it, if
/// its response did not come to its end.
pub(super) fn complete(at: Place<'_>, tx: &Transaction, end: Option<&End>) {
    if tx.holds.passes() == 0 {
        return;
    }
    let now_us = at.worker.clock.now_us();
    if let Some((status, is_network_error)) = outcome(tx, end) {
        tx.holds.complete(|pass| {
            Some(Sample {
                status,
                is_network_error,
                latency_us: latency_us(pass, tx, now_us),
            })
        });
    }
    tell(at, tx);
}

/// The status as breakers count it, and whether it is a network error; nothing if the client left
/// in the middle of the response.
pub(super) fn outcome(tx: &Transaction, end: Option<&End>) -> Option<(u16, bool)> {
    let gateway = |status| (status, status == 502 || status == 504);
    Some(match end {
        None => gateway(tx.record.status),
        Some(
            End::ResponseAborted
            | End::ResponseReset
            | End::UploadClosed
            | End::ConnectAborted
            | End::QueueAborted
            | End::RequestClosed
            | End::RequestError,
        ) => (CLIENT_GONE, false),
        Some(
            End::DataClientClosed
            | End::DataClientTimeout
            | End::LastClientClosed
            | End::LastClientTimeout
            | End::DataBadRequest
            | End::Rejected { .. },
        ) => return None,
        Some(End::ReuseFailed) => (502, true),
        Some(End::ConnectFailed(status) | End::ConnectTimeout(status)) => (*status, true),
        Some(end) => gateway(end.fate().status.unwrap_or(tx.record.status)),
    })
}

/// What a client that left before the response counts as.
const CLIENT_GONE: u16 = 499;

fn latency_us(pass: &Pass, tx: &Transaction, now_us: u64) -> u64 {
    let end_us = match tx.record.response_us {
        head_us if pass.breaker().spec().first_byte && head_us > 0 => head_us,
        _ => now_us,
    };
    end_us.saturating_sub(pass.since_us())
}

/// How important a change of state is.
pub(super) fn severity(news: &News) -> u8 {
    match news.change {
        Change::Opened(..) => level::ALERT,
        Change::Recovers(_) | Change::Closed => level::NOTICE,
    }
}

/// Logs changes of state.
pub(super) fn tell(at: Place<'_>, tx: &Transaction) {
    tx.holds.each_news(|news| {
        server_breakers::follow(&at.worker.shared, &news.breaker, Some(&news.change));
        let severity = severity(&news);
        if let Some((backend, _)) = news.breaker.spec().server {
            return (at.worker.shared.reporter).log(backend, severity, &news.to_string());
        }
        let Some(channels) = at.worker.shared.log_channels(at.frontend_index) else {
            return;
        };
        let channel = channels.plain;
        if channel.wants(severity) {
            let message = news.to_string();
            let now_us = at.worker.clock.now_us();
            let mut log = at.worker.log.borrow_mut();
            log.send(channel, severity, now_us, message.as_bytes());
        }
    });
}
