//! Entries on the wire: what an update says of one, and what is taken from a peer's.

use super::definition::Field;
use super::dictionary::Dictionary;
use crate::table::varint::{Reader, put, put_bytes};
use crate::table::{DataType, Entry, KeyType, Slot, Storage, Table, Value};
use std::sync::Arc;

/// Appends the body of an update: number, rest of life if that is said, key, values.
pub(super) fn put_update(
    out: &mut Vec<u8>,
    table: &Table,
    entry: &Arc<Entry>,
    number: u32,
    is_timed: bool,
    dictionary: &mut Dictionary,
) {
    out.extend(number.to_be_bytes());
    if is_timed {
        let left = table.expires_in(entry);
        out.extend(u32::try_from(left).unwrap_or(u32::MAX).to_be_bytes());
    }
    match table.spec().key {
        KeyType::String(_) => put_bytes(out, entry.key()),
        _ => out.extend_from_slice(entry.key()),
    }
    let now = table.now();
    for stored in table.layout().stored() {
        for index in 0..stored.elements {
            let slot = table.layout().slot(stored.kind, index);
            match slot.map(|slot| entry.value(slot, now)) {
                Some(Value::Text(text)) => dictionary.put(out, text.as_ref()),
                Some(value) => value.put(out),
                None => put(out, 0),
            }
        }
    }
}

/// A peer's update, read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Update<'b> {
    /// Its number, if it was said.
    pub(super) number: Option<u32>,
    /// How long the entry lives, in milliseconds, if that was said.
    left: Option<u64>,
    key: &'b [u8],
    values: Vec<(Field, Value)>,
}

/// Reads the body of an update of a table with these keys. `None` for what cannot be one.
pub(super) fn read<'b>(
    body: &'b [u8],
    (is_numbered, is_timed): (bool, bool),
    key: KeyType,
    fields: &[Field],
    dictionary: &mut Dictionary,
) -> Option<Update<'b>> {
    let mut reader = Reader::new(body);
    let number = match is_numbered {
        true => Some(reader.u32()?),
        false => None,
    };
    let left = match is_timed {
        true => Some(reader.u32()?.into()),
        false => None,
    };
    let key = match key {
        KeyType::String(longest) => {
            let all = reader.bytes()?;
            all.get(..longest as usize).unwrap_or(all)
        }
        _ => reader.take(key.on_the_wire().1.into())?,
    };
    let mut values = Vec::with_capacity(fields.len());
    for field in fields {
        let value = match field.kind.storage() {
            Storage::Text => Value::Text(dictionary.read(&mut reader)?),
            Storage::Rate => Value::read(&mut reader, Slot::Rate(0, 0))?,
            Storage::Int | Storage::Wide => Value::read(&mut reader, Slot::Int(0))?,
        };
        values.push((*field, value));
    }
    Some(Update {
        number,
        left,
        key,
        values,
    })
}

impl Update<'_> {
    /// Puts it into the table, and into the one that is written to beside it. Counters of what is local
    /// are learned where a table only receives.
    pub(super) fn apply(&self, table: &Table, recv_only: bool, write_to: Option<&Table>) {
        if !table.spec().key.fits(self.key) {
            return;
        }
        let is_learned = |kind| kind != DataType::ConnCur || recv_only;
        self.put_into(table, is_learned);
        if let Some(target) = write_to {
            // What is the sum of several peers must not be overwritten by one.
            let as_it_is = [
                DataType::ServerId,
                DataType::ServerKey,
                DataType::Gpt0,
                DataType::Gpt,
            ];
            self.put_into(target, |kind| is_learned(kind) && as_it_is.contains(&kind));
        }
    }

    fn put_into(&self, table: &Table, is_learned: impl Fn(DataType) -> bool) {
        let Some(entry) = table.learn(self.key, self.left) else {
            return;
        };
        let now = table.now();
        for (field, value) in &self.values {
            if is_learned(field.kind)
                && *value != Value::Text(None)
                && let Some(slot) = field.slot(table)
            {
                entry.store(slot, value.clone(), now);
            }
        }
    }
}
