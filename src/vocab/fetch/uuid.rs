//! `uuid([<version>])`: a fresh identifier (RFC 9562), random or ordered by time.

use super::{Build, Fetching, Keyword, example};
use crate::random;
use crate::vocab::arguments::{Args, BadArg, Kind, optional};
use crate::vocab::context::Context;
use crate::vocab::sample::Sample;
use std::io::Write;

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["uuid"],
    args: &[optional("version", Kind::Int)],
    writes: true,
    doc: "A fresh UUID of <version> 4 (random, the default) or 7 (ordered by time).",
    examples: &[
        example("", "uuid,length", "36"),
        example("", "uuid,field(3,-),length", "4"),
        example("", "uuid(7),field(1,-)", "018bcfe5"),
    ],
    build: Build::With(build),
    ..Keyword::DEFAULT
};

#[derive(Debug)]
struct Uuid {
    ordered: bool,
}

fn build(args: &Args) -> Result<Box<dyn Fetching>, BadArg> {
    match args.int(0).unwrap_or(4) {
        4 => Ok(Box::new(Uuid { ordered: false })),
        7 => Ok(Box::new(Uuid { ordered: true })),
        other => {
            let message = format!("Unsupported UUID version: '{other}'");
            Err(BadArg::new(0, message))
        }
    }
}

impl Fetching for Uuid {
    fn one<'s>(&'s self, cx: &Context<'s>, out: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        let random = u128::from(random::next()) << 64 | u128::from(random::next());
        let bits = if self.ordered {
            let now = cx.clock.wall_us(cx.clock.now_us()) / 1000;
            u128::from(now) << 80 | random >> 48
        } else {
            random
        };
        let version = if self.ordered { 7 } else { 4 };
        let bits = bits & !(0xf << 76) & !(0b11 << 62) | version << 76 | 0b10 << 62;
        let part = |shift: u32, digits: u32| bits >> shift & ((1 << (4 * digits)) - 1);
        write!(
            out,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            part(96, 8),
            part(80, 4),
            part(64, 4),
            part(48, 4),
            part(0, 12)
        )
        .ok()?;
        Some(Sample::Str(out))
    }
}
