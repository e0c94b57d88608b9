//! One list: where it comes from, who uses it, what is in it, and how it is changed.

use super::BadPattern;
use super::changing::{Changing, Edit};
use super::content::{Content, Spec, Unusable, Values};
use super::file::{self, Columns};
use super::records::EntryId;
use crate::syntax::Span;
use crate::vocab::sample::{ROOM, Sample};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Where the patterns of a list come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A file (`file@` and `opt@` taken off), or a `virt@` name without one.
    Named(Box<str>),
    /// The words of an ACL.
    Words,
}

/// Why a list cannot be changed so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditError {
    /// There is no such pattern.
    NotFound,
    /// The pattern, or its value, cannot be read.
    Bad(BadPattern),
    /// The list is as large as lists can be.
    Full,
    /// There is no such version.
    NoVersion,
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("entry not found"),
            Self::Bad(bad) => bad.fmt(f),
            Self::Full => f.write_str("the list is full"),
            Self::NoVersion => f.write_str("Version number out of range."),
        }
    }
}

/// A pattern with its value, as it is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'l> {
    /// Its handle, until the list changes.
    pub id: EntryId,
    /// The pattern's text.
    pub key: &'l [u8],
    /// The value beside it.
    pub value: &'l [u8],
}

impl<'l> Entry<'l> {
    fn of(content: &'l Content, id: EntryId) -> Self {
        let records = content.records();
        Self {
            id,
            key: records.key(id),
            value: records.value(id),
        }
    }
}

/// The entries of a list as it was at one moment.
#[derive(Debug)]
pub struct Entries {
    content: Arc<Content>,
    at: Option<EntryId>,
}

impl Entries {
    /// The next one, in the order of the list.
    pub fn next_entry(&mut self) -> Option<Entry<'_>> {
        self.at = Some(self.content.records().after(self.at)?);
        self.at.map(|id| Entry::of(&self.content, id))
    }
}

/// One list of patterns.
#[derive(Debug)]
pub struct PatternRef {
    origin: Origin,
    /// An ACL or a map reads it. Rules may change lists that nothing reads; that does nothing.
    is_used: AtomicBool,
    revision: AtomicU64,
    /// How many patterns were removed so far, those of versions that never became current among them.
    freed: AtomicU64,
    content: Changing,
    facts: Mutex<Facts>,
}

/// A pattern and its value.
pub type Pair = (Box<[u8]>, Box<[u8]>);

/// What is known about a list besides its patterns.
#[derive(Debug, Default)]
struct Facts {
    id: Option<u32>,
    columns: Option<Columns>,
    in_acls: bool,
    in_maps: bool,
    places: Vec<(&'static str, Span)>,
    description: Arc<str>,
    version: u32,
    next_version: u32,
    /// Versions being prepared.
    prepared: BTreeMap<u32, Vec<Pair>>,
}

impl PatternRef {
    pub(super) fn new(origin: Origin) -> Self {
        Self {
            origin,
            is_used: AtomicBool::new(false),
            revision: AtomicU64::new(0),
            freed: AtomicU64::new(0),
            content: Changing::new(Content::default()),
            facts: Mutex::default(),
        }
    }

    /// A list of one pattern that nothing else knows.
    pub(in crate::vocab) fn of_one(pattern: &[u8]) -> Arc<Self> {
        let list = Self::new(Origin::Words);
        list.read_words([pattern].into_iter());
        Arc::new(list)
    }

    /// A list of patterns and values that nothing else knows.
    ///
    /// # Errors
    /// When the text is no map file.
    pub fn of_text(text: &[u8]) -> Result<Arc<Self>, String> {
        let list = Self::new(Origin::Words);
        list.read(text, Columns::Two)?;
        Ok(Arc::new(list))
    }

    /// Says that all users of the list are known.
    pub(in crate::vocab) fn settle(&self) {
        self.content.settle();
    }

    /// Where its patterns come from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Its name, if it has one.
    pub fn name(&self) -> Option<&str> {
        match &self.origin {
            Origin::Named(name) => Some(name),
            Origin::Words => None,
        }
    }

    /// Its number, as `-u` says or as counted; known once the configuration is complete.
    pub fn id(&self) -> Option<u32> {
        self.facts.lock().id
    }

    pub(super) fn set_id(&self, id: u32) {
        self.facts.lock().id = Some(id);
    }

