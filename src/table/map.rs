//! The entries of a table by key.
//!
//! dashmap's shards, asked with a hash that is made once per operation: SipHash under a secret that
//! the table draws when it is made, so that nobody can choose keys that collide. Whatever a caller
//! passes in runs while one shard is locked: it must be short and must not come back here.
//! Deliberately absent: which entries live, and who goes when there is no room.

use super::entry::Entry;
use dashmap::{DashMap, SharedValue};
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A map with room for so many entries is not made smaller.
const LEAST_ROOM: usize = 8192;

/// Entries that [`Map::remove_all`] takes at once.
pub(super) const BATCH: usize = 16;

/// The map.
#[derive(Debug)]
pub(super) struct Map {
    shards: DashMap<Filed, ()>,
    secret: RandomState,
    used: AtomicU32,
    /// Most entries it holds.
    size: u32,
}

/// An entry as dashmap's key.
#[derive(Debug)]
struct Filed(Arc<Entry>);

impl Hash for Filed {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(self.0.key());
    }
}

impl PartialEq for Filed {
    fn eq(&self, other: &Self) -> bool {
        self.0.key() == other.0.key()
    }
}

impl Eq for Filed {}

/// What became of an entry that was to be put in.
pub(super) enum Put<T> {
    /// Its key has a live entry already.
    Known(T),
    /// It is in.
    New(T),
    /// There is no room.
    Full,
}

/// What became of an entry that was to be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Removal {
    /// It is gone.
    Done,
    /// Somebody refers to it.
    InUse,
    /// It was not here.
    Absent,
}

impl Map {
    pub(super) fn new(size: u32, shards: usize) -> Self {
        let secret = RandomState::new();
        Self {
            shards: DashMap::with_hasher_and_shard_amount(secret.clone(), shards.max(2)),
            secret,
            used: AtomicU32::new(0),
            size,
        }
    }

    pub(super) fn hash(&self, key: &[u8]) -> u64 {
        let mut hasher = self.secret.build_hasher();
        hasher.write(key);
        hasher.finish()
    }

    /// The shard of a key's hash.
    pub(super) fn shard(&self, hash: u64) -> usize {
        self.shards.determine_shard(hash as usize)
    }

    /// How many entries there are.
    pub(super) fn used(&self) -> u32 {
        self.used.load(Ordering::Relaxed)
    }

    /// Shows the entry of a key to `visit`; it is not removed meanwhile.
    #[inline]
    pub(super) fn find<T>(
        &self,
        hash: u64,
        key: &[u8],
        visit: impl FnOnce(&Arc<Entry>) -> Option<T>,
    ) -> Option<T> {
        let shard = self.shards.shards().get(self.shard(hash))?.read();
        let (Filed(entry), _) = shard.get(hash, |(filed, _)| filed.0.key() == key)?;
        visit(entry)
    }

    /// Puts an entry in, unless there is a live one of its key; one that is not live makes way.
    /// `take` sees the entry that is in then, before anybody else does.
    pub(super) fn put<T>(
        &self,
        hash: u64,
        fresh: &Arc<Entry>,
        is_live: impl FnOnce(&Entry) -> bool,
        take: impl FnOnce(&Arc<Entry>) -> T,
    ) -> Put<T> {
        let Some(shard) = self.shards.shards().get(self.shard(hash)) else {
            return Put::Full;
        };
        let mut shard = shard.write();
        let key = fresh.key();
        if let Some((Filed(old), _)) = shard.get(hash, |(filed, _)| filed.0.key() == key) {
            if is_live(old) {
                return Put::Known(take(old));
            }
            shard.remove_entry(hash, |(filed, _)| filed.0.key() == key);
            self.used.fetch_sub(1, Ordering::AcqRel);
        }
        if self.used.fetch_add(1, Ordering::AcqRel) >= self.size {
            self.used.fetch_sub(1, Ordering::AcqRel);
            return Put::Full;
        }
        let taken = take(fresh);
        let filed = (Filed(Arc::clone(fresh)), SharedValue::new(()));
        shard.insert(hash, filed, |(filed, _)| self.hash(filed.0.key()));
        Put::New(taken)
    }

    /// Removes an entry unless somebody refers to it.
    pub(super) fn remove(&self, entry: &Arc<Entry>) -> Removal {
        let mut removal = Removal::Absent;
        self.remove_all(std::slice::from_ref(entry), |_, what| removal = what);
        removal
    }

