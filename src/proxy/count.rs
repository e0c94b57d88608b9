//! Counting: which event adds to which counters, in HAProxy's sense of each.
//!
//! A stream counts where it has been: in its frontend and listener, in its backend, or in the back
//! half of a `listen` that answered by itself, and on its server. What an [`End`] counts as is for
//! `end` to say. Each is a few plain additions to the worker's own tallies.

use super::connect::Target;
use super::end::End;
use super::place::Place;
use super::shared::Listener;
use super::statistics::BYTES_PER_UNIT;
use super::transaction::Transaction;
use super::worker::Worker;
use crate::clock::Millis;
use crate::compile::config::{BackendId, Mode};
use crate::observe::Record;
use crate::observe::stats::{Count, Counters, Rate, Tally};
use crate::settings::Coding;

impl Worker {
    fn tally<'c>(&self, counters: Option<&'c Counters>) -> Option<&'c Tally> {
        counters?.tally(self.index())
    }

    fn process_tally(&self) -> Option<&Tally> {
        self.tally(Some(self.shared.counters.process()))
    }

    fn front_tally(&self, frontend: usize) -> Option<&Tally> {
        self.tally(self.shared.counters.frontend(frontend))
    }

    fn listener_tally(&self, listener: &Listener) -> Option<&Tally> {
        let counters = &self.shared.counters;
        self.tally(counters.listener(listener.frontend, listener.bind))
    }

    fn backend_tally(&self, backend: BackendId) -> Option<&Tally> {
        self.tally(self.shared.counters.backend(backend.0 as usize))
    }

    fn server_tally(&self, backend: BackendId, server: usize) -> Option<&Tally> {
        let counters = &self.shared.counters;
        self.tally(counters.server(backend.0 as usize, server))
    }
}

/// The frontend's, and the listener's if it has its own.
fn fronts<'a>(worker: &'a Worker, listener: &Listener) -> impl Iterator<Item = &'a Tally> {
    let own = worker.front_tally(listener.frontend);
    [own, worker.listener_tally(listener)].into_iter().flatten()
}

/// A connection was accepted.
pub(super) fn connection(worker: &Worker, listener: &Listener, now: Millis) {
    let counters = &worker.shared.counters;
    let [at_listener, at_frontend, _] = listener.limits.each_ref().map(|limit| limit.used());
    worker.shared.process.note_if_reached();
    if let Some(frontend) = counters.frontend(listener.frontend) {
        frontend.saw_sessions(at_frontend);
    }
    if let Some(own) = counters.listener(listener.frontend, listener.bind) {
        own.saw_sessions(at_listener);
    }
    for tally in fronts(worker, listener).chain(worker.process_tally()) {
        tally.count(Count::Connections);
        tally.meter(Rate::Connections, now);
    }
}

/// A rule on connections or sessions refused the client.
pub(super) fn refused(at: Place<'_>, what: Count) {
    fronts(at.worker, at.listener).for_each(|tally| tally.count(what));
}

/// The connection became a session.
pub(super) fn session(at: Place<'_>, now: Millis) {
    if let Some(process) = at.worker.process_tally() {
        process.session(now);
    }
    for tally in fronts(at.worker, at.listener) {
        tally.session(now);
        if at.frontend.mode == Mode::Http {
            tally.count(Count::HttpSessions);
        }
    }
}

/// An HTTP request came, a refused one included.
pub(super) fn request(at: Place<'_>, now: Millis) {
    for tally in fronts(at.worker, at.listener) {
        tally.count(Count::Requests);
        tally.meter(Rate::Requests, now);
    }
}

/// A stream was given to a backend, which counts it already among its connections.
pub(super) fn backend(at: Place<'_>, to: BackendId, conns: u32, now: Millis) {
    if let Some(counters) = at.worker.shared.counters.backend(to.0 as usize) {
        counters.saw_sessions(conns);
    }
    if let Some(tally) = at.worker.backend_tally(to) {
        tally.session(now);
    }
}

/// Something happened with a server.
pub(super) fn with_server(at: Place<'_>, to: Target<'_>, server: usize, what: Count) {
    let sides = [
        at.worker.backend_tally(to.id),
        at.worker.server_tally(to.id, server),
    ];
    for tally in sides.into_iter().flatten() {
        tally.count(what);
    }
}

/// A stream uses a server: each attempt counts. `served` is how many the server has now.
pub(super) fn attempt(at: Place<'_>, to: Target<'_>, server: usize, served: u32, now: Millis) {
    let counters = &at.worker.shared.counters;
    if let Some(counters) = counters.server(to.id.0 as usize, server) {
        counters.saw_sessions(served);
    }
    if let Some(tally) = at.worker.server_tally(to.id, server) {
        tally.session(now);
        tally.last_session(now);
    }
    if let Some(tally) = at.worker.backend_tally(to.id) {
        tally.last_session(now);
    }
}

/// A stream waits: for one server, or for any of the backend.
pub(super) fn queued(at: Place<'_>, to: Target<'_>, only: Option<usize>, waiting: u32) {
    let counters = &at.worker.shared.counters;
    let backend = to.id.0 as usize;
    let own = only.and_then(|server| counters.server(backend, server));
    for counters in [own, counters.backend(backend)].into_iter().flatten() {
        counters.saw_queued(waiting);
    }
}

