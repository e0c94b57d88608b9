//! Whether a request is tried again, and when: `retries`, `retry-timeout`, `retry-backoff`.
//!
//! Deliberately absent: which failures are worth it (`replay` and `connect`), and which server is
//! tried.

use super::admission;
use super::connect::Target;
use super::place::Place;
use super::transaction::Transaction;
use crate::clock::{Millis, NEVER};
use crate::compile::config::Backend;
use crate::protect::circuit_limits::{CircuitLimits, RetryPermit};
use crate::random;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// Longest wait before trying the same server again.
const SAME_SERVER: Duration = Duration::from_secs(1);

/// How far the retries of one request have come.
#[derive(Debug)]
pub(super) struct Retrying {
    /// No retry begins later.
    until: Millis,
    /// A retry was allowed and has not begun.
    allowed: bool,
    /// Its place among the backend's retries.
    permit: Option<RetryPermit>,
    limits: Option<Arc<CircuitLimits>>,
}

impl Default for Retrying {
    fn default() -> Self {
        Self {
            until: NEVER,
            allowed: false,
            permit: None,
            limits: None,
        }
    }
}

impl Retrying {
    /// Takes a place among the backend's retries, in exchange for the one before.
    fn enter(&mut self) -> bool {
        self.permit = None;
        let Some(limits) = &self.limits else {
            return true;
        };
        self.permit = limits.retry();
        self.permit.is_some()
    }
}

/// The first attempt begins.
pub(super) fn begin(at: Place<'_>, to: Target<'_>, tx: &mut Transaction) {
    let until = match to.backend.retry.timeout {
        NEVER => NEVER,
        timeout => at.worker.clock.now().saturating_add(timeout),
    };
    tx.retrying = Retrying {
        until,
        limits: admission::limits(to, tx).cloned(),
        ..Retrying::default()
    };
}

/// Whether `retries` are left.
pub(super) fn may(backend: &Backend, tx: &Transaction) -> bool {
    tx.record.retries < most(backend, tx)
}

/// How many retries there may be.
pub(super) fn most(backend: &Backend, tx: &Transaction) -> u32 {
    let by_rules = tx.record.by_rules.retries.get();
    by_rules.unwrap_or(backend.retries)
}

/// Allows a retry if nothing speaks against it. Whoever is allowed one makes it.
pub(super) fn allow(at: Place<'_>, backend: &Backend, tx: &mut Transaction) -> bool {
    let in_time = tx.retrying.until == NEVER || at.worker.clock.now() <= tx.retrying.until;
    if !tx.retrying.allowed && may(backend, tx) && in_time {
        tx.retrying.allowed = tx.retrying.enter();
    }
    tx.retrying.allowed
}

/// The retry that was allowed begins.
pub(super) fn count(tx: &mut Transaction) {
    tx.retrying.allowed = false;
    tx.record.retries += 1;
}

/// The wait before the retry that was just counted. `refused`: the same server is asked again that
/// has refused. It is short and rare: the wheel's ticks would be too coarse for it.
pub(super) fn pause(
    backend: &Backend,
    tx: &Transaction,
    refused: bool,
) -> Option<impl Future<Output = ()> + use<>> {
    let time = match backend.retry.backoff {
        Some(backoff) => {
            let luck = (random::next() >> 32) as u32;
            backoff.wait(tx.record.retries, most(backend, tx), luck)
        }
        None if refused => SAME_SERVER.min(Duration::from_millis(backend.timeouts.connect)),
        None => return None,
    };
    #[allow(
        clippy::disallowed_methods,
        reason = "a tick of the wheel would double a wait of 10 ms"
    )]
    (!time.is_zero()).then(|| tokio::time::sleep(time))
}
