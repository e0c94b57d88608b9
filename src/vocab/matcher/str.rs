//! `str`: the value is a pattern.

use super::text::Whole;
use super::{Keyword, Method};
use crate::vocab::sample::Type;

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
    build: |spec| Box::new(Whole::new(spec)),
};
