//! `dom`: a pattern stands in the value between dots, slashes, colons or question marks.

use super::text::Delimited;
use super::{Keyword, Method};
use crate::vocab::pattern::Delimiters;
use crate::vocab::sample::Type;

pub(super) const KEYWORD: Keyword = Keyword {
    name: "dom",
    method: Method::Dom,
    takes: Some(Type::Str),
    doc: "A pattern, without delimiters around it, stands in the value between delimiters: dot, \
          slash, colon, question mark, or an end.",
    examples: &[
        ("http://www1.dc-eu.example.com:80/blah", &["www1"], true),
        ("http://www1.dc-eu.example.com:80/blah", &[".www1"], true),
        (
            "http://www1.dc-eu.example.com:80/blah",
            &["dc-eu.example"],
            true,
        ),
        ("http://www1.dc-eu.example.com:80/blah", &["80"], true),
        ("http://www1.dc-eu.example.com:80/blah", &["eu"], false),
        (
            "http://www1.dc-eu.example.com:80/blah",
            &["-i", "BLAH"],
            true,
        ),
    ],
    build: |spec| Box::new(Delimited::new(&DELIMITERS, spec)),
};

static DELIMITERS: Delimiters = Delimiters::new(b"/?.:");
