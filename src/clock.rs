//! The one clock: monotonic milliseconds, injectable.
//!
//! Every time that decides something (timeouts, rates, expiry, durations in logs) is read here,
//! so that tests can run on a virtual clock without sleeping. Wall-clock time is only for text
//! shown to people; it is derived from the same origin so that both advance together.
//!
//! Within one poll of a connection's task time stands still: a request asks for it some fifteen
//! times, and each reading of the system's clock costs 28 ns.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
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
    System,
    Manual(Arc<AtomicU64>),
}

thread_local! {
    static TURN: Cell<Turn> = const { Cell::new(Turn::Outside) };
}

/// Whether this thread's time stands still.
#[derive(Clone, Copy)]
enum Turn {
    Outside,
    /// It will, from the first reading on.
    Begun,
    /// At this many microseconds.
    Standing(u64),
}

/// Runs `act`, during which the real clocks of this thread stand still from their first reading on.
/// One turn does not contain another.
pub fn turn<T>(act: impl FnOnce() -> T) -> T {
    /// A panic ends the turn too.
    struct Over;

    impl Drop for Over {
        fn drop(&mut self) {
            TURN.set(Turn::Outside);
        }
    }

    let _over = Over;
    TURN.set(Turn::Begun);
    act()
}

/// Microseconds of the real clock, the same for all of the process. Its first reading is a second,
/// so that zero can mean "not yet".
#[allow(
    clippy::disallowed_methods,
    reason = "the one place that reads the system clock"
)]
fn system_us() -> u64 {
    static ORIGIN: LazyLock<Instant> = LazyLock::new(|| {
        let now = Instant::now();
        now.checked_sub(Duration::from_secs(1)).unwrap_or(now)
    });
    micros(ORIGIN.elapsed())
}

/// The same, or where this thread's time stands still.
fn standing_us() -> u64 {
    match TURN.get() {
        Turn::Standing(at) => at,
        Turn::Outside => system_us(),
        Turn::Begun => {
            let at = system_us();
            TURN.set(Turn::Standing(at));
            at
        }
    }
}

impl Clock {
    /// The real clock.
    pub fn system() -> Self {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH);
        Self {
            source: Source::System,
            epoch_us: micros(wall.unwrap_or_default()).saturating_sub(system_us()),
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
            Source::System => standing_us(),
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
    (d.as_secs())
        .saturating_mul(1_000_000)
        .saturating_add(d.subsec_micros().into())
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
    fn the_system_clock_stands_still_during_a_turn_of_this_thread() {
        let clock = Clock::system();
        let passes = |from: u64| {
            while clock.now_us() == from {
                std::hint::spin_loop();
            }
        };
        // Another thread's time goes on.
        let later = || {
            std::thread::scope(|scope| {
                let other = scope.spawn(|| {
                    passes(clock.now_us());
                    clock.now_us()
                });
                other.join().unwrap()
            })
        };
        let (first, elsewhere, last) = turn(|| (clock.now_us(), later(), clock.now_us()));
        assert_eq!(first, last);
        assert!(elsewhere > first);
        passes(last);
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
