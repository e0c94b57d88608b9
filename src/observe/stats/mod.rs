//! Statistics: what is counted, and how it is shown.
//!
//! The proxy counts with [`Counters`] and describes each proxy, listener and server as an
//! [`Object`]; every format (`show stat`, CSV, JSON, the page, Prometheus) is made from the one
//! table of [`COLUMNS`]. Deliberately absent: finding the objects, sending the text.

mod columns;
mod counters;
pub mod field;
mod guard;
mod history;
mod info;
mod lines;
pub mod metrics;
mod object;
mod page;
pub mod stats_file;
#[cfg(test)]
mod tests;

pub use columns::{COLUMNS, Column, DELIMITER};
pub use counters::{Count, Counters, DURATIONS_US, Histogram, Rate, Tally, Time};
pub use guard::{Guard, GuardKind, write_guards};
pub use history::SAMPLE_INTERVAL_MS;
pub use info::{FACTS, Fact, InfoOptions, Process, write_info};
pub use lines::{Format, Lines, write_json_schema};
pub use object::{About, Check, Connections, Depth, Kind, Object, Serving, State};
pub use page::{Outcome, PageView, PageWriter};
