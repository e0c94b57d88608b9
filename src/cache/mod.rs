//! What `cache` sections keep: whole responses, by host and URI, and by what they vary on.
//!
//! A lookup is one short lock. What must hold: all entries of a cache together, and each of them,
//! stay within its bounds; an entry past its time is never given out. Deliberately absent: which responses
//! may be kept (`proxy::caching`), and how one is sent.

mod vary;

pub use vary::{Accepted, Varying};

use parking_lot::Mutex;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A `cache` section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheSpec {
    /// Its name.
    pub name: Box<str>,
    /// `total-max-size`, in bytes.
    pub total: usize,
    /// `max-object-size`: head and body of one response, in bytes.
    pub most: usize,
    /// `max-age`, in seconds.
    pub max_age_s: u32,
    /// `process-vary`.
    pub varies: bool,
    /// `max-secondary-entries`: responses of one URI that vary.
    pub most_varying: usize,
}

/// Host and URI of a request.
pub type Key = Box<[u8]>;

/// A response that is kept.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its key.
    pub key: Key,
    /// The lines of its headers, without those about its length and its age.
    pub headers: Vec<u8>,
    /// The words behind its status.
    pub reason: Box<[u8]>,
    /// Its whole body.
    pub body: Vec<u8>,
    /// What it varies on.
    pub varying: Varying,
    /// How old it was when it came, in seconds.
    pub age_s: u32,
    /// When it came, UNIX seconds.
    pub stored_s: i64,
    /// Until when it is fresh, UNIX seconds.
    pub fresh_until_s: i64,
    /// When it changed last, UNIX seconds.
    pub last_modified_s: i64,
    /// Its ETag; empty without one.
    pub etag: Box<[u8]>,
}

impl Entry {
    /// An empty one, of no age.
    pub fn new(key: Key) -> Self {
        Self {
            key,
            headers: Vec::new(),
            reason: Box::default(),
            body: Vec::new(),
            varying: Varying::default(),
            age_s: 0,
            stored_s: 0,
            fresh_until_s: 0,
            last_modified_s: 0,
            etag: Box::default(),
        }
    }

    /// What it takes of the cache's room, in bytes.
    pub fn size(&self) -> usize {
        self.key.len() + self.headers.len() + self.body.len() + size_of::<Self>()
    }

    /// Its age, in seconds (RFC 9111 §4.2.3).
    pub fn age_at(&self, now_s: i64) -> i64 {
        i64::from(self.age_s) + (now_s - self.stored_s).max(0)
    }
}

/// The responses of one section.
#[derive(Debug)]
pub struct Cache {
    spec: CacheSpec,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    by_key: HashMap<Key, Vec<Arc<Slot>>>,
    /// In the order they came; those that were used since get another turn.
    turns: VecDeque<Arc<Slot>>,
    size: usize,
}

#[derive(Debug)]
struct Slot {
    entry: Arc<Entry>,
    /// Whether it was given out since it was last looked at for removal.
    used: AtomicBool,
}

/// What a request has to do with caches.
#[derive(Clone, Debug, Default)]
pub struct Use {
    /// What it would be found under; `None` unless a rule asked.
    pub key: Option<Key>,
    /// What it accepts.
    pub accepted: Accepted,
    /// The response that was found, and the name of its cache.
    pub hit: Option<(Arc<Cache>, Arc<Entry>)>,
    /// The response that is being kept, and where.
    pub storing: Option<(Arc<Cache>, Entry)>,
    /// How often it was looked for, by rules of the frontend and of the backend.
    pub lookups: [u32; 2],
    /// How often it was found.
    pub hits: [u32; 2],
}

impl Use {
    /// Forgets everything.
    pub fn clear(&mut self) {
        self.key = None;
        self.accepted = Accepted::default();
        self.hit = None;
        self.storing = None;
        self.lookups = [0; 2];
        self.hits = [0; 2];
    }

    /// Notes that a rule of the frontend, or of the backend, looked for it.
    pub fn looked(&mut self, in_backend: bool, found: bool) {
        let side = usize::from(in_backend);
        let [lookups, hits] =
            [&mut self.lookups, &mut self.hits].map(|counts| counts.get_mut(side));
        if let (Some(lookups), Some(hits)) = (lookups, hits) {
            *lookups += 1;
            *hits += u32::from(found);
        }
    }
}

impl Cache {
    /// An empty one.
    pub fn new(spec: CacheSpec) -> Self {
        Self {
            spec,
            kept: Mutex::default(),
        }
    }

    /// Its section.
    pub fn spec(&self) -> &CacheSpec {
        &self.spec
    }

    /// The fresh response for such a request.
    pub fn find(&self, key: &[u8], accepted: &Accepted, now_s: i64) -> Option<Arc<Entry>> {
        let kept = self.kept.lock();
        let fits = |slot: &&Arc<Slot>| {
            now_s < slot.entry.fresh_until_s && slot.entry.varying.suits(accepted)
        };
        let found = kept.by_key.get(key)?.iter().find(fits)?;
        found.used.store(true, Ordering::Relaxed);
        Some(Arc::clone(&found.entry))
    }

