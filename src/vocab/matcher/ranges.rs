//! Ranges of integers: which is the first in the list that holds a value.

use super::Index;
use crate::vocab::pattern::{BadPattern, Duplicates, EntryId, Records, Seed};
use crate::vocab::sample::Sample;
use std::collections::{BTreeSet, HashMap};
use std::ops::RangeInclusive;

/// Up to this many ranges are compared one by one before they are sorted in.
const FEW: usize = 16;

/// For methods whose patterns are ranges of integers.
#[derive(Clone, Debug)]
pub(super) struct InRange {
    ranges: Ranges,
    read: ReadRange,
    number: fn(Sample<'_>) -> Option<i64>,
}

/// How a pattern is read.
type ReadRange = fn(&[u8]) -> Result<RangeInclusive<i64>, BadPattern>;

impl InRange {
    /// `read` reads a pattern, `number` says what of a value is compared.
    pub(super) fn new(read: ReadRange, number: fn(Sample<'_>) -> Option<i64>) -> Self {
        Self {
            ranges: Ranges::default(),
            read,
            number,
        }
    }
}

impl Index for InRange {
    fn insert(&mut self, id: EntryId, records: &Records) -> Result<(), BadPattern> {
        self.ranges.insert(id, (self.read)(records.key(id))?);
        Ok(())
    }

    fn remove(&mut self, id: EntryId, records: &Records) {
        if let Ok(range) = (self.read)(records.key(id)) {
            self.ranges.remove(id, range);
        }
    }

    fn settle(&mut self, _: &Records) {
        self.ranges.settle();
    }

    fn find(&self, value: Sample<'_>, _: &Records) -> Option<EntryId> {
        self.ranges.find((self.number)(value)?)
    }

    fn duplicate(&self) -> Box<dyn Index> {
        Box::new(self.clone())
    }
}

/// Single integers by hash, ranges as sorted pieces that say which of them is first there.
#[derive(Clone, Debug)]
struct Ranges {
    single: HashMap<i64, EntryId, Seed>,
    duplicates: Duplicates,
    ranges: Vec<(RangeInclusive<i64>, EntryId)>,
    /// From where on which range is first; for the ranges before `unsorted`.
    pieces: Vec<(i64, Option<EntryId>)>,
    unsorted: usize,
}

impl Default for Ranges {
    fn default() -> Self {
        Self {
            single: HashMap::with_hasher(Seed::of_process()),
            duplicates: Duplicates::default(),
            ranges: Vec::new(),
            pieces: Vec::new(),
            unsorted: 0,
        }
    }
}

impl Ranges {
    fn insert(&mut self, id: EntryId, range: RangeInclusive<i64>) {
        if range.start() != range.end() {
            self.ranges.push((range, id));
            return;
        }
        let first = match self.single.get(range.start()) {
            Some(&first) => self.duplicates.add(first, id),
            None => id,
        };
        self.single.insert(*range.start(), first);
    }

    fn remove(&mut self, id: EntryId, range: RangeInclusive<i64>) {
        if range.start() != range.end() {
            self.ranges.retain(|(_, known)| *known != id);
            self.sort();
            return;
        }
        if let Some(&first) = self.single.get(range.start()) {
            match self.duplicates.remove(first, id) {
                Some(first) => drop(self.single.insert(*range.start(), first)),
                None if first == id => drop(self.single.remove(range.start())),
                None => {}
            }
        }
    }

    fn settle(&mut self) {
        if self.ranges.len() - self.unsorted.min(self.ranges.len()) > FEW {
            self.sort();
        }
    }

    fn find(&self, value: i64) -> Option<EntryId> {
        let single = match self.single.is_empty() {
            true => None,
            false => self.single.get(&value).copied(),
        };
        let after = self.pieces.partition_point(|(start, _)| *start <= value);
        let piece = after.checked_sub(1).and_then(|at| self.pieces.get(at));
        let sorted = piece.and_then(|(_, id)| *id);
        let unsorted = self.ranges.get(self.unsorted..).unwrap_or_default();
        let recent = unsorted.iter().find(|(range, _)| range.contains(&value));
        let found = single.into_iter().chain(sorted);
        found.chain(recent.map(|(_, id)| *id)).min()
    }

    /// Cuts the ranges into pieces.
    fn sort(&mut self) {
        let mut events: Vec<(i64, bool, EntryId)> = Vec::with_capacity(2 * self.ranges.len());
        for (range, id) in &self.ranges {
            events.push((*range.start(), true, *id));
            if let Some(after) = range.end().checked_add(1) {
                events.push((after, false, *id));
            }
        }
        events.sort_unstable();
        self.pieces.clear();
        let mut open = BTreeSet::new();
        for (at, opens, id) in events {
            match opens {
                true => drop(open.insert(id)),
                false => drop(open.remove(&id)),
            }
            let first = open.first().copied();
            match self.pieces.last_mut() {
                Some(last) if last.0 == at => last.1 = first,
                _ => self.pieces.push((at, first)),
            }
        }
        self.unsorted = self.ranges.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_range_is_found_however_many() {
        let list = |count: u32| {
            let mut ranges = Ranges::default();
            let mut all = Vec::new();
            for n in 0..count {
                let low = i64::from(n * 7919 % 1000) - 500;
                let high = low + i64::from(n % 5) * 20;
                let range = if n % 31 == 0 {
                    i64::MIN..=low
                } else {
                    low..=high
                };
                ranges.insert(EntryId(n), range.clone());
                all.push((EntryId(n), range));
            }
            ranges.settle();
            (ranges, all)
        };
        for count in [0, 5, 200] {
            let (mut ranges, mut all) = list(count);
            for round in 0..3 {
                for value in (-600..600).chain([i64::MIN, i64::MAX]) {
                    let holds =
                        |(_, range): &&(EntryId, RangeInclusive<i64>)| range.contains(&value);
                    let expected = all.iter().find(holds).map(|(id, _)| *id);
                    assert_eq!(ranges.find(value), expected, "{value} {round}");
                }
                for _ in 0..all.len() / 2 {
                    let (id, range) = all.remove(round % all.len());
                    ranges.remove(id, range);
                }
            }
        }
    }
}
