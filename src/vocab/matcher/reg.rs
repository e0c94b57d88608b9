//! `reg`: a regular expression finds something in the value.

use super::{Index, Keyword, Method};
use crate::vocab::pattern::{BadPattern, EntryId, Records, Spec};
use crate::vocab::regex::{self, Groups};
use crate::vocab::sample::{ROOM, Sample, Type};
use aho_corasick::{AhoCorasick, BuildError};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

pub(super) const KEYWORD: Keyword = Keyword {
    name: "reg",
    method: Method::Reg,
    takes: Some(Type::Str),
    doc: "A regular expression matches somewhere in the value. Look-around and \
          back-references are refused: they cannot be run in linear time.",
    examples: &[
        ("/a/12", &["^/a/[0-9]+$"], true),
        ("/a/x", &["^/a/[0-9]+$"], false),
        ("ABC", &["-i", "b"], true),
        ("ABC", &["b"], false),
    ],
    build: |spec| Box::new(Reg::new(spec)),
};

/// So many expressions are run one after the other before they are filtered by what they need.
const FEW: usize = 16;
/// So many expressions can be left by the filter; if there are more, all are run.
const CANDIDATES: usize = 64;

/// So many texts are one automaton: building one takes time that grows with their square, 80 ms for
/// these.
const TEXTS: usize = 8192;

/// Expressions in the order of the list, and what tells which of them need not be run.
#[derive(Clone, Debug)]
struct Reg {
    fold: bool,
    regexes: BTreeMap<EntryId, Arc<Groups>>,
    filter: Option<Arc<Filter>>,
    /// Those that the filter knows nothing about, and how many of them are new.
    unfiltered: BTreeSet<EntryId>,
    new: usize,
}

/// Texts of which one must be in what an expression matches.
#[derive(Debug)]
struct Filter {
    parts: Vec<Part>,
}

/// Some of the texts.
#[derive(Debug)]
struct Part {
    automaton: AhoCorasick,
    /// The expressions that need each of them. The automaton has a text once: it walks through its
    /// equals for each one more.
    owners: Vec<Vec<EntryId>>,
}

impl Reg {
    fn new(spec: Spec) -> Self {
        Self {
            fold: spec.ignore_case,
            regexes: BTreeMap::new(),
            filter: None,
            unfiltered: BTreeSet::new(),
            new: 0,
        }
    }

    fn rebuild(&mut self, records: &Records) {
        let mut owners: HashMap<Vec<u8>, Vec<EntryId>> = HashMap::new();
        self.unfiltered.clear();
        self.new = 0;
        for id in self.regexes.keys() {
            let needed = regex::needed_texts(records.key(*id));
            if needed.is_empty() {
                self.unfiltered.insert(*id);
            }
            for text in needed {
                owners.entry(text).or_default().push(*id);
            }
        }
        self.filter = match Filter::new(owners, self.fold) {
            Ok(filter) => Some(Arc::new(filter)),
            Err(_) => {
                self.unfiltered.extend(self.regexes.keys());
                None
            }
        };
    }

    fn is_match(&self, id: EntryId, text: &[u8]) -> bool {
        self.regexes
            .get(&id)
            .is_some_and(|regex| regex.is_match(text))
    }

    fn first_of_all(&self, text: &[u8]) -> Option<EntryId> {
        let mut regexes = self.regexes.iter();
        let found = regexes.find(|(_, regex)| regex.is_match(text));
        found.map(|(id, _)| *id)
    }
}

impl Filter {
    /// A filter of these texts and the expressions that need each.
    fn new(owners: HashMap<Vec<u8>, Vec<EntryId>>, fold: bool) -> Result<Self, BuildError> {
        let mut parts = Vec::new();
        let mut left = owners.into_iter();
        while left.len() > 0 {
            let (texts, owners): (Vec<_>, Vec<_>) = left.by_ref().take(TEXTS).unzip();
            let automaton = AhoCorasick::builder()
                .ascii_case_insensitive(fold)
                .build(texts)?;
            parts.push(Part { automaton, owners });
        }
        Ok(Self { parts })
    }

    /// The expressions whose text occurs, ascending; `None` if they are too many.
    fn candidates<'r>(
        &self,
        text: &[u8],
        room: &'r mut [EntryId; CANDIDATES],
    ) -> Option<&'r [EntryId]> {
        let mut count = 0;
        for part in &self.parts {
            for found in part.automaton.find_overlapping_iter(text) {
                for owner in part.owners.get(found.pattern().as_usize())? {
                    if !room.get(..count)?.contains(owner) {
                        *room.get_mut(count)? = *owner;
                        count += 1;
                    }
                }
            }
        }
        let found = room.get_mut(..count)?;
        found.sort_unstable();
        Some(found)
    }
}

impl Index for Reg {
    fn insert(&mut self, id: EntryId, records: &Records) -> Result<(), BadPattern> {
        let text = records.key(id);
        let compiled = regex::compile(text, self.fold).map_err(|error| BadPattern {
            message: format!(
                "regex '{}' is invalid: {}",
                String::from_utf8_lossy(text),
                error.message
            ),
            help: error.help,
        })?;
        self.regexes.insert(id, Arc::new(Groups::new(compiled)));
        self.unfiltered.insert(id);
        self.new += 1;
        Ok(())
    }

    fn remove(&mut self, id: EntryId, _: &Records) {
        self.regexes.remove(&id);
        self.unfiltered.remove(&id);
    }

    fn settle(&mut self, records: &Records) {
        if self.new > FEW {
            self.rebuild(records);
        }
    }

    fn find(&self, value: Sample<'_>, _: &Records) -> Option<EntryId> {
        let mut room = ROOM;
        let text = value.text(&mut room);
        let Some(filter) = &self.filter else {
            return self.first_of_all(text);
        };
        let mut room = [EntryId(0); CANDIDATES];
        let Some(candidates) = filter.candidates(text, &mut room) else {
            return self.first_of_all(text);
        };
        let matching = |id: &&EntryId| self.is_match(**id, text);
        let filtered = candidates.iter().find(matching).copied();
        let earlier = |id: &&EntryId| filtered.is_none_or(|filtered| **id < filtered);
        let mut unfiltered = self.unfiltered.iter().take_while(earlier);
        unfiltered.find(matching).copied().or(filtered)
    }

    fn expand(&self, id: EntryId, template: &[u8], text: &[u8], out: &mut Vec<u8>) -> bool {
        let regex = self.regexes.get(&id);
        regex.is_some_and(|regex| regex.substitute(template, text, out))
    }

    fn duplicate(&self) -> Box<dyn Index> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_texts_are_several_automata() {
        let count = u32::try_from(TEXTS + TEXTS / 2).unwrap();
        let owner = |number: u32| vec![EntryId(number), EntryId(number + count)];
        let text = |number: u32| format!("/{number:06}").into_bytes();
        let filter = Filter::new((0..count).map(|n| (text(n), owner(n))).collect(), false).unwrap();
        assert_eq!(filter.parts.len(), 2);
        for number in [0, count / 2, count - 1] {
            let mut room = [EntryId(0); CANDIDATES];
            let found = filter.candidates(&text(number), &mut room);
            assert_eq!(found, Some(&*owner(number)));
        }
    }
}
