//! Who is served now, for people who ask: one view of each client connection.
//!
//! A connection enters its view into its worker's list when it begins and takes it out when it ends;
//! in between it notes backend and server with plain stores. Nobody but these two and who asks takes
//! the list's lock, and who asks copies some views at a time. Deliberately absent: what a view is
//! shown as (`runtime_api`).

use super::shared::{Listener, Shared};
use crate::clock::Millis;
use crate::compile::config::{Backend, Frontend, Server};
use crate::health::Place;
use crate::net::Endpoint;
use parking_lot::Mutex;
use std::ops::Deref;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use tokio::task::AbortHandle;

/// Lists; workers beyond that share some.
const LISTS: usize = 64;
/// No backend, or no server.
const NONE: u32 = u32::MAX;

/// The client connections of a process, by worker.
#[derive(Debug)]
pub(super) struct Streams {
    lists: [Mutex<List>; LISTS],
}

#[derive(Debug, Default)]
struct List {
    places: Vec<Option<Arc<StreamView>>>,
    free: Vec<usize>,
}

/// A client connection as others see it.
#[derive(Debug)]
pub struct StreamView {
    shared: Arc<Shared>,
    listener: Arc<Listener>,
    client: Endpoint,
    worker: usize,
    place: AtomicU64,
    accepted_ms: Millis,
    /// When the current request began, or the connection in TCP mode; 0 between requests.
    request_ms: AtomicU64,
    backend: AtomicU32,
    server: AtomicU32,
    requests: AtomicU32,
    task: OnceLock<AbortHandle>,
}

impl Default for Streams {
    fn default() -> Self {
        Self {
            lists: std::array::from_fn(|_| Mutex::default()),
        }
    }
}

impl Streams {
    fn list(&self, worker: usize) -> &Mutex<List> {
        let [first, ..] = &self.lists;
        self.lists.get(worker % LISTS).unwrap_or(first)
    }

    /// How many a worker has, with those of workers that share its list.
    pub(super) fn count_of(&self, worker: usize) -> u32 {
        let list = self.list(worker).lock();
        let open = list.places.len().saturating_sub(list.free.len());
        u32::try_from(open).unwrap_or(u32::MAX)
    }

    /// Copies at most `most` views of one list from a place on to `out`; the place after them, or
    /// none at the end.
    fn copy(
        &self,
        list: usize,
        from: usize,
        most: usize,
        out: &mut Vec<Arc<StreamView>>,
    ) -> Option<usize> {
        let list = self.lists.get(list)?.lock();
        let some = list.places.get(from..)?;
        let some = some.get(..most).unwrap_or(some);
        out.extend(some.iter().flatten().cloned());
        (from + some.len() < list.places.len()).then_some(from + some.len())
    }
}

impl Shared {
    /// Closes the connections of all streams that are on a server, of whatever generation.
    pub(super) fn shut_down_streams(self: &Arc<Self>, place: Place) {
        let backend = self.config.backends.get(place.backend);
        let server = backend.and_then(|backend| backend.servers.get(place.server));
        let (Some(backend), Some(server)) = (backend, server) else {
            return;
        };
        let (backend, server) = (&*backend.name, &*server.name);
        let mut walk = StreamWalk::new(self);
        while let Some(some) = walk.some() {
            let there = some.iter().filter(|view| view.is_on(backend, server));
            there.for_each(|view| view.shut_down());
        }
    }
}

/// Walks through all connections, some at a time.
#[derive(Debug)]
pub struct StreamWalk {
    shared: Arc<Shared>,
    list: usize,
    from: usize,
}

impl StreamWalk {
    /// Of the whole process.
    pub(super) fn new(shared: &Arc<Shared>) -> Self {
        Self {
            shared: Arc::clone(shared),
            list: 0,
            from: 0,
        }
    }

    /// The next ones; nothing at the end.
    pub fn some(&mut self) -> Option<Vec<Arc<StreamView>>> {
        /// Copied while a lock is held: some tens of microseconds.
        const MOST: usize = 500;
        let mut out = Vec::new();
        while out.is_empty() {
            if self.list == LISTS {
                return None;
            }
            let streams = self.shared.streams();
            match streams.copy(self.list, self.from, MOST, &mut out) {
                Some(next) => self.from = next,
                None => (self.list, self.from) = (self.list + 1, 0),
            }
        }
        Some(out)
    }
}

/// A view in its list; dropping it takes it out.
#[derive(Debug)]
pub(super) struct Listed(Arc<StreamView>);

