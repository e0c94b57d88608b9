//! Event rates of one worker: what `fe_sess_rate` and its kind are summed from.
//!
//! Each worker makes its own, on its own thread, so that no two write to one cache line.

use crate::compile::config::Config;
use crate::observe::RateCounter;
use std::sync::atomic::{AtomicU32, Ordering};

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
    pub(super) sessions: RateCounter,
    /// HTTP requests, refused ones included.
    pub(super) requests: RateCounter,
}

/// Rates of a backend.
#[derive(Debug, Default)]
pub(super) struct BackendMeters {
    /// Streams given to it.
    pub(super) sessions: RateCounter,
    /// Streams given to each server.
    pub(super) servers: Vec<RateCounter>,
}

impl Meters {
    /// Counters at zero for every proxy.
    pub(super) fn new(config: &Config) -> Self {
        let backends = config.backends.iter().map(|backend| BackendMeters {
            servers: backend
                .servers
                .iter()
                .map(|_| RateCounter::default())
                .collect(),
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
    pub(super) fn server(&self, backend: usize, server: usize) -> Option<&RateCounter> {
        self.backend(backend)?.servers.get(server)
    }
}
