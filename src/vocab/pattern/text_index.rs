//! Texts by hash: whole ones, and the longest prefix or first suffix of a value.
//!
//! One table of 64-bit slots (half of the hash, and the record) with linear probing: a miss costs
//! one memory access, a hit two. Of patterns that say the same only the first is in the table.

use super::counts::Counts;
use super::filter::Filter;
use super::hash::{Parts, Seed};
use super::records::{EntryId, Records};
use std::collections::{BTreeSet, HashMap};

/// How many patterns are compared one by one.
const FEW: usize = 4;

/// From which end parts of values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::vocab) enum Direction {
    /// Whole values and prefixes.
    Forward,
    /// Suffixes.
    Backward,
}

/// What of a pattern's text is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::vocab) enum Shape {
    /// All of it.
    Whole,
    /// What is left without such bytes at its ends.
    Trimmed(&'static Delimiters),
    /// The bytes it writes in hexadecimal.
    Hex,
}

/// Patterns by hash.
#[derive(Clone, Debug)]
pub(in crate::vocab) struct TextIndex {
    shape: Shape,
    direction: Direction,
    fold: bool,
    seed: Seed,
    /// Empty, or a power of two. A slot is the hash and the record plus one, 0 if free.
    slots: Vec<u64>,
    used: usize,
    /// What is in the slots, for look-ups that mostly fail; kept if parts are asked for.
    filter: Option<Filter>,
    duplicates: Duplicates,
    lengths: Counts,
}

impl TextIndex {
    pub(in crate::vocab) fn new(shape: Shape, direction: Direction, fold: bool) -> Self {
        Self {
            shape,
            direction,
            fold,
            seed: Seed::of_process(),
            slots: Vec::new(),
            used: 0,
            filter: None,
            duplicates: Duplicates::default(),
            lengths: Counts::default(),
        }
    }

    /// The same, made for values of which most parts are no pattern.
    pub(in crate::vocab) fn filtered(mut self) -> Self {
        self.filter = Some(Filter::with_room(self.slots.len()));
        self
    }

    /// Bytes of memory used.
    pub(super) fn memory(&self) -> usize {
        self.slots.capacity() * size_of::<u64>()
    }

    /// Makes room for that many more.
    pub(super) fn reserve(&mut self, more: usize) {
        let wanted = slots_for(self.used.saturating_add(more));
        if wanted > self.slots.len() {
            self.resize(wanted);
        }
    }

    pub(in crate::vocab) fn insert(&mut self, id: EntryId, records: &Records) {
        self.with_text(records.key(id), |index, text| {
            let hash = index.hash(text);
            if let Some((at, first)) = index.position(hash, text, records) {
                let first = index.duplicates.add(first, id);
                index.put(at, hash, first);
                return;
            }
            let wanted = slots_for(index.used + 1);
            if wanted > index.slots.len() {
                index.resize(wanted);
            }
            index.place(hash, id);
            index.used += 1;
            if let Some(filter) = &mut index.filter {
                filter.add(hash);
            }
            index.lengths.add(text.len());
        });
    }

    pub(in crate::vocab) fn remove(&mut self, id: EntryId, records: &Records) {
        self.with_text(records.key(id), |index, text| {
            let hash = index.hash(text);
            let Some((at, first)) = index.position(hash, text, records) else {
                return;
            };
            match index.duplicates.remove(first, id) {
                Some(first) => index.put(at, hash, first),
                None if first == id => {
                    index.vacate(at);
                    index.used -= 1;
                    index.lengths.remove(text.len());
                    if index
                        .filter
                        .as_mut()
                        .is_some_and(Filter::outdated_by_one_more)
                    {
                        index.refilter();
                    }
                }
                None => {}
            }
        });
    }

    /// The first pattern that is `value`.
    pub(in crate::vocab) fn exact(&self, value: &[u8], records: &Records) -> Option<EntryId> {
        if self.used == 0 {
            return None;
        }
        let hash = self.hash(value);
        if self.lacks(hash) {
            return None;
        }
        let (_, id) = self.position(hash, value, records)?;
        Some(id)
    }

    fn lacks(&self, hash: u32) -> bool {
        let filter = self.filter.as_ref();
        filter.is_some_and(|filter| !filter.may_have(hash))
    }

