//! A mark on an entry: whether its last change still waits to be told, and which update that was.
//!
//! Who changes an entry changes the value first and then raises the mark; who tells gives the mark a
//! number first and then reads the value. So a change is in what is told, or it raises the mark again:
//! `tests/loom` tries all orders.

#[cfg(loom)]
use loom::sync::atomic::{AtomicU32, Ordering, fence};
#[cfg(not(loom))]
use std::sync::atomic::{AtomicU32, Ordering, fence};

/// The mark of an entry that waits.
const WAITING: u32 = u32::MAX;

/// The last update of an entry; 0 = there was none.
#[derive(Debug, Default)]
pub(super) struct Mark(AtomicU32);

impl Mark {
    /// The entry has changed; whether this is the first to say so since the last number.
    pub(super) fn raise(&self) -> bool {
        // Between the value and the mark, as in `number`: either side sees the other's.
        fence(Ordering::SeqCst);
        self.0.load(Ordering::Relaxed) != WAITING
            && self.0.swap(WAITING, Ordering::AcqRel) != WAITING
    }

    /// What is read from now on is the update of this number.
    pub(super) fn number(&self, number: u32) {
        self.0.store(number, Ordering::Release);
        fence(Ordering::SeqCst);
    }

    /// The number of the last update.
    pub(super) fn get(&self) -> u32 {
        self.0.load(Ordering::Acquire)
    }
}
