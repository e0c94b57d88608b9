//! `rand([<range>])`: a random number. Not for secrets.

use super::{Build, Fetching, Keyword, example};
use crate::random;
use crate::vocab::arguments::{Args, BadArg, Kind, optional};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["rand"],
    args: &[optional("range", Kind::Int)],
    yields: Type::Sint,
    doc: "A random integer from 0 to <range> - 1, by default up to 4294967295.",
    examples: &[example("", "rand(1)", "0")],
    build: Build::With(build),
    ..Keyword::DEFAULT
};

#[derive(Debug)]
struct Rand {
    range: u64,
}

fn build(args: &Args) -> Result<Box<dyn Fetching>, BadArg> {
    let range = args.int(0).unwrap_or(1 << 32);
    match u64::try_from(range) {
        Ok(range @ 1..=0x1_0000_0000) => Ok(Box::new(Rand { range })),
        _ => Err(BadArg::new(0, "the range must be from 1 to 4294967296")),
    }
}

impl Fetching for Rand {
    fn one<'s>(&'s self, _: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        // The high 32 bits scaled to the range: no modulo bias worth mentioning.
        let scaled = ((random::next() >> 32) * self.range) >> 32;
        Some(Sample::Sint(i64::try_from(scaled).unwrap_or(0)))
    }
}