/// A part of a response was given to its coding, which made something of it.
pub(super) fn coded(at: Place<'_>, record: &mut Record, (taken, made): (u64, u64)) {
    record.coded.0 += taken;
    record.coded.1 += made;
    let process = at.worker.process_tally();
    if let Some(process) = process.filter(|_| taken > 0 && is_compressed(record)) {
        let now = at.worker.clock.now();
        for (rate, bytes) in [(Rate::CompressIn, taken), (Rate::CompressOut, made)] {
            process.meter_many(rate, now, u32::try_from(bytes).unwrap_or(u32::MAX));
        }
    }
}

/// Whether the response has a coding that changes it.
fn is_compressed(record: &Record) -> bool {
    record
        .coding
        .is_some_and(|coding| coding != Coding::Identity.token())
}

/// The server's response head is there.
pub(super) fn server_response(at: Place<'_>, to: BackendId, server: usize, status: u16) {
    if let Some(tally) = at.worker.server_tally(to, server) {
        tally.count(Count::response(status));
        tally.count(Count::Requests);
    }
}

/// A stream is over.
pub(super) fn end(at: Place<'_>, chosen: Option<BackendId>, tx: &Transaction, end: Option<&End>) {
    let record = &tx.record;
    let worker = at.worker;
    let back = chosen.or(at.frontend.own_backend);
    let server = chosen.zip(record.server);
    let backend = back.and_then(|id| worker.backend_tally(id));
    let server = server.and_then(|(id, index)| worker.server_tally(id, index));
    let front = worker.front_tally(at.frontend_index);
    let sides = [front, worker.listener_tally(at.listener), backend, server];
    for tally in sides.into_iter().flatten() {
        bytes(tally, record);
        tally.add(
            Count::FailedRewrites,
            record.by_rules.failed_rewrites.get().into(),
        );
        if let Some(end) = end {
            end.counts().iter().for_each(|&what| tally.count(what));
        }
    }
    if record.coding.is_some() || record.cache.borrow().key.is_some() {
        transformed([front, backend], record);
    }
    if record.status > 0 {
        let class = Count::response(record.status);
        if let Some(front) = front.filter(|_| at.frontend.mode == Mode::Http) {
            front.count(class);
        }
        let is_http = |id| worker.backend(id).is_some_and(|b| b.mode == Mode::Http);
        if let Some(backend) = backend.filter(|_| chosen.is_some_and(is_http)) {
            backend.count(class);
            backend.count(Count::Requests);
        }
    }
    let is_own = chosen.is_none() || chosen == at.frontend.own_backend;
    if let Some(front) = front.filter(|_| is_own && end.is_some_and(End::is_intercepted)) {
        front.count(Count::Intercepted);
    }
    if let Some(process) = worker.process_tally() {
        let units = u32::try_from(record.bytes_sent() / BYTES_PER_UNIT).unwrap_or(u32::MAX);
        process.meter_many(Rate::Units, record.end_us / 1000, units);
    }
    if record.status > 0 {
        let took = record.end_us.saturating_sub(record.request_start_us);
        let sides = [front, backend, server].into_iter().flatten();
        sides.for_each(|tally| tally.took(took));
    }
    if let Some(times) = times(record, at.mode) {
        for tally in [backend, server].into_iter().flatten() {
            tally.time(times);
        }
    }
}

/// What compression and caches did for a stream, in its frontend and in its backend.
fn transformed(sides: [Option<&Tally>; 2], record: &Record) {
    let (taken, made) = record.coded;
    let uses = record.cache.borrow();
    let found = uses.lookups.into_iter().zip(uses.hits);
    for (tally, (lookups, hits)) in sides.into_iter().zip(found) {
        let Some(tally) = tally else { continue };
        tally.add(Count::CacheLookups, lookups.into());
        tally.add(Count::CacheHits, hits.into());
        tally.add(Count::CompressedResponses, record.coding.is_some().into());
        if is_compressed(record) {
            tally.add(Count::CompressIn, taken);
            tally.add(Count::CompressOut, made);
        } else {
            tally.add(Count::CompressBypassed, taken);
        }
    }
}

fn bytes(tally: &Tally, record: &Record) {
    tally.add(Count::RequestIn, record.bytes_in);
    tally.add(Count::RequestOut, record.bytes_forwarded());
    tally.add(Count::ResponseIn, record.bytes_out);
    tally.add(Count::ResponseOut, record.bytes_sent());
    let [of_request, of_response] = record.spliced;
    tally.add(Count::SplicedRequests, of_request);
    tally.add(Count::SplicedResponses, of_response);
}

/// Milliseconds in the queue, connecting, until the response, and in all; of streams that a
/// server answered.
fn times(record: &Record, mode: Mode) -> Option<[u64; 4]> {
    let is_http = mode == Mode::Http;
    if record.connected_us == 0 || is_http && record.response_us == 0 {
        return None;
    }
    let begun = match (is_http, record.followed) {
        (true, true) => record.request_start_us,
        _ => record.accepted_us,
    };
    let ready = match is_http {
        true => record.request_end_us,
        false => record.request_start_us,
    };
    let answered = match is_http {
        true => record.response_us,
        false => record.connected_us,
    };
    let between = |from: u64, to: u64| to.saturating_sub(from) / 1000;
    Some([
        between(ready, record.queued_us),
        between(record.queued_us, record.connected_us),
        between(record.connected_us, answered),
        between(begun, record.end_us),
    ])
}
