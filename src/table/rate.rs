//! The rate window: how many events happened in about the last period.
//!
//! HAProxy's two-bucket estimate (SEMANTICS 2.3): the running bucket plus the share of the
//! previous one still inside a sliding window. Its unit is events per period. Buckets start with
//! the first event after idleness, not at seconds of the wall clock.
//!
//! Three words, shared by all threads without a lock: an event inside the running bucket is one
//! atomic addition. Who finds the bucket over turns it, with the lowest bit of `start` as the
//! sign that a turn is going on; the others wait those few instructions. Deliberately absent: the
//! period, which belongs to the table and not to each of its entries.

#[cfg(loom)]
use loom::{
    hint,
    sync::atomic::{AtomicU32, Ordering, fence},
};
#[cfg(not(loom))]
use std::{
    hint,
    sync::atomic::{AtomicU32, Ordering, fence},
};

/// Set in `start` while a thread turns the buckets. Ticks are even otherwise.
const TURNING: u32 = 1;

/// `start` before the first event.
const UNUSED: u32 = 0;

/// A tick of a window: milliseconds, wrapping.
pub type Tick = u32;

/// A rate window over a period that its user passes each time. Always pass the same.
#[derive(Debug, Default)]
pub struct RateWindow {
    /// When the running bucket started, even; plus [`TURNING`].
    start: AtomicU32,
    previous: AtomicU32,
    current: AtomicU32,
}

impl RateWindow {
    /// Counts `amount` events at `now`, and says how many the running bucket has then. `period` is in
    /// milliseconds, at least 1.
    pub fn add(&self, now: Tick, period: u32, amount: u32) -> u32 {
        let mut start = self.start.load(Ordering::Acquire);
        loop {
            if start & TURNING != 0 {
                hint::spin_loop();
                start = self.start.load(Ordering::Acquire);
            } else if !is_over(start, now, period) {
                // A turn that starts here counts this event in the new bucket: as exact as the
                // clock that two threads read.
                let before = self.current.fetch_add(amount, Ordering::Relaxed);
                return before.wrapping_add(amount);
            } else {
                match self.start.compare_exchange_weak(
                    start,
                    start | TURNING,
                    Ordering::Acquire,
                    Ordering::Acquire,
                ) {
                    Ok(_) => {
                        self.turn(start, now, period, amount);
                        return amount;
                    }
                    Err(seen) => start = seen,
                }
            }
        }
    }

    /// Ends the running bucket; its caller holds the turn.
    fn turn(&self, start: Tick, now: Tick, period: u32, amount: u32) {
        // Who sees what is written from here on sees the sign too, as `load` looks for it.
        fence(Ordering::Release);
        let ended = self.current.swap(amount, Ordering::Relaxed);
        let next = start.wrapping_add(period);
        let (next, previous) = match now.wrapping_sub(next) >= period {
            // Idle for two periods, or never used.
            true => (now, 0),
            false => (next, ended),
        };
        self.previous.store(previous, Ordering::Relaxed);
        self.start.store(tick(next), Ordering::Release);
    }

    /// Events per period at `now`.
    pub fn read(&self, now: Tick, period: u32) -> u32 {
        Self::read_all([self], now, period)
    }

