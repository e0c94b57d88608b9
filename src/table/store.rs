//! A table: its entries by key, how they come, are kept, and go.
//!
//! The map is sharded by dashmap; a creation locks one shard and one lane of the expiry ring.
//! An entry exists while it is referenced or its date lies ahead: a look-up past the date finds
//! nothing, whether or not the sweep was there already. When the table is full the entry whose
//! date comes first makes room; if all are referenced, or with `nopurge`, there is no new entry.

use super::data::{DataType, Layout, Slot, Stored};
use super::entry::Entry;
use super::key::{Key, KeyType};
use super::rate::RateWindow;
use super::updates::Updates;
use super::wheel::Wheel;
use crate::clock::{Clock, Millis};
use dashmap::DashMap;
use dashmap::mapref::entry::Entry as Place;
use parking_lot::Mutex;
use std::borrow::Borrow;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// What a `stick-table` line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The name: its proxy's, or `section/name` for tables of `peers`.
    pub name: String,
    /// The type of its keys.
    pub key: KeyType,
    /// Most entries it holds.
    pub size: u32,
    /// How long an entry lives after its last use, in milliseconds; `None` is for ever.
    pub expire: Option<Millis>,
    /// `nopurge`: a full table takes no new entry.
    pub nopurge: bool,
    /// What it stores, each data type once.
    pub store: Vec<Stored>,
    /// `brates-factor`: bytes per unit of byte rates, 1 to 1024.
    pub bytes_per_unit: u32,
    /// `srvkey addr`: servers are stored by address and not by name.
    pub servers_by_address: bool,
}

/// Something that happens to a tracked entry: which counter and which rate count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "each is the data type of that name, SEMANTICS 2.2"
)]
pub enum Event {
    Conn,
    Sess,
    HttpReq,
    HttpErr,
    HttpFail,
    Glitch,
}

/// A stick table.
#[derive(Debug)]
pub struct Table {
    spec: Spec,
    layout: Layout,
    clock: Clock,
    map: DashMap<Filed, ()>,
    lanes: Box<[Mutex<Wheel>]>,
    hasher: RandomState,
    used: AtomicU32,
    updates: Updates,
}

/// An entry as the map's key.
#[derive(Debug)]
struct Filed(Arc<Entry>);

impl Borrow<[u8]> for Filed {
    fn borrow(&self) -> &[u8] {
        self.0.key()
    }
}

impl Hash for Filed {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.key().hash(state);
    }
}

impl PartialEq for Filed {
    fn eq(&self, other: &Self) -> bool {
        self.0.key() == other.0.key()
    }
}

impl Eq for Filed {}

/// A map with room for so many entries is not made smaller.
const LEAST_ROOM: usize = 8192;

/// What the ring of a table without `expire` spans, to know old entries from new ones.
const NO_EXPIRE_SPAN: Millis = 36_000_000;

impl Table {
    /// An empty table.
    pub fn new(spec: Spec, clock: Clock) -> Arc<Self> {
        let lanes = match spec.size {
            0..=4096 => 1,
            4097..=65_536 => 8,
            _ => 64,
        };
        let now = clock.now();
        let lifetime = spec.expire.unwrap_or(NO_EXPIRE_SPAN);
        Arc::new(Self {
            layout: Layout::new(&spec.store),
            map: DashMap::with_shard_amount(lanes.max(2)),
            lanes: (0..lanes)
                .map(|_| Mutex::new(Wheel::new(lifetime, now)))
                .collect(),
            hasher: RandomState::new(),
            used: AtomicU32::new(0),
            updates: Updates::default(),
            clock,
            spec,
        })
    }

    /// What it was made from.
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// Where values lie in its entries.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// What has changed here, for peers.
    pub fn updates(&self) -> &Updates {
        &self.updates
    }

    /// The clock it counts with.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// What that clock says.
    pub fn now(&self) -> Millis {
        self.clock.now()
    }

    /// How many entries it holds, expired ones that were not swept yet among them.
    pub fn used(&self) -> u32 {
        self.used.load(Ordering::Relaxed)
    }

    /// The entry of a key. Looking does not refresh it.
    pub fn find(&self, key: &[u8]) -> Option<Arc<Entry>> {
        let now = self.now();
        self.find_live(key, now, Arc::clone)
    }

    /// The entry of a key, made if there is none; refreshed. `None` if the table is full.
    pub fn find_or_create(&self, key: &[u8]) -> Option<Arc<Entry>> {
        let now = self.now();
        self.obtain(key, now, |entry| {
            self.refresh(entry, now);
            Arc::clone(entry)
        })
    }