    /// Whether an ACL uses it.
    pub fn in_acls(&self) -> bool {
        self.facts.lock().in_acls
    }

    /// Whether a map, or an ACL with `-M`, uses it.
    pub fn in_maps(&self) -> bool {
        self.facts.lock().in_maps
    }

    /// The words that use it (`acl` or `map`), and where they are.
    pub fn places(&self) -> Vec<(&'static str, Span)> {
        self.facts.lock().places.clone()
    }

    /// Where it is from and who uses it, in HAProxy's words (`show map`).
    pub fn description(&self) -> Arc<str> {
        self.facts.lock().description.clone()
    }

    /// Describes it; places and the words there are told by the caller, who has the texts.
    pub fn describe(&self, place: impl Fn(Span) -> String, word: impl Fn(Span) -> String) {
        let mut facts = self.facts.lock();
        let uses = facts.places.iter().map(|&(what, span)| match self.origin {
            Origin::Named(_) => format!("by {what} at {}", place(span)),
            Origin::Words => format!("{what} '{}' {}", word(span), place(span)),
        });
        let uses: Vec<_> = uses.collect();
        let before = match self.name() {
            Some(name) => format!("pattern loaded from file '{name}' used "),
            None => String::new(),
        };
        facts.description = format!("{before}{}.", uses.join(", ")).into();
    }

    /// Whether there are values beside its patterns.
    pub fn has_values(&self) -> bool {
        self.columns() == Some(Columns::Two)
    }

    /// Whether an ACL or a map uses it.
    pub fn is_used(&self) -> bool {
        self.is_used.load(Ordering::Acquire)
    }

    pub(super) fn used_by(&self, what: &'static str, columns: Columns, span: Span) {
        let mut facts = self.facts.lock();
        facts.in_acls |= what == "acl";
        facts.in_maps |= columns == Columns::Two;
        facts.columns = Some(columns);
        if !facts.places.contains(&(what, span)) {
            facts.places.push((what, span));
        }
        self.is_used.store(true, Ordering::Release);
    }

    pub(super) fn columns(&self) -> Option<Columns> {
        self.facts.lock().columns
    }

    /// Reads a file's content. The error is the message, with the line.
    pub(super) fn read(&self, content: &[u8], columns: Columns) -> Result<(), String> {
        self.content.replace(|list| {
            let count = memchr::memchr_iter(b'\n', content).count() + 1;
            list.reserve(count, content.len());
            for line in file::lines(content, columns) {
                let line = line.map_err(|(number, why)| self.at_line(number, why))?;
                let number = u32::try_from(line.number).unwrap_or(u32::MAX);
                let added = list.append(line.key, line.value, number);
                added.map_err(|error| self.at_line(line.number, &error.to_string()))?;
            }
            Ok(())
        })
    }

    /// Appends the words of an ACL.
    pub(super) fn read_words<'w>(&self, words: impl Iterator<Item = &'w [u8]>) {
        let _ = self.content.replace(|list| {
            words
                .into_iter()
                .try_for_each(|word| list.append(word, b"", 0))
        });
    }

    fn at_line(&self, line: usize, message: &str) -> String {
        let kind = match self.columns() {
            Some(Columns::Two) => "map",
            _ => "pattern",
        };
        let name = self.name().unwrap_or_default();
        format!("{kind} file '{name}' line {line}: {message}")
    }

    /// A way of matching it. The error is about the first pattern that it cannot use, and says
    /// its place in the list.
    ///
    /// # Errors
    /// When there is such a pattern.
    pub fn view(self: &Arc<Self>, spec: Spec) -> Result<View, (usize, BadPattern)> {
        let known = self.content.load().view(spec);
        let index = match known {
            Some(index) => index,
            None => self.content.replace(|list| {
                let added = list.add_view(spec);
                added.map_err(|unusable| self.explain(list, unusable))
            })?,
        };
        Ok(View {
            list: self.clone(),
            index,
            values: spec.values,
        })
    }

    fn explain(&self, list: &Content, unusable: Unusable) -> (usize, BadPattern) {
        let Unusable { id, mut bad, more } = unusable;
        let line = list.records().line(id);
        if line > 0 {
            bad.message = self.at_line(line as usize, &bad.message);
        }
        match more {
            0 => {}
            1 => bad.message.push_str(" (and 1 more line)"),
            more => bad.message.push_str(&format!(" (and {more} more lines)")),
        }
        let position = list.records().ids().position(|known| known == id);
        (position.unwrap_or(0), bad)
    }

