//! Rate limits: a token bucket for each key (SEMANTICS 5.1, 8.2).
//!
//! A bucket is one number, the moment it will be full again: taking a token moves it on by the
//! time in which one token comes. So a token is taken, or a refusal costs nothing, in one atomic
//! step, and a bucket that is full is the same as none. What must hold: whatever the threads do,
//! no more is let through than the bucket had. Deliberately absent: what a key is, and waiting.

use super::keys::Keys;
use crate::clock::{Clock, Millis};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const NS_PER_MS: u64 = 1_000_000;

/// What a `rate-limit` rule asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateSpec {
    /// The name it is known by, `<proxy>#<n>` unless it was given one.
    pub name: Arc<str>,
    /// Requests per period, at least 1.
    pub average: u32,
    /// The period in milliseconds, at least 1.
    pub period: Millis,
    /// How many requests may come at once, at least 1.
    pub burst: u32,
    /// How long a request may be held back instead of refused, in milliseconds; `None` is half
    /// the time of a token, at most half a second.
    pub max_delay: Option<Millis>,
    /// Most buckets.
    pub size: u32,
    /// The key as it was written.
    pub key: String,
    /// Whether keys are addresses, as bytes.
    pub by_address: bool,
    /// Decides and counts only.
    pub shadow: bool,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateDecision {
    /// It goes on.
    Pass,
    /// It goes on after so many milliseconds.
    Delay(Millis),
    /// It is refused, and would have been let through after so many microseconds.
    Refuse(u64),
}

/// A rate limit and its buckets.
#[derive(Debug)]
pub struct RateLimit {
    spec: RateSpec,
    clock: Clock,
    /// Nanoseconds in which a token comes, rounded up: never faster than asked for.
    interval_ns: u64,
    /// Nanoseconds in which an empty bucket becomes full.
    capacity_ns: u64,
    patience_ns: u64,
    buckets: Keys<Bucket>,
    passed: AtomicU64,
    delayed: AtomicU64,
    refused: AtomicU64,
    /// When it refused last; 0 = never.
    refused_ns: AtomicU64,
}

/// When it is full again, in nanoseconds of the clock.
#[derive(Debug)]
struct Bucket(AtomicU64);

/// What there is to be seen of a rate limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateView {
    /// What it was made from.
    pub spec: RateSpec,
    /// Buckets now.
    pub keys: u32,
    /// Requests let through, held back ones among them.
    pub passed: u64,
    /// Requests held back.
    pub delayed: u64,
    /// Requests refused, or that would have been.
    pub refused: u64,
    /// Milliseconds since the last of these.
    pub refused_ago: Option<Millis>,
}

impl RateLimit {
    /// A fresh one.
    pub fn new(spec: RateSpec, clock: Clock) -> Arc<Self> {
        let period_ns = spec.period.max(1).saturating_mul(NS_PER_MS);
        let average = u64::from(spec.average.max(1));
        let interval_ns = period_ns.div_ceil(average);
        // Whole requests per second, which is what half a token's time is made of.
        let per_second = average.saturating_mul(1000) / spec.period.max(1);
        let patience_ns = match spec.max_delay {
            Some(delay) => delay.saturating_mul(NS_PER_MS),
            None => 500 * NS_PER_MS / per_second.max(1),
        };
        Arc::new(Self {
            interval_ns,
            capacity_ns: interval_ns.saturating_mul(spec.burst.max(1).into()),
            patience_ns,
            buckets: Keys::new(spec.size),
            passed: AtomicU64::new(0),
            delayed: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            refused_ns: AtomicU64::new(0),
            spec,
            clock,
        })
    }

    /// What it was made from.
    pub fn spec(&self) -> &RateSpec {
        &self.spec
    }

