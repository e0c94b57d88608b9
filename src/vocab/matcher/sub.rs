//! `sub`: a pattern occurs in the value.

use super::{Index, Keyword, Method};
use crate::vocab::pattern::{
    BadPattern, Direction, EntryId, Filter, Records, Shape, Spec, TextIndex,
};
use crate::vocab::sample::{ROOM, Sample, Type};
use aho_corasick::{AhoCorasick, packed};
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
    scan: Option<Scan>,
}

/// Says whether one of a few patterns occurs in a tenth of the automaton's time, as it looks at
/// many bytes at once. It tells cases apart: to ignore case, patterns and texts are in lower case.
#[derive(Clone, Debug)]
struct Scan {
    searcher: Arc<packed::Searcher>,
    fold: bool,
    longest: usize,
}

/// So much of a text is put into lower case at a time.
const CHUNK: usize = 256;

impl Scan {
    /// `None` if the processor can't, or the patterns are not for it.
    fn new(patterns: &[Vec<u8>], fold: bool) -> Option<Self> {
        let longest = patterns.iter().map(Vec::len).max()?;
        if fold && longest > CHUNK / 2 {
            return None;
        }
        let searcher = packed::Config::new().builder().extend(patterns).build()?;
        Some(Self {
            searcher: Arc::new(searcher),
            fold,
            longest,
        })
    }

    fn finds(&self, text: &[u8]) -> bool {
        if !self.fold {
            return self.searcher.find(text).is_some();
        }
        let mut room = [0; CHUNK];
        let mut rest = text;
        loop {
            let length = rest.len().min(CHUNK);
            let (chunk, _) = rest.split_at(length);
            let (lower, _) = room.split_at_mut(length);
            lower.copy_from_slice(chunk);
            lower.make_ascii_lowercase();
            if self.searcher.find(lower).is_some() {
                return true;
            }
            if rest.len() <= CHUNK {
                return false;
            }
            // A pattern that this chunk ends within is whole in the next one.
            rest = rest.get(CHUNK + 1 - self.longest..).unwrap_or_default();
        }
    }
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
        let keys = self.all.iter().map(|id| records.key(*id));
        let patterns: Vec<_> = if self.fold {
            keys.map(<[u8]>::to_ascii_lowercase).collect()
        } else {
            keys.map(<[u8]>::to_vec).collect()
        };
        let built = AhoCorasick::builder()
            .ascii_case_insensitive(self.fold)
            .build(&patterns);
        Some(Few {
            automaton: Arc::new(built.ok()?),
            ids: self.all.iter().copied().collect(),
            scan: Scan::new(&patterns, self.fold),
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
            Some(few) => match &few.scan {
                Some(scan) => scan.finds(text),
                None => few.automaton.is_match(text),
            },
            None => self.occurring(text, records).next().is_some(),
        }
    }

    fn duplicate(&self) -> Box<dyn Index> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scan_finds_a_pattern_wherever_it_is() {
        let long = "long pattern ".repeat(9);
        let patterns = ["bot", "crawler", &long].map(|text| text.as_bytes().to_vec());
        let folding = Scan::new(&patterns, true).expect("a processor that can");
        let exact = Scan::new(&patterns, false).expect("a processor that can");
        for pattern in &patterns {
            for length in [pattern.len(), CHUNK, CHUNK + 1, 3 * CHUNK] {
                for at in 0..=length.saturating_sub(pattern.len()) {
                    let mut text = vec![b'o'; length];
                    text[at..at + pattern.len()].copy_from_slice(pattern);
                    assert!(
                        exact.finds(&text) && folding.finds(&text),
                        "{at} of {length}"
                    );
                    text[at] = text[at].to_ascii_uppercase();
                    assert!(
                        !exact.finds(&text) && folding.finds(&text),
                        "{at} of {length}"
                    );
                    text[at] = b'o';
                    assert!(
                        !exact.finds(&text) && !folding.finds(&text),
                        "{at} of {length}"
                    );
                }
            }
        }
        assert!(!folding.finds(b""));
    }

    #[test]
    fn what_a_scan_is_not_for() {
        let cases: [&[&str]; 3] = [&[], &["bot", ""], &[&"x".repeat(CHUNK)]];
        for patterns in cases {
            let patterns: Vec<_> = patterns.iter().map(|p| p.as_bytes().to_vec()).collect();
            assert!(Scan::new(&patterns, true).is_none(), "{patterns:?}");
        }
    }
}
