//! One backend as all workers see it: choosing a server, and changing what may be chosen.
//!
//! Requests read atomics and what the balancer swaps in as a whole; only who changes a server's state
//! takes the lock `changes`. A change holds for the very next choice on every worker. Deliberately
//! absent: why a state changes, which is the business of checks and commands.

use super::balancer::{Balancer, Pick, Wish};
use super::limits::Limits;
use super::queue::Queue;
use super::server::{Admin, Common, Operation, ServerSpec, ServerState, Status};
use crate::clock::{Clock, Millis};
use crate::growing::Growing;
use crate::net::ServerAddr;
use crate::protect::circuit_limits::{CircuitLimits, LimitsSpec, Places, Priority, RequestPermit};
use crate::protect::outlier::{Outlier, OutlierSpec, Rotation};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

/// How a server is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Algorithm {
    /// Weighted, in HAProxy's order.
    #[default]
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

impl Algorithm {
    /// Whether weights may take any value at run time.
    pub fn is_dynamic(self) -> bool {
        !matches!(self, Self::StaticRr | Self::Hash { consistent: false })
    }
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
#[derive(Clone, Debug, Default, PartialEq)]
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
    /// The load at which servers take all of their `maxconn`; 0 = always.
    pub fullconn: u32,
    /// Whether those who wait for a server that goes down look for another one (`option
    /// redispatch` without `option persist`).
    pub redispatch: bool,
    /// `circuit-limits`, by priority.
    pub limits: [Option<LimitsSpec>; 2],
    /// `outlier-detection`.
    pub outlier: Option<OutlierSpec>,
}

/// What a change of a server's state came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Its state before.
    pub before: Status,
    /// Its state now.
    pub after: Status,
    /// Requests that left the queue for it: to this server, or to look for another.
    pub requeued: usize,
    /// Servers that could be chosen before.
    pub usable_before: usize,
}

/// One backend as all workers see it.
#[derive(Debug)]
pub struct BackendState {
    pub(super) servers: Growing<ServerState>,
    pub(super) balancer: Balancer,
    pub(super) queue: Queue,
    common: Arc<Common>,
    limits: Limits,
    outlier: Option<Outlier>,
    redispatch: bool,
    algorithm: Algorithm,
    /// Whether requests are given to it.
    published: AtomicBool,
    /// When servers whose breakers opened are looked at next, milliseconds.
    mend_at: AtomicU64,
    /// One change at a time.
    changes: Mutex<()>,
    /// When the backend went up or down last, whole seconds of the clock.
    last_change_s: AtomicU64,
    /// Seconds spent without a usable server before that.
    down_s: AtomicU64,
    /// How often it lost its last server.
    downs: AtomicU32,
}

/// A request counted in its backend.
#[derive(Debug)]
pub struct Counted(Arc<BackendState>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.common.conns.fetch_sub(1, Ordering::Relaxed);
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
    /// Its place within the backend's limits.
    permit: Option<RequestPermit>,
}

impl Slot {
    /// Index of the server.
    pub fn server(&self) -> usize {
        self.server
    }

    /// Its backend.
    pub fn backend(&self) -> &Arc<BackendState> {
        &self.backend
    }

    /// Its counts.
    pub fn state(&self) -> Option<&ServerState> {
        self.backend.servers.get(self.server)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.permit = None;
        self.backend.release(self.server);
    }
}

impl BackendState {
    /// The state of a backend that has served nothing yet.
    pub fn new(spec: &BackendSpec, clock: &Clock) -> Arc<Self> {
        let common = Arc::new(Common {
            clock: clock.clone(),
            conns: AtomicU32::new(0),
            fullconn: spec.fullconn,
            dynamic: spec.algorithm.is_dynamic(),
        });
        let servers = spec.servers.iter();
        let servers: Growing<_> = servers.map(|s| ServerState::new(s, &common)).collect();
        Arc::new(Self {
            balancer: Balancer::new(spec, &servers),
            servers,
            queue: Queue::default(),
            limits: Limits::new(&spec.limits, spec.servers.len()),
            outlier: spec
                .outlier
                .map(|outlier| Outlier::new(outlier, spec.servers.len(), clock.now())),
            redispatch: spec.redispatch,
            algorithm: spec.algorithm,
            published: AtomicBool::new(true),
            mend_at: AtomicU64::new(Millis::MAX),
            changes: Mutex::default(),
            last_change_s: AtomicU64::new(common.now_s()),
            down_s: AtomicU64::new(0),
            downs: AtomicU32::new(0),
            common,
        })
    }

    /// The servers' counts, in order, those of removed ones included.
    pub fn servers(&self) -> &Growing<ServerState> {
        &self.servers
    }

    /// `publish backend`, `unpublish backend`: whether requests are given to it.
    pub fn publish(&self, published: bool) {
        self.published.store(published, Ordering::Relaxed);
    }

