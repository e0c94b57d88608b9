//! Files of patterns: one per line, or a pattern and its value.

use memchr::{memchr, memchr2};

/// How the lines of a file are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::vocab) enum Columns {
    /// The whole line is a pattern.
    One,
    /// The first word is a pattern, the rest its value.
    Two,
}

/// A line longer than this is refused: it is no list of patterns.
const MAX_LINE: usize = 65_536;

/// One pattern of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'f> {
    pub(super) number: usize,
    pub(super) key: &'f [u8],
    pub(super) value: &'f [u8],
}

/// The patterns of a file; a line that cannot be one gives its number and what is wrong. Lines
/// that start with `#` and empty ones are left out, as are blanks before a pattern.
pub(super) fn lines(
    content: &[u8],
    columns: Columns,
) -> impl Iterator<Item = Result<Line<'_>, (usize, &'static str)>> {
    let mut rest = Some(content);
    let split = std::iter::from_fn(move || {
        let text = rest?;
        let end = memchr(b'\n', text);
        rest = end.and_then(|end| text.get(end + 1..));
        text.get(..end.unwrap_or(text.len()))
    });
    split.enumerate().filter_map(move |(index, text)| {
        let number = index + 1;
        if text.first() == Some(&b'#') {
            return None;
        }
        let text = text.get(..memchr(b'\r', text).unwrap_or(text.len()))?;
        let start = text.iter().position(|&byte| !is_blank(byte))?;
        let text = text.get(start..)?;
        if text.len() > MAX_LINE {
            return Some(Err((number, "the line is longer than 65536 bytes")));
        }
        if memchr(0, text).is_some() {
            return Some(Err((
                number,
                "the line has a NUL byte: this is no text file",
            )));
        }
        let (key, value) = match columns {
            Columns::One => (text, &b""[..]),
            Columns::Two => {
                let end = memchr2(b' ', b'\t', text).unwrap_or(text.len());
                let (key, value) = text.split_at_checked(end)?;
                (key, trim_blanks(value))
            }
        };
        Some(Ok(Line { number, key, value }))
    })
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

fn trim_blanks(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|&byte| !is_blank(byte));
    let end = text.iter().rposition(|&byte| !is_blank(byte));
    match (start, end) {
        (Some(start), Some(end)) => text.get(start..=end).unwrap_or_default(),
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, columns: Columns, expected: &str) {
        let show = |line: Result<Line<'_>, (usize, &str)>| match line {
            Ok(line) => {
                let (key, value) = (line.key.escape_ascii(), line.value.escape_ascii());
                format!("{}<{key}><{value}>", line.number)
            }
            Err((number, message)) => format!("{number}!{message}"),
        };
        let got: Vec<_> = lines(text.as_bytes(), columns).map(show).collect();
        assert_eq!(got.join(" "), expected);
    }

    #[test]
    fn one_column() {
        check(
            "a\n#b\n\n  c d \n #e\r\nf",
            Columns::One,
            "1<a><> 4<c d ><> 5<#e><> 6<f><>",
        );
        check("\r\n \t\n", Columns::One, "");
        check("a\rb\n", Columns::One, "1<a><>");
    }

    #[test]
    fn two_columns() {
        check(
            "a 1\nb\t 2 3 \nc\nd\r\n",
            Columns::Two,
            "1<a><1> 2<b><2 3> 3<c><> 4<d><>",
        );
        check("# x\n#y z\n # z\n", Columns::Two, "3<#><z>");
    }

    #[test]
    fn what_is_no_text() {
        check(
            "a\nb\0c\n",
            Columns::One,
            "1<a><> 2!the line has a NUL byte: this is no text file",
        );
        let long = "x".repeat(MAX_LINE + 1);
        check(&long, Columns::One, "1!the line is longer than 65536 bytes");
    }
}
