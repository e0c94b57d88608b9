//! Sections that talk to each other without sockets, on a manual clock.

use super::message::{Control, Fault, Kind, put_control, put_table};
use super::section::{Resync, Section};
use super::session::Session;
use crate::clock::Clock;
use crate::settings::{PeerAddress, PeersSection, SharedTable};
use crate::table::{DataType, Event, KeyType, Slot, Spec, Storage, Stored, Table};
use proptest::prelude::*;
use std::rc::Rc;
use std::sync::Arc;

/// A table that stores one of everything.
pub(super) fn table() -> Arc<Table> {
    table_of(KeyType::String(31), &Clock::manual(1_000_000), 100)
}

fn table_of(key: KeyType, clock: &Clock, size: u32) -> Arc<Table> {
    let stored = |kind: DataType| Stored {
        kind,
        elements: if kind.is_array() { 2 } else { 1 },
        period: match kind.storage() {
            Storage::Rate => 10_000,
            _ => 0,
        },
    };
    let spec = Spec {
        name: "t".to_owned(),
        key,
        size,
        expire: Some(30_000),
        nopurge: false,
        store: DataType::all().map(stored).collect(),
        bytes_per_unit: 1,
        servers_by_address: false,
    };
    Table::new(spec, clock.clone())
}

/// One process: its section, its table, its session with the other.
struct Process {
    section: Rc<Section>,
    table: Arc<Table>,
    session: Option<Session>,
}

/// Two processes that share a table, and the bytes between them.
struct Pair {
    clock: Clock,
    both: [Process; 2],
}

impl Pair {
    fn new(key: KeyType, sizes: [u32; 2]) -> Self {
        let clock = Clock::manual(1_000_000);
        let process = |(local, size): (&str, u32)| {
            let table = table_of(key, &clock, size);
            let peer = |name: &str| PeerAddress {
                name: name.into(),
                addr: None,
                shard: 0,
                is_local: name == local,
            };
            let config = PeersSection {
                name: "p".into(),
                local: local.into(),
                bind: None,
                peers: vec![peer("a"), peer("b")],
                shards: 0,
                tables: vec![SharedTable {
                    table: 0,
                    wire_name: "t".into(),
                    recv_only: false,
                    write_to: None,
                }],
            };
            let tables = [Arc::clone(&table)];
            let section = Section::new(config, &tables, &clock, &Arc::default());
            Process {
                section: Rc::new(section),
                table,
                session: None,
            }
        };
        let [one, other] = sizes;
        Self {
            both: [("a", one), ("b", other)].map(process),
            clock,
        }
    }

    /// Both have met.
    fn meet(&mut self) {
        for (at, process) in self.both.iter_mut().enumerate() {
            process.session = Some(Session::new(&process.section, 1 - at, false));
        }
        self.talk();
    }

    /// Carries bytes until nobody has anything to say; how many there were.
    fn talk(&mut self) -> usize {
        let mut total = 0;
        loop {
            let before = total;
            for from in 0..2 {
                let [one, other] = &mut self.both;
                let (from, to) = if from == 0 {
                    (one, other)
                } else {
                    (other, one)
                };
                from.section.take_in();
                let mut bytes = Vec::new();
                from.session.as_mut().unwrap().fill(&mut bytes);
                let used = to.session.as_mut().unwrap().receive(&bytes);
                assert_eq!(used, Ok(bytes.len()));
                total += bytes.len();
            }
            if total == before {
                return total;
            }
        }
    }

    fn slot(&self, kind: DataType) -> Slot {
        self.both[0].table.layout().slot(kind, 0).unwrap()
    }

    /// What both have under a key.
    fn read(&self, key: &[u8], kind: DataType) -> [Option<u64>; 2] {
        let slot = self.slot(kind);
        self.both.each_ref().map(|process| {
            let entry = process.table.find(key)?;
            Some(entry.read(slot, process.table.now()))
        })
    }

    fn add(&self, at: usize, key: &[u8], kind: DataType, amount: u32) {
        let table = &self.both[at].table;
        let entry = table.find_or_create(key).unwrap();
        table.add(&entry, self.slot(kind), amount, table.now());
    }
}