    /// Whether requests are given to it.
    pub fn is_published(&self) -> bool {
        self.published.load(Ordering::Relaxed)
    }

    /// Requests being processed now (`%bc`).
    pub fn conns(&self) -> u32 {
        self.common.conns.load(Ordering::Relaxed)
    }

    /// Requests waiting now.
    pub fn queue_len(&self) -> usize {
        self.queue.len()
    }

    /// Milliseconds of the clock.
    pub(super) fn now_ms(&self) -> Millis {
        self.common.clock.now()
    }

    /// Counts a request in, until the guard is dropped.
    pub fn enter(self: &Arc<Self>) -> Counted {
        self.common.conns.fetch_add(1, Ordering::Relaxed);
        Counted(Arc::clone(self))
    }

    /// How many servers may be chosen.
    pub fn usable_servers(&self) -> usize {
        self.balancer.count()
    }

    /// How many servers are in service: active ones, backups.
    pub fn in_service(&self) -> (usize, usize) {
        let of = |backup| {
            let servers = self.servers.iter();
            servers
                .filter(|server| server.share() > 0 && server.is_backup() == backup)
                .count()
        };
        (of(false), of(true))
    }

    /// Whether the server at `index` is one that may be chosen.
    pub fn is_eligible(&self, index: usize) -> bool {
        self.balancer.has(index, &self.servers)
    }

    /// Whether weights may take any value at run time.
    pub fn is_dynamic(&self) -> bool {
        self.algorithm.is_dynamic()
    }

    /// How servers are chosen.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Seconds since the backend went up or down.
    pub fn unchanged_s(&self) -> u64 {
        let since = self.last_change_s.load(Ordering::Relaxed);
        self.common.now_s().saturating_sub(since)
    }

    /// Seconds spent without a usable server.
    pub fn downtime_s(&self) -> u64 {
        let before = self.down_s.load(Ordering::Relaxed);
        match self.usable_servers() {
            0 => before + self.unchanged_s(),
            _ => before,
        }
    }

    /// How often it lost its last server.
    pub fn downs(&self) -> u32 {
        self.downs.load(Ordering::Relaxed)
    }

    /// Chooses a server; those who already wait for any go first.
    pub fn choose(self: &Arc<Self>, wish: Wish) -> Choice {
        let priority = wish.priority;
        if wish.hash.is_none() && !self.limits.have_room(priority) {
            return match self.usable_servers() {
                0 => Choice::NoServer,
                _ => Choice::Full,
            };
        }
        // Another worker may fill the chosen server between the choice and the entry.
        for _ in 0..=self.servers.len() {
            let taken = match self.balancer.pick(wish, &self.servers) {
                Pick::Nobody => return Choice::NoServer,
                Pick::This(server) => return self.choose_server(server, false, priority),
                Pick::Full => return Choice::Full,
                Pick::WithRoom(_) if self.queue.for_any(priority) > 0 => return Choice::Full,
                Pick::WithRoom(server) => self.try_server(server, priority),
            };
            if let Some(slot) = taken {
                return Choice::Server(slot);
            }
        }
        Choice::Full
    }

    /// Takes a slot on one given server; `even_down` on one that is down too.
    pub fn choose_server(
        self: &Arc<Self>,
        server: usize,
        even_down: bool,
        priority: Priority,
    ) -> Choice {
        match self.servers.get(server) {
            Some(state) if !state.is_up() && !even_down => Choice::NoServer,
            Some(state) if state.is_full() => Choice::Busy(server),
            Some(_) => match self.try_server(server, priority) {
                Some(slot) => Choice::Server(slot),
                None => Choice::Busy(server),
            },
            None => Choice::NoServer,
        }
    }

    /// Takes a slot on a server; without the queue's lock.
    fn try_server(self: &Arc<Self>, server: usize, priority: Priority) -> Option<Slot> {
        let slot = self.enter_server(server, priority);
        if slot.is_none() && self.limits.of(priority).is_some() {
            // Who looked meanwhile missed the permit that was not used.
            self.serve_all();
        }
        slot
    }

    /// Takes a slot on a server, and a permit where there are limits.
    pub(super) fn enter_server(
        self: &Arc<Self>,
        server: usize,
        priority: Priority,
    ) -> Option<Slot> {
        let permit = match self.limits.of(priority) {
            Some(limits) => Some(limits.enter()?),
            None => None,
        };
        let entered = self.servers.get(server)?.try_enter();
        entered.then(|| {
            self.balancer.moved(server, &self.servers, 1);
            Slot {
                backend: Arc::clone(self),
                server,
                permit,
            }
        })
    }

    fn release(self: &Arc<Self>, server: usize) {
        if let Some(state) = self.servers.get(server) {
            state.leave();
            self.balancer.moved(server, &self.servers, -1);
        }
        self.serve_queue(server);
        if self.limits.are_any() {
            self.serve_all();
        }
    }

