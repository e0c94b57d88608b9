//! Statistics: what is counted, and how it is shown.
//!
//! The proxy counts with [`Counters`] and describes each proxy, listener and server as an
//! [`Object`]; every format (`show stat`, CSV, JSON, the page, Prometheus) is made from the one
//! table of columns here. Deliberately absent: finding the objects, sending the text.

mod counters;

pub use counters::{Count, Counters, Rate, Tally, Time};
