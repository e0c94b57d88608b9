//! What people see: counters, records of finished streams, log lines and where they go.
//!
//! Deliberately absent: configuration text and the data path. The proxy fills a [`Record`]; log
//! formats (in `vocab`) print it; sinks (here) carry lines away without ever blocking a worker.

mod bad_message;
pub mod log;
mod record;
pub mod stats;
mod step;

pub use bad_message::{BadMessage, BadMessages, Named};
pub use record::{ByRules, Captured, Location, LogLevel, Record, StreamTimeout, Termination};
pub use step::{LogStep, LogSteps};
