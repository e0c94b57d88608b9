//! The one clock: monotonic milliseconds, injectable.
//!
//! Every time that decides something (timeouts, rates, expiry, durations in logs) is read here,
//! so that tests can run on a virtual clock without sleeping. Wall-clock time is only for text
//! shown to people; it is derived from the same origin so that both advance together.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Milliseconds on the process's monotonic clock; zero is an arbitrary origin before start.
pub type Millis = u64;

/// A point so far in the future that it is never reached.
pub const NEVER: Millis = Millis::MAX;

/// A monotonic millisecond clock. Cheap to clone; clones of a manual clock share their time.
#[derive(Clone, Debug)]
pub struct Clock {
    source: Source,
    /// Wall-clock microseconds since the epoch when the monotonic clock read zero.
    epoch_us: u64,
}

#[derive(Clone, Debug)]
enum Source {
    System(Instant),
    Manual(Arc<AtomicU64>),
}

impl Clock {
    /// The real clock. Its first reading is 1000, so that zero can mean "not yet".
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place that reads the system clock"
    )]
    pub fn system() -> Self {
        let origin = Instant::now()
            .checked_sub(Duration::from_secs(1))
            .unwrap_or_else(Instant::now);
        let wall_us = micros(
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default(),
        );
        let since_origin_us = micros(origin.elapsed());
        Self {
            source: Source::System(origin),
            epoch_us: wall_us.saturating_sub(since_origin_us),
        }
    }

    /// A clock that stands still until [`Clock::advance`], for tests.
    pub fn manual(start: Millis) -> Self {
        Self {
            source: Source::Manual(Arc::new(AtomicU64::new(start))),
            epoch_us: 1_700_000_000_000_000,
        }
    }

    /// Milliseconds since the origin.
    pub fn now(&self) -> Millis {
        self.now_us() / 1000
    }

    /// Microseconds since the origin.
    pub fn now_us(&self) -> u64 {
        match &self.source {
            Source::System(origin) => micros(origin.elapsed()),
            Source::Manual(now) => now.load(Ordering::Relaxed).saturating_mul(1000),
        }
    }

    /// Moves a manual clock forward; the real clock ignores it.
    pub fn advance(&self, by: Millis) {
        if let Source::Manual(now) = &self.source {
            now.fetch_add(by, Ordering::Relaxed);
        }
    }

    /// Wall-clock microseconds since the UNIX epoch at monotonic time `at_us`.
    pub fn wall_us(&self, at_us: u64) -> u64 {
        self.epoch_us.saturating_add(at_us)
    }
}

fn micros(d: Duration) -> u64 {
    u64::try_from(d.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_told_and_is_shared_by_clones() {
        let clock = Clock::manual(5);
        let other = clock.clone();
        assert_eq!(other.now(), 5);
        clock.advance(10);
        assert_eq!((other.now(), other.now_us()), (15, 15_000));
    }

    #[test]
    fn the_system_clock_starts_after_zero_and_matches_wall_time() {
        let clock = Clock::system();
        assert!(clock.now() >= 1000);
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let ours = Duration::from_micros(clock.wall_us(clock.now_us()));
        assert!(wall.abs_diff(ours) < Duration::from_secs(1));
    }
}
