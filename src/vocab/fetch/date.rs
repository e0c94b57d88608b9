//! `date([<offset>[,<unit>]])`: now. `date_us`: its microseconds. `accept_date([<unit>])` and
//! `request_date([<unit>])`: when the connection was accepted, and when its request began.

use super::{Build, Fetching, Keyword, Needs, example};
use crate::vocab::arguments::{Args, BadArg, Kind, optional};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};

const DEFAULT: Keyword = Keyword {
    yields: Type::Sint,
    ..Keyword::DEFAULT
};

pub(super) const DATE: Keyword = Keyword {
    names: &["date"],
    args: &[optional("offset", Kind::Int), optional("unit", Kind::Str)],
    doc: "The time since the epoch plus <offset>, in seconds or, by <unit>, in \"ms\" or \"us\".",
    examples: &[
        example("", "date", "1700000005"),
        example("", "date(-5)", "1700000000"),
        example("", "date(1,ms)", "1700000005001"),
        example("", "date(0,us)", "1700000005000000"),
    ],
    build: Build::With(|args| {
        let offset = args.int(0).unwrap_or(0);
        moment(args, 1, offset, |cx| cx.clock.now_us())
    }),
    ..DEFAULT
};

pub(super) const DATE_US: Keyword = Keyword {
    names: &["date_us"],
    doc: "The microseconds of the current time, from 0 to 999999.",
    examples: &[example("", "date_us", "0")],
    build: Build::Plain(|cx, _| {
        let now = cx.clock.wall_us(cx.clock.now_us());
        i64::try_from(now % 1_000_000).ok().map(Sample::Sint)
    }),
    ..DEFAULT
};

pub(super) const ACCEPT_DATE: Keyword = Keyword {
    names: &["accept_date"],
    args: &[optional("unit", Kind::Str)],
    needs: Needs::Connection,
    doc: "When the connection was accepted, since the epoch, in seconds or, by <unit>, in \"ms\" or \"us\".",
    examples: &[
        example("", "accept_date", "1700000001"),
        example("", "accept_date(ms)", "1700000001000"),
    ],
    build: Build::With(|args| moment(args, 0, 0, |cx| cx.conn.accepted_us)),
    ..DEFAULT
};

pub(super) const REQUEST_DATE: Keyword = Keyword {
    names: &["request_date"],
    args: &[optional("unit", Kind::Str)],
    needs: Needs::Request,
    doc: "When the request began, since the epoch, in seconds or, by <unit>, in \"ms\" or \"us\".",
    examples: &[
        example("", "request_date", "1700000001"),
        example("", "request_date(us)", "1700000001000000"),
    ],
    build: Build::With(|args| {
        moment(args, 0, 0, |cx| match cx.record.request_start_us {
            0 => cx.conn.accepted_us,
            start => start,
        })
    }),
    ..DEFAULT
};

/// A point in time of the process's clock.
struct Moment {
    at: fn(&Context<'_>) -> u64,
    offset: i64,
    /// Microseconds in one unit.
    unit: u64,
}

impl std::fmt::Debug for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Moment")
    }
}

fn moment(
    args: &Args,
    unit: usize,
    offset: i64,
    at: fn(&Context<'_>) -> u64,
) -> Result<Box<dyn Fetching>, BadArg> {
    let unit = match args.text(unit) {
        None | Some(b"s") => 1_000_000,
        Some(b"ms") => 1_000,
        Some(b"us") => 1,
        Some(other) => {
            let other = String::from_utf8_lossy(other);
            let message = format!("expects 's', 'ms' or 'us', got '{other}'");
            return Err(BadArg::new(unit, message));
        }
    };
    Ok(Box::new(Moment { at, offset, unit }))
}

impl Fetching for Moment {
    fn one<'s>(&'s self, cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        let time = cx.clock.wall_us((self.at)(cx)) / self.unit;
        let time = i64::try_from(time).unwrap_or(i64::MAX);
        Some(Sample::Sint(time.saturating_add(self.offset)))
    }
}
