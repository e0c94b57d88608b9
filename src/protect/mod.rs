//! Traffic protection of our own: what HAProxy's language does not have.
//!
//! Here so far: [`trigger`], the expressions that open a circuit breaker (SEMANTICS 4.2, 8.5);
//! [`circuit_limits`], Envoy's thresholds (8.7); [`outlier`], its outlier detection (8.8).
//! Deliberately absent: the configuration's words, which `vocab` has.

pub mod circuit_limits;
mod fuzz;
pub mod outlier;
pub mod trigger;

pub use fuzz::fuzz_trigger;
