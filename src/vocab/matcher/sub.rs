//! `sub`: a pattern occurs in the value.

use super::{Index, Keyword, Method};
use crate::vocab::pattern::{BadPattern, EntryId, Records, Spec};
use crate::vocab::sample::{ROOM, Sample, Type};
use aho_corasick::AhoCorasick;
use std::collections::HashSet;
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

/// So many patterns are looked for one by one before the automaton is built anew.
const FEW: usize = 64;

/// An automaton for most patterns; those added since, and those removed since.
#[derive(Clone, Debug)]
struct Sub {
    fold: bool,
    automaton: Option<Arc<AhoCorasick>>,
    /// Which record each pattern of the automaton is.
    built: Arc<[EntryId]>,
    recent: Vec<EntryId>,
    removed: HashSet<EntryId>,
}

impl Sub {
    fn new(spec: Spec) -> Self {
        Self {
            fold: spec.ignore_case,
            automaton: None,
            built: Arc::new([]),
            recent: Vec::new(),
            removed: HashSet::new(),
        }
    }

    fn first_of_automaton(&self, text: &[u8]) -> Option<EntryId> {
        let found = self.automaton.as_ref()?.find_overlapping_iter(text);
        let ids = found.filter_map(|found| self.built.get(found.pattern().as_usize()));
        ids.filter(|id| !self.removed.contains(id)).min().copied()
    }

    fn occurs(&self, pattern: &[u8], text: &[u8]) -> bool {
        match self.fold {
            false => memchr::memmem::find(text, pattern).is_some(),
            true => {
                pattern.is_empty()
                    || text
                        .windows(pattern.len())
                        .any(|part| part.eq_ignore_ascii_case(pattern))
            }
        }
    }

    fn first_recent(&self, text: &[u8], records: &Records) -> Option<EntryId> {
        let mut recent = self.recent.iter();
        recent
            .find(|id| self.occurs(records.key(**id), text))
            .copied()
    }

    fn rebuild(&mut self, records: &Records) {
        let kept = self.built.iter().chain(&self.recent);
        let kept: Vec<EntryId> = kept
            .filter(|id| !self.removed.contains(id))
            .copied()
            .collect();
        let texts = kept.iter().map(|id| records.key(*id));
        let built = AhoCorasick::builder()
            .ascii_case_insensitive(self.fold)
            .build(texts);
        // Too many for an automaton: they stay to be looked for one by one.
        if let Ok(automaton) = built {
            self.automaton = Some(Arc::new(automaton));
            self.built = kept.into();
            self.recent.clear();
            self.removed.clear();
        }
    }
}

impl Index for Sub {
    fn insert(&mut self, id: EntryId, _: &Records) -> Result<(), BadPattern> {
        self.recent.push(id);
        Ok(())
    }

    fn remove(&mut self, id: EntryId, _: &Records) {
        match self.recent.iter().position(|known| *known == id) {
            Some(at) => drop(self.recent.remove(at)),
            None => drop(self.removed.insert(id)),
        }
    }

    fn settle(&mut self, records: &Records) {
        let loaded = self.automaton.is_none() && self.recent.len() > 1;
        if loaded || self.recent.len() > FEW || self.removed.len() > self.built.len() / 2 {
            self.rebuild(records);
        }
    }

    fn find(&self, value: Sample<'_>, records: &Records) -> Option<EntryId> {
        let mut room = ROOM;
        let text = value.text(&mut room);
        let built = self.first_of_automaton(text);
        built.or_else(|| self.first_recent(text, records))
    }

    fn matches(&self, value: Sample<'_>, records: &Records) -> bool {
        let mut room = ROOM;
        let text = value.text(&mut room);
        let built = match &self.automaton {
            Some(automaton) if self.removed.is_empty() => automaton.is_match(text),
            _ => self.first_of_automaton(text).is_some(),
        };
        built || self.first_recent(text, records).is_some()
    }

    fn duplicate(&self) -> Box<dyn Index> {
        Box::new(self.clone())
    }
}
