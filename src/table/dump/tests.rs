//! Dumps come back as they were; what is no dump is refused.

use super::super::store::{Event, Spec};
use super::*;
use crate::clock::Clock;
use proptest::prelude::*;

fn table(key: KeyType, kinds: &[DataType]) -> Arc<Table> {
    let stored = |&kind: &DataType| Stored {
        kind,
        elements: if kind.is_array() { 2 } else { 1 },
        period: match kind.storage() {
            super::super::Storage::Rate => 10_000,
            _ => 0,
        },
    };
    let spec = Spec {
        name: "t".to_owned(),
        key,
        size: 50,
        expire: Some(30_000),
        nopurge: false,
        store: kinds.iter().map(stored).collect(),
        bytes_per_unit: 1,
        servers_by_address: false,
    };
    Table::new(spec, Clock::manual(1_000_000))
}

fn all() -> Vec<DataType> {
    DataType::all().collect()
}

/// Each key, what is left of its life, and its values.
fn content(table: &Table) -> Vec<(Vec<u8>, u64, Vec<Value>)> {
    let slots = slots(table.layout());
    let values = |entry: &Entry| {
        let values = slots
            .iter()
            .map(|&(_, slot)| entry.value(slot, table.now()));
        values.collect::<Vec<_>>()
    };
    let entries = table.entries().into_iter();
    let mut all: Vec<_> = entries
        .map(|entry| {
            (
                entry.key().to_vec(),
                table.expires_in(&entry),
                values(&entry),
            )
        })
        .collect();
    all.sort_by(|one, other| one.0.cmp(&other.0));
    all
}

fn written(table: &Arc<Table>) -> Vec<u8> {
    let mut out = Vec::new();
    dump(table, &mut out);
    out
}

fn filled() -> Arc<Table> {
    let table = table(KeyType::String(31), &all());
    let entry = table.find_or_create(b"a key").unwrap();
    let slot = |kind, index| table.layout().slot(kind, index).unwrap();
    table.add(&entry, slot(DataType::Gpc, 1), 7, table.now());
    table.add(&entry, slot(DataType::BytesInCnt, 0), u32::MAX, table.now());
    table.event(&entry, Event::HttpReq, table.now());
    entry.set_text(Some("s1".into()));
    table
}

#[test]
fn what_is_not_stored_is_left_out_and_connections_are_not_counted() {
    let from = filled();
    drop(from.track(b"a key", from.now()));
    let held = from.track(b"a key", from.now()).unwrap();
    let kinds = [DataType::ConnCur, DataType::ConnCnt, DataType::HttpReqRate];
    let to = table(KeyType::String(31), &kinds);
    assert_eq!(load(&written(&from), |_| Some(Arc::clone(&to))), Ok(1));
    let entry = to.find(b"a key").unwrap();
    let read = |kind| entry.read(to.layout().slot(kind, 0).unwrap(), to.now());
    assert_eq!(kinds.map(read), [0, 2, 1]);
    drop(held);
}

#[test]
fn tables_of_other_keys_take_nothing() {
    let bytes = written(&filled());
    for key in [KeyType::Ip, KeyType::String(30), KeyType::Binary(31)] {
        let to = table(key, &all());
        assert_eq!(load(&bytes, |_| Some(Arc::clone(&to))), Ok(0));
        assert_eq!(to.used(), 0);
    }
    assert_eq!(load(&bytes, |_| None), Ok(0));
}

#[test]
fn several_follow_each_other() {
    let mut bytes = written(&filled());
    bytes.extend(written(&filled()));
    let to = table(KeyType::String(31), &all());
    assert_eq!(load(&bytes, |_| Some(Arc::clone(&to))), Ok(2));
    assert_eq!(to.used(), 1);
}

#[test]
fn what_is_no_dump_is_refused() {
    let check = |bytes: &[u8], expected| {
        assert_eq!(load(bytes, |_| None), expected, "{}", bytes.escape_ascii());
    };
    check(b"", Ok(0));
    check(b"TGTABLE", Err(LoadError::NotADump));
    check(b"TGTABLE\n", Err(LoadError::Broken));
    check(b"TGTABLE\n\x02", Err(LoadError::Version(2)));
    check(b"TGTABLE\n\x01\x01t\x06\x20\x00\x00", Ok(0));
    check(
        b"TGTABLE\n\x01\x01t\x06\x20\x00\x02",
        Err(LoadError::Broken),
    );
    // One data type: 27 of which none is known; an array of 200; the same twice.
    check(
        b"TGTABLE\n\x01\x01t\x06\x20\x01\x1b\x01\x00\x00",
        Err(LoadError::Broken),
    );
    check(
        b"TGTABLE\n\x01\x01t\x06\x20\x01\x17\xc8\x00\x00",
        Err(LoadError::Broken),
    );
    check(
        b"TGTABLE\n\x01\x01t\x06\x20\x02\x01\x01\x00\x01\x01\x00\x00",
        Err(LoadError::Broken),
    );
    let whole = written(&filled());
    for end in 1..whole.len() {
        let cut = whole.get(..end).unwrap_or_default();
        assert!(load(cut, |_| None).is_err(), "cut at {end}");
        fuzz_dump(cut);
    }
}

proptest! {
    #[test]
    fn round_trip(
        steps in proptest::collection::vec((0..30_u8, 0..27_usize, any::<u32>(), 0..2_000_u64), 0..200),
        is_text: bool,
    ) {
        let key = if is_text { KeyType::String(31) } else { KeyType::Integer };
        let kinds: Vec<_> = all().into_iter().filter(|kind| *kind != DataType::ConnCur).collect();
        let (from, to) = (table(key, &kinds), table(key, &kinds));
        for (name, kind, amount, pause) in steps {
            let name = [name, 1, 2, 3];
            let entry = from.find_or_create(&name).unwrap();
            let kind = kinds[kind % kinds.len()];
            match from.layout().slot(kind, 0).unwrap() {
                Slot::Text => entry.set_text(Some(format!("server{amount}").into())),
                slot => drop(from.add(&entry, slot, amount, from.now())),
            }
            for table in [&from, &to] {
                table.clock().advance(pause);
            }
        }
        let bytes = written(&from);
        let loaded = load(&bytes, |name| (name == "t").then(|| Arc::clone(&to)));
        prop_assert_eq!(loaded, Ok(from.entries().len()));
        prop_assert_eq!(content(&from), content(&to));
    }

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        fuzz_dump(&bytes);
        let mut marked = b"TGTABLE\n\x01\x01t\x06\x09".to_vec();
        marked.extend(bytes);
        fuzz_dump(&marked);
    }
}