    fn decide(&self, bucket: &AtomicU64, now_ns: u64) -> RateDecision {
        let mut full = bucket.load(Ordering::Acquire);
        loop {
            let next = full.max(now_ns).saturating_add(self.interval_ns);
            let wait = next.saturating_sub(now_ns).saturating_sub(self.capacity_ns);
            if wait > self.patience_ns {
                return RateDecision::Refuse(wait.div_ceil(1000));
            }
            match bucket.compare_exchange_weak(full, next, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) if wait == 0 => return RateDecision::Pass,
                Ok(_) => return RateDecision::Delay(wait.div_ceil(NS_PER_MS)),
                Err(seen) => full = seen,
            }
        }
    }

    /// Takes a token of a key's bucket, if there is one or will soon be.
    pub fn take(&self, key: &[u8]) -> RateDecision {
        let now_ns = self.now_ns();
        let decision = self.buckets.with(
            key,
            || Bucket(AtomicU64::new(0)),
            |bucket| Some(bucket.debt_ns(now_ns)),
            |bucket| self.decide(&bucket.0, now_ns),
        );
        let counter = match decision {
            None | Some(RateDecision::Pass) => &self.passed,
            Some(RateDecision::Delay(_)) => {
                self.delayed.fetch_add(1, Ordering::Relaxed);
                &self.passed
            }
            Some(RateDecision::Refuse(_)) => {
                self.refused_ns.store(now_ns, Ordering::Relaxed);
                &self.refused
            }
        };
        counter.fetch_add(1, Ordering::Relaxed);
        decision.unwrap_or(RateDecision::Pass)
    }

    /// What there is to be seen.
    pub fn view(&self) -> RateView {
        RateView {
            spec: self.spec.clone(),
            keys: self.buckets.len(),
            passed: self.passed.load(Ordering::Relaxed),
            delayed: self.delayed.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            refused_ago: match self.refused_ns.load(Ordering::Relaxed) {
                0 => None,
                last => Some(self.now_ns().saturating_sub(last) / NS_PER_MS),
            },
        }
    }

    /// Shows the keys that have a bucket and the whole tokens in it.
    pub fn each_key(&self, mut visit: impl FnMut(&[u8], u32)) {
        let now_ns = self.now_ns();
        self.buckets.each(|key, bucket| {
            let left = self.capacity_ns.saturating_sub(bucket.debt_ns(now_ns));
            let tokens = left / self.interval_ns;
            visit(key.bytes(), u32::try_from(tokens).unwrap_or(u32::MAX));
        });
    }

    /// Forgets a key's bucket; whether there was one.
    pub fn forget(&self, key: &[u8]) -> bool {
        self.buckets.remove(key)
    }

    /// Forgets all buckets.
    pub fn forget_all(&self) {
        let mut keys = Vec::new();
        self.buckets.each(|key, _| keys.push(key.clone()));
        for key in keys {
            self.buckets.remove(key.bytes());
        }
    }

    /// Forgets some of the buckets that are full. Called now and then.
    pub fn sweep(&self) {
        let now_ns = self.now_ns();
        self.buckets.sweep(|bucket| Some(bucket.debt_ns(now_ns)));
    }

    fn now_ns(&self) -> u64 {
        self.clock.now_us().saturating_mul(1000)
    }
}

