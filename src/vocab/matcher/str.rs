//! `str`: the value is a pattern.

use super::{Keyword, Matcher, Method};
use crate::vocab::pattern::TextSet;
use crate::vocab::sample::{ROOM, Sample, Type};

pub(super) const KEYWORD: Keyword = Keyword {
    name: "str",
    method: Method::Str,
    takes: Some(Type::Str),
    doc: "The value is a pattern.",
    examples: &[
        ("abc", &["x", "abc"], true),
        ("abc", &["ab"], false),
        ("ABC", &["abc"], false),
        ("ABC", &["-i", "abc"], true),
    ],
    build: |patterns| Ok(Box::new(Str(TextSet::new(patterns)))),
};

#[derive(Debug)]
struct Str(TextSet);

impl Matcher for Str {
    fn matches(&self, value: Sample<'_>) -> bool {
        self.0.contains(value.text(&mut ROOM.clone()))
    }
}
