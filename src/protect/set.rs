//! The limits and breakers of one configuration, by number, and those of a process, by name.

use super::breaker::{Breaker, BreakerSpec};
use super::inflight_limit::{InflightLimit, InflightSpec};
use super::rate_limit::{RateLimit, RateSpec};
use crate::clock::Clock;
use crate::growing::Growing;
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

impl ProtectionSpecs {
    /// Whether it asks for nothing.
    pub fn is_empty(&self) -> bool {
        self.rate_limits.is_empty() && self.inflight_limits.is_empty() && self.breakers.is_empty()
    }
}

/// The limits and breakers that the rules of one proxy use, by their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProxyProtections {
    /// Rate limits.
    pub rate_limits: Vec<usize>,
    /// In-flight limits.
    pub inflight_limits: Vec<usize>,
    /// Breakers, but for those of servers.
    pub breakers: Vec<usize>,
}

/// What it got, in the same order.
#[derive(Debug, Default)]
pub struct Protections {
    /// Rate limits.
    pub rate_limits: Vec<Arc<RateLimit>>,
    /// In-flight limits.
    pub inflight_limits: Vec<Arc<InflightLimit>>,
    /// Breakers, then those of servers that were added since.
    pub breakers: Growing<Arc<Breaker>>,
}

/// Those of a process: they outlive the configuration that asked for them.
#[derive(Debug, Default)]
pub struct ProtectionRegistry {
    rate_limits: Registry<RateSpec, RateLimit>,
    inflight_limits: Registry<InflightSpec, InflightLimit>,
    breakers: Registry<BreakerSpec, Breaker>,
}

impl ProtectionRegistry {
    /// What a configuration asks for: as earlier ones left it where name and shape are the same.
    pub fn attach(&self, specs: &ProtectionSpecs, clock: &Clock) -> Protections {
        let rate_limit = |spec: &RateSpec| {
            let make = |spec: &RateSpec, _: Option<&_>| RateLimit::new(spec.clone(), clock.clone());
            self.rate_limits.attach(&spec.name, spec.clone(), make)
        };
        let inflight_limit = |spec: &InflightSpec| {
            let make = |spec: &InflightSpec, _: Option<&_>| InflightLimit::new(spec.clone());
            self.inflight_limits.attach(&spec.name, spec.clone(), make)
        };
        Protections {
            rate_limits: specs.rate_limits.iter().map(rate_limit).collect(),
            inflight_limits: specs.inflight_limits.iter().map(inflight_limit).collect(),
            breakers: (specs.breakers.iter())
                .map(|spec| self.breaker(spec, clock))
                .collect(),
        }
    }

    /// The breaker of this name and shape.
    pub fn breaker(&self, spec: &BreakerSpec, clock: &Clock) -> Arc<Breaker> {
        let make = |spec: &BreakerSpec, _: Option<&_>| Breaker::new(spec.clone(), clock.clone());
        self.breakers.attach(&spec.name, spec.clone(), make)
    }

    /// Forgets a breaker whose server was removed.
    pub fn forget_breaker(&self, name: &str) {
        self.breakers.forget(name);
    }

    /// Forgets what no configuration has any more.
    pub fn forget_unused(&self) {
        self.rate_limits.forget_unused();
        self.inflight_limits.forget_unused();
        self.breakers.forget_unused();
    }
}

impl Protections {
    /// Forgets what is of no use any more. Called now and then.
    pub fn sweep(&self) {
        self.rate_limits.iter().for_each(|limit| limit.sweep());
        self.inflight_limits.iter().for_each(|limit| limit.sweep());
    }
}
