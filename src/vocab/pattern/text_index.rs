//! Texts by hash: whole ones, and the longest prefix or first suffix of a value.
//!
//! One table of 64-bit slots (half of the hash, and the record) with linear probing: a miss costs
//! one memory access, a hit two. Of patterns that say the same only the first is in the table.

use super::hash::{Parts, Seed};
use super::records::{EntryId, Records};
use std::collections::{BTreeSet, HashMap};

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
    Trimmed(&'static [u8]),
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
    duplicates: Duplicates,
    /// Lengths that occur, ascending, and how often.
    lengths: Vec<(usize, usize)>,
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
            duplicates: Duplicates::default(),
            lengths: Vec::new(),
        }
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
            match index.lengths.binary_search_by_key(&text.len(), |l| l.0) {
                Ok(at) => index.lengths.get_mut(at).into_iter().for_each(|l| l.1 += 1),
                Err(at) => index.lengths.insert(at, (text.len(), 1)),
            }
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
                    index.forget_length(text.len());
                }
                None => {}
            }
        });
    }

    fn forget_length(&mut self, length: usize) {
        if let Ok(at) = self.lengths.binary_search_by_key(&length, |l| l.0) {
            match self.lengths.get_mut(at) {
                Some((_, count)) if *count > 1 => *count -= 1,
                _ => drop(self.lengths.remove(at)),
            }
        }
    }

    /// The first pattern that is `value`.
    pub(in crate::vocab) fn exact(&self, value: &[u8], records: &Records) -> Option<EntryId> {
        if self.used == 0 {
            return None;
        }
        let (_, id) = self.position(self.hash(value), value, records)?;
        Some(id)
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
        let lengths = self.lengths.iter().map(|&(length, _)| length);
        let fitting = lengths.take_while(|&length| length <= value.len());
        fitting.filter_map(move |length| {
            let hash = parts.hash(length);
            let part = match self.direction {
                Direction::Forward => value.get(..length),
                Direction::Backward => value.get(value.len() - length..),
            };
            Some(self.position(hash, part?, records)?.1)
        })
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
            *slot = u64::from(hash) << 32 | u64::from(id.0) + 1;
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
    }
}

/// So many that at least a quarter stays free.
fn slots_for(used: usize) -> usize {
    (used + used / 3 + 1).next_power_of_two().max(8)
}

/// A text without delimiters at its ends.
pub(in crate::vocab) fn trimmed<'t>(text: &'t [u8], delimiters: &[u8]) -> &'t [u8] {
    let kept = |byte: &u8| !delimiters.contains(byte);
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
/// end before the delimiter so many further, or at the end.
pub(in crate::vocab) fn delimited<'t>(
    text: &'t [u8],
    delimiters: &[u8],
    further: &[(usize, usize)],
    mut found: impl FnMut(&'t [u8]),
) {
    let is_delimiter = |at: &usize| text.get(*at).is_some_and(|b| delimiters.contains(b));
    let mut start = Some(0);
    while let Some(from) = start {
        let mut ends = (from..text.len())
            .filter(is_delimiter)
            .chain([text.len()])
            .enumerate();
        for &(wanted, _) in further {
            let Some((_, end)) = ends.find(|(index, _)| *index == wanted) else {
                break;
            };
            found(text.get(from..end).unwrap_or_default());
        }
        start = (from..text.len()).find(is_delimiter).map(|at| at + 1);
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
        let check = |text: &str, further: &[(usize, usize)], expected: &[&str]| {
            let mut found = Vec::new();
            delimited(text.as_bytes(), b"/?", further, |part| {
                found.push(String::from_utf8_lossy(part).into_owned());
            });
            assert_eq!(found, expected);
        };
        check("/a/b?c", &[(0, 1)], &["", "a", "b", "c"]);
        check("/a/b", &[(0, 1), (1, 1)], &["", "/a", "a", "a/b", "b"]);
        check("", &[(0, 1)], &[""]);
        check("abc", &[(1, 1)], &[]);
    }
}
