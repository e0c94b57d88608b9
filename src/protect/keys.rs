//! Values by key: a bounded map whose values are atomics that all workers share.
//!
//! What must hold: never more than `size` keys; using a key that is known takes one shared lock of
//! one part of the map and allocates nothing. A full map gives up the value that is spare, first
//! the one that matters least in the part where room is needed. Deliberately absent: what a value
//! is, and time, which the value's owner knows.

use crate::table::Key;
use parking_lot::RwLock;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU32, Ordering};

/// Keys of one part, about: what making room looks through.
const PART: u32 = 1024;
/// Parts are swept in so many turns.
const TURNS: usize = 64;
/// So few keys in a part are left alone: whoever comes again finds his own.
const FEW: usize = 32;

type Part<V> = RwLock<HashMap<Key, V>>;

/// A map of at most `size` keys.
#[derive(Debug)]
pub(super) struct Keys<V> {
    parts: Box<[Part<V>]>,
    size: u32,
    used: AtomicU32,
    /// The part the next sweep begins with.
    next: AtomicU32,
    hasher: RandomState,
}

impl<V> Keys<V> {
    pub(super) fn new(size: u32) -> Self {
        let parts = size.div_ceil(PART).max(1);
        Self {
            parts: (0..parts).map(|_| RwLock::default()).collect(),
            size: size.max(1),
            used: AtomicU32::new(0),
            next: AtomicU32::new(0),
            hasher: RandomState::new(),
        }
    }

    /// How many keys there are.
    pub(super) fn len(&self) -> u32 {
        self.used.load(Ordering::Relaxed)
    }

    /// Uses the value of a key, which is made if there is none. `spare` says whether a value can
    /// go, and how much it matters: 0 is of no use any more. `None` if the map is full of values
    /// that cannot go.
    pub(super) fn with<R>(
        &self,
        key: &[u8],
        make: impl FnOnce() -> V,
        spare: impl Fn(&V) -> Option<u64>,
        mut take: impl FnMut(&V) -> R,
    ) -> Option<R> {
        let at = self.place(key);
        let part = self.parts.get(at)?;
        if let Some(value) = part.read().get(key) {
            return Some(take(value));
        }
        loop {
            let mut values = part.write();
            if let Some(value) = values.get(key) {
                return Some(take(value));
            }
            if self.used.fetch_add(1, Ordering::AcqRel) < self.size
                || self.make_room_in(&mut values, &spare)
            {
                return Some(take(values.entry(Key::new(key)).or_insert_with(make)));
            }
            self.used.fetch_sub(1, Ordering::AcqRel);
            drop(values);
            // Nothing can go here: elsewhere, one part at a time so that no two are locked.
            let mut others = self.parts.iter();
            if !others.any(|other| self.make_room_in(&mut other.write(), &spare)) {
                return None;
            }
        }
    }

    /// Forgets a key.
    pub(super) fn remove(&self, key: &[u8]) -> bool {
        let part = self.parts.get(self.place(key));
        let removed = part.and_then(|part| part.write().remove(key)).is_some();
        if removed {
            self.used.fetch_sub(1, Ordering::AcqRel);
        }
        removed
    }

    /// Shows every key and value; one part is held at a time.
    pub(super) fn each(&self, mut visit: impl FnMut(&Key, &V)) {
        for part in &self.parts {
            part.read()
                .iter()
                .for_each(|(key, value)| visit(key, value));
        }
    }

    /// Forgets the keys of some parts whose values are of no use any more. Called now and then.
    pub(super) fn sweep(&self, spare: impl Fn(&V) -> Option<u64>) {
        for _ in 0..self.parts.len().div_ceil(TURNS) {
            let next = self.next.fetch_add(1, Ordering::Relaxed) as usize;
            let Some(part) = self.parts.get(next % self.parts.len().max(1)) else {
                return;
            };
            if part.read().len() <= FEW {
                continue;
            }
            let mut values = part.write();
            self.keep(&mut values, |value| spare(value) != Some(0));
            if values.len() < values.capacity() / 4 {
                values.shrink_to_fit();
            }
        }
    }

