//! What outlives a configuration: each generation attaches to it by identity (DESIGN §7).
//!
//! Identity is the name, and for what can't be changed while it is used, the shape: a stick table
//! with another size is another table. A configuration that is refused must not be attached, since
//! attaching takes the place of what had another shape.

use super::limit::Limit;
use crate::backend::{BackendSpec, BackendState};
use crate::clock::Clock;
use crate::net::ServerAddr;
use crate::registry::Registry;
use crate::table::{Spec, Table};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// The state of a process that its generations share.
#[derive(Debug)]
pub(super) struct Estate {
    clock: Clock,
    tables: Registry<Spec, Table>,
    backends: Registry<BackendShape, BackendState>,
    frontends: Registry<(), Limit>,
    process: Arc<Limit>,
    requests: AtomicU32,
}

/// What makes two backends of one name the same.
#[derive(Debug, PartialEq)]
pub(super) struct BackendShape {
    pub(super) spec: BackendSpec,
    /// Name and place of each server.
    pub(super) servers: Vec<(Arc<str>, Option<ServerAddr>)>,
}

impl Estate {
    /// Nothing yet.
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            clock,
            tables: Registry::default(),
            backends: Registry::default(),
            frontends: Registry::default(),
            process: Limit::new(0),
            requests: AtomicU32::new(0),
        }
    }

    /// The stick table of this name and shape.
    pub(super) fn table(&self, spec: &Spec) -> Arc<Table> {
        self.tables.attach(&spec.name, spec.clone(), |spec, _| {
            Table::new(spec.clone(), self.clock.clone())
        })
    }

    /// The servers' counts and the queue of the backend `name`.
    pub(super) fn backend(&self, name: &str, shape: BackendShape) -> Arc<BackendState> {
        self.backends
            .attach(name, shape, |shape, _| BackendState::new(&shape.spec))
    }

    /// The connections of the frontend `name`, of which `max` may be open; 0 = no limit.
    pub(super) fn frontend(&self, name: &str, max: u32) -> Arc<Limit> {
        let limit = self.frontends.attach(name, (), |(), _| Limit::new(max));
        limit.set_max(max);
        limit
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

    /// Forgets what no generation has any more.
    pub(super) fn forget_unused(&self) {
        self.tables.forget_unused();
        self.backends.forget_unused();
        self.frontends.forget_unused();
    }
}
