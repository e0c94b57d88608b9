//! One server as all workers see it: what it serves, and in what state it is.
//!
//! Everything here is an atomic, or swapped as a whole. States and weights are changed by
//! [`BackendState`](super::BackendState) only, which tells the balancer and the queue at once; so a
//! server in service (`share` above 0) is always one that may be chosen. `served` and `queued` are
//! sequentially consistent: a slot freed and a waiter joining at the same moment must not both miss
//! the other.

use super::{pool::PoolCount, queue};
use crate::clock::Clock;
use crate::net::ServerAddr;
use arc_swap::{ArcSwapOption, Guard};
use std::fmt;
use std::ops::{BitAnd, BitOr, Not};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, AtomicU32, AtomicU64, Ordering};

/// Parts of a unit of weight, so that a slow start can move in steps (SEMANTICS 1.7).
pub(super) const WEIGHT_SCALE: u32 = 16;
/// The largest weight, in sixteenths.
const WEIGHT_MAX: u64 = 256 * WEIGHT_SCALE as u64;

/// What balancing needs to know of a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerSpec {
    /// `id`: the order of `balance first`.
    pub id: u32,
    /// Where it starts on a ring, made by [`super::hash`] as `hash-key` says.
    pub ring_key: u32,
    /// 0..=256; 0 takes no new sessions.
    pub weight: u32,
    /// Most concurrent requests; 0 = unlimited.
    pub maxconn: u32,
    /// What `maxconn` falls to while the backend is idle; 0 = `maxconn` always.
    pub minconn: u32,
    /// Most requests waiting for it; 0 = unlimited.
    pub maxqueue: u32,
    /// Only used when no other server is.
    pub backup: bool,
    /// Where it is; `None` is in maintenance until it is known.
    pub addr: Option<ServerAddr>,
    /// `slowstart`, whole seconds; 0 = none.
    pub slowstart_s: u64,
    /// The administrative state to start in.
    pub admin: Admin,
    /// Starts as down: a check decides first.
    pub down: bool,
}

/// Administrative state: why a server is kept out of service whatever its health, as a set of
/// flags with the values that `show servers state` prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Admin(pub u32);

impl Admin {
    /// None.
    pub const READY: Self = Self(0);
    /// Maintenance asked for.
    pub const FORCED_MAINT: Self = Self(0x01);
    /// Maintenance of a server that this one tracks.
    pub const INHERITED_MAINT: Self = Self(0x02);
    /// `disabled` in the configuration; says only why.
    pub const CONFIGURED_MAINT: Self = Self(0x04);
    /// Drain asked for: only who belongs to it already is sent there.
    pub const FORCED_DRAIN: Self = Self(0x08);
    /// Drain of a server that this one tracks.
    pub const INHERITED_DRAIN: Self = Self(0x10);
    /// Its name has no address.
    pub const UNRESOLVED: Self = Self(0x20);
    /// Ejected by outlier detection. None of HAProxy's flags, and shown apart from them.
    pub const EJECTED: Self = Self(0x100);
    /// A breaker of its own is open. None of HAProxy's flags either.
    pub const BROKEN: Self = Self(0x200);
    /// Out of rotation by what it does to requests.
    pub const OUT: Self = Self(0x300);
    /// In maintenance for any reason.
    pub const MAINT: Self = Self(0x23);
    /// Draining for any reason.
    pub const DRAIN: Self = Self(0x18);

    /// Whether any of these flags is set.
    pub fn has(self, any: Self) -> bool {
        self.0 & any.0 != 0
    }
}

impl BitOr for Admin {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for Admin {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl Not for Admin {
    type Output = Self;

    fn not(self) -> Self {
        Self(!self.0)
    }
}

/// Operational state, with the values that `show servers state` prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Operation {
    /// Down.
    Stopped = 0,
    /// Up, with a share that grows (`slowstart`).
    Starting = 1,
    /// Up.
    #[default]
    Running = 2,
    /// Up for who belongs to it (`http-check disable-on-404`).
    Stopping = 3,
}

impl Operation {
    fn of(number: u8) -> Self {
        match number {
            0 => Self::Stopped,
            1 => Self::Starting,
            3 => Self::Stopping,
            _ => Self::Running,
        }
    }
}

/// The state of a server at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Operational state.
    pub operation: Operation,
    /// Administrative state.
    pub admin: Admin,
    /// Effective weight in sixteenths; kept while the server is out of service.
    pub weight: u32,
}