    /// Keeps a response instead of one that is for the same requests. Whether it does.
    pub fn store(&self, entry: Entry, now_s: i64) -> bool {
        let size = entry.size();
        if size > self.spec.total || entry.body.len() + entry.headers.len() > self.spec.most {
            return false;
        }
        let mut kept = self.kept.lock();
        let same: Vec<_> = (kept.by_key.get(&entry.key).into_iter().flatten())
            .filter(|other| {
                let other = &other.entry;
                other.varying == entry.varying || now_s >= other.fresh_until_s
            })
            .cloned()
            .collect();
        same.iter().for_each(|other| kept.remove(other));
        let others = kept.by_key.get(&entry.key).map_or(0, Vec::len);
        if others >= self.spec.most_varying {
            return false;
        }
        while kept.size + size > self.spec.total && kept.make_room(now_s) {}
        kept.add(entry);
        true
    }

    /// Responses that are fresh, in no order.
    pub fn entries(&self, now_s: i64) -> Vec<Arc<Entry>> {
        let kept = self.kept.lock();
        let fresh = |slot: &&Arc<Slot>| now_s < slot.entry.fresh_until_s;
        let entries = kept.turns.iter().filter(fresh);
        entries.map(|slot| Arc::clone(&slot.entry)).collect()
    }

    /// Bytes that nothing is kept in.
    pub fn room(&self) -> usize {
        self.spec.total.saturating_sub(self.kept.lock().size)
    }

    /// Forgets all responses of a key.
    pub fn forget(&self, key: &[u8]) {
        let mut kept = self.kept.lock();
        let entries = kept.by_key.get(key).cloned().unwrap_or_default();
        entries.iter().for_each(|entry| kept.remove(entry));
    }
}

impl Kept {
    fn add(&mut self, entry: Entry) {
        self.size += entry.size();
        let key = entry.key.clone();
        let slot = Arc::new(Slot {
            entry: Arc::new(entry),
            used: AtomicBool::new(false),
        });
        self.turns.push_back(Arc::clone(&slot));
        self.by_key.entry(key).or_default().push(slot);
    }

    /// Takes an entry out. Its turn comes to nothing.
    fn remove(&mut self, slot: &Arc<Slot>) {
        let key = &slot.entry.key;
        let Some(slots) = self.by_key.get_mut(key) else {
            return;
        };
        let before = slots.len();
        slots.retain(|other| !Arc::ptr_eq(other, slot));
        let removed = slots.len() < before;
        if slots.is_empty() {
            self.by_key.remove(key);
        }
        if removed {
            self.size -= slot.entry.size();
            self.turns.retain(|other| !Arc::ptr_eq(other, slot));
        }
    }

    /// Removes the one that came first of those nobody used since; whether there was any.
    fn make_room(&mut self, now_s: i64) -> bool {
        for _ in 0..=self.turns.len() {
            let Some(slot) = self.turns.pop_front() else {
                return false;
            };
            let used = slot.used.swap(false, Ordering::Relaxed);
            self.turns.push_back(Arc::clone(&slot));
            if !used || now_s >= slot.entry.fresh_until_s {
                self.remove(&slot);
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(total: usize) -> Cache {
        Cache::new(CacheSpec {
            name: "c".into(),
            total,
            most: 1000,
            max_age_s: 60,
            varies: true,
            most_varying: 2,
        })
    }

    fn entry(key: &str, body: usize) -> Entry {
        Entry {
            body: vec![0; body],
            fresh_until_s: 10,
            ..Entry::new(key.as_bytes().into())
        }
    }

    #[test]
    fn ages() {
        let came = Entry {
            age_s: 7,
            stored_s: 100,
            ..entry("k", 0)
        };
        for (now_s, age) in [(100, 7), (103, 10), (90, 7)] {
            assert_eq!(came.age_at(now_s), age, "at {now_s}");
        }
    }

    fn has(cache: &Cache, key: &str, now_s: i64) -> bool {
        cache
            .find(key.as_bytes(), &Accepted::default(), now_s)
            .is_some()
    }

    #[test]
    fn what_is_kept_is_found_until_its_time() {
        let cache = cache(10_000);
        assert!(cache.store(entry("a", 5), 0));
        assert!(has(&cache, "a", 9) && !has(&cache, "a", 10) && !has(&cache, "b", 0));
        cache.forget(b"a");
        assert!(!has(&cache, "a", 9));
        assert_eq!(cache.kept.lock().size, 0);
    }

    #[test]
    fn the_newest_of_a_key_counts() {
        let cache = cache(10_000);
        cache.store(entry("a", 5), 0);
        cache.store(entry("a", 7), 0);
        let found = cache.find(b"a", &Accepted::default(), 0).unwrap();
        assert_eq!(found.body.len(), 7);
        assert_eq!(cache.kept.lock().turns.len(), 1);
    }

    #[test]
    fn who_was_not_used_makes_room() {
        let room = entry("a", 100).size() * 2;
        let cache = cache(room);
        cache.store(entry("a", 100), 0);
        cache.store(entry("b", 100), 0);
        assert!(has(&cache, "a", 0));
        cache.store(entry("c", 100), 0);
        assert!(has(&cache, "a", 0) && !has(&cache, "b", 0) && has(&cache, "c", 0));
        assert!(cache.kept.lock().size <= room);
        assert!(!cache.store(entry("d", 1001), 0), "too big for one");
    }

    #[test]
    fn only_so_many_vary() {
        let cache = cache(10_000);
        let varying = |referer: u64| Entry {
            varying: Varying {
                referer: Some(referer),
                ..Varying::default()
            },
            ..entry("a", 5)
        };
        assert!(cache.store(varying(1), 0) && cache.store(varying(2), 0));
        assert!(!cache.store(varying(3), 0));
        assert!(cache.store(varying(2), 0), "it takes the place of its like");
        assert!(
            cache.store(varying(3), 10),
            "the others are past their time"
        );
    }
}
