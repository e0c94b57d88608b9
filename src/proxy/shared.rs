//! What all workers of a process share: the configuration and the counts around it.

use super::limit::Limit;
use crate::backend::{Algorithm, BackendSpec, BackendState, ServerSpec};
use crate::compile::config::{Backend, Balance, Config};
use crate::http1::HeadLimits;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// One generation of configuration and its running state.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) config: Arc<Config>,
    pub(super) head_limits: HeadLimits,
    /// Connections of the process.
    pub(super) process: Arc<Limit>,
    /// Connections of each frontend.
    pub(super) frontends: Vec<Arc<Limit>>,
    /// Servers and queue of each backend.
    pub(super) backends: Vec<Arc<BackendState>>,
    /// Requests of the process (`%rt`).
    requests: AtomicU32,
}

impl Shared {
    pub(super) fn new(config: Arc<Config>) -> Arc<Self> {
        let global = &config.global;
        Arc::new(Self {
            head_limits: HeadLimits {
                max_size: global.bufsize.saturating_sub(global.maxrewrite),
                max_headers: global.maxhdr,
            },
            process: Limit::new(global.maxconn),
            frontends: config.frontends.iter().map(|f| Limit::new(f.maxconn)).collect(),
            backends: config.backends.iter().map(|b| BackendState::new(&spec(b))).collect(),
            requests: AtomicU32::new(0),
            config,
        })
    }

    /// The number of the next request.
    pub(super) fn next_request(&self) -> u32 {
        self.requests.fetch_add(1, Ordering::Relaxed)
    }
}

fn spec(backend: &Backend) -> BackendSpec {
    let algorithm = match backend.balance {
        Balance::RoundRobin | Balance::StaticRr => Algorithm::RoundRobin,
        Balance::LeastConn => Algorithm::LeastConn,
        Balance::First => Algorithm::First,
        Balance::Random(draws) => Algorithm::Random(draws),
        Balance::Default | Balance::Source => Algorithm::Random(2),
    };
    let servers = backend.servers.iter().map(|server| ServerSpec {
        weight: server.weight,
        maxconn: server.maxconn,
        backup: server.backup,
        disabled: server.disabled || server.addr.is_none(),
    });
    BackendSpec { algorithm, servers: servers.collect() }
}

/// What a connection needs to know of the socket it came in on.
#[derive(Debug)]
pub(super) struct Listener {
    /// The `bind` line's name, or its address.
    pub(super) name: Arc<str>,
    /// Its number.
    pub(super) id: u32,
    /// Whether a PROXY header comes first.
    pub(super) accept_proxy: bool,
    /// Index of the frontend.
    pub(super) frontend: usize,
    /// Listener, frontend and process.
    pub(super) limits: [Arc<Limit>; 3],
}
