//! `int`: the value is in a range of integers.

use super::{Keyword, Matcher, Method};
use crate::vocab::pattern::{BadPattern, Pattern};
use crate::vocab::sample::{Sample, Type};
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
    build: |patterns| Ok(Box::new(Int(ranges(patterns)?))),
};

#[derive(Debug)]
struct Int(Vec<RangeInclusive<i64>>);

impl Matcher for Int {
    fn matches(&self, value: Sample<'_>) -> bool {
        let value = value.int();
        value.is_some_and(|value| self.0.iter().any(|range| range.contains(&value)))
    }
}

/// Reads integers and ranges.
pub(super) fn ranges(patterns: &[Pattern]) -> Result<Vec<RangeInclusive<i64>>, BadPattern> {
    let read = |(index, pattern): (usize, &Pattern)| {
        let text = String::from_utf8_lossy(&pattern.text);
        range(&text).ok_or_else(|| {
            let message = match text.contains([':', '-']) || text.is_empty() {
                true => format!("'{text}' is not a valid number range"),
                false => format!("'{text}' is not a number"),
            };
            BadPattern::new(index, message)
        })
    };
    patterns.iter().enumerate().map(read).collect()
}

fn range(text: &str) -> Option<RangeInclusive<i64>> {
    let number = |text: &str| {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse().ok()).flatten()
    };
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
