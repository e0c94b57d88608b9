//! The patterns of a list with their values, in order, in one block of memory.
//!
//! A pattern and its value lie side by side behind a small header, so that a lookup touches the
//! index and one more place. Removed records stay until [`Records::wasted`] says that copying the
//! rest pays.

/// Which record; they are in the order of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(pub(in crate::vocab) u32);

impl EntryId {
    /// The record of that number, which may come from a user.
    pub fn of_number(number: u32) -> Self {
        Self(number)
    }

    /// Its number.
    pub fn number(self) -> u32 {
        self.0
    }
}

/// The patterns of one list.
#[derive(Clone, Debug)]
pub struct Records {
    bytes: Vec<u8>,
    last: Option<u32>,
    count: usize,
    wasted: usize,
    limit: usize,
}

/// There is no room for more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full;

/// Length of the pattern, where the value is, its length, the line, where the next record is.
const HEADER: usize = 20;
const LINE: usize = 3;
const NEXT: usize = 4;
/// The line of a removed record.
const REMOVED: u32 = u32::MAX;

struct Header {
    key_length: u32,
    value_at: u32,
    value_length: u32,
    line: u32,
    next: u32,
}

impl Default for Records {
    fn default() -> Self {
        Self::with_limit(u32::MAX as usize)
    }
}

impl Records {
    pub(super) fn with_limit(limit: usize) -> Self {
        Self {
            bytes: Vec::new(),
            last: None,
            count: 0,
            wasted: 0,
            limit,
        }
    }

    /// Makes room for records of that many bytes in all.
    pub(super) fn reserve(&mut self, records: usize, bytes: usize) {
        self.bytes
            .reserve(records.saturating_mul(HEADER).saturating_add(bytes));
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Bytes of memory used.
    pub fn memory(&self) -> usize {
        self.bytes.capacity()
    }

    /// Whether more than half is of no use any more.
    pub(super) fn is_wasteful(&self) -> bool {
        self.wasted > 4096 && self.wasted > self.bytes.len() / 2
    }

    /// Appends a record; `line` is its line in the file, 0 if it is from elsewhere.
    pub(super) fn push(&mut self, key: &[u8], value: &[u8], line: u32) -> Result<EntryId, Full> {
        let at = self.bytes.len();
        let end = at + HEADER + key.len() + value.len();
        if end > self.limit {
            return Err(Full);
        }
        let (at, value_at) = (at as u32, (end - value.len()) as u32);
        let line = line.min(REMOVED - 1);
        for field in [key.len() as u32, value_at, value.len() as u32, line, 0] {
            self.bytes.extend_from_slice(&field.to_le_bytes());
        }
        self.bytes.extend_from_slice(key);
        self.bytes.extend_from_slice(value);
        if let Some(last) = self.last {
            self.put(last, NEXT, at);
        }
        self.last = Some(at);
        self.count += 1;
        Ok(EntryId(at))
    }

    /// The last record.
    pub(super) fn last(&self) -> Option<EntryId> {
        self.last.map(EntryId)
    }

    /// Takes back the push of `id`, just made after `before`.
    pub(super) fn unpush(&mut self, id: EntryId, before: Option<EntryId>) {
        self.bytes.truncate(id.0 as usize);
        self.last = before.map(|id| id.0);
        if let Some(last) = self.last {
            self.put(last, NEXT, 0);
        }
        self.count -= 1;
    }

    /// Gives a record another value.
    pub(super) fn set(&mut self, id: EntryId, value: &[u8]) -> Result<(), Full> {
        let Some(header) = self.header(id) else {
            return Ok(());
        };
        let length = value.len() as u32;
        let mut at = header.value_at;
        if length > header.value_length {
            if self.bytes.len() + value.len() > self.limit {
                return Err(Full);
            }
            at = self.bytes.len() as u32;
            self.bytes.extend_from_slice(value);
            self.wasted += header.value_length as usize;
        } else if let Some(old) = self.slice_mut(at, length) {
            old.copy_from_slice(value);
        }
        self.put(id.0, 1, at);
        self.put(id.0, 2, length);
        Ok(())
    }

    pub(super) fn remove(&mut self, id: EntryId) {
        if let Some(header) = self.header(id).filter(|header| header.line != REMOVED) {
            self.put(id.0, LINE, REMOVED);
            self.count -= 1;
            self.wasted += HEADER + header.key_length as usize + header.value_length as usize;
        }
    }

    /// The pattern's text.
    pub fn key(&self, id: EntryId) -> &[u8] {
        let length = self.header(id).map_or(0, |header| header.key_length);
        self.slice(id.0.saturating_add(HEADER as u32), length)
    }

    /// The value beside it.
    pub fn value(&self, id: EntryId) -> &[u8] {
        match self.header(id) {
            Some(header) => self.slice(header.value_at, header.value_length),
            None => &[],
        }
    }

    /// Its line in the file it was read from; 0 if it was not.
    pub fn line(&self, id: EntryId) -> u32 {
        self.header(id).map_or(0, |header| header.line)
    }

    /// Whether `id` is one of these. It may come from a user.
    pub(super) fn has(&self, id: EntryId) -> bool {
        self.ids().any(|known| known == id)
    }

    /// All of them in order.
    pub fn ids(&self) -> impl Iterator<Item = EntryId> + '_ {
        let mut at = None;
        std::iter::from_fn(move || {
            at = self.after(at);
            at
        })
    }

