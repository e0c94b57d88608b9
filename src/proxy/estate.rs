//! What outlives a configuration: each generation attaches to it by identity (DESIGN §7).
//!
//! Identity is the name, and for what can't be changed while it is used, the shape: a stick table
//! with another size is another table. A configuration that is refused must not be attached, since
//! attaching takes the place of what had another shape.

use super::limit::Limit;
use super::streams::Streams;
use crate::backend::{BackendSpec, BackendState, ServerSpec};
use crate::cache::{Cache, CacheSpec};
use crate::clock::Clock;
use crate::net::ServerAddr;
use crate::observe::BadMessages;
use crate::observe::stats::Counters;
use crate::peers;
use crate::protect::{Breaker, BreakerSpec, ProtectionRegistry, ProtectionSpecs, Protections};
use crate::registry::Registry;
use crate::table::{Spec, Table};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// The state of a process that its generations share.
#[derive(Debug)]
pub(super) struct Estate {
    clock: Clock,
    tables: Registry<Spec, Table>,
    caches: Registry<CacheSpec, Cache>,
    backends: Registry<BackendShape, BackendState>,
    frontends: Registry<(), Limit>,
    protections: ProtectionRegistry,
    process: Arc<Limit>,
    requests: AtomicU32,
    /// The connections being served, of all generations.
    pub(super) streams: Streams,
    /// Messages that were refused.
    pub(super) bad_messages: BadMessages,
    counters: Registry<(), Counters>,
    peers: Arc<peers::Counts>,
    /// What was found in the configuration the process started with.
    pub(super) findings: String,
    /// How many of them were warnings, and how often servers have changed since.
    pub(super) warnings: Arc<AtomicU32>,
    started_us: u64,
    stopping: AtomicBool,
}

/// The name of a server that was removed: none that could be written.
const REMOVED: &str = "\0";

/// What the counters of a server are kept under. No name has a NUL, so that parts of names are never
/// mistaken for others.
pub(super) fn server_counters(backend: &str, server: &str) -> String {
    ["server", backend, server].join("\0")
}

/// The same of a backend.
pub(super) fn backend_counters(backend: &str) -> String {
    ["backend", backend, ""].join("\0")
}

/// What makes two backends of one name the same.
#[derive(Debug, PartialEq)]
pub(super) struct BackendShape {
    pub(super) spec: BackendSpec,
    /// The name of each server.
    pub(super) servers: Vec<Arc<str>>,
}

impl BackendShape {
    /// Name and configured place of each server, in order.
    fn places(&self) -> impl Iterator<Item = (&str, Option<&ServerAddr>)> {
        let servers = self.servers.iter().zip(&self.spec.servers);
        servers.map(|(name, spec)| (&**name, spec.addr.as_ref()))
    }
}

