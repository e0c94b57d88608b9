//! Events per second, as a sliding window over two buckets.
//!
//! A counter belongs to one worker, the only one that adds to it; any may read. The rate of a
//! whole process is read from the counters of all its workers together ([`per_second`]), which is
//! exact: the shares of past buckets are summed before they are rounded. Nothing locks.

use crate::clock::Millis;
use std::sync::atomic::{AtomicU64, Ordering};

/// The window, in milliseconds.
const PERIOD: u64 = 1000;

/// Counts events of one worker.
#[derive(Debug, Default)]
pub struct RateCounter {
    /// When the current bucket began.
    start: AtomicU64,
    /// Events of the previous bucket in the upper half, of the current one in the lower.
    counts: AtomicU64,
}

impl RateCounter {
    /// Counts one event. For the worker it belongs to only.
    pub fn add(&self, now: Millis) {
        let start = self.start.load(Ordering::Relaxed);
        let counts = self.counts.load(Ordering::Relaxed);
        let current = counts & u64::from(u32::MAX);
        let age = now.saturating_sub(start);
        if age < PERIOD {
            let more = if current < u64::from(u32::MAX) { 1 } else { 0 };
            return self.counts.store(counts + more, Ordering::Relaxed);
        }
        let (start, previous) = if age < 2 * PERIOD {
            (start + PERIOD, current)
        } else {
            (now, 0)
        };
        self.counts.store(previous << 32 | 1, Ordering::Relaxed);
        self.start.store(start & !1, Ordering::Release);
    }

    /// What it adds to the rate: events of the previous and the current bucket, and their sum
    /// weighted by how many milliseconds of the window each still covers.
    fn share(&self, now: Millis) -> Share {
        // A bucket that turns meanwhile is read as it was before or after, or, in the instant
        // between, with the wrong start: a rate is an estimate.
        let start = self.start.load(Ordering::Acquire);
        let counts = self.counts.load(Ordering::Relaxed);
        let (previous, current) = (counts >> 32, counts & u64::from(u32::MAX));
        let age = now.saturating_sub(start);
        let (past, present, left) = match age {
            ..=PERIOD => (previous, current, PERIOD - age),
            _ => match (2 * PERIOD).checked_sub(age) {
                Some(left) => (current, 0, left),
                None => (0, 0, 0),
            },
        };
        Share {
            past,
            present,
            weighted: past * left + present * PERIOD,
        }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Share {
    past: u64,
    present: u64,
    weighted: u64,
}

/// Events per second now. A lone event of the past counts fully, so that it does not flap.
pub fn per_second<'a>(now: Millis, counters: impl Iterator<Item = &'a RateCounter>) -> u64 {
    let sum = counters.fold(Share::default(), |sum, counter| {
        let share = counter.share(now);
        Share {
            past: sum.past + share.past,
            present: sum.present + share.present,
            weighted: sum.weighted.saturating_add(share.weighted),
        }
    });
    match (sum.present, sum.past) {
        (0, past @ ..=1) => past,
        _ => sum.weighted / PERIOD,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts events at these times, `(worker, time)`, and reads at others.
    #[track_caller]
    fn check(events: &[(usize, u64, u32)], reads: &[(u64, u64)]) {
        let counters = [RateCounter::default(), RateCounter::default()];
        let mut events = events.iter().peekable();
        for &(now, expected) in reads {
            while let Some(&(worker, time, count)) = events.next_if(|(_, time, _)| *time <= now) {
                (0..count).for_each(|_| counters[worker].add(time));
            }
            assert_eq!(per_second(now, counters.iter()), expected, "at {now}");
        }
    }

    // The vectors of the reference, a tenth as long.
    #[test]
    fn the_past_fades_over_a_period() {
        let at = 10_000;
        let events = [(0, at, 100), (0, at + 1200, 10)];
        check(&events, &[(at, 100), (at + 999, 100), (at + 1000, 100)]);
        check(
            &events[..1],
            &[(at + 1001, 99), (at + 1250, 75), (at + 1500, 50)],
        );
        check(&events[..1], &[(at + 1990, 1), (at + 2000, 0)]);
        check(
            &events,
            &[(at + 1200, 90), (at + 1500, 60), (at + 1900, 20)],
        );
        check(
            &events,
            &[
                (at + 2000, 10),
                (at + 2200, 8),
                (at + 2500, 5),
                (at + 2900, 1),
            ],
        );
    }

    #[test]
    fn a_lone_event_does_not_flap() {
        check(
            &[(0, 10_000, 1)],
            &[(10_000, 1), (11_500, 1), (12_000, 1), (12_001, 0)],
        );
    }

    #[test]
    fn workers_count_together() {
        check(
            &[(0, 10_000, 50), (1, 10_000, 50)],
            &[(10_000, 100), (11_250, 75), (12_001, 0)],
        );
        check(
            &[(0, 10_000, 1), (1, 10_000, 1)],
            &[(10_900, 2), (11_500, 1)],
        );
    }
}
