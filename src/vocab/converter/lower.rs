//! `lower` and `upper`: ASCII case.

use super::{Build, Keyword};
use crate::vocab::sample::Sample;

pub(super) const LOWER: Keyword = Keyword {
    names: &["lower"],
    doc: "The text in lower case (ASCII letters only).",
    examples: &[("str(AbC-9),lower", Some("abc-9"))],
    build: Build::Plain(|input, out| mapped(input, out, |byte| byte.to_ascii_lowercase())),
    ..Keyword::DEFAULT
};

pub(super) const UPPER: Keyword = Keyword {
    names: &["upper"],
    doc: "The text in upper case (ASCII letters only).",
    examples: &[("str(AbC-9),upper", Some("ABC-9"))],
    build: Build::Plain(|input, out| mapped(input, out, |byte| byte.to_ascii_uppercase())),
    ..Keyword::DEFAULT
};

fn mapped<'s>(
    input: Sample<'s>,
    out: &'s mut Vec<u8>,
    map: impl Fn(&u8) -> u8,
) -> Option<Sample<'s>> {
    let Sample::Str(text) = input else {
        return None;
    };
    out.extend(text.iter().map(map));
    Some(Sample::Str(out))
}
