//! What a breaker measures: requests, statuses, network errors and latencies of a window
//! (SEMANTICS 4.3, 8.5).
//!
//! What must hold: recording takes no lock; a percentile is the upper edge of its bucket, buckets
//! are at most 1 % wide. Both windows expire by age.

use super::ring::{Content, Ring};
use super::trigger::Metrics;
use crate::clock::Millis;
use std::sync::atomic::{AtomicU32, Ordering};

/// Slots of the window of counters, and of latencies.
const COUNTER_SLOTS: usize = 10;
const LATENCY_SLOTS: usize = 6;
/// Statuses that are told from each other.
const STATUSES: usize = 600;
/// The longest latency, in microseconds: an hour.
const LONGEST_US: u64 = 3_600_000_000;
/// Buckets of one octave; below twice as many microseconds each has its own.
const OCTAVE: u64 = 128;
/// Buckets up to the longest latency.
const BUCKETS: usize = bucket(LONGEST_US) + 1;

/// One finished request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The status the client got; 499 if it left before.
    pub status: u16,
    /// Whether the network, or what stands for it, failed.
    pub is_network_error: bool,
    /// How long it took, in microseconds.
    pub latency_us: u64,
}

/// The windows of one breaker.
#[derive(Debug)]
pub(super) struct Windows {
    counters: Ring<Counters, COUNTER_SLOTS>,
    latencies: Ring<Latencies, LATENCY_SLOTS>,
}

#[derive(Debug)]
struct Counters {
    total: AtomicU32,
    network_errors: AtomicU32,
    statuses: Box<[AtomicU32]>,
}

#[derive(Debug)]
struct Latencies {
    total: AtomicU32,
    buckets: Box<[AtomicU32]>,
}

impl Windows {
    /// Empty windows of so many milliseconds.
    pub(super) fn new(counters: Millis, latencies: Millis) -> Self {
        Self {
            counters: Ring::new(counters),
            latencies: Ring::new(latencies),
        }
    }

    pub(super) fn record(&self, sample: Sample, now: Millis) {
        if let Some(slot) = self.counters.current(now) {
            slot.total.fetch_add(1, Ordering::Relaxed);
            slot.network_errors
                .fetch_add(sample.is_network_error.into(), Ordering::Relaxed);
            count(&slot.statuses, sample.status.into());
        }
        if let Some(slot) = self.latencies.current(now) {
            slot.total.fetch_add(1, Ordering::Relaxed);
            count(&slot.buckets, bucket(sample.latency_us.min(LONGEST_US)));
        }
    }

    /// The windows that end now.
    pub(super) fn at(&self, now: Millis) -> Reading<'_> {
        Reading { windows: self, now }
    }

    pub(super) fn clear(&self) {
        self.counters.clear();
        self.latencies.clear();
    }
}

fn count(counts: &[AtomicU32], index: usize) {
    if let Some(count) = counts.get(index) {
        count.fetch_add(1, Ordering::Relaxed);
    }
}

/// What the windows say at one moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading<'w> {
    windows: &'w Windows,
    now: Millis,
}

impl Reading<'_> {
    fn sum(self, of: impl Fn(&Counters) -> u64) -> u64 {
        self.windows.counters.recent(self.now).map(of).sum()
    }

    fn statuses(self, (from, until): (u32, u32)) -> u64 {
        let clamp = |status: u32| (status as usize).min(STATUSES);
        self.sum(|slot| {
            let range = slot.statuses.get(clamp(from)..clamp(until));
            total(range.unwrap_or_default())
        })
    }
}

fn total(counts: &[AtomicU32]) -> u64 {
    let load = |count: &AtomicU32| u64::from(count.load(Ordering::Relaxed));
    counts.iter().map(load).sum()
}

fn ratio(part: u64, whole: u64) -> f64 {
    match whole {
        0 => 0.0,
        _ => part as f64 / whole as f64,
    }
}

impl Metrics for Reading<'_> {
    fn latency_at_quantile_ms(&self, quantile: f64) -> u64 {
        let slots = self.windows.latencies.recent(self.now);
        let load = |count: &AtomicU32| u64::from(count.load(Ordering::Relaxed));
        let all: u64 = slots.clone().map(|slot| load(&slot.total)).sum();
        if all == 0 {
            return 0;
        }
        let wanted = ((quantile / 100.0 * all as f64 + 0.5) as u64).max(1);
        let mut seen = 0;
        for index in 0..BUCKETS {
            let here = slots.clone().filter_map(|slot| slot.buckets.get(index));
            seen += here.map(load).sum::<u64>();
            if seen >= wanted {
                return upper_edge(index).min(LONGEST_US) / 1000;
            }
        }
        LONGEST_US / 1000
    }

    fn network_error_ratio(&self) -> f64 {
        let errors = self.sum(|slot| slot.network_errors.load(Ordering::Relaxed).into());
        ratio(errors, self.requests())
    }

    fn response_code_ratio(&self, of: (u32, u32), to: (u32, u32)) -> f64 {
        ratio(self.statuses(of), self.statuses(to))
    }

    fn requests(&self) -> u64 {
        self.sum(|slot| slot.total.load(Ordering::Relaxed).into())
    }
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            total: AtomicU32::new(0),
            network_errors: AtomicU32::new(0),
            statuses: (0..STATUSES).map(|_| AtomicU32::new(0)).collect(),
        }
    }
}