    /// Events per period at `now` that these windows counted together. Exact: the shares of their
    /// past are summed before they are rounded.
    pub fn read_all<'w>(
        windows: impl IntoIterator<Item = &'w Self>,
        now: Tick,
        period: u32,
    ) -> u32 {
        let sum = Self::sum(windows, now, period);
        let events = match (sum.present, sum.past) {
            // One lone event must not flap between 0 and 1.
            (0, ..=1) => sum.past,
            _ => sum.weighted / u64::from(period.max(1)),
        };
        u32::try_from(events).unwrap_or(u32::MAX)
    }

    /// As [`RateWindow::read_all`], for a limit: a lone event fades like any other.
    pub fn weigh_all<'w>(
        windows: impl IntoIterator<Item = &'w Self>,
        now: Tick,
        period: u32,
    ) -> u32 {
        let sum = Self::sum(windows, now, period);
        u32::try_from(sum.weighted / u64::from(period.max(1))).unwrap_or(u32::MAX)
    }

    /// By how many events the running bucket is ahead of `limit` per period spread evenly over it.
    pub fn overshoot(&self, now: Tick, period: u32, limit: u32) -> u32 {
        let (start, _, current) = self.load();
        let elapsed = now.wrapping_sub(start);
        if current == 0 || elapsed > period {
            return 0;
        }
        let due = u64::from(elapsed) * u64::from(limit) / u64::from(period.max(1));
        current.saturating_sub(u32::try_from(due).unwrap_or(u32::MAX))
    }

    /// How many milliseconds until `pending` more events keep within `limit` per period; 0 if
    /// they do now.
    pub fn delay(&self, now: Tick, period: u32, limit: u32, pending: u64) -> u64 {
        let period_ms = u64::from(period);
        let total = self.share(now, period).weighted;
        let total = total.saturating_add(pending.saturating_mul(period_ms));
        match total.checked_sub(u64::from(limit) * period_ms) {
            Some(excess) => (excess / u64::from(limit.max(1))).max(1),
            None => 0,
        }
    }

    fn sum<'w>(windows: impl IntoIterator<Item = &'w Self>, now: Tick, period: u32) -> Share {
        let mut sum = Share::default();
        for window in windows {
            let share = window.share(now, period);
            sum.past += share.past;
            sum.present += share.present;
            sum.weighted = sum.weighted.saturating_add(share.weighted);
        }
        sum
    }

    fn share(&self, now: Tick, period: u32) -> Share {
        let (start, previous, current) = self.load();
        let period = i64::from(period);
        let remain = i64::from(start.wrapping_sub(now).cast_signed()) + period;
        let (past, present, remain) = match remain {
            // Ticks wrapped since the last event.
            _ if remain > period + LATE => (0, 0, 0),
            0.. => (previous, current, remain),
            // One period ended without an event.
            _ if remain + period >= 0 => (current, 0, remain + period),
            _ => (0, 0, 0),
        };
        let (past, present) = (u64::from(past), u64::from(present));
        Share {
            past,
            present,
            weighted: past * remain.unsigned_abs() + present * period.unsigned_abs(),
        }
    }

    /// Makes it read `amount`, in a bucket that starts now.
    pub fn set(&self, now: Tick, amount: u32) {
        self.restore((now, 0, amount));
    }

    /// The three words of one moment.
    pub fn load(&self) -> (Tick, u32, u32) {
        loop {
            let start = self.start.load(Ordering::Acquire);
            let previous = self.previous.load(Ordering::Relaxed);
            let current = self.current.load(Ordering::Relaxed);
            fence(Ordering::Acquire);
            if start & TURNING == 0 && self.start.load(Ordering::Relaxed) == start {
                return (start, previous, current);
            }
            hint::spin_loop();
        }
    }

    /// Puts in what [`RateWindow::load`] gave.
    pub fn restore(&self, (at, previous, current): (Tick, u32, u32)) {
        let mut start = self.start.load(Ordering::Acquire);
        while start & TURNING != 0
            || self
                .start
                .compare_exchange_weak(start, start | TURNING, Ordering::Acquire, Ordering::Acquire)
                .is_err()
        {
            hint::spin_loop();
            start = self.start.load(Ordering::Acquire);
        }
        fence(Ordering::Release);
        self.previous.store(previous, Ordering::Relaxed);
        self.current.swap(current, Ordering::Relaxed);
        self.start.store(tick(at), Ordering::Release);
    }
}

/// What a window adds to a rate.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    /// Events of the previous bucket, if it still counts.
    past: u64,
    /// Events of the running one.
    present: u64,
    /// Their sum, weighted by how many milliseconds of the period each covers.
    weighted: u64,
}

/// How much earlier than others a thread may read the clock, in milliseconds.
const LATE: i64 = 1 << 20;

/// Whether the bucket that started then is over.
fn is_over(start: Tick, now: Tick, period: u32) -> bool {
    start == UNUSED || now.wrapping_sub(start) >= period && !is_late(start, now)
}

/// A bucket's start as the word is kept: even, and not that of an unused window.
fn tick(at: Tick) -> u32 {
    (at & !TURNING).max(2)
}

