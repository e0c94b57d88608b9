//! In-flight limits: at most so many requests of a key at a time (SEMANTICS 6.1, 8.3).
//!
//! What must hold: a request that is let through holds a [`Permit`], which gives its place back
//! when it is dropped, once, whatever ended the request; a refused one never held a place.
//! Deliberately absent: what a key is, and when a request ends.

use super::keys::Keys;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// What an `inflight-limit` rule asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InflightSpec {
    /// The name it is known by, `<proxy>#<n>` unless it was given one.
    pub name: Arc<str>,
    /// Most requests of a key at a time, at least 1.
    pub most: u32,
    /// Most keys.
    pub size: u32,
    /// The key as it was written.
    pub key: String,
    /// Whether keys are addresses, as bytes.
    pub by_address: bool,
    /// Decides and counts only.
    pub shadow: bool,
}

/// An in-flight limit and its counts.
#[derive(Debug)]
pub struct InflightLimit {
    spec: InflightSpec,
    counts: Keys<Arc<AtomicU32>>,
    current: AtomicU32,
    passed: AtomicU64,
    refused: AtomicU64,
}

/// What there is to be seen of an in-flight limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InflightView {
    /// What it was made from.
    pub spec: InflightSpec,
    /// Keys it knows now.
    pub keys: u32,
    /// Requests in flight now, of all keys.
    pub current: u32,
    /// Requests let through.
    pub passed: u64,
    /// Requests refused, or that would have been.
    pub refused: u64,
}

/// A place under a limit.
#[derive(Debug)]
pub struct Permit {
    limit: Arc<InflightLimit>,
    count: Arc<AtomicU32>,
}

impl InflightLimit {
    /// A fresh one.
    pub fn new(spec: InflightSpec) -> Arc<Self> {
        Arc::new(Self {
            counts: Keys::new(spec.size),
            spec,
            current: AtomicU32::new(0),
            passed: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        })
    }

    /// What it was made from.
    pub fn spec(&self) -> &InflightSpec {
        &self.spec
    }

    /// A place for a request of this key; `None` if all are taken, or if so many other keys have
    /// requests in flight that this one cannot be counted.
    pub fn take(self: &Arc<Self>, key: &[u8]) -> Option<Permit> {
        let taken = self.counts.with(
            key,
            Arc::default,
            |count| match count.load(Ordering::Acquire) {
                0 => Some(0),
                _ => None,
            },
            |count| {
                let one_more = |used: u32| (used < self.spec.most).then(|| used + 1);
                count
                    .fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more)
                    .is_ok()
                    .then(|| Arc::clone(count))
            },
        );
        let Some(count) = taken.flatten() else {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return None;
        };
        self.passed.fetch_add(1, Ordering::Relaxed);
        self.current.fetch_add(1, Ordering::Relaxed);
        Some(Permit {
            limit: Arc::clone(self),
            count,
        })
    }

    /// What there is to be seen.
    pub fn view(&self) -> InflightView {
        InflightView {
            spec: self.spec.clone(),
            keys: self.counts.len(),
            current: self.current.load(Ordering::Relaxed),
            passed: self.passed.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
        }
    }

    /// Shows the keys and how many requests of each are in flight.
    pub fn each_key(&self, mut visit: impl FnMut(&[u8], u32)) {
        self.counts
            .each(|key, count| visit(key.bytes(), count.load(Ordering::Relaxed)));
    }

    /// Forgets some of the keys without requests. Called now and then.
    pub fn sweep(&self) {
        self.counts
            .sweep(|count| (count.load(Ordering::Acquire) == 0).then_some(0));
    }
}

impl Permit {
    /// Whether it is one of this limit.
    pub fn is_of(&self, limit: &Arc<InflightLimit>) -> bool {
        Arc::ptr_eq(&self.limit, limit)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.limit.current.fetch_sub(1, Ordering::Relaxed);
        self.count.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    fn limit(most: u32, size: u32) -> Arc<InflightLimit> {
        let spec = InflightSpec {
            name: "web#1".into(),
            most,
            size,
            key: "req.hdr(host),lower".to_owned(),
            by_address: false,
            shadow: false,
        };
        InflightLimit::new(spec)
    }

    #[test]
    fn items_48_and_49_ten_at_a_time() {
        let limit = limit(10, 100);
        let mut held: Vec<Permit> = (0..30).filter_map(|_| limit.take(b"h")).collect();
        assert_eq!((held.len(), limit.view().refused), (10, 20));
        assert!(limit.take(b"h").is_none());
        held.pop();
        held.extend(limit.take(b"h"));
        assert_eq!(limit.view().current, 10);
    }

    #[test]
    fn items_51_to_53_each_key_has_its_own() {
        let limit = limit(10, 100);
        let held = |key: &[u8]| -> Vec<_> { (0..11).filter_map(|_| limit.take(key)).collect() };
        assert_eq!([held(b"alice").len(), held(b"bob").len()], [10, 10]);
    }

    #[test]
    fn item_56_refusals_hold_nothing() {
        let limit = limit(10, 100);
        let mut held: Vec<Permit> = (0..10).filter_map(|_| limit.take(b"h")).collect();
        assert!((0..1000).all(|_| limit.take(b"h").is_none()));
        assert_eq!(limit.view().current, 10);
        held.pop();
        assert!(limit.take(b"h").is_some());
    }

    #[test]
    fn keys_in_use_are_not_forgotten() {
        let limit = limit(1, 2);
        let (first, _second) = (limit.take(b"1"), limit.take(b"2"));
        assert!(first.is_some());
        assert!(limit.take(b"3").is_none(), "nothing can make room");
        drop(first);
        assert!(limit.take(b"3").is_some());
        assert!(limit.take(b"2").is_none());
    }

    /// Two threads, half a million lives each, some of which panic: never one too many, and none is left.
    /// `tests/scenarios/protect/lives.rs` does the same with real requests.
    #[test]
    fn permits_come_back_whatever_happens() {
        const MOST: u32 = 3;
        const LIVES: u32 = 500_000;
        let limit = limit(MOST, 64);
        let running: Vec<AtomicU32> = (0..8).map(|_| AtomicU32::new(0)).collect();
        let live = |seed: u32| {
            let mut held: Vec<(usize, Permit)> = Vec::new();
            let mut state = seed;
            for _ in 0..LIVES {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let key = (state >> 24) as usize % running.len();
                if state & 0x100 == 0 && !held.is_empty() {
                    let (key, permit) = held.swap_remove(state as usize % held.len());
                    running[key].fetch_sub(1, Ordering::SeqCst);
                    drop(permit);
                } else if let Some(permit) = limit.take(&[key as u8]) {
                    assert!(running[key].fetch_add(1, Ordering::SeqCst) < MOST);
                    held.push((key, permit));
                }
            }
            for (key, _permit) in held {
                running[key].fetch_sub(1, Ordering::SeqCst);
            }
        };
        thread::scope(|scope| {
            scope.spawn(|| live(1));
            scope.spawn(|| live(2));
        });
        let panicking = Arc::clone(&limit);
        let ended = thread::spawn(move || {
            let _permit = panicking.take(b"x").unwrap();
            std::panic::resume_unwind(Box::new("a request ends in a fault"));
        });
        assert!(ended.join().is_err());
        assert_eq!(limit.view().current, 0);
        limit.each_key(|_, count| assert_eq!(count, 0));
    }
}
