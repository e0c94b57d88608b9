//! `http_date([<offset>[,<unit>]])` and, the other way, `date`.

use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Args, BadArg, Kind, optional};
use crate::vocab::calendar::{self, Civil};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};
use std::io::Write;

pub(super) const DATE: Keyword = Keyword {
    names: &["date"],
    gives: Type::Sint,
    doc: "The seconds since the epoch of an HTTP date in any of its three forms (RFC 9110 \
          section 5.6.7).",
    examples: &[
        (
            "str('Sun, 06 Nov 1994 08:49:37 GMT'),date",
            Some("784111777"),
        ),
        (
            "str('Sunday, 06-Nov-94 08:49:37 GMT'),date",
            Some("784111777"),
        ),
        ("str('Sun Nov  6 08:49:37 1994'),date", Some("784111777")),
        ("str('Thu, 01 Jan 1970 00:00:00 GMT'),date", Some("0")),
        ("str('06 Nov 1994 08:49:37 GMT'),date", None),
    ],
    build: Build::Plain(|input, _| match input {
        Sample::Str(text) => calendar::http_date(text).map(Sample::Sint),
        _ => None,
    }),
    ..Keyword::DEFAULT
};

pub(super) const HTTP_DATE: Keyword = Keyword {
    names: &["http_date"],
    args: &[optional("offset", Kind::Int), optional("unit", Kind::Str)],
    takes: Type::Sint,
    doc: "The HTTP date of a time since the epoch plus <offset>. The time is in seconds, or by \
          <unit> in \"ms\" or \"us\", whose number follows the seconds after a point.",
    examples: &[
        (
            "int(784111777),http_date",
            Some("Sun, 06 Nov 1994 08:49:37 GMT"),
        ),
        (
            "int(784111777),http_date(-7)",
            Some("Sun, 06 Nov 1994 08:49:30 GMT"),
        ),
        (
            "int(784111777),http_date(0,s)",
            Some("Sun, 06 Nov 1994 08:49:37 GMT"),
        ),
        (
            "int(784111777012),http_date(0,ms)",
            Some("Sun, 06 Nov 1994 08:49:37.12 GMT"),
        ),
        (
            "int(784111777000345),http_date(0,us)",
            Some("Sun, 06 Nov 1994 08:49:37.345 GMT"),
        ),
        (
            "int(-1),http_date",
            Some("Sun, 13 Jun 1141709097 06:26:07 GMT"),
        ),
    ],
    build: Build::With(build),
    ..Keyword::DEFAULT
};

/// Bits of a time that are kept, which makes negative times dates of a far future.
pub(super) const KEPT_BITS: i64 = 0x007f_ffff_ffff_ffff;

#[derive(Debug)]
struct HttpDate {
    offset: i64,
    /// How many units a second has.
    per_second: i64,
}

fn build(args: &Args) -> Result<Box<dyn Converting>, BadArg> {
    let per_second = match args.text(1) {
        None | Some(b"s") => 1,
        Some(b"ms") => 1_000,
        Some(b"us") => 1_000_000,
        Some(other) => {
            let other = String::from_utf8_lossy(other);
            let message = format!("expects 's', 'ms' or 'us', got '{other}'");
            return Err(BadArg::new(1, message));
        }
    };
    let offset = args.int(0).unwrap_or(0);
    Ok(Box::new(HttpDate { offset, per_second }))
}

impl Converting for HttpDate {
    fn apply<'s>(
        &'s self,
        _: &Context<'s>,
        input: Sample<'s>,
        out: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let time = input.int()?.wrapping_add(self.offset);
        let date = Civil::at((time / self.per_second) & KEPT_BITS);
        write!(
            out,
            "{}, {:02} {} {:04} {:02}:{:02}:{:02}",
            date.day_name(),
            date.day,
            date.month_name(),
            date.year,
            date.hour,
            date.minute,
            date.second
        )
        .ok()?;
        if self.per_second > 1 {
            write!(out, ".{}", time % self.per_second).ok()?;
        }
        out.extend_from_slice(b" GMT");
        Some(Sample::Str(out))
    }
}
