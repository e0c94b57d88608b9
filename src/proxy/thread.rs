//! What one worker thread owns: its timers, buffers, transactions, and its log queue.
//!
//! It is there for the life of the process, while configurations come and go: what belongs to one of
//! them is [`Worker`]'s. Nothing here is shared with another thread except through [`Peers`].

use super::accept::Handover;
use super::compress::Compressors;
use super::shared::Shared;
use super::transaction::Transaction;
use super::worker::Worker;
use crate::clock::{Clock, Millis};
use crate::net::{PipePool, Wheel};
use crate::observe::log::LogQueue;
use rustix::time::{ClockId, clock_gettime};
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{Notify, mpsc};

/// Pipes a worker keeps for large bodies, and their size in bytes.
const KEEP_PIPES: usize = 64;
const PIPE_SIZE: usize = 1 << 18;
/// Transactions, and buffers, a worker keeps for the next requests.
pub(super) const KEEP: usize = 256;
/// How many transactions stay when they are not needed: half a megabyte.
const KEEP_UNUSED: usize = 16;

/// One worker thread's own things.
#[derive(Debug)]
pub(super) struct Thread {
    pub(super) clock: Clock,
    pub(super) wheel: Wheel,
    pub(super) pipes: PipePool,
    pub(super) log: RefCell<LogQueue>,
    /// Where a log line is put together.
    pub(super) line: RefCell<Vec<u8>>,
    pub(super) compressors: RefCell<Compressors>,
    #[allow(
        clippy::vec_box,
        reason = "they go to and fro: a pointer is moved, not 1 kB"
    )]
    transactions: RefCell<Vec<Box<Transaction>>>,
    /// The fewest kept at any time since the last [`Thread::trim`].
    unused: Cell<usize>,
    stopping: Cell<bool>,
    ended: Notify,
    peers: Arc<Peers>,
    index: usize,
    /// When it began to work.
    started: Millis,
    /// When the thread's CPU time was read last, and what it was, in microseconds.
    cpu: Cell<(u64, u64)>,
    /// The generations it serves, the current one last.
    generations: RefCell<Vec<Weak<Worker>>>,
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

impl Thread {
    pub(super) fn new(clock: Clock, log: LogQueue, peers: Arc<Peers>, index: usize) -> Self {
        Self {
            wheel: Wheel::new(clock.now()),
            pipes: PipePool::new(KEEP_PIPES, Some(PIPE_SIZE)),
            log: RefCell::new(log),
            line: RefCell::default(),
            compressors: RefCell::default(),
            transactions: RefCell::default(),
            unused: Cell::default(),
            stopping: Cell::new(false),
            ended: Notify::new(),
            peers,
            index,
            started: clock.now(),
            cpu: Cell::new((clock.now_us(), 0)),
            generations: RefCell::default(),
            clock,
        }
    }

    /// What this thread serves that generation with.
    pub(super) fn worker(self: &Rc<Self>, shared: &Arc<Shared>) -> Rc<Worker> {
        let mut generations = self.generations.borrow_mut();
        generations.retain(|worker| worker.strong_count() > 0);
        let mut alive = generations.iter().filter_map(Weak::upgrade);
        if let Some(known) = alive.find(|worker| Arc::ptr_eq(&worker.shared, shared)) {
            return known;
        }
        let before = generations.last().and_then(Weak::upgrade);
        let worker = Rc::new(Worker::new(self, Arc::clone(shared), before.as_deref()));
        generations.push(Rc::downgrade(&worker));
        worker.make_way();
        worker
    }

    /// What it serves the newest generation with.
    pub(super) fn current(&self) -> Option<Rc<Worker>> {
        self.generations.borrow().last()?.upgrade()
    }

    /// Measures how much of a core this thread used since it was asked last, in percent.
    pub(super) fn cpu_used(&self) -> u32 {
        let used = clock_gettime(ClockId::ThreadCPUTime);
        let used_us = (used.tv_sec as u64)
            .saturating_mul(1_000_000)
            .saturating_add(used.tv_nsec as u64 / 1000);
        let now_us = self.clock.now_us();
        let (then_us, before_us) = self.cpu.replace((now_us, used_us));
        let elapsed = now_us.saturating_sub(then_us).max(1);
        let percent = used_us.saturating_sub(before_us).saturating_mul(100) / elapsed;
        percent.min(100) as u32
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
        let generations = self.generations.borrow();
        for worker in generations.iter().filter_map(Weak::upgrade) {
            worker.idle.borrow_mut().close_if(|_| true);
            worker.shared.estate.stop();
        }
        self.wheel.wake_all();
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

    /// Keeps one that was reset and holds no buffer.
    pub(super) fn keep_transaction(&self, tx: Box<Transaction>) {
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

    /// A session begins.
    pub(super) fn count_in(&self) {
        if let Some(peer) = self.peers.list.get(self.index) {
            peer.sessions.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A session has ended.
    pub(super) fn count_out(&self) {
        if let Some(peer) = self.peers.list.get(self.index) {
            peer.sessions.fetch_sub(1, Ordering::Relaxed);
        }
        self.ended.notify_one();
    }
}
