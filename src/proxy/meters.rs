//! Event rates of one worker: what `fe_sess_rate` and its kind are summed from.
//!
//! Each worker makes its own, on its own thread, so that no two write to one cache line.

use crate::clock::Millis;
use crate::compile::config::Config;
use crate::table::RateWindow;
use crate::table::rate::Tick;
use std::sync::atomic::{AtomicU32, Ordering};

/// The period of all rates, in milliseconds.
const SECOND: u32 = 1000;

/// Counts events of one worker; any may read.
#[derive(Debug, Default)]
pub(super) struct Meter(RateWindow);

impl Meter {
    /// Counts one event.
    pub(super) fn add(&self, now: Millis) {
        self.0.add(now as Tick, SECOND, 1);
    }

    /// Events per second of all these meters together.
    pub(super) fn per_second<'m>(meters: impl Iterator<Item = &'m Self>, now: Millis) -> u32 {
        RateWindow::read_all(meters.map(|meter| &meter.0), now as Tick, SECOND)
    }
}

/// The counters of one worker.
#[derive(Debug)]
pub(super) struct Meters {
    frontends: Vec<FrontendMeters>,
    backends: Vec<BackendMeters>,
    /// Percent of a core used in the last interval.
    cpu_percent: AtomicU32,
}

/// Rates of a frontend.
#[derive(Debug, Default)]
pub(super) struct FrontendMeters {
    /// Connections that became sessions.
    pub(super) sessions: Meter,
    /// HTTP requests, refused ones included.
    pub(super) requests: Meter,
}

/// Rates of a backend.
#[derive(Debug, Default)]
pub(super) struct BackendMeters {
    /// Streams given to it.
    pub(super) sessions: Meter,
    /// Streams given to each server.
    pub(super) servers: Vec<Meter>,
}

impl Meters {
    /// Counters at zero for every proxy.
    pub(super) fn new(config: &Config) -> Self {
        let backends = config.backends.iter().map(|backend| BackendMeters {
            servers: backend.servers.iter().map(|_| Meter::default()).collect(),
            ..BackendMeters::default()
        });
        Self {
            frontends: config
                .frontends
                .iter()
                .map(|_| FrontendMeters::default())
                .collect(),
            backends: backends.collect(),
            cpu_percent: AtomicU32::new(0),
        }
    }

    /// Percent of a core the worker used lately.
    pub(super) fn cpu_percent(&self) -> u32 {
        self.cpu_percent.load(Ordering::Relaxed)
    }

    /// Notes how much of a core the worker used.
    pub(super) fn set_cpu_percent(&self, percent: u32) {
        self.cpu_percent.store(percent, Ordering::Relaxed);
    }

    /// The rates of a frontend.
    pub(super) fn frontend(&self, index: usize) -> Option<&FrontendMeters> {
        self.frontends.get(index)
    }

    /// The rates of a backend.
    pub(super) fn backend(&self, index: usize) -> Option<&BackendMeters> {
        self.backends.get(index)
    }

    /// The rate of a server.
    pub(super) fn server(&self, backend: usize, server: usize) -> Option<&Meter> {
        self.backend(backend)?.servers.get(server)
    }
}
