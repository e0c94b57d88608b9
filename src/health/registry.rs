//! The state of every server's health, and what follows from a change (SEMANTICS 1.1, 1.6, 1.9).
//!
//! Here is what is kept and asked for. `verdict` takes in what checks and traffic say, `operation`
//! moves servers up and down, `admin` is for commands and maintenance, `members` for what comes and
//! goes, `targets` for where checks go, `restore` takes over what an earlier process knew, `lines`
//! words what is logged.
//! One lock orders all changes, so that servers that track each other across backends and the lines
//! about them come in order; requests never take it but for an error too many. Nothing here waits.

mod admin;
mod lines;
mod members;
mod operation;
mod restore;
mod targets;
mod verdict;

use super::counter::{Bounds, Check};
use super::spec::{BackendSpec, CheckKind, Place, ServerSpec};
use crate::backend::{Admin, BackendState, ServerState};
use crate::clock::Clock;
use crate::growing::Growing;
use crate::net::Stream;
use parking_lot::Mutex;
use std::any::Any;
use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
pub use targets::Retarget;
use tokio::sync::Notify;

/// Why the streams of a server are ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shutdown {
    /// `on-marked-down shutdown-sessions` (`D`).
    Down,
    /// `on-marked-up shutdown-backup-sessions` (`U`).
    Up,
}

/// Where consequences go.
pub trait Reports: Send + Sync {
    /// Writes a line to the log of a backend, at a level of syslog.
    fn log(&self, backend: usize, level: u8, line: &str);

    /// Ends the streams of a server.
    fn shut_down(&self, place: Place, why: Shutdown);

    /// What a check that begins remembers, for the texts of scripts.
    fn memory(&self) -> Box<dyn Any>;

    /// An idle connection to a server that a check may have, if there is one.
    fn borrow(&self, _place: Place) -> Borrowing {
        Box::pin(std::future::ready(None))
    }
}

/// See [`Reports::borrow`].
pub type Borrowing = Pin<Box<dyn Future<Output = Option<Stream>>>>;

/// The health of all servers.
pub struct Health {
    clock: Clock,
    backends: Growing<Part>,
    reports: Box<dyn Reports>,
    checks: Mutex<Vec<Vec<Checks>>>,
    /// Servers that were added, whose checks are to begin.
    added: Mutex<Vec<Place>>,
    /// There are such servers.
    grown: Notify,
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Health").finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Part {
    spec: BackendSpec,
    state: Arc<BackendState>,
    servers: Growing<ServerHealth>,
}

/// What is known of a server's health without asking for its checks.
#[derive(Debug, Default)]
pub struct ServerHealth {
    spec: ServerSpec,
    /// What commands changed about the check and the agent.
    retargets: Mutex<[Retarget; 2]>,
    /// The level that a state file left it at, if it is not checked.
    restored_level: OnceLock<u32>,
    /// Errors in a row.
    errors: AtomicU32,
    /// How often there were too many.
    analyzed: AtomicU32,
    /// Failed checks.
    failed: AtomicU32,
    /// Those that track this server.
    trackers: Mutex<Vec<Place>>,
    /// Its next check may be due earlier.
    pub(super) wake: Notify,
    /// A slow start began.
    pub(super) warm: Notify,
    /// It was removed.
    gone: Notify,
}

impl ServerHealth {
    /// How often live traffic failed too often in a row (`hanafail`).
    pub fn analyzed(&self) -> u32 {
        self.analyzed.load(Ordering::Relaxed)
    }

    /// Failed checks (`chkfail`).
    pub fn failed(&self) -> u32 {
        self.failed.load(Ordering::Relaxed)
    }

    /// The level shown if it is not checked: what a state file left, or `rise` if that was set.
    pub fn unchecked_level(&self) -> u32 {
        let Bounds { rise, .. } = self.spec.bounds;
        let configured = if rise == Bounds::default().rise {
            0
        } else {
            rise
        };
        self.restored_level.get().copied().unwrap_or(configured)
    }

    /// Errors in a row so far.
    pub fn errors(&self) -> u32 {
        self.errors.load(Ordering::Relaxed)
    }
}

/// The checks of one server.
#[derive(Clone, Debug, Default)]
struct Checks {
    health: Option<Check>,
    agent: Option<Check>,
}

impl Checks {
    fn of(spec: &ServerSpec) -> Self {
        let check = |spec: &super::spec::CheckSpec, kind, start| {
            let bounds = Bounds {
                rise: spec.rise,
                fall: spec.fall,
            };
            Check::new(kind, bounds, start)
        };
        let health = spec.check.as_ref();
        let agent = spec.agent.as_ref();
        Self {
            health: health.map(|spec_of| check(spec_of, CheckKind::Health, spec.init_state)),
            agent: agent.map(|spec_of| check(spec_of, CheckKind::Agent, None)),
        }
    }

    fn get(&self, kind: CheckKind) -> Option<&Check> {
        match kind {
            CheckKind::Health => self.health.as_ref(),
            CheckKind::Agent => self.agent.as_ref(),
        }
    }

    fn get_mut(&mut self, kind: CheckKind) -> Option<&mut Check> {
        match kind {
            CheckKind::Health => self.health.as_mut(),
            CheckKind::Agent => self.agent.as_mut(),
        }
    }

