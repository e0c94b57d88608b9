//! Servers of a backend: choosing one, counting what it serves, waiting for room, keeping its
//! idle connections.
//!
//! What lives here: balancing, the queue, server state shared by all workers, the per-worker
//! pool of idle connections, the values of their cookies. What must hold: a slot taken is given back exactly once ([`Slot`] is
//! a guard); nobody waits while a server has room. Deliberately absent: configuration text,
//! requests and responses, and why a server's state changes (`health`).

mod balance;
mod balancer;
mod cookie;
pub mod hash;
mod least;
mod limits;
mod map;
mod pool;
mod queue;
mod ring;
mod server;
mod state;

pub use balance::RoundRobin;
pub use balancer::Wish;
pub use cookie::{CookieValue, DynamicCookies, ServerCookie};
pub use pool::{IdlePool, PoolCount, PoolRules, ReusePolicy, ServerPlace};
pub use queue::{Standing, Turn, Waiting};
pub use server::{Admin, Operation, ServerSpec, ServerState, Status};
pub use state::{Affinity, Algorithm, BackendSpec, BackendState, Change, Choice, Counted, Slot};
