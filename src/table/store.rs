//! A table: its entries by key, how they come, are kept, and go.
//!
//! A creation locks one shard of the map and then one lane of the expiry ring. Nobody who has locked a
//! lane locks a shard.
//! An entry exists while it is referenced or its date lies ahead: a look-up past the date finds
//! nothing, whether or not the sweep was there already. When the table is full the entry whose
//! date comes first makes room, in large tables a few of those of one lane; if all are referenced, or
//! with `nopurge`, there is no new entry.

use super::data::{DataType, Layout, Slot, Stored};
use super::entry::Entry;
use super::key::{Key, KeyType};
use super::map::{BATCH, Map, Put, Removal};
use super::rate::RateWindow;
use super::updates::Updates;
use super::wheel::Wheel;
use crate::clock::{Clock, Millis};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::Ordering;

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
    map: Map,
    /// One for each shard of the map, or one for all: then the oldest is exactly that.
    lanes: Box<[Mutex<Wheel>]>,
    updates: Updates,
}

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
            map: Map::new(spec.size, lanes),
            lanes: (0..lanes)
                .map(|_| Mutex::new(Wheel::new(lifetime, now)))
                .collect(),
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
        self.map.used()
    }

    /// The entry of a key. Looking does not refresh it.
    pub fn find(&self, key: &[u8]) -> Option<Arc<Entry>> {
        self.look(key, self.now(), Arc::clone)
    }

    /// Shows the entry of a key to `visit`, without taking hold of it. `visit` must be short, and ask
    /// nothing of the table that finds or makes entries: a part of it is locked meanwhile.
    pub fn look<T>(
        &self,
        key: &[u8],
        now: Millis,
        visit: impl FnOnce(&Arc<Entry>) -> T,
    ) -> Option<T> {
        self.find_live(self.map.hash(key), key, now, visit)
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
    pub fn track(self: &Arc<Self>, key: &[u8], now: Millis) -> Option<Tracked> {
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
            ends: None,
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
    pub fn event(&self, entry: &Entry, event: Event, now: Millis) {
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
    pub fn add(&self, entry: &Entry, slot: Slot, amount: u32, now: Millis) -> u64 {
        let after = entry.add(slot, amount, now);
        self.refresh(entry, now);
        after
    }

    /// Sets a value and refreshes the entry; the value before.
    pub fn set(&self, entry: &Entry, slot: Slot, value: u64, now: Millis) -> u64 {
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
        self.map.remove(entry) == Removal::Done
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
                } else if self.map.remove(&entry) == Removal::InUse {
                    lane.lock().file(entry, now);
                }
            }
        }
        if !has_more && self.used() < before {
            self.map.shrink();
        }
        has_more
    }

    /// The live entries, in no order; what has expired is removed. Shards are read one after the
    /// other and let go at once, so that traffic never waits for whoever looks at them.
    pub fn entries(&self) -> Vec<Arc<Entry>> {
        let now = self.now();
        let all = self.map.entries();
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
            || entry.due.load(Ordering::Relaxed) > now
            || entry.references() > 0
    }

    /// Looks up a live entry; `take` runs while it cannot be removed.
    #[inline]
    fn find_live<T>(
        &self,
        hash: u64,
        key: &[u8],
        now: Millis,
        take: impl FnOnce(&Arc<Entry>) -> T,
    ) -> Option<T> {
        let is_live = |entry: &&Arc<Entry>| self.is_live(entry, now);
        self.map
            .find(hash, key, |entry| Some(entry).filter(is_live).map(take))
    }

    /// The entry of a key, made if there is none; `take` gives it its date, while it cannot be
    /// removed.
    fn obtain<T>(&self, key: &[u8], now: Millis, take: impl Fn(&Arc<Entry>) -> T) -> Option<T> {
        let hash = self.map.hash(key);
        match self.find_live(hash, key, now, &take) {
            Some(found) => Some(found),
            None => self.create(hash, key, now, take),
        }
    }

    fn create<T>(
        &self,
        hash: u64,
        key: &[u8],
        now: Millis,
        take: impl Fn(&Arc<Entry>) -> T,
    ) -> Option<T> {
        let lane = self.map.shard(hash) % self.lanes.len().max(1);
        let fresh = Arc::new(Entry::new(Key::new(key), &self.layout));
        loop {
            let is_live = |entry: &Entry| self.is_live(entry, now);
            match self.map.put(hash, &fresh, is_live, &take) {
                Put::Known(taken) => return Some(taken),
                Put::New(taken) => {
                    let due = fresh.due.load(Ordering::Relaxed);
                    if let Some(lane) = self.lanes.get(lane) {
                        lane.lock().file(fresh, due);
                    }
                    return Some(taken);
                }
                Put::Full if self.spec.nopurge || !self.evict(lane, now) => return None,
                Put::Full => {}
            }
        }
    }

    /// Makes room: the first by date of a lane that nobody refers to go, in large tables several at a
    /// time. Looks at so many entries at most, so that a table full of referenced ones costs a bounded
    /// time.
    fn evict(&self, first: usize, now: Millis) -> bool {
        const LOOKS: usize = 256;
        let at_once = if self.lanes.len() > 1 { BATCH } else { 1 };
        let later = now.saturating_add(self.spec.expire.unwrap_or(NO_EXPIRE_SPAN));
        let (before, after) = self.lanes.split_at(first.min(self.lanes.len()));
        let mut oldest = Vec::with_capacity(BATCH);
        for lane in after.iter().chain(before) {
            let mut looks = 0;
            while looks < LOOKS {
                lane.lock().take_first(at_once, &mut oldest);
                if oldest.is_empty() {
                    break;
                }
                looks += oldest.len();
                let mut has_room = false;
                self.map
                    .remove_all(&oldest, |entry, removal| match removal {
                        Removal::Done => has_room = true,
                        Removal::InUse => lane.lock().file(Arc::clone(entry), later),
                        Removal::Absent => {}
                    });
                oldest.clear();
                if has_room {
                    return true;
                }
            }
        }
        false
    }
}

/// A reference on an entry: while it lives the entry is not removed. Dropping it ends the
/// tracking.
#[derive(Debug)]
pub struct Tracked {
    table: Arc<Table>,
    entry: Arc<Entry>,
    /// When it ends, if who ends it knows.
    ends: Option<Millis>,
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
    pub fn event(&self, event: Event, now: Millis) {
        self.table.event(&self.entry, event, now);
    }

    /// Ends the tracking, as dropping it does.
    pub fn end(mut self, now: Millis) {
        self.ends = Some(now);
    }

    /// Counts bytes that came from the client or from the server.
    pub fn bytes(&self, from_client: bool, amount: u64, now: Millis) {
        let (counter, rate) = match from_client {
            true => (DataType::BytesInCnt, DataType::BytesInRate),
            false => (DataType::BytesOutCnt, DataType::BytesOutRate),
        };
        let amount = u32::try_from(amount).unwrap_or(u32::MAX);
        let layout = &self.table.layout;
        if let Some(slot) = layout.slot(counter, 0) {
            self.table.add(&self.entry, slot, amount, now);
        }
        if let Some(slot) = layout.slot(rate, 0) {
            let units = amount.div_ceil(self.table.spec.bytes_per_unit.max(1));
            self.table.add(&self.entry, slot, units, now);
        }
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        let now = self.ends.unwrap_or_else(|| self.table.now());
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
