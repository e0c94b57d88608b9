//! What fetches ask of the running process, as one worker sees it.

use super::log;
use super::worker::Worker;
use crate::backend::{BackendState, ServerState};
use crate::cache::Cache;
use crate::clock::{Millis, NEVER};
use crate::compile::config::Backend;
use crate::observe::stats::{Counters, Rate};
use crate::protect::Protections;
use crate::settings::StatusClasses;
use crate::syntax::Environment;
use crate::table::Table;
use crate::vocab::context::Context;
use crate::vocab::log_profile::LogProfile;
use crate::vocab::outer::ServerIndex;
use crate::vocab::state::{BackendFact, FrontendFact, ProcessFact, ServerFact, State};
use std::sync::Arc;

impl State for Worker {
    fn environment(&self) -> Option<&Environment> {
        Some(&self.shared.config.environment)
    }

    fn process(&self, fact: ProcessFact) -> Option<i64> {
        Some(match fact {
            ProcessFact::Connections => self.shared.process.used().into(),
            ProcessFact::Threads => count(self.threads()),
            ProcessFact::Thread => count(self.index()),
            ProcessFact::UptimeSeconds => count(self.uptime() / 1000),
            ProcessFact::ThreadCpu => self.cpu_percent().into(),
            ProcessFact::ProcessCpu => {
                let sum: u32 = self.shared.counters.cpu_percents().sum();
                i64::from(sum) / count(self.threads()).max(1)
            }
            ProcessFact::Stopping => self.is_stopping().into(),
        })
    }

    fn frontend(&self, index: u32, fact: FrontendFact) -> Option<i64> {
        let at = index as usize;
        let config = self.shared.config.frontends.get(at)?;
        Some(match fact {
            FrontendFact::Connections => self.shared.frontends.get(at)?.used().into(),
            FrontendFact::RequestRate => {
                self.rate(self.shared.counters.frontend(at)?, Rate::Requests)
            }
            FrontendFact::SessionRate => {
                self.rate(self.shared.counters.frontend(at)?, Rate::Sessions)
            }
            FrontendFact::ClientTimeout => timeout(config.timeouts.client),
            FrontendFact::TarpitTimeout => timeout(config.timeouts.tarpit),
        })
    }

    fn backend(&self, index: u32, fact: BackendFact) -> Option<i64> {
        let config = self.shared.config.backends.get(index as usize)?;
        let state = self.shared.backends.get(index as usize)?;
        let timeouts = &config.timeouts;
        Some(match fact {
            BackendFact::Connections => state.conns().into(),
            BackendFact::ConnectionsFree => connections_free(state),
            BackendFact::Slots => slots(config, state),
            BackendFact::Queue => count(state.queue_len()),
            BackendFact::AverageQueue => average_queue(state),
            BackendFact::SessionRate => self.rate(
                self.shared.counters.backend(index as usize)?,
                Rate::Sessions,
            ),
            BackendFact::UsableServers => count(state.usable_servers()),
            BackendFact::ConnectTimeout => timeout(timeouts.connect),
            BackendFact::QueueTimeout => timeout(timeouts.queue),
            BackendFact::ServerTimeout => timeout(timeouts.server),
            BackendFact::TarpitTimeout => timeout(timeouts.tarpit),
            BackendFact::TunnelTimeout => timeout(timeouts.tunnel),
        })
    }

    fn server(&self, at: ServerIndex, fact: ServerFact) -> Option<i64> {
        let state = self.shared.backends.get(at.backend as usize)?;
        let state = state.servers().get(at.server as usize)?;
        if fact == ServerFact::SessionRate {
            let counters = &self.shared.counters;
            let own = counters.server(at.backend as usize, at.server as usize)?;
            return Some(self.rate(own, Rate::Sessions));
        }
        of_server(state, fact)
    }

    fn table(&self, index: u32) -> Option<&Arc<Table>> {
        self.shared.tables.get(index as usize)
    }

