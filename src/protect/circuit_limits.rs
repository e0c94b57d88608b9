//! `circuit-limits`: how much one backend may do at once (SEMANTICS 7.1 and 8.7).
//!
//! Counts of atomics that all workers share. Each thing that is limited is a guard which gives its
//! place back when it is dropped, so that neither an abort nor a panic leaks one. What must hold:
//! no count ever exceeds its limit, by even one. A request is *active* from the moment it has a
//! server; it then has, or is about to open, one connection: so the connection limit bounds active
//! requests as well, and idle connections are closed in favour of new ones. Deliberately absent:
//! who waits, which is the backend's queue, and whether a server has room.

use crate::growing::Growing;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use tokio::sync::Notify;

/// Whose limits apply: those of requests with a negative priority class are their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Priority {
    /// `priority default`.
    #[default]
    Default,
    /// `priority high`.
    High,
}

impl Priority {
    /// Both, in the order they are kept in.
    pub const ALL: [Self; 2] = [Self::Default, Self::High];

    /// As configurations write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::High => "high",
        }
    }
}

/// What happens to requests beyond `max-requests`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnOverflow {
    /// They wait while `max-pending-requests` has room.
    #[default]
    Queue,
    /// They are refused, as Envoy does.
    Reject,
}

/// `retry-budget`: retries as a share of what is going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryBudget {
    /// Of the active and the waiting requests, 0 to 100.
    pub percent: u32,
    /// `min-retry-concurrency`: always allowed.
    pub least: u32,
}

/// The limits of one line. Each is 0 to 4294967295; 0 admits nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitsSpec {
    /// `max-connections`: to the backend's servers, idle ones included.
    pub connections: u32,
    /// `max-pending-requests`: waiting for a server.
    pub pending: u32,
    /// `max-requests`: given to a server.
    pub requests: u32,
    /// `max-retries`, unless there is a budget.
    pub retries: u32,
    /// `retry-budget`.
    pub retry_budget: Option<RetryBudget>,
    /// `on-overflow`.
    pub on_overflow: OnOverflow,
    /// `max-connections-per-server`, for requests of every priority.
    pub connections_per_server: Option<u32>,
    /// `max-requests-per-server`, for requests of every priority: a server's `maxconn`.
    pub requests_per_server: Option<u32>,
    /// `shadow`: decide and count, refuse nothing.
    pub shadow: bool,
}

impl LimitsSpec {
    /// What a server may be given at once by these limits: each request needs a connection.
    pub fn per_server(&self) -> Option<u32> {
        let both = [self.connections_per_server, self.requests_per_server];
        both.into_iter().flatten().min().filter(|_| !self.shadow)
    }
}

impl Default for LimitsSpec {
    fn default() -> Self {
        Self {
            connections: 1024,
            pending: 1024,
            requests: 1024,
            retries: 3,
            retry_budget: None,
            on_overflow: OnOverflow::Queue,
            connections_per_server: None,
            requests_per_server: None,
            shadow: false,
        }
    }
}

/// The limit that refused something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overflow {
    /// `max-connections`, with no room to wait for one.
    Connections,
    /// `max-pending-requests`.
    Pending,
    /// `max-requests` with `on-overflow reject`.
    Requests,
}

impl Overflow {
    /// What `txn.blocked_by` says.
    pub fn blocked_by(self) -> &'static str {
        match self {
            Self::Connections => "circuit-limits/connections",
            Self::Pending => "circuit-limits/pending",
            Self::Requests => "circuit-limits/requests",
        }
    }
}

/// How many there are of something.
#[derive(Debug, Default)]
struct Gauge(AtomicU32);

impl Gauge {
    fn value(&self) -> u32 {
        self.0.load(Ordering::SeqCst)
    }

