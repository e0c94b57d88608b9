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
    /// A bit for each queue that is not empty: a full table's entries may all lie in the last one.
    filled: u64,
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
            filled: 0,
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
        self.filled |= bit(number);
        if let Some(queue) = self.queue(number) {
            queue.push_back(entry);
        }
    }

    /// An entry of a queue that lies wholly before `now`.
    pub(super) fn take_before(&mut self, now: Millis) -> Option<Arc<Entry>> {
        let end = now / self.width;
        while self.next < end {
            match self.first_filled() {
                Some(first) if first < end => {
                    self.next = first;
                    if let Some(entry) = self.pop(first) {
                        return Some(entry);
                    }
                }
                _ => self.next = end,
            }
        }
        None
    }

    /// Takes the first entries in the order of dates, as many as that. Entries found on the way that
    /// were used since they were filed are filed anew.
    pub(super) fn take_first(&mut self, most: usize, taken: &mut Vec<Arc<Entry>>) {
        while taken.len() < most
            // Filing may have moved the ring on.
            && let Some(first) = self.first_filled()
            && let Some(entry) = self.pop(first)
        {
            let due = entry.due.load(Ordering::Relaxed);
            match due / self.width <= first {
                true => taken.push(entry),
                false => self.file(entry, due),
            }
        }
    }

    /// The number of the first queue that is not empty.
    fn first_filled(&self) -> Option<u64> {
        let ahead = self.filled.rotate_right((self.next % QUEUES) as u32);
        (ahead != 0).then(|| self.next + u64::from(ahead.trailing_zeros()))
    }

    /// The first entry of a queue. Queues that were long once do not stay large.
    fn pop(&mut self, number: u64) -> Option<Arc<Entry>> {
        let queue = self.queue(number)?;
        let entry = queue.pop_front();
        if queue.is_empty() {
            queue.shrink_to(4);
            self.filled &= !bit(number);
        }
        entry
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
            self.filled = self.filled & !bit(number) | bit(number + 1);
        }
    }

    fn queue(&mut self, number: u64) -> Option<&mut VecDeque<Arc<Entry>>> {
        self.queues.get_mut((number % QUEUES) as usize)
    }
}

/// The bit of a queue.
fn bit(number: u64) -> u64 {
    1 << (number % QUEUES)
}

#[cfg(test)]
mod tests {
    use super::super::data::Layout;
    use super::super::key::Key;
    use super::*;

    const WIDTH: Millis = 10;

    fn ring() -> Wheel {
        Wheel::new(WIDTH * (QUEUES - 2), 0)
    }

    fn entry(key: &[u8], due: Millis) -> Arc<Entry> {
        let entry = Entry::new(Key::new(key), &Layout::default());
        entry.due.store(due, Ordering::Relaxed);
        Arc::new(entry)
    }

    fn file(ring: &mut Wheel, key: &[u8], at: Millis) -> Arc<Entry> {
        let entry = entry(key, at);
        ring.file(Arc::clone(&entry), at);
        entry
    }

    fn first(ring: &mut Wheel, most: usize) -> Vec<Vec<u8>> {
        let mut taken = Vec::new();
        ring.take_first(most, &mut taken);
        taken.iter().map(|entry| entry.key().to_vec()).collect()
    }

    #[test]
    fn entries_come_by_date_and_used_ones_later() {
        let mut ring = ring();
        file(&mut ring, b"c", 500);
        let used = file(&mut ring, b"a", 15);
        file(&mut ring, b"b", 18);
        used.due.store(620, Ordering::Relaxed);
        assert_eq!(first(&mut ring, 1), [b"b"]);
        assert_eq!(first(&mut ring, 5), [b"c", b"a"]);
        assert_eq!(first(&mut ring, 5), [b""; 0]);
    }

    /// In a table without `expire` nothing moves the ring on but what is filed.
    #[test]
    fn an_entry_used_a_whole_turn_later_is_found() {
        let mut ring = ring();
        let used = file(&mut ring, b"a", 0);
        file(&mut ring, b"b", 5);
        used.due.store(QUEUES * WIDTH, Ordering::Relaxed);
        assert_eq!(first(&mut ring, 1), [b"b"]);
        used.due.store(5 * QUEUES * WIDTH, Ordering::Relaxed);
        assert_eq!(first(&mut ring, 1), [b"a"]);
    }

    #[test]
    fn only_queues_that_are_over_are_swept() {
        let mut ring = ring();
        for (key, at) in [(b"a", 5), (b"b", 25), (b"c", 29), (b"d", 600)] {
            file(&mut ring, key, at);
        }
        let mut swept = |now| {
            let all = std::iter::from_fn(|| ring.take_before(now));
            all.map(|entry| entry.key().to_vec()).collect::<Vec<_>>()
        };
        assert_eq!(swept(9), [b""; 0]);
        assert_eq!(swept(10), [b"a"]);
        assert_eq!(swept(29), [b""; 0]);
        assert_eq!(swept(100), [b"b", b"c"]);
        assert_eq!(swept(100_000), [b"d"]);
        file(&mut ring, b"e", 50);
        assert_eq!(first(&mut ring, 1), [b"e"]);
    }
}
