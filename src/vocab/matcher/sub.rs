//! `sub`: a pattern occurs in the value.

use super::{Index, Keyword, Method};
use crate::vocab::pattern::{
    BadPattern, Direction, EntryId, Filter, Records, Shape, Spec, TextIndex,
};
use crate::vocab::sample::{ROOM, Sample, Type};
use aho_corasick::AhoCorasick;
use std::collections::BTreeSet;
use std::sync::Arc;

pub(super) const KEYWORD: Keyword = Keyword {
    name: "sub",
    method: Method::Sub,
    takes: Some(Type::Str),
    doc: "A pattern occurs anywhere in the value.",
    examples: &[
        ("abcd", &["x", "bc"], true),
        ("abcd", &["BC"], false),
        ("aBCd", &["-i", "bc"], true),
        ("abcd", &["ac"], false),
    ],
    build: |spec| Box::new(Sub::new(spec)),
};

/// Up to this many patterns are one automaton, built anew when they change. More would make it
/// larger than the cache (100,000: 4.7 µs a look-up, 3 s to build).
const FEW: usize = 64;

/// An automaton for a few patterns. For many, a hash of each place's first bytes says where a
/// pattern may start, and there they are looked up by length.
#[derive(Clone, Debug)]
struct Sub {
    fold: bool,
    index: TextIndex,
    all: BTreeSet<EntryId>,
    few: Option<Few>,
    starts: Starts,
}

/// The automaton, and which record each of its patterns is.
#[derive(Clone, Debug)]
struct Few {
    automaton: Arc<AhoCorasick>,
    ids: Arc<[EntryId]>,
}

/// The first bytes of all patterns, as many as the shortest one has.
#[derive(Clone, Debug, Default)]
struct Starts {
    length: usize,
    filter: Filter,
}

impl Sub {
    fn new(spec: Spec) -> Self {
        let index = TextIndex::new(Shape::Whole, Direction::Forward, spec.ignore_case);
        Self {
            fold: spec.ignore_case,
            index: index.filtered(),
            all: BTreeSet::new(),
            few: None,
            starts: Starts::default(),
        }
    }

    fn few(&self, records: &Records) -> Option<Few> {
        let built = AhoCorasick::builder()
            .ascii_case_insensitive(self.fold)
            .build(self.all.iter().map(|id| records.key(*id)));
        Some(Few {
            automaton: Arc::new(built.ok()?),
            ids: self.all.iter().copied().collect(),
        })
    }

    /// Makes the starts anew for patterns of at least `length` bytes.
    fn restart(&mut self, length: usize, records: &Records) {
        let mut filter = Filter::with_room(2 * self.all.len());
        for id in &self.all {
            filter.add(self.index.hash_of_start(records.key(*id), length));
        }
        self.starts = Starts { length, filter };
    }

    /// The patterns that occur, place by place.
    fn occurring<'i>(
        &'i self,
        text: &'i [u8],
        records: &'i Records,
    ) -> impl Iterator<Item = EntryId> + 'i {
        let Starts { length, filter } = &self.starts;
        let places = (text.len() + 1).saturating_sub(*length);
        (0..places).flat_map(move |at| {
            let rest = text.get(at..).unwrap_or_default();
            let may_start = filter.may_have(self.index.hash_of_start(rest, *length));
            let rest = if may_start { rest } else { &[] };
            self.index.parts(rest, records)
        })
    }
}

impl Index for Sub {
    fn insert(&mut self, id: EntryId, records: &Records) -> Result<(), BadPattern> {
        self.index.insert(id, records);
        self.all.insert(id);
        self.few = None;
        let key = records.key(id);
        if key.len() < self.starts.length || self.all.len() > self.starts.filter.room() {
            let shortest = self.index.shortest().unwrap_or(0);
            self.restart(shortest.min(8), records);
        } else {
            let hash = self.index.hash_of_start(key, self.starts.length);
            self.starts.filter.add(hash);
        }
        Ok(())
    }

    fn remove(&mut self, id: EntryId, records: &Records) {
        self.index.remove(id, records);
        self.all.remove(&id);
        self.few = None;
        if self.starts.filter.outdated_by_one_more() {
            let shortest = self.index.shortest().unwrap_or(0);
            self.restart(shortest.min(8), records);
        }
    }

    fn settle(&mut self, records: &Records) {
        if self.few.is_none() && self.all.len() <= FEW {
            self.few = self.few(records);
        }
    }

    fn find(&self, value: Sample<'_>, records: &Records) -> Option<EntryId> {
        let mut room = ROOM;
        let text = value.text(&mut room);
        let Some(few) = &self.few else {
            return self.occurring(text, records).min();
        };
        let found = few.automaton.find_overlapping_iter(text);
        let ids = found.filter_map(|found| few.ids.get(found.pattern().as_usize()));
        ids.min().copied()
    }

    fn matches(&self, value: Sample<'_>, records: &Records) -> bool {
        let mut room = ROOM;
        let text = value.text(&mut room);
        match &self.few {
            Some(few) => few.automaton.is_match(text),
            None => self.occurring(text, records).next().is_some(),
        }
    }

    fn duplicate(&self) -> Box<dyn Index> {
        Box::new(self.clone())
    }
}
