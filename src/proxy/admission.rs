//! `circuit-limits` as a request meets them: waiting, being refused, and connections.
//!
//! Deliberately absent: the limits themselves (`protect::circuit_limits`) and the queue.

use super::client::Client;
use super::connect::Target;
use super::end::End;
use super::place::Place;
use super::rules;
use super::transaction::Transaction;
use super::worker::Worker;
use crate::backend::BackendState;
use crate::net::Stream;
use crate::protect::circuit_limits::{CircuitLimits, ConnectionPermit, Overflow, Priority};
use std::rc::Weak;
use std::sync::Arc;

/// Whose limits a request is held to: `set-priority-class` below 0 is `high`.
pub(super) fn priority(tx: &Transaction) -> Priority {
    match tx.record.by_rules.priority_class.get() {
        ..0 => Priority::High,
        _ => Priority::Default,
    }
}

/// The limits of a request.
pub(super) fn limits<'a>(to: Target<'a>, tx: &Transaction) -> Option<&'a Arc<CircuitLimits>> {
    to.state.limits(priority(tx))
}

/// Notes what limits that only pretend would have done with a request.
pub(super) fn pretend(to: Target<'_>, tx: &Transaction) {
    let overflow = limits(to, tx).and_then(|limits| limits.shadow_verdict());
    if let Some(overflow) = overflow {
        let blocked_by = format!("shadow:{}", overflow.blocked_by()).into();
        tx.record.by_rules.blocked_by.replace(Some(blocked_by));
    }
}

/// The end of a request that a limit refuses.
pub(super) fn refuse(
    at: Place<'_>,
    to: Target<'_>,
    client: &mut Client,
    tx: &mut Transaction,
    overflow: Overflow,
) -> End {
    let [default, high] = to.backend.circuit_limits.each_ref();
    let line = match priority(tx) {
        Priority::High => high.as_ref().or(default.as_ref()),
        Priority::Default => default.as_ref(),
    };
    match line {
        Some(line) => rules::refuse_overflow(at, to.backend, &line.refusal, client, tx, overflow),
        None => End::NoServer,
    }
}

/// A kept connection, if it has, or gets, its place among those of this request's priority.
pub(super) fn adopt(
    limits: Option<&Arc<CircuitLimits>>,
    server: usize,
    mut stream: Stream,
) -> Option<Stream> {
    let Some(limits) = limits else {
        return Some(stream);
    };
    let has_place = |permit: &ConnectionPermit| permit.is_of(limits);
    if !stream.tied().is_some_and(has_place) {
        stream.tie(limits.connect(server)?);
    }
    Some(stream)
}

/// A place for a new connection; idle ones make way for it.
pub(super) async fn place(
    at: Place<'_>,
    backend: usize,
    server: usize,
    limits: &Arc<CircuitLimits>,
) -> ConnectionPermit {
    if let Some(permit) = limits.connect(server) {
        return permit;
    }
    {
        let mut idle = at.worker.idle.borrow_mut();
        if !idle.give_way(backend, Some(server)) {
            idle.give_way(backend, None);
        }
    }
    limits.connect_soon(server).await
}

/// Closes idle connections of a backend, one by one, while somebody needs their places.
pub(super) async fn make_way(worker: Weak<Worker>, backend: usize, state: Arc<BackendState>) {
    let Some(places) = state.places() else {
        return;
    };
    let mut wanted = Box::pin(places.wanted());
    loop {
        wanted.await;
        wanted = Box::pin(places.wanted());
        let Some(worker) = worker.upgrade() else {
            return;
        };
        let mut idle = worker.idle.borrow_mut();
        for server in places.taken() {
            idle.give_way(backend, Some(server));
        }
        if Priority::ALL
            .iter()
            .any(|&priority| is_full(&state, priority))
        {
            idle.give_way(backend, None);
        }
    }
}

fn is_full(state: &BackendState, priority: Priority) -> bool {
    let limits = state.limits(priority);
    limits.is_some_and(|limits| limits.snapshot().connections.is_open())
}
