//! A table as bytes, for another process or another time, and back.
//!
//! A dump says what it is and which version of it: [`MAGIC`], the version, the table's name, the type
//! of its keys, what it stores, then entries until a zero. Several may follow each other. Data types
//! and key types have the numbers they have between HAProxy's peers. What must hold: reading a dump
//! never panics and never takes more than the table may hold, whatever the bytes; a table takes what
//! it has room for and leaves out what it does not store. `conn_cur` is not loaded: it counts
//! connections of the process that has them.

use super::data::{DataType, Layout, Slot, Stored};
use super::entry::Entry;
use super::key::KeyType;
use super::store::Table;
use super::value::Value;
use super::varint::{Reader, put, put_bytes};
use std::fmt;
use std::sync::Arc;

/// How a dump begins.
pub const MAGIC: &[u8; 8] = b"TGTABLE\n";
/// The version of the format that is written, and the only one that is read.
pub const VERSION: u64 = 1;

/// Why a dump could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// It is something else.
    NotADump,
    /// It has another version.
    Version(u64),
    /// It ends too early, or contradicts itself.
    Broken,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotADump => f.write_str("this is no dump of a stick table"),
            Self::Version(version) => {
                write!(
                    f,
                    "version {version} of table dumps is not known, {VERSION} is"
                )
            }
            Self::Broken => f.write_str("the dump ends too early, or contradicts itself"),
        }
    }
}

impl std::error::Error for LoadError {}

/// Appends a table with all its live entries.
pub fn dump(table: &Arc<Table>, out: &mut Vec<u8>) {
    let mut dump = Dump::new(Arc::clone(table));
    while dump.next(out) {}
}

/// A table on its way out, in pieces.
#[derive(Debug)]
pub struct Dump {
    table: Arc<Table>,
    /// What was not written yet; nothing before the first piece.
    entries: Option<std::vec::IntoIter<Arc<Entry>>>,
    slots: Vec<((Stored, u16), Slot)>,
}

impl Dump {
    /// Of the entries that a table has when the first piece is asked for.
    pub fn new(table: Arc<Table>) -> Self {
        Self {
            entries: None,
            slots: slots(table.layout()),
            table,
        }
    }

    /// Appends the next piece, an entry at most; whether there is more.
    pub fn next(&mut self, out: &mut Vec<u8>) -> bool {
        let Some(entries) = &mut self.entries else {
            self.entries = Some(self.table.entries().into_iter());
            put_heading(&self.table, out);
            return true;
        };
        let Some(entry) = entries.next() else {
            put(out, 0);
            return false;
        };
        put(out, 1);
        put_bytes(out, entry.key());
        put(out, self.table.expires_in(&entry));
        let now = self.table.now();
        for &(_, slot) in &self.slots {
            entry.value(slot, now).put(out);
        }
        true
    }
}

fn put_heading(table: &Table, out: &mut Vec<u8>) {
    let spec = table.spec();
    out.extend_from_slice(MAGIC);
    put(out, VERSION);
    put_bytes(out, spec.name.as_bytes());
    let (kind, length) = spec.key.on_the_wire();
    put(out, kind);
    put(out, length.into());
    put(out, table.layout().stored().count() as u64);
    for stored in table.layout().stored() {
        for part in [stored.kind as u32, stored.elements.into(), stored.period] {
            put(out, part.into());
        }
    }
}

/// Reads dumps into the tables that `find` gives for their names; returns how many entries were taken.
/// Entries of a table that is not found, or whose keys have another type, are passed over.
///
/// # Errors
/// What comes before the fault is loaded.
pub fn load(
    bytes: &[u8],
    mut find: impl FnMut(&str) -> Option<Arc<Table>>,
) -> Result<usize, LoadError> {
    let mut reader = Reader::new(bytes);
    let mut taken = 0;
    while !reader.rest().is_empty() {
        if reader.take(MAGIC.len() as u64) != Some(MAGIC) {
            return Err(LoadError::NotADump);
        }
        match reader.varint() {
            Some(VERSION) => {}
            Some(other) => return Err(LoadError::Version(other)),
            None => return Err(LoadError::Broken),
        }
        taken += load_one(&mut reader, &mut find).ok_or(LoadError::Broken)?;
    }
    Ok(taken)
}