    /// One more, if there are fewer than `limit`.
    fn enter(&self, limit: u32) -> bool {
        let one_more = |count: u32| (count < limit).then(|| count + 1);
        self.0
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_more)
            .is_ok()
    }

    fn leave(&self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The counts of one backend and priority.
#[derive(Debug)]
pub struct CircuitLimits {
    spec: LimitsSpec,
    connections: Gauge,
    pending: Gauge,
    requests: Gauge,
    retries: Gauge,
    overflow: Overflows,
    places: Arc<Places>,
}

/// Server connections of all priorities.
#[derive(Debug)]
pub struct Places {
    /// `max-connections-per-server`.
    most: u32,
    /// By server.
    servers: Growing<Gauge>,
    /// Somebody needs a connection while idle ones hold all places: workers give up theirs.
    wanted: Notify,
    /// A connection's place was given back.
    freed: Notify,
}

impl Places {
    /// Places of so many servers, of which each has `most`.
    pub fn new(most: Option<u32>, servers: usize) -> Arc<Self> {
        Arc::new(Self {
            most: most.unwrap_or(u32::MAX),
            servers: (0..servers).map(|_| Gauge::default()).collect(),
            wanted: Notify::new(),
            freed: Notify::new(),
        })
    }

    /// Makes places for one more server.
    pub fn add_server(&self) {
        self.servers.add(Gauge::default());
    }

    /// Resolves when somebody needs a place. What is asked for after this call, even before it is
    /// awaited, is not missed.
    pub fn wanted(&self) -> impl Future<Output = ()> {
        self.wanted.notified()
    }

    /// The servers that have no place left.
    pub fn taken(&self) -> impl Iterator<Item = usize> {
        let servers = self.servers.iter().enumerate();
        let full = |(_, connections): &(usize, &Gauge)| connections.value() >= self.most;
        servers.filter(full).map(|(server, _)| server)
    }

    fn enter(&self, server: usize) -> bool {
        let connections = self.servers.get(server);
        connections.is_some_and(|connections| connections.enter(self.most))
    }

    fn leave(&self, server: usize) {
        if let Some(connections) = self.servers.get(server) {
            connections.leave();
        }
    }
}

/// What was refused, or would have been, since the start.
#[derive(Debug, Default)]
struct Overflows {
    connections: AtomicU64,
    pending: AtomicU64,
    requests: AtomicU64,
    retries: AtomicU64,
}

/// A request that has a server.
#[derive(Debug)]
pub struct RequestPermit(Arc<CircuitLimits>);

/// A retry that is waiting for its time, or running.
#[derive(Debug)]
pub struct RetryPermit(Arc<CircuitLimits>);

/// A connection to a server, from its first packet to its end.
#[derive(Debug)]
pub struct ConnectionPermit {
    limits: Arc<CircuitLimits>,
    server: usize,
}

impl ConnectionPermit {
    /// Whether it is counted there.
    pub fn is_of(&self, limits: &Arc<CircuitLimits>) -> bool {
        Arc::ptr_eq(&self.limits, limits)
    }
}

impl Drop for RequestPermit {
    fn drop(&mut self) {
        self.0.requests.leave();
    }
}

impl Drop for RetryPermit {
    fn drop(&mut self) {
        self.0.retries.leave();
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        self.limits.connections.leave();
        self.limits.places.leave(self.server);
        self.limits.places.freed.notify_waiters();
    }
}

impl CircuitLimits {
    /// Limits of which nothing is used yet.
    pub fn new(spec: LimitsSpec, places: Arc<Places>) -> Arc<Self> {
        Arc::new(Self {
            spec,
            connections: Gauge::default(),
            pending: Gauge::default(),
            requests: Gauge::default(),
            retries: Gauge::default(),
            overflow: Overflows::default(),
            places,
        })
    }

    /// What was configured.
    pub fn spec(&self) -> &LimitsSpec {
        &self.spec
    }

    /// Whether a request that came now would be active at once, as far as these limits go.
    pub fn has_room(&self) -> bool {
        self.spec.shadow || self.requests.value() < self.most_active()
    }

    /// Makes a request active, if the limits allow it.
    pub fn enter(self: &Arc<Self>) -> Option<RequestPermit> {
        let most = match self.spec.shadow {
            true => u32::MAX,
            false => self.most_active(),
        };
        self.requests
            .enter(most)
            .then(|| RequestPermit(Arc::clone(self)))
    }

    /// What a request that is about to become active would meet, counted; for `shadow`.
    pub fn shadow_verdict(&self) -> Option<Overflow> {
        let active = self.requests.value();
        if !self.spec.shadow || active < self.most_active() {
            return None;
        }
        // Those beyond the limit would be waiting.
        self.refusal(active, active - self.most_active())
    }

    /// Makes a request wait. Whoever keeps the queue calls this when one joins it, and
    /// [`CircuitLimits::stop_waiting`] when it leaves.
    ///
    /// # Errors
    /// It must not wait: the limit that says so, which has counted it.
    pub fn wait(&self) -> Result<(), Overflow> {
        if self.spec.shadow {
            self.pending.enter(u32::MAX);
            return Ok(());
        }
        match self.refusal(self.requests.value(), self.pending.value()) {
            Some(overflow) => Err(overflow),
            None if self.pending.enter(self.spec.pending) => Ok(()),
            None => {
                self.overflow.pending.fetch_add(1, Ordering::Relaxed);
                Err(Overflow::Pending)
            }
        }
    }

    /// A waiting request left the queue.
    pub fn stop_waiting(&self) {
        self.pending.leave();
    }

    /// Why a request that finds so many active and waiting is refused, counted.
    fn refusal(&self, active: u32, pending: u32) -> Option<Overflow> {
        let count = |counter: &AtomicU64| counter.fetch_add(1, Ordering::Relaxed);
        if active >= self.spec.requests && self.spec.on_overflow == OnOverflow::Reject {
            count(&self.overflow.requests);
            return Some(Overflow::Requests);
        }
        let for_connections = active >= self.spec.connections && active < self.spec.requests;
        if for_connections {
            count(&self.overflow.connections);
        }
        (pending >= self.spec.pending).then(|| {
            count(&self.overflow.pending);
            match for_connections {
                true => Overflow::Connections,
                false => Overflow::Pending,
            }
        })
    }

    /// Allows a retry, or counts that it was not allowed.
    pub fn retry(self: &Arc<Self>) -> Option<RetryPermit> {
        if self.retries.enter(self.most_retries()) {
            return Some(RetryPermit(Arc::clone(self)));
        }
        self.overflow.retries.fetch_add(1, Ordering::Relaxed);
        let shadowed = self.spec.shadow && self.retries.enter(u32::MAX);
        shadowed.then(|| RetryPermit(Arc::clone(self)))
    }

    /// A place for a new connection to a server, if there is one.
    pub fn connect(self: &Arc<Self>, server: usize) -> Option<ConnectionPermit> {
        let most = match self.spec.shadow {
            true => u32::MAX,
            false => self.spec.connections,
        };
        if !self.connections.enter(most) {
            return None;
        }
        if !self.places.enter(server) {
            self.connections.leave();
            return None;
        }
        Some(ConnectionPermit {
            limits: Arc::clone(self),
            server,
        })
    }

    /// Waits for such a place: an active request has one, but an idle connection may hold it.
    pub async fn connect_soon(self: &Arc<Self>, server: usize) -> ConnectionPermit {
        loop {
            let freed = self.places.freed.notified();
            if let Some(permit) = self.connect(server) {
                return permit;
            }
            self.places.wanted.notify_waiters();
            freed.await;
        }
    }

    fn most_active(&self) -> u32 {
        self.spec.requests.min(self.spec.connections)
    }

    /// Retries allowed at this moment.
    fn most_retries(&self) -> u32 {
        let Some(budget) = self.spec.retry_budget else {
            return self.spec.retries;
        };
        let going_on = u64::from(self.requests.value()) + u64::from(self.pending.value());
        let share = going_on * u64::from(budget.percent) / 100;
        budget.least.max(u32::try_from(share).unwrap_or(u32::MAX))
    }

    /// The counts now.
    pub fn snapshot(&self) -> LimitsSnapshot {
        let use_of = |gauge: &Gauge, limit: u32| Use {
            active: gauge.value(),
            limit,
        };
        let total = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        LimitsSnapshot {
            connections: use_of(&self.connections, self.spec.connections),
            requests: use_of(&self.requests, self.spec.requests),
            pending: use_of(&self.pending, self.spec.pending),
            retries: use_of(&self.retries, self.most_retries()),
            overflow_connections: total(&self.overflow.connections),
            overflow_requests: total(&self.overflow.requests),
            overflow_pending: total(&self.overflow.pending),
            overflow_retries: total(&self.overflow.retries),
        }
    }
}

/// How much of a limit is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// How many there are.
    pub active: u32,
    /// How many there may be.
    pub limit: u32,
}

