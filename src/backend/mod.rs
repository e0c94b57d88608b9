//! Servers of a backend: choosing one, counting what it serves, waiting for room, keeping its
//! idle connections.
//!
//! What lives here: balancing, the queue, server state shared by all workers, the per-worker
//! pool of idle connections. What must hold: a slot taken is given back exactly once ([`Slot`] is
//! a guard); nobody waits while a server has room. Deliberately absent: configuration text,
//! requests and responses, health checks (which will only flip the state kept here).

mod balance;
mod balancer;
pub mod hash;
mod least;
mod map;
mod pool;
mod ring;
mod server;

pub use balance::RoundRobin;
pub use balancer::Wish;
pub use pool::{IdlePool, PoolRules, ReusePolicy, ServerPlace};
pub use server::{
    Affinity, Algorithm, BackendSpec, BackendState, Choice, Counted, ServerSpec, ServerState, Slot,
    Waiting,
};
