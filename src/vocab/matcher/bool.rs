//! `bool`: the value is true.

use super::{Keyword, Matcher, Method};
use crate::vocab::sample::{Sample, Type};

pub(super) const KEYWORD: Keyword = Keyword {
    name: "bool",
    method: Method::Bool,
    takes: Some(Type::Sint),
    doc: "The value is true, or an integer other than zero. Patterns are not looked at.",
    examples: &[("1", &[], true), ("0", &[], false), ("-7", &["0"], true)],
    build: |_| Ok(Box::new(True)),
};

#[derive(Debug)]
struct True;

impl Matcher for True {
    fn matches(&self, value: Sample<'_>) -> bool {
        value.int().is_some_and(|value| value != 0)
    }
}