    /// The list as it is now, to be walked through while it changes.
    pub fn entries(&self) -> Entries {
        Entries {
            // Held for long, so that it must not be one of the few cheap handles.
            content: arc_swap::Guard::into_inner(self.content.load()),
            at: None,
        }
    }

    /// What each way of matching the list finds for a text.
    pub fn look_up(&self, text: &[u8], mut each: impl FnMut(Spec, Option<Entry<'_>>)) {
        let content = self.content.load();
        for (view, spec) in content.specs().enumerate() {
            let room = &mut ROOM.clone();
            let sample = Sample::Str(text);
            let sample = match spec.method.takes() {
                Some(takes) => sample.cast(takes, room),
                None => Some(sample),
            };
            let found = sample.and_then(|sample| content.find(view, sample));
            each(spec, found.map(|id| Entry::of(&content, id)));
        }
    }

    /// How often patterns are stored: once for each way of matching them.
    pub fn stored(&self) -> usize {
        let content = self.content.load();
        let prepared: usize = self.facts.lock().prepared.values().map(Vec::len).sum();
        (content.records().count() + prepared) * content.specs().count()
    }

    /// How many patterns were added so far, and how many of them removed.
    pub fn turnover(&self) -> (u64, u64) {
        let prepared: usize = self.facts.lock().prepared.values().map(Vec::len).sum();
        let freed = self.freed.load(Ordering::Relaxed);
        (freed + (self.count() + prepared) as u64, freed)
    }

    fn free(&self, patterns: usize) {
        self.freed.fetch_add(patterns as u64, Ordering::Relaxed);
    }

    /// How many patterns there are.
    pub fn count(&self) -> usize {
        self.content.load().records().count()
    }

    /// Bytes of memory that patterns and the index of their texts take.
    pub fn memory(&self) -> usize {
        self.content.load().memory()
    }

    /// Counts changes.
    pub fn revision(&self) -> u64 {
        self.revision.load(Ordering::Relaxed)
    }

    /// Adds a pattern.
    ///
    /// # Errors
    /// When a user of the list cannot read the pattern or its value.
    pub fn add(&self, key: &[u8], value: &[u8]) -> Result<(), EditError> {
        self.edit(|_| Some(Edit::Add(key.into(), value.into())))
    }

    /// Adds a pattern unless it is there.
    ///
    /// # Errors
    /// As for [`Self::add`].
    pub fn add_missing(&self, key: &[u8]) -> Result<(), EditError> {
        if self.content.load().find_key(key).is_some() {
            return Ok(());
        }
        self.edit(|list| match list.find_key(key) {
            Some(_) => None,
            None => Some(Edit::Add(key.into(), Box::default())),
        })
    }

    /// Gives the pattern, and all others of the same text, a value.
    ///
    /// # Errors
    /// When it is not there, or a user of the list cannot read the value.
    pub fn set(&self, key: &[u8], value: &[u8]) -> Result<(), EditError> {
        self.edit(|_| Some(Edit::Set(key.into(), value.into())))
    }

    /// Gives a pattern a value, adding it if it is not there.
    ///
    /// # Errors
    /// As for [`Self::add`].
    pub fn put(&self, key: &[u8], value: &[u8]) -> Result<(), EditError> {
        self.edit(|list| match list.find_key(key) {
            Some(_) if list.all_have(key, value) => None,
            Some(_) => Some(Edit::Set(key.into(), value.into())),
            None => Some(Edit::Add(key.into(), value.into())),
        })
    }

    /// Removes the first pattern of that text.
    ///
    /// # Errors
    /// When it is not there.
    pub fn delete(&self, key: &[u8]) -> Result<(), EditError> {
        if self.content.load().find_key(key).is_none() {
            return Err(EditError::NotFound);
        }
        self.edit(|_| Some(Edit::Delete(key.into())))?;
        self.free(1);
        Ok(())
    }

    /// Gives the entry listed under that handle a value.
    ///
    /// # Errors
    /// As for [`Self::set`].
    pub fn set_entry(&self, id: EntryId, value: &[u8]) -> Result<(), EditError> {
        self.edit(|_| Some(Edit::SetId(id, value.into())))
    }

    /// Removes the entry listed under that handle.
    ///
    /// # Errors
    /// When it is not there.
    pub fn delete_entry(&self, id: EntryId) -> Result<(), EditError> {
        self.edit(|_| Some(Edit::DeleteId(id)))?;
        self.free(1);
        Ok(())
    }

    /// Removes everything.
    pub fn clear(&self) {
        let _ = self.content.replace(|list| {
            self.free(list.records().count());
            *list = list.emptied();
            Ok::<(), EditError>(())
        });
        self.revision.fetch_add(1, Ordering::Relaxed);
    }

    fn edit(&self, choose: impl FnOnce(&Content) -> Option<Edit>) -> Result<(), EditError> {
        self.content.edit(choose)?;
        self.revision.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// The current version and the latest one prepared.
    pub fn versions(&self) -> (u32, u32) {
        let facts = self.facts.lock();
        (facts.version, facts.next_version)
    }

    /// Starts a version that is built beside the current one; its number.
    pub fn prepare(&self) -> u32 {
        let mut facts = self.facts.lock();
        facts.next_version = facts.next_version.wrapping_add(1);
        let version = facts.next_version;
        facts.prepared.insert(version, Vec::new());
        version
    }

    /// The patterns and values of a version being prepared.
    pub fn prepared(&self, version: u32) -> Option<Vec<Pair>> {
        self.facts.lock().prepared.get(&version).cloned()
    }

    /// Adds a pattern to a version being prepared.
    ///
    /// # Errors
    /// When there is no such version, or as for [`Self::add`].
    pub fn add_prepared(&self, version: u32, key: &[u8], value: &[u8]) -> Result<(), EditError> {
        let mut probe = self.content.load().emptied();
        probe.add(key, value, 0)?;
        let mut facts = self.facts.lock();
        let list = facts
            .prepared
            .get_mut(&version)
            .ok_or(EditError::NoVersion)?;
        list.push((key.into(), value.into()));
        Ok(())
    }

    /// Drops a version being prepared.
    pub fn drop_prepared(&self, version: u32) {
        let dropped = self.facts.lock().prepared.remove(&version);
        self.free(dropped.map_or(0, |patterns| patterns.len()));
    }

    /// Puts a prepared version in place of the current one, at once for all readers. Older ones
    /// are dropped.
    ///
    /// # Errors
    /// When there is no such version.
    pub fn commit(&self, version: u32) -> Result<(), EditError> {
        let mut facts = self.facts.lock();
        let entries = facts
            .prepared
            .remove(&version)
            .ok_or(EditError::NoVersion)?;
        facts.prepared.retain(|&other, patterns| {
            let stays = other > version;
            self.free(if stays { 0 } else { patterns.len() });
            stays
        });
        facts.version = version;
        self.content.replace(|list| {
            self.free(list.records().count());
            *list = list.emptied();
            for (key, value) in &entries {
                list.add(key, value, 0)?;
            }
            list.settle();
            Ok::<(), EditError>(())
        })?;
        self.revision.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// A list as one user matches it.
#[derive(Clone, Debug)]
pub struct View {
    list: Arc<PatternRef>,
    index: usize,
    values: Values,
}

/// What a look-up found.
#[derive(Debug)]
pub struct Found<'l> {
    content: &'l Content,
    view: usize,
    id: EntryId,
}

impl View {
    /// The list.
    pub fn list(&self) -> &Arc<PatternRef> {
        &self.list
    }

    /// Whether one of the patterns matches.
    pub fn matches(&self, value: Sample<'_>) -> bool {
        let list = &self.list.content;
        list.read(|content| content.matches(self.index, value))
    }

    /// Shows the pattern that matches to `visit`.
    pub fn look_up<R>(&self, value: Sample<'_>, visit: impl FnOnce(Found<'_>) -> R) -> Option<R> {
        self.list.content.read(|content| {
            let id = content.find(self.index, value)?;
            Some(visit(Found {
                content,
                view: self.index,
                id,
            }))
        })
    }

    /// What the values are read as.
    pub fn values(&self) -> Values {
        self.values
    }
}

impl<'l> Found<'l> {
    /// The pattern's text.
    pub fn key(&self) -> &'l [u8] {
        self.content.records().key(self.id)
    }

    /// The value beside it.
    pub fn value(&self) -> &'l [u8] {
        self.content.records().value(self.id)
    }

    /// Appends the value with the groups that the pattern, a regular expression, matched in `text`.
    pub fn expand(&self, text: &[u8], out: &mut Vec<u8>) -> bool {
        self.content.expand(self.view, self.id, text, out)
    }
}