impl Listed {
    /// Enters a connection.
    pub(super) fn new(
        shared: &Arc<Shared>,
        listener: &Arc<Listener>,
        client: Endpoint,
        worker: usize,
        now: Millis,
    ) -> Self {
        let view = Arc::new(StreamView {
            shared: Arc::clone(shared),
            listener: Arc::clone(listener),
            client,
            worker,
            place: AtomicU64::new(0),
            accepted_ms: now,
            request_ms: AtomicU64::new(0),
            backend: AtomicU32::new(NONE),
            server: AtomicU32::new(NONE),
            requests: AtomicU32::new(0),
            task: OnceLock::new(),
        });
        let mut list = shared.streams().list(worker).lock();
        let place = match list.free.pop() {
            Some(place) => place,
            None => {
                list.places.push(None);
                list.places.len() - 1
            }
        };
        view.place.store(place as u64, Ordering::Relaxed);
        if let Some(free) = list.places.get_mut(place) {
            *free = Some(Arc::clone(&view));
        }
        drop(list);
        Self(view)
    }

    /// What others see.
    pub(super) fn view(&self) -> &Arc<StreamView> {
        &self.0
    }
}

impl Deref for Listed {
    type Target = StreamView;

    fn deref(&self) -> &StreamView {
        &self.0
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        let mut list = self.0.shared.streams().list(self.0.worker).lock();
        let place = self.0.place.load(Ordering::Relaxed) as usize;
        if let Some(taken) = list.places.get_mut(place) {
            *taken = None;
            list.free.push(place);
        }
    }
}

/// What the connection itself notes.
impl StreamView {
    /// Its task, which can be ended from elsewhere.
    pub(super) fn is_served_by(&self, task: AbortHandle) {
        let _ = self.task.set(task);
    }

    /// A request began, or the stream of TCP mode.
    pub(super) fn begin(&self, now: Millis) {
        self.request_ms.store(now.max(1), Ordering::Relaxed);
        let requests = self.requests.load(Ordering::Relaxed);
        self.requests
            .store(requests.wrapping_add(1), Ordering::Relaxed);
    }

    /// It ended.
    pub(super) fn end(&self) {
        self.request_ms.store(0, Ordering::Relaxed);
        self.backend.store(NONE, Ordering::Relaxed);
        self.server.store(NONE, Ordering::Relaxed);
    }

    /// It is in that backend.
    pub(super) fn enter(&self, backend: u32) {
        self.backend.store(backend, Ordering::Relaxed);
        self.server.store(NONE, Ordering::Relaxed);
    }

    /// It is on that server.
    pub(super) fn reach(&self, server: usize) {
        let server = u32::try_from(server).unwrap_or(NONE);
        self.server.store(server, Ordering::Relaxed);
    }
}

/// What others ask.
impl StreamView {
    /// Who connected.
    pub fn client(&self) -> Endpoint {
        self.client
    }

    /// The name of the `bind` line.
    pub fn listener(&self) -> (&str, u32) {
        (&self.listener.name, self.listener.id)
    }

    /// The frontend.
    pub fn frontend(&self) -> Option<&Frontend> {
        self.shared.config.frontends.get(self.listener.frontend)
    }

    /// The backend it is in.
    pub fn backend(&self) -> Option<&Backend> {
        let index = self.backend.load(Ordering::Relaxed);
        self.shared.config.backends.get(index as usize)
    }

    /// The server it is on.
    pub fn server(&self) -> Option<&Server> {
        let index = self.server.load(Ordering::Relaxed);
        self.backend()?.servers.get(index as usize)
    }

    /// Whether it is on the server of these names.
    fn is_on(&self, backend: &str, server: &str) -> bool {
        self.server().is_some_and(|own| *own.name == *server)
            && self.backend().is_some_and(|own| *own.name == *backend)
    }

    /// Milliseconds since the stream began; `None` between requests.
    pub fn age(&self, now: Millis) -> Option<Millis> {
        match self.request_ms.load(Ordering::Relaxed) {
            0 => None,
            began => Some(now.saturating_sub(began)),
        }
    }

    /// Milliseconds since it was accepted.
    pub fn connected_for(&self, now: Millis) -> Millis {
        now.saturating_sub(self.accepted_ms)
    }

    /// Its requests so far.
    pub fn requests(&self) -> u32 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Closes the connection at once, whatever it is doing.
    pub fn shut_down(&self) {
        if let Some(task) = self.task.get() {
            task.abort();
        }
    }
}
