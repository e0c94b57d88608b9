//! `end`: the value ends with a pattern.

use super::{Keyword, Matcher, Method};
use crate::vocab::pattern::TextSet;
use crate::vocab::sample::{ROOM, Sample, Type};

pub(super) const KEYWORD: Keyword = Keyword {
    name: "end",
    method: Method::End,
    takes: Some(Type::Str),
    doc: "The value ends with a pattern.",
    examples: &[
        ("a.png", &[".gif", ".png"], true),
        ("png", &[".png"], false),
        ("a.PNG", &["-i", ".png"], true),
    ],
    build: |patterns| Ok(Box::new(End(TextSet::new(patterns)))),
};

#[derive(Debug)]
struct End(TextSet);

impl Matcher for End {
    fn matches(&self, value: Sample<'_>) -> bool {
        self.0.contains_suffix(value.text(&mut ROOM.clone()))
    }
}
