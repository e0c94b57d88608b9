//! What conditions compare with: patterns from words and files, and sets of texts.

use crate::syntax::Span;
use std::collections::HashMap;

/// One pattern as written.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// Its text.
    pub text: Box<[u8]>,
    /// `-i` was in force.
    pub ignore_case: bool,
    /// Where it was written; for patterns of a file, the file's name.
    pub span: Span,
    /// The file and line it comes from, for messages.
    pub origin: Option<(std::sync::Arc<str>, usize)>,
}

/// Why a pattern is refused.
#[derive(Clone, Debug)]
pub struct BadPattern {
    /// Index of the pattern.
    pub index: usize,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl BadPattern {
    /// Says what is wrong with the pattern at `index`.
    pub fn new(index: usize, message: impl Into<String>) -> Self {
        Self {
            index,
            message: message.into(),
            help: None,
        }
    }
}

/// The patterns of a file: one per line, blanks before it and `#` lines left out. With `as_map`
/// only the first word of a line counts.
pub(super) fn lines(content: &[u8], as_map: bool) -> impl Iterator<Item = (usize, &[u8])> {
    content
        .split(|&byte| byte == b'\n')
        .enumerate()
        .filter(|(_, line)| !line.starts_with(b"#"))
        .map(move |(index, line)| {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let start = line.iter().position(|byte| !b" \t".contains(byte));
            let text = start.and_then(|at| line.get(at..)).unwrap_or_default();
            let end = match as_map {
                true => text.iter().position(|byte| b" \t".contains(byte)),
                false => None,
            };
            (
                index + 1,
                text.get(..end.unwrap_or(text.len())).unwrap_or_default(),
            )
        })
        .filter(|(_, text)| !text.is_empty())
}

/// Texts of which up to this many are compared one by one: hashing costs as much as eight short
/// comparisons.
const FEW: usize = 8;

/// A set of texts, each compared with or without case.
#[derive(Clone, Debug)]
pub(super) struct TextSet {
    texts: Vec<(Box<[u8]>, bool)>,
    /// Indices by hash of the lower-cased text; empty if there are few.
    by_hash: HashMap<u64, Vec<u32>>,
    /// The lengths that occur, in ascending order.
    lengths: Vec<usize>,
}

impl TextSet {
    pub(super) fn new(patterns: &[Pattern]) -> Self {
        let texts: Vec<_> = patterns
            .iter()
            .map(|pattern| (pattern.text.clone(), pattern.ignore_case))
            .collect();
        let mut by_hash: HashMap<u64, Vec<u32>> = HashMap::new();
        if texts.len() > FEW {
            for (index, (text, _)) in texts.iter().enumerate() {
                by_hash
                    .entry(folded_hash(text))
                    .or_default()
                    .push(index as u32);
            }
        }
        let mut lengths: Vec<_> = texts.iter().map(|(text, _)| text.len()).collect();
        lengths.sort_unstable();
        lengths.dedup();
        Self {
            texts,
            by_hash,
            lengths,
        }
    }

    /// Whether one of the texts is `value`.
    pub(super) fn contains(&self, value: &[u8]) -> bool {
        if self.by_hash.is_empty() {
            return self.texts.iter().any(|entry| is_same(entry, value));
        }
        let candidates = self.by_hash.get(&folded_hash(value));
        candidates.into_iter().flatten().any(|&index| {
            let entry = self.texts.get(index as usize);
            entry.is_some_and(|entry| is_same(entry, value))
        })
    }

    /// Whether one of the texts is at the start of `value`.
    pub(super) fn contains_prefix(&self, value: &[u8]) -> bool {
        if self.by_hash.is_empty() {
            return self.texts.iter().any(|entry| {
                let start = value.get(..entry.0.len());
                start.is_some_and(|start| is_same(entry, start))
            });
        }
        self.parts(|length| value.get(..length))
    }

    /// Whether one of the texts is at the end of `value`.
    pub(super) fn contains_suffix(&self, value: &[u8]) -> bool {
        self.parts(|length| value.get(value.len().checked_sub(length)?..))
    }

    /// Whether the part of some length that occurs is in the set.
    fn parts<'v>(&self, part: impl Fn(usize) -> Option<&'v [u8]>) -> bool {
        self.lengths
            .iter()
            .map_while(|&length| part(length))
            .any(|part| self.contains(part))
    }
}

fn is_same((text, ignore_case): &(Box<[u8]>, bool), value: &[u8]) -> bool {
    match ignore_case {
        true => text.eq_ignore_ascii_case(value),
        false => **text == *value,
    }
}

/// FNV-1a over lower-cased bytes. Values come from peers but the set's texts do not, so that
/// nobody can make entries collide.
fn folded_hash(text: &[u8]) -> u64 {
    text.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocab::arguments::tests::word;

    fn set(texts: &[&str], ignore_case: bool) -> TextSet {
        let pattern = |text: &&str| Pattern {
            text: text.as_bytes().into(),
            ignore_case,
            span: word("x").span,
            origin: None,
        };
        TextSet::new(&texts.iter().map(pattern).collect::<Vec<_>>())
    }

    #[test]
    fn few_and_many_behave_alike() {
        let few = ["/a", "/b", "/abc"];
        let many = ["/a", "/b", "/abc", "1", "2", "3", "4", "5", "6", "7"];
        for set in [set(&few, false), set(&many, false)] {
            assert!(set.contains(b"/a") && !set.contains(b"/A") && !set.contains(b"/ab"));
            assert!(set.contains_prefix(b"/abx") && !set.contains_prefix(b"x/a"));
            assert!(set.contains_suffix(b"x/abc") && !set.contains_suffix(b"/ax"));
            assert!(!set.contains_prefix(b"") && !set.contains_suffix(b""));
        }
        for set in [set(&few, true), set(&many, true)] {
            assert!(set.contains(b"/ABC") && set.contains_prefix(b"/Ax"));
        }
    }

    #[test]
    fn files() {
        let check = |text: &str, as_map, expected: &[(usize, &str)]| {
            let got: Vec<_> = lines(text.as_bytes(), as_map).collect();
            let expected: Vec<_> = expected.iter().map(|(n, t)| (*n, t.as_bytes())).collect();
            assert_eq!(got, expected);
        };
        check(
            "a\n#b\n\n  c d \n #e\r\nf",
            false,
            &[(1, "a"), (4, "c d "), (5, "#e"), (6, "f")],
        );
        check("a 1\nb\t2\n", true, &[(1, "a"), (2, "b")]);
    }
}
