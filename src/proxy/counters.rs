//! The counters of everything a process serves, by the indices of its configuration.

use crate::compile::config::Config;
use crate::observe::stats::Counters;
use std::sync::atomic::{AtomicU32, Ordering};

/// Counters of all proxies. Writer `n` is worker `n`.
#[derive(Debug)]
pub(super) struct AllCounters {
    process: Counters,
    frontends: Vec<Front>,
    backends: Vec<Back>,
    /// Percent of a core each worker used in the last interval.
    cpu_percent: Vec<AtomicU32>,
}

#[derive(Debug)]
struct Front {
    own: Counters,
    /// Of each `bind` line; empty without `option socket-stats`.
    listeners: Vec<Counters>,
}

#[derive(Debug)]
struct Back {
    own: Counters,
    servers: Vec<Counters>,
}

impl AllCounters {
    /// Counters at zero.
    pub(super) fn new(config: &Config, workers: usize) -> Self {
        let several = |count| {
            std::iter::repeat_with(|| Counters::new(workers))
                .take(count)
                .collect()
        };
        let fronts = config.frontends.iter().map(|frontend| Front {
            own: Counters::new(workers),
            listeners: several(match frontend.socket_stats {
                true => frontend.binds.len(),
                false => 0,
            }),
        });
        let backs = config.backends.iter().map(|backend| Back {
            own: Counters::new(workers),
            servers: several(backend.servers.len()),
        });
        Self {
            process: Counters::new(workers),
            frontends: fronts.collect(),
            backends: backs.collect(),
            cpu_percent: (0..workers).map(|_| AtomicU32::new(0)).collect(),
        }
    }

    /// Those of the process.
    pub(super) fn process(&self) -> &Counters {
        &self.process
    }

    /// Those of all frontends.
    pub(super) fn fronts(&self) -> impl Iterator<Item = &Counters> {
        self.frontends.iter().map(|front| &front.own)
    }

    /// Those of a frontend.
    pub(super) fn frontend(&self, index: usize) -> Option<&Counters> {
        self.frontends.get(index).map(|front| &front.own)
    }

    /// Those of a frontend's `bind` line, if it has any.
    pub(super) fn listener(&self, frontend: usize, bind: usize) -> Option<&Counters> {
        self.frontends.get(frontend)?.listeners.get(bind)
    }

    /// Those of a backend.
    pub(super) fn backend(&self, index: usize) -> Option<&Counters> {
        self.backends.get(index).map(|back| &back.own)
    }

    /// Those of a server.
    pub(super) fn server(&self, backend: usize, server: usize) -> Option<&Counters> {
        self.backends.get(backend)?.servers.get(server)
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Counters> {
        let fronts = self.frontends.iter();
        let backs = self.backends.iter();
        let fronts = fronts.flat_map(|front| front.listeners.iter().chain([&front.own]));
        let all = fronts.chain([&self.process]);
        all.chain(backs.flat_map(|back| back.servers.iter().chain([&back.own])))
    }

    /// Percent of a core each worker used lately.
    pub(super) fn cpu_percents(&self) -> impl Iterator<Item = u32> {
        self.cpu_percent
            .iter()
            .map(|percent| percent.load(Ordering::Relaxed))
    }

    /// Notes how much of a core a worker used.
    pub(super) fn set_cpu_percent(&self, worker: usize, percent: u32) {
        if let Some(own) = self.cpu_percent.get(worker) {
            own.store(percent, Ordering::Relaxed);
        }
    }
}