fn load_one(
    reader: &mut Reader<'_>,
    find: &mut impl FnMut(&str) -> Option<Arc<Table>>,
) -> Option<usize> {
    let name = std::str::from_utf8(reader.bytes()?).ok()?;
    let key = (reader.varint()?, u32::try_from(reader.varint()?).ok()?);
    let theirs = stored(reader)?;
    let slots = slots(&Layout::new(&theirs));
    let table = find(name).filter(|table| table.spec().key.on_the_wire() == key);
    let mut taken = 0;
    loop {
        match reader.byte()? {
            0 => return Some(taken),
            1 => {}
            _ => return None,
        }
        let (key, left) = (reader.bytes()?, reader.varint()?);
        let entry = table
            .as_ref()
            .filter(|table| table.spec().key.fits(key))
            .and_then(|table| Some((table, table.learn(key, Some(left))?)));
        for &((stored, index), slot) in &slots {
            let value = Value::read(reader, slot)?;
            if let Some((table, entry)) = &entry
                && stored.kind != DataType::ConnCur
                && table.layout().find(stored.kind).map(|own| own.period) == Some(stored.period)
                && let Some(own) = table.layout().slot(stored.kind, index)
            {
                entry.store(own, value, table.now());
            }
        }
        taken += usize::from(entry.is_some());
    }
}

/// What a dump's entries store; each data type once, in order.
fn stored(reader: &mut Reader<'_>) -> Option<Vec<Stored>> {
    let count = reader.varint()?;
    let mut all: Vec<Stored> = Vec::new();
    for _ in 0..count {
        let kind = DataType::of_number(reader.varint()?)?;
        let stored = Stored {
            kind,
            elements: u16::try_from(reader.varint()?).ok()?,
            period: u32::try_from(reader.varint()?).ok()?,
        };
        let is_next = all.last().is_none_or(|before| before.kind < kind);
        let most = if kind.is_array() { 100 } else { 1 };
        if !is_next || !(1..=most).contains(&stored.elements) {
            return None;
        }
        all.push(stored);
    }
    Some(all)
}

/// Every value of an entry in order: what it is, and where.
fn slots(layout: &Layout) -> Vec<((Stored, u16), Slot)> {
    let elements = |stored: Stored| (0..stored.elements).map(move |index| (stored, index));
    let each = layout.stored().flat_map(elements);
    each.filter_map(|(stored, index)| Some(((stored, index), layout.slot(stored.kind, index)?)))
        .collect()
}

/// Loads bytes of any kind into a small table; what is there afterwards survives another dump.
pub fn fuzz_dump(bytes: &[u8]) {
    use super::store::Spec;
    use crate::clock::Clock;
    for key in [KeyType::String(8), KeyType::Ip] {
        let stored = |kind: DataType| Stored {
            kind,
            elements: if kind.is_array() { 3 } else { 1 },
            period: 1_000,
        };
        let spec = Spec {
            name: "t".to_owned(),
            key,
            size: 100,
            expire: Some(10_000),
            nopurge: false,
            store: DataType::all().map(stored).collect(),
            bytes_per_unit: 1,
            servers_by_address: false,
        };
        let make = || Table::new(spec.clone(), Clock::manual(100_000));
        let (first, second) = (make(), make());
        // What is no dump is an error, which is as good.
        let _ = load(bytes, |name| (name == "t").then(|| Arc::clone(&first)));
        assert!(first.used() <= 100, "a table holds no more than its size");
        let mut written = Vec::new();
        dump(&first, &mut written);
        let again = load(&written, |_| Some(Arc::clone(&second)));
        assert_eq!(again, Ok(first.entries().len()), "what was written is read");
    }
}

#[cfg(test)]
mod tests;
