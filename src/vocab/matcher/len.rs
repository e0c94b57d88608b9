//! `len`: the value's length is in a range of integers.

use super::int::read_range;
use super::ranges::InRange;
use super::{Keyword, Method};
use crate::vocab::sample::{ROOM, Sample, Type};

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
    build: |_| Box::new(InRange::new(read_range, length)),
};

fn length(value: Sample<'_>) -> Option<i64> {
    i64::try_from(value.text(&mut ROOM.clone()).len()).ok()
}
