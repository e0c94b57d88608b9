//! `bool`: the value is true.

use super::{Keyword, Method, Truth};
use crate::vocab::sample::Type;

pub(super) const KEYWORD: Keyword = Keyword {
    name: "bool",
    method: Method::Bool,
    takes: Some(Type::Sint),
    doc: "The value is true, or an integer other than zero. Patterns are not looked at.",
    examples: &[("1", &[], true), ("0", &[], false), ("-7", &["0"], true)],
    build: |_| Box::new(Truth),
};