    /// The other patterns that say the same as the first one found.
    pub(super) fn equal_to(&self, first: EntryId) -> impl Iterator<Item = EntryId> + '_ {
        self.duplicates.0.get(&first).into_iter().flatten().copied()
    }

    /// The patterns at the end of `value` where parts start, the shortest first.
    pub(in crate::vocab) fn parts<'i>(
        &'i self,
        value: &'i [u8],
        records: &'i Records,
    ) -> impl Iterator<Item = EntryId> + 'i {
        let mut parts = Parts::new(value, self.direction, self.fold, self.seed);
        let fitting = self
            .lengths
            .iter()
            .take_while(|&length| length <= value.len());
        fitting.filter_map(move |length| {
            let hash = parts.hash(length);
            if self.lacks(hash) {
                return None;
            }
            let part = match self.direction {
                Direction::Forward => value.get(..length),
                Direction::Backward => value.get(value.len() - length..),
            };
            Some(self.position(hash, part?, records)?.1)
        })
    }

    /// All patterns while they are so few that comparing is quicker than hashing.
    pub(in crate::vocab) fn few(&self) -> Option<impl Iterator<Item = EntryId>> {
        let used = || self.slots.iter().filter(|slot| **slot != 0);
        (self.used <= FEW).then(|| used().map(|&slot| EntryId((slot as u32) - 1)))
    }

    /// Whether `value` starts (or ends) with that pattern.
    pub(in crate::vocab) fn is_part(&self, id: EntryId, value: &[u8], records: &Records) -> bool {
        let key = records.key(id);
        let part = match self.direction {
            Direction::Forward => value.get(..key.len()),
            Direction::Backward => {
                let start = value.len().checked_sub(key.len());
                start.and_then(|start| value.get(start..))
            }
        };
        part.is_some_and(|part| self.is_same(key, part))
    }

    fn hash(&self, text: &[u8]) -> u32 {
        Parts::new(text, self.direction, self.fold, self.seed).hash(text.len())
    }

    /// Calls `work` with the bytes of a pattern that are compared.
    fn with_text<R>(&mut self, key: &[u8], work: impl FnOnce(&mut Self, &[u8]) -> R) -> R {
        match self.shape {
            Shape::Whole => work(self, key),
            Shape::Trimmed(delimiters) => work(self, trimmed(key, delimiters)),
            Shape::Hex => {
                let bytes: Vec<u8> = hex_bytes(key).collect();
                work(self, &bytes)
            }
        }
    }

    fn is_same(&self, key: &[u8], value: &[u8]) -> bool {
        let key = match self.shape {
            Shape::Whole => key,
            Shape::Trimmed(delimiters) => trimmed(key, delimiters),
            Shape::Hex => return hex_bytes(key).eq(value.iter().copied()),
        };
        match self.fold {
            true => key.eq_ignore_ascii_case(value),
            false => key == value,
        }
    }

    /// Where a text is, and its first record.
    fn position(&self, hash: u32, text: &[u8], records: &Records) -> Option<(usize, EntryId)> {
        let mut at = self.home(hash);
        loop {
            let slot = self.slots.get(at).copied().filter(|&slot| slot != 0)?;
            if (slot >> 32) as u32 == hash {
                let id = EntryId((slot as u32) - 1);
                if self.is_same(records.key(id), text) {
                    return Some((at, id));
                }
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    fn home(&self, hash: u32) -> usize {
        match self.slots.len() {
            0 => 0,
            // The highest bits, as many as there are slots.
            slots => ((u64::from(hash) * slots as u64) >> 32) as usize,
        }
    }

    fn put(&mut self, at: usize, hash: u32, id: EntryId) {
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = (u64::from(hash) << 32) | (u64::from(id.0) + 1);
        }
    }

    /// Takes the first free slot. There is one: a quarter is free at least.
    fn place(&mut self, hash: u32, id: EntryId) {
        let mut at = self.home(hash);
        while self.slots.get(at).is_some_and(|&slot| slot != 0) {
            at = (at + 1) & (self.slots.len() - 1);
        }
        self.put(at, hash, id);
    }

    /// Frees a slot and moves those behind it up that were pushed away from it.
    fn vacate(&mut self, mut free: usize) {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = free;
        loop {
            at = (at + 1) & mask;
            let slot = self.slots.get(at).copied().unwrap_or(0);
            if slot == 0 {
                break;
            }
            let home = self.home((slot >> 32) as u32);
            let (gap, distance) = (at.wrapping_sub(free) & mask, at.wrapping_sub(home) & mask);
            if distance >= gap {
                self.slots.swap(free, at);
                free = at;
            }
        }
        if let Some(slot) = self.slots.get_mut(free) {
            *slot = 0;
        }
    }

    fn resize(&mut self, slots: usize) {
        let old = std::mem::replace(&mut self.slots, vec![0; slots]);
        for slot in old.into_iter().filter(|&slot| slot != 0) {
            self.place((slot >> 32) as u32, EntryId((slot as u32) - 1));
        }
        self.refilter();
    }

    /// Makes the filter anew from what is in the slots.
    fn refilter(&mut self) {
        if let Some(filter) = &mut self.filter {
            *filter = Filter::with_room(self.slots.len());
            let used = self.slots.iter().filter(|slot| **slot != 0);
            used.for_each(|slot| filter.add((slot >> 32) as u32));
        }
    }

    /// The length of the shortest pattern.
    pub(in crate::vocab) fn shortest(&self) -> Option<usize> {
        self.lengths.iter().next()
    }

    /// The hash of a text's first bytes.
    pub(in crate::vocab) fn hash_of_start(&self, text: &[u8], length: usize) -> u32 {
        Parts::new(text, self.direction, self.fold, self.seed).hash(length)
    }
}

/// So many that at least a quarter stays free.
fn slots_for(used: usize) -> usize {
    (used + used / 3 + 1).next_power_of_two().max(8)
}

/// The bytes that stand between parts of a value.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::vocab) struct Delimiters([bool; 256]);

impl Delimiters {
    #[allow(
        clippy::indexing_slicing,
        reason = "bytes are less than 256; run by the compiler"
    )]
    pub(in crate::vocab) const fn new(bytes: &[u8]) -> Self {
        let mut known = [false; 256];
        let mut at = 0;
        while at < bytes.len() {
            known[bytes[at] as usize] = true;
            at += 1;
        }
        Self(known)
    }

    pub(in crate::vocab) fn has(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte)).is_some_and(|known| *known)
    }
}

