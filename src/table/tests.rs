//! Tables as a whole: life and death of entries on a manual clock, and many threads at once.

use super::*;
use crate::clock::{Clock, Millis};
use proptest::prelude::*;
use std::sync::Arc;
use std::thread;

const EXPIRE: Millis = 30_000;

fn spec(size: u32, expire: Option<Millis>, kinds: &[DataType]) -> Spec {
    Spec {
        name: "t".to_owned(),
        key: KeyType::String(31),
        size,
        expire,
        nopurge: false,
        store: kinds
            .iter()
            .map(|&kind| Stored {
                kind,
                elements: 1,
                period: 10_000,
            })
            .collect(),
        bytes_per_unit: 1,
        servers_by_address: false,
    }
}

fn table(size: u32, expire: Option<Millis>, kinds: &[DataType]) -> (Arc<Table>, Clock) {
    let clock = Clock::manual(1_000_000);
    (Table::new(spec(size, expire, kinds), clock.clone()), clock)
}

fn key(text: &str) -> &[u8] {
    text.as_bytes()
}

fn read(table: &Table, name: &str, kind: DataType) -> Option<u64> {
    let slot = table.layout().slot(kind, 0)?;
    let entry = table.find(name.as_bytes())?;
    Some(entry.read(slot, table.now()))
}

#[test]
fn tracking_counts_and_keeps() {
    let kinds = [DataType::ConnCnt, DataType::ConnCur, DataType::HttpReqRate];
    let (table, clock) = table(10, Some(EXPIRE), &kinds);
    let first = table.track(key("a"), table.now()).unwrap();
    let second = table.track(key("a"), table.now()).unwrap();
    first.event(Event::HttpReq, table.now());
    assert_eq!(read(&table, "a", DataType::ConnCnt), Some(2));
    assert_eq!(read(&table, "a", DataType::ConnCur), Some(2));
    assert_eq!(read(&table, "a", DataType::HttpReqRate), Some(1));
    assert_eq!(read(&table, "b", DataType::ConnCnt), None);
    drop(first);
    assert_eq!(read(&table, "a", DataType::ConnCur), Some(1));
    clock.advance(5 * EXPIRE);
    table.sweep(100);
    assert_eq!(read(&table, "a", DataType::ConnCnt), Some(2), "referenced");
    drop(second);
    // Losing the last reference refreshed it, because conn_cur is stored.
    clock.advance(EXPIRE - 1);
    assert_eq!(read(&table, "a", DataType::ConnCur), Some(0));
    clock.advance(1);
    assert_eq!(read(&table, "a", DataType::ConnCnt), None);
    assert_eq!(table.used(), 1);
    clock.advance(EXPIRE);
    table.sweep(100);
    assert_eq!(table.used(), 0);
}

/// SEMANTICS 2.6: a date that comes while the entry is referenced moves by whole lifetimes.
#[test]
fn a_long_request_extends_by_whole_lifetimes() {
    let (table, clock) = table(10, Some(5_000), &[DataType::Gpc0]);
    let tracked = table.track(key("a"), table.now()).unwrap();
    clock.advance(12_000);
    drop(tracked);
    let entry = table.find(b"a").unwrap();
    assert_eq!(table.expires_in(&entry), 3_000);
    clock.advance(2_999);
    assert!(table.find(b"a").is_some());
    clock.advance(1);
    assert!(table.find(b"a").is_none());
}

