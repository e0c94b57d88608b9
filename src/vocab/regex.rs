//! Regular expressions as HAProxy's users write them (PCRE2), run by the `regex` crate.
//!
//! The common subset means the same in both. Where the spelling differs (`\<`, a literal brace,
//! an unescaped `[` in a class) the expression is translated; what cannot be run in linear time
//! (look-around, back-references, possessive or atomic groups) is refused with a message that
//! says so, as is what would take too much memory. Bytes are matched, not characters, and only ASCII letters have a case.

use ::regex::bytes::{CaptureLocations, Regex, RegexBuilder};
use parking_lot::Mutex;
use regex_syntax::ParserBuilder;
use regex_syntax::hir::literal::{ExtractKind, Extractor};

/// Why an expression is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegexError {
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl RegexError {
    fn unsupported(what: &str, help: &str) -> Self {
        Self {
            message: format!("regular expressions cannot use {what}"),
            help: Some(help.to_owned()),
        }
    }
}

/// Compiles an expression.
///
/// # Errors
/// When it is no regular expression, or uses what cannot be run in linear time.
pub fn compile(pattern: &[u8], ignore_case: bool) -> Result<Regex, RegexError> {
    RegexBuilder::new(&translate(pattern)?)
        .unicode(false)
        .case_insensitive(ignore_case)
        .size_limit(MAX_PROGRAM)
        .nest_limit(MAX_DEPTH)
        .build()
        .map_err(|error| match error {
            ::regex::Error::CompiledTooBig(limit) => RegexError {
                message: format!("it would take more than {limit} bytes"),
                help: Some("write smaller repetitions, or several expressions".to_owned()),
            },
            error => RegexError {
                message: last_line(&error.to_string()),
                help: None,
            },
        })
}

/// Bytes that one compiled expression may take.
const MAX_PROGRAM: usize = 10 << 20;
/// How deep groups may be nested.
const MAX_DEPTH: u32 = 250;

/// Texts of which one is in whatever the expression matches; empty if there are none, or none
/// that tell much. They are of the case they were written in.
pub fn needed_texts(pattern: &[u8]) -> Vec<Vec<u8>> {
    let parsed = translate(pattern).ok().and_then(|pattern| {
        let mut parser = ParserBuilder::new().unicode(false).utf8(false).build();
        parser.parse(&pattern).ok()
    });
    let Some(parsed) = parsed else {
        return Vec::new();
    };
    let texts = |kind: ExtractKind| {
        let mut extractor = Extractor::new();
        let found = extractor.kind(kind).limit_total(16).extract(&parsed);
        let texts = found.literals().unwrap_or_default().iter();
        let texts: Vec<Vec<u8>> = texts.map(|text| text.as_bytes().to_vec()).collect();
        let shortest = texts.iter().map(Vec::len).min().unwrap_or(0);
        (shortest, texts)
    };
    let best = texts(ExtractKind::Prefix).max(texts(ExtractKind::Suffix));
    match best.0 {
        // Two bytes occur nearly everywhere.
        0..3 => Vec::new(),
        _ => best.1,
    }
}