    /// Removes what is of no use, or if all is of some the value that matters least; whether any
    /// was removed.
    fn make_room_in(
        &self,
        values: &mut HashMap<Key, V>,
        spare: &impl Fn(&V) -> Option<u64>,
    ) -> bool {
        if self.keep(values, |value| spare(value) != Some(0)) > 0 {
            return true;
        }
        let ranked = values
            .iter()
            .filter_map(|(key, value)| Some((spare(value)?, key)));
        let least = ranked
            .min_by_key(|(rank, _)| *rank)
            .map(|(_, key)| key.clone());
        let removed = least.is_some_and(|key| values.remove(&key).is_some());
        self.used.fetch_sub(u32::from(removed), Ordering::AcqRel);
        removed
    }

    /// Keeps those values; how many went.
    fn keep(&self, values: &mut HashMap<Key, V>, is_kept: impl Fn(&V) -> bool) -> u32 {
        let before = values.len();
        values.retain(|_, value| is_kept(value));
        let removed = (before - values.len()) as u32;
        self.used.fetch_sub(removed, Ordering::AcqRel);
        removed
    }

    fn place(&self, key: &[u8]) -> usize {
        match self.parts.len() {
            0 | 1 => 0,
            parts => self.hasher.hash_one(key) as usize % parts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU64;

    fn put(keys: &Keys<AtomicU64>, key: u32, rank: u64) -> Option<u64> {
        let spare = |value: &AtomicU64| match value.load(Ordering::Relaxed) {
            u64::MAX => None,
            rank => Some(rank),
        };
        let make = || AtomicU64::new(rank);
        keys.with(&key.to_be_bytes(), make, spare, |v| {
            v.load(Ordering::Relaxed)
        })
    }

    fn has(keys: &Keys<AtomicU64>, key: u32) -> bool {
        let mut found = false;
        keys.each(|known, _| found |= known.bytes() == key.to_be_bytes());
        found
    }

    #[test]
    fn who_matters_least_goes_first() {
        let keys = Keys::new(3);
        for (key, rank) in [(1, 30), (2, 10), (3, 20)] {
            assert_eq!(put(&keys, key, rank), Some(rank));
        }
        assert_eq!(put(&keys, 2, 99), Some(10), "a known key keeps its value");
        assert_eq!(put(&keys, 4, 40), Some(40));
        assert_eq!(
            [1, 2, 3, 4].map(|key| has(&keys, key)),
            [true, false, true, true]
        );
        assert_eq!(keys.len(), 3);
        assert!(keys.remove(&3_u32.to_be_bytes()) && !keys.remove(&3_u32.to_be_bytes()));
        assert_eq!(put(&keys, 5, 0), Some(0));
        assert_eq!(put(&keys, 6, 7), Some(7));
        assert!(!has(&keys, 5), "of no use: gone before anything else");
    }

    #[test]
    fn what_cannot_go_stays() {
        let keys = Keys::new(2);
        put(&keys, 1, u64::MAX);
        put(&keys, 2, u64::MAX);
        assert_eq!(put(&keys, 3, 1), None);
        assert_eq!((keys.len(), has(&keys, 1), has(&keys, 2)), (2, true, true));
    }

    #[test]
    fn many_keys_are_bounded_and_swept() {
        let keys = Keys::new(5_000);
        for key in 0..20_000 {
            assert!(put(&keys, key, u64::from(key) + 1).is_some());
            assert!(keys.len() <= 5_000);
        }
        let mut seen = 0;
        keys.each(|_, _| seen += 1);
        assert_eq!(seen, 5_000);
        for _ in 0..TURNS {
            keys.sweep(|_| Some(0));
        }
        assert_eq!(keys.len(), 0);
    }

    #[test]
    fn room_is_made_in_other_parts() {
        let keys = Keys::new(PART * 2);
        let other = |key: &u32| keys.place(&key.to_be_bytes()) == 1;
        for key in (0..20_000).filter(other).take(PART as usize * 2) {
            put(&keys, key, 5);
        }
        let here = (0..20_000_u32).find(|key| !other(key)).unwrap();
        assert_eq!(put(&keys, here, 9), Some(9));
        assert_eq!(keys.len(), PART * 2);
    }
}