    /// Serves the queue with whatever has room.
    fn serve_all(self: &Arc<Self>) {
        for server in 0..self.servers.len() {
            let has_room = Priority::ALL.map(|priority| self.limits.have_room(priority));
            if self.queue.len() == 0 || has_room == [false; 2] {
                return;
            }
            self.serve_queue(server);
        }
    }

    /// What limits requests of this priority.
    pub fn limits(&self, priority: Priority) -> Option<&Arc<CircuitLimits>> {
        self.limits.of(priority)
    }

    /// Every line of limits, and for which priority it is.
    pub fn each_limits(&self) -> impl Iterator<Item = (Priority, &Arc<CircuitLimits>)> {
        self.limits.each()
    }

    /// At this moment a server whose breaker opened may be asked again.
    pub fn mend_at(&self, at: Millis) {
        self.mend_at.fetch_min(at, Ordering::AcqRel);
    }

    /// Whether servers whose breakers opened are to be looked at; then nobody else is told so.
    pub fn takes_mending(&self, now: Millis) -> bool {
        self.mend_at.load(Ordering::Acquire) <= now
            && self.mend_at.swap(Millis::MAX, Ordering::AcqRel) != Millis::MAX
    }

    /// What looks for servers that answer worse than they should.
    pub fn outlier(&self) -> Option<&Outlier> {
        self.outlier.as_ref()
    }

    /// The places for connections to its servers, if they are limited.
    pub fn places(&self) -> Option<&Arc<Places>> {
        self.limits.places()
    }
}

/// Changes at run time. Each holds for the next choice, and gives back what it changed; `None` for a
/// server that does not exist.
impl BackendState {
    /// Takes a server out of service: checks failed. Nothing changes in maintenance.
    pub fn mark_down(self: &Arc<Self>, server: usize) -> Option<Change> {
        self.operate(server, Operation::Stopped)
    }

    /// Puts a server back into service, slowly where `slowstart` says so. Nothing changes in
    /// maintenance.
    pub fn mark_up(self: &Arc<Self>, server: usize) -> Option<Change> {
        let operation = match self.servers.get(server)?.slowstart_s() {
            0 => Operation::Running,
            _ => Operation::Starting,
        };
        self.operate(server, operation)
    }

    /// Leaves a server to those who belong to it. Nothing changes in maintenance.
    pub fn mark_stopping(self: &Arc<Self>, server: usize) -> Option<Change> {
        self.operate(server, Operation::Stopping)
    }

    /// Brings a slow start up to the time; the server is running once it is over.
    pub fn warm_up(self: &Arc<Self>, server: usize) -> Option<Change> {
        let mut change = self.change(server, |status| (status.admin, status.operation))?;
        // Even where the weight stays, more requests may be served at once.
        change.requeued += self.serve_queue(server);
        Some(change)
    }

    /// Adds flags to a server's administrative state. Maintenance takes it down.
    pub fn set_admin(self: &Arc<Self>, server: usize, flags: Admin) -> Option<Change> {
        self.change(server, |status| {
            let admin = status.admin | flags;
            let operation = match admin.has(Admin::MAINT) {
                true => Operation::Stopped,
                false => status.operation,
            };
            (admin, operation)
        })
    }

    /// Takes flags from a server's administrative state. When none of maintenance remains it enters
    /// `operation`, as its checks say.
    pub fn clear_admin(
        self: &Arc<Self>,
        server: usize,
        flags: Admin,
        operation: Operation,
    ) -> Option<Change> {
        self.change(server, |status| {
            let admin = status.admin & !flags;
            let leaves = status.admin.has(Admin::MAINT) && !admin.has(Admin::MAINT);
            (admin, if leaves { operation } else { status.operation })
        })
    }

    /// Sets a server's weight, 0..=256.
    pub fn set_weight(self: &Arc<Self>, server: usize, weight: u32) -> Option<Change> {
        self.servers.get(server)?.set_user_weight(weight);
        self.change(server, |status| (status.admin, status.operation))
    }

    /// Sets a server's limit of concurrent requests; 0 = unlimited.
    pub fn set_maxconn(self: &Arc<Self>, server: usize, maxconn: u32) {
        if let Some(state) = self.servers.get(server) {
            state.set_maxconn(maxconn);
            self.balancer.moved(server, &self.servers, 0);
            self.serve_queue(server);
        }
    }

    /// Moves a server to another address. Connections that exist stay where they are.
    pub fn set_addr(self: &Arc<Self>, server: usize, addr: ServerAddr, ring_key: u32) {
        if let Some(state) = self.servers.get(server) {
            let _one_at_a_time = self.changes.lock();
            let was_at = state.ring_key();
            state.set_addr(addr, ring_key);
            if was_at != ring_key {
                self.balancer.rebuild(&self.servers);
            }
        }
    }

