//! Matching methods over one text index: whole values, their ends, and parts between delimiters.

use super::Index;
use crate::vocab::pattern::{
    BadPattern, Counts, Delimiters, Direction, EntryId, Records, Shape, Spec, TextIndex, delimited,
};
use crate::vocab::sample::{ROOM, Sample};

/// Values that are a pattern.
#[derive(Clone, Debug)]
pub(super) struct Whole(TextIndex);

impl Whole {
    pub(super) fn new(spec: Spec) -> Self {
        Self(TextIndex::new(
            Shape::Whole,
            Direction::Forward,
            spec.ignore_case,
        ))
    }

    /// Patterns are hexadecimal digits.
    pub(super) fn hex() -> Self {
        Self(TextIndex::new(Shape::Hex, Direction::Forward, false))
    }
}

impl Index for Whole {
    fn insert(&mut self, id: EntryId, records: &Records) -> Result<(), BadPattern> {
        self.0.insert(id, records);
        Ok(())
    }

    fn remove(&mut self, id: EntryId, records: &Records) {
        self.0.remove(id, records);
    }

    fn find(&self, value: Sample<'_>, records: &Records) -> Option<EntryId> {
        match value {
            Sample::Bin(bytes) => self.0.exact(bytes, records),
            other => self.0.exact(other.text(&mut ROOM.clone()), records),
        }
    }

    fn duplicate(&self) -> Box<dyn Index> {
        Box::new(self.clone())
    }
}

/// Values that start, or end, with a pattern.
#[derive(Clone, Debug)]
pub(super) struct Ends {
    index: TextIndex,
    /// The longest counts, rather than the first in the list.
    longest: bool,
}

impl Ends {
    pub(super) fn new(direction: Direction, spec: Spec) -> Self {
        Self {
            index: TextIndex::new(Shape::Whole, direction, spec.ignore_case).filtered(),
            longest: direction == Direction::Forward,
        }
    }
}

impl Index for Ends {
    fn insert(&mut self, id: EntryId, records: &Records) -> Result<(), BadPattern> {
        self.index.insert(id, records);
        Ok(())
    }

    fn remove(&mut self, id: EntryId, records: &Records) {
        self.index.remove(id, records);
    }

    fn find(&self, value: Sample<'_>, records: &Records) -> Option<EntryId> {
        let mut room = ROOM;
        let mut found = self.index.parts(value.text(&mut room), records);
        match self.longest {
            true => found.last(),
            false => found.by_ref().min(),
        }
    }

    fn matches(&self, value: Sample<'_>, records: &Records) -> bool {
        let mut room = ROOM;
        let text = value.text(&mut room);
        match self.index.few() {
            Some(mut few) => few.any(|id| self.index.is_part(id, text, records)),
            None => self.index.parts(text, records).next().is_some(),
        }
    }

    fn duplicate(&self) -> Box<dyn Index> {
        Box::new(self.clone())
    }
}

/// Values that hold a pattern between delimiters. Delimiters around patterns do not count.
#[derive(Clone, Debug)]
pub(super) struct Delimited {
    index: TextIndex,
    delimiters: &'static Delimiters,
    /// How many delimiters patterns have inside.
    inside: Counts,
}

impl Delimited {
    pub(super) fn new(delimiters: &'static Delimiters, spec: Spec) -> Self {
        let shape = Shape::Trimmed(delimiters);
        Self {
            index: TextIndex::new(shape, Direction::Forward, spec.ignore_case).filtered(),
            delimiters,
            inside: Counts::default(),
        }
    }

    fn delimiters_in(&self, key: &[u8]) -> Option<usize> {
        let kept = |byte: &u8| !self.delimiters.has(*byte);
        let (start, end) = (key.iter().position(kept)?, key.iter().rposition(kept)?);
        let inside = key.get(start..=end)?.iter();
        Some(inside.filter(|byte| !kept(byte)).count())
    }
}

impl Index for Delimited {
    fn insert(&mut self, id: EntryId, records: &Records) -> Result<(), BadPattern> {
        // A pattern of nothing but delimiters matches nothing.
        let Some(count) = self.delimiters_in(records.key(id)) else {
            return Ok(());
        };
        self.inside.add(count);
        self.index.insert(id, records);
        Ok(())
    }

    fn remove(&mut self, id: EntryId, records: &Records) {
        let Some(count) = self.delimiters_in(records.key(id)) else {
            return;
        };
        self.inside.remove(count);
        self.index.remove(id, records);
    }

    fn find(&self, value: Sample<'_>, records: &Records) -> Option<EntryId> {
        let mut room = ROOM;
        let mut first: Option<EntryId> = None;
        let text = value.text(&mut room);
        delimited(text, self.delimiters, &self.inside, |part| {
            let found = self.index.exact(part, records);
            first = first.into_iter().chain(found).min();
        });
        first
    }

    fn duplicate(&self) -> Box<dyn Index> {
        Box::new(self.clone())
    }
}