/// Whether `now` is a little before `start`: threads read the clock at different moments.
fn is_late(start: Tick, now: Tick) -> bool {
    i64::from(start.wrapping_sub(now).wrapping_sub(1)) < LATE
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::Arc;
    use std::thread;

    const P: u32 = 10_000;

    /// SEMANTICS 2.3, word for word.
    #[derive(Default)]
    struct Model {
        start: i64,
        prev: i64,
        curr: i64,
    }

    impl Model {
        fn update(&mut self, t: i64, p: i64, n: i64) {
            if t - self.start < p {
                self.curr += n;
                return;
            }
            self.prev = self.curr;
            self.curr = n;
            self.start += p;
            if t - self.start >= p {
                self.prev = 0;
                self.start = t;
            }
            self.start -= self.start & 1;
        }

        fn read(&self, t: i64, p: i64) -> i64 {
            let mut r = self.start + p - t;
            let (past, cur);
            if r < 0 {
                r += p;
                past = if r >= 0 { self.curr } else { 0 };
                cur = 0;
            } else {
                past = self.prev;
                cur = self.curr;
            }
            if cur == 0 && past <= 1 {
                return past;
            }
            (past * r + cur * p) / p
        }
    }

    #[track_caller]
    fn check(events: &[(u32, u32)], reads: &[(u32, u32)]) {
        let origin = 1_000_000;
        for &(at, expected) in reads {
            let window = RateWindow::default();
            for &(when, amount) in events.iter().filter(|(when, _)| *when <= at) {
                window.add(origin + when, P, amount);
            }
            assert_eq!(window.read(origin + at, P), expected, "read at {at}");
        }
    }

    #[test]
    fn item_150_vectors() {
        check(
            &[(0, 100)],
            &[
                (0, 100),
                (9_999, 100),
                (10_000, 100),
                (10_001, 99),
                (12_500, 75),
                (15_000, 50),
                (19_900, 1),
                (20_000, 0),
            ],
        );
        check(
            &[(0, 100), (12_000, 10)],
            &[
                (12_000, 90),
                (15_000, 60),
                (19_000, 20),
                (20_000, 10),
                (22_000, 8),
                (25_000, 5),
                (29_000, 1),
            ],
        );
        check(&[(0, 1)], &[(0, 1), (20_000, 1), (20_001, 0)]);
    }

    #[test]
    fn set_and_restore() {
        let window = RateWindow::default();
        window.add(5_000, P, 7);
        window.set(6_000, 40);
        assert_eq!(window.read(6_000, P), 40);
        let copy = RateWindow::default();
        copy.restore(window.load());
        assert_eq!(copy.read(16_000, P), window.read(16_000, P));
    }

    #[test]
    fn ticks_wrap() {
        let window = RateWindow::default();
        let start = u32::MAX - 3_001;
        window.add(start, P, 50);
        window.add(start.wrapping_add(5_000), P, 50);
        assert_eq!(window.read(start.wrapping_add(6_000), P), 100);
        assert_eq!(window.read(start.wrapping_add(15_000), P), 50);
        let weeks = 30 * 24 * 3_600_000;
        assert_eq!(window.read(start.wrapping_add(weeks), P), 0);
    }

    #[test]
    fn windows_count_together() {
        let windows = [RateWindow::default(), RateWindow::default()];
        let read = |at| RateWindow::read_all(&windows, at, 1000);
        for window in &windows {
            window.add(10_000, 1000, 1);
        }
        assert_eq!([10_900, 11_500, 12_001].map(read), [2, 1, 0]);
        for window in &windows {
            window.add(20_000, 1000, 50);
        }
        assert_eq!([20_000, 21_250, 22_001].map(read), [100, 75, 0]);
    }

    /// How many schedules are tried: `TIDEGATE_SCHEDULES=1000000 cargo test --release --lib
    /// agrees_with_the_model` takes a minute.
    fn schedules() -> u32 {
        let wanted = std::env::var_os("TIDEGATE_SCHEDULES");
        let wanted = wanted.and_then(|text| text.to_str()?.parse().ok());
        wanted.unwrap_or(10_000)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(schedules()))]
        #[test]
        fn agrees_with_the_model(
            period in 1_u32..20_000,
            steps in prop::collection::vec((0_u32..30_000, 0_u32..50, any::<bool>()), 1..100),
        ) {
            let (window, mut model) = (RateWindow::default(), Model::default());
            let mut now = 100_000;
            for (wait, amount, often) in steps {
                now += if often { wait % 50 } else { wait };
                window.add(now, period, amount);
                model.update(i64::from(now), i64::from(period), i64::from(amount));
                let later = now + wait / 2;
                prop_assert_eq!(
                    i64::from(window.read(later, period)),
                    model.read(i64::from(later), i64::from(period))
                );
            }
        }
    }

    #[test]
    fn nothing_is_lost_when_threads_turn_together() {
        let window = Arc::new(RateWindow::default());
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let window = Arc::clone(&window);
                thread::spawn(move || {
                    // All inside two neighbouring buckets, so that both are still known.
                    for step in 0..40_000_u32 {
                        window.add(1_000_000 + step / 1_030, 20, 1);
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        let (_, previous, current) = window.load();
        assert_eq!(previous + current, 160_000);
    }
}
