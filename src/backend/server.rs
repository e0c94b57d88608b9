//! Servers as all workers see them: what each serves, and who waits for one.
//!
//! Counts are atomics. The queue is one short lock per backend, touched only when a server is
//! full or someone waits. A waiter is handed a server by whoever frees a slot, on whatever worker.
//! `served` and `waiting` are sequentially consistent: a slot freed and a waiter joining at the same
//! moment must not both miss the other.

use super::balancer::{Balancer, Pick, Wish};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

/// The load of one request on a server of weight 1.
const LOAD_UNIT: u64 = 256;

/// What balancing needs to know of a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerSpec {
    /// `id`: the order of `balance first`.
    pub id: u32,
    /// Where it starts on a ring, made by [`super::hash`] as `hash-key` says.
    pub ring_key: u32,
    /// 0..=256; 0 takes no new sessions.
    pub weight: u32,
    /// Most concurrent requests; 0 = unlimited.
    pub maxconn: u32,
    /// Most requests waiting for it; 0 = unlimited.
    pub maxqueue: u32,
    /// Only used when no other server is.
    pub backup: bool,
    /// In maintenance.
    pub disabled: bool,
}

/// How a server is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Weighted, in HAProxy's order.
    RoundRobin,
    /// In turn through a table that is made once.
    StaticRr,
    /// The least loaded for its weight.
    LeastConn,
    /// The first with room.
    First,
    /// The less loaded of this many drawn at random.
    Random(u32),
    /// One server for everything while it can be used.
    Sticky,
    /// The server that a request's hash belongs to: on a ring, or in a table.
    Hash {
        /// `hash-type consistent`.
        consistent: bool,
    },
}

/// `hash-preserve-affinity`: when a key on a ring goes to another server than its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Affinity {
    /// Never.
    #[default]
    Always,
    /// While its own has no slot left.
    MaxConn,
    /// While its own has no slot left and its queue is full.
    MaxQueue,
}

/// What a backend is made of.
#[derive(Clone, Debug)]
pub struct BackendSpec {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// The servers, in order.
    pub servers: Vec<ServerSpec>,
    /// `option allbackups`.
    pub all_backups: bool,
    /// `hash-preserve-affinity`.
    pub affinity: Affinity,
    /// `hash-balance-factor`, in percent; 0 = none.
    pub balance_factor: u32,
}

/// Counts of one server, shared by all workers.
#[derive(Debug)]
pub struct ServerState {
    spec: ServerSpec,
    /// Requests being served now.
    served: AtomicU32,
    /// Requests waiting for this very server.
    queued: AtomicU32,
    /// Requests ever sent to it.
    total: AtomicU64,
}

impl ServerState {
    /// Requests being served now (`%sc`).
    pub fn served(&self) -> u32 {
        self.served.load(Ordering::Relaxed)
    }

    /// Requests ever sent to it.
    pub fn total(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }

    /// Whether it is in service.
    pub fn is_up(&self) -> bool {
        !self.spec.disabled
    }

    /// Its weight.
    pub(super) fn weight(&self) -> u32 {
        self.spec.weight
    }

    /// Whether who comes now would have to wait.
    pub(super) fn is_full(&self) -> bool {
        self.spec.maxconn > 0 && (self.queued() > 0 || self.is_at_maxconn())
    }

    /// Whether all slots are taken.
    pub(super) fn is_at_maxconn(&self) -> bool {
        self.spec.maxconn > 0 && self.served() >= self.spec.maxconn
    }

    /// Whether the queue is full too.
    pub(super) fn is_at_maxqueue(&self) -> bool {
        let limit = self.spec.maxconn.saturating_add(self.spec.maxqueue);
        self.spec.maxconn > 0 && self.spec.maxqueue > 0 && self.served() + self.queued() >= limit
    }

    /// How loaded `leastconn` takes it to be: as if one more request were on it, unless it is idle.
    pub(super) fn load(&self) -> u64 {
        match u64::from(self.served()) + u64::from(self.queued()) {
            0 => 0,
            busy => (busy + 1) * LOAD_UNIT / u64::from(self.spec.weight.max(1)),
        }
    }

    /// Requests waiting for this very server.
    pub(super) fn queued(&self) -> u32 {
        self.queued.load(Ordering::SeqCst)
    }

    /// Takes a slot if there is room.
    fn try_enter(&self) -> bool {
        let limit = if self.spec.maxconn == 0 {
            u32::MAX
        } else {
            self.spec.maxconn
        };
        let entered = self
            .served
            .fetch_update(Ordering::SeqCst, Ordering::Relaxed, |n| {
                (n < limit).then(|| n + 1)
            })
            .is_ok();
        if entered {
            self.total.fetch_add(1, Ordering::Relaxed);
        }
        entered
    }

