//! The counters `sc0`, `sc1`… of a connection and of its streams: handles on tracked entries.
//!
//! A slot is filled once and stays so until the stream or connection ends, so that whoever reads
//! it later needs neither a look-up nor a lock. A stream sees its connection's slots as its own.
//! Deliberately absent: what is tracked and when events count.

use super::store::{Event, Tracked};
use crate::clock::{Clock, Millis};
use std::cell::{Cell, OnceCell};

/// Slots that need no allocation: `tune.stick-counters` is 3 unless changed.
const FIRST: usize = 3;

/// Most slots, as of `tune.stick-counters`.
pub const MOST_SLOTS: u8 = 100;

/// The tracked entries of one connection or of one stream.
#[derive(Debug, Default)]
pub struct Slots {
    first: [OnceCell<Tracked>; FIRST],
    /// The others, once one of them was filled.
    more: OnceCell<Box<[OnceCell<Tracked>]>>,
    /// How many are filled.
    filled: Cell<u8>,
    /// A bit for each slot whose entry has not counted the current request.
    owing: Cell<u128>,
}

impl Slots {
    /// What a slot tracks.
    pub fn get(&self, slot: u8) -> Option<&Tracked> {
        if self.is_empty() {
            return None;
        }
        let at = usize::from(slot);
        match self.first.get(at) {
            Some(cell) => cell.get(),
            None => self.more.get()?.get(at - FIRST)?.get(),
        }
    }

    /// Fills a slot; one that is filled stays as it is.
    fn fill(&self, slot: u8, tracked: Tracked) {
        let at = usize::from(slot);
        let cell = self.first.get(at).or_else(|| {
            let others = usize::from(MOST_SLOTS) - FIRST;
            let make = || (0..others).map(|_| OnceCell::new()).collect();
            self.more.get_or_init(make).get(at - FIRST)
        });
        if cell.is_some_and(|cell| cell.set(tracked).is_ok()) {
            self.filled.set(self.filled.get().saturating_add(1));
        }
    }

    /// Whether nothing is tracked.
    fn is_empty(&self) -> bool {
        self.filled.get() == 0
    }

    /// Ends all tracking.
    pub fn end(&mut self, clock: &Clock) {
        if !self.is_empty() {
            let now = clock.now();
            self.take_each(|tracked| tracked.end(now));
        }
    }

    /// Forgets all, which ends it too.
    pub fn clear(&mut self) {
        self.take_each(drop);
    }

    fn take_each(&mut self, end: impl FnMut(Tracked)) {
        if self.filled.take() == 0 {
            return;
        }
        self.owing.set(0);
        let more = self.more.get_mut().map(|more| &mut **more);
        let cells = self.first.iter_mut().chain(more.unwrap_or_default());
        cells.filter_map(OnceCell::take).for_each(end);
    }
}

/// The slots of a stream and of its connection.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tracks<'a> {
    /// The connection's; nothing while there is no connection.
    pub connection: Option<&'a Slots>,
    /// The stream's, once there is one.
    pub stream: Option<&'a Slots>,
}