#[test]
fn looking_does_not_refresh_and_using_does() {
    let (table, clock) = table(10, Some(EXPIRE), &[DataType::Gpc0, DataType::HttpErrCnt]);
    let entry = table.find_or_create(key("a")).unwrap();
    let slot = table.layout().slot(DataType::Gpc0, 0).unwrap();
    clock.advance(10_000);
    assert!(table.find(b"a").is_some());
    assert_eq!(
        (table.expires_in(&entry), table.idle(&entry)),
        (20_000, 10_000)
    );
    assert_eq!(table.add(&entry, slot, 0, table.now()), 0);
    assert_eq!((table.expires_in(&entry), table.idle(&entry)), (30_000, 0));
    clock.advance(1_000);
    table.event(&entry, Event::HttpReq, table.now());
    assert_eq!(table.expires_in(&entry), 29_000, "not stored");
    table.event(&entry, Event::HttpErr, table.now());
    assert_eq!(table.expires_in(&entry), 30_000);
    assert_eq!(table.set(&entry, slot, 7, table.now()), 0);
    assert_eq!(table.set(&entry, slot, 0, table.now()), 7);
}

#[test]
fn a_full_table_gives_up_what_is_oldest_and_unreferenced() {
    for expire in [Some(EXPIRE), None] {
        let (table, clock) = table(3, expire, &[DataType::Gpc0]);
        let held = table.track(key("held"), table.now()).unwrap();
        table.find_or_create(key("old")).unwrap();
        clock.advance(2_000_000 / 1_000);
        table.find_or_create(key("new")).unwrap();
        clock.advance(1_000);
        table.find_or_create(key("newest")).unwrap();
        assert!(table.find(b"held").is_some());
        assert!(table.find(b"old").is_none(), "{expire:?}");
        assert!(table.find(b"new").is_some());
        assert_eq!(table.used(), 3);
        drop(held);
    }
}

#[test]
fn a_table_of_references_or_without_purge_takes_no_more() {
    let (table, _clock) = table(2, Some(EXPIRE), &[DataType::Gpc0]);
    let held = (
        table.track(key("a"), table.now()),
        table.track(key("b"), table.now()),
    );
    assert!(table.track(key("c"), table.now()).is_none());
    assert!(table.track(key("a"), table.now()).is_some());
    drop(held);
    assert!(table.track(key("c"), table.now()).is_some());
    let full = Table::new(
        Spec {
            nopurge: true,
            ..spec(1, None, &[])
        },
        Clock::manual(0),
    );
    assert!(full.find_or_create(key("a")).is_some());
    assert!(full.find_or_create(key("b")).is_none());
    assert!(full.find_or_create(key("a")).is_some());
}

#[test]
fn removal_spares_what_is_in_use() {
    let (table, _clock) = table(4, None, &[]);
    let tracked = table.track(key("a"), table.now()).unwrap();
    let entry = Arc::clone(tracked.entry());
    assert!(!table.remove(&entry));
    drop(tracked);
    assert!(table.remove(&entry));
    assert!(!table.remove(&entry));
    assert_eq!((table.used(), table.entries().len()), (0, 0));
}

#[test]
fn byte_rates_count_blocks() {
    let clock = Clock::manual(1_000_000);
    let table = Table::new(
        Spec {
            bytes_per_unit: 1024,
            ..spec(1, None, &[DataType::BytesInCnt, DataType::BytesInRate])
        },
        clock,
    );
    let tracked = table.track(key("a"), table.now()).unwrap();
    tracked.bytes(true, 1_500, table.now());
    tracked.bytes(false, 9_000, table.now());
    assert_eq!(read(&table, "a", DataType::BytesInCnt), Some(1_500));
    assert_eq!(read(&table, "a", DataType::BytesInRate), Some(2));
}

/// A hundred times more keys than there is room for: the table stays full of the newest, and what is
/// tracked survives with its counts. `benches/tables` does it with ten million.
#[test]
fn a_flood_of_keys_takes_no_room_and_nothing_tracked() {
    const SIZE: u32 = 5_000;
    let (table, clock) = table(SIZE, Some(EXPIRE), &[DataType::Gpc0]);
    let name = |number: u32| format!("user{number}");
    let slot = table.layout().slot(DataType::Gpc0, 0).unwrap();
    let tracked: Vec<_> = (0..100)
        .map(|number| table.track(name(number).as_bytes(), table.now()).unwrap())
        .collect();
    for user in &tracked {
        table.add(user.entry(), slot, 7, table.now());
    }
    for number in 0..100 * SIZE {
        if number % SIZE == 0 {
            clock.advance(100);
        }
        assert!(table.find_or_create(&number.to_be_bytes()).is_some());
        assert!(table.used() <= SIZE);
    }
    for number in 0..100 {
        assert_eq!(read(&table, &name(number), DataType::Gpc0), Some(7));
    }
    let newest = 100 * SIZE - 1;
    assert!(table.find(&newest.to_be_bytes()).is_some());
}

