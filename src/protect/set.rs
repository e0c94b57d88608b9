//! The limits and breakers of one configuration, by number, and those of a process, by name.

use super::breaker::{Breaker, BreakerSpec};
use super::inflight_limit::{InflightLimit, InflightSpec};
use super::rate_limit::{RateLimit, RateSpec};
use crate::clock::Clock;
use crate::registry::Registry;
use std::sync::Arc;

/// What a configuration asks for.
#[derive(Clone, Debug, Default)]
pub struct ProtectionSpecs {
    /// `rate-limit` rules.
    pub rate_limits: Vec<RateSpec>,
    /// `inflight-limit` rules.
    pub inflight_limits: Vec<InflightSpec>,
    /// `circuit-breaker` lines.
    pub breakers: Vec<BreakerSpec>,
}

/// What it got, in the same order.
#[derive(Clone, Debug, Default)]
pub struct Protections {
    /// Rate limits.
    pub rate_limits: Vec<Arc<RateLimit>>,
    /// In-flight limits.
    pub inflight_limits: Vec<Arc<InflightLimit>>,
    /// Breakers.
    pub breakers: Vec<Arc<Breaker>>,
}

/// Those of a process: they outlive the configuration that asked for them.
#[derive(Debug, Default)]
pub struct ProtectionRegistry {
    rate_limits: Registry<RateLimit>,
    inflight_limits: Registry<InflightLimit>,
    breakers: Registry<Breaker>,
}

impl ProtectionRegistry {
    /// What a configuration asks for: as earlier ones left it where name and shape are the same.
    pub fn attach(&self, specs: &ProtectionSpecs, clock: &Clock) -> Protections {
        let rates = specs.rate_limits.iter();
        let inflight = specs.inflight_limits.iter();
        let breakers = specs.breakers.iter();
        Protections {
            rate_limits: rates.map(|s| self.rate_limits.attach(s, clock)).collect(),
            inflight_limits: inflight
                .map(|s| self.inflight_limits.attach(s, clock))
                .collect(),
            breakers: breakers.map(|s| self.breakers.attach(s, clock)).collect(),
        }
    }
}

impl Protections {
    /// Forgets what is of no use any more. Called now and then.
    pub fn sweep(&self) {
        self.rate_limits.iter().for_each(|limit| limit.sweep());
        self.inflight_limits.iter().for_each(|limit| limit.sweep());
    }

    /// Whether there is anything to sweep.
    pub fn has_limits(&self) -> bool {
        !self.rate_limits.is_empty() || !self.inflight_limits.is_empty()
    }
}
