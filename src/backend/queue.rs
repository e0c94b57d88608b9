//! Who waits for a server: for any of a backend, or for one.
//!
//! One short lock per backend, touched only when a server is full or someone waits. A waiter is
//! handed a server by whoever frees a slot, on whatever worker, or told to choose again when the
//! server it waits for is gone. Nobody waits while a server that would do has room.

use super::server::ServerState;
use super::state::{BackendState, Slot};
use crate::protect::circuit_limits::{Overflow, Priority};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

/// The queue of a backend.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiters: Mutex<VecDeque<Arc<Waiter>>>,
    /// Length of `waiters`, readable without its lock.
    len: AtomicUsize,
    /// How many of these would take any server, by priority.
    for_any: [AtomicU32; 2],
    /// How many that would have taken any were handed one.
    turns: AtomicU32,
}

impl Queue {
    pub(super) fn len(&self) -> usize {
        self.len.load(Ordering::SeqCst)
    }

    pub(super) fn for_any(&self, priority: Priority) -> u32 {
        let [default, high] = &self.for_any;
        match priority {
            Priority::Default => default.load(Ordering::SeqCst),
            Priority::High => high.load(Ordering::SeqCst),
        }
    }
}

/// How a request stands among those who wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Whether it waits for its one server even if that is down (`force-persist`).
    pub insists: bool,
    /// Whose limits it comes under.
    pub priority: Priority,
    /// Lower ones go first (`set-priority-class`).
    pub class: i32,
    /// Within a class it counts as having come so many milliseconds later
    /// (`set-priority-offset`).
    pub offset_ms: i32,
}

#[derive(Debug)]
struct Waiter {
    /// The one server it waits for.
    only: Option<usize>,
    insists: bool,
    priority: Priority,
    /// Class, and when it counts as having come; those of the same keep their order.
    rank: (i32, i64),
    /// How many were handed what it waits for before it joined.
    turns_before: u32,
    /// How many until it was its turn, itself included; 0 as long as it is not.
    turns: AtomicU32,
    state: Mutex<(Option<Turn>, Option<Waker>)>,
}