    /// The entry of a key, made if there is none, of which somebody else told us. It lives for
    /// `left` more milliseconds if that is given and less than `expire`; peers are not told.
    /// `None` if the table is full.
    pub fn learn(&self, key: &[u8], left: Option<Millis>) -> Option<Arc<Entry>> {
        let now = self.now();
        let lifetime = self.spec.expire.unwrap_or(0);
        let due = now.saturating_add(left.map_or(lifetime, |left| left.min(lifetime)));
        self.obtain(key, now, |entry| {
            entry.due.store(due, Ordering::Relaxed);
            Arc::clone(entry)
        })
    }

    /// Takes a reference on the entry of a key, made if there is none, and counts the start of
    /// tracking. `None` if the table is full.
    pub fn track(self: &Arc<Self>, key: &[u8]) -> Option<Tracked> {
        let now = self.now();
        let entry = self.obtain(key, now, |entry| {
            self.refresh(entry, now);
            entry.references.fetch_add(1, Ordering::AcqRel);
            Arc::clone(entry)
        })?;
        self.count(&entry, Event::Conn, now);
        if let Some(slot) = self.layout.slot(DataType::ConnCur, 0) {
            entry.add(slot, 1, now);
        }
        self.updates.note(&entry);
        Some(Tracked {
            table: Arc::clone(self),
            entry,
        })
    }

    /// Takes a reference on the entry of a key, made if there is none, without counting anything.
    /// `None` if the table is full.
    pub fn hold(self: &Arc<Self>, key: &[u8]) -> Option<Held> {
        let now = self.now();
        let entry = self.obtain(key, now, |entry| {
            self.refresh(entry, now);
            entry.references.fetch_add(1, Ordering::AcqRel);
            Arc::clone(entry)
        })?;
        Some(Held {
            table: Arc::clone(self),
            entry,
        })
    }

    /// Counts an event on an entry, and refreshes it if it stores that kind.
    pub fn event(&self, entry: &Entry, event: Event) {
        let now = self.now();
        if self.count(entry, event, now) {
            self.refresh(entry, now);
        }
    }

    fn count(&self, entry: &Entry, event: Event, now: Millis) -> bool {
        let (counter, rate) = match event {
            Event::Conn => (DataType::ConnCnt, DataType::ConnRate),
            Event::Sess => (DataType::SessCnt, DataType::SessRate),
            Event::HttpReq => (DataType::HttpReqCnt, DataType::HttpReqRate),
            Event::HttpErr => (DataType::HttpErrCnt, DataType::HttpErrRate),
            Event::HttpFail => (DataType::HttpFailCnt, DataType::HttpFailRate),
            Event::Glitch => (DataType::GlitchCnt, DataType::GlitchRate),
        };
        let mut stored = false;
        for kind in [counter, rate] {
            if let Some(slot) = self.layout.slot(kind, 0) {
                entry.add(slot, 1, now);
                stored = true;
            }
        }
        stored
    }

    /// Adds to a value and refreshes the entry; the new value as [`Entry::add`] gives it.
    pub fn add(&self, entry: &Entry, slot: Slot, amount: u32) -> u64 {
        let now = self.now();
        let after = entry.add(slot, amount, now);
        self.refresh(entry, now);
        after
    }

    /// Sets a value and refreshes the entry; the value before.
    pub fn set(&self, entry: &Entry, slot: Slot, value: u64) -> u64 {
        let now = self.now();
        let before = entry.set(slot, value, now);
        self.refresh(entry, now);
        before
    }

    /// Refreshes an entry.
    pub fn touch(&self, entry: &Entry) {
        self.refresh(entry, self.now());
    }

    /// Milliseconds until an entry expires; 0 in tables without `expire`.
    pub fn expires_in(&self, entry: &Entry) -> Millis {
        match self.spec.expire {
            Some(_) => {
                let now = self.now();
                self.catch_up(entry, now);
                entry.due.load(Ordering::Relaxed).saturating_sub(now)
            }
            None => 0,
        }
    }

    /// Milliseconds since an entry was last refreshed.
    pub fn idle(&self, entry: &Entry) -> Millis {
        let lifetime = self.spec.expire.unwrap_or(0);
        let due = entry.due.load(Ordering::Relaxed);
        self.now().saturating_add(lifetime).saturating_sub(due)
    }

    /// Removes an entry unless it is referenced; whether it is gone.
    pub fn remove(&self, entry: &Arc<Entry>) -> bool {
        let removed = self.map.remove_if(entry.key(), |filed, ()| {
            Arc::ptr_eq(&filed.0, entry) && entry.references() == 0
        });
        if removed.is_some() {
            self.used.fetch_sub(1, Ordering::Relaxed);
        }
        removed.is_some()
    }

