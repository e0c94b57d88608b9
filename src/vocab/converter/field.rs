//! `field(<index>,<delimiters>[,<count>])`: parts between delimiters, empty ones too.

use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Arg, Args, BadArg, Kind, optional, required};
use crate::vocab::context::Context;
use crate::vocab::sample::Sample;

pub(super) const ARGS: &[Arg] = &[
    required("index", Kind::Int),
    required("delimiters", Kind::Str),
    optional("count", Kind::Int),
];

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["field"],
    args: ARGS,
    doc: "The part at <index>, from 1, or from the end if negative, of a text cut at each \
          delimiter. <count> parts are taken; 0 takes all the rest.",
    examples: &[
        ("str(f1_f2_f3__f5),field(4,_)", Some("")),
        ("str(f1_f2_f3__f5),field(5,_)", Some("f5")),
        ("str(f1_f2_f3__f5),field(2,_,0)", Some("f2_f3__f5")),
        ("str(f1_f2_f3__f5),field(2,_,2)", Some("f2_f3")),
        ("str(f1_f2_f3__f5),field(-2,_,3)", Some("f2_f3_")),
        ("str(f1_f2_f3__f5),field(-3,_,0)", Some("f1_f2_f3")),
        ("str(f1_f2_f3__f5),field(9,_)", None),
        ("str(a.b-c),field(2,.-)", Some("b")),
        ("str(a_b_c),field(1,_,-1)", Some("a_b_c")),
        ("str(a_b_c),field(2,_,9)", Some("b_c")),
        ("str(a_b_c),field(-1,_,9)", Some("a_b_c")),
        ("str(_a_),field(1,_)", Some("")),
        ("str(_a_),field(-1,_)", Some("")),
        ("str(),field(1,_)", Some("")),
        ("str(),field(2,_)", None),
    ],
    build: Build::With(build),
    ..Keyword::DEFAULT
};

/// Which parts are wanted.
#[derive(Debug)]
pub(super) struct Place {
    /// From 1, or from the end if negative; never 0.
    pub(super) index: i64,
    /// Each of these bytes ends a part.
    pub(super) delimiters: Box<[u8]>,
    /// How many; all the rest if 0.
    pub(super) count: usize,
}

impl Place {
    pub(super) fn build(args: &Args) -> Result<Self, BadArg> {
        let index = args.int(0).unwrap_or(0);
        if index == 0 {
            return Err(BadArg::new(0, "unexpected value 0 for index"));
        }
        let delimiters = args.text(1).unwrap_or_default();
        if delimiters.is_empty() {
            return Err(BadArg::new(1, "empty separators list"));
        }
        Ok(Self {
            index,
            delimiters: delimiters.into(),
            count: usize::try_from(args.int(2).unwrap_or(1)).unwrap_or(0),
        })
    }
}

#[derive(Debug)]
struct Field(Place);

fn build(args: &Args) -> Result<Box<dyn Converting>, BadArg> {
    Ok(Box::new(Field(Place::build(args)?)))
}

impl Field {
    /// The range of the wanted fields.
    fn range(&self, text: &[u8]) -> Option<(usize, usize)> {
        let place = &self.0;
        let is_delimiter = |at: &usize| text.get(*at).is_some_and(|b| place.delimiters.contains(b));
        let skip = usize::try_from(place.index.unsigned_abs().checked_sub(1)?).ok()?;
        let last = place.count;
        if place.index > 0 {
            let mut cuts = (0..text.len()).filter(is_delimiter);
            let start = match skip {
                0 => 0,
                _ => cuts.nth(skip - 1)? + 1,
            };
            let end = last.checked_sub(1).and_then(|n| cuts.nth(n));
            return Some((start, end.unwrap_or(text.len())));
        }
        let mut cuts = (0..text.len()).rev().filter(is_delimiter);
        let end = match skip {
            0 => text.len(),
            _ => cuts.nth(skip - 1)?,
        };
        let start = last.checked_sub(1).and_then(|n| cuts.nth(n));
        Some((start.map_or(0, |at| at + 1), end))
    }
}

impl Converting for Field {
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
