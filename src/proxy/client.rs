//! A client connection, as long as it lasts.

use super::limit::Permit;
use super::transaction::Transaction;
use crate::clock::Millis;
use crate::net::{ConnFacts, Stream, Timer};
use std::task::{Context, Poll};

/// One accepted connection.
#[derive(Debug)]
pub(super) struct Client {
    /// Its socket.
    pub(super) stream: Stream,
    /// Who it is.
    pub(super) facts: ConnFacts,
    /// Its only timer: whatever it waits for next.
    pub(super) timer: Timer,
    /// Requests served on it before the current one.
    pub(super) served: u32,
    /// When the current wait for a request began, microseconds.
    pub(super) idle_since_us: u64,
    /// When its handshakes were done, microseconds.
    pub(super) handshake_us: u64,
    /// Its place under `maxconn`; given back when dropped.
    pub(super) _permit: Permit,
    /// A transaction whose buffer already holds bytes of the next request.
    pub(super) pending: Option<Box<Transaction>>,
}

impl Client {
    /// Ready when `due` has passed; otherwise the task is woken then.
    pub(super) fn poll_deadline(&self, cx: &mut Context<'_>, due: Millis) -> Poll<()> {
        self.timer.set(due);
        self.timer.poll_fired(cx)
    }
}