impl Status {
    /// What balancing may give it: its weight, or 0 while it is out of service.
    pub fn share(self) -> u32 {
        let is_out = self.admin.has(Admin::MAINT | Admin::DRAIN | Admin::OUT)
            || matches!(self.operation, Operation::Stopped | Operation::Stopping);
        if is_out { 0 } else { self.weight }
    }
}

/// What the servers of a backend share.
pub(super) struct Common {
    pub(super) clock: Clock,
    /// Requests being processed by the backend, queued ones included (`%bc`).
    pub(super) conns: AtomicU32,
    /// The load at which all of `maxconn` may be used; 0 = always.
    pub(super) fullconn: u32,
    /// Whether weights may change in steps: the algorithm is a dynamic one.
    pub(super) dynamic: bool,
}

impl fmt::Debug for Common {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Common").finish_non_exhaustive()
    }
}

impl Common {
    /// Whole seconds, which slow starts are counted in.
    pub(super) fn now_s(&self) -> u64 {
        self.clock.now() / 1000
    }
}

/// Counts and state of one server, shared by all workers.
#[derive(Debug)]
pub struct ServerState {
    spec: ServerSpec,
    common: Arc<Common>,
    /// Requests being served now.
    served: AtomicU32,
    /// Requests waiting for this very server.
    queued: AtomicU32,
    /// How many that waited for it were handed a slot.
    turns: AtomicU32,
    /// Requests ever sent to it.
    total: AtomicU64,
    operation: AtomicU8,
    admin: AtomicU32,
    /// Weight as set by users and agents, 0..=256.
    user_weight: AtomicU32,
    /// Effective weight in sixteenths.
    weight: AtomicU32,
    /// [`Status::share`].
    share: AtomicU32,
    maxconn: AtomicU32,
    ring_key: AtomicU32,
    addr: ArcSwapOption<ServerAddr>,
    /// Whether the address is another than the configured one.
    is_moved: AtomicBool,
    /// When the operational state changed last, whole seconds of the clock; before it began, in
    /// another process, these are negative.
    last_change_s: AtomicI64,
    /// Seconds spent down before that.
    down_s: AtomicU64,
    /// How often it went down.
    downs: AtomicU32,
    pooled: PoolCount,
}

impl ServerState {
    pub(super) fn new(spec: &ServerSpec, common: &Arc<Common>) -> Self {
        let unresolved = match spec.addr {
            Some(_) => Admin::READY,
            None => Admin::UNRESOLVED,
        };
        let admin = spec.admin | unresolved;
        let operation = match admin.has(Admin::MAINT) || spec.down {
            true => Operation::Stopped,
            false => Operation::Running,
        };
        let weight = spec.weight * WEIGHT_SCALE;
        let status = Status {
            operation,
            admin,
            weight,
        };
        Self {
            common: Arc::clone(common),
            served: AtomicU32::new(0),
            queued: AtomicU32::new(0),
            turns: AtomicU32::new(0),
            total: AtomicU64::new(0),
            operation: AtomicU8::new(operation as u8),
            admin: AtomicU32::new(admin.0),
            user_weight: AtomicU32::new(spec.weight),
            weight: AtomicU32::new(weight),
            share: AtomicU32::new(status.share()),
            maxconn: AtomicU32::new(spec.maxconn),
            ring_key: AtomicU32::new(spec.ring_key),
            addr: ArcSwapOption::from_pointee(spec.addr.clone()),
            is_moved: AtomicBool::new(false),
            last_change_s: AtomicI64::new(common.now_s().cast_signed()),
            down_s: AtomicU64::new(0),
            downs: AtomicU32::new(0),
            pooled: PoolCount::default(),
            spec: spec.clone(),
        }
    }

    /// Requests being served now (`%sc`).
    pub fn served(&self) -> u32 {
        self.served.load(Ordering::Relaxed)
    }

    /// Idle connections of all workers, where their number has a bound.
    pub fn pooled(&self) -> &PoolCount {
        &self.pooled
    }

    /// Requests waiting for this very server.
    pub fn queued(&self) -> u32 {
        self.queued.load(Ordering::SeqCst)
    }

    /// The count of those who waited for it and were handed a slot.
    pub(super) fn turns(&self) -> &AtomicU32 {
        &self.turns
    }

    /// Requests ever sent to it.
    pub fn total(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }

