//! `date([<offset>[,<unit>]])`: now.

use super::{Build, Fetching, Keyword, example};
use crate::vocab::arguments::{Args, BadArg, Kind, optional};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["date"],
    args: &[optional("offset", Kind::Int), optional("unit", Kind::Str)],
    yields: Type::Sint,
    doc: "The time since the epoch plus <offset>, in seconds or, by <unit>, in \"ms\" or \"us\".",
    examples: &[
        example("", "date", "1700000005"),
        example("", "date(-5)", "1700000000"),
        example("", "date(1,ms)", "1700000005001"),
        example("", "date(0,us)", "1700000005000000"),
    ],
    build: Build::With(build),
    ..Keyword::DEFAULT
};

#[derive(Debug)]
struct Date {
    offset: i64,
    /// Microseconds in one unit.
    unit: u64,
}

fn build(args: &Args) -> Result<Box<dyn Fetching>, BadArg> {
    let unit = match args.text(1) {
        None | Some(b"s") => 1_000_000,
        Some(b"ms") => 1_000,
        Some(b"us") => 1,
        Some(_) => return Err(BadArg::new(1, "expects 's', 'ms' or 'us'")),
    };
    let offset = args.int(0).unwrap_or(0);
    Ok(Box::new(Date { offset, unit }))
}

impl Fetching for Date {
    fn one<'s>(&'s self, cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        let now = cx.clock.wall_us(cx.clock.now_us()) / self.unit;
        let now = i64::try_from(now).unwrap_or(i64::MAX);
        Some(Sample::Sint(now.saturating_add(self.offset)))
    }
}