    /// Whether all that is checked holds the server up.
    fn hold_up(&self) -> bool {
        let both = [&self.health, &self.agent];
        both.into_iter()
            .flatten()
            .all(|check| !check.enabled || check.is_up())
    }
}

type Table = Vec<Vec<Checks>>;

fn checks_of(table: &Table, place: Place) -> Option<&Checks> {
    table.get(place.backend)?.get(place.server)
}

fn checks_mut(table: &mut Table, place: Place) -> Option<&mut Checks> {
    table.get_mut(place.backend)?.get_mut(place.server)
}

/// Asking.
impl Health {
    /// The health of these backends. Servers in maintenance pass that on to those that track them.
    pub fn new(
        specs: Vec<BackendSpec>,
        states: &Growing<Arc<BackendState>>,
        clock: &Clock,
        reports: Box<dyn Reports>,
    ) -> Arc<Self> {
        let checks = specs
            .iter()
            .map(|backend| backend.servers.iter().map(Checks::of).collect())
            .collect();
        let mut trackers: Vec<Vec<Vec<Place>>> = specs
            .iter()
            .map(|backend| vec![Vec::new(); backend.servers.len()])
            .collect();
        for (backend, spec) in specs.iter().enumerate() {
            for (server, spec) in spec.servers.iter().enumerate() {
                let tracked = spec
                    .track
                    .and_then(|tracked| trackers.get_mut(tracked.backend)?.get_mut(tracked.server));
                if let Some(tracked) = tracked {
                    // The one written last is told first.
                    tracked.insert(0, Place { backend, server });
                }
            }
        }
        let parts = specs.into_iter().zip(states).zip(trackers);
        let backends = parts.map(|((mut spec, state), trackers)| Part {
            state: Arc::clone(state),
            servers: std::mem::take(&mut spec.servers)
                .into_iter()
                .zip(trackers)
                .map(|(spec, trackers)| ServerHealth {
                    spec,
                    trackers: Mutex::new(trackers),
                    ..ServerHealth::default()
                })
                .collect(),
            spec,
        });
        let health = Arc::new(Self {
            clock: clock.clone(),
            backends: backends.collect(),
            reports,
            checks: Mutex::new(checks),
            added: Mutex::default(),
            grown: Notify::new(),
        });
        health.begin();
        health
    }

    /// Passes maintenance and drain on at start, without a line.
    fn begin(&self) {
        let mut table = self.checks.lock();
        for place in self.places() {
            let Some((_, state)) = self.server_at(place) else {
                continue;
            };
            let admin = state.status().admin;
            if let Some(check) = checks_mut(&mut table, place).and_then(|c| c.health.as_mut()) {
                check.paused = admin.has(Admin::MAINT);
                // A server may go on from an earlier configuration.
                if check.paused || check.is_up() && !state.is_up() {
                    check.level = 0;
                }
            }
            let is_tracking = self.spec(place).is_some_and(|spec| spec.track.is_some());
            if !is_tracking && admin.has(Admin::MAINT | Admin::CONFIGURED_MAINT) {
                self.inherit(place, Admin::INHERITED_MAINT);
            }
        }
    }

    fn inherit(&self, place: Place, flag: Admin) {
        for tracker in self.trackers(place) {
            if let Some((part, _)) = self.server_at(tracker) {
                part.state.set_admin(tracker.server, flag);
            }
            self.inherit(tracker, flag);
        }
    }

    /// Every server.
    pub fn places(&self) -> impl Iterator<Item = Place> + use<'_> {
        let backends = self.backends.present();
        backends.flat_map(|(backend, part)| {
            let servers = part.servers.present();
            servers.map(move |(server, _)| Place { backend, server })
        })
    }

    /// What is known of a server.
    pub fn server(&self, place: Place) -> Option<&ServerHealth> {
        self.backends.get(place.backend)?.servers.get(place.server)
    }

    /// How a server is checked.
    pub fn spec(&self, place: Place) -> Option<&ServerSpec> {
        self.server(place).map(|server| &server.spec)
    }

    /// A copy of one check's state.
    pub fn check(&self, place: Place, kind: CheckKind) -> Option<Check> {
        checks_of(&self.checks.lock(), place)?.get(kind).cloned()
    }

    /// The backend of a place.
    pub fn backend(&self, place: Place) -> Option<&BackendSpec> {
        Some(&self.backends.get(place.backend)?.spec)
    }

    /// The state of a server.
    pub fn state(&self, place: Place) -> Option<&ServerState> {
        self.server_at(place).map(|(_, state)| state)
    }

    /// The state of a server's backend.
    pub fn backend_state(&self, place: Place) -> Option<&Arc<BackendState>> {
        Some(&self.backends.get(place.backend)?.state)
    }

    pub(super) fn memory(&self) -> Box<dyn Any> {
        self.reports.memory()
    }

    pub(super) fn borrow(&self, place: Place) -> Borrowing {
        self.reports.borrow(place)
    }

    /// The clock that everything here goes by.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    fn trackers(&self, place: Place) -> Vec<Place> {
        let trackers = self.server(place).map(|server| server.trackers.lock());
        trackers.map_or_else(Vec::new, |trackers| trackers.clone())
    }

    fn server_at(&self, place: Place) -> Option<(&Part, &ServerState)> {
        let part = self.backends.get(place.backend)?;
        Some((part, part.state.servers().get(place.server)?))
    }
}