/// The part of a compile error that says why; the rest draws the expression again.
fn last_line(error: &str) -> String {
    let line = error.lines().last().unwrap_or(error);
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

/// The same expression in the `regex` crate's spelling.
fn translate(pattern: &[u8]) -> Result<String, RegexError> {
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern;
    let mut in_class = false;
    while let Some((&byte, after)) = rest.split_first() {
        let mut used = 1;
        match byte {
            b'\\' => used = escape(after, in_class, &mut out)?,
            b'[' if in_class && after.first() != Some(&b':') => out.push_str("\\["),
            b'[' if in_class => {
                let end = memchr::memmem::find(after, b":]").map_or(0, |at| at + 2);
                push_bytes(after.get(..end).map_or(b"[", |_| b"["), &mut out);
                push_bytes(after.get(..end).unwrap_or_default(), &mut out);
                used += end;
            }
            b'[' => {
                in_class = true;
                out.push('[');
                used += open_class(after, &mut out);
            }
            b']' if in_class => {
                in_class = false;
                out.push(']');
            }
            b'&' | b'~' if in_class => push_escaped(byte, &mut out),
            b'-' if in_class && after.first() == Some(&b'-') => out.push_str("\\-"),
            b'(' if !in_class => {
                refuse_group(after)?;
                out.push('(');
            }
            b'*' | b'+' | b'?' | b'}' if !in_class && after.first() == Some(&b'+') => {
                return Err(RegexError::unsupported(
                    "possessive quantifiers",
                    "write the quantifier without the '+' after it",
                ));
            }
            b'{' if !in_class && !is_quantifier(after) => out.push_str("\\{"),
            b'}' if !in_class && !closes_quantifier(&out) => out.push_str("\\}"),
            _ => push_byte(byte, &mut out),
        }
        rest = rest.get(used..).unwrap_or_default();
    }
    Ok(out)
}

/// A `^` and a `]` that open a class are part of it.
fn open_class(after: &[u8], out: &mut String) -> usize {
    let mut used = 0;
    if after.first() == Some(&b'^') {
        out.push('^');
        used += 1;
    }
    if after.get(used) == Some(&b']') {
        out.push_str("\\]");
        used += 1;
    }
    used
}

/// Translates a backslash and what follows; how many bytes that took.
fn escape(after: &[u8], in_class: bool, out: &mut String) -> Result<usize, RegexError> {
    let Some(&byte) = after.first() else {
        return Err(RegexError {
            message: "\\ at end of pattern".to_owned(),
            help: Some("write '\\\\' for a backslash itself".to_owned()),
        });
    };
    match byte {
        b'1'..=b'9' if !in_class => {
            return Err(RegexError::unsupported(
                "back-references",
                "what a group matched cannot be asked for again inside the expression",
            ));
        }
        b'K' | b'R' | b'X' | b'G' | b'Q' | b'E' | b'g' | b'k' if !in_class => {
            let what = format!("\\{}", char::from(byte));
            return Err(RegexError::unsupported(&what, "spell it out"));
        }
        b'h' if in_class => out.push_str(" \\t"),
        b'h' => out.push_str("[ \\t]"),
        b'e' => out.push_str("\\x1b"),
        b'Z' => out.push_str("\\z"),
        b'0' => out.push_str("\\x00"),
        b'<' | b'>' => push_byte(byte, out),
        _ if byte.is_ascii_alphanumeric() => {
            out.push('\\');
            out.push(char::from(byte));
        }
        _ => push_escaped(byte, out),
    }
    Ok(2)
}

fn refuse_group(after: &[u8]) -> Result<(), RegexError> {
    let starts = |what: &[u8]| after.starts_with(what);
    if [b"?=".as_slice(), b"?!", b"?<=", b"?<!"]
        .iter()
        .any(|what| starts(what))
    {
        return Err(RegexError::unsupported(
            "look-around",
            "write two conditions, one of them negated with '!'",
        ));
    }
    if starts(b"?>") {
        return Err(RegexError::unsupported(
            "atomic groups",
            "write '(?:' instead of '(?>'",
        ));
    }
    Ok(())
}

/// Whether `{` starts `{n}`, `{n,}` or `{n,m}`.
fn is_quantifier(after: &[u8]) -> bool {
    let Some(end) = memchr::memchr(b'}', after) else {
        return false;
    };
    let inside = after.get(..end).unwrap_or_default();
    inside.first().is_some_and(u8::is_ascii_digit)
        && inside
            .iter()
            .all(|byte| byte.is_ascii_digit() || *byte == b',')
        && inside.iter().filter(|&&byte| byte == b',').count() <= 1
}

/// Whether a `}` now ends a quantifier, judged by what was written since its `{`.
fn closes_quantifier(out: &str) -> bool {
    let digits = out.trim_end_matches(|c: char| c.is_ascii_digit() || c == ',');
    digits.len() < out.len() && digits.ends_with('{') && !digits.ends_with("\\{")
}

fn push_escaped(byte: u8, out: &mut String) {
    match byte.is_ascii() {
        true => {
            out.push('\\');
            out.push(char::from(byte));
        }
        false => push_byte(byte, out),
    }
}

fn push_bytes(bytes: &[u8], out: &mut String) {
    bytes.iter().for_each(|&byte| push_byte(byte, out));
}

fn push_byte(byte: u8, out: &mut String) {
    match byte.is_ascii() {
        true => out.push(char::from(byte)),
        false => out.push_str(&format!("\\x{byte:02x}")),
    }
}

/// A regular expression whose groups are asked for.
///
/// It owns room for where the groups matched, so that a replacement allocates nothing. A thread
/// that finds the room in use by another one makes its own.
#[derive(Debug)]
pub struct Groups {
    regex: Regex,
    room: Mutex<CaptureLocations>,
}

impl Groups {
    /// With room for one match.
    pub fn new(regex: Regex) -> Self {
        Self {
            room: Mutex::new(regex.capture_locations()),
            regex,
        }
    }

    /// Whether it matches somewhere in `text`.
    pub fn is_match(&self, text: &[u8]) -> bool {
        self.regex.is_match(text)
    }

    /// Appends what takes the place of the whole of `text`; false if it does not match.
    ///
    /// In `template`, `\` and a digit is a group, `\xHH` a byte, `\` and another byte that.
    pub fn substitute(&self, template: &[u8], text: &[u8], out: &mut Vec<u8>) -> bool {
        self.with_room(|found| {
            let matched = self.regex.captures_read(found, text).is_some();
            if matched {
                expand(template, text, found, out);
            }
            matched
        })
    }

    /// Appends `text` with the first `most` matches replaced (0 = all) to `out`. False, with
    /// nothing appended, if there is no match.
    ///
    /// As in HAProxy, an empty match right after another match is one more.
    pub fn replace(&self, template: &[u8], text: &[u8], most: usize, out: &mut Vec<u8>) -> bool {
        self.with_room(|found| {
            let (mut count, mut from) = (0, 0);
            while let Some(whole) = self.regex.captures_read_at(found, text, from) {
                out.extend_from_slice(text.get(from..whole.start()).unwrap_or_default());
                expand(template, text, found, out);
                count += 1;
                // An empty match at the very place stands before the next byte.
                match whole.end() == from {
                    true => {
                        out.extend(text.get(from));
                        from += 1;
                    }
                    false => from = whole.end(),
                }
                if count == most || from > text.len() {
                    break;
                }
            }
            if count > 0 {
                out.extend_from_slice(text.get(from..).unwrap_or_default());
            }
            count > 0
        })
    }

    fn with_room<R>(&self, work: impl FnOnce(&mut CaptureLocations) -> R) -> R {
        match self.room.try_lock() {
            Some(mut room) => work(&mut room),
            None => work(&mut self.regex.capture_locations()),
        }
    }
}

/// Appends the replacement for one match.
fn expand(template: &[u8], text: &[u8], groups: &CaptureLocations, out: &mut Vec<u8>) {
    let mut rest = template;
    while let Some((literal, after)) = memchr::memchr(b'\\', rest).and_then(|at| {
        let (literal, escape) = rest.split_at_checked(at)?;
        Some((literal, escape.get(1..)?))
    }) {
        out.extend_from_slice(literal);
        let used = match after {
            [digit @ b'0'..=b'9', ..] => {
                let group = groups.get(usize::from(digit - b'0'));
                let group = group.and_then(|(start, end)| text.get(start..end));
                out.extend_from_slice(group.unwrap_or_default());
                1
            }
            [b'x', high, low, ..] if hex(*high, *low).is_some() => {
                out.extend(hex(*high, *low));
                3
            }
            [other, ..] => {
                out.push(*other);
                1
            }
            [] => {
                out.push(b'\\');
                0
            }
        };
        rest = after.get(used..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}

fn hex(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|value| value as u8);
    Some(digit(high)? << 4 | digit(low)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, text: &str, matches: bool) {
        let regex = compile(pattern.as_bytes(), false).expect(pattern);
        assert_eq!(
            regex.is_match(text.as_bytes()),
            matches,
            "{pattern} on {text}"
        );
    }

    #[test]
    fn pcre_spellings() {
        check(r"^\/a\/b$", "/a/b", true);
        check(r"\<b\>", "<b>", true);
        check(r"a{b}", "a{b}", true);
        check(r"a{2}", "aa", true);
        check(r"^a{,2}$", "a{,2}", true);
        check(r"[[]", "[", true);
        check(r"[]x]", "]", true);
        check(r"[^]x]", "]", false);
        check(r"^[[:alpha:]_]+$", "ab_c", true);
        check(r"^[a&&b]$", "&", true);
        check(r"\d+\.\d+", "1.5", true);
        check(r"^\h+$", " \t", true);
        check(r"(?i)ABC", "abc", true);
        check("^\u{e9}$", "\u{e9}", true);
        check(r"^[\w.-]+@", "a.b-c@", true);
        check(r"^.*\Z", "x", true);
        check(r"(?<name>a)", "a", true);
    }

    #[test]
    fn what_cannot_be_run_is_said() {
        let check = |pattern: &str, part: &str| {
            let error = compile(pattern.as_bytes(), false).expect_err(pattern);
            assert!(error.message.contains(part), "{pattern}: {}", error.message);
        };
        check("(?=a)", "look-around");
        check("(?<!a)b", "look-around");
        check(r"(a)\1", "back-references");
        check("(?>a)", "atomic groups");
        check("a++", "possessive");
        check("a\\", "\\ at end of pattern");
        check("(a", "unclosed group");
        check("*a", "repetition operator");
    }

    #[track_caller]
    fn check_replace(pattern: &str, with: &str, text: &str, most: usize, expected: Option<&str>) {
        let regex = compile(pattern.as_bytes(), false).expect(pattern);
        let mut out = Vec::new();
        let found = Groups::new(regex).replace(with.as_bytes(), text.as_bytes(), most, &mut out);
        let got = found.then(|| String::from_utf8(out).unwrap());
        assert_eq!(got.as_deref(), expected);
    }

    #[test]
    fn what_is_needed() {
        let check = |pattern: &str, expected: &[&str]| {
            let found = needed_texts(pattern.as_bytes());
            let found: Vec<_> = found
                .iter()
                .map(|text| String::from_utf8_lossy(text))
                .collect();
            assert_eq!(found, expected, "{pattern}");
        };
        check("^/api/[a-z]+$", &["/api/"]);
        check("^(/one|/two)/", &["/one/", "/two/"]);
        check("[01]+\\.png$", &["0.png", "1.png"]);
        check("a|bcd", &[]);
        check(".*", &[]);
        check("(unclosed", &[]);
    }

    #[test]
    fn limits() {
        let check = |pattern: &str, expected: &str| {
            let error = compile(pattern.as_bytes(), false).unwrap_err();
            assert!(error.message.contains(expected), "{}", error.message);
        };
        check("(a{1000}){1000}", "it would take more than 10485760 bytes");
        let deep = ["(".repeat(300), ")".repeat(300)].concat();
        check(&deep, "nest");
    }

    #[test]
    fn replacements() {
        check_replace("b(.)", r"<\1\0>", "abcabd", 1, Some("a<cbc>abd"));
        check_replace("b", "", "abab", 0, Some("aa"));
        check_replace("b", r"\x41\\", "b", 0, Some(r"A\"));
        check_replace("(x)|b", r"[\1]", "b", 0, Some("[]"));
        check_replace("z", "y", "b", 0, None);
        check_replace("b*", "-", "abc", 0, Some("-a--c-"));
        check_replace("b*", "-", "abcb", 0, Some("-a--c--"));
        check_replace("$", "X", "ab", 0, Some("abXX"));
        check_replace("$", "X", "ab", 1, Some("abX"));
        check_replace("^a", "x", "aab", 0, Some("xab"));
        check_replace("", "-", "ab", 0, Some("-a-b-"));
        check_replace("b", r"\9\", "abc", 0, Some(r"a\c"));
    }
}
