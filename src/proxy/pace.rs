//! `rate-limit sessions`, `maxconnrate`, `maxsessrate`: how many may come per second.
//!
//! Who comes too early is not refused: it waits in the kernel, unaccepted. A limit is compared with the
//! rate that statistics show, plus those that were let in and are not counted there yet.
//! Deliberately absent: counting, which is the business of `count`.

use crate::clock::{Clock, Millis};
use crate::net::{TICK_MS, Timer};
use crate::observe::stats::{Counters, Rate};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Poll, ready};

/// A limit of events per second.
#[derive(Debug)]
pub(super) struct Pace {
    counters: Arc<Counters>,
    rate: Rate,
    /// 0 = no limit.
    most: AtomicU32,
    /// Let in, and not counted yet. Goes up under the lock only.
    coming: AtomicU32,
    letting_in: Mutex<()>,
}

impl Pace {
    /// At most `most` of these events per second; 0 = no limit.
    pub(super) fn new(counters: &Arc<Counters>, rate: Rate, most: u32) -> Arc<Self> {
        Arc::new(Self {
            counters: Arc::clone(counters),
            rate,
            most: AtomicU32::new(most),
            coming: AtomicU32::new(0),
            letting_in: Mutex::default(),
        })
    }

    /// Most per second; 0 = no limit.
    pub(super) fn most(&self) -> u32 {
        self.most.load(Ordering::Relaxed)
    }

    /// Another limit from now on.
    pub(super) fn set_most(&self, most: u32) {
        self.most.store(most, Ordering::Relaxed);
    }

    fn has_room(&self, now: Millis) -> bool {
        let used = || {
            let coming = self.coming.load(Ordering::Acquire);
            self.counters.used(self.rate, now).saturating_add(coming)
        };
        match self.most() {
            0 => true,
            most => used() < most,
        }
    }

    /// Lets one in if there is room.
    fn try_pass(self: &Arc<Self>, now: Millis) -> Option<Pass> {
        if self.most() == 0 {
            return Some(Pass(None));
        }
        let _one_by_one = self.letting_in.lock();
        if !self.has_room(now) {
            return None;
        }
        self.coming.fetch_add(1, Ordering::Relaxed);
        Some(Pass(Some(Arc::clone(self))))
    }
}

/// Somebody was let in. To be dropped once it was counted, or turned away.
#[derive(Debug)]
struct Pass(Option<Arc<Pace>>);

impl Drop for Pass {
    fn drop(&mut self) {
        if let Some(pace) = &self.0 {
            pace.coming.fetch_sub(1, Ordering::Release);
        }
    }
}

/// What let a connection in.
#[derive(Debug)]
pub(super) struct Arrival {
    connection: Option<Pass>,
    _sessions: [Pass; 2],
}

impl Arrival {
    /// The connection was counted; whether it becomes a session is still to be seen.
    pub(super) fn is_connected(&mut self) {
        self.connection = None;
    }
}

/// The limits that a listener's connections come under.
#[derive(Clone, Debug)]
pub(super) struct Paces {
    /// Connections of the process.
    pub(super) connections: Arc<Pace>,
    /// Sessions of the process, and of the frontend.
    pub(super) sessions: [Arc<Pace>; 2],
}

impl Paces {
    /// Lets a connection in if there is room under all limits.
    pub(super) fn try_pass(&self, now: Millis) -> Option<Arrival> {
        let [process, frontend] = &self.sessions;
        Some(Arrival {
            connection: Some(self.connections.try_pass(now)?),
            _sessions: [process.try_pass(now)?, frontend.try_pass(now)?],
        })
    }

    /// Waits until there is room under all limits. Looks again with every tick of the timers: what
    /// is used fades all the time.
    pub(super) async fn room(&self, timer: &Timer, clock: &Clock) {
        std::future::poll_fn(|cx| {
            loop {
                let now = clock.now();
                let mut paces = self.sessions.iter().chain([&self.connections]);
                if paces.all(|pace| pace.has_room(now)) {
                    return Poll::Ready(());
                }
                timer.set(now.saturating_add(TICK_MS));
                ready!(timer.poll_fired(cx));
            }
        })
        .await;
    }

    /// Lets a connection in once there is room under all limits.
    pub(super) async fn pass(&self, timer: &Timer, clock: &Clock) -> Arrival {
        loop {
            if let Some(arrival) = self.try_pass(clock.now()) {
                return arrival;
            }
            self.room(timer, clock).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::stats::Count;

    /// How many of ten that come at each of these times, in milliseconds, a limit lets in.
    #[track_caller]
    fn check(most: u32, times: &[Millis], expected: &[usize]) {
        let counters = Arc::new(Counters::new(1));
        let tally = counters.tally(0).unwrap();
        let pace = Pace::new(&counters, Rate::Sessions, most);
        let at = |&time: &Millis| {
            let now = 10_000 + time;
            let let_in: Vec<Pass> = (0..10).map_while(|_| pace.try_pass(now)).collect();
            let_in.iter().for_each(|_| tally.session(now));
            let_in.len()
        };
        let got: Vec<usize> = times.iter().map(at).collect();
        assert_eq!(got, expected, "{most} at {times:?}");
        let total: usize = got.iter().sum();
        assert_eq!(counters.count(Count::Sessions), total as u64);
    }

    #[test]
    fn who_comes_too_early_waits_until_the_past_fades() {
        check(0, &[0, 0], &[10, 10]);
        check(3, &[0, 998, 1000], &[3, 0, 0]);
        check(3, &[0, 1002, 1336, 1400], &[3, 1, 1, 0]);
        check(3, &[0, 2000], &[3, 3]);
        check(1, &[0, 1000, 1002], &[1, 0, 1]);
        check(100, &[0, 100], &[10, 10]);
    }

    #[test]
    fn who_is_not_counted_yet_takes_room_too() {
        let counters = Arc::new(Counters::new(1));
        let pace = Pace::new(&counters, Rate::Sessions, 1);
        let first = pace.try_pass(1000);
        assert!(first.is_some() && pace.try_pass(1000).is_none());
        drop(first);
        assert!(pace.try_pass(1000).is_some());
    }
}
