//! A client connection, as long as it lasts.

use super::limit::Permit;
use super::pace::Arrival;
use super::place::Place;
use super::streams::Listed;
use super::transaction::Transaction;
use crate::clock::Millis;
use crate::net::{ConnFacts, Endpoint, ReadOutcome, Stream, Timer};
use crate::table::Slots;
use crate::vocab::variable::Store;
use std::task::{Context, Poll};

/// How long, in milliseconds, and for how many bytes a closing connection is listened to.
const LINGER: Millis = 1000;
const LINGER_BYTES: usize = 1 << 20;

/// One accepted connection.
#[derive(Debug)]
pub(super) struct Client {
    /// What others see of it. Before the socket: who sees the end sees it in no list any more.
    pub(super) view: Listed,
    /// Its socket.
    pub(super) stream: Stream,
    /// Who it is.
    pub(super) facts: ConnFacts,
    /// Its ends as every request finds them; rules may change them for one.
    pub(super) session: (Endpoint, Endpoint),
    /// It must not notice that its connection ends (`silent-drop`).
    pub(super) is_silent: bool,
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
    /// Its place under limits per second, until it is counted.
    pub(super) arrival: Option<Arrival>,
    /// Server connections that only this client may use: `http-reuse never`, and those that
    /// began with a PROXY header naming it.
    pub(super) own: Vec<OwnServer>,
    /// Its `sess` variables.
    pub(super) vars: Store,
    /// What it tracks.
    pub(super) tracks: Slots,
    /// A transaction whose buffer already holds bytes of the next request.
    pub(super) pending: Option<Box<Transaction>>,
}

/// A server connection kept for one client.
#[derive(Debug)]
pub(super) struct OwnServer {
    /// Backend and server index.
    pub(super) key: (usize, usize),
    pub(super) stream: Stream,
    /// Requests it has served.
    pub(super) uses: u32,
    /// The client's ends as they were for it: what a PROXY header told the server.
    pub(super) told: (Endpoint, Endpoint),
    /// The unique id that was told with them.
    pub(super) unique_id: Option<Box<[u8]>>,
}

/// Server connections one client may keep.
const MAX_OWN: usize = 4;

impl Client {
    /// Ends the connection so that the client does not notice, see [`Stream::drop_silently`].
    pub(super) fn drop_silently(&mut self, hops: u8) {
        self.stream.drop_silently(hops);
        self.is_silent = true;
    }

    /// Keeps a server connection for this client alone.
    pub(super) fn keep_own(&mut self, own: OwnServer) {
        if self.own.len() >= MAX_OWN {
            self.own.remove(0);
        }
        self.own.push(own);
    }

    /// Takes one back that `fits`, if its server has not closed it.
    pub(super) fn take_own(
        &mut self,
        key: (usize, usize),
        fits: impl Fn(&OwnServer) -> bool,
    ) -> Option<(Stream, u32)> {
        let fits = |own: &OwnServer| own.key == key && fits(own);
        let index = self.own.iter().position(fits)?;
        let own = self.own.remove(index);
        own.stream.is_quiet().then_some((own.stream, own.uses))
    }

    /// What rules made of its ends from now on holds for all its requests.
    pub(super) fn settle_ends(&mut self) {
        self.session = (self.facts.src, self.facts.dst);
    }

    /// A request begins with the ends that all have.
    pub(super) fn reset_ends(&mut self) {
        (self.facts.src, self.facts.dst) = self.session;
    }

    /// Ready when `due` has passed; otherwise the task is woken then.
    pub(super) fn poll_deadline(&self, cx: &mut Context<'_>, due: Millis) -> Poll<()> {
        self.timer.set(due);
        self.timer.poll_fired(cx)
    }

    /// Closes after an answer to bytes that were not all read: a plain close would make the
    /// kernel reset the connection and the client lose the answer (RFC 9112 §9.6).
    pub(super) async fn linger(&mut self, at: Place<'_>) {
        if self.is_silent || self.stream.shutdown_write().is_err() {
            return;
        }
        let mut tx = at.worker.take_transaction();
        let due = at.worker.clock.now().saturating_add(LINGER);
        let mut left = LINGER_BYTES;
        std::future::poll_fn(|cx| {
            loop {
                tx.upload.buffer.clear();
                match self
                    .stream
                    .poll_read(cx, tx.upload.room(&at.worker.buffers))
                {
                    Poll::Ready(Ok(ReadOutcome::Data(count))) if count < left => left -= count,
                    Poll::Ready(_) => return Poll::Ready(()),
                    Poll::Pending => return self.poll_deadline(cx, due),
                }
            }
        })
        .await;
        at.worker.give_transaction(tx);
    }
}