    /// Removes what has expired. Called now and then, from any thread; at most `budget` entries
    /// are looked at in each lane, and no lock is held for longer than one entry takes, but where most
    /// of a large table has gone and its shards are made smaller. Whether a lane had more than that.
    pub fn sweep(&self, budget: usize) -> bool {
        let mut has_more = false;
        if self.spec.expire.is_none() {
            return has_more;
        }
        let before = self.used();
        for lane in &self.lanes {
            let mut left = budget;
            while left > 0 {
                left -= 1;
                let now = self.now();
                let Some(entry) = lane.lock().take_before(now) else {
                    break;
                };
                has_more |= left == 0;
                self.catch_up(&entry, now);
                let due = entry.due.load(Ordering::Relaxed);
                if due > now {
                    lane.lock().file(entry, due);
                } else if !self.remove(&entry) && self.holds(&entry) {
                    lane.lock().file(entry, now);
                }
            }
        }
        if !has_more && self.used() < before {
            self.shrink();
        }
        has_more
    }

    /// Gives back the room of what has gone, once that is most of it.
    fn shrink(&self) {
        let room = self.map.capacity();
        if room > LEAST_ROOM && (self.used() as usize) < room / 8 {
            self.map.shrink_to_fit();
        }
    }

    /// The live entries, in no order; what has expired is removed. Shards are read one after the
    /// other and let go at once, so that traffic never waits for whoever looks at them.
    pub fn entries(&self) -> Vec<Arc<Entry>> {
        let now = self.now();
        let all = self.map.iter().map(|filed| Arc::clone(&filed.key().0));
        let (live, expired): (Vec<_>, Vec<_>) = all.partition(|entry| self.is_live(entry, now));
        for entry in &expired {
            self.remove(entry);
        }
        live
    }

    /// Moves an entry's date to a full lifetime from now, after it was changed.
    fn refresh(&self, entry: &Entry, now: Millis) {
        let due = now.saturating_add(self.spec.expire.unwrap_or(0));
        // A store that changes nothing would take the line from other threads all the same.
        if entry.due.load(Ordering::Relaxed) != due {
            entry.due.store(due, Ordering::Relaxed);
        }
        self.updates.note(entry);
    }

    /// An entry whose date comes while it is referenced lives for another `expire`.
    fn catch_up(&self, entry: &Entry, now: Millis) {
        let due = entry.due.load(Ordering::Relaxed);
        if let Some(expire) = self.spec.expire
            && due <= now
            && entry.references() > 0
        {
            let turns = (now - due) / expire.max(1) + 1;
            let due = due.saturating_add(turns.saturating_mul(expire.max(1)));
            entry.due.store(due, Ordering::Relaxed);
        }
    }

    fn is_live(&self, entry: &Entry, now: Millis) -> bool {
        self.spec.expire.is_none()
            || entry.references() > 0
            || entry.due.load(Ordering::Relaxed) > now
    }

    fn holds(&self, entry: &Arc<Entry>) -> bool {
        let filed = self.map.get(entry.key());
        filed.is_some_and(|filed| Arc::ptr_eq(&filed.key().0, entry))
    }

    /// Looks up a live entry; `take` runs while it cannot be removed.
    fn find_live<T>(
        &self,
        key: &[u8],
        now: Millis,
        take: impl FnOnce(&Arc<Entry>) -> T,
    ) -> Option<T> {
        let filed = self.map.get(key)?;
        let entry = &filed.key().0;
        self.is_live(entry, now).then(|| take(entry))
    }

    /// The entry of a key, made if there is none; `take` gives it its date, while it cannot be
    /// removed.
    fn obtain<T>(&self, key: &[u8], now: Millis, take: impl Fn(&Arc<Entry>) -> T) -> Option<T> {
        match self.find_live(key, now, &take) {
            Some(found) => Some(found),
            None => self.create(Key::new(key), now, take),
        }
    }

    fn create<T>(&self, key: Key, now: Millis, take: impl Fn(&Arc<Entry>) -> T) -> Option<T> {
        let lane = self.lane(key.bytes());
        let fresh = Arc::new(Entry::new(key, &self.layout));
        loop {
            let taken = match self.map.entry(Filed(Arc::clone(&fresh))) {
                Place::Occupied(old) if self.is_live(&old.key().0, now) => {
                    return Some(take(&old.key().0));
                }
                Place::Occupied(expired) => {
                    expired.remove_entry();
                    self.used.fetch_sub(1, Ordering::Relaxed);
                    continue;
                }
                Place::Vacant(vacant) => {
                    if self.used.fetch_add(1, Ordering::AcqRel) < self.spec.size {
                        let taken = take(&fresh);
                        vacant.insert(());
                        Some(taken)
                    } else {
                        self.used.fetch_sub(1, Ordering::AcqRel);
                        None
                    }
                }
            };
            if let Some(taken) = taken {
                let due = fresh.due.load(Ordering::Relaxed);
                if let Some(lane) = self.lanes.get(lane) {
                    lane.lock().file(fresh, due);
                }
                return Some(taken);
            }
            if self.spec.nopurge || !self.evict(lane, now) {
                return None;
            }
        }
    }

