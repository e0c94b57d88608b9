//! The updates of one table in the order of their numbers.
//!
//! An entry has one update at most that counts, its last: earlier ones are passed over, and swept
//! out when they are too many. So whoever reads from its place to the end has told everything that
//! has changed since. Numbers are 64 bits wide here and their low half goes over the wire.

use crate::table::{Entry, Key, Table};
use std::collections::VecDeque;
use std::sync::Arc;

/// Updates beyond twice the table's entries before those that no longer count are swept out.
const SLACK: usize = 1024;

/// The updates of one table.
#[derive(Debug, Default)]
pub(super) struct Journal {
    last: u64,
    updates: VecDeque<(u64, Key)>,
}

impl Journal {
    /// The number of the last update.
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    /// Takes in what has changed; whether anything has.
    pub(super) fn take_in(&mut self, table: &Table) -> bool {
        let before = self.last;
        for key in table.updates().take() {
            let Some(entry) = table.find(key.bytes()) else {
                continue;
            };
            self.last += 1;
            // What an entry without a number, or one that waits for its next, would have.
            while matches!(self.last as u32, 0 | u32::MAX) {
                self.last += 1;
            }
            entry.number_update(self.last as u32);
            self.updates.push_back((self.last, key));
        }
        if self.updates.len() > 2 * table.used() as usize + SLACK {
            self.updates
                .retain(|(number, key)| current(table, *number, key).is_some());
        }
        self.last > before
    }

    /// The first update after `number` that still counts.
    pub(super) fn after(&self, table: &Table, number: u64) -> Option<(u64, Arc<Entry>)> {
        let start = self.updates.partition_point(|(at, _)| *at <= number);
        let later = self.updates.range(start..);
        later
            .filter_map(|(number, key)| Some((*number, current(table, *number, key)?)))
            .next()
    }

    /// The update that a peer names by the low half of its number: the last one before `limit`.
    pub(super) fn named(limit: u64, low: u32) -> u64 {
        limit.saturating_sub(u64::from((limit as u32).wrapping_sub(low)))
    }
}

/// The entry of an update, if that is its last one.
fn current(table: &Table, number: u64, key: &Key) -> Option<Arc<Entry>> {
    let entry = table.find(key.bytes())?;
    (entry.update() == number as u32).then_some(entry)
}

#[cfg(test)]
mod tests {
    use super::super::tests::table;
    use super::*;
    use tokio::sync::Notify;

    #[test]
    fn the_last_update_of_an_entry_counts() {
        let table = table();
        let notify = Arc::new(Notify::new());
        table.find_or_create(b"early");
        table.updates().listen(Some(Arc::clone(&notify)));
        let mut journal = Journal::default();
        for key in [b"a", b"b", b"a"] {
            table.find_or_create(key);
        }
        assert!(journal.take_in(&table));
        assert!(!journal.take_in(&table));
        assert_eq!(journal.last(), 2);
        let next = |journal: &Journal, number| {
            let (number, entry) = journal.after(&table, number)?;
            Some((number, String::from_utf8_lossy(entry.key()).into_owned()))
        };
        assert_eq!(next(&journal, 0), Some((1, "a".to_owned())));
        assert_eq!(next(&journal, 1), Some((2, "b".to_owned())));
        assert_eq!(next(&journal, 2), None);
        table.find_or_create(b"a");
        assert_eq!(
            next(&journal, 0),
            Some((2, "b".to_owned())),
            "changed again"
        );
        journal.take_in(&table);
        assert_eq!(next(&journal, 2), Some((3, "a".to_owned())));
        table.learn(b"b", None);
        assert!(!journal.take_in(&table), "what was learned is not told");
    }

    #[test]
    fn a_journal_is_no_longer_than_its_table_allows() {
        let table = table();
        table.updates().listen(Some(Arc::default()));
        let mut journal = Journal::default();
        for _ in 0..10_000 {
            table.find_or_create(b"hot");
            journal.take_in(&table);
        }
        assert!(journal.updates.len() <= SLACK + 3);
        assert!(journal.after(&table, 9_998).is_some());
    }

    #[test]
    fn numbers_by_their_low_half() {
        assert_eq!(Journal::named(10, 7), 7);
        assert_eq!(Journal::named(0x1_0000_0005, 0xffff_fff0), 0xffff_fff0);
        assert_eq!(Journal::named(5, 9), 0, "from the future");
    }
}
