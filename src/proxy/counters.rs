//! The counters of everything a process serves, by the indices of its configuration.
//!
//! They belong to what they count by its name, so that they go on when the configuration changes.

use super::estate::{Estate, backend_counters, server_counters};
use crate::clock::Millis;
use crate::compile::config::Config;
use crate::growing::Growing;
use crate::observe::stats::Counters;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Counters of all proxies. Writer `n` is worker `n`.
#[derive(Debug)]
pub(super) struct AllCounters {
    process: Arc<Counters>,
    frontends: Vec<Front>,
    backends: Growing<Back>,
    /// Percent of a core each worker used in the last interval.
    cpu_percent: Vec<AtomicU32>,
}

#[derive(Debug)]
struct Front {
    own: Arc<Counters>,
    /// Of each `bind` line; empty without `option socket-stats`.
    listeners: Vec<Arc<Counters>>,
}

#[derive(Debug)]
struct Back {
    own: Arc<Counters>,
    servers: Growing<Arc<Counters>>,
}

impl AllCounters {
    /// Those of a configuration's proxies.
    pub(super) fn new(config: &Config, estate: &Estate, workers: usize) -> Self {
        let counters = |parts: [&str; 3]| estate.counters(&parts.join("\0"), workers);
        let fronts = config.frontends.iter().map(|frontend| Front {
            own: counters(["frontend", &frontend.name, ""]),
            listeners: frontend
                .binds
                .iter()
                .filter(|_| frontend.socket_stats)
                .map(|bind| {
                    let id = bind.id.to_string();
                    counters(["listener", &frontend.name, &id])
                })
                .collect(),
        });
        let backs = config.backends.iter().map(|backend| Back {
            own: estate.counters(&backend_counters(&backend.name), workers),
            servers: (backend.servers.iter())
                .map(|server| server_counters(&backend.name, &server.name))
                .map(|name| estate.counters(&name, workers))
                .collect(),
        });
        Self {
            process: counters(["process", "", ""]),
            frontends: fronts.collect(),
            backends: backs.collect(),
            cpu_percent: (0..workers).map(|_| AtomicU32::new(0)).collect(),
        }
    }

    /// Counts for a backend that was added as the last one.
    pub(super) fn add_backend(&self, name: &str, estate: &Estate) {
        self.backends.add(Back {
            own: estate.counters(&backend_counters(name), self.cpu_percent.len()),
            servers: Growing::default(),
        });
    }

    /// Counts for a server that was added as the last one of its backend.
    pub(super) fn add_server(&self, at: usize, backend: &str, name: &str, estate: &Estate) {
        let workers = self.cpu_percent.len();
        if let Some(backend_counts) = self.backends.get(at) {
            let counters = estate.counters(&server_counters(backend, name), workers);
            backend_counts.servers.add(counters);
        }
    }

    /// Those of the process.
    pub(super) fn process(&self) -> &Arc<Counters> {
        &self.process
    }

    /// Those of all frontends.
    pub(super) fn fronts(&self) -> impl Iterator<Item = &Arc<Counters>> {
        self.frontends.iter().map(|front| &front.own)
    }

    /// Those of a frontend.
    pub(super) fn frontend(&self, index: usize) -> Option<&Counters> {
        self.frontends.get(index).map(|front| &*front.own)
    }

    /// Those of a frontend's `bind` line, if it has any.
    pub(super) fn listener(&self, frontend: usize, bind: usize) -> Option<&Counters> {
        let listeners = &self.frontends.get(frontend)?.listeners;
        listeners.get(bind).map(|counters| &**counters)
    }

    /// Those of a backend.
    pub(super) fn backend(&self, index: usize) -> Option<&Counters> {
        self.backends.get(index).map(|back| &*back.own)
    }

    /// Those of a server, to be kept.
    pub(super) fn server_to_keep(&self, backend: usize, server: usize) -> Option<Arc<Counters>> {
        let servers = &self.backends.get(backend)?.servers;
        servers.get(server).cloned()
    }

    /// Those of a server.
    pub(super) fn server(&self, backend: usize, server: usize) -> Option<&Counters> {
        let servers = &self.backends.get(backend)?.servers;
        servers.get(server).map(|counters| &**counters)
    }

    /// `clear counters`: forgets all maxima, and all counts too if wanted.
    pub(super) fn clear(&self, all: bool) {
        let fronts = self.frontends.iter();
        let backs = self.backends.iter();
        let fronts = fronts.flat_map(|front| front.listeners.iter().chain([&front.own]));
        let backs = backs.flat_map(|back| back.servers.iter().chain([&back.own]));
        for counters in fronts.chain(backs).chain([&self.process]) {
            match all {
                true => counters.clear(),
                false => counters.clear_maxima(),
            }
        }
    }

    /// Takes a sample of every rate that people are shown.
    pub(super) fn sample(&self, now: Millis) {
        let backs = self.backends.iter();
        let backs = backs.flat_map(|back| back.servers.iter().chain([&back.own]));
        let fronts = self.frontends.iter().map(|front| &front.own);
        fronts
            .chain(backs)
            .for_each(|counters| counters.sample(now));
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
