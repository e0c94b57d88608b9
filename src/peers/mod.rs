//! Sharing stick tables with other processes: HAProxy's peers protocol, version 2.1.
//!
//! Every process tells its peers what changes in its own tables and takes over what they tell: the
//! last word counts. It is asked for everything, and asks for it, when one starts. What lives here:
//! the bytes (`hello`, `message`, `definition`, `entry`), how far each peer is (`journal`, `section`),
//! the exchange without sockets (`session`) and with them (`run`). All of it runs on the control
//! thread; it reaches workers only through the tables. Deliberately absent: TLS between peers, and
//! which entry changes when (`table` notes that).

mod definition;
mod dictionary;
mod entry;
mod fuzz;
mod hello;
mod journal;
mod message;
mod run;
mod section;
mod session;

pub use fuzz::fuzz_peer;
pub use hello::Status;
pub use run::{Served, serve};
pub use section::{Counts, Peer, PeerState, Resync, Section, Shared, Side, shard};

#[cfg(test)]
mod tests;