    /// Its state.
    pub fn status(&self) -> Status {
        Status {
            operation: Operation::of(self.operation.load(Ordering::Acquire)),
            admin: Admin(self.admin.load(Ordering::Acquire)),
            weight: self.weight.load(Ordering::Acquire),
        }
    }

    /// Whether it is in maintenance.
    pub fn is_in_maintenance(&self) -> bool {
        Admin(self.admin.load(Ordering::Acquire)).has(Admin::MAINT)
    }

    /// Whether it serves those who belong to it: neither down, nor in maintenance, nor ejected.
    pub fn is_up(&self) -> bool {
        self.operation.load(Ordering::Acquire) != Operation::Stopped as u8
            && !Admin(self.admin.load(Ordering::Acquire)).has(Admin::OUT)
    }

    /// Weight as configured, 0..=256.
    pub fn initial_weight(&self) -> u32 {
        self.spec.weight
    }

    /// Weight as set by users and agents, 0..=256.
    pub fn user_weight(&self) -> u32 {
        self.user_weight.load(Ordering::Relaxed)
    }

    /// Effective weight in units of the user's, rounded up as statistics show it.
    pub fn effective_weight(&self) -> u32 {
        self.weight.load(Ordering::Relaxed).div_ceil(WEIGHT_SCALE)
    }

    /// Most concurrent requests; 0 = unlimited.
    pub fn maxconn(&self) -> u32 {
        self.maxconn.load(Ordering::Relaxed)
    }

    /// Where it is.
    pub fn addr(&self) -> Guard<Option<Arc<ServerAddr>>> {
        self.addr.load()
    }

    /// Whether it is at another address than the configured one.
    pub fn is_moved(&self) -> bool {
        self.is_moved.load(Ordering::Relaxed)
    }

    /// `backup`.
    pub fn is_backup(&self) -> bool {
        self.spec.backup
    }

    /// `slowstart` in whole seconds; 0 = none.
    pub fn slowstart_s(&self) -> u64 {
        self.spec.slowstart_s
    }

    /// Seconds since the operational state changed.
    pub fn unchanged_s(&self) -> u64 {
        let since = self.last_change_s.load(Ordering::Relaxed);
        let seconds = self.common.now_s().cast_signed().saturating_sub(since);
        u64::try_from(seconds).unwrap_or(0)
    }

    /// Seconds spent down so far.
    pub fn downtime_s(&self) -> u64 {
        let before = self.down_s.load(Ordering::Relaxed);
        match self.is_up() {
            true => before,
            false => before + self.unchanged_s(),
        }
    }

    /// How often it went down.
    pub fn downs(&self) -> u32 {
        self.downs.load(Ordering::Relaxed)
    }

    /// How far a slow start has come, in percent of the weight; `None` outside one.
    pub fn throttle(&self) -> Option<u32> {
        let status = self.status();
        let whole = self.user_weight() * WEIGHT_SCALE;
        (status.operation == Operation::Starting && whole > 0)
            .then(|| (status.weight * 100).div_ceil(whole))
    }

    /// How far a slow start has come, in percent of the time; `None` outside one.
    pub fn warmth(&self) -> Option<u64> {
        let (elapsed, whole) = (self.unchanged_s(), self.spec.slowstart_s);
        let starting = self.operation.load(Ordering::Relaxed) == Operation::Starting as u8;
        (starting && elapsed < whole).then(|| 100 * elapsed / whole)
    }

    /// Its weight in sixteenths while it may be chosen, else 0.
    pub(super) fn share(&self) -> u32 {
        self.share.load(Ordering::Acquire)
    }

    /// Where it starts on a ring.
    pub(super) fn ring_key(&self) -> u32 {
        self.ring_key.load(Ordering::Relaxed)
    }

    pub(super) fn id(&self) -> u32 {
        self.spec.id
    }

    /// Most concurrent requests now: `maxconn`, less while the backend is nearly idle (`minconn`)
    /// and while a slow start lasts (SEMANTICS 1.7).
    pub(super) fn limit(&self) -> u32 {
        let most = self.maxconn();
        if most == 0 {
            return u32::MAX;
        }
        let (least, full) = (self.spec.minconn, u64::from(self.common.fullconn));
        let mut limit = u64::from(most);
        if least != 0 && least != most {
            let load = u64::from(self.common.conns.load(Ordering::Relaxed));
            if load < full {
                limit = (load * limit / full).max(least.into());
            }
        }
        if let Some(percent) = self.warmth() {
            limit = (limit * percent / 100).max(1);
        }
        u32::try_from(limit).unwrap_or(u32::MAX)
    }