/// A text without delimiters at its ends.
pub(in crate::vocab) fn trimmed<'t>(text: &'t [u8], delimiters: &Delimiters) -> &'t [u8] {
    let kept = |byte: &u8| !delimiters.has(*byte);
    let start = text.iter().position(kept).unwrap_or(text.len());
    let end = text.iter().rposition(kept).map_or(start, |at| at + 1);
    text.get(start..end).unwrap_or_default()
}

fn hex_bytes(text: &[u8]) -> impl Iterator<Item = u8> + '_ {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).unwrap_or(0) as u8;
    text.chunks(2)
        .map(move |pair| pair.iter().fold(0, |sum, byte| sum << 4 | digit(byte)))
}

/// Calls `found` with the parts of `text` that start at the beginning or after a delimiter and
/// end before the delimiter so many further, or at the end. Empty parts are left out.
pub(in crate::vocab) fn delimited<'t>(
    text: &'t [u8],
    delimiters: &Delimiters,
    further: &Counts,
    mut found: impl FnMut(&'t [u8]),
) {
    let next = |from: usize| {
        let rest = text.get(from..).unwrap_or_default();
        let length = rest.iter().position(|&byte| delimiters.has(byte));
        length.map_or(text.len(), |length| from + length)
    };
    let mut from = 0;
    while from < text.len() {
        let first_end = next(from);
        if first_end > from {
            let (mut end, mut passed) = (first_end, 0);
            for wanted in further.iter() {
                while passed < wanted && end < text.len() {
                    end = next(end + 1);
                    passed += 1;
                }
                if passed < wanted {
                    break;
                }
                found(text.get(from..end).unwrap_or_default());
            }
        }
        from = first_end + 1;
    }
}

/// Records that say the same as another one, by the first of them.
#[derive(Clone, Debug, Default)]
pub(in crate::vocab) struct Duplicates(HashMap<EntryId, BTreeSet<EntryId>>);

