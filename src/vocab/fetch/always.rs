//! `always_true` and `always_false`: constants that conditions can name.

use super::{Build, Keyword, example};
use crate::vocab::sample::{Sample, Type};

pub(super) const ALWAYS_TRUE: Keyword = Keyword {
    names: &["always_true"],
    yields: Type::Bool,
    doc: "Always returns the boolean \"true\".",
    examples: &[example("", "always_true", "1")],
    build: Build::Plain(|_, _| Some(Sample::Bool(true))),
    ..Keyword::DEFAULT
};

pub(super) const ALWAYS_FALSE: Keyword = Keyword {
    names: &["always_false"],
    yields: Type::Bool,
    doc: "Always returns the boolean \"false\".",
    examples: &[example("", "always_false", "0")],
    build: Build::Plain(|_, _| Some(Sample::Bool(false))),
    ..Keyword::DEFAULT
};
