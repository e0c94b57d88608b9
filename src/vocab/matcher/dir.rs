//! `dir`: a pattern stands in the value between slashes.

use super::{Keyword, Matcher, Method};
use crate::vocab::pattern::Pattern;
use crate::vocab::sample::{ROOM, Sample, Type};

pub(super) const KEYWORD: Keyword = Keyword {
    name: "dir",
    method: Method::Dir,
    takes: Some(Type::Str),
    doc: "A pattern, without slashes around it, stands in the value between delimiters: slash, \
          question mark, or an end.",
    examples: &[
        ("/images/png/logo/32x32.png", &["/images"], true),
        ("/images/png/logo/32x32.png", &["images/png"], true),
        ("/images/png/logo/32x32.png", &["logo/32x32.png"], true),
        ("/images/png/logo/32x32.png", &["32x32"], false),
        ("/images/png/logo/32x32.png", &["-i", "PNG"], true),
        ("/images/xpng/logo", &["png"], false),
    ],
    build: |patterns| Ok(Box::new(Delimited::new(patterns, b"/?"))),
};

/// Patterns that must stand between delimiters.
#[derive(Debug)]
pub(super) struct Delimited {
    patterns: Vec<(Box<[u8]>, bool)>,
    delimiters: &'static [u8],
}

impl Delimited {
    pub(super) fn new(patterns: &[Pattern], delimiters: &'static [u8]) -> Self {
        let kept = |byte: &u8| !delimiters.contains(byte);
        let trim = |pattern: &Pattern| {
            let text = &pattern.text;
            let start = text.iter().position(kept).unwrap_or(text.len());
            let end = text.iter().rposition(kept).map_or(start, |at| at + 1);
            let trimmed = text.get(start..end).unwrap_or_default();
            (trimmed.into(), pattern.ignore_case)
        };
        Self {
            patterns: patterns.iter().map(trim).collect(),
            delimiters,
        }
    }

    fn stands_in(&self, (pattern, ignore_case): &(Box<[u8]>, bool), text: &[u8]) -> bool {
        let is_delimiter = |byte: Option<&u8>| byte.is_none_or(|b| self.delimiters.contains(b));
        let places = (text.len() + 1).saturating_sub(pattern.len());
        (0..places).any(|at| {
            let end = at + pattern.len();
            let part = text.get(at..end).unwrap_or_default();
            let same = match ignore_case {
                true => part.eq_ignore_ascii_case(pattern),
                false => *part == **pattern,
            };
            let before = at.checked_sub(1).and_then(|at| text.get(at));
            same && is_delimiter(before) && is_delimiter(text.get(end))
        })
    }
}

impl Matcher for Delimited {
    fn matches(&self, value: Sample<'_>) -> bool {
        let mut room = ROOM;
        let text = value.text(&mut room);
        self.patterns
            .iter()
            .any(|pattern| self.stands_in(pattern, text))
    }
}