impl Use {
    /// Whether the circuit is open, in Envoy's words: one more would be too many.
    pub fn is_open(self) -> bool {
        self.active >= self.limit
    }

    /// How many more there may be.
    pub fn remaining(self) -> u32 {
        self.limit.saturating_sub(self.active)
    }
}

/// What [`CircuitLimits::snapshot`] shows; counts since the start where not said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitsSnapshot {
    /// Server connections now.
    pub connections: Use,
    /// Active requests now.
    pub requests: Use,
    /// Waiting requests now.
    pub pending: Use,
    /// Retries now.
    pub retries: Use,
    /// Requests that could not go on for want of a connection.
    pub overflow_connections: u64,
    /// Requests refused by `on-overflow reject`.
    pub overflow_requests: u64,
    /// Requests refused because enough were waiting.
    pub overflow_pending: u64,
    /// Retries not made.
    pub overflow_retries: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(change: impl FnOnce(&mut LimitsSpec)) -> Arc<CircuitLimits> {
        let mut spec = LimitsSpec::default();
        change(&mut spec);
        CircuitLimits::new(spec, Places::new(None, 1))
    }

    /// What so many requests that come at once meet: active, waiting, refused.
    fn crowd(limits: &Arc<CircuitLimits>, count: usize) -> (usize, usize, Vec<Overflow>) {
        let mut permits = Vec::new();
        let mut waiting = 0;
        let mut refused = Vec::new();
        for _ in 0..count {
            match limits.enter().ok_or_else(|| limits.wait()) {
                Ok(permit) => permits.push(permit),
                Err(Ok(())) => waiting += 1,
                Err(Err(overflow)) => refused.push(overflow),
            }
        }
        (0..waiting).for_each(|_| limits.stop_waiting());
        (permits.len(), waiting, refused)
    }

    #[test]
    fn item_104_nothing_waits_and_ten_are_active() {
        let limits = limits(|spec| (spec.pending, spec.requests) = (0, 10));
        let (active, waiting, refused) = crowd(&limits, 100);
        assert_eq!((active, waiting), (10, 0));
        assert_eq!(refused, [Overflow::Pending; 90]);
    }

    #[test]
    fn item_106_defaults_hold_1024() {
        let limits = limits(|spec| spec.pending = 0);
        let (active, _, refused) = crowd(&limits, 1025);
        assert_eq!((active, refused.len()), (1024, 1));
    }

    #[test]
    fn item_107_connections_bound_what_is_active() {
        let limits = limits(|spec| spec.connections = 10);
        let (active, waiting, refused) = crowd(&limits, 100);
        assert_eq!((active, waiting, refused.len()), (10, 90, 0));
        assert_eq!(limits.snapshot().overflow_connections, 90);
    }

    #[test]
    fn item_108_beyond_requests_they_wait_or_are_rejected() {
        let queueing = limits(|spec| spec.requests = 10);
        assert_eq!(crowd(&queueing, 100), (10, 90, vec![]));
        let rejecting = limits(|spec| {
            (spec.requests, spec.on_overflow) = (10, OnOverflow::Reject);
        });
        let (active, waiting, refused) = crowd(&rejecting, 100);
        assert_eq!((active, waiting), (10, 0));
        assert_eq!(refused, [Overflow::Requests; 90]);
        assert_eq!(rejecting.snapshot().overflow_requests, 90);
    }

    #[test]
    fn item_109_the_queue_has_a_limit() {
        let limits = limits(|spec| (spec.pending, spec.requests) = (20, 10));
        let (active, waiting, refused) = crowd(&limits, 100);
        assert_eq!((active, waiting, refused.len()), (10, 20, 70));
    }

    #[test]
    fn item_114_the_limit_has_a_name() {
        let no_connection = limits(|spec| (spec.pending, spec.connections) = (0, 0));
        let (_, _, refused) = crowd(&no_connection, 1);
        let names: Vec<_> = refused.iter().map(|o| o.blocked_by()).collect();
        assert_eq!(names, ["circuit-limits/connections"]);
    }

    #[test]
    fn item_115_gauges_return() {
        let limits = limits(|spec| (spec.pending, spec.requests) = (0, 10));
        crowd(&limits, 100);
        let now = limits.snapshot();
        assert!(!now.requests.is_open() && !now.connections.is_open());
        assert_eq!((now.requests.active, now.requests.remaining()), (0, 10));
        assert!(now.pending.is_open(), "0 of 0 is used up");
    }

    #[test]
    fn item_116_retries_are_a_share_but_at_least_three() {
        let budget = RetryBudget {
            percent: 20,
            least: 3,
        };
        let check = |active: usize, expected: usize| {
            let limits = limits(|spec| spec.retry_budget = Some(budget));
            let _active: Vec<_> = (0..active).map(|_| limits.enter()).collect();
            let retries: Vec<_> = (0..100).filter_map(|_| limits.retry()).collect();
            assert_eq!(retries.len(), expected, "{active} active");
            let overflow = limits.snapshot().overflow_retries;
            assert_eq!(overflow as usize, 100 - expected);
        };
        check(100, 20);
        check(99, 19);
        check(15, 3);
        check(5, 3);
        check(0, 3);
    }

    #[test]
    fn retries_have_a_limit_of_their_own() {
        let limits = limits(|_| {});
        let retries: Vec<_> = (0..5).filter_map(|_| limits.retry()).collect();
        assert_eq!(retries.len(), 3);
        drop(retries);
        assert!(limits.retry().is_some());
    }

    #[test]
    fn a_shadow_refuses_nothing_and_counts() {
        let limits = limits(|spec| {
            (spec.pending, spec.requests, spec.shadow) = (1, 2, true);
        });
        let mut active = Vec::new();
        let verdicts: Vec<_> = (0..5)
            .map(|_| {
                let verdict = limits.shadow_verdict();
                active.extend(limits.enter());
                verdict
            })
            .collect();
        let pending = Some(Overflow::Pending);
        assert_eq!(verdicts, [None, None, None, pending, pending]);
        assert_eq!(active.len(), 5);
        assert_eq!(limits.snapshot().overflow_pending, 2);
        let retries: Vec<_> = (0..5).filter_map(|_| limits.retry()).collect();
        assert_eq!((retries.len(), limits.snapshot().overflow_retries), (5, 2));
    }

    #[test]
    fn an_idle_connection_makes_way() {
        let limits = limits(|spec| spec.connections = 1);
        let idle = limits.connect(0).unwrap();
        let wanted = std::pin::pin!(limits.places.wanted());
        let mut soon = std::pin::pin!(limits.connect_soon(0));
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(soon.as_mut().poll(&mut cx).is_pending());
        assert!(wanted.poll(&mut cx).is_ready());
        drop(idle);
        assert!(soon.as_mut().poll(&mut cx).is_ready());
    }

    /// Requests, retries and connections of several threads, some of which panic: the counts never
    /// pass their limits and come back to nothing.
    #[test]
    fn permits_hold_under_contention() {
        const THREADS: usize = 8;
        const LIVES: usize = 20_000;
        let limits = limits(|spec| {
            (spec.requests, spec.connections, spec.pending) = (5, 6, 3);
        });
        let peak = AtomicU32::new(0);
        let active = AtomicU32::new(0);
        let life = |number: usize| {
            let Some(_permit) = limits.enter() else {
                if limits.wait().is_ok() {
                    assert!(limits.pending.value() <= 3);
                    limits.stop_waiting();
                }
                return;
            };
            let now = active.fetch_add(1, Ordering::SeqCst) + 1;
            peak.fetch_max(now, Ordering::SeqCst);
            let _connection = limits.connect(0);
            let _retry = limits.retry();
            assert!(limits.connections.value() <= 6 && limits.retries.value() <= 3);
            active.fetch_sub(1, Ordering::SeqCst);
            if number.is_multiple_of(1000) {
                std::panic::resume_unwind(Box::new("an origin that panics"));
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    for number in 0..LIVES {
                        let life = std::panic::AssertUnwindSafe(|| life(number));
                        let _ = std::panic::catch_unwind(life);
                    }
                });
            }
        });
        assert!((1..=5).contains(&peak.load(Ordering::SeqCst)));
        let left = limits.snapshot();
        let counts = [left.connections, left.requests, left.pending, left.retries];
        assert_eq!(counts.map(|count| count.active), [0; 4]);
    }
}
