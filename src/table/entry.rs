//! One entry: a key and the values stored for it, shared by every thread that uses it.
//!
//! All values are atomics; nothing here takes a lock but the text of `server_key`. Deliberately
//! absent: the names of values (a [`Slot`] says where) and the entry's place in its table.

use super::data::{Layout, Slot};
use super::key::Key;
use super::mark::Mark;
use super::rate::{RateWindow, Tick};
use crate::clock::Millis;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Counters, and rates, that lie in the entry itself: those of the next ones are allocated.
const NEAR_INTS: usize = 2;
const NEAR_RATES: usize = 2;

/// An entry of a table: 96 bytes with its counts of references, and no other allocation, while its
/// key is short and it stores no more than two 32-bit counters and two rates. What a look-up reads
/// comes first: with the `Arc`'s counts it fills as few lines of cache as it can. The allocator gives it
/// 112, as it gives 96 bytes with an alignment of 8 a block of its next size; 88 would get 96.
#[derive(Debug)]
#[repr(C)]
pub struct Entry {
    /// When it expires unless it is used; in tables without `expire`, when it was last used.
    pub(super) due: AtomicU64,
    key: Key,
    /// How many streams and connections track it.
    pub(super) references: AtomicU32,
    pub(super) mark: Mark,
    ints: [AtomicU32; NEAR_INTS],
    far: Option<Box<Far>>,
    rates: [RateWindow; NEAR_RATES],
}

/// Values that find no room in the entry.
#[derive(Debug, Default)]
struct Far {
    ints: Box<[AtomicU32]>,
    rates: Box<[RateWindow]>,
    wides: Box<[AtomicU64]>,
    text: Mutex<Option<Arc<str>>>,
}

impl Far {
    fn new(layout: &Layout) -> Option<Box<Self>> {
        let ints = usize::from(layout.ints).saturating_sub(NEAR_INTS);
        let rates = usize::from(layout.rates).saturating_sub(NEAR_RATES);
        let wanted = ints > 0 || rates > 0 || layout.wides > 0 || layout.text;
        wanted.then(|| {
            Box::new(Self {
                ints: (0..ints).map(|_| AtomicU32::new(0)).collect(),
                rates: (0..rates).map(|_| RateWindow::default()).collect(),
                wides: (0..layout.wides).map(|_| AtomicU64::new(0)).collect(),
                text: Mutex::default(),
            })
        })
    }
}

impl Entry {
    pub(super) fn new(key: Key, layout: &Layout) -> Self {
        Self {
            due: AtomicU64::new(0),
            key,
            references: AtomicU32::new(0),
            mark: Mark::default(),
            ints: Default::default(),
            rates: Default::default(),
            far: Far::new(layout),
        }
    }

    /// Its key's bytes.
    pub fn key(&self) -> &[u8] {
        self.key.bytes()
    }

    /// How many streams and connections track it.
    pub fn references(&self) -> u32 {
        self.references.load(Ordering::Acquire)
    }

    /// The number at a slot; a rate is that of `now`, a text is 0.
    pub fn read(&self, slot: Slot, now: Millis) -> u64 {
        match slot {
            Slot::Int(_) => self
                .int(slot)
                .map_or(0, |int| int.load(Ordering::Relaxed).into()),
            Slot::Wide(_) => self
                .wide(slot)
                .map_or(0, |wide| wide.load(Ordering::Relaxed)),
            Slot::Rate(at, period) => self
                .rate(at)
                .map_or(0, |rate| rate.read(tick(now), period).into()),
            Slot::Text => 0,
        }
    }

    /// The window of a rate, and its period.
    pub(super) fn window(&self, slot: Slot) -> Option<(&RateWindow, u32)> {
        match slot {
            Slot::Rate(at, period) => Some((self.rate(at)?, period)),
            _ => None,
        }
    }

    /// Adds to a counter or a rate and gives the counter's new value, or the events of the
    /// running period. 32-bit counters wrap.
    pub fn add(&self, slot: Slot, amount: u32, now: Millis) -> u64 {
        match slot {
            Slot::Int(_) => self.int(slot).map_or(0, |int| {
                let before = int.fetch_add(amount, Ordering::Relaxed);
                before.wrapping_add(amount).into()
            }),
            Slot::Wide(_) => self.wide(slot).map_or(0, |wide| {
                let before = wide.fetch_add(amount.into(), Ordering::Relaxed);
                before.wrapping_add(amount.into())
            }),
            Slot::Rate(at, period) => self
                .rate(at)
                .map_or(0, |rate| rate.add(tick(now), period, amount).into()),
            Slot::Text => 0,
        }
    }