impl Duplicates {
    /// Notes that both are equal; which is first now.
    pub(in crate::vocab) fn add(&mut self, first: EntryId, id: EntryId) -> EntryId {
        if first < id {
            self.0.entry(first).or_default().insert(id);
            return first;
        }
        let mut others = self.0.remove(&first).unwrap_or_default();
        others.insert(first);
        self.0.insert(id, others);
        id
    }

    /// Forgets one of those equal to `first`; which is first now, if any is left.
    pub(in crate::vocab) fn remove(&mut self, first: EntryId, id: EntryId) -> Option<EntryId> {
        let mut others = self.0.remove(&first)?;
        let first = match first == id {
            true => others.pop_first()?,
            false => {
                others.remove(&id);
                first
            }
        };
        if !others.is_empty() {
            self.0.insert(first, others);
        }
        Some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(
        keys: &[&str],
        shape: Shape,
        direction: Direction,
        fold: bool,
    ) -> (TextIndex, Records) {
        let mut records = Records::default();
        let mut index = TextIndex::new(shape, direction, fold);
        for key in keys {
            let id = records.push(key.as_bytes(), b"", 1).unwrap();
            index.insert(id, &records);
        }
        (index, records)
    }

    fn texts(ids: impl Iterator<Item = EntryId>, records: &Records) -> Vec<String> {
        ids.map(|id| String::from_utf8_lossy(records.key(id)).into_owned())
            .collect()
    }

    #[test]
    fn parts_of_values() {
        let keys = ["/a", "/api", "/api/v1/users", "/API"];
        let (index, records) = build(&keys, Shape::Whole, Direction::Forward, false);
        let found = texts(index.parts(b"/api/v1/users/7", &records), &records);
        assert_eq!(found, ["/a", "/api", "/api/v1/users"]);
        let (index, records) = build(&[".png", "g"], Shape::Whole, Direction::Backward, true);
        assert_eq!(
            texts(index.parts(b"x.PNG", &records), &records),
            ["g", ".png"]
        );
    }

    #[test]
    fn many_texts_come_and_go() {
        let keys: Vec<String> = (0..5000).map(|n| format!("key{}", n * 7919)).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let (mut index, records) = build(&keys, Shape::Whole, Direction::Forward, false);
        let ids: Vec<EntryId> = records.ids().collect();
        for (at, id) in ids.iter().enumerate() {
            if at % 3 == 0 {
                index.remove(*id, &records);
            }
        }
        for (at, (key, id)) in keys.iter().zip(&ids).enumerate() {
            let expected = (at % 3 != 0).then_some(*id);
            assert_eq!(index.exact(key.as_bytes(), &records), expected, "{key}");
        }
        assert_eq!(index.exact(b"key", &records), None);
    }

    #[test]
    fn the_first_of_equals_is_found() {
        let (mut index, records) = build(
            &["a", "A", "b", "a"],
            Shape::Whole,
            Direction::Forward,
            true,
        );
        let ids: Vec<EntryId> = records.ids().collect();
        let mut left = vec![ids[0], ids[1], ids[3]];
        while let Some(&first) = left.first() {
            assert_eq!(index.exact(b"a", &records), Some(first));
            index.remove(first, &records);
            left.remove(0);
        }
        assert_eq!(index.exact(b"a", &records), None);
        index.insert(ids[3], &records);
        index.insert(ids[0], &records);
        assert_eq!(index.exact(b"A", &records), Some(ids[0]));
    }

    #[test]
    fn parts_between_delimiters() {
        let check = |text: &str, numbers: &[usize], expected: &[&str]| {
            let mut found = Vec::new();
            let mut further = Counts::default();
            numbers.iter().for_each(|&number| further.add(number));
            delimited(text.as_bytes(), &Delimiters::new(b"/?"), &further, |part| {
                found.push(String::from_utf8_lossy(part).into_owned());
            });
            assert_eq!(found, expected);
        };
        check("/a/b?c", &[0], &["a", "b", "c"]);
        check("/a/b", &[0, 1], &["a", "a/b", "b"]);
        check("", &[0], &[]);
        check("a//b/", &[1, 2], &["a/", "a//b", "b/"]);
        check("abc", &[1], &[]);
    }
}
