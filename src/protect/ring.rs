//! A ring of time slots: what happened in the last so many, each forgotten by its age.
//!
//! What must hold: recording is a look at the slot's number and atomic additions; only who enters
//! a slot first on its turn takes a lock, to clear it. Where a stick table's rate is an estimate
//! of one number, a slot holds many, exactly. Deliberately absent: what is counted.

use crate::clock::Millis;
use parking_lot::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// What a slot holds.
pub(super) trait Content: Default {
    /// Forgets everything.
    fn clear(&self);
}

/// `N` slots.
#[derive(Debug)]
pub(super) struct Ring<T, const N: usize> {
    slots: Box<[Slot<T>]>,
    /// Milliseconds of a slot.
    width: u64,
    turning: Mutex<()>,
}

#[derive(Debug, Default)]
struct Slot<T> {
    /// Which interval it is about, counted from 1; 0 is none.
    number: AtomicU64,
    content: T,
}

impl<T: Content, const N: usize> Ring<T, N> {
    /// Slots that together span `window`.
    pub(super) fn new(window: Millis) -> Self {
        Self {
            slots: (0..N).map(|_| Slot::default()).collect(),
            width: window.div_ceil(N as u64).max(1),
            turning: Mutex::new(()),
        }
    }

    /// The slot of this moment, to record in.
    pub(super) fn current(&self, now: Millis) -> Option<&T> {
        let number = self.number(now);
        let slot = self.slots.get((number % N as u64) as usize)?;
        if slot.number.load(Ordering::Acquire) < number {
            let _turn = self.turning.lock();
            if slot.number.load(Ordering::Acquire) < number {
                slot.content.clear();
                slot.number.store(number, Ordering::Release);
            }
        }
        Some(&slot.content)
    }

    /// The slots of the window that ends now.
    pub(super) fn recent(&self, now: Millis) -> impl Iterator<Item = &T> + Clone {
        let number = self.number(now);
        let is_recent = move |slot: &&Slot<T>| {
            let of = slot.number.load(Ordering::Acquire);
            of != 0 && of + N as u64 > number
        };
        self.slots
            .iter()
            .filter(is_recent)
            .map(|slot| &slot.content)
    }

    /// Forgets everything.
    pub(super) fn clear(&self) {
        let _turn = self.turning.lock();
        for slot in &self.slots {
            slot.number.store(0, Ordering::Release);
        }
    }

    fn number(&self, now: Millis) -> u64 {
        now / self.width + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Content for AtomicU64 {
        fn clear(&self) {
            self.store(0, Ordering::Relaxed);
        }
    }

    #[test]
    fn slots_go_by_their_age() {
        let ring: Ring<AtomicU64, 10> = Ring::new(10_000);
        let add = |now| ring.current(now).unwrap().fetch_add(1, Ordering::Relaxed);
        let sum = |now| {
            ring.recent(now)
                .map(|n| n.load(Ordering::Relaxed))
                .sum::<u64>()
        };
        add(20_500);
        add(20_900);
        add(21_000);
        assert_eq!(
            [20_999, 29_999, 30_000, 30_999, 31_000].map(sum),
            [3, 3, 1, 1, 0]
        );
        add(30_100);
        assert_eq!(sum(30_100), 2);
        add(500_000);
        assert_eq!(sum(500_000), 1, "after a pause nothing old is left");
        ring.clear();
        assert_eq!(sum(500_000), 0);
        add(500_000);
        assert_eq!(sum(500_000), 1);
    }
}