    /// Adds a server, which is in maintenance; its index, or `None` if there is no room for more.
    pub fn add_server(&self, spec: &ServerSpec) -> Option<usize> {
        let _one_at_a_time = self.changes.lock();
        let spec = ServerSpec {
            admin: spec.admin | Admin::FORCED_MAINT,
            ..spec.clone()
        };
        let index = self.servers.add(ServerState::new(&spec, &self.common))?;
        self.balancer.added(&self.servers);
        if let Some(places) = self.places() {
            places.add_server();
        }
        if let Some(outlier) = &self.outlier {
            outlier.add_server();
        }
        Some(index)
    }

    /// Forgets a server that is in maintenance and serves nobody.
    pub fn remove_server(&self, server: usize) {
        self.servers.remove(server);
    }

    /// Takes over when a server's state changed last, as an earlier process noted it.
    pub fn set_unchanged_s(&self, server: usize, seconds: u64) {
        if let Some(state) = self.servers.get(server) {
            state.set_unchanged_s(seconds);
        }
    }

    /// Lets a server go on where the same one of an earlier configuration is: in its operational
    /// state, in the maintenance or drain that was asked for, with the weight that was set since.
    pub fn continue_server(self: &Arc<Self>, server: usize, before: &ServerState) {
        let Some(state) = self.servers.get(server) else {
            return;
        };
        let was = before.status();
        if before.initial_weight() == state.initial_weight() {
            state.set_user_weight(before.user_weight());
        }
        let asked_for = match was.admin.has(Admin::CONFIGURED_MAINT) {
            true => Admin::READY,
            false => was.admin & (Admin::FORCED_MAINT | Admin::FORCED_DRAIN),
        };
        self.change(server, |now| {
            let admin = now.admin | asked_for;
            let operation = match admin.has(Admin::MAINT) {
                true => Operation::Stopped,
                // Left by the file, not by a check.
                false if was.admin.has(Admin::MAINT) => now.operation,
                false => was.operation,
            };
            (admin, operation)
        });
        state.set_unchanged_s(before.unchanged_s());
    }

    /// Makes those who wait for a server look for another one, if they may.
    pub fn redistribute(self: &Arc<Self>, server: usize) -> usize {
        let in_maintenance = self
            .servers
            .get(server)
            .is_some_and(|state| state.status().admin.has(Admin::MAINT));
        let of_server = (self.redispatch || in_maintenance).then_some(server);
        self.send_away(of_server, self.in_service() == (0, 0))
    }

    fn operate(self: &Arc<Self>, server: usize, operation: Operation) -> Option<Change> {
        self.change(server, |status| {
            let is_up = |of| matches!(of, Operation::Starting | Operation::Running);
            let stays =
                status.admin.has(Admin::MAINT) || is_up(status.operation) && is_up(operation);
            let next = if stays { status.operation } else { operation };
            (status.admin, next)
        })
    }

    fn change(
        self: &Arc<Self>,
        server: usize,
        next: impl FnOnce(Status) -> (Admin, Operation),
    ) -> Option<Change> {
        let state = self.servers.get(server)?;
        let one_at_a_time = self.changes.lock();
        let (before, usable_before) = (state.status(), self.usable_servers());
        let share_before = state.share();
        let (admin, operation) = next(before);
        let after = state.enter(admin, operation);
        if share_before != state.share() {
            self.balancer.changed(server, &self.servers);
        }
        self.note_usable(usable_before);
        drop(one_at_a_time);
        let requeued = match after.share() {
            share if share > share_before => self.serve_queue(server),
            0 if share_before > 0 => self.redistribute(server),
            _ => 0,
        };
        Some(Change {
            before,
            after,
            requeued,
            usable_before,
        })
    }

    /// Notes whether the backend went up or down.
    fn note_usable(&self, before: usize) {
        let now_s = self.common.now_s();
        match (before, self.usable_servers()) {
            (0, 0) | (1.., 1..) => return,
            (0, _) => {
                self.down_s.fetch_add(self.unchanged_s(), Ordering::Relaxed);
            }
            (_, 0) => {
                self.downs.fetch_add(1, Ordering::Relaxed);
            }
        }
        self.last_change_s.store(now_s, Ordering::Relaxed);
    }
}

impl Rotation for Arc<BackendState> {
    fn has_other(&self, server: usize) -> bool {
        let mut servers = self.servers.iter().enumerate();
        servers.any(|(index, other)| index != server && other.share() > 0)
    }

    fn set_ejected(&self, server: usize, ejected: bool) {
        match ejected {
            true => self.set_admin(server, Admin::EJECTED),
            false => self.clear_admin(server, Admin::EJECTED, Operation::Running),
        };
    }
}

#[cfg(test)]
mod tests;