/// Threads track, count, release and expire the same few keys; nothing is lost, nothing stays.
#[test]
fn concurrent_use_leaves_no_reference_behind() {
    let kinds = [DataType::ConnCur, DataType::Gpc0, DataType::HttpReqRate];
    let (table, clock) = table(8, Some(50), &kinds);
    let threads: Vec<_> = (0..4_u32)
        .map(|seed| {
            let (table, clock) = (Arc::clone(&table), clock.clone());
            thread::spawn(move || {
                let mut state = seed + 1;
                for _ in 0..20_000 {
                    state = state.wrapping_mul(1_103_515_245).wrapping_add(12_345);
                    let name = format!("k{}", (state >> 16) % 12);
                    if let Some(tracked) = table.track(key(&name), table.now()) {
                        tracked.event(Event::HttpReq, table.now());
                        let again = table
                            .find(name.as_bytes())
                            .expect("referenced entries stay");
                        assert!(Arc::ptr_eq(&again, tracked.entry()));
                    }
                    if state & 0x70_0000 == 0 {
                        clock.advance(1);
                        table.sweep(4);
                    }
                    assert!(table.used() <= 8 + 4, "one more for each thread that tries");
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    let slot = table.layout().slot(DataType::ConnCur, 0).unwrap();
    for entry in table.entries() {
        assert_eq!((entry.references(), entry.read(slot, 0)), (0, 0));
    }
    clock.advance(1_000);
    table.sweep(1_000);
    clock.advance(1_000);
    table.sweep(1_000);
    assert_eq!((table.used(), table.entries().len()), (0, 0));
}

/// What a trace of a table does with keys `a` to `d`.
#[derive(Clone, Debug)]
enum Step {
    Track(u8),
    Release(usize),
    Use(u8),
    Pass(Millis),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..4u8).prop_map(Step::Track),
        3 => (0..8usize).prop_map(Step::Release),
        3 => (0..4u8).prop_map(Step::Use),
        2 => (1..2 * EXPIRE).prop_map(Step::Pass),
    ];
    proptest::collection::vec(step, 0..200)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    /// Entries that somebody tracks are never given up, however full the table and however late it
    /// is, and `conn_cur` is how many track it.
    #[test]
    fn what_is_tracked_stays_and_is_counted(steps in steps(), size in 1..5u32) {
        let (table, clock) = table(size, Some(EXPIRE), &[DataType::ConnCur]);
        let mut tracked: Vec<(u8, Tracked)> = Vec::new();
        for step in steps {
            match step {
                Step::Track(name) => {
                    tracked.extend(table.track(&[b'a' + name], table.now()).map(|entry| (name, entry)));
                }
                Step::Release(at) if at < tracked.len() => drop(tracked.swap_remove(at)),
                Step::Release(_) => {}
                Step::Use(name) => drop(table.find_or_create(&[b'a' + name])),
                Step::Pass(time) => {
                    clock.advance(time);
                    table.sweep(100);
                }
            }
            prop_assert!(table.used() <= size);
            for name in 0..4 {
                let count = tracked.iter().filter(|(of, _)| *of == name).count() as u64;
                let text = String::from(char::from(b'a' + name));
                let found = read(&table, &text, DataType::ConnCur);
                prop_assert_eq!(found.unwrap_or(0), count, "{}", text);
                prop_assert!(count == 0 || found.is_some(), "{} is gone", text);
            }
        }
    }
}
