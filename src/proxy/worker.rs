//! What one worker thread owns: its timers, buffers, idle connections, and its log queue.
//!
//! Nothing here is shared with another thread except through [`Shared`].

use super::accept::Handover;
use super::shared::{Listener, Shared};
use super::transaction::Transaction;
use crate::backend::{BackendState, IdlePool, PoolRules};
use crate::clock::{Clock, Millis};
use crate::compile::config::{Backend, BackendId, Server};
use crate::net::{BufferPool, Endpoint, PipePool, Stream, Wheel};
use crate::observe::log::{LogQueue, level};
use rustix::time::{ClockId, clock_gettime};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{Notify, mpsc};

/// Pipes a worker keeps for large bodies, and their size in bytes.
const KEEP_PIPES: usize = 64;
const PIPE_SIZE: usize = 1 << 18;
/// Transactions, and buffers, a worker keeps for the next requests.
const KEEP: usize = 256;
/// How many transactions stay when they are not needed: half a megabyte.
const KEEP_UNUSED: usize = 16;

/// One worker thread's own things.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) shared: Arc<Shared>,
    pub(super) clock: Clock,
    pub(super) wheel: Wheel,
    pub(super) buffers: BufferPool,
    pub(super) pipes: PipePool,
    pub(super) idle: RefCell<IdlePool>,
    pub(super) log: RefCell<LogQueue>,
    /// Where a log line is put together.
    pub(super) line: RefCell<Vec<u8>>,
    #[allow(
        clippy::vec_box,
        reason = "they go to and fro: a pointer is moved, not 1 kB"
    )]
    transactions: RefCell<Vec<Box<Transaction>>>,
    /// The fewest kept at any time since the last [`Worker::trim`].
    unused: Cell<usize>,
    stopping: Cell<bool>,
    ended: Notify,
    peers: Arc<Peers>,
    index: usize,
    /// When it began to work.
    started: Millis,
    /// When the thread's CPU time was read last, and what it was, in microseconds.
    cpu: Cell<(u64, u64)>,
}

/// All workers, as each sees the others.
#[derive(Debug)]
pub(super) struct Peers {
    list: Vec<Peer>,
}

#[derive(Debug)]
struct Peer {
    /// Client connections being served.
    sessions: AtomicUsize,
    inbox: mpsc::UnboundedSender<Handover>,
}

impl Peers {
    /// Workers that serve nothing yet, and the inbox of each.
    pub(super) fn new(count: usize) -> (Arc<Self>, Vec<mpsc::UnboundedReceiver<Handover>>) {
        let (list, inboxes) = (0..count)
            .map(|_| {
                let (inbox, receiver) = mpsc::unbounded_channel();
                (
                    Peer {
                        sessions: AtomicUsize::new(0),
                        inbox,
                    },
                    receiver,
                )
            })
            .unzip();
        (Arc::new(Self { list }), inboxes)
    }

    fn sessions(&self, index: usize) -> usize {
        self.list
            .get(index)
            .map_or(0, |peer| peer.sessions.load(Ordering::Relaxed))
    }

    /// The worker that serves clearly fewer connections than `index`, if there is one.
    fn clearly_fewer(&self, index: usize) -> Option<&Peer> {
        let own = self.sessions(index);
        let least = self
            .list
            .iter()
            .min_by_key(|p| p.sessions.load(Ordering::Relaxed))?;
        let other = least.sessions.load(Ordering::Relaxed);
        (own > other + other / 4 + 1).then_some(least)
    }
}

impl Worker {
    pub(super) fn new(
        shared: Arc<Shared>,
        clock: Clock,
        log: LogQueue,
        peers: Arc<Peers>,
        index: usize,
    ) -> Self {
        let servers = shared.config.backends.iter().map(|b| b.servers.len());
        Self {
            wheel: Wheel::new(clock.now()),
            buffers: BufferPool::new(shared.config.global.bufsize, 2 * KEEP),
            pipes: PipePool::new(KEEP_PIPES, Some(PIPE_SIZE)),
            idle: RefCell::new(IdlePool::new(servers)),
            log: RefCell::new(log),
            line: RefCell::default(),
            transactions: RefCell::default(),
            unused: Cell::default(),
            stopping: Cell::new(false),
            ended: Notify::new(),
            peers,
            index,
            started: clock.now(),
            cpu: Cell::new((clock.now_us(), 0)),
            shared,
            clock,
        }
    }

    pub(super) fn backend(&self, id: BackendId) -> Option<&Backend> {
        self.shared.config.backends.get(id.0 as usize)
    }

    pub(super) fn backend_state(&self, id: BackendId) -> Option<&Arc<BackendState>> {
        self.shared.backends.get(id.0 as usize)
    }

    /// Measures how much of a core this thread used since it was asked last.
    pub(super) fn measure_cpu(&self) {
        let used = clock_gettime(ClockId::ThreadCPUTime);
        let used_us = (used.tv_sec as u64)
            .saturating_mul(1_000_000)
            .saturating_add(used.tv_nsec as u64 / 1000);
        let now_us = self.clock.now_us();
        let (then_us, before_us) = self.cpu.replace((now_us, used_us));
        let elapsed = now_us.saturating_sub(then_us).max(1);
        let percent = used_us.saturating_sub(before_us).saturating_mul(100) / elapsed;
        let percent = percent.min(100) as u32;
        self.shared.counters.set_cpu_percent(self.index, percent);
    }