    /// Takes one from a counter, not below 0.
    pub fn decrement(&self, slot: Slot) {
        if let Some(int) = self.int(slot) {
            let lower = |value: u32| value.checked_sub(1);
            // An error means that it was 0 already.
            let _ = int.fetch_update(Ordering::Relaxed, Ordering::Relaxed, lower);
        }
    }

    /// Makes a slot read `value` and gives what it read before. A rate starts a new period.
    pub fn set(&self, slot: Slot, value: u64, now: Millis) -> u64 {
        let before = self.read(slot, now);
        match slot {
            Slot::Int(_) => {
                if let Some(int) = self.int(slot) {
                    return int.swap(value as u32, Ordering::Relaxed).into();
                }
            }
            Slot::Wide(_) => {
                if let Some(wide) = self.wide(slot) {
                    return wide.swap(value, Ordering::Relaxed);
                }
            }
            Slot::Rate(at, _) => {
                if let Some(rate) = self.rate(at) {
                    rate.set(tick(now), value as u32);
                }
            }
            Slot::Text => {}
        }
        before
    }

    /// The text stored, if any.
    pub fn text(&self) -> Option<Arc<str>> {
        self.far.as_ref()?.text.lock().clone()
    }

    /// Stores a text, if the table has room for one.
    pub fn set_text(&self, text: Option<Arc<str>>) {
        if let Some(far) = &self.far {
            *far.text.lock() = text;
        }
    }

    /// The rate window at that place.
    pub fn rate(&self, at: u16) -> Option<&RateWindow> {
        let at = usize::from(at);
        match self.rates.get(at) {
            Some(near) => Some(near),
            None => self.far.as_ref()?.rates.get(at - NEAR_RATES),
        }
    }

    fn int(&self, slot: Slot) -> Option<&AtomicU32> {
        let Slot::Int(at) = slot else {
            return None;
        };
        let at = usize::from(at);
        match self.ints.get(at) {
            Some(near) => Some(near),
            None => self.far.as_ref()?.ints.get(at - NEAR_INTS),
        }
    }

    fn wide(&self, slot: Slot) -> Option<&AtomicU64> {
        match (slot, &self.far) {
            (Slot::Wide(at), Some(far)) => far.wides.get(usize::from(at)),
            _ => None,
        }
    }
}

/// The low bits of the clock, which rate windows count in.
fn tick(now: Millis) -> Tick {
    now as u32
}

#[cfg(test)]
mod tests {
    use super::super::data::{DataType, Stored};
    use super::*;

    fn entry(kinds: &[DataType]) -> (Entry, Layout) {
        let stored: Vec<_> = kinds
            .iter()
            .map(|&kind| Stored {
                kind,
                elements: if kind.is_array() { 3 } else { 1 },
                period: 10_000,
            })
            .collect();
        let layout = Layout::new(&stored);
        (Entry::new(Key::new(b"k"), &layout), layout)
    }

    #[test]
    fn values() {
        use DataType::{BytesInCnt, ConnCur, Gpc, Gpc0Rate, ServerKey};
        let (entry, layout) = entry(&[ConnCur, BytesInCnt, Gpc, Gpc0Rate, ServerKey]);
        let slot = |kind, index| layout.slot(kind, index).unwrap();
        let now = 50_000;
        assert_eq!(entry.add(slot(Gpc, 2), 5, now), 5);
        assert_eq!(entry.add(slot(Gpc, 2), u32::MAX, now), 4);
        assert_eq!(entry.read(slot(Gpc, 1), now), 0);
        assert_eq!(entry.set(slot(Gpc, 2), 9, now), 4);
        assert_eq!(
            entry.add(slot(BytesInCnt, 0), u32::MAX, now),
            u64::from(u32::MAX)
        );
        assert_eq!(entry.add(slot(BytesInCnt, 0), 1, now), 1 << 32);
        entry.decrement(slot(ConnCur, 0));
        assert_eq!(entry.read(slot(ConnCur, 0), now), 0);
        assert_eq!(entry.add(slot(Gpc0Rate, 0), 4, now), 4);
        assert_eq!(entry.read(slot(Gpc0Rate, 0), now + 15_000), 2);
        entry.set_text(Some("s1".into()));
        assert_eq!(entry.text().as_deref(), Some("s1"));
    }

    #[test]
    fn an_entry_takes_80_bytes() {
        assert_eq!(size_of::<Entry>(), 80);
    }
}
