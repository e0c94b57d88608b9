//! What a list holds at one moment: its patterns, and the indices they are found by.
//!
//! Parts are shared between copies until one of them is changed.

use super::records::{EntryId, Full, Records};
use super::text_index::{Direction, Shape, TextIndex};
use super::{BadPattern, EditError};
use crate::vocab::matcher::{Index, Method};
use crate::vocab::sample::{ROOM, Sample, leading_int};
use std::net::IpAddr;
use std::sync::Arc;

/// How a list is matched, and what its values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The matching method.
    pub method: Method,
    /// `-i`.
    pub ignore_case: bool,
    /// Addresses must be written in full: `-n`, and all maps.
    pub full_addresses: bool,
    /// What the values are read as.
    pub values: Values,
}

/// What the values beside patterns are read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    /// Text, or not at all.
    Text,
    /// Integers.
    Int,
    /// Addresses.
    Addr,
}

impl Values {
    /// The value, if it is of that type.
    pub fn read(self, text: &[u8]) -> Option<Sample<'_>> {
        match self {
            Self::Text => Some(Sample::Str(text)),
            Self::Int => {
                let digits = text.strip_prefix(b"-").or(text.strip_prefix(b"+"));
                let is_int = digits.unwrap_or(text).iter().all(u8::is_ascii_digit);
                is_int.then(|| Sample::Sint(leading_int(text)))
            }
            Self::Addr => {
                let addr: IpAddr = std::str::from_utf8(text).ok()?.parse().ok()?;
                Some(Sample::Addr(addr))
            }
        }
    }

    fn check(self, text: &[u8]) -> Result<(), BadPattern> {
        let wanted = match (self.read(text), self) {
            (Some(_), _) => return Ok(()),
            (None, Self::Addr) => "an IPv4 or IPv6 address",
            (None, _) => "an integer",
        };
        let shown = String::from_utf8_lossy(text);
        let mut bad = BadPattern::new(format!("unable to parse '{shown}'"));
        bad.help = Some(format!("the value must be {wanted}"));
        Err(bad)
    }
}

/// One way of matching the list. `str` needs no index besides the list's own.
#[derive(Debug)]
struct ViewIndex {
    spec: Spec,
    index: Option<Box<dyn Index>>,
}

impl Clone for ViewIndex {
    fn clone(&self) -> Self {
        Self {
            spec: self.spec,
            index: self.index.as_ref().map(|index| index.duplicate()),
        }
    }
}

impl ViewIndex {
    fn empty(spec: Spec) -> Self {
        let own_keys = spec.method == Method::Str && !spec.ignore_case;
        Self {
            spec,
            index: (!own_keys).then(|| spec.method.index(spec)),
        }
    }

    fn insert(&mut self, id: EntryId, records: &Records) -> Result<(), BadPattern> {
        self.spec.values.check(records.value(id))?;
        match &mut self.index {
            Some(index) => index.insert(id, records),
            None => Ok(()),
        }
    }

    fn remove(&mut self, id: EntryId, records: &Records) {
        if let Some(index) = &mut self.index {
            index.remove(id, records);
        }
    }

    fn settle(&mut self, records: &Records) {
        if let Some(index) = &mut self.index {
            index.settle(records);
        }
    }
}

/// A list at one moment.
#[derive(Clone, Debug)]
pub(super) struct Content {
    records: Arc<Records>,
    keys: Arc<TextIndex>,
    views: Vec<Arc<ViewIndex>>,
}

/// Patterns of a list that a view cannot use.
#[derive(Debug)]
pub(super) struct Unusable {
    /// The first.
    pub(super) id: EntryId,
    pub(super) bad: BadPattern,
    /// How many more there are.
    pub(super) more: usize,
}

impl Default for Content {
    fn default() -> Self {
        Self {
            records: Arc::default(),
            keys: Arc::new(TextIndex::new(Shape::Whole, Direction::Forward, false)),
            views: Vec::new(),
        }
    }
}

impl From<Full> for EditError {
    fn from(_: Full) -> Self {
        Self::Full
    }
}

impl Content {
    pub(super) fn records(&self) -> &Records {
        &self.records
    }

    /// Bytes of memory used by patterns and the index of their texts.
    pub(super) fn memory(&self) -> usize {
        self.records.memory() + self.keys.memory()
    }

    /// Makes room before many patterns are added.
    pub(super) fn reserve(&mut self, records: usize, bytes: usize) {
        Arc::make_mut(&mut self.records).reserve(records, bytes);
        Arc::make_mut(&mut self.keys).reserve(records);
    }

    /// Without patterns, but with the same views.
    pub(super) fn emptied(&self) -> Self {
        let empty = |view: &Arc<ViewIndex>| Arc::new(ViewIndex::empty(view.spec));
        Self {
            views: self.views.iter().map(empty).collect(),
            ..Self::default()
        }
    }

    /// The ways it is matched, in the order of the views.
    pub(super) fn specs(&self) -> impl Iterator<Item = Spec> {
        self.views.iter().map(|view| view.spec)
    }

    pub(super) fn view(&self, spec: Spec) -> Option<usize> {
        self.views.iter().position(|view| view.spec == spec)
    }

