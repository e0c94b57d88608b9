//! The life of a connection and of a request.
//!
//! In order: `accept` → `handshake` → `session` → `request` (one whole request on one screen) →
//! `rules` → `connect` → `exchange` or `tunnel` → `reply` → `log`. What must hold: everything per
//! connection stays on its worker and takes no lock; whatever stops a request is an `End`, and
//! `end` alone decides status, termination state and the connection's fate. Deliberately absent:
//! names (they were resolved by `compile`), wire syntax (`http1`), sockets' details (`net`).

mod accept;
mod admission;
mod caching;
mod check_state;
mod client;
mod compress;
mod connect;
mod content;
mod control;
mod cookie;
mod count;
mod counters;
mod doors;
mod dynamic;
mod end;
mod env;
mod estate;
mod exchange;
mod forward;
pub mod fuzz;
mod guards;
mod handshake;
mod hash_key;
mod health;
mod invalid;
mod lend;
mod limit;
mod log;
mod log_backend;
mod log_forward;
mod outlier;
mod pace;
mod page;
mod peers;
mod persistence;
mod place;
mod protection;
mod replay;
mod reply;
mod request;
mod retry;
mod rules;
mod run;
mod serve;
mod server_breakers;
mod server_state;
mod service;
mod session;
mod shared;
mod sockets;
mod state;
mod statistics;
mod stats_file;
mod stick;
mod stopping;
mod streams;
mod thread;
mod trace;
mod tracking;
mod transaction;
mod tunnel;
mod wait;
mod worker;

pub use control::{Control, ControlTask, ControlThread, StatsListener, Visitor, WorkerLoad};
pub use env::{
    BoundStep, Legacy, Load, OrderInbox, Orders, ReloadResult, Reloaded, RunEnvironment,
    StartError, Stop, Tell, orders,
};
pub use limit::Door;
pub use run::{WORKER_START, run};
pub use sockets::{CANNOT_BIND, Socket};
pub use statistics::{StatQuery, Wanted};
pub use streams::{StreamView, StreamWalk};
