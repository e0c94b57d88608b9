//! How `method` is compared without `-m`: the methods HTTP defines by name, in upper case only;
//! others as text.

use super::text::Whole;
use super::{Index, Keyword, Method};
use crate::vocab::pattern::{BadPattern, EntryId, Records, Spec};
use crate::vocab::sample::{ROOM, Sample, Type};

pub(super) const KEYWORD: Keyword = Keyword {
    name: "method",
    method: Method::Meth,
    takes: Some(Type::Meth),
    doc: "The method is one of those given.",
    examples: &[
        ("GET", &["POST", "GET"], true),
        ("GET", &["get"], false),
        ("GET", &["-i", "get"], false),
        ("PURGE", &["-i", "purge"], true),
        ("PURGE", &["purge"], false),
    ],
    build: |spec| Box::new(Meth::new(spec)),
};

const KNOWN: [&[u8]; 8] = [
    b"OPTIONS", b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"TRACE", b"CONNECT",
];

#[derive(Clone, Debug)]
struct Meth {
    known: Whole,
    others: Whole,
}

impl Meth {
    fn new(spec: Spec) -> Self {
        Self {
            known: Whole::new(Spec {
                ignore_case: false,
                ..spec
            }),
            others: Whole::new(spec),
        }
    }

    fn of(&mut self, name: &[u8]) -> &mut Whole {
        match KNOWN.contains(&name) {
            true => &mut self.known,
            false => &mut self.others,
        }
    }
}

impl Index for Meth {
    fn insert(&mut self, id: EntryId, records: &Records) -> Result<(), BadPattern> {
        self.of(records.key(id)).insert(id, records)
    }

    fn remove(&mut self, id: EntryId, records: &Records) {
        self.of(records.key(id)).remove(id, records);
    }

    fn find(&self, value: Sample<'_>, records: &Records) -> Option<EntryId> {
        let mut room = ROOM;
        match KNOWN.contains(&value.text(&mut room)) {
            true => self.known.find(value, records),
            false => self.others.find(value, records),
        }
    }

    fn duplicate(&self) -> Box<dyn Index> {
        Box::new(self.clone())
    }
}