#[test]
fn what_changes_is_told_and_the_last_word_counts() {
    let mut pair = Pair::new(KeyType::String(31), [100, 100]);
    pair.meet();
    pair.add(0, b"k", DataType::Gpc0, 3);
    pair.add(0, b"k", DataType::Gpc0, 4);
    pair.talk();
    assert_eq!(pair.read(b"k", DataType::Gpc0), [Some(7); 2]);
    pair.add(1, b"k", DataType::Gpc0, 1);
    pair.talk();
    assert_eq!(pair.read(b"k", DataType::Gpc0), [Some(8); 2]);
    assert_eq!(pair.talk(), 0, "nothing is told twice");
}

#[test]
fn every_data_type_arrives() {
    let mut pair = Pair::new(KeyType::Ipv6, [100, 100]);
    pair.meet();
    let key = [7; 16];
    let table = Arc::clone(&pair.both[0].table);
    let tracked = table.track(&key, table.now()).unwrap();
    for event in [
        Event::Sess,
        Event::HttpReq,
        Event::HttpErr,
        Event::HttpFail,
        Event::Glitch,
    ] {
        tracked.event(event, table.now());
    }
    tracked.bytes(true, 5_000_000_000, table.now());
    tracked.bytes(false, 70, table.now());
    tracked.entry().set_text(Some("server".into()));
    for kind in [
        DataType::Gpc,
        DataType::GpcRate,
        DataType::Gpt,
        DataType::ServerId,
    ] {
        pair.add(0, &key, kind, 9);
    }
    pair.clock.advance(4_000);
    pair.talk();
    for kind in DataType::all().filter(|kind| *kind != DataType::ServerKey) {
        let [here, there] = pair.read(&key, kind);
        match kind {
            DataType::ConnCur => assert_eq!((here, there), (Some(1), Some(0)), "is local"),
            _ => assert_eq!(here, there, "{}", kind.name()),
        }
    }
    let entry = pair.both[1].table.find(&key).unwrap();
    assert_eq!(entry.text().as_deref(), Some("server"));
    drop(tracked);
}

#[test]
fn who_comes_later_learns_everything() {
    let mut pair = Pair::new(KeyType::Integer, [3_000, 3_000]);
    for number in 0..2_000_u32 {
        pair.add(0, &number.to_be_bytes(), DataType::Gpc0, number);
    }
    pair.clock.advance(10_000);
    // Nobody was there to teach the first: it gave up, and knows everything there is.
    assert_eq!(pair.both[0].section.resync(), Resync::Done);
    let second = Pair::new(KeyType::Integer, [3_000, 3_000]);
    assert!(matches!(second.both[1].section.resync(), Resync::Wanted(_)));
    pair.both[1] = second.both.into_iter().nth(1).unwrap();
    pair.meet();
    assert_eq!(pair.both[1].section.resync(), Resync::Done);
    for number in [0, 1, 999, 1_999_u32] {
        let [here, there] = pair.read(&number.to_be_bytes(), DataType::Gpc0);
        assert_eq!((here, there), (Some(number.into()), Some(number.into())));
    }
    pair.add(0, &5_u32.to_be_bytes(), DataType::Gpc0, 1);
    pair.talk();
    assert_eq!(
        pair.read(&5_u32.to_be_bytes(), DataType::Gpc0),
        [Some(6); 2]
    );
}

/// Each process is its own local peer here.
#[test]
fn a_process_that_leaves_teaches_the_next_one() {
    let mut pair = Pair::new(KeyType::Ip, [10, 10]);
    pair.add(0, &[1; 4], DataType::Gpc0, 1);
    pair.clock.advance(5_000);
    let [old, new] = &mut pair.both;
    new.section.await_lesson();
    assert!(!new.section.asks(0), "others are not asked yet");
    old.session = Some(Session::new(&old.section, 0, true));
    new.session = Some(Session::new(&new.section, 1, false));
    assert_eq!(new.section.resync(), Resync::Asked);
    pair.talk();
    assert_eq!(pair.read(&[1; 4], DataType::Gpc0), [Some(1); 2]);
    let [old, new] = &pair.both;
    assert!(old.session.as_ref().unwrap().is_complete());
    assert_eq!(new.section.resync(), Resync::Done);
    // One that is not taught asks the others, and gives up in the end.
    new.section.await_lesson();
    pair.clock.advance(5_000);
    assert!(matches!(new.section.resync(), Resync::Wanted(_)));
    assert_eq!(new.section.flags(), 0x10_0001);
    pair.clock.advance(5_000);
    assert_eq!(new.section.resync(), Resync::Done);
    assert_eq!(new.section.flags(), 0x30_0003);
}

