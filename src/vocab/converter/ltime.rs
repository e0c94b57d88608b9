//! `ltime`, `utime` and their `ms_` and `us_` forms: dates as `strftime` prints them.

use super::http_date::KEPT_BITS;
use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Arg, Args, BadArg, Kind, optional, required};
use crate::vocab::calendar::{Civil, Moment, strftime};
use crate::vocab::context::Context;
use crate::vocab::log_alias::date::zone;
use crate::vocab::sample::{Sample, Type};
use jiff::Timestamp;
use std::io::Write;

const ARGS: &[Arg] = &[required("format", Kind::Str), optional("offset", Kind::Int)];

const TEMPLATE: Keyword = Keyword {
    args: ARGS,
    takes: Type::Sint,
    ..Keyword::DEFAULT
};

pub(super) const LTIME: Keyword = Keyword {
    names: &["ltime"],
    doc: "The local date of a number of seconds since the epoch, plus <offset> seconds, in a \
          <format> of C's strftime.",
    examples: &[("int(86400000),ltime(%Y)", Some("1972"))],
    build: Build::With(|args| build(args, Unit::Seconds, true)),
    ..TEMPLATE
};

pub(super) const UTIME: Keyword = Keyword {
    names: &["utime"],
    doc: "The UTC date of a number of seconds since the epoch, plus <offset> seconds, in a \
          <format> of C's strftime.",
    examples: &[
        (
            "int(1700000005),utime('%a %d.%m.%y %H:%M:%S')",
            Some("Tue 14.11.23 22:13:25"),
        ),
        ("int(1700000005),utime(%F,86400)", Some("2023-11-15")),
        ("int(1700000005),utime(%Z%z)", Some("GMT+0000")),
        ("int(1700000005),utime(%-I%P)", Some("10pm")),
        ("int(1700000005),utime(%N)", Some("%N")),
        ("int(1700000005),utime()", Some("")),
        ("int(-1),utime(%Y)", Some("1141709097")),
        ("int(0),utime(%Y,-86400)", Some("1969")),
    ],
    build: Build::With(|args| build(args, Unit::Seconds, false)),
    ..TEMPLATE
};

pub(super) const MS_LTIME: Keyword = Keyword {
    names: &["ms_ltime"],
    doc: "As ltime, for milliseconds, and %N prints the nanoseconds: %3N their first three digits.",
    examples: &[("int(86400000123),ms_ltime(%Y %3N)", Some("1972 123"))],
    build: Build::With(|args| build(args, Unit::Milliseconds, true)),
    ..TEMPLATE
};

pub(super) const MS_UTIME: Keyword = Keyword {
    names: &["ms_utime"],
    doc: "As utime, for milliseconds, and %N prints the nanoseconds: %3N their first three digits.",
    examples: &[
        ("int(1700000005012),ms_utime(%T.%3N)", Some("22:13:25.012")),
        ("int(1700000005012),ms_utime(%N,-5)", Some("012000000")),
        (
            "int(1700000005012),ms_utime(%12N|%0N|%S)",
            Some("012000000||25"),
        ),
        ("int(-1000),ms_utime(%F)", Some("1969-12-31")),
    ],
    build: Build::With(|args| build(args, Unit::Milliseconds, false)),
    ..TEMPLATE
};

pub(super) const US_LTIME: Keyword = Keyword {
    names: &["us_ltime"],
    doc: "As ltime, for microseconds, and %N prints the nanoseconds: %6N their first six digits.",
    examples: &[("int(86400000000123),us_ltime(%Y %6N)", Some("1972 000123"))],
    build: Build::With(|args| build(args, Unit::Microseconds, true)),
    ..TEMPLATE
};

pub(super) const US_UTIME: Keyword = Keyword {
    names: &["us_utime"],
    doc: "As utime, for microseconds, and %N prints the nanoseconds: %6N their first six digits.",
    examples: &[
        (
            "int(1700000005000123),us_utime(%T.%6N)",
            Some("22:13:25.000123"),
        ),
        (
            "int(1700000005999999),us_utime('%T %3N %6N')",
            Some("22:13:25 999 999999"),
        ),
    ],
    build: Build::With(|args| build(args, Unit::Microseconds, false)),
    ..TEMPLATE
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Seconds,
    Milliseconds,
    Microseconds,
}

#[derive(Debug)]
struct Time {
    format: Box<[u8]>,
    offset: i64,
    unit: Unit,
    local: bool,
}

fn build(args: &Args, unit: Unit, local: bool) -> Result<Box<dyn Converting>, BadArg> {
    Ok(Box::new(Time {
        format: args.text(0).unwrap_or_default().into(),
        offset: args.int(1).unwrap_or(0),
        unit,
        local,
    }))
}

impl Converting for Time {
    fn apply<'s>(
        &'s self,
        cx: &Context<'s>,
        input: Sample<'s>,
        out: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let time = input.int()?;
        let (seconds, per_second, ns) = match self.unit {
            Unit::Seconds => (time & KEPT_BITS, 1, 0),
            Unit::Milliseconds => (time / 1_000, 1_000, 1_000_000),
            Unit::Microseconds => (time / 1_000_000, 1_000_000, 1_000),
        };
        let seconds = seconds.checked_add(self.offset)?;
        if self.unit == Unit::Seconds {
            self.print(&self.format, seconds, out);
            return Some(Sample::Str(out));
        }
        let mut format = cx.scratch.take_text();
        let ns = (time % per_second * ns) as u64;
        expand_nanoseconds(&self.format, ns, &mut format);
        self.print(&format, seconds, out);
        cx.scratch.give_text(format);
        Some(Sample::Str(out))
    }
}

impl Time {
    fn print(&self, format: &[u8], seconds: i64, out: &mut Vec<u8>) {
        // Beyond the years that time zones are known for, the epoch's offset is taken.
        let instant = Timestamp::from_second(seconds).unwrap_or_default();
        let zone = zone();
        let info = zone.to_offset_info(instant);
        let offset = i64::from(info.offset().seconds());
        let moment = match self.local {
            true => Moment {
                civil: Civil::at(seconds.saturating_add(offset)),
                unix: seconds,
                offset,
                zone: info.abbreviation(),
            },
            // C takes the broken-down date for a local one when asked for the time.
            false => Moment {
                civil: Civil::at(seconds),
                unix: seconds.saturating_sub(offset),
                offset: 0,
                zone: "GMT",
            },
        };
        strftime(format, &moment, out);
    }
}

/// Replaces `%N` and `%<digits>N` by so many digits of the nanoseconds, nine at most.
fn expand_nanoseconds(format: &[u8], ns: u64, out: &mut Vec<u8>) {
    let mut digits = [b'0'; 20];
    // Nine digits, or all of a larger number, which always fit.
    let _ = write!(digits.as_mut_slice(), "{ns:09}");
    let mut rest = format;
    while let Some(at) = memchr::memchr(b'%', rest) {
        let (literal, after) = rest.split_at_checked(at).unwrap_or_default();
        out.extend_from_slice(literal);
        let after = after.get(1..).unwrap_or_default();
        let length = after
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let (width, after_width) = after.split_at_checked(length).unwrap_or_default();
        rest = match after_width.strip_prefix(b"N") {
            Some(after) => {
                let width = match width {
                    [] => 9,
                    _ => usize::try_from(crate::vocab::sample::leading_int(width)).unwrap_or(9),
                };
                out.extend_from_slice(digits.get(..width.min(9)).unwrap_or_default());
                after
            }
            None => {
                out.push(b'%');
                after
            }
        };
    }
    out.extend_from_slice(rest);
}
