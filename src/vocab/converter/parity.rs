//! `even` and `odd`.

use super::{Build, Keyword};
use crate::vocab::sample::{Sample, Type};

pub(super) const EVEN: Keyword = Keyword {
    names: &["even"],
    takes: Type::Sint,
    gives: Type::Bool,
    doc: "True if the integer is even.",
    examples: &[("int(-2),even", Some("1")), ("int(3),even", Some("0"))],
    build: Build::Plain(|input, _| input.int().map(|value| Sample::Bool(value & 1 == 0))),
    ..Keyword::DEFAULT
};

pub(super) const ODD: Keyword = Keyword {
    names: &["odd"],
    takes: Type::Sint,
    gives: Type::Bool,
    doc: "True if the integer is odd.",
    examples: &[("int(-3),odd", Some("1")), ("int(0),odd", Some("0"))],
    build: Build::Plain(|input, _| input.int().map(|value| Sample::Bool(value & 1 == 1))),
    ..Keyword::DEFAULT
};
