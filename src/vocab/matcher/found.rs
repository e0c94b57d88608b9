//! `found`: the value is there, whatever it is.

use super::{Keyword, Matcher, Method};
use crate::vocab::sample::Sample;

pub(super) const KEYWORD: Keyword = Keyword {
    name: "found",
    method: Method::Found,
    takes: None,
    doc: "There is a value, even an empty one. Patterns are not looked at.",
    examples: &[("", &[], true), ("a", &["b"], true)],
    build: |_| Ok(Box::new(Found)),
};

#[derive(Debug)]
struct Found;

impl Matcher for Found {
    fn matches(&self, _: Sample<'_>) -> bool {
        true
    }
}
