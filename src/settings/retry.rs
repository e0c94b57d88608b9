//! After which failures a request goes out again, how often and when (SEMANTICS 8.6).

use crate::clock::{Millis, NEVER};
use std::time::Duration;

/// `retry-on`: after which failures a request goes to a server once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryOn {
    reasons: u8,
    /// One bit for each of [`RetryOn::STATUSES`].
    statuses: u16,
}

/// A failure that `retry-on` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryReason {
    /// `conn-failure`: no connection came about.
    ConnFailure,
    /// `empty-response`: the server closed without a word.
    EmptyResponse,
    /// `junk-response`: what the server said is not HTTP.
    JunkResponse,
    /// `response-timeout`: the server said nothing in time.
    ResponseTimeout,
    /// `0rtt-rejected`: the server refused early data.
    EarlyDataRejected,
    /// One of [`RetryOn::STATUSES`].
    Status(u16),
}

impl Default for RetryOn {
    fn default() -> Self {
        let mut default = Self::NONE;
        default.add(RetryReason::ConnFailure);
        default
    }
}

impl RetryOn {
    /// `none`.
    pub const NONE: Self = Self {
        reasons: 0,
        statuses: 0,
    };

    /// The statuses it takes.
    pub const STATUSES: [u16; 12] = [401, 403, 404, 408, 421, 425, 429, 500, 501, 502, 503, 504];

    fn bit(status: u16) -> u16 {
        let at = Self::STATUSES.iter().position(|&known| known == status);
        at.map_or(0, |at| 1 << at)
    }

    /// Adds a reason; a status that is none of [`RetryOn::STATUSES`] adds nothing.
    pub fn add(&mut self, reason: RetryReason) {
        match reason {
            RetryReason::Status(status) => self.statuses |= Self::bit(status),
            RetryReason::ConnFailure => self.reasons |= 1,
            RetryReason::EmptyResponse => self.reasons |= 2,
            RetryReason::JunkResponse => self.reasons |= 4,
            RetryReason::ResponseTimeout => self.reasons |= 8,
            RetryReason::EarlyDataRejected => self.reasons |= 16,
        }
    }

    /// Whether that is a reason.
    pub fn has(self, reason: RetryReason) -> bool {
        let mut with = self;
        with.add(reason);
        match reason {
            RetryReason::Status(status) => self.statuses & Self::bit(status) != 0,
            _ => with == self,
        }
    }

    /// Whether a request may be sent again that a server has already seen.
    pub fn replays(self) -> bool {
        self.reasons & !1 != 0 || self.statuses != 0
    }
}

/// How retries are made, but for their number and reasons (SEMANTICS 8.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPlan {
    /// `retry-backoff`; `None` is HAProxy's rule.
    pub backoff: Option<Backoff>,
    /// `retry-timeout`: how long after the first attempt a retry may still begin.
    pub timeout: Millis,
    /// `retry-body-max`: bytes of a body that is waited for and kept; `None` waits for none.
    pub body_max: Option<usize>,
    /// `conn-failure-status`: 502, 503 or 504.
    pub failure_status: u16,
}

impl Default for RetryPlan {
    fn default() -> Self {
        Self {
            backoff: None,
            timeout: NEVER,
            body_max: None,
            failure_status: 503,
        }
    }
}

/// `retry-backoff`: waits that grow and vary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// Before the first retry, milliseconds.
    pub initial: Millis,
    /// What the waits grow towards, milliseconds; at least `initial`.
    pub max: Millis,
    /// By how much of itself each may be longer or shorter, 0 to 100.
    pub jitter: u32,
}

impl Backoff {
    /// The wait before retry `number`, from 1, of at most `most`; `luck` is a random number.
    pub fn wait(&self, number: u32, most: u32, luck: u32) -> Duration {
        let (initial, max) = (self.initial as f64, self.max as f64);
        let progress = f64::from(number.saturating_sub(1)) / f64::from(most.max(1));
        let growth = (max / initial.max(f64::MIN_POSITIVE)).powf(progress);
        let share = f64::from(self.jitter) / 100.0;
        let jitter = 1.0 - share + 2.0 * share * f64::from(luck) / f64::from(u32::MAX);
        let wait = (initial * growth).min(max) * jitter;
        Duration::from_micros((wait * 1000.0) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Items 62 and 63: the waits of 4 attempts, from half to one and a half of 10, 12.6 and 15.9 ms.
    #[test]
    fn item_63_waits_grow_and_vary() {
        let check = |backoff: Backoff, luck: u32, expected: [u64; 3]| {
            let wait = |number| backoff.wait(number, 3, luck).as_micros() as u64 / 100;
            assert_eq!([wait(1), wait(2), wait(3)], expected, "{backoff:?} {luck}");
        };
        let seed = Backoff {
            initial: 10,
            max: 20,
            jitter: 50,
        };
        check(seed, 0, [50, 62, 79]);
        check(seed, u32::MAX / 2, [99, 125, 158]);
        check(seed, u32::MAX, [150, 188, 238]);
        let steady = Backoff { jitter: 0, ..seed };
        check(steady, 0, [100, 125, 158]);
        check(steady, u32::MAX, [100, 125, 158]);
        let none = Backoff {
            initial: 0,
            max: 0,
            jitter: 50,
        };
        check(none, u32::MAX, [0, 0, 0]);
    }

    #[test]
    fn item_63_medians() {
        let seed = Backoff {
            initial: 10,
            max: 20,
            jitter: 50,
        };
        for (number, expected) in [(1, 10_000), (2, 12_599), (3, 15_874)] {
            let luck = || (crate::random::next() >> 32) as u32;
            let mut waits: Vec<_> = (0..1000)
                .map(|_| seed.wait(number, 3, luck()).as_micros() as i64)
                .collect();
            waits.sort_unstable();
            let off = (waits[500] - expected).abs();
            assert!(off < expected / 8, "{number}: {}", waits[500]);
        }
    }
}
