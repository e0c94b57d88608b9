//! Traffic protection of our own: what HAProxy's language does not have.
//!
//! Pure engines on the injectable clock, shared by all workers: [`RateLimit`] (token buckets),
//! [`InflightLimit`], [`Breaker`] with its windows ([`metrics`]) and the expressions that open it
//! ([`trigger`]), [`circuit_limits`], Envoy's thresholds (SEMANTICS 8.7), and [`outlier`], its
//! outlier detection (8.8). [`bandwidth`] is HAProxy's. [`Protections`] are those of one configuration, [`Holds`] what one
//! stream holds of them. Deliberately absent: the configuration's words, which `vocab` has, and
//! requests.

pub mod bandwidth;
mod breaker;
pub mod circuit_limits;
mod fuzz;
mod holds;
mod inflight_limit;
mod keys;
pub mod metrics;
pub mod outlier;
mod rate_limit;
mod ring;
mod set;
pub mod trigger;

pub use breaker::{
    Admission, Breaker, BreakerMode, BreakerSpec, BreakerState, BreakerView, Change, News, Pass,
};
pub use fuzz::fuzz_trigger;
pub use holds::Holds;
pub use inflight_limit::{InflightLimit, InflightSpec, InflightView, Permit};
pub use rate_limit::{RateDecision, RateLimit, RateSpec, RateView};
pub use set::{ProtectionRegistry, ProtectionSpecs, Protections, ProxyProtections};
