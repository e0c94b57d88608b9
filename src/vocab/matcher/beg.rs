//! `beg`: the value starts with a pattern.

use super::text::Ends;
use super::{Keyword, Method};
use crate::vocab::pattern::Direction;
use crate::vocab::sample::Type;

pub(super) const KEYWORD: Keyword = Keyword {
    name: "beg",
    method: Method::Beg,
    takes: Some(Type::Str),
    doc: "The value starts with a pattern.",
    examples: &[
        ("/api/x", &["/img", "/api"], true),
        ("/ap", &["/api"], false),
        ("/API", &["/api"], false),
        ("/API", &["-i", "/api"], true),
    ],
    build: |spec| Box::new(Ends::new(Direction::Forward, spec)),
};
