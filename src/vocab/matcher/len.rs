//! `len`: the value's length is in a range of integers.

use super::int::read_range;
use super::ranges::Ranges;
use super::{Index, Keyword, Method};
use crate::vocab::pattern::{BadPattern, EntryId, Records};
use crate::vocab::sample::{ROOM, Sample, Type};

pub(super) const KEYWORD: Keyword = Keyword {
    name: "len",
    method: Method::Len,
    takes: Some(Type::Str),
    doc: "The value's length in bytes is one of the integers or in one of the ranges.",
    examples: &[
        ("abc", &["3"], true),
        ("abc", &["4:"], false),
        ("", &["0"], true),
    ],
    build: |_| Box::new(Len(Ranges::default())),
};

#[derive(Clone, Debug)]
struct Len(Ranges);

impl Index for Len {
    fn insert(&mut self, id: EntryId, records: &Records) -> Result<(), BadPattern> {
        self.0.insert(id, read_range(records.key(id))?);
        Ok(())
    }

    fn remove(&mut self, id: EntryId, records: &Records) {
        if let Ok(range) = read_range(records.key(id)) {
            self.0.remove(id, range);
        }
    }

    fn settle(&mut self, _: &Records) {
        self.0.settle();
    }

    fn find(&self, value: Sample<'_>, _: &Records) -> Option<EntryId> {
        let length = value.text(&mut ROOM.clone()).len();
        self.0.find(i64::try_from(length).unwrap_or(i64::MAX))
    }

    fn duplicate(&self) -> Box<dyn Index> {
        Box::new(self.clone())
    }
}