    /// Removes entries, at most [`BATCH`], to whom nobody refers, and tells what became of each.
    /// Neighbours of one shard cost one lock, and what the processor has to fetch for them it
    /// fetches at the same time.
    pub(super) fn remove_all(
        &self,
        entries: &[Arc<Entry>],
        mut tell: impl FnMut(&Arc<Entry>, Removal),
    ) {
        // Freed at the end: to count a reference down would wait for all that is being fetched.
        let mut gone: [Option<Filed>; BATCH] = Default::default();
        let (mut at, mut locked) = (usize::MAX, None);
        for (entry, gone) in entries.iter().zip(&mut gone) {
            let hash = self.hash(entry.key());
            let own = self.shard(hash);
            if own != at {
                drop(locked.take());
                locked = self.shards.shards().get(own).map(|shard| shard.write());
                at = own;
            }
            let Some(shard) = &mut locked else {
                continue;
            };
            let is_it = |filed: &Filed| Arc::ptr_eq(&filed.0, entry);
            let unused = |filed: &Filed| is_it(filed) && entry.references() == 0;
            let removed = shard.remove_entry(hash, |(filed, _)| unused(filed));
            *gone = removed.map(|(filed, _)| filed);
            let removal = match gone {
                Some(_) => Removal::Done,
                None if shard.get(hash, |(filed, _)| is_it(filed)).is_some() => Removal::InUse,
                None => Removal::Absent,
            };
            tell(entry, removal);
        }
        drop(locked);
        let count = gone.iter().flatten().count();
        self.used.fetch_sub(count as u32, Ordering::AcqRel);
    }

    /// Gives back the room of what has gone, once that is most of it.
    pub(super) fn shrink(&self) {
        let room = self.shards.capacity();
        if room > LEAST_ROOM && (self.used() as usize) < room / 8 {
            self.shards.shrink_to_fit();
        }
    }

    /// All entries, in no order. Shards are read one after the other and let go at once, so that
    /// traffic never waits for whoever looks at them.
    pub(super) fn entries(&self) -> impl Iterator<Item = Arc<Entry>> {
        self.shards.iter().map(|filed| Arc::clone(&filed.key().0))
    }
}

#[cfg(test)]
mod tests {
    use super::super::data::Layout;
    use super::super::key::Key;
    use super::*;

    fn entry(key: &[u8]) -> Arc<Entry> {
        Arc::new(Entry::new(Key::new(key), &Layout::default()))
    }

    fn put(map: &Map, entry: &Arc<Entry>, live: bool) -> &'static str {
        let hash = map.hash(entry.key());
        match map.put(hash, entry, |_| live, |_| ()) {
            Put::Known(()) => "known",
            Put::New(()) => "new",
            Put::Full => "full",
        }
    }

    fn has(map: &Map, entry: &Arc<Entry>) -> bool {
        let key = entry.key();
        let found = map.find(map.hash(key), key, |found| Some(Arc::ptr_eq(found, entry)));
        found.unwrap_or(false)
    }

    #[test]
    fn a_key_has_one_entry_and_there_are_no_more_than_fit() {
        let map = Map::new(2, 1);
        let (a, again, b, c) = (entry(b"a"), entry(b"a"), entry(b"b"), entry(b"c"));
        assert_eq!(put(&map, &a, true), "new");
        assert_eq!(put(&map, &again, true), "known");
        assert_eq!(put(&map, &again, false), "new");
        assert!(has(&map, &again) && !has(&map, &a));
        assert_eq!((put(&map, &b, true), map.used()), ("new", 2));
        assert_eq!((put(&map, &c, true), map.used()), ("full", 2));
    }

    #[test]
    fn only_what_is_here_and_nobody_uses_is_removed() {
        let map = Map::new(100, 2);
        let all: Vec<_> = (0..BATCH as u8).map(|key| entry(&[key])).collect();
        for entry in &all {
            put(&map, entry, true);
        }
        all[3].references.store(1, Ordering::Relaxed);
        let twin = entry(&[5]);
        assert_eq!(map.remove(&twin), Removal::Absent);
        let mut told = Vec::new();
        map.remove_all(&all, |_, removal| told.push(removal));
        let expected = |at: usize| {
            if at == 3 {
                Removal::InUse
            } else {
                Removal::Done
            }
        };
        assert_eq!(told, (0..BATCH).map(expected).collect::<Vec<_>>());
        assert_eq!(map.used(), 1);
        assert!(has(&map, &all[3]) && !has(&map, &all[4]));
        all[3].references.store(0, Ordering::Relaxed);
        assert_eq!(map.remove(&all[3]), Removal::Done);
        assert_eq!(map.remove(&all[3]), Removal::Absent);
    }

    #[test]
    fn what_has_gone_takes_no_room() {
        let map = Map::new(100_000, 64);
        let all: Vec<_> = (0..100_000_u32)
            .map(|key| entry(&key.to_be_bytes()))
            .collect();
        for entry in &all {
            put(&map, entry, true);
        }
        map.shrink();
        assert!(map.shards.capacity() >= 100_000);
        for some in all[1..].chunks(BATCH) {
            map.remove_all(some, |_, _| {});
        }
        map.shrink();
        assert!(map.shards.capacity() <= LEAST_ROOM);
        assert!(has(&map, &all[0]));
    }
}
