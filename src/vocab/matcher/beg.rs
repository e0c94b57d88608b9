//! `beg`: the value starts with a pattern.

use super::{Keyword, Matcher, Method};
use crate::vocab::pattern::TextSet;
use crate::vocab::sample::{ROOM, Sample, Type};

pub(super) const KEYWORD: Keyword = Keyword {
    name: "beg",
    method: Method::Beg,
    takes: Some(Type::Str),
    doc: "The value starts with a pattern.",
    examples: &[
        ("/api/x", &["/img", "/api"], true),
        ("/ap", &["/api"], false),
        ("/API", &["/api"], false),
        ("/API", &["-i", "/api"], true),
    ],
    build: |patterns| Ok(Box::new(Beg(TextSet::new(patterns)))),
};

#[derive(Debug)]
struct Beg(TextSet);

impl Matcher for Beg {
    fn matches(&self, value: Sample<'_>) -> bool {
        self.0.contains_prefix(value.text(&mut ROOM.clone()))
    }
}
