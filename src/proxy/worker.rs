//! What one worker thread has for one generation of the configuration: buffers of its size and idle
//! connections to its servers.
//!
//! A connection keeps the worker it began with, so whatever it asks is answered by the generation
//! it began under. The thread's own things are reached through the worker, which derefs to its
//! [`Thread`].

use super::admission;
use super::shared::Shared;
use super::streams::StreamView;
use super::thread::{KEEP, Thread};
use super::transaction::Transaction;
use crate::backend::{BackendState, IdlePool, PoolRules, ServerPlace, ServerState};
use crate::compile::config::{Backend, BackendId, Server};
use crate::net::{BufferPool, Stream};
use crate::observe::log::level;
use std::cell::{Cell, RefCell};
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;
use tokio::task::JoinSet;

/// A server of one generation, and the one that it is in the next.
pub(super) type ServerPair = (ServerPlace, ServerPlace);

/// A thread serving a generation.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) shared: Arc<Shared>,
    pub(super) buffers: Rc<BufferPool>,
    pub(super) idle: RefCell<IdlePool>,
    /// A newer generation takes new connections.
    retired: Cell<bool>,
    /// Ended with this worker.
    making_way: RefCell<JoinSet<()>>,
    thread: Rc<Thread>,
}

impl Deref for Worker {
    type Target = Thread;

    fn deref(&self) -> &Thread {
        &self.thread
    }
}

impl Worker {
    /// `before` is what the thread served the generation before with.
    pub(super) fn new(thread: &Rc<Thread>, shared: Arc<Shared>, before: Option<&Self>) -> Self {
        let servers = shared.config.backends.iter().map(|b| b.servers.len());
        let bufsize = shared.config.global.bufsize;
        let buffers = before.filter(|before| before.shared.config.global.bufsize == bufsize);
        Self {
            idle: RefCell::new(IdlePool::new(servers)),
            buffers: buffers.map_or_else(
                || Rc::new(BufferPool::new(bufsize, 2 * KEEP)),
                |before| Rc::clone(&before.buffers),
            ),
            retired: Cell::new(false),
            making_way: RefCell::default(),
            thread: Rc::clone(thread),
            shared,
        }
    }

    /// Has idle connections closed when others need their places (`circuit-limits`).
    pub(super) fn make_way(self: &Rc<Self>) {
        let mut tasks = self.making_way.borrow_mut();
        for (index, state) in self.shared.backends.iter().enumerate() {
            if state.places().is_some() {
                let task = admission::make_way(Rc::downgrade(self), index, Arc::clone(state));
                tasks.spawn_local(task);
            }
        }
    }

    /// Makes way for the worker of a newer generation, which gets the idle connections of each
    /// pair of servers: one of ours, and the one that continues it.
    pub(super) fn retire(&self, heir: &Self, servers: &[ServerPair]) {
        self.retired.set(true);
        let mut left = std::mem::replace(&mut *self.idle.borrow_mut(), IdlePool::new([]));
        heir.idle.borrow_mut().inherit(&mut left, servers);
    }

    /// Whether connections end with their current request: a newer generation has taken over, or
    /// the process is finishing.
    pub(super) fn is_ending(&self) -> bool {
        self.retired.get() || self.is_stopping()
    }

    pub(super) fn backend(&self, id: BackendId) -> Option<&Backend> {
        self.shared.config.backends.get(id.0 as usize)
    }

    pub(super) fn backend_state(&self, id: BackendId) -> Option<&Arc<BackendState>> {
        self.shared.backends.get(id.0 as usize)
    }

    /// Measures how much of a core this thread uses.
    pub(super) fn measure_cpu(&self) {
        let percent = self.thread.cpu_used();
        self.shared.counters.set_cpu_percent(self.index(), percent);
    }

    /// What [`Worker::measure_cpu`] found last.
    pub(super) fn cpu_percent(&self) -> u32 {
        let mut percents = self.shared.counters.cpu_percents();
        percents.nth(self.index()).unwrap_or(0)
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

    pub(super) fn give_transaction(&self, mut tx: Box<Transaction>) {
        tx.reset();
        tx.upload.rest(&self.buffers);
        tx.download.rest(&self.buffers);
        self.keep_transaction(tx);
    }

    /// Keeps a server connection for another request of any client.
    pub(super) fn keep_idle(
        &self,
        key: (usize, usize),
        config: &Server,
        state: &ServerState,
        stream: Stream,
        uses: u32,
    ) {
        if self.retired.get() || state.is_in_maintenance() {
            return stream.abort();
        }
        let rules = PoolRules {
            max_idle: config.pool_max_conn.map(|most| (most, state.pooled())),
            low: config.pool_low_conn,
            max_reuse: config.max_reuse,
            purge_delay: config.pool_purge_delay,
        };
        let now = self.clock.now();
        self.idle
            .borrow_mut()
            .give(key, rules, stream, uses, state.served(), now);
        self.count_idle(key);
    }

    /// Closes idle connections that are broken or not needed, and those to servers that are in
    /// maintenance: they may be about to be removed.
    pub(super) fn purge_idle(&self) {
        let state = |(backend, server): ServerPlace| {
            let backend = self.shared.backends.get(backend)?;
            backend.servers().get(server)
        };
        let mut idle = self.idle.borrow_mut();
        idle.purge(self.clock.now(), |place| {
            state(place).map_or(0, |server| server.served())
        });
        idle.close_if(|place| state(place).is_some_and(|server| server.is_in_maintenance()));
    }

    /// Tells the statistics how many connections to each server are idle.
    pub(super) fn count_all_idle(&self) {
        for key in self.idle.borrow().keys() {
            self.count_idle(key);
        }
    }

    /// Tells the statistics how many connections to a server are idle.
    pub(super) fn count_idle(&self, key: (usize, usize)) {
        let counters = self.shared.counters.server(key.0, key.1);
        if let Some(tally) = counters.and_then(|counters| counters.tally(self.index())) {
            tally.idle(self.idle.borrow().counts(key));
        }
    }

    /// Counts a session in; it is counted out when the guard is dropped, even by a panic.
    pub(super) fn session_guard(self: &Rc<Self>, view: &Arc<StreamView>) -> SessionGuard {
        self.count_in();
        SessionGuard {
            worker: Rc::clone(self),
            view: Arc::clone(view),
        }
    }
}

/// A session being counted, and named should it panic.
#[derive(Debug)]
pub(super) struct SessionGuard {
    worker: Rc<Worker>,
    view: Arc<StreamView>,
}

impl Drop for SessionGuard {
    fn drop(&mut self) {
        self.worker.count_out();
        if std::thread::panicking() {
            // A bug of ours ends this connection only; the runtime keeps the others.
            let (client, (listener, _)) = (self.view.client(), self.view.listener());
            let message = format!("a fault in the proxy closed {client} on {listener}");
            self.worker.report(&message);
        }
    }
}
