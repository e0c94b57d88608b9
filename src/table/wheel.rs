//! Which entries to look at next: a ring of queues by date.
//!
//! Using an entry moves its date, not the entry: it stays where it is until its queue's turn and
//! is then filed again by its new date. So a use costs one store, and each entry is in exactly
//! one queue. Deliberately absent: what happens to an entry whose turn has come.

use super::entry::Entry;
use crate::clock::Millis;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Queues of a ring. A table's lifetime spans 62 of them.
const QUEUES: u64 = 64;

/// The ring of one lane of a table.
#[derive(Debug)]
pub(super) struct Wheel {
    queues: Vec<VecDeque<Arc<Entry>>>,
    /// The milliseconds one queue stands for.
    width: u64,
    /// The number of the first queue not yet emptied.
    next: u64,
}

impl Wheel {
    /// For entries that live that long after their last use.
    pub(super) fn new(lifetime: Millis, now: Millis) -> Self {
        let width = (lifetime / (QUEUES - 2)).max(8);
        Self {
            queues: (0..QUEUES).map(|_| VecDeque::new()).collect(),
            width,
            next: now / width,
        }
    }

    /// Files an entry by the moment it is to be looked at.
    pub(super) fn file(&mut self, entry: Arc<Entry>, at: Millis) {
        let number = (at / self.width).max(self.next);
        while number >= self.next + QUEUES {
            self.merge_first();
        }
        if let Some(queue) = self.queue(number) {
            queue.push_back(entry);
        }
    }

    /// An entry of a queue that lies wholly before `now`.
    pub(super) fn take_before(&mut self, now: Millis) -> Option<Arc<Entry>> {
        let end = now / self.width;
        while self.next < end {
            let queue = self.queue(self.next)?;
            if let Some(entry) = queue.pop_front() {
                return Some(entry);
            }
            // Queues that were long once must not stay large.
            queue.shrink_to(4);
            self.next = match self.queues.iter().all(VecDeque::is_empty) {
                true => end,
                false => self.next + 1,
            };
        }
        None
    }

    /// The first entry in the order of dates. Entries found on the way that were used since they
    /// were filed are filed anew.
    pub(super) fn take_first(&mut self) -> Option<Arc<Entry>> {
        for number in self.next..self.next + QUEUES {
            while let Some(entry) = self.queue(number)?.pop_front() {
                let due = entry.due.load(Ordering::Relaxed);
                if due / self.width <= number {
                    return Some(entry);
                }
                self.file(entry, due);
            }
        }
        None
    }

    /// Puts the first queue in front of the second.
    fn merge_first(&mut self) {
        let number = self.next;
        self.next += 1;
        let mut first = self.queue(number).map(std::mem::take).unwrap_or_default();
        if let Some(second) = self.queue(number + 1)
            && !first.is_empty()
        {
            first.append(second);
            *second = first;
        }
    }

    fn queue(&mut self, number: u64) -> Option<&mut VecDeque<Arc<Entry>>> {
        self.queues.get_mut((number % QUEUES) as usize)
    }
}
