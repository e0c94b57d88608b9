//! Connection counts of the process, a frontend, a backend or a server.
//!
//! What `%ac %fc %bc %sc` print and `maxconn` compares. Each instance fills its own cache line
//! so that two proxies' counts never share one. Deliberately absent: rates and everything `show
//! stat` adds; those are the tables' counters.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

/// Connections now, at most so far, and in total.
///
/// Counts need no ordering with other memory: they are compared and printed, never used to
/// publish data.
#[derive(Debug, Default)]
#[repr(align(128))]
pub struct Gauges {
    current: AtomicU32,
    peak: AtomicU32,
    total: AtomicU64,
}

impl Gauges {
    /// Counts one more, whatever the limit, and returns how many there are with it.
    pub fn enter(&self) -> u32 {
        let now = self.current.fetch_add(1, Relaxed).wrapping_add(1);
        self.admitted(now);
        now
    }

    /// Counts one more unless that exceeds `limit`; 0 is no limit.
    pub fn try_enter(&self, limit: u32) -> Option<u32> {
        let now = self.current.fetch_add(1, Relaxed).wrapping_add(1);
        if limit != 0 && now > limit {
            self.leave();
            return None;
        }
        self.admitted(now);
        Some(now)
    }

    /// Counts one less; pairs with every admission.
    pub fn leave(&self) {
        let before = self.current.fetch_sub(1, Relaxed);
        debug_assert!(before > 0, "every leave follows an admission");
    }

    /// How many there are now.
    pub fn current(&self) -> u32 {
        self.current.load(Relaxed)
    }

    /// The most there ever were at once.
    pub fn peak(&self) -> u32 {
        self.peak.load(Relaxed)
    }

    /// How many were ever admitted.
    pub fn total(&self) -> u64 {
        self.total.load(Relaxed)
    }

    fn admitted(&self, now: u32) {
        self.total.fetch_add(1, Relaxed);
        // Reading first keeps the line shared while the peak stands.
        if now > self.peak.load(Relaxed) {
            self.peak.fetch_max(now, Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(gauges: &Gauges, current: u32, peak: u32, total: u64) {
        let seen = (gauges.current(), gauges.peak(), gauges.total());
        assert_eq!(seen, (current, peak, total));
    }

    #[test]
    fn a_limit_refuses_without_counting() {
        let g = Gauges::default();
        assert_eq!(g.try_enter(2), Some(1));
        assert_eq!(g.try_enter(2), Some(2));
        assert_eq!(g.try_enter(2), None);
        check(&g, 2, 2, 2);
        g.leave();
        check(&g, 1, 2, 2);
        assert_eq!(g.try_enter(0), Some(2));
        assert_eq!(g.enter(), 3);
        check(&g, 3, 3, 4);
    }
}
