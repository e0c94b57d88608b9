//! `ltrim(<chars>)` and `rtrim(<chars>)`.

use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Args, BadArg, Kind, required};
use crate::vocab::context::Context;
use crate::vocab::sample::Sample;

pub(super) const LTRIM: Keyword = Keyword {
    names: &["ltrim"],
    args: &[required("chars", Kind::Str)],
    doc: "The text without any of <chars> at its start.",
    examples: &[("str(aabca),ltrim(ab)", Some("ca"))],
    build: Build::With(|args| build(args, true)),
    ..Keyword::DEFAULT
};

pub(super) const RTRIM: Keyword = Keyword {
    names: &["rtrim"],
    args: &[required("chars", Kind::Str)],
    doc: "The text without any of <chars> at its end.",
    examples: &[("str(acbba),rtrim(ab)", Some("ac"))],
    build: Build::With(|args| build(args, false)),
    ..Keyword::DEFAULT
};

#[derive(Debug)]
struct Trim {
    chars: Box<[u8]>,
    left: bool,
}

fn build(args: &Args, left: bool) -> Result<Box<dyn Converting>, BadArg> {
    let chars = args.text(0).unwrap_or_default().into();
    Ok(Box::new(Trim { chars, left }))
}

impl Converting for Trim {
    fn apply<'s>(
        &'s self,
        _: &Context<'s>,
        input: Sample<'s>,
        _: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let Sample::Str(text) = input else {
            return None;
        };
        let kept = |byte: &u8| !self.chars.contains(byte);
        let trimmed = match self.left {
            true => text.get(text.iter().position(kept).unwrap_or(text.len())..),
            false => text.get(..text.iter().rposition(kept).map_or(0, |at| at + 1)),
        };
        trimmed.map(Sample::Str)
    }
}
