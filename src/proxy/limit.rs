//! `maxconn`: how many connections may be open at once.
//!
//! A connection over a limit is not refused: it waits, in the kernel's backlog or accepted but
//! unread, until another closes. Counting is one atomic per connection and per limit.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use tokio::sync::Notify;

/// Whether a frontend takes connections in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// It does.
    Open = 0,
    /// Not for now.
    Paused = 1,
    /// Not until the configuration is loaded again.
    Shut = 2,
}

/// A count of open connections and its maximum.
#[derive(Debug)]
pub(super) struct Limit {
    max: AtomicU32,
    /// [`Door`] as a number.
    door: AtomicU8,
    used: AtomicU32,
    /// How often it was reached.
    reached: AtomicU32,
    freed: Notify,
}

impl Limit {
    /// At most `max`; 0 = no limit.
    pub(super) fn new(max: u32) -> Arc<Self> {
        Arc::new(Self {
            max: AtomicU32::new(unlimited_if_zero(max)),
            door: AtomicU8::new(Door::Open as u8),
            used: AtomicU32::new(0),
            reached: AtomicU32::new(0),
            freed: Notify::new(),
        })
    }

    /// Another maximum from now on; 0 = no limit. Connections over it stay.
    pub(super) fn set_max(&self, max: u32) {
        let max = unlimited_if_zero(max);
        if self.max.swap(max, Ordering::SeqCst) < max {
            self.freed.notify_waiters();
        }
    }

    /// Lets connections in, or none.
    pub(super) fn set_door(&self, door: Door) {
        self.door.store(door as u8, Ordering::SeqCst);
        if door == Door::Open {
            self.freed.notify_waiters();
        }
    }

    /// Whether connections are let in.
    pub(super) fn door(&self) -> Door {
        match self.door.load(Ordering::SeqCst) {
            0 => Door::Open,
            1 => Door::Paused,
            _ => Door::Shut,
        }
    }

    fn max(&self) -> u32 {
        match self.door() {
            Door::Open => self.max.load(Ordering::SeqCst),
            Door::Paused | Door::Shut => 0,
        }
    }

    /// Most that may be open; `None` is any number.
    pub(super) fn bound(&self) -> Option<u32> {
        Some(self.max()).filter(|max| *max != u32::MAX)
    }

    /// How many are open now.
    pub(super) fn used(&self) -> u32 {
        self.used.load(Ordering::Relaxed)
    }

    /// Notes a connection that leaves room for no other. As HAProxy, which keeps one place free when it
    /// counts.
    pub(super) fn note_if_reached(&self) {
        if self.used().saturating_add(1) >= self.max() {
            self.reached.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How often that was.
    pub(super) fn times_reached(&self) -> u32 {
        self.reached.load(Ordering::Relaxed)
    }

    fn has_room(&self) -> bool {
        self.used.load(Ordering::SeqCst) < self.max()
    }

    fn try_take(&self) -> bool {
        self.used
            .fetch_update(Ordering::SeqCst, Ordering::Relaxed, |n| {
                (n < self.max()).then(|| n + 1)
            })
            .is_ok()
    }

    fn give_back(&self) {
        if self.used.fetch_sub(1, Ordering::SeqCst) >= self.max() {
            self.freed.notify_waiters();
        }
    }

    /// Waits until there may be room.
    pub(super) async fn room(&self) {
        while !self.has_room() {
            let freed = self.freed.notified();
            let mut freed = std::pin::pin!(freed);
            freed.as_mut().enable();
            if self.has_room() {
                return;
            }
            freed.await;
        }
    }
}

fn unlimited_if_zero(max: u32) -> u32 {
    if max == 0 { u32::MAX } else { max }
}

/// A connection counted against the limits of its listener, frontend and process.
#[derive(Debug)]
pub(super) struct Permit {
    limits: [Arc<Limit>; 3],
}

impl Permit {
    /// Waits for room under all limits, then counts one connection against each.
    pub(super) async fn acquire(limits: &[Arc<Limit>; 3]) -> Self {
        loop {
            if let Some(permit) = Self::try_acquire(limits) {
                return permit;
            }
            for limit in limits {
                limit.room().await;
            }
        }
    }

    /// Counts one connection if there is room under all limits.
    pub(super) fn try_acquire(limits: &[Arc<Limit>; 3]) -> Option<Self> {
        for (index, limit) in limits.iter().enumerate() {
            if !limit.try_take() {
                limits
                    .iter()
                    .take(index)
                    .for_each(|taken| taken.give_back());
                return None;
            }
        }
        Some(Self {
            limits: limits.clone(),
        })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.limits.iter().for_each(|limit| limit.give_back());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Waker};

    fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> bool {
        future
            .poll(&mut Context::from_waker(Waker::noop()))
            .is_ready()
    }

    #[test]
    fn the_one_over_the_limit_waits_for_a_close() {
        let limits = [Limit::new(0), Limit::new(1), Limit::new(5)];
        let first = Permit::try_acquire(&limits).unwrap();
        let mut second = pin!(Permit::acquire(&limits));
        assert!(!poll(second.as_mut()));
        assert_eq!(limits.each_ref().map(|l| l.used()), [1, 1, 1]);
        drop(first);
        assert!(poll(second.as_mut()));
    }

    #[test]
    fn a_higher_maximum_lets_who_waits_in() {
        let limits = [Limit::new(0), Limit::new(1), Limit::new(0)];
        let _held = Permit::try_acquire(&limits).unwrap();
        let mut second = pin!(Permit::acquire(&limits));
        assert!(!poll(second.as_mut()));
        limits[1].set_max(1);
        assert!(!poll(second.as_mut()));
        limits[1].set_max(2);
        assert!(poll(second.as_mut()));
        limits[1].set_max(1);
        assert!(Permit::try_acquire(&limits).is_none());
    }

    #[test]
    fn a_closed_limit_lets_nobody_in() {
        let limits = [Limit::new(0), Limit::new(0), Limit::new(0)];
        let held = Permit::try_acquire(&limits).unwrap();
        limits[1].set_door(Door::Paused);
        assert!(Permit::try_acquire(&limits).is_none());
        drop(held);
        assert!(Permit::try_acquire(&limits).is_none());
        limits[1].set_door(Door::Open);
        assert!(Permit::try_acquire(&limits).is_some());
    }

    #[test]
    fn a_refused_permit_counts_nowhere() {
        let limits = [Limit::new(2), Limit::new(1), Limit::new(0)];
        let held = Permit::try_acquire(&limits).unwrap();
        assert!(Permit::try_acquire(&limits).is_none());
        assert_eq!(limits.each_ref().map(|l| l.used()), [1, 1, 1]);
        drop(held);
        assert_eq!(limits.each_ref().map(|l| l.used()), [0, 0, 0]);
    }
}