#[test]
fn the_rest_of_a_life_is_learned_with_everything() {
    let mut pair = Pair::new(KeyType::Ip, [10, 10]);
    pair.add(0, &[1, 2, 3, 4], DataType::Gpc0, 1);
    pair.clock.advance(10_000);
    pair.both[1] = Pair::new(KeyType::Ip, [10, 10])
        .both
        .into_iter()
        .nth(1)
        .unwrap();
    pair.meet();
    let entry = pair.both[1].table.find(&[1, 2, 3, 4]).unwrap();
    assert_eq!(pair.both[1].table.expires_in(&entry), 20_000);
}

#[test]
fn a_new_session_goes_on_where_the_last_was_acknowledged() {
    let mut pair = Pair::new(KeyType::Ip, [10, 10]);
    pair.meet();
    pair.add(0, &[1; 4], DataType::Gpc0, 1);
    pair.talk();
    // Neither could teach the other everything, and both have stopped asking.
    pair.clock.advance(5_000);
    for process in &mut pair.both {
        process.session = None;
    }
    pair.add(0, &[2; 4], DataType::Gpc0, 1);
    // What the peer forgets in between is not told again: it had acknowledged it.
    let old = pair.both[1].table.find(&[1; 4]).unwrap();
    assert!(pair.both[1].table.remove(&old));
    pair.meet();
    assert_eq!(pair.read(&[1; 4], DataType::Gpc0), [Some(1), None]);
    assert_eq!(pair.read(&[2; 4], DataType::Gpc0), [Some(1); 2]);
}

#[test]
fn a_smaller_table_takes_what_it_has_room_for() {
    let mut pair = Pair::new(KeyType::Ip, [1_000, 10]);
    pair.meet();
    for number in 0..1_000_u32 {
        pair.add(0, &number.to_be_bytes(), DataType::Gpc0, 1);
    }
    pair.talk();
    assert_eq!(pair.both[1].table.used(), 10);
    assert_eq!(
        pair.read(&999_u32.to_be_bytes(), DataType::Gpc0),
        [Some(1); 2]
    );
}

#[test]
fn a_silent_peer_is_told_that_we_are_there_and_then_given_up() {
    let mut pair = Pair::new(KeyType::Ip, [10, 10]);
    pair.meet();
    let said = |pair: &mut Pair| {
        let mut out = Vec::new();
        pair.both[0].session.as_mut().unwrap().fill(&mut out);
        out
    };
    pair.clock.advance(2_999);
    assert_eq!(said(&mut pair), b"");
    pair.clock.advance(1);
    assert_eq!(said(&mut pair), b"\0\x04");
    assert_eq!(said(&mut pair), b"");
    let is_dead = |pair: &Pair| pair.both[0].session.as_ref().unwrap().deadline().1;
    pair.clock.advance(1_999);
    assert!(!is_dead(&pair));
    pair.clock.advance(1);
    assert!(is_dead(&pair));
}

#[test]
fn a_newer_session_ends_the_one_before() {
    let mut pair = Pair::new(KeyType::Ip, [10, 10]);
    pair.meet();
    let newer = Session::new(&pair.both[0].section, 1, false);
    let older = pair.both[0].session.replace(newer).unwrap();
    assert!(older.is_replaced());
    drop(older);
    assert!(!pair.both[0].session.as_ref().unwrap().is_replaced());
    assert!(pair.both[0].section.peers[1].is_active());
    pair.both[0].session = None;
    assert!(!pair.both[0].section.peers[1].is_active());
}

#[test]
fn whoever_teaches_and_leaves_is_asked_no_more() {
    let mut pair = Pair::new(KeyType::Ip, [10, 10]);
    let section = Rc::clone(&pair.both[0].section);
    pair.both[0].session = Some(Session::new(&section, 1, false));
    let mut out = Vec::new();
    pair.both[0].session.as_mut().unwrap().fill(&mut out);
    assert_eq!((&*out, section.resync()), (&b"\0\0"[..], Resync::Asked));
    pair.both[0].session = None;
    assert!(matches!(section.resync(), Resync::Wanted(_)));
    // One that has not everything itself is not asked again.
    let mut session = Session::new(&section, 1, false);
    out.clear();
    session.fill(&mut out);
    assert_eq!(out, b"\0\0");
    assert_eq!(session.receive(b"\0\x02"), Ok(2));
    out.clear();
    session.fill(&mut out);
    assert_eq!(out, b"\0\x03", "confirmed");
    assert!(matches!(section.resync(), Resync::Wanted(_)));
    pair.clock.advance(5_000);
    assert_eq!(section.resync(), Resync::Done);
}