    /// Adds a view; the patterns it cannot use are counted, and then it is not added.
    pub(super) fn add_view(&mut self, spec: Spec) -> Result<usize, Unusable> {
        let mut view = ViewIndex::empty(spec);
        let mut unusable: Option<Unusable> = None;
        for id in self.records.ids() {
            match (view.insert(id, &self.records), &mut unusable) {
                (Ok(()), _) => {}
                (Err(_), Some(unusable)) => unusable.more += 1,
                (Err(bad), none) => *none = Some(Unusable { id, bad, more: 0 }),
            }
        }
        if let Some(unusable) = unusable {
            return Err(unusable);
        }
        view.settle(&self.records);
        self.views.push(Arc::new(view));
        Ok(self.views.len() - 1)
    }

    /// Adds a pattern to the list and to all views, or to none.
    pub(super) fn add(
        &mut self,
        key: &[u8],
        value: &[u8],
        line: u32,
    ) -> Result<EntryId, EditError> {
        let records = Arc::make_mut(&mut self.records);
        let before = records.last();
        let id = records.push(key, value, line)?;
        for at in 0..self.views.len() {
            let Some(view) = self.views.get_mut(at) else {
                break;
            };
            if let Err(bad) = Arc::make_mut(view).insert(id, records) {
                for view in self.views.iter_mut().take(at) {
                    Arc::make_mut(view).remove(id, records);
                }
                records.unpush(id, before);
                return Err(EditError::Bad(bad));
            }
        }
        Arc::make_mut(&mut self.keys).insert(id, records);
        Ok(id)
    }

    /// Adds a pattern to the list; no view exists yet.
    pub(super) fn append(&mut self, key: &[u8], value: &[u8], line: u32) -> Result<(), EditError> {
        debug_assert!(self.views.is_empty());
        let records = Arc::make_mut(&mut self.records);
        let id = records.push(key, value, line)?;
        Arc::make_mut(&mut self.keys).insert(id, records);
        Ok(())
    }

    /// The first pattern of that text.
    pub(super) fn find_key(&self, key: &[u8]) -> Option<EntryId> {
        self.keys.exact(key, &self.records)
    }

    fn all_of(&self, key: &[u8]) -> impl Iterator<Item = EntryId> + '_ {
        let first = self.find_key(key);
        let others = first.map(|first| self.keys.equal_to(first));
        first.into_iter().chain(others.into_iter().flatten())
    }

    /// Whether all patterns of that text have that value already.
    pub(super) fn all_have(&self, key: &[u8], value: &[u8]) -> bool {
        let mut ids = self.all_of(key);
        ids.all(|id| self.records.value(id) == value)
    }

    /// Gives all patterns of that text another value.
    pub(super) fn set(&mut self, key: &[u8], value: &[u8]) -> Result<(), EditError> {
        let ids: Vec<EntryId> = self.all_of(key).collect();
        if ids.is_empty() {
            return Err(EditError::NotFound);
        }
        ids.into_iter().try_for_each(|id| self.set_id(id, value))
    }

    pub(super) fn set_id(&mut self, id: EntryId, value: &[u8]) -> Result<(), EditError> {
        for view in &self.views {
            view.spec.values.check(value).map_err(EditError::Bad)?;
        }
        Arc::make_mut(&mut self.records).set(id, value)?;
        Ok(())
    }

    /// Removes the first pattern of that text.
    pub(super) fn delete(&mut self, key: &[u8]) -> Result<(), EditError> {
        let id = self.find_key(key).ok_or(EditError::NotFound)?;
        self.delete_id(id);
        Ok(())
    }

    pub(super) fn delete_id(&mut self, id: EntryId) {
        for view in &mut self.views {
            Arc::make_mut(view).remove(id, &self.records);
        }
        Arc::make_mut(&mut self.keys).remove(id, &self.records);
        Arc::make_mut(&mut self.records).remove(id);
    }

    /// Follows up on changes: rebuilds what became slow or wasteful.
    pub(super) fn settle(&mut self) {
        if self.records.is_wasteful() {
            *self = self.compacted();
        }
        for view in &mut self.views {
            Arc::make_mut(view).settle(&self.records);
        }
    }

    /// A copy without the room that removed patterns take.
    fn compacted(&self) -> Self {
        let mut copy = self.emptied();
        let records = &self.records;
        for id in records.ids() {
            // What was accepted once is accepted again.
            let _ = copy.add(records.key(id), records.value(id), records.line(id));
        }
        copy
    }

    /// The pattern that a view finds for a value.
    pub(super) fn find(&self, view: usize, value: Sample<'_>) -> Option<EntryId> {
        match &self.views.get(view)?.index {
            Some(index) => index.find(value, &self.records),
            None => match value {
                Sample::Str(text) | Sample::Bin(text) => self.keys.exact(text, &self.records),
                other => self
                    .keys
                    .exact(other.text(&mut ROOM.clone()), &self.records),
            },
        }
    }

    pub(super) fn matches(&self, view: usize, value: Sample<'_>) -> bool {
        let index = self.views.get(view).and_then(|view| view.index.as_ref());
        match index {
            Some(index) => index.matches(value, &self.records),
            None => self.find(view, value).is_some(),
        }
    }

    /// Expands the value beside a regular expression with the groups it matched in `text`.
    pub(super) fn expand(&self, view: usize, id: EntryId, text: &[u8], out: &mut Vec<u8>) -> bool {
        let index = self.views.get(view).and_then(|view| view.index.as_ref());
        index.is_some_and(|index| index.expand(id, self.records.value(id), text, out))
    }
}