impl<'a> Tracks<'a> {
    /// What a slot tracks.
    pub fn get(self, slot: u8) -> Option<&'a Tracked> {
        let get = |slots: Option<&'a Slots>| slots.and_then(|slots| slots.get(slot));
        get(self.stream).or_else(|| get(self.connection))
    }

    /// Fills a slot of the stream, or of the connection while there is no stream. Without
    /// slots the entry is let go at once.
    pub fn fill(self, slot: u8, tracked: Tracked) {
        if let Some(own) = self.stream.or(self.connection) {
            own.fill(slot, tracked);
        }
    }

    /// Notes that a slot's entry counts the request only when [`Self::count_owed`] is called.
    pub fn owe(self, slot: u8) {
        if let Some(own) = self.stream {
            own.owing.set(own.owing.get() | 1_u128 << slot.min(127));
        }
    }

    /// Counts the request on the entries that owe it.
    pub fn count_owed(self, clock: &Clock) {
        let owing = self.stream.map_or(0, |own| own.owing.take());
        if owing != 0 {
            self.each(clock, |slot, tracked, now| {
                if owing >> slot & 1 == 1 {
                    tracked.event(Event::HttpReq, now);
                }
            });
        }
    }

    /// Counts an event on every tracked entry.
    pub fn event(self, event: Event, clock: &Clock) {
        self.each(clock, |_, tracked, now| tracked.event(event, now));
    }

    /// Counts bytes from the client and from the server on every tracked entry.
    pub fn bytes(self, from_client: u64, from_server: u64, clock: &Clock) {
        self.each(clock, |_, tracked, now| {
            for (is_client, amount) in [(true, from_client), (false, from_server)] {
                if amount > 0 {
                    tracked.bytes(is_client, amount, now);
                }
            }
        });
    }

    /// The clock is read once, and only if something is tracked.
    fn each(self, clock: &Clock, act: impl Fn(u8, &Tracked, Millis)) {
        let both = [self.stream, self.connection];
        let both = || both.iter().flatten();
        if both().all(|slots| slots.is_empty()) {
            return;
        }
        let now = clock.now();
        let wide = both().any(|slots| slots.more.get().is_some());
        let slots = if wide { MOST_SLOTS } else { FIRST as u8 };
        for slot in 0..slots {
            if let Some(tracked) = self.get(slot) {
                act(slot, tracked, now);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{DataType, KeyType, Spec, Stored, Table};
    use std::sync::Arc;

    fn table() -> Arc<Table> {
        let stored = |kind| Stored {
            kind,
            elements: 1,
            period: 0,
        };
        let spec = Spec {
            name: "t".to_owned(),
            key: KeyType::String(31),
            size: 10,
            expire: None,
            nopurge: false,
            store: [DataType::HttpReqCnt, DataType::ConnCur]
                .map(stored)
                .to_vec(),
            bytes_per_unit: 1,
            servers_by_address: false,
        };
        Table::new(spec, Clock::manual(1_000))
    }

    fn read(table: &Table, key: &str, kind: DataType) -> u64 {
        let slot = table.layout().slot(kind, 0).unwrap();
        let entry = table.find(key.as_bytes());
        entry.map_or(0, |entry| entry.read(slot, table.now()))
    }

    #[test]
    fn a_stream_sees_its_connections_slots_and_the_first_stays() {
        let table = table();
        let (connection, mut stream) = (Slots::default(), Slots::default());
        let track = |key: &str| table.track(key.as_bytes(), table.now()).unwrap();
        let tracks = |connection, stream| Tracks {
            connection: Some(connection),
            stream,
        };
        tracks(&connection, None).fill(0, track("c0"));
        let both = tracks(&connection, Some(&stream));
        both.fill(1, track("s1"));
        both.fill(1, track("late"));
        both.fill(99, track("s99"));
        assert_eq!(both.get(0).unwrap().entry().key(), b"c0");
        assert_eq!(both.get(1).unwrap().entry().key(), b"s1");
        assert_eq!(both.get(99).unwrap().entry().key(), b"s99");
        assert!(both.get(2).is_none() && both.get(98).is_none());
        assert_eq!(read(&table, "late", DataType::ConnCur), 0);
        both.event(Event::HttpReq, table.clock());
        both.owe(99);
        both.count_owed(table.clock());
        both.count_owed(table.clock());
        let requests = |key| read(&table, key, DataType::HttpReqCnt);
        assert_eq!((requests("c0"), requests("s1"), requests("s99")), (1, 1, 2));
        table.clock().advance(500);
        stream.end(table.clock());
        let idle = |key: &str| table.idle(&table.find(key.as_bytes()).unwrap());
        assert_eq!((idle("c0"), idle("s1"), idle("s99")), (500, 0, 0));
        let current = |key| read(&table, key, DataType::ConnCur);
        assert_eq!((current("c0"), current("s1"), current("s99")), (1, 0, 0));
    }
}
