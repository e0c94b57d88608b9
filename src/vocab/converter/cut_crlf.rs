//! `cut_crlf`: the first line.

use super::{Build, Keyword};
use crate::vocab::sample::Sample;

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["cut_crlf"],
    doc: "The text up to the first carriage return or line feed.",
    examples: &[
        ("str(\"a\\nb\"),cut_crlf", Some("a")),
        ("str(\"a\\r\\nb\"),cut_crlf", Some("a")),
        ("str(abc),cut_crlf", Some("abc")),
        ("str(),cut_crlf", Some("")),
    ],
    build: Build::Plain(|input, _| match input {
        Sample::Str(text) => {
            let line = text.split(|byte| b"\r\n".contains(byte)).next();
            line.map(Sample::Str)
        }
        _ => None,
    }),
    ..Keyword::DEFAULT
};
