//! Servers as all workers see them: what each serves, and who waits for one.
//!
//! Counts are atomics. The queue is one short lock per backend, touched only when a server is
//! full or someone waits. A waiter is handed a server by whoever frees a slot, on whatever worker.
//! `served` and `waiting` are sequentially consistent: a slot freed and a waiter joining at the same
//! moment must not both miss the other.

use super::balance::RoundRobin;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

/// What balancing needs to know of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerSpec {
    /// 0..=256; 0 takes no new sessions.
    pub weight: u32,
    /// Most concurrent requests; 0 = unlimited.
    pub maxconn: u32,
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
    /// The least loaded for its weight.
    LeastConn,
    /// The first with room.
    First,
    /// The less loaded of this many drawn at random.
    Random(u32),
}

/// What a backend is made of.
#[derive(Clone, Debug)]
pub struct BackendSpec {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// The servers, in order.
    pub servers: Vec<ServerSpec>,
}

/// Counts of one server, shared by all workers.
#[derive(Debug)]
pub struct ServerState {
    spec: ServerSpec,
    /// Requests being served now.
    served: AtomicU32,
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

    fn usable(&self) -> bool {
        !self.spec.disabled && self.spec.weight > 0
    }

    fn is_full(&self) -> bool {
        self.spec.maxconn > 0 && self.served() >= self.spec.maxconn
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
    fn lighter_than(&self, other: &Self) -> bool {
        let load = |a: &Self, b: &Self| u64::from(a.served()) * u64::from(b.spec.weight);
        load(self, other) < load(other, self)
    }
}

/// One backend as all workers see it.
#[derive(Debug)]
pub struct BackendState {
    algorithm: Algorithm,
    servers: Vec<ServerState>,
    round_robin: Mutex<RoundRobin>,
    queue: Mutex<VecDeque<Arc<Waiter>>>,
    /// Length of `queue`, readable without its lock.
    waiting: AtomicUsize,
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
    /// All usable servers are full: wait.
    Full,
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
                total: AtomicU64::new(0),
            })
            .collect();
        let weights = servers.iter().map(|s| {
            if s.usable() && !s.spec.backup {
                s.spec.weight
            } else {
                0
            }
        });
        let round_robin = Mutex::new(RoundRobin::new(weights));
        Arc::new(Self {
            algorithm: spec.algorithm,
            round_robin,
            servers,
            queue: Mutex::default(),
            waiting: AtomicUsize::new(0),
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
        let active = self
            .servers
            .iter()
            .filter(|s| s.usable() && !s.spec.backup)
            .count();
        if active > 0 {
            active
        } else {
            usize::from(self.first_backup().is_some())
        }
    }

    /// Whether the server at `index` is one that may be chosen.
    pub fn is_eligible(&self, index: usize) -> bool {
        let Some(server) = self.servers.get(index) else {
            return false;
        };
        let any_active = || self.servers.iter().any(|s| s.usable() && !s.spec.backup);
        match server.spec.backup {
            false => server.usable(),
            true => !any_active() && self.first_backup() == Some(index),
        }
    }

    /// Chooses a server, preferring another than `avoid`; those who already wait go first.
    pub fn choose(self: &Arc<Self>, avoid: Option<usize>) -> Choice {
        if self.queue_len() > 0 {
            return if self.usable_servers() > 0 {
                Choice::Full
            } else {
                Choice::NoServer
            };
        }
        self.choose_now(avoid)
    }

    /// Takes a slot on one given server, `even_down` if it is out of service.
    pub fn choose_server(self: &Arc<Self>, server: usize, even_down: bool) -> Choice {
        match self.servers.get(server) {
            Some(state) if state.spec.disabled && !even_down => Choice::NoServer,
            Some(state) if state.try_enter() => Choice::Server(self.slot(server)),
            Some(_) => Choice::Full,
            None => Choice::NoServer,
        }
    }

    /// Joins the queue, of one server or of all; the future resolves to a slot. Dropping it leaves
    /// the queue.
    pub fn wait(self: &Arc<Self>, only: Option<usize>) -> Waiting {
        let waiter = Arc::new(Waiter {
            only,
            handed: Mutex::default(),
        });
        let mut queue = self.queue.lock();
        queue.push_back(Arc::clone(&waiter));
        let position = queue.iter().filter(|other| other.only == only).count();
        self.waiting.store(queue.len(), Ordering::SeqCst);
        drop(queue);
        // A slot freed between the failed choice and now saw an empty queue: look once more.
        self.serve_queue();
        Waiting {
            backend: Arc::clone(self),
            waiter,
            position: position as u32,
        }
    }

    fn slot(self: &Arc<Self>, server: usize) -> Slot {
        Slot {
            backend: Arc::clone(self),
            server,
        }
    }

    fn choose_now(self: &Arc<Self>, avoid: Option<usize>) -> Choice {
        // Another worker may fill the chosen server between the choice and the entry.
        for _ in 0..=self.servers.len() {
            let Some(server) = self.pick(avoid) else {
                break;
            };
            if self.servers.get(server).is_some_and(ServerState::try_enter) {
                return Choice::Server(self.slot(server));
            }
        }
        if self.usable_servers() > 0 {
            Choice::Full
        } else {
            Choice::NoServer
        }
    }

    fn pick(&self, avoid: Option<usize>) -> Option<usize> {
        let full = |i: usize| self.servers.get(i).is_none_or(ServerState::is_full);
        let active = || {
            self.servers
                .iter()
                .enumerate()
                .filter(|(i, s)| s.usable() && !s.spec.backup && !full(*i))
        };
        let chosen = match self.algorithm {
            Algorithm::RoundRobin => self.round_robin.lock().take(avoid, full),
            Algorithm::First => active().map(|(i, _)| i).next(),
            Algorithm::LeastConn => active()
                .reduce(|best, next| {
                    if next.1.lighter_than(best.1) {
                        next
                    } else {
                        best
                    }
                })
                .map(|(i, _)| i),
            Algorithm::Random(draws) => self.draw(draws, avoid, full),
        };
        chosen.or_else(|| {
            let any_active = self.servers.iter().any(|s| s.usable() && !s.spec.backup);
            if any_active {
                None
            } else {
                self.first_backup().filter(|&i| !full(i))
            }
        })
    }

    fn first_backup(&self) -> Option<usize> {
        self.servers
            .iter()
            .position(|s| s.usable() && s.spec.backup)
    }

    fn draw(
        &self,
        draws: u32,
        avoid: Option<usize>,
        full: impl Fn(usize) -> bool,
    ) -> Option<usize> {
        let weight = |(i, s): (usize, &ServerState)| {
            if s.usable() && !s.spec.backup && Some(i) != avoid {
                s.spec.weight
            } else {
                0
            }
        };
        let total: u32 = self.servers.iter().enumerate().map(weight).sum();
        if total == 0 {
            return avoid
                .filter(|&i| !full(i) && self.servers.get(i).is_some_and(ServerState::usable));
        }
        let one = || {
            let mut left = random_below(total);
            self.servers.iter().enumerate().find(|&entry| {
                let weight = weight(entry);
                let hit = left < weight;
                left = left.saturating_sub(weight);
                hit
            })
        };
        let best = (0..draws.max(1))
            .filter_map(|_| one())
            .reduce(|best, next| {
                if next.1.lighter_than(best.1) {
                    next
                } else {
                    best
                }
            })?;
        // A full choice is as good as none: the queue is the place to wait.
        (!full(best.0)).then_some(best.0)
    }

    fn release(self: &Arc<Self>, server: usize) {
        if let Some(state) = self.servers.get(server) {
            state.served.fetch_sub(1, Ordering::SeqCst);
        }
        self.serve_queue();
    }

    /// Hands free slots to the longest-waiting requests.
    fn serve_queue(self: &Arc<Self>) {
        while self.queue_len() > 0 {
            let Some((waiter, slot)) = self.next_served() else {
                return;
            };
            waiter.hand(slot);
        }
    }

    /// Takes the first waiter for whom there is a slot out of the queue.
    fn next_served(self: &Arc<Self>) -> Option<(Arc<Waiter>, Slot)> {
        let mut queue = self.queue.lock();
        let mut any_free = true;
        let found = queue.iter().enumerate().find_map(|(at, waiter)| {
            let choice = match waiter.only {
                Some(server) => self.choose_server(server, true),
                None if any_free => self.choose_now(None),
                None => Choice::Full,
            };
            any_free &= waiter.only.is_some();
            match choice {
                Choice::Server(slot) => Some((at, slot)),
                Choice::Full | Choice::NoServer => None,
            }
        });
        let (at, slot) = found?;
        let waiter = queue.remove(at)?;
        self.waiting.store(queue.len(), Ordering::SeqCst);
        Some((waiter, slot))
    }
}

