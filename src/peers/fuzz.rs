//! What the fuzz target `peer` runs.

use super::hello::{self, Hello};
use super::message::LONGEST;
use super::section::Section;
use super::session::Session;
use crate::clock::Clock;
use crate::settings::{PeerAddress, PeersSection, SharedTable};
use crate::table::{DataType, KeyType, Spec, Stored, Table};
use std::rc::Rc;
use std::sync::Arc;

/// Reads bytes as a handshake, as a status, and as messages of a peer, at once and byte by byte: both
/// must end alike, with the same entries, and nothing may grow beyond its bounds.
pub fn fuzz_peer(bytes: &[u8]) {
    if let Ok(Some((hello, used))) = Hello::read(bytes) {
        assert!(used <= bytes.len());
        assert!(hello.minor <= hello::MINOR);
    }
    // Nothing to check but that it ends.
    let _ = hello::status(bytes);
    let whole = heard(bytes, usize::MAX);
    let pieces = heard(bytes, 1);
    assert_eq!(whole, pieces, "pieces are read as the whole");
}

/// Lets a session hear bytes in pieces of that size: whether they were in order, how many messages' bytes
/// were used, and the tables' keys afterwards.
fn heard(bytes: &[u8], piece: usize) -> (bool, usize, Vec<Vec<u8>>) {
    let clock = Clock::manual(100_000);
    let tables = [KeyType::String(31), KeyType::Ip].map(|key| table(key, &clock));
    let section = Rc::new(section(&tables, &clock));
    let mut session = Session::new(&section, 0, false);
    let (mut used, mut end) = (0, 0);
    let mut out = Vec::new();
    let is_sound = loop {
        let Some(waiting) = bytes.get(used..end) else {
            break true;
        };
        match session.receive(waiting) {
            Ok(more) => used += more,
            Err(_) => break false,
        }
        if end == bytes.len() {
            break true;
        }
        end = end.saturating_add(piece).min(bytes.len());
    };
    for _ in 0..100 {
        out.clear();
        session.fill(&mut out);
        assert!(out.len() <= 4 * LONGEST as usize, "what is said is bounded");
    }
    let entries = tables.iter().flat_map(|table| {
        assert!(table.used() <= 50, "a table holds no more than its size");
        table.entries()
    });
    let mut keys: Vec<Vec<u8>> = entries.map(|entry| entry.key().to_vec()).collect();
    keys.sort();
    (is_sound, if is_sound { used } else { 0 }, keys)
}

/// A table that stores one of everything.
fn table(key: KeyType, clock: &Clock) -> Arc<Table> {
    let stored = |kind: DataType| Stored {
        kind,
        elements: if kind.is_array() { 2 } else { 1 },
        period: 10_000,
    };
    let spec = Spec {
        name: key.name().to_owned(),
        key,
        size: 50,
        expire: Some(30_000),
        nopurge: false,
        store: DataType::all().map(stored).collect(),
        bytes_per_unit: 1,
        servers_by_address: false,
    };
    Table::new(spec, clock.clone())
}

/// A section of a peer `b` that shares these tables with `a`.
fn section(tables: &[Arc<Table>], clock: &Clock) -> Section {
    let shared = (0..).zip(tables).map(|(number, table)| SharedTable {
        table: number,
        wire_name: table.spec().name.as_str().into(),
        recv_only: false,
        write_to: None,
    });
    let config = PeersSection {
        name: "p".into(),
        local: "b".into(),
        bind: None,
        peers: vec![PeerAddress {
            name: "a".into(),
            addr: None,
            shard: 0,
            is_local: false,
        }],
        shards: 0,
        tables: shared.collect(),
    };
    Section::new(config, tables, clock, &Arc::default())
}
