//! `bool` and `not`: an integer as a truth value, and its opposite.

use super::{Build, Keyword};
use crate::vocab::sample::{Sample, Type};

pub(super) const BOOL: Keyword = Keyword {
    names: &["bool"],
    takes: Type::Sint,
    gives: Type::Bool,
    doc: "True if the integer is not zero.",
    examples: &[("int(7),bool", Some("1")), ("int(0),bool", Some("0"))],
    build: Build::Plain(|input, _| input.int().map(|value| Sample::Bool(value != 0))),
    ..Keyword::DEFAULT
};

pub(super) const NOT: Keyword = Keyword {
    names: &["not"],
    takes: Type::Sint,
    gives: Type::Bool,
    doc: "True if the integer is zero.",
    examples: &[("int(7),not", Some("0")), ("bool(false),not", Some("1"))],
    build: Build::Plain(|input, _| input.int().map(|value| Sample::Bool(value == 0))),
    ..Keyword::DEFAULT
};