    /// The one after another; the first after none.
    pub fn after(&self, id: Option<EntryId>) -> Option<EntryId> {
        let following = |id| self.header(id).map(|header| header.next);
        let mut next = match id {
            Some(id) => following(id).filter(|next| *next != 0)?,
            None => self.last.map(|_| 0)?,
        };
        loop {
            let header = self.header(EntryId(next))?;
            if header.line != REMOVED {
                return Some(EntryId(next));
            }
            next = Some(header.next).filter(|next| *next != 0)?;
        }
    }

    fn header(&self, id: EntryId) -> Option<Header> {
        let at = id.0 as usize;
        let header = self.bytes.get(at..)?.first_chunk::<HEADER>()?;
        let [
            a0,
            a1,
            a2,
            a3,
            b0,
            b1,
            b2,
            b3,
            c0,
            c1,
            c2,
            c3,
            d0,
            d1,
            d2,
            d3,
            e0,
            e1,
            e2,
            e3,
        ] = *header;
        Some(Header {
            key_length: u32::from_le_bytes([a0, a1, a2, a3]),
            value_at: u32::from_le_bytes([b0, b1, b2, b3]),
            value_length: u32::from_le_bytes([c0, c1, c2, c3]),
            line: u32::from_le_bytes([d0, d1, d2, d3]),
            next: u32::from_le_bytes([e0, e1, e2, e3]),
        })
    }

    fn slice(&self, at: u32, length: u32) -> &[u8] {
        let at = at as usize;
        self.bytes.get(at..at + length as usize).unwrap_or_default()
    }

    fn slice_mut(&mut self, at: u32, length: u32) -> Option<&mut [u8]> {
        let at = at as usize;
        self.bytes.get_mut(at..at + length as usize)
    }

    fn put(&mut self, record: u32, field: usize, value: u32) {
        let at = record.saturating_add(4 * field as u32);
        if let Some(place) = self.slice_mut(at, 4) {
            place.copy_from_slice(&value.to_le_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(records: &Records) -> Vec<String> {
        let show = |id| {
            let (key, value) = (records.key(id), records.value(id));
            let (key, value) = (key.escape_ascii(), value.escape_ascii());
            format!("{key}={value}@{}", records.line(id))
        };
        records.ids().map(show).collect()
    }

    #[test]
    fn records_keep_their_order() {
        let mut records = Records::default();
        assert!(shown(&records).is_empty());
        let a = records.push(b"a", b"1", 1).unwrap();
        let b = records.push(b"bb", b"", 2).unwrap();
        let c = records.push(b"", b"333", 0).unwrap();
        assert_eq!(shown(&records), ["a=1@1", "bb=@2", "=333@0"]);
        records.set(a, b"a longer one").unwrap();
        records.set(c, b"3").unwrap();
        let d = records.push(b"d", b"4", 4).unwrap();
        assert_eq!(
            shown(&records),
            ["a=a longer one@1", "bb=@2", "=3@0", "d=4@4"]
        );
        records.remove(b);
        records.remove(b);
        assert_eq!(shown(&records), ["a=a longer one@1", "=3@0", "d=4@4"]);
        assert!(records.has(d) && !records.has(b) && !records.has(EntryId(7)));
        assert_eq!(records.count(), 3);
    }

    #[test]
    fn a_full_list_takes_no_more() {
        let mut records = Records::with_limit(64);
        let a = records.push(b"a", b"1", 1).unwrap();
        assert_eq!(records.push(&[b'x'; 40], b"", 2), Err(Full));
        assert_eq!(records.set(a, &[b'x'; 60]), Err(Full));
        assert_eq!(shown(&records), ["a=1@1"]);
        let b = records.push(b"b", b"", 2).unwrap();
        records.unpush(b, Some(a));
        records.push(b"c", b"", 3).unwrap();
        assert_eq!(shown(&records), ["a=1@1", "c=@3"]);
    }
}