fn random_below(bound: u32) -> u32 {
    use std::cell::Cell;
    use std::hash::{BuildHasher, RandomState};
    thread_local!(static STATE: Cell<u64> = Cell::new(RandomState::new().hash_one(0) | 1));
    STATE.with(|state| {
        // xorshift64*: balancing needs spread, not secrecy.
        let mut x = state.get();
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        state.set(x);
        let high = x.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32;
        ((high * u64::from(bound)) >> 32) as u32
    })
}

#[derive(Debug)]
struct Waiter {
    /// The server it waits for; `None` takes any.
    only: Option<usize>,
    handed: Mutex<(Option<Slot>, Option<Waker>)>,
}

impl Waiter {
    fn hand(&self, slot: Slot) {
        let waker = {
            let mut state = self.handed.lock();
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
    /// How many were queued when it joined, itself included (`%bq`).
    pub fn position(&self) -> u32 {
        self.position
    }
}

impl Future for Waiting {
    type Output = Slot;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Slot> {
        let mut state = self.waiter.handed.lock();
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
            queue.retain(|w| !Arc::ptr_eq(w, &self.waiter));
            self.backend.waiting.store(queue.len(), Ordering::SeqCst);
        }
        // A slot handed over in the last moment goes to the next one.
        let unused = self.waiter.handed.lock().0.take();
        drop(unused);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER: ServerSpec = ServerSpec {
        weight: 1,
        maxconn: 0,
        backup: false,
        disabled: false,
    };

    fn backend(algorithm: Algorithm, servers: &[ServerSpec]) -> Arc<BackendState> {
        BackendState::new(&BackendSpec {
            algorithm,
            servers: servers.to_vec(),
        })
    }

    fn take(backend: &Arc<BackendState>) -> Option<Slot> {
        match backend.choose(None) {
            Choice::Server(slot) => Some(slot),
            Choice::Full | Choice::NoServer => None,
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
        assert!(matches!(backend.choose(None), Choice::Full));
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
