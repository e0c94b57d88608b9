//! What fetches can ask of the running process: counts, rates, times of proxies and servers.
//!
//! `proxy` answers; the vocabulary only asks, by index or, where a name is known at run time only,
//! by name. What must hold: an answer takes no lock and allocates nothing. Deliberately absent:
//! facts of the stream itself, which are in its record.

use super::context::Context;
use super::log_profile::LogProfile;
use super::outer::ServerIndex;
use crate::cache::Cache;
use crate::protect::Protections;
use crate::settings::StatusClasses;
use crate::syntax::Environment;
use crate::table::Table;
use std::fmt::Debug;
use std::sync::Arc;

/// Facts of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcessFact {
    /// Client connections open now.
    Connections,
    /// Worker threads.
    Threads,
    /// The worker that asks, from 0.
    Thread,
    /// Seconds since the process started.
    UptimeSeconds,
    /// Percent of a core that the worker that asks used in the last second.
    ThreadCpu,
    /// The same for all workers, on average.
    ProcessCpu,
    /// 1 while it finishes, else 0.
    Stopping,
}

/// Facts of a frontend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrontendFact {
    /// Connections open now.
    Connections,
    /// HTTP requests of the last second.
    RequestRate,
    /// Sessions begun in the last second.
    SessionRate,
    /// `timeout client` in milliseconds, 0 without one.
    ClientTimeout,
    /// `timeout tarpit`.
    TarpitTimeout,
}

/// Facts of a backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackendFact {
    /// Streams in it now.
    Connections,
    /// Connections its usable servers could still take, `-1` without limit.
    ConnectionsFree,
    /// The same, with the places in queues: `-1` without limit.
    Slots,
    /// Streams that wait now.
    Queue,
    /// Streams that wait, for each usable server.
    AverageQueue,
    /// Sessions given to it in the last second.
    SessionRate,
    /// Usable servers.
    UsableServers,
    /// `timeout connect` in milliseconds, 0 without one.
    ConnectTimeout,
    /// `timeout queue`.
    QueueTimeout,
    /// `timeout server`.
    ServerTimeout,
    /// `timeout tarpit`.
    TarpitTimeout,
    /// `timeout tunnel`.
    TunnelTimeout,
}

/// Facts of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerFact {
    /// Requests it serves now.
    Connections,
    /// How many more it takes, `-1` without limit.
    ConnectionsFree,
    /// Streams that wait for it.
    Queue,
    /// Sessions given to it in the last second.
    SessionRate,
    /// 1 if it is up, else 0.
    Up,
    /// Its weight as balancing sees it.
    Weight,
    /// The weight of its configuration.
    InitialWeight,
    /// The weight users gave it.
    UserWeight,
}

/// The running process, as one worker sees it.
pub trait State: Debug {
    /// A fact of the process.
    fn process(&self, fact: ProcessFact) -> Option<i64>;
    /// A fact of the frontend at this index.
    fn frontend(&self, index: u32, fact: FrontendFact) -> Option<i64>;
    /// A fact of the backend at this index.
    fn backend(&self, index: u32, fact: BackendFact) -> Option<i64>;
    /// A fact of a server.
    fn server(&self, at: ServerIndex, fact: ServerFact) -> Option<i64>;
    /// The name of a frontend's default backend.
    fn default_backend(&self, frontend: u32) -> Option<&str>;
    /// The frontend of this name.
    fn frontend_named(&self, name: &[u8]) -> Option<u32>;
    /// The backend of this name.
    fn backend_named(&self, name: &[u8]) -> Option<u32>;
    /// The server of this name in the backend at this index.
    fn server_named(&self, backend: u32, name: &[u8]) -> Option<ServerIndex>;
    /// The stick table at this index.
    fn table(&self, _: u32) -> Option<&Arc<Table>> {
        None
    }
    /// The cache at this index.
    fn cache(&self, _: u32) -> Option<&Arc<Cache>> {
        None
    }
    /// Writes a log line of the frontend now, as this profile says if there is one.
    fn log(&self, _: &Context<'_>, _: Option<&LogProfile>) {}
    /// The environment that the configuration has made.
    fn environment(&self) -> Option<&Environment> {
        None
    }
    /// The limits and breakers of its configuration.
    fn protections(&self) -> Option<&Protections> {
        None
    }
    /// Which statuses of servers are the client's fault and which their own.
    fn status_classes(&self) -> Option<&StatusClasses> {
        None
    }
}

/// Nothing is running: what the lines of `global` see.
#[derive(Clone, Copy, Debug)]
pub struct NoState;

impl State for NoState {
    fn process(&self, _: ProcessFact) -> Option<i64> {
        None
    }

    fn frontend(&self, _: u32, _: FrontendFact) -> Option<i64> {
        None
    }

    fn backend(&self, _: u32, _: BackendFact) -> Option<i64> {
        None
    }

    fn server(&self, _: ServerIndex, _: ServerFact) -> Option<i64> {
        None
    }

    fn default_backend(&self, _: u32) -> Option<&str> {
        None
    }

    fn frontend_named(&self, _: &[u8]) -> Option<u32> {
        None
    }

    fn backend_named(&self, _: &[u8]) -> Option<u32> {
        None
    }

    fn server_named(&self, _: u32, _: &[u8]) -> Option<ServerIndex> {
        None
    }
}
