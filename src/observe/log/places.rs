//! Where lines go by name: rings, and backends that choose a server for each line.
//!
//! They belong to the process: a reload keeps the rings that stay the same, with their lines, and
//! lines of connections of an older configuration go where their name leads now.

use super::forward;
use super::queue::Shared;
use super::ring::Ring;
use crate::net::ServerAddr;
use crate::settings::{
    LogDestination, LogEnvelope, LogFraming, RING_NAMES, RING_SIZE, RingServer, RingSpec,
};
use parking_lot::Mutex;
use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Chooses among the servers of a log backend.
pub trait ChooseServer: Debug + Send + Sync {
    /// The place of the server that gets this line; `None` if none can.
    fn choose(&self, line: &[u8]) -> Option<usize>;
}

/// A backend in `mode log`.
#[derive(Debug)]
pub struct LogBackend {
    /// Its name.
    pub name: Box<str>,
    /// What each server is reached by.
    pub servers: Vec<Option<LogDestination>>,
    /// Chooses one.
    pub chooser: Box<dyn ChooseServer>,
}

/// The rings and backends of a process.
#[derive(Debug)]
pub(super) struct Places {
    named: Mutex<Named>,
    /// Counts changes.
    version: AtomicU64,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Named {
    /// Those that are always there, those of the configuration, those of stream addresses.
    rings: Vec<Arc<Ring>>,
    /// How many of them the configuration does not name.
    fixed: usize,
    backends: Vec<Arc<LogBackend>>,
    /// Rings of stream addresses, which no configuration names.
    streams: Vec<Arc<Ring>>,
}

/// What [`RING_NAMES`] are for, as HAProxy lists them.
const ALWAYS: [&str; 2] = ["in-memory ring buffer", "DPAPI ring buffer"];
const ALWAYS_SIZE: usize = 1 << 20;

impl Places {
    pub(super) fn new(shared: &Arc<Shared>) -> Self {
        let rings = RING_NAMES.iter().zip(ALWAYS).map(|(&name, description)| {
            Arc::new(Ring::new(RingSpec {
                name: name.into(),
                description: description.into(),
                format: Some(LogEnvelope::Timed),
                size: ALWAYS_SIZE,
                ..plain(Vec::new())
            }))
        });
        Self {
            named: Mutex::new(Named {
                fixed: RING_NAMES.len(),
                rings: rings.collect(),
                ..Named::default()
            }),
            version: AtomicU64::new(0),
            shared: Arc::clone(shared),
        }
    }

    /// Changes with whatever a name leads to.
    pub(super) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// Puts other rings and backends in the place of those there are.
    pub(super) fn set(&self, rings: &[RingSpec], backends: Vec<LogBackend>) {
        let mut named = self.named.lock();
        let fixed = named.fixed;
        let mut known = named.rings.split_off(fixed);
        for spec in rings {
            let place = known.iter().position(|ring| ring.spec == *spec);
            let ring = match place {
                Some(place) => known.swap_remove(place),
                None => self.open(spec.clone()),
            };
            named.rings.push(ring);
        }
        known.iter().for_each(|ring| ring.end());
        named.backends = backends.into_iter().map(Arc::new).collect();
        drop(named);
        self.version.fetch_add(1, Ordering::Release);
    }

    /// Makes sure that a stream address has its ring.
    pub(super) fn prepare(&self, to: &LogDestination) {
        if let LogDestination::Stream(addr) = to {
            self.stream(addr);
        }
    }

    /// The ring of a stream address.
    pub(super) fn stream(&self, addr: &ServerAddr) -> Arc<Ring> {
        let mut named = self.named.lock();
        let is_it = |ring: &&Arc<Ring>| ring.spec.servers.iter().any(|s| s.addr == *addr);
        if let Some(known) = named.streams.iter().find(is_it) {
            return Arc::clone(known);
        }
        let ring = self.open(RingSpec {
            name: format!("ring#{}", named.streams.len() + 1).into(),
            description: format!("created from log directive for {addr}").into(),
            connect_ms: 1000,
            server_ms: 5000,
            ..plain(vec![RingServer {
                addr: addr.clone(),
                framing: LogFraming::Lines,
            }])
        });
        named.streams.push(Arc::clone(&ring));
        ring
    }

    /// The ring of this name.
    pub(super) fn ring(&self, name: &str) -> Option<Arc<Ring>> {
        self.rings().into_iter().find(|ring| ring.name() == name)
    }

    /// The backend of this name.
    pub(super) fn backend(&self, name: &str) -> Option<Arc<LogBackend>> {
        let named = self.named.lock();
        let found = named.backends.iter().find(|backend| *backend.name == *name);
        found.cloned()
    }

    /// All rings.
    pub(super) fn rings(&self) -> Vec<Arc<Ring>> {
        let named = self.named.lock();
        named.rings.iter().chain(&named.streams).cloned().collect()
    }

    /// Lets servers have the rest, as long as that takes no longer than `most` for each ring.
    pub(super) fn end(&self, most: Duration) {
        let rings = self.rings();
        rings.iter().for_each(|ring| ring.end());
        rings.iter().for_each(|ring| ring.wait_sent(most));
    }

    fn open(&self, spec: RingSpec) -> Arc<Ring> {
        let ring = Arc::new(Ring::new(spec));
        forward::start(&ring, &self.shared);
        ring
    }
}

/// A ring that keeps lines as they come.
fn plain(servers: Vec<RingServer>) -> RingSpec {
    RingSpec {
        name: Box::default(),
        description: Box::default(),
        format: None,
        max_len: usize::MAX,
        size: RING_SIZE,
        servers,
        connect_ms: crate::clock::NEVER,
        server_ms: crate::clock::NEVER,
    }
}
