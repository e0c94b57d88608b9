//! `bin`: the value is a pattern of hexadecimal digits.

use super::{Keyword, Matcher, Method};
use crate::vocab::pattern::{BadPattern, Pattern};
use crate::vocab::sample::{Sample, Type};

pub(super) const KEYWORD: Keyword = Keyword {
    name: "bin",
    method: Method::Bin,
    takes: Some(Type::Bin),
    doc: "The value's bytes are those of a pattern, written as hexadecimal digits.",
    examples: &[("Hello", &["48656c6C6f"], true), ("Hello", &["48"], false)],
    build,
};

#[derive(Debug)]
struct Bin(Vec<Box<[u8]>>);

fn build(patterns: &[Pattern]) -> Result<Box<dyn Matcher>, BadPattern> {
    let read = |(index, pattern): (usize, &Pattern)| {
        bytes(&pattern.text).ok_or_else(|| {
            let text = String::from_utf8_lossy(&pattern.text);
            let message = format!("'{text}' is not an even number of hexadecimal digits");
            BadPattern::new(index, message)
        })
    };
    let list: Result<_, _> = patterns.iter().enumerate().map(read).collect();
    Ok(Box::new(Bin(list?)))
}

fn bytes(text: &[u8]) -> Option<Box<[u8]>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|value| value as u8);
    text.chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect()
}

impl Matcher for Bin {
    fn matches(&self, value: Sample<'_>) -> bool {
        match value {
            Sample::Bin(bytes) => self.0.iter().any(|pattern| **pattern == *bytes),
            _ => false,
        }
    }
}
