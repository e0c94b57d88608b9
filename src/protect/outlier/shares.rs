//! Shares of failures and successes in an interval, and whose stand out (SEMANTICS 7.5).

use super::{Detector, Host, OutlierSpec};
use std::sync::atomic::Ordering;

/// What a server did in an interval.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share {
    server: usize,
    answers: u32,
    successes: u32,
}

impl Share {
    /// Takes it, so that the next interval begins; `None` of a server that is out.
    pub(super) fn take((server, host): (usize, &Host)) -> Option<Self> {
        let share = Self {
            server,
            answers: host.answers.swap(0, Ordering::Relaxed),
            successes: host.successes.swap(0, Ordering::Relaxed),
        };
        (!host.ejected.load(Ordering::Relaxed)).then_some(share)
    }

    fn failures(&self) -> u32 {
        self.answers.saturating_sub(self.successes)
    }

    /// In percent.
    fn success(&self) -> f64 {
        100.0 * f64::from(self.successes) / f64::from(self.answers.max(1))
    }
}

/// The share of successes below which a server stands out: so many standard deviations below
/// the mean.
fn threshold(shares: &[&Share], stdev: f64) -> f64 {
    let count = shares.len() as f64;
    let mean = shares.iter().map(|share| share.success()).sum::<f64>() / count;
    let square = |share: &&Share| (share.success() - mean).powi(2);
    let variance = shares.iter().map(square).sum::<f64>() / count;
    mean - stdev * variance.sqrt()
}

/// Who did badly in an interval.
pub(super) fn outliers(spec: &OutlierSpec, shares: &[Share]) -> Vec<(usize, Detector)> {
    let mut found = Vec::new();
    let with = |volume: u32, hosts: u32| {
        let volume = volume.max(1);
        let enough: Vec<_> = shares.iter().filter(|s| s.answers >= volume).collect();
        (!enough.is_empty() && enough.len() >= hosts as usize).then_some(enough)
    };
    if let Some(rule) = spec.success_rate
        && let Some(shares) = with(rule.volume, rule.min_hosts)
    {
        let least = threshold(&shares, rule.stdev);
        let low = shares.iter().filter(|share| share.success() < least);
        found.extend(low.map(|share| (share.server, Detector::SuccessRate)));
    }
    if let Some(rule) = spec.failure
        && let Some(shares) = with(rule.volume, rule.min_hosts)
    {
        let most = u64::from(rule.percent);
        let fails =
            |share: &&&Share| u64::from(share.failures()) * 100 >= most * u64::from(share.answers);
        let high = shares.iter().filter(fails);
        found.extend(high.map(|share| (share.server, Detector::FailurePercent)));
    }
    found
}
