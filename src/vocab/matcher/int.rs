//! `int`: the value is in a range of integers.

use super::ranges::InRange;
use super::{Keyword, Method};
use crate::vocab::pattern::BadPattern;
use crate::vocab::sample::Type;
use std::ops::RangeInclusive;

pub(super) const KEYWORD: Keyword = Keyword {
    name: "int",
    method: Method::Int,
    takes: Some(Type::Sint),
    doc: "The value is one of the integers, or in one of the ranges \"low:high\", \"low:\", \
          \":high\". In conditions, \"eq\", \"ge\", \"gt\", \"le\", \"lt\" may precede integers.",
    examples: &[
        ("5", &["4", "5"], true),
        ("5", &["1:4"], false),
        ("5", &["5:10"], true),
        ("5", &["5:"], true),
        ("5", &[":4"], false),
        ("-3", &[":0"], true),
    ],
    build: |_| Box::new(InRange::new(read_range, |value| value.int())),
};

/// Reads an integer or a range.
pub(super) fn read_range(text: &[u8]) -> Result<RangeInclusive<i64>, BadPattern> {
    let text = String::from_utf8_lossy(text);
    range(&text).ok_or_else(|| {
        BadPattern::new(match text.contains([':', '-']) || text.is_empty() {
            true => format!("'{text}' is not a valid number range"),
            false => format!("'{text}' is not a number"),
        })
    })
}

fn range(text: &str) -> Option<RangeInclusive<i64>> {
    range_of(text, |text| {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse().ok()).flatten()
    })
}

/// Reads a range of what `number` reads.
pub(super) fn range_of(
    text: &str,
    number: impl Fn(&str) -> Option<i64>,
) -> Option<RangeInclusive<i64>> {
    let (low, high) = match text.find(':').or_else(|| text.find('-')) {
        None => {
            let value = number(text)?;
            return Some(value..=value);
        }
        // HAProxy reads "-5" as "up to 5", and so do we.
        Some(at) => (text.get(..at)?, text.get(at + 1..)?),
    };
    let range = match (low, high) {
        ("", "") => return None,
        ("", high) => i64::MIN..=number(high)?,
        (low, "") => number(low)?..=i64::MAX,
        (low, high) => number(low)?..=number(high)?,
    };
    (range.start() <= range.end()).then_some(range)
}