    /// What [`Worker::measure_cpu`] found last.
    pub(super) fn cpu_percent(&self) -> u32 {
        let mut percents = self.shared.counters.cpu_percents();
        percents.nth(self.index).unwrap_or(0)
    }

    /// Its number, from 0.
    pub(super) fn index(&self) -> usize {
        self.index
    }

    /// How many workers there are.
    pub(super) fn threads(&self) -> usize {
        self.peers.list.len()
    }

    /// Milliseconds since it began to work.
    pub(super) fn uptime(&self) -> Millis {
        self.clock.now().saturating_sub(self.started)
    }

    /// Whether the process is finishing: no further requests on kept connections.
    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.get()
    }

    /// Begins to finish: idle clients are woken so that they close.
    pub(super) fn stop_softly(&self) {
        self.stopping.set(true);
        self.shared.stop();
        self.idle.borrow_mut().purge(crate::clock::NEVER);
        self.wheel.wake_all();
    }

    /// `hard-stop-after`.
    pub(super) fn hard_stop_after(&self) -> Millis {
        self.shared.config.global.hard_stop_after
    }

    /// Gives a fresh connection to a worker that serves clearly fewer; `Some` if it stays here.
    pub(super) fn share(&self, handover: Handover) -> Option<Handover> {
        match self.peers.clearly_fewer(self.index) {
            Some(peer) => {
                // On its way it counts already: the other worker waits for it before it ends.
                peer.sessions.fetch_add(1, Ordering::Relaxed);
                let refused = peer.inbox.send(handover).err()?;
                // A worker that has ended takes nothing: then it stays.
                peer.sessions.fetch_sub(1, Ordering::Relaxed);
                Some(refused.0)
            }
            None => Some(handover),
        }
    }

    /// A connection that was shared with this worker has become a session, which counts itself.
    pub(super) fn handed_over(&self) {
        if let Some(peer) = self.peers.list.get(self.index) {
            peer.sessions.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Tells the process's log about a failure that is nobody's request.
    pub(super) fn report(&self, message: &str) {
        let Some(channel) = self.shared.process_channel() else {
            return;
        };
        let now = self.clock.now_us();
        self.log
            .borrow_mut()
            .send(channel, level::EMERG, now, message.as_bytes());
    }

    /// Counts a session in; it is counted out when the guard is dropped, even by a panic.
    pub(super) fn session_guard(
        self: &Rc<Self>,
        listener: &Arc<Listener>,
        client: Endpoint,
    ) -> SessionGuard {
        if let Some(peer) = self.peers.list.get(self.index) {
            peer.sessions.fetch_add(1, Ordering::Relaxed);
        }
        SessionGuard {
            worker: Rc::clone(self),
            name: (Arc::clone(listener), client),
        }
    }

    /// Resolves when no session is left.
    pub(super) async fn all_sessions_ended(&self) {
        while self.peers.sessions(self.index) > 0 {
            self.ended.notified().await;
        }
    }

    pub(super) fn take_transaction(&self) -> Box<Transaction> {
        let mut kept = self.transactions.borrow_mut();
        let tx = kept.pop();
        self.unused.set(self.unused.get().min(kept.len()));
        drop(kept);
        tx.unwrap_or_else(|| Box::new(Transaction::new()))
    }

    pub(super) fn give_transaction(&self, mut tx: Box<Transaction>) {
        tx.reset();
        tx.upload.rest(&self.buffers);
        tx.download.rest(&self.buffers);
        let mut kept = self.transactions.borrow_mut();
        if kept.len() < KEEP {
            kept.push(tx);
        }
    }

    /// Frees transactions that no request has needed since the last call, as after a burst.
    pub(super) fn trim(&self) {
        let mut kept = self.transactions.borrow_mut();
        let spare = kept.len().saturating_sub(KEEP_UNUSED);
        kept.drain(..self.unused.get().min(spare));
        self.unused.set(kept.len());
    }

    /// Keeps a server connection for another request of any client.
    pub(super) fn keep_idle(
        &self,
        key: (usize, usize),
        config: &Server,
        stream: Stream,
        uses: u32,
        busy: u32,
    ) {
        let rules = PoolRules {
            max_idle: config.pool_max_conn,
            max_reuse: config.max_reuse,
            purge_delay: config.pool_purge_delay,
        };
        let now = self.clock.now();
        self.idle
            .borrow_mut()
            .give(key, rules, stream, uses, busy, now);
        self.count_idle(key);
    }

    /// Tells the statistics how many connections to a server are idle.
    pub(super) fn count_idle(&self, key: (usize, usize)) {
        let counters = self.shared.counters.server(key.0, key.1);
        if let Some(tally) = counters.and_then(|counters| counters.tally(self.index)) {
            tally.idle(self.idle.borrow().counts(key));
        }
    }
}

/// A session being counted, and named should it panic.
#[derive(Debug)]
pub(super) struct SessionGuard {
    worker: Rc<Worker>,
    name: (Arc<Listener>, Endpoint),
}

impl Drop for SessionGuard {
    fn drop(&mut self) {
        let worker = &self.worker;
        if let Some(peer) = worker.peers.list.get(worker.index) {
            peer.sessions.fetch_sub(1, Ordering::Relaxed);
        }
        worker.ended.notify_one();
        if std::thread::panicking() {
            // A bug of ours ends this connection only; the runtime keeps the others.
            let (listener, client) = &self.name;
            let message = format!("a fault in the proxy closed {client} on {}", listener.name);
            worker.report(&message);
        }
    }
}
