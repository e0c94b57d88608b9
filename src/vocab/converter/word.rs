//! `word(<index>,<delimiters>[,<count>])`: parts between delimiters, never empty ones.

use super::field::ARGS;
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
    ],
    build: Build::With(build),
    ..Keyword::DEFAULT
};

#[derive(Debug)]
struct WordAt {
    index: i64,
    delimiters: Box<[u8]>,
    count: i64,
}

fn build(args: &Args) -> Result<Box<dyn Converting>, BadArg> {
    Ok(Box::new(WordAt {
        index: args.int(0).unwrap_or(0),
        delimiters: args.text(1).unwrap_or_default().into(),
        count: args.int(2).unwrap_or(1),
    }))
}

impl WordAt {
    fn is_delimiter(&self, byte: Option<&u8>) -> bool {
        byte.is_none_or(|byte| self.delimiters.contains(byte))
    }

    /// The range of the wanted words.
    fn range(&self, text: &[u8]) -> Option<(usize, usize)> {
        let before = |at: usize| at.checked_sub(1).and_then(|at| text.get(at));
        let is_start =
            |&at: &usize| !self.is_delimiter(text.get(at)) && self.is_delimiter(before(at));
        let is_end = |&at: &usize| {
            at > 0 && self.is_delimiter(text.get(at)) && !self.is_delimiter(before(at))
        };
        let skip = usize::try_from(self.index.unsigned_abs().checked_sub(1)?).ok()?;
        let last = usize::try_from(self.count).ok()?.checked_sub(1);
        if self.index > 0 {
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
