//! `end`: the value ends with a pattern.

use super::text::Ends;
use super::{Keyword, Method};
use crate::vocab::pattern::Direction;
use crate::vocab::sample::Type;

pub(super) const KEYWORD: Keyword = Keyword {
    name: "end",
    method: Method::End,
    takes: Some(Type::Str),
    doc: "The value ends with a pattern.",
    examples: &[
        ("a.png", &[".gif", ".png"], true),
        ("png", &[".png"], false),
        ("a.PNG", &["-i", ".png"], true),
    ],
    build: |spec| Box::new(Ends::new(Direction::Backward, spec)),
};
