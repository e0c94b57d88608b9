//! How protocol versions are compared: `3.1`, or ranges of them, as integers of which the lower 16
//! bits are the minor version.

use super::int::range_of;
use super::ranges::InRange;
use super::{Keyword, Method};
use crate::vocab::pattern::BadPattern;
use crate::vocab::sample::Type;
use std::ops::RangeInclusive;

pub(super) const KEYWORD: Keyword = Keyword {
    name: "version",
    method: Method::Version,
    takes: Some(Type::Sint),
    doc: "The version is one of those given, or in one of the ranges.",
    examples: &[
        ("196609", &["3.1"], true),
        ("196609", &["3"], false),
        ("196609", &["3.0-3.1"], true),
        ("196609", &["3.2:"], false),
        ("196609", &[":4"], true),
    ],
    build: |_| Box::new(InRange::new(read, |value| value.int())),
};

/// `3.1` is 0x30001.
pub(in crate::vocab) fn number(text: &str) -> Option<i64> {
    let (major, minor) = text.split_once('.').unwrap_or((text, "0"));
    let part = |text: &str| text.parse::<u16>().ok().map(i64::from);
    Some(part(major)? << 16 | part(minor)?)
}

fn read(text: &[u8]) -> Result<RangeInclusive<i64>, BadPattern> {
    let text = String::from_utf8_lossy(text);
    range_of(&text, number).ok_or_else(|| {
        BadPattern::new(match text.contains([':', '-']) {
            true => format!("'{text}' is not a valid dotted number range"),
            false => format!("'{text}' is not a dotted number"),
        })
    })
}