    /// Whether `self` carries less than `other` for its weight.
    pub(super) fn lighter_than(&self, other: &Self) -> bool {
        let load = |a: &Self, b: &Self| u64::from(a.served()) * u64::from(b.spec.weight);
        load(self, other) < load(other, self)
    }
}

/// One backend as all workers see it.
#[derive(Debug)]
pub struct BackendState {
    servers: Vec<ServerState>,
    balancer: Balancer,
    queue: Mutex<VecDeque<Arc<Waiter>>>,
    /// Length of `queue`, readable without its lock.
    waiting: AtomicUsize,
    /// How many of these would take any server.
    waiting_for_any: AtomicU32,
    /// Requests being processed by this backend, queued ones included (`%bc`).
    conns: AtomicU32,
}

/// A request counted in its backend.
#[derive(Debug)]
pub struct Counted(Arc<BackendState>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.conns.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What choosing a server came to.
#[derive(Debug)]
pub enum Choice {
    /// This one; the slot is taken.
    Server(Slot),
    /// All usable servers are full: wait for any.
    Full,
    /// The one server it can be is full: wait for that.
    Busy(usize),
    /// No server is usable.
    NoServer,
}

/// A place on a server; dropping it gives the place back and serves the queue.
#[derive(Debug)]
pub struct Slot {
    backend: Arc<BackendState>,
    server: usize,
}

impl Slot {
    /// Index of the server.
    pub fn server(&self) -> usize {
        self.server
    }

    /// Its counts.
    pub fn state(&self) -> Option<&ServerState> {
        self.backend.servers.get(self.server)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.backend.release(self.server);
    }
}

impl BackendState {
    /// The state of a backend that has served nothing yet.
    pub fn new(spec: &BackendSpec) -> Arc<Self> {
        let servers: Vec<_> = spec
            .servers
            .iter()
            .map(|&spec| ServerState {
                spec,
                served: AtomicU32::new(0),
                queued: AtomicU32::new(0),
                total: AtomicU64::new(0),
            })
            .collect();
        Arc::new(Self {
            balancer: Balancer::new(spec),
            servers,
            queue: Mutex::default(),
            waiting: AtomicUsize::new(0),
            waiting_for_any: AtomicU32::new(0),
            conns: AtomicU32::new(0),
        })
    }

    /// The servers' counts, in order.
    pub fn servers(&self) -> &[ServerState] {
        &self.servers
    }

    /// Requests being processed now (`%bc`).
    pub fn conns(&self) -> u32 {
        self.conns.load(Ordering::Relaxed)
    }

    /// Requests waiting now.
    pub fn queue_len(&self) -> usize {
        self.waiting.load(Ordering::SeqCst)
    }

    /// Counts a request in, until the guard is dropped.
    pub fn enter(self: &Arc<Self>) -> Counted {
        self.conns.fetch_add(1, Ordering::Relaxed);
        Counted(Arc::clone(self))
    }

    /// How many servers may be chosen.
    pub fn usable_servers(&self) -> usize {
        self.balancer.count()
    }

    /// Whether the server at `index` is one that may be chosen.
    pub fn is_eligible(&self, index: usize) -> bool {
        self.balancer.has(index)
    }

    /// Chooses a server; those who already wait for any go first.
    pub fn choose(self: &Arc<Self>, wish: Wish) -> Choice {
        // Another worker may fill the chosen server between the choice and the entry.
        for _ in 0..=self.servers.len() {
            let taken = match self.balancer.pick(wish, &self.servers) {
                Pick::Nobody => return Choice::NoServer,
                Pick::This(server) => return self.choose_server(server, false),
                Pick::Full => return Choice::Full,
                Pick::WithRoom(_) if self.waiting_for_any.load(Ordering::SeqCst) > 0 => {
                    return Choice::Full;
                }
                Pick::WithRoom(server) => self.enter_server(server),
            };
            if let Some(slot) = taken {
                return Choice::Server(slot);
            }
        }
        Choice::Full
    }

    /// Takes a slot on one given server; `even_down` on one in maintenance too.
    pub fn choose_server(self: &Arc<Self>, server: usize, even_down: bool) -> Choice {
        match self.servers.get(server) {
            Some(state) if !state.is_up() && !even_down => Choice::NoServer,
            Some(state) if state.is_full() => Choice::Busy(server),
            Some(_) => match self.enter_server(server) {
                Some(slot) => Choice::Server(slot),
                None => Choice::Busy(server),
            },
            None => Choice::NoServer,
        }
    }

    /// Joins the queue, for any server or `only` one; the future resolves to a slot. Dropping it
    /// leaves the queue.
    pub fn wait(self: &Arc<Self>, only: Option<usize>) -> Waiting {
        let waiter = Arc::new(Waiter {
            only,
            state: Mutex::default(),
        });
        let mut queue = self.queue.lock();
        queue.push_back(Arc::clone(&waiter));
        let position = self.count_waiter(&waiter, true) + 1;
        self.waiting.store(queue.len(), Ordering::SeqCst);
        drop(queue);
        // A slot freed between the failed choice and now saw an empty queue: look once more.
        match only {
            Some(server) => self.serve_queue(server),
            None => {
                for server in (0..self.servers.len()).filter(|&s| self.balancer.has(s)) {
                    self.serve_queue(server);
                }
            }
        }
        Waiting {
            backend: Arc::clone(self),
            waiter,
            position,
        }
    }

    fn enter_server(self: &Arc<Self>, server: usize) -> Option<Slot> {
        let entered = self.servers.get(server)?.try_enter();
        entered.then(|| {
            self.balancer.moved(server, &self.servers, 1);
            Slot {
                backend: Arc::clone(self),
                server,
            }
        })
    }

    fn release(self: &Arc<Self>, server: usize) {
        if let Some(state) = self.servers.get(server) {
            state.served.fetch_sub(1, Ordering::SeqCst);
            self.balancer.moved(server, &self.servers, -1);
        }
        self.serve_queue(server);
    }

    /// Hands free slots of a server to the longest-waiting requests that may have them.
    fn serve_queue(self: &Arc<Self>, server: usize) {
        while self.queue_len() > 0 {
            let mut queue = self.queue.lock();
            let fits = |waiter: &Arc<Waiter>| match waiter.only {
                Some(only) => only == server,
                None => self.balancer.has(server),
            };
            let Some(at) = queue.iter().position(fits) else {
                return;
            };
            let Some(slot) = self.enter_server(server) else {
                return;
            };
            let next = queue.remove(at);
            self.waiting.store(queue.len(), Ordering::SeqCst);
            if let Some(waiter) = &next {
                self.count_waiter(waiter, false);
            }
            drop(queue);
            if let Some(waiter) = next {
                waiter.hand(slot);
            }
        }
    }

    /// Counts who joined or left the queue, whose lock is held; how many waited for the same before.
    fn count_waiter(&self, waiter: &Waiter, joined: bool) -> u32 {
        let count = |queued: &AtomicU32| match joined {
            true => queued.fetch_add(1, Ordering::SeqCst),
            false => queued.fetch_sub(1, Ordering::SeqCst),
        };
        let Some(server) = waiter.only else {
            return count(&self.waiting_for_any);
        };
        let Some(state) = self.servers.get(server) else {
            return 0;
        };
        let before = count(&state.queued);
        self.balancer.moved(server, &self.servers, 0);
        before
    }
}

#[derive(Debug)]
struct Waiter {
    /// The one server it waits for.
    only: Option<usize>,
    state: Mutex<(Option<Slot>, Option<Waker>)>,
}

impl Waiter {
    fn hand(&self, slot: Slot) {
        let waker = {
            let mut state = self.state.lock();
            state.0 = Some(slot);
            state.1.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// A place in a backend's queue.
#[derive(Debug)]
pub struct Waiting {
    backend: Arc<BackendState>,
    waiter: Arc<Waiter>,
    position: u32,
}

impl Waiting {
    /// How many waited for the same when it joined, itself included (`%sq`, `%bq`).
    pub fn position(&self) -> u32 {
        self.position
    }
}

impl Future for Waiting {
    type Output = Slot;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Slot> {
        let mut state = self.waiter.state.lock();
        match state.0.take() {
            Some(slot) => Poll::Ready(slot),
            None => {
                state.1 = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        {
            let mut queue = self.backend.queue.lock();
            let place = queue.iter().position(|w| Arc::ptr_eq(w, &self.waiter));
            if let Some(waiter) = place.and_then(|at| queue.remove(at)) {
                self.backend.count_waiter(&waiter, false);
            }
            self.backend.waiting.store(queue.len(), Ordering::SeqCst);
        }
        // A slot handed over in the last moment goes to the next one.
        let unused = self.waiter.state.lock().0.take();
        drop(unused);
    }
}

#[cfg(test)]
mod tests {
    use super::super::hash::id_key;
    use super::*;

    const SERVER: ServerSpec = ServerSpec {
        id: 1,
        ring_key: 0,
        weight: 1,
        maxconn: 0,
        maxqueue: 0,
        backup: false,
        disabled: false,
    };

    fn backend(algorithm: Algorithm, servers: &[ServerSpec]) -> Arc<BackendState> {
        BackendState::new(&BackendSpec {
            algorithm,
            servers: (1..)
                .zip(servers)
                .map(|(id, &server)| ServerSpec {
                    id,
                    ring_key: id_key(id),
                    ..server
                })
                .collect(),
            all_backups: false,
            affinity: Affinity::Always,
            balance_factor: 0,
        })
    }

    fn take(backend: &Arc<BackendState>) -> Option<Slot> {
        match backend.choose(Wish::default()) {
            Choice::Server(slot) => Some(slot),
            Choice::Full | Choice::Busy(_) | Choice::NoServer => None,
        }
    }

    #[test]
    fn slots_are_counted_and_given_back() {
        let backend = backend(
            Algorithm::RoundRobin,
            &[ServerSpec {
                maxconn: 1,
                ..SERVER
            }],
        );
        let slot = take(&backend).unwrap();
        assert_eq!(backend.servers()[0].served(), 1);
        assert!(matches!(backend.choose(Wish::default()), Choice::Full));
        drop(slot);
        assert_eq!(backend.servers()[0].served(), 0);
        assert!(take(&backend).is_some());
    }

    #[test]
    fn a_freed_slot_goes_to_the_longest_waiting() {
        let backend = backend(
            Algorithm::RoundRobin,
            &[ServerSpec {
                maxconn: 1,
                ..SERVER
            }],
        );
        let slot = take(&backend).unwrap();
        let mut first = backend.wait(None);
        let mut second = backend.wait(None);
        let mut cx = Context::from_waker(Waker::noop());
        assert_eq!((first.position(), second.position()), (1, 2));
        assert!(Pin::new(&mut first).poll(&mut cx).is_pending());
        drop(slot);
        assert!(Pin::new(&mut second).poll(&mut cx).is_pending());
        let Poll::Ready(slot) = Pin::new(&mut first).poll(&mut cx) else {
            panic!("not served")
        };
        drop(slot);
        assert!(Pin::new(&mut second).poll(&mut cx).is_ready());
    }

    #[test]
    fn leaving_the_queue_passes_an_unused_slot_on() {
        let backend = backend(
            Algorithm::RoundRobin,
            &[ServerSpec {
                maxconn: 1,
                ..SERVER
            }],
        );
        let slot = take(&backend).unwrap();
        let first = backend.wait(None);
        let mut second = backend.wait(None);
        drop(slot);
        drop(first);
        let mut cx = Context::from_waker(Waker::noop());
        assert!(Pin::new(&mut second).poll(&mut cx).is_ready());
        drop(second);
        assert_eq!((backend.queue_len(), backend.servers()[0].served()), (0, 0));
    }

    #[test]
    fn backups_serve_only_when_nothing_else_can() {
        let down = ServerSpec {
            disabled: true,
            ..SERVER
        };
        let spare = ServerSpec {
            backup: true,
            ..SERVER
        };
        let check = |servers: &[ServerSpec], expected: Option<usize>| {
            let backend = backend(Algorithm::RoundRobin, servers);
            assert_eq!(take(&backend).map(|s| s.server()), expected);
        };
        check(&[spare, SERVER], Some(1));
        check(&[down, spare], Some(1));
        check(&[down], None);
    }

    #[test]
    fn the_other_algorithms_prefer_the_less_loaded() {
        let backend = backend(
            Algorithm::LeastConn,
            &[
                SERVER,
                ServerSpec {
                    weight: 2,
                    ..SERVER
                },
            ],
        );
        let taken: Vec<_> = (0..6).filter_map(|_| take(&backend)).collect();
        let on_second = taken.iter().filter(|s| s.server() == 1).count();
        assert_eq!(on_second, 4);
    }

    #[test]
    fn random_spreads_over_all_servers() {
        let backend = backend(Algorithm::Random(2), &[SERVER; 4]);
        let taken: Vec<_> = (0..400).filter_map(|_| take(&backend)).collect();
        for index in 0..4 {
            let share = taken.iter().filter(|s| s.server() == index).count();
            assert!((60..140).contains(&share), "{index}: {share}");
        }
    }
}
