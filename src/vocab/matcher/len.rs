//! `len`: the value's length is in a range of integers.

use super::int::ranges;
use super::{Keyword, Matcher, Method};
use crate::vocab::sample::{ROOM, Sample, Type};
use std::ops::RangeInclusive;

pub(super) const KEYWORD: Keyword = Keyword {
    name: "len",
    method: Method::Len,
    takes: Some(Type::Str),
    doc: "The value's length in bytes is one of the integers or in one of the ranges.",
    examples: &[
        ("abc", &["3"], true),
        ("abc", &["4:"], false),
        ("", &["0"], true),
    ],
    build: |patterns| Ok(Box::new(Len(ranges(patterns)?))),
};

#[derive(Debug)]
struct Len(Vec<RangeInclusive<i64>>);

impl Matcher for Len {
    fn matches(&self, value: Sample<'_>) -> bool {
        let length = value.text(&mut ROOM.clone()).len();
        let length = i64::try_from(length).unwrap_or(i64::MAX);
        self.0.iter().any(|range| range.contains(&length))
    }
}
