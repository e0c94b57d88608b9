//! `word(<index>,<delimiters>[,<count>])`: parts between delimiters, never empty ones.

use super::field::{ARGS, Place};
use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Args, BadArg};
use crate::vocab::context::Context;
use crate::vocab::sample::Sample;

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["word"],
    args: ARGS,
    doc: "The word at <index>, from 1, or from the end if negative; words are what stands \
          between runs of delimiters. <count> words are taken; 0 takes all the rest.",
    examples: &[
        ("str(f1_f2_f3__f5),word(4,_)", Some("f5")),
        ("str(f1_f2_f3__f5),word(5,_)", None),
        ("str(f1_f2_f3__f5),word(3,_,0)", Some("f3__f5")),
        ("str(f1_f2_f3__f5),word(-2,_,2)", Some("f2_f3")),
        ("str(f1_f2_f3__f5),word(-3,_,0)", Some("f1_f2")),
        ("str(/a/b/c),word(1,/)", Some("a")),
        ("str(/a/b/c/),word(2,/,0)", Some("b/c/")),
        ("str(/a/b/c/),word(-1,/,0)", Some("/a/b/c")),
        ("str(/a/b/c/),word(-1,/,9)", Some("/a/b/c")),
        ("str(/a//b/),word(1,/,2)", Some("a//b")),
        ("str(/a//b/),word(1,/,3)", Some("a//b/")),
        ("str(a b;c),word(2,' ;',-1)", Some("b;c")),
        ("str(///),word(1,/)", None),
        ("str(),word(1,/)", None),
    ],
    build: Build::With(build),
    ..Keyword::DEFAULT
};

#[derive(Debug)]
struct WordAt(Place);

fn build(args: &Args) -> Result<Box<dyn Converting>, BadArg> {
    Ok(Box::new(WordAt(Place::build(args)?)))
}

impl WordAt {
    fn is_delimiter(&self, byte: Option<&u8>) -> bool {
        byte.is_none_or(|byte| self.0.delimiters.contains(byte))
    }

    /// The range of the wanted words.
    fn range(&self, text: &[u8]) -> Option<(usize, usize)> {
        let before = |at: usize| at.checked_sub(1).and_then(|at| text.get(at));
        let is_start =
            |&at: &usize| !self.is_delimiter(text.get(at)) && self.is_delimiter(before(at));
        let is_end = |&at: &usize| {
            at > 0 && self.is_delimiter(text.get(at)) && !self.is_delimiter(before(at))
        };
        let skip = usize::try_from(self.0.index.unsigned_abs().checked_sub(1)?).ok()?;
        let last = self.0.count.checked_sub(1);
        if self.0.index > 0 {
            let start = (0..text.len()).filter(is_start).nth(skip)?;
            let mut ends = (start..=text.len()).filter(is_end);
            let end = last.and_then(|n| ends.nth(n));
            return Some((start, end.unwrap_or(text.len())));
        }
        let end = (0..=text.len()).rev().filter(is_end).nth(skip)?;
        let mut starts = (0..end).rev().filter(is_start);
        let start = last.and_then(|n| starts.nth(n));
        Some((start.unwrap_or(0), end))
    }
}

impl Converting for WordAt {
    fn apply<'s>(
        &'s self,
        _: &Context<'s>,
        input: Sample<'s>,
        _: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let Sample::Str(text) = input else {
            return None;
        };
        let (start, end) = self.range(text)?;
        text.get(start..end).map(Sample::Str)
    }
}