impl Content for Counters {
    fn clear(&self) {
        self.total.store(0, Ordering::Relaxed);
        self.network_errors.store(0, Ordering::Relaxed);
        zero(&self.statuses);
    }
}

impl Default for Latencies {
    fn default() -> Self {
        Self {
            total: AtomicU32::new(0),
            buckets: (0..BUCKETS).map(|_| AtomicU32::new(0)).collect(),
        }
    }
}

impl Content for Latencies {
    fn clear(&self) {
        self.total.store(0, Ordering::Relaxed);
        zero(&self.buckets);
    }
}

fn zero(counts: &[AtomicU32]) {
    counts
        .iter()
        .for_each(|count| count.store(0, Ordering::Relaxed));
}

/// How often a latency is halved until it is below two octaves' width.
const fn halvings(us: u64) -> u32 {
    let bits = u64::BITS - us.leading_zeros();
    bits.saturating_sub(OCTAVE.trailing_zeros() + 1)
}

/// The bucket of a latency: of the size of its leading eight bits.
const fn bucket(us: u64) -> usize {
    let halvings = halvings(us);
    (OCTAVE * halvings as u64 + (us >> halvings)) as usize
}

/// The longest latency of a bucket, in microseconds.
fn upper_edge(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    let halvings = (bucket / OCTAVE).saturating_sub(1);
    ((bucket - OCTAVE * halvings + 1) << halvings) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(status: u16, latency_us: u64) -> Sample {
        Sample {
            status,
            is_network_error: status == 502 || status == 504,
            latency_us,
        }
    }

    #[test]
    fn buckets_follow_each_other_and_are_one_percent_wide() {
        for index in 0..BUCKETS - 1 {
            let (edge, next) = (upper_edge(index), upper_edge(index + 1));
            assert_eq!((bucket(edge), bucket(edge + 1)), (index, index + 1));
            assert!(next - edge <= 1 + edge / 100, "{index}: {edge} {next}");
        }
    }

    #[track_caller]
    fn check_median(latencies_us: &[u64], expected_ms: u64) {
        let windows = Windows::new(10_000, 60_000);
        for us in latencies_us {
            windows.record(sample(200, *us), 1000);
        }
        assert_eq!(windows.at(1000).latency_at_quantile_ms(50.0), expected_ms);
    }

    #[test]
    fn percentiles_are_upper_edges_in_whole_milliseconds() {
        check_median(&[], 0);
        check_median(&[900], 0);
        check_median(&[100_000], 100);
        check_median(&[102_000], 102);
        check_median(&[500_000], 501);
        check_median(&[1_000, 2_000, 3_000], 2);
        check_median(&[1_000, 2_000], 1);
        check_median(&[7_200_000_000], 3_600_000);
    }

    #[test]
    fn quantiles() {
        let windows = Windows::new(10_000, 60_000);
        for ms in 1..=100 {
            windows.record(sample(200, ms * 1000), 1000);
        }
        let at = |quantile| windows.at(1000).latency_at_quantile_ms(quantile);
        assert_eq!([0.0, 1.0, 50.0, 99.0, 100.0].map(at), [1, 1, 50, 99, 100]);
    }

    #[test]
    fn items_77_and_78_ratios_of_statuses() {
        let windows = Windows::new(10_000, 60_000);
        for status in [499, 500, 599, 400] {
            windows.record(sample(status, 1), 1000);
        }
        let ratio = |of, to| windows.at(1000).response_code_ratio(of, to);
        assert_eq!(ratio((500, 600), (0, 600)), 0.5);
        assert_eq!(ratio((400, 600), (0, 600)), 1.0);
        assert_eq!(ratio((400, 500), (500, 600)), 1.0);
        assert_eq!(ratio((500, 599), (500, 500)), 0.0);
        assert_eq!(ratio((500, 600), (700, 800)), 0.0);
        assert_eq!(ratio((500, 100), (0, u32::MAX)), 0.0);
    }

    #[test]
    fn item_102_counters_and_latencies_age() {
        let windows = Windows::new(10_000, 60_000);
        for _ in 0..10 {
            windows.record(sample(502, 900_000), 100_000);
        }
        windows.record(sample(200, 1_000), 111_000);
        let at = |now| windows.at(now);
        assert_eq!(
            (at(111_000).network_error_ratio(), at(111_000).requests()),
            (0.0, 1)
        );
        assert_eq!(at(111_000).latency_at_quantile_ms(50.0), 901);
        assert_eq!(at(160_000).latency_at_quantile_ms(99.0), 1);
        assert_eq!(at(500_000).latency_at_quantile_ms(99.0), 0);
    }
}