impl Estate {
    /// Nothing yet.
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            started_us: clock.now_us(),
            stopping: AtomicBool::new(false),
            counters: Registry::default(),
            peers: Arc::default(),
            findings: String::new(),
            warnings: Arc::default(),
            clock,
            tables: Registry::default(),
            caches: Registry::default(),
            backends: Registry::default(),
            frontends: Registry::default(),
            protections: ProtectionRegistry::default(),
            process: Limit::new(0),
            requests: AtomicU32::new(0),
            streams: Streams::default(),
            bad_messages: BadMessages::default(),
        }
    }

    /// The process's clock.
    pub(super) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The stick table of this name and shape.
    pub(super) fn table(&self, spec: &Spec) -> Arc<Table> {
        self.tables.attach(&spec.name, spec.clone(), |spec, _| {
            Table::new(spec.clone(), self.clock.clone())
        })
    }

    /// The cache of this name and size.
    pub(super) fn cache(&self, spec: &CacheSpec) -> Arc<Cache> {
        self.caches.attach(&spec.name, spec.clone(), |spec, _| {
            Arc::new(Cache::new(spec.clone()))
        })
    }

    /// The servers' states and the queue of the backend `name`. Servers of a backend that has
    /// changed go on as they were where they are still the same.
    pub(super) fn backend(&self, name: &str, shape: BackendShape) -> Arc<BackendState> {
        self.backends.attach(name, shape, |shape, before| {
            let state = BackendState::new(&shape.spec, &self.clock);
            if let Some((old_shape, old)) = before {
                let known: HashMap<_, _> = old_shape.places().zip(old.servers()).collect();
                for (server, place) in shape.places().enumerate() {
                    if let Some(before) = known.get(&place) {
                        state.continue_server(server, before);
                    }
                }
            }
            state
        })
    }

    /// Notes that the backend `name` has one more server.
    pub(super) fn added_server(&self, name: &str, server: &Arc<str>, spec: &ServerSpec) {
        self.backends.reshape(name, |shape| {
            shape.servers.push(Arc::clone(server));
            shape.spec.servers.push(spec.clone());
        });
    }

    /// Forgets a server of the backend `backend`, and what was counted of it.
    pub(super) fn forget_server(&self, backend: &str, at: usize, server: &str) {
        self.backends.reshape(backend, |shape| {
            if let Some(name) = shape.servers.get_mut(at) {
                *name = REMOVED.into();
            }
        });
        self.counters.forget(&server_counters(backend, server));
    }

    /// Forgets the backend `name`, and what was counted of it.
    pub(super) fn forget_backend(&self, name: &str) {
        self.backends.forget(name);
        self.counters.forget(&backend_counters(name));
    }

    /// The connections of the frontend `name`, of which `max` may be open; 0 = no limit.
    pub(super) fn frontend(&self, name: &str, max: u32) -> Arc<Limit> {
        let limit = self.frontends.attach(name, (), |(), _| Limit::new(max));
        limit.set_max(max);
        limit
    }

    /// Limits and breakers.
    pub(super) fn protections(&self, specs: &ProtectionSpecs) -> Protections {
        self.protections.attach(specs, &self.clock)
    }

    /// The breaker of a server that is added.
    pub(super) fn breaker(&self, spec: &BreakerSpec) -> Arc<Breaker> {
        self.protections.breaker(spec, &self.clock)
    }

    /// Forgets the breaker of a server that was removed.
    pub(super) fn forget_breaker(&self, name: &str) {
        self.protections.forget_breaker(name);
    }

    /// The connections of the process.
    pub(super) fn process(&self, max: u32) -> Arc<Limit> {
        self.process.set_max(max);
        Arc::clone(&self.process)
    }

    /// The number of the next request, from 0.
    pub(super) fn next_request(&self) -> u32 {
        self.requests.fetch_add(1, Ordering::Relaxed)
    }

    /// What happened to whatever has this name, counted by so many workers.
    pub(super) fn counters(&self, name: &str, workers: usize) -> Arc<Counters> {
        let fresh = || Arc::new(Counters::new(workers));
        self.counters.attach(name, (), |(), _| fresh())
    }

    /// How many sessions with peers there are.
    pub(super) fn peers(&self) -> &Arc<peers::Counts> {
        &self.peers
    }

    /// When it was made, microseconds of the clock.
    pub(super) fn started_us(&self) -> u64 {
        self.started_us
    }

    /// The process finishes.
    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Whether the process finishes.
    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Forgets what no generation has any more.
    pub(super) fn forget_unused(&self) {
        self.counters.forget_unused();
        self.tables.forget_unused();
        self.backends.forget_unused();
        self.frontends.forget_unused();
        self.protections.forget_unused();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Admin, ServerSpec};

    fn shape(servers: &[(&str, u32)], fullconn: u32) -> BackendShape {
        let spec = |&(_, weight): &(&str, u32)| ServerSpec {
            weight,
            addr: Some(ServerAddr::Unix("/s".into())),
            ..ServerSpec::default()
        };
        BackendShape {
            servers: servers.iter().map(|&(name, _)| name.into()).collect(),
            spec: BackendSpec {
                servers: servers.iter().map(spec).collect(),
                fullconn,
                ..BackendSpec::default()
            },
        }
    }

    /// Whether each server is up, and its weight, after `a` of weight 5 was given weight 3 and `b`
    /// was put into maintenance, and the backend became this.
    #[track_caller]
    fn check(servers: &[(&str, u32)], fullconn: u32, expected: &[(bool, u32)]) {
        let estate = Estate::new(Clock::manual(1000));
        let before = estate.backend("be", shape(&[("a", 5), ("b", 5)], 0));
        before.set_weight(0, 3);
        before.set_admin(1, Admin::FORCED_MAINT);
        let after = estate.backend("be", shape(servers, fullconn));
        let seen = after.servers().iter();
        let seen: Vec<_> = seen.map(|s| (s.is_up(), s.user_weight())).collect();
        assert_eq!(seen, expected, "{servers:?}");
    }

    #[test]
    fn servers_go_on_as_they_were() {
        check(&[("a", 5), ("b", 5)], 0, &[(true, 3), (false, 5)]);
        check(&[("a", 5), ("b", 5)], 10, &[(true, 3), (false, 5)]);
        check(&[("b", 5), ("a", 5)], 0, &[(false, 5), (true, 3)]);
        check(&[("a", 7), ("c", 5)], 0, &[(true, 7), (true, 5)]);
    }

    #[test]
    fn what_is_in_use_is_not_forgotten() {
        let estate = Estate::new(Clock::manual(1000));
        let held = estate.backend("be", shape(&[("a", 1)], 0));
        estate.forget_unused();
        let again = estate.backend("be", shape(&[("a", 1)], 0));
        assert!(Arc::ptr_eq(&held, &again));
    }

    #[test]
    fn a_limit_goes_on_with_another_maximum() {
        let estate = Estate::new(Clock::manual(1000));
        let before = estate.frontend("fe", 10);
        assert!(Arc::ptr_eq(&before, &estate.frontend("fe", 20)));
        assert!(!Arc::ptr_eq(&before, &estate.frontend("other", 10)));
    }
}