    fn cache(&self, index: u32) -> Option<&Arc<Cache>> {
        self.shared.caches.get(index as usize)
    }

    fn log(&self, cx: &Context<'_>, profile: Option<&LogProfile>) {
        log::by_rule(self, cx, profile);
    }

    fn protections(&self) -> Option<&Protections> {
        Some(&self.shared.protections)
    }

    fn status_classes(&self) -> Option<&StatusClasses> {
        Some(&self.shared.config.global.status_classes)
    }

    fn default_backend(&self, frontend: u32) -> Option<&str> {
        let frontend = self.shared.config.frontends.get(frontend as usize)?;
        Some(&self.backend(frontend.default_backend?)?.name)
    }

    fn frontend_named(&self, name: &[u8]) -> Option<u32> {
        let mut frontends = (0..).zip(&self.shared.config.frontends);
        let found = frontends.find(|(_, frontend)| frontend.name.as_bytes() == name);
        found.map(|(index, _)| index)
    }

    fn backend_named(&self, name: &[u8]) -> Option<u32> {
        self.shared.config.backend_named(name).map(|id| id.0)
    }

    fn server_named(&self, backend: u32, name: &[u8]) -> Option<ServerIndex> {
        let config = self.shared.config.backends.get(backend as usize)?;
        let server = config.server_named(name)?;
        Some(ServerIndex {
            backend,
            server: u32::try_from(server).ok()?,
        })
    }
}

/// A fact of a server that needs no counters.
pub(super) fn of_server(state: &ServerState, fact: ServerFact) -> Option<i64> {
    Some(match fact {
        ServerFact::Connections => state.served().into(),
        ServerFact::ConnectionsFree => free(state).unwrap_or(-1),
        ServerFact::Queue => state.queued().into(),
        ServerFact::SessionRate => return None,
        ServerFact::Up => state.is_up().into(),
        ServerFact::Weight => state.effective_weight().into(),
        ServerFact::InitialWeight => state.initial_weight().into(),
        ServerFact::UserWeight => state.user_weight().into(),
    })
}

impl Worker {
    /// A rate of the whole process.
    fn rate(&self, counters: &Counters, rate: Rate) -> i64 {
        counters.rate(rate, self.clock.now()).into()
    }
}

fn count<N: TryInto<i64>>(value: N) -> i64 {
    value.try_into().unwrap_or(i64::MAX)
}

fn timeout(time: Millis) -> i64 {
    if time == NEVER { 0 } else { count(time) }
}

/// How many more requests a server takes; `None` if it has no limit.
fn free(state: &ServerState) -> Option<i64> {
    let free = i64::from(state.maxconn()) - i64::from(state.served());
    (state.maxconn() > 0).then_some(free.max(0))
}

/// What the servers that may be chosen still take; -1 if one of them has no limit.
fn connections_free(state: &BackendState) -> i64 {
    let servers = state.servers().iter().zip(0..);
    let eligible = servers.filter(|(_, index)| state.is_eligible(*index));
    eligible
        .map(|(server, _)| free(server))
        .sum::<Option<i64>>()
        .unwrap_or(-1)
}

/// Places on the servers that are up and in their queues; -1 if one has no limit for either.
fn slots(config: &Backend, state: &BackendState) -> i64 {
    let servers = config.servers.iter().zip(state.servers());
    servers
        .filter(|(_, state)| state.is_up())
        .map(|(config, state)| {
            let places = i64::from(state.maxconn()) + i64::from(config.maxqueue);
            let is_limited = state.maxconn() > 0 && config.maxqueue > 0;
            is_limited.then(|| places - i64::from(state.served()))
        })
        .sum::<Option<i64>>()
        .unwrap_or(-1)
}

/// Waiting streams for each usable server, rounded up; none counts as half a server.
fn average_queue(state: &BackendState) -> i64 {
    let waiting = count(state.queue_len());
    match count(state.usable_servers()) {
        0 => waiting.saturating_mul(2),
        servers => waiting.saturating_add(servers - 1) / servers,
    }
}
