//! `found`: the value is there, whatever it is.

use super::{Keyword, Method, Truth};

pub(super) const KEYWORD: Keyword = Keyword {
    name: "found",
    method: Method::Found,
    takes: None,
    doc: "There is a value, even an empty one. Patterns are not looked at.",
    examples: &[("", &[], true), ("a", &["b"], true)],
    build: |_| Box::new(Truth),
};
