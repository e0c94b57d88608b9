//! `bin`: the value is a pattern of hexadecimal digits.

use super::text::Whole;
use super::{Index, Keyword, Method};
use crate::vocab::pattern::{BadPattern, EntryId, Records};
use crate::vocab::sample::{Sample, Type};

pub(super) const KEYWORD: Keyword = Keyword {
    name: "bin",
    method: Method::Bin,
    takes: Some(Type::Bin),
    doc: "The value's bytes are those of a pattern, written as hexadecimal digits.",
    examples: &[("Hello", &["48656c6C6f"], true), ("Hello", &["48"], false)],
    build: |_| Box::new(Bin(Whole::hex())),
};

#[derive(Clone, Debug)]
struct Bin(Whole);

impl Index for Bin {
    fn insert(&mut self, id: EntryId, records: &Records) -> Result<(), BadPattern> {
        let text = records.key(id);
        if text.len().is_multiple_of(2) && text.iter().all(u8::is_ascii_hexdigit) {
            return self.0.insert(id, records);
        }
        let text = String::from_utf8_lossy(text);
        let message = format!("'{text}' is not an even number of hexadecimal digits");
        Err(BadPattern::new(message))
    }

    fn remove(&mut self, id: EntryId, records: &Records) {
        self.0.remove(id, records);
    }

    fn find(&self, value: Sample<'_>, records: &Records) -> Option<EntryId> {
        self.0.find(value, records)
    }

    fn duplicate(&self) -> Box<dyn Index> {
        Box::new(self.clone())
    }
}
