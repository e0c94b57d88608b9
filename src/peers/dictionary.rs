//! Texts that were said before are not said again: 128 in each direction, by number from 1.

use crate::table::varint::{Reader, put, put_bytes};
use std::sync::Arc;

/// How many texts each side remembers.
const ROOM: usize = 128;

/// The texts of one connection.
#[derive(Debug, Default)]
pub(super) struct Dictionary {
    /// What we have said, the oldest replaced first.
    sent: Vec<Arc<str>>,
    /// The place that is replaced next.
    next: usize,
    /// What we were told.
    received: Vec<Option<Arc<str>>>,
}

impl Dictionary {
    /// Appends a text: its number alone if it was said before.
    pub(super) fn put(&mut self, out: &mut Vec<u8>, text: Option<&Arc<str>>) {
        let Some(text) = text else {
            return put(out, 0);
        };
        let mut said = Vec::new();
        match self.sent.iter().position(|known| known == text) {
            Some(at) => put(&mut said, at as u64 + 1),
            None => {
                let at = self.next;
                match self.sent.get_mut(at) {
                    Some(oldest) => *oldest = Arc::clone(text),
                    None => self.sent.push(Arc::clone(text)),
                }
                self.next = (at + 1) % ROOM;
                put(&mut said, at as u64 + 1);
                put_bytes(&mut said, text.as_bytes());
            }
        }
        put_bytes(out, &said);
    }

    /// Reads a text. The outer `None` is what cannot be read, the inner one says that there is none.
    pub(super) fn read(&mut self, reader: &mut Reader<'_>) -> Option<Option<Arc<str>>> {
        let said = reader.bytes()?;
        if said.is_empty() {
            return Some(None);
        }
        let mut said = Reader::new(said);
        let at = usize::try_from(said.varint()?.checked_sub(1)?).ok()?;
        if at >= ROOM {
            return None;
        }
        self.received.resize(ROOM, None);
        let known = self.received.get_mut(at)?;
        if !said.rest().is_empty() {
            *known = Some(String::from_utf8_lossy(said.bytes()?).into());
        }
        Some(known.clone())
    }

    /// The texts said and told, by number.
    pub(super) fn texts(&self) -> (Vec<Arc<str>>, Vec<Option<Arc<str>>>) {
        (self.sent.clone(), self.received.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_said_once() {
        let (mut one, mut other) = (Dictionary::default(), Dictionary::default());
        let mut say = |text: Option<&str>| {
            let mut out = Vec::new();
            let text: Option<Arc<str>> = text.map(Into::into);
            one.put(&mut out, text.as_ref());
            let mut reader = Reader::new(&out);
            assert_eq!(other.read(&mut reader), Some(text));
            assert!(reader.rest().is_empty());
            out.len()
        };
        assert_eq!(say(None), 1);
        assert_eq!(say(Some("server1")), 10);
        assert_eq!(say(Some("server1")), 2);
        for other in 0..ROOM {
            say(Some(&format!("other{other}")));
        }
        assert_eq!(say(Some("server1")), 10, "forgotten");
        assert_eq!(say(Some("other5")), 2, "not yet");
    }

    #[test]
    fn what_cannot_be_read() {
        let check = |bytes: &[u8]| Dictionary::default().read(&mut Reader::new(bytes));
        assert_eq!(check(b"\x01\x01"), Some(None), "never told");
        assert_eq!(check(b"\x01\x00"), None);
        assert_eq!(check(b"\x01\x81"), None);
        assert_eq!(check(b"\x03\x01\x09a"), None);
        assert_eq!(check(b"\x09\x01\x01a"), None);
        assert_eq!(check(b""), None);
    }
}
