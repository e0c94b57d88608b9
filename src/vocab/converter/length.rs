//! `length`: how long a text is.

use super::{Build, Keyword};
use crate::vocab::sample::{Sample, Type};

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["length"],
    gives: Type::Sint,
    doc: "The length of the text in bytes.",
    examples: &[
        ("str(abc),length", Some("3")),
        ("int(-10),length", Some("3")),
    ],
    build: Build::Plain(|input, _| match input {
        Sample::Str(text) => i64::try_from(text.len()).ok().map(Sample::Sint),
        _ => None,
    }),
    ..Keyword::DEFAULT
};