impl Waiter {
    fn hand(&self, turn: Turn) {
        let waker = {
            let mut state = self.state.lock();
            state.0 = Some(turn);
            state.1.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// How waiting ended.
#[derive(Debug)]
pub enum Turn {
    /// With a place on a server.
    Served(Slot),
    /// The server waited for is out of service: choose again.
    ChooseAgain,
}

impl BackendState {
    /// Joins the queue, for any server or `only` one. Those who stand alike are served in order of
    /// arrival. Dropping the future leaves the queue.
    ///
    /// # Errors
    /// The limit that does not let it wait.
    pub fn wait(
        self: &Arc<Self>,
        only: Option<usize>,
        as_one: Standing,
    ) -> Result<Waiting, Overflow> {
        let now_ms = i64::try_from(self.now_ms()).unwrap_or(i64::MAX);
        let mut waiters = self.queue.waiters.lock();
        if let Some(limits) = self.limits(as_one.priority) {
            limits.wait()?;
        }
        let came_ms = now_ms.saturating_add(as_one.offset_ms.into());
        let waiter = Arc::new(Waiter {
            only,
            insists: as_one.insists,
            priority: as_one.priority,
            rank: (as_one.class, came_ms),
            turns_before: self.turns(only),
            turns: AtomicU32::new(0),
            state: Mutex::default(),
        });
        let place = waiters.partition_point(|before| before.rank <= waiter.rank);
        waiters.insert(place, Arc::clone(&waiter));
        let position = self.count_waiter(&waiter, true) + 1;
        self.queue.len.store(waiters.len(), Ordering::SeqCst);
        drop(waiters);
        // A slot freed, or a server lost, between the failed choice and now saw an empty queue.
        match only {
            Some(server) => {
                self.serve_queue(server);
                if !self.servers.get(server).is_some_and(|state| state.is_up()) {
                    self.redistribute(server);
                }
            }
            None => {
                for server in (0..self.servers.len()).filter(|&server| self.is_eligible(server)) {
                    self.serve_queue(server);
                }
                if self.usable_servers() == 0 {
                    self.send_away(None, true);
                }
            }
        }
        Ok(Waiting {
            backend: Arc::clone(self),
            waiter,
            position,
        })
    }

    /// Hands free slots of a server to the first requests in the queue that may have them; how many.
    pub(super) fn serve_queue(self: &Arc<Self>, server: usize) -> usize {
        let mut served = 0;
        while self.queue.len() > 0 {
            let mut waiters = self.queue.waiters.lock();
            let is_eligible = self.is_eligible(server);
            let fits = |waiter: &Arc<Waiter>| {
                let is_for = waiter.only.map_or(is_eligible, |only| only == server);
                let limits = self.limits(waiter.priority);
                is_for && limits.is_none_or(|limits| limits.has_room())
            };
            let Some(at) = waiters.iter().position(fits) else {
                break;
            };
            let priority = waiters.get(at).map(|waiter| waiter.priority);
            let slot = priority.and_then(|priority| self.enter_server(server, priority));
            let Some(slot) = slot else {
                break;
            };
            let next = waiters.remove(at);
            self.queue.len.store(waiters.len(), Ordering::SeqCst);
            if let Some(waiter) = &next {
                self.count_waiter(waiter, false);
                self.count_turn(waiter);
            }
            drop(waiters);
            if let Some(waiter) = next {
                waiter.hand(Turn::Served(slot));
                served += 1;
            }
        }
        served
    }

    /// Makes those who wait for one server choose again, and with `any` those who wait for any;
    /// how many.
    pub(super) fn send_away(&self, of_server: Option<usize>, any: bool) -> usize {
        if self.queue.len() == 0 {
            return 0;
        }
        let mut waiters = self.queue.waiters.lock();
        let goes = |waiter: &Arc<Waiter>| match waiter.only {
            Some(only) => Some(only) == of_server && !waiter.insists,
            None => any,
        };
        let (gone, stay): (Vec<_>, Vec<_>) = waiters.drain(..).partition(goes);
        waiters.extend(stay);
        self.queue.len.store(waiters.len(), Ordering::SeqCst);
        for waiter in &gone {
            self.count_waiter(waiter, false);
        }
        drop(waiters);
        for waiter in &gone {
            waiter.hand(Turn::ChooseAgain);
        }
        gone.len()
    }

    /// Counts who joined or left the queue, whose lock is held; how many waited for the same before.
    fn count_waiter(&self, waiter: &Waiter, joined: bool) -> u32 {
        if !joined && let Some(limits) = self.limits(waiter.priority) {
            limits.stop_waiting();
        }
        let Some(server) = waiter.only else {
            let [default, high] = &self.queue.for_any;
            return match waiter.priority {
                Priority::Default => count(default, joined),
                Priority::High => count(high, joined),
            };
        };
        let Some(state) = self.servers.get(server) else {
            return 0;
        };
        let before = state.count_waiter(joined);
        self.balancer.moved(server, &self.servers, 0);
        before
    }
}

/// How often somebody's turn has come, under the queue's lock.
impl BackendState {
    fn turns(&self, only: Option<usize>) -> u32 {
        self.turn_count(only)
            .map_or(0, |turns| turns.load(Ordering::Relaxed))
    }

    fn count_turn(&self, waiter: &Waiter) {
        if let Some(turns) = self.turn_count(waiter.only) {
            let before = turns.fetch_add(1, Ordering::Relaxed);
            let passed = before.wrapping_sub(waiter.turns_before).wrapping_add(1);
            waiter.turns.store(passed, Ordering::Relaxed);
        }
    }

    fn turn_count(&self, only: Option<usize>) -> Option<&AtomicU32> {
        match only {
            Some(server) => self.servers.get(server).map(ServerState::turns),
            None => Some(&self.queue.turns),
        }
    }
}

/// Counts one up or down; how many it was before.
pub(super) fn count(of: &AtomicU32, up: bool) -> u32 {
    match up {
        true => of.fetch_add(1, Ordering::SeqCst),
        false => of.fetch_sub(1, Ordering::SeqCst),
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
    /// How many waited for the same when it joined, itself included.
    pub fn position(&self) -> u32 {
        self.position
    }

    /// How many turns have come since it joined, up to its own, or to the one that did not (`%sq`, `%bq`).
    pub fn turns(&self) -> u32 {
        match self.waiter.turns.load(Ordering::Relaxed) {
            0 => {
                let now = self.backend.turns(self.waiter.only);
                now.wrapping_sub(self.waiter.turns_before).wrapping_add(1)
            }
            turns => turns,
        }
    }
}

impl Future for Waiting {
    type Output = Turn;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Turn> {
        let mut state = self.waiter.state.lock();
        match state.0.take() {
            Some(turn) => Poll::Ready(turn),
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
            let mut waiters = self.backend.queue.waiters.lock();
            let place = waiters.iter().position(|w| Arc::ptr_eq(w, &self.waiter));
            if let Some(waiter) = place.and_then(|at| waiters.remove(at)) {
                self.backend.count_waiter(&waiter, false);
            }
            self.backend
                .queue
                .len
                .store(waiters.len(), Ordering::SeqCst);
        }
        // A slot handed over in the last moment goes to the next one.
        let unused = self.waiter.state.lock().0.take();
        drop(unused);
    }
}
