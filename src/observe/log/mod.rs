//! How log lines leave the process.
//!
//! A worker formats a message and appends it to its own [`LogQueue`]: a memory copy under a lock
//! that nobody else holds for longer than a pointer swap. One logger thread empties all queues
//! in batches, puts each message in the envelope its targets ask for (contract of the `log`
//! keyword, manual section 4.2) and sends. A slow or dead receiver therefore costs lines,
//! counted in [`LogHandle::dropped`], and never a worker's time. Rings keep lines for commands, and
//! for threads that send them over connections; messages that `log-forward` receives go the same way.
//!
//! Deliberately absent: what a line says (`vocab::format`), and who receives (`proxy::log_forward`).

mod date;
mod envelope;
mod forward;
mod logger;
mod outlet;
mod places;
mod queue;
mod ring;
mod sink;
mod syslog;

pub use logger::{LogHandle, LogIdentity, Logger};
pub use places::{ChooseServer, LogBackend};
pub use queue::{LogChannel, LogQueue};
pub use ring::Ring;

/// What is logged for a proxy, at [`level::WARNING`], when a soft stop has ended it; the counts
/// are the connections it ever had on either side.
pub fn proxy_stopped(name: &str, frontend_total: u64, backend_total: u64) -> String {
    format!("Proxy {name} stopped (cumulated conns: FE: {frontend_total}, BE: {backend_total}).")
}

/// What is logged for a proxy, at [`level::WARNING`], whose connections a stop cuts.
pub fn proxy_hard_stopped(name: &str, remaining: u32) -> String {
    format!("Proxy {name} hard-stopped ({remaining} remaining conns will be closed).")
}

/// Syslog severities, most important first (RFC 5424 section 6.2.1).
pub mod level {
    /// The system is unusable.
    pub const EMERG: u8 = 0;
    /// Somebody must act now.
    pub const ALERT: u8 = 1;
    /// Critical.
    pub const CRIT: u8 = 2;
    /// An error.
    pub const ERR: u8 = 3;
    /// A warning.
    pub const WARNING: u8 = 4;
    /// Normal but worth noting.
    pub const NOTICE: u8 = 5;
    /// Traffic.
    pub const INFO: u8 = 6;
    /// Details.
    pub const DEBUG: u8 = 7;
}