    /// Makes room for one entry: the first by date that nobody refers to goes. Looks at so many
    /// entries at most, so that a table full of referenced ones costs a bounded time.
    fn evict(&self, first: usize, now: Millis) -> bool {
        const LOOKS: usize = 256;
        let (before, after) = self.lanes.split_at(first.min(self.lanes.len()));
        for lane in after.iter().chain(before) {
            for _ in 0..LOOKS {
                let Some(entry) = lane.lock().take_first() else {
                    break;
                };
                if self.remove(&entry) {
                    return true;
                }
                if self.holds(&entry) {
                    // Referenced: not before a lifetime from now.
                    let later = now.saturating_add(self.spec.expire.unwrap_or(NO_EXPIRE_SPAN));
                    lane.lock().file(entry, later);
                }
            }
        }
        false
    }

    fn lane(&self, key: &[u8]) -> usize {
        self.hasher.hash_one(key) as usize % self.lanes.len().max(1)
    }
}

/// A reference on an entry: while it lives the entry is not removed. Dropping it ends the
/// tracking.
#[derive(Debug)]
pub struct Tracked {
    table: Arc<Table>,
    entry: Arc<Entry>,
}

impl Tracked {
    /// The entry.
    pub fn entry(&self) -> &Arc<Entry> {
        &self.entry
    }

    /// Its table.
    pub fn table(&self) -> &Arc<Table> {
        &self.table
    }

    /// Counts an event.
    pub fn event(&self, event: Event) {
        self.table.event(&self.entry, event);
    }

    /// Counts bytes that came from the client or from the server.
    pub fn bytes(&self, from_client: bool, amount: u64) {
        let (counter, rate) = match from_client {
            true => (DataType::BytesInCnt, DataType::BytesInRate),
            false => (DataType::BytesOutCnt, DataType::BytesOutRate),
        };
        let amount = u32::try_from(amount).unwrap_or(u32::MAX);
        let layout = &self.table.layout;
        if let Some(slot) = layout.slot(counter, 0) {
            self.table.add(&self.entry, slot, amount);
        }
        if let Some(slot) = layout.slot(rate, 0) {
            let units = amount.div_ceil(self.table.spec.bytes_per_unit.max(1));
            self.table.add(&self.entry, slot, units);
        }
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        let now = self.table.now();
        self.table.catch_up(&self.entry, now);
        if let Some(slot) = self.table.layout.slot(DataType::ConnCur, 0) {
            self.entry.decrement(slot);
            self.table.refresh(&self.entry, now);
        }
        self.entry.references.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A reference on an entry that counts nothing. Dropping it refreshes the entry.
#[derive(Debug)]
pub struct Held {
    table: Arc<Table>,
    entry: Arc<Entry>,
}

impl Held {
    /// The entry.
    pub fn entry(&self) -> &Arc<Entry> {
        &self.entry
    }

    /// Its table.
    pub fn table(&self) -> &Arc<Table> {
        &self.table
    }

    /// A rate it stores, and over which period.
    pub fn rate(&self, kind: DataType) -> Option<(&RateWindow, u32)> {
        self.entry.window(self.table.layout.slot(kind, 0)?)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.table.touch(&self.entry);
        self.entry.references.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_expired_takes_no_room() {
        let spec = Spec {
            name: "t".to_owned(),
            key: KeyType::Ip,
            size: 100_000,
            expire: Some(1_000),
            nopurge: false,
            store: Vec::new(),
            bytes_per_unit: 1,
            servers_by_address: false,
        };
        let clock = Clock::manual(1_000);
        let table = Table::new(spec, clock.clone());
        for number in 0..100_000_u32 {
            table.find_or_create(&number.to_be_bytes());
        }
        assert!(table.map.capacity() >= 100_000);
        clock.advance(2_000);
        let kept = table.track(&[1; 4]).expect("there is room");
        clock.advance(500);
        while table.sweep(1_000) {}
        assert_eq!(table.used(), 1);
        assert!(table.map.capacity() <= LEAST_ROOM);
        assert!(Arc::ptr_eq(
            kept.entry(),
            &table.find(&[1; 4]).expect("it stays")
        ));
    }
}
