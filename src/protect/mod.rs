//! Traffic protection of our own: what HAProxy's language does not have.
//!
//! Here so far: [`trigger`], the expressions that open a circuit breaker (SEMANTICS 4.2, 8.5).
//! Deliberately absent: the configuration's words, which `vocab` has.

mod fuzz;
pub mod trigger;

pub use fuzz::fuzz_trigger;
