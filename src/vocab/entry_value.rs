//! What samples do with an entry of a stick table: the families behind `sc_*`, `src_*`, `table_*`.
//!
//! What must hold: plain reads do not refresh the entry, counting and clearing do (SEMANTICS 2.6).
//! Deliberately absent: where the entry comes from, which is the word's.

use super::context::Context;
use super::outer::Link;
use super::sample::{ROOM, Sample, Type};
use crate::table::{DataType, Entry, KeyType, Slot, Table};
use std::sync::Arc;

/// What to read or to count.
#[derive(Clone, Copy, Debug)]
pub(super) enum Field {
    /// A counter or a rate.
    Value(DataType),
    /// A counter of bytes, in units of 1024.
    Kilobytes(DataType),
    /// A rate of bytes, which tables may keep in blocks.
    ByteRate(DataType),
    /// Adds one to a counter and its rate, whichever is stored: the counter's new value, or the
    /// events of the rate's running period.
    Increment { counter: DataType, rate: DataType },
    /// Adds one to a counter: its new value.
    Count(DataType),
    /// Sets a counter to 0: its value before.
    Clear(DataType),
    /// How many streams and connections track it.
    Trackers,
}

impl Field {
    /// Whether an entry is made for a key that has none.
    pub(super) fn creates(self) -> bool {
        matches!(
            self,
            Self::Increment { .. } | Self::Count(_) | Self::Clear(_)
        )
    }

    /// Does it; `None` if the table does not store that. `index` counts the elements of an array.
    pub(super) fn of(
        self,
        cx: &Context<'_>,
        (table, entry): (&Table, &Entry),
        index: u16,
    ) -> Option<Sample<'static>> {
        let slot = |kind| element(table, kind, index);
        let read = |kind| {
            let slot = slot(kind)?;
            // Only rates depend on the time.
            let now = match slot {
                Slot::Rate(..) => cx.now(),
                _ => 0,
            };
            Some(entry.read(slot, now))
        };
        let value = match self {
            Self::Value(kind) => read(kind)?,
            Self::Kilobytes(kind) => read(kind)? >> 10,
            Self::ByteRate(kind) => read(kind)?.saturating_mul(table.spec().bytes_per_unit.into()),
            Self::Increment { counter, rate } => {
                let add = |kind| slot(kind).map(|slot| table.add(entry, slot, 1, cx.now()));
                let of_rate = add(rate);
                add(counter).or(of_rate)?
            }
            Self::Count(kind) => table.add(entry, slot(kind)?, 1, cx.now()),
            Self::Clear(kind) => table.set(entry, slot(kind)?, 0, cx.now()),
            Self::Trackers => entry.references().into(),
        };
        Some(Sample::Sint(i64::try_from(value).unwrap_or(i64::MAX)))
    }
}

/// The place of an element. The array's own names do not stand for `gpc0`, `gpc1` and `gpt0`.
pub(super) fn element(table: &Table, kind: DataType, index: u16) -> Option<Slot> {
    let layout = table.layout();
    if kind.is_array() {
        layout.find(kind)?;
    }
    layout.slot(kind, index)
}

/// An index that an argument names; a wrong one is no element's.
pub(super) fn index(written: Option<i64>) -> u16 {
    written.map_or(0, |index| u16::try_from(index).unwrap_or(u16::MAX))
}

/// The type samples are cast to for keys of that type.
pub(crate) fn key_sample(key: KeyType) -> Type {
    match key {
        KeyType::Ip | KeyType::Ipv6 => Type::Addr,
        KeyType::Integer => Type::Sint,
        KeyType::String(_) => Type::Str,
        KeyType::Binary(_) => Type::Bin,
    }
}

/// Shows the key that a sample makes to `visit`; `None` if it makes none.
pub(super) fn with_key<R>(
    kind: KeyType,
    sample: Sample<'_>,
    visit: impl FnOnce(&[u8]) -> R,
) -> Option<R> {
    let mut room = ROOM;
    match sample.cast(key_sample(kind), &mut room)? {
        Sample::Addr(addr) => kind.of_addr(addr).map(|key| visit(key.bytes())),
        Sample::Sint(value) => Some(visit(kind.of_int(value).bytes())),
        Sample::Str(bytes) | Sample::Bin(bytes) | Sample::Meth(bytes) => {
            kind.with_bytes(bytes, visit)
        }
        Sample::Bool(_) => None,
    }
}

/// The table an argument leads to.
pub(super) fn table<'s>(cx: &Context<'s>, link: &Link<u32>) -> Option<&'s Arc<Table>> {
    cx.state.table(*link.get()?)
}

/// What a field of a key's entry gives: 0 for a key without entry, unless one is made.
pub(super) fn look_up(
    cx: &Context<'_>,
    table: &Table,
    sample: Sample<'_>,
    field: Field,
    index: u16,
) -> Option<Sample<'static>> {
    let of = |entry: &Arc<Entry>| field.of(cx, (table, entry), index);
    let find = |key: &[u8]| match field.creates() {
        true => table.find_or_create(key).map(|entry| of(&entry)),
        false => table.look(key, cx.now(), of),
    };
    match with_key(table.spec().key, sample, find).flatten() {
        Some(found) => found,
        None => Some(Sample::Sint(0)),
    }
}
