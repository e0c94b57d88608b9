//! What a peer's updates of a table hold: its definition, written and read.

use super::message::Fault;
use crate::table::varint::{Reader, put, put_bytes};
use crate::table::{DataType, Slot, Storage, Table};

/// Most elements of an array.
const LONGEST_ARRAY: u64 = 100;

/// One value of each of a peer's updates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field {
    /// What it is.
    pub(super) kind: DataType,
    /// Which element of an array.
    pub(super) index: u16,
}

impl Field {
    /// Where a table of ours keeps it.
    pub(super) fn slot(self, table: &Table) -> Option<Slot> {
        // The old names are other fields between peers.
        table.layout().find(self.kind)?;
        table.layout().slot(self.kind, self.index)
    }
}

/// A definition as it came.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Definition<'b> {
    /// The number by which the peer means the table.
    pub(super) id: u64,
    /// The name both sides know it by.
    pub(super) name: &'b [u8],
    /// Type and length of its keys.
    pub(super) key: (u64, u64),
    /// A bit for each data type.
    pub(super) types: u64,
    /// Its values in order; `None` if they cannot be told apart.
    pub(super) fields: Option<Vec<Field>>,
}

/// Appends the definition of a table that peers know by this number and name.
pub(super) fn put_definition(out: &mut Vec<u8>, id: u64, name: &str, table: &Table) {
    let spec = table.spec();
    put(out, id);
    put_bytes(out, name.as_bytes());
    let (kind, length) = spec.key.on_the_wire();
    put(out, kind);
    put(out, length.into());
    let types = table.layout().stored();
    put(
        out,
        types.fold(0, |bits, stored| bits | 1 << stored.kind as u64),
    );
    put(out, spec.expire.unwrap_or(0));
    for stored in table.layout().stored() {
        let is_rate = stored.kind.storage() == Storage::Rate;
        if stored.kind.is_array() || is_rate {
            put(out, stored.kind as u64);
        }
        if stored.kind.is_array() {
            put(out, stored.elements.into());
        }
        if is_rate {
            put(out, stored.period.into());
        }
    }
}

/// Reads a definition.
pub(super) fn read(body: &[u8]) -> Result<Definition<'_>, Fault> {
    whole(&mut Reader::new(body)).ok_or(Fault::Protocol)
}

fn whole<'b>(reader: &mut Reader<'b>) -> Option<Definition<'b>> {
    let (id, name) = (reader.varint()?, reader.bytes()?);
    let key = (reader.varint()?, reader.varint()?);
    let types = reader.varint()?;
    (!name.is_empty()).then(|| Definition {
        id,
        name,
        key,
        types,
        fields: fields(reader, types),
    })
}

/// The values that these bits stand for. Types of later versions come last and are not read.
fn fields(reader: &mut Reader<'_>, types: u64) -> Option<Vec<Field>> {
    // Version 2.0 may stop here: then nothing may need more.
    let has_more = reader.varint().is_some();
    let mut all = Vec::new();
    for kind in DataType::all().filter(|kind| types >> *kind as u64 & 1 == 1) {
        let is_rate = kind.storage() == Storage::Rate;
        if has_more && (kind.is_array() || is_rate) && reader.varint()? != kind as u64 {
            return None;
        }
        let elements = match kind.is_array() {
            true if !has_more => return None,
            true => reader.varint().filter(|count| *count <= LONGEST_ARRAY)?,
            false => 1,
        };
        if has_more && is_rate {
            reader.varint()?;
        }
        all.extend((0..elements as u16).map(|index| Field { kind, index }));
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::super::tests::table;
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let table = table();
        let mut out = Vec::new();
        put_definition(&mut out, 3, "t", &table);
        let read = read(&out).unwrap();
        assert_eq!((read.id, read.name, read.key), (3, &b"t"[..], (6, 32)));
        let fields = read.fields.unwrap();
        let all: usize = table
            .layout()
            .stored()
            .map(|s| usize::from(s.elements))
            .sum();
        assert_eq!(fields.len(), all);
        assert!(fields.iter().all(|field| field.slot(&table).is_some()));
        for end in 0..out.len() {
            // Nothing to check but that it ends.
            let _ = super::read(out.get(..end).unwrap_or_default());
        }
    }

    #[test]
    fn definitions_of_others() {
        let check = |kind: DataType, rest: &[u8], fields: Option<usize>| {
            let mut body = b"\x01\x01t\x06\x20".to_vec();
            put(&mut body, 1 << kind as u64);
            body.extend_from_slice(rest);
            let read = read(&body).map(|read| read.fields.map(|fields| fields.len()));
            assert_eq!(read, Ok(fields), "{} {rest:?}", kind.name());
        };
        check(DataType::Gpc0, b"", Some(1));
        check(DataType::Gpc0, b"\x00", Some(1));
        check(DataType::Gpc0Rate, b"", Some(1));
        check(DataType::Gpc0Rate, b"\x00", None);
        check(DataType::Gpc0Rate, b"\x00\x04\x64", None);
        check(DataType::Gpc0Rate, b"\x00\x03\x64", Some(1));
        check(DataType::Gpc, b"", None);
        check(DataType::Gpc, b"\x00\x17\x03", Some(3));
        check(DataType::Gpc, b"\x00\x17\x65", None);
        assert_eq!(read(b"\x01\x00\x06\x20\x04"), Err(Fault::Protocol));
        assert_eq!(read(b"\x01\x09t"), Err(Fault::Protocol));
    }
}