    /// Whether who comes now would have to wait.
    pub fn is_full(&self) -> bool {
        self.maxconn() > 0 && (self.queued() > 0 || self.is_at_maxconn())
    }

    /// Whether all slots are taken.
    pub(super) fn is_at_maxconn(&self) -> bool {
        self.served() >= self.limit()
    }

    /// Whether the queue is full too.
    pub(super) fn is_at_maxqueue(&self) -> bool {
        let (maxconn, maxqueue) = (self.maxconn(), self.spec.maxqueue);
        let limit = maxconn.saturating_add(maxqueue);
        maxconn > 0 && maxqueue > 0 && self.served() + self.queued() >= limit
    }

    /// How loaded `leastconn` takes it to be: as if one more request were on it, unless it is idle.
    pub(super) fn load(&self) -> u64 {
        match u64::from(self.served()) + u64::from(self.queued()) {
            0 => 0,
            busy => (busy + 1) * WEIGHT_MAX / u64::from(self.share().max(1)),
        }
    }

    /// Takes a slot if there is room.
    pub(super) fn try_enter(&self) -> bool {
        let limit = self.limit();
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

    /// Gives a slot back.
    pub(super) fn leave(&self) {
        self.served.fetch_sub(1, Ordering::SeqCst);
    }

    /// Counts who joined or left the queue for this server; how many were in it before.
    pub(super) fn count_waiter(&self, joined: bool) -> u32 {
        queue::count(&self.queued, joined)
    }

    /// Whether `self` carries less than `other` for its weight.
    pub(super) fn lighter_than(&self, other: &Self) -> bool {
        let load = |a: &Self, b: &Self| u64::from(a.served()) * u64::from(b.share());
        load(self, other) < load(other, self)
    }

    /// The effective weight in sixteenths that `user_weight` comes to in this operational state.
    fn weight_in(&self, operation: Operation) -> u32 {
        let factor = match operation {
            Operation::Starting if self.common.dynamic => match self.is_up() {
                true => {
                    let (elapsed, whole) = (self.unchanged_s(), self.spec.slowstart_s.max(1));
                    let steps = (u64::from(WEIGHT_SCALE) * elapsed + whole) / whole;
                    u32::try_from(steps)
                        .unwrap_or(WEIGHT_SCALE)
                        .min(WEIGHT_SCALE)
                }
                false => 1,
            },
            _ => WEIGHT_SCALE,
        };
        self.user_weight() * factor
    }

    pub(super) fn set_user_weight(&self, weight: u32) {
        self.user_weight.store(weight.min(256), Ordering::Relaxed);
    }

    pub(super) fn set_maxconn(&self, maxconn: u32) {
        self.maxconn.store(maxconn, Ordering::Relaxed);
    }

    pub(super) fn set_addr(&self, addr: ServerAddr, ring_key: u32) {
        self.ring_key.store(ring_key, Ordering::Relaxed);
        let is_moved = self.spec.addr.as_ref() != Some(&addr);
        self.addr.store(Some(Arc::new(addr)));
        self.is_moved.store(is_moved, Ordering::Relaxed);
    }

    /// Puts the server into another state; the weight follows. Returns the state.
    pub(super) fn enter(&self, admin: Admin, mut operation: Operation) -> Status {
        if operation == Operation::Starting
            && self.is_up()
            && self.unchanged_s() >= self.spec.slowstart_s
        {
            operation = Operation::Running;
        }
        let status = Status {
            operation,
            admin,
            weight: self.weight_in(operation),
        };
        let before = self.status().operation;
        if before != operation {
            if before == Operation::Stopped {
                self.down_s.fetch_add(self.unchanged_s(), Ordering::Relaxed);
            } else if operation == Operation::Stopped {
                self.downs.fetch_add(1, Ordering::Relaxed);
            }
            self.last_change_s
                .store(self.common.now_s().cast_signed(), Ordering::Relaxed);
        }
        self.weight.store(status.weight, Ordering::Release);
        self.admin.store(admin.0, Ordering::Release);
        self.operation.store(operation as u8, Ordering::Release);
        self.share.store(status.share(), Ordering::Release);
        status
    }

    /// Takes over when the state changed last, as another process noted it.
    pub(super) fn set_unchanged_s(&self, seconds: u64) {
        let now_s = self.common.now_s().cast_signed();
        let since = now_s.saturating_sub_unsigned(seconds);
        self.last_change_s.store(since, Ordering::Relaxed);
    }
}