impl Bucket {
    /// Nanoseconds until it is full.
    fn debt_ns(&self, now_ns: u64) -> u64 {
        self.0.load(Ordering::Acquire).saturating_sub(now_ns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(average: u32, period: Millis, burst: u32) -> RateSpec {
        RateSpec {
            name: "web#1".into(),
            average,
            period,
            burst,
            max_delay: None,
            size: 65_536,
            key: "src".to_owned(),
            by_address: true,
            shadow: false,
        }
    }

    /// A limit on a clock of its own, which is in microseconds so that loads come evenly.
    struct Bench {
        limit: Arc<RateLimit>,
        clock: Clock,
        /// Microseconds not yet passed on the clock.
        owed_us: u64,
    }

    impl Bench {
        fn of(spec: RateSpec) -> Self {
            let clock = Clock::manual(100_000);
            Self {
                limit: RateLimit::new(spec, clock.clone()),
                clock,
                owed_us: 0,
            }
        }

        fn pass_us(&mut self, us: u64) {
            self.owed_us += us;
            self.clock.advance(self.owed_us / 1000);
            self.owed_us %= 1000;
        }

        fn is_let_through(&self, key: &[u8]) -> bool {
            !matches!(self.limit.take(key), RateDecision::Refuse(_))
        }

        /// How many of `count` requests, evenly spaced, are let through.
        fn load(&mut self, key: &[u8], count: u64, per_second: u64) -> u64 {
            let mut passed = 0;
            for _ in 0..count {
                passed += u64::from(self.is_let_through(key));
                self.pass_us(1_000_000 / per_second);
            }
            passed
        }
    }

    #[track_caller]
    fn check(of: RateSpec, count: u64, per_second: u64, expected: u64) {
        let passed = Bench::of(of).load(b"k", count, per_second);
        assert!(passed.abs_diff(expected) <= 2, "{passed} for {expected}");
    }

    /// The model says 2001.
    #[test]
    fn items_1_2_and_153_ten_per_second() {
        let passed = Bench::of(spec(10, 1000, 1)).load(b"k", 10_000, 50);
        assert_eq!(passed, 2001);
        // Item 2: the ratio.
        assert_eq!((passed as f64 / 10_000.0 * 1000.0).round(), 200.0);
    }

    #[test]
    fn items_3_and_4_a_burst_of_50_adds_50() {
        check(spec(10, 1000, 50), 10_000, 50, 2050);
    }

    #[test]
    fn item_5_half_of_twenty_per_second() {
        check(spec(10, 1000, 1), 1200, 20, 600);
    }

    #[test]
    fn item_6_a_bucket_fills_continuously() {
        let mut bench = Bench::of(spec(10, 1000, 50));
        let first = bench.load(b"k", 1000, 1000);
        assert!(first.abs_diff(60) <= 1, "{first}");
        bench.pass_us(50_000);
        assert_eq!(bench.load(b"k", 10, 10), 10);
    }

    #[test]
    fn item_7_a_refused_client_that_waits_is_served() {
        let mut bench = Bench::of(spec(10, 1000, 1));
        assert!(bench.load(b"k", 100, 1000) < 100);
        bench.pass_us(1_000_000);
        assert!(bench.is_let_through(b"k"));
    }

    #[test]
    fn item_8_average_by_period() {
        for (average, period) in [(10, 1000), (600, 60_000), (6, 60_000), (1, 2000)] {
            let spec = spec(average, period, 1);
            let seconds = 20 * period / 1000;
            let per_second = (5 * u64::from(average) * 1000 / period).max(1);
            let expected = 20 * u64::from(average);
            check(spec, seconds * per_second, per_second, expected);
        }
        assert_eq!(Bench::of(spec(6, 60_000, 1)).load(b"k", 120, 1), 12);
    }

    #[test]
    fn items_10_to_12_each_key_has_its_own_bucket() {
        let mut bench = Bench::of(spec(10, 1000, 1));
        let mut passed = [0_u32; 2];
        for _ in 0..1000 {
            for (key, count) in [b"a", b"b"].into_iter().zip(&mut passed) {
                *count += u32::from(bench.is_let_through(key));
            }
            bench.pass_us(20_000);
        }
        assert!(
            passed.iter().all(|count| count.abs_diff(200) <= 2),
            "{passed:?}"
        );
        let view = bench.limit.view();
        assert_eq!((view.keys, view.passed + view.refused), (2, 2000));
    }

    #[test]
    fn item_16_a_small_debt_is_a_delay() {
        let mut bench = Bench::of(spec(10, 1000, 1));
        assert_eq!(bench.limit.take(b"k"), RateDecision::Pass);
        bench.pass_us(60_000);
        assert_eq!(bench.limit.take(b"k"), RateDecision::Delay(40));
    }

    #[test]
    fn item_17_a_larger_one_a_refusal() {
        let mut bench = Bench::of(spec(10, 1000, 1));
        assert_eq!(bench.limit.take(b"k"), RateDecision::Pass);
        bench.pass_us(20_000);
        assert_eq!(bench.limit.take(b"k"), RateDecision::Refuse(80_000));
    }

    #[test]
    fn item_18_refusals_cost_nothing() {
        check(spec(10, 1000, 1), 10_000, 1000, 100);
    }

    #[test]
    fn item_19_a_drained_bucket_is_not_forgotten() {
        let mut bench = Bench::of(spec(10, 1000, 50));
        bench.load(b"k", 200, 1000);
        bench.pass_us(2_000_000);
        let passed = (0..100).filter(|_| bench.is_let_through(b"k")).count();
        assert!(passed.abs_diff(20) <= 1, "{passed}");
    }

    #[test]
    fn item_20_sources_are_bounded() {
        let bench = Bench::of(RateSpec {
            size: 100,
            ..spec(10, 1000, 1)
        });
        for source in 0..10_000_u32 {
            assert!(bench.is_let_through(&source.to_be_bytes()));
            assert!(bench.limit.view().keys <= 100);
            assert!(!bench.is_let_through(&source.to_be_bytes()), "{source}");
        }
    }

    #[test]
    fn no_delay_if_none_is_wanted() {
        let mut bench = Bench::of(RateSpec {
            max_delay: Some(0),
            ..spec(10, 1000, 1)
        });
        assert_eq!(bench.limit.take(b"k"), RateDecision::Pass);
        bench.pass_us(99_000);
        assert_eq!(bench.limit.take(b"k"), RateDecision::Refuse(1000));
        bench.pass_us(1000);
        assert_eq!(bench.limit.take(b"k"), RateDecision::Pass);
    }

    #[test]
    fn the_longest_delay_is_half_a_token() {
        let patience = |average, period| {
            RateLimit::new(spec(average, period, 1), Clock::manual(1)).patience_ns
        };
        assert_eq!(patience(10, 1000), 50 * NS_PER_MS);
        assert_eq!(patience(200, 1000), 2_500_000);
        assert_eq!(patience(3, 2000), 500 * NS_PER_MS);
        assert_eq!(patience(1, 2000), 500 * NS_PER_MS);
    }

    #[test]
    fn full_buckets_are_swept_and_keys_can_be_cleared() {
        let mut bench = Bench::of(spec(10, 1000, 5));
        bench.limit.take(b"a");
        bench.limit.take(b"b");
        let mut seen = Vec::new();
        bench
            .limit
            .each_key(|key, tokens| seen.push((key.to_vec(), tokens)));
        seen.sort();
        assert_eq!(seen, [(b"a".to_vec(), 4), (b"b".to_vec(), 4)]);
        assert!(bench.limit.forget(b"a") && !bench.limit.forget(b"a"));
        bench.limit.forget_all();
        assert_eq!(bench.limit.view().keys, 0);
        for source in 0..10_000_u32 {
            bench.limit.take(&source.to_be_bytes());
        }
        bench.pass_us(100_000);
        for _ in 0..64 {
            bench.limit.sweep();
        }
        assert_eq!(bench.limit.view().keys, 0);
        assert_eq!(bench.limit.view().keys, 0);
    }

    /// Two threads, one bucket that fills during the test not at all: exactly the burst passes.
    #[test]
    fn never_one_too_many() {
        let clock = Clock::manual(1_000);
        let limit = RateLimit::new(
            RateSpec {
                max_delay: Some(0),
                ..spec(1, 3_600_000, 1000)
            },
            clock,
        );
        let taking = || {
            let take = |_| limit.take(b"k") == RateDecision::Pass;
            (0..100_000).map(take).filter(|passed| *passed).count()
        };
        let passed: usize = std::thread::scope(|scope| {
            let threads = [scope.spawn(taking), scope.spawn(taking)];
            threads.map(|thread| thread.join().unwrap()).iter().sum()
        });
        assert_eq!(passed, 1000);
    }
}
