//! `sub`: a pattern occurs in the value.

use super::{Keyword, Matcher, Method};
use crate::vocab::pattern::{BadPattern, Pattern};
use crate::vocab::sample::{ROOM, Sample, Type};
use aho_corasick::AhoCorasick;

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
    build,
};

#[derive(Debug)]
struct Sub {
    /// Patterns compared as they are, and those compared without case.
    exact: Option<AhoCorasick>,
    folded: Option<AhoCorasick>,
}

fn build(patterns: &[Pattern]) -> Result<Box<dyn Matcher>, BadPattern> {
    Ok(Box::new(Sub {
        exact: automaton(patterns, false)?,
        folded: automaton(patterns, true)?,
    }))
}

fn automaton(patterns: &[Pattern], ignore_case: bool) -> Result<Option<AhoCorasick>, BadPattern> {
    let texts: Vec<_> = patterns
        .iter()
        .filter(|pattern| pattern.ignore_case == ignore_case)
        .map(|pattern| &pattern.text)
        .collect();
    if texts.is_empty() {
        return Ok(None);
    }
    AhoCorasick::builder()
        .ascii_case_insensitive(ignore_case)
        .build(texts)
        .map(Some)
        .map_err(|error| BadPattern::new(0, error.to_string()))
}

impl Matcher for Sub {
    fn matches(&self, value: Sample<'_>) -> bool {
        let mut room = ROOM;
        let text = value.text(&mut room);
        let is_in = |automaton: &Option<AhoCorasick>| {
            automaton
                .as_ref()
                .is_some_and(|automaton| automaton.is_match(text))
        };
        is_in(&self.exact) || is_in(&self.folded)
    }
}