/// Messages of a peer that has defined the table with `gpc0` alone.
#[track_caller]
fn check(messages: &[(Kind, &[u8])], expected: Result<(), Fault>) {
    let pair = Pair::new(KeyType::String(31), [10, 10]);
    let mut session = Session::new(&pair.both[0].section, 1, false);
    let mut bytes = Vec::new();
    put_table(&mut bytes, Kind::Define, b"\x05\x01t\x06\x20\x04\x00");
    for (kind, body) in messages {
        put_table(&mut bytes, *kind, body);
    }
    put_control(&mut bytes, Control::Heartbeat);
    let read = session
        .receive(&bytes)
        .map(|used| assert_eq!(used, bytes.len()));
    assert_eq!(read, expected, "{messages:?}");
}

const UPDATE: Kind = Kind::Update {
    numbered: true,
    timed: false,
};

#[test]
fn what_peers_get_wrong() {
    check(&[(UPDATE, b"\0\0\0\x01\x01k\x07")], Ok(()));
    check(
        &[(UPDATE, b"\0\0\0\x01\x01k\x07more of a later version")],
        Ok(()),
    );
    check(&[(UPDATE, b"\0\0\0\x01\x00\x07")], Ok(()));
    check(&[(UPDATE, b"\0\0\0")], Err(Fault::Protocol));
    check(&[(UPDATE, b"\0\0\0\x01\x09k\x07")], Err(Fault::Protocol));
    check(&[(UPDATE, b"\0\0\0\x01\x01k")], Err(Fault::Protocol));
    check(&[(Kind::Define, b"")], Err(Fault::Protocol));
    check(
        &[
            (Kind::Define, b"\x01\x05other\x06\x20\x04\x00"),
            (UPDATE, b""),
        ],
        Ok(()),
    );
    check(
        &[(Kind::Define, b"\x01\x01t\x02\x04\x04\x00"), (UPDATE, b"")],
        Ok(()),
    );
    check(&[(Kind::Switch, b"")], Err(Fault::Protocol));
    check(&[(Kind::Switch, b"\x09"), (UPDATE, b"")], Ok(()));
    check(
        &[(Kind::Switch, b"\x05"), (UPDATE, b"")],
        Err(Fault::Protocol),
    );
    check(&[(Kind::Acknowledge, b"\x01\0\0")], Err(Fault::Protocol));
    check(&[(Kind::Acknowledge, b"\xef\0\0\0\x01")], Ok(()));
    check(&[(Kind::Acknowledge, b"\x00\0\0\0\x01")], Ok(()));
}

#[test]
fn pieces_are_read_as_the_whole() {
    let mut bytes = Vec::new();
    put_table(&mut bytes, Kind::Define, b"\x05\x06string\x06\x20\x04\x00");
    for key in [b"a", b"b"] {
        let body = [&[0, 0, 0, 1, 1][..], key, &[7]].concat();
        put_table(&mut bytes, UPDATE, &body);
    }
    put_control(&mut bytes, Control::ResyncRequest);
    for end in 0..=bytes.len() {
        super::fuzz_peer(bytes.get(..end).unwrap_or_default());
    }
}

proptest! {
    /// What the fuzz target does, from messages that are nearly right.
    #[test]
    fn any_messages(
        messages in proptest::collection::vec(
            (0x80..0x88_u8, proptest::collection::vec(any::<u8>(), 0..12)), 0..12),
        tail in proptest::collection::vec(any::<u8>(), 0..20),
    ) {
        let mut bytes = Vec::new();
        put_table(&mut bytes, Kind::Define, b"\x05\x06string\x06\x20\x04\x00");
        for (kind, body) in messages {
            bytes.extend([10, kind, body.len() as u8]);
            bytes.extend(body);
        }
        bytes.extend(tail);
        super::fuzz_peer(&bytes);
    }
}
