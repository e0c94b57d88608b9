//! A reader of JSON documents that finds one value by its path, such as `$.a.b[1]`.
//!
//! One pass, at most [`MAX_DEPTH`] levels deep, without recursion; nothing after the value that
//! is looked for is read. Which value a path stands for is what HAProxy's library says, in its
//! odd cases too: keys are compared as they are written in the document, the first key of a name
//! decides, and an element that lacks the next key of the path lets later elements of the same
//! array be tried. Deliberately absent: making documents, numbers beyond a double, and `\u`
//! escapes beyond one byte, which make the value absent.

use super::arguments::{Arg, Args, BadArg, Kind, optional, required};
use super::sample::Sample;
use std::io::Write;
use std::ops::Range;

/// How deep objects and arrays may be nested.
pub const MAX_DEPTH: usize = 20;

/// The largest integer, either sign, that every JSON reader keeps exactly.
const MAX_INTEGER: i64 = (1 << 53) - 1;

/// `<json_path>[,<output_type>]`: what to look for, and as what.
#[derive(Clone, Debug)]
pub struct Query {
    path: Box<[u8]>,
    integer: bool,
}

impl Query {
    /// The arguments of a converter that needs a path.
    pub const ARGS: &[Arg] = &[
        required("json_path", Kind::Str),
        optional("output_type", Kind::Str),
    ];

    /// From the arguments at `at` and after it.
    ///
    /// # Errors
    /// If the path is empty or the output type unknown.
    pub fn build(args: &Args, at: usize) -> Result<Self, BadArg> {
        let path = args.text(at).unwrap_or_default();
        if path.is_empty() {
            return Err(BadArg::new(at, "json_path must not be empty"));
        }
        let integer = match args.text(at + 1).unwrap_or_default() {
            b"" => false,
            b"int" => true,
            _ => {
                let message = "output_type only supports \"int\" as argument";
                return Err(BadArg::new(at + 1, message));
            }
        };
        Ok(Self {
            path: path.into(),
            integer,
        })
    }

    /// The value in `document`, its text appended to `out`: texts without escapes, numbers as
    /// C's `%g` or as integers, arrays as they are written. Objects and null have no value.
    pub fn run<'s>(&self, document: &[u8], out: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        let (token, range) = find(document, &self.path)?;
        let start = out.len();
        match token {
            Token::True => return Some(Sample::Bool(true)),
            Token::False => return Some(Sample::Bool(false)),
            Token::Null | Token::Object => return None,
            Token::Number if self.integer => {
                // Read beyond the token, as HAProxy does: `0x1f` is one zero in JSON.
                let value = c_integer(document.get(range.start..)?);
                let fits = (-MAX_INTEGER..=MAX_INTEGER).contains(&value);
                return fits.then_some(Sample::Sint(value));
            }
            Token::Number => general(number(document.get(range)?).0, out),
            Token::Text => unquote(document, range, out)?,
            Token::Array => out.extend_from_slice(document.get(range)?),
        }
        out.get(start..).map(Sample::Str)
    }
}

/// Appends the text that `path` stands for, without escapes; `None` if there is no text.
pub fn text(document: &[u8], path: &[u8], out: &mut Vec<u8>) -> Option<()> {
    match find(document, path)? {
        (Token::Text, range) => unquote(document, range, out),
        _ => None,
    }
}

fn unquote(document: &[u8], quoted: Range<usize>, out: &mut Vec<u8>) -> Option<()> {
    let inside = quoted.start + 1..quoted.end.checked_sub(1)?;
    unescape(document.get(inside)?, out)
}

/// What kind of value a path stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// A number.
    Number,
    /// A text; its range includes the quotes.
    Text,
    /// `true`.
    True,
    /// `false`.
    False,
    /// `null`.
    Null,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// The value that `path` stands for, and where it is in `document`.
pub fn find(document: &[u8], path: &[u8]) -> Option<(Token, Range<usize>)> {
    let mut search = Search {
        path: path.strip_prefix(b"$")?,
        opened: 0,
        matched: 0,
        index: 0,
        wanted: 0,
        start: None,
    };
    let mut walk = Walk {
        document,
        at: 0,
        nesting: [0; MAX_DEPTH],
        depth: 0,
        expects: Expects::Value,
    };
    while let Some((event, range)) = walk.next() {
        match search.step(event, &range, document) {
            Step::On => {}
            Step::Found(token, start) => return Some((token, start..range.end)),
            Step::Missing => return None,
        }
    }
    None
}

/// What stands next in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    Open(u8),
    Close(u8),
    Comma,
    Colon,
    Key,
    Value(Token),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expects {
    Value,
    Key,
    Colon,
    /// A comma or the end of the object or array.
    More,
    Nothing,
}

/// The reader's place in a document.
struct Walk<'d> {
    document: &'d [u8],
    at: usize,
    nesting: [u8; MAX_DEPTH],
    depth: usize,
    expects: Expects,
}

impl Walk<'_> {
    /// What stands next and where; none at the end and at the first fault.
    fn next(&mut self) -> Option<(Event, Range<usize>)> {
        let rest = self.document.get(self.at..)?;
        let blanks = rest.iter().take_while(|byte| b" \t\n\r".contains(byte));
        let start = self.at + blanks.count();
        let text = self.document.get(start..)?;
        let (event, length) = match (self.expects, *text.first()?) {
            (Expects::Value, open @ (b'{' | b'[')) => (self.open(open)?, 1),
            (Expects::Value, b']') => (self.close(b']')?, 1),
            (Expects::Value, _) => {
                let (token, length) = scalar(text)?;
                self.expects = self.after_value();
                (Event::Value(token), length)
            }
            (Expects::Key, b'"') => {
                self.expects = Expects::Colon;
                (Event::Key, quoted(text)?)
            }
            (Expects::Key, b'}') => (self.close(b'}')?, 1),
            (Expects::Colon, b':') => {
                self.expects = Expects::Value;
                (Event::Colon, 1)
            }
            (Expects::More, b',') => {
                self.expects = match self.innermost() {
                    Some(b'{') => Expects::Key,
                    _ => Expects::Value,
                };
                (Event::Comma, 1)
            }
            (Expects::More, end @ (b']' | b'}')) => (self.close(end)?, 1),
            _ => return None,
        };
        self.at = start + length;
        Some((event, start..self.at))
    }

    fn innermost(&self) -> Option<u8> {
        self.nesting.get(self.depth.checked_sub(1)?).copied()
    }

    fn open(&mut self, byte: u8) -> Option<Event> {
        *self.nesting.get_mut(self.depth)? = byte;
        self.depth += 1;
        self.expects = match byte {
            b'{' => Expects::Key,
            _ => Expects::Value,
        };
        Some(Event::Open(byte))
    }

    fn close(&mut self, byte: u8) -> Option<Event> {
        let opened_by = match byte {
            b'}' => b'{',
            _ => b'[',
        };
        if self.innermost()? != opened_by {
            return None;
        }
        self.depth -= 1;
        self.expects = self.after_value();
        Some(Event::Close(opened_by))
    }

    fn after_value(&self) -> Expects {
        match self.depth {
            0 => Expects::Nothing,
            _ => Expects::More,
        }
    }
}

/// The kind and length of the text, number or word that `text` starts with.
fn scalar(text: &[u8]) -> Option<(Token, usize)> {
    let word = |word: &[u8], token| text.starts_with(word).then_some((token, word.len()));
    match *text.first()? {
        b't' => word(b"true", Token::True),
        b'f' => word(b"false", Token::False),
        b'n' => word(b"null", Token::Null),
        b'"' => Some((Token::Text, quoted(text)?)),
        b'-' | b'0'..=b'9' => Some((Token::Number, number(text).1)),
        _ => None,
    }
}

/// The length of the quoted text at the start of `text`, both quotes included.
fn quoted(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match (text.get(at)?, text.get(at + 1)) {
            (b'\\', Some(next)) if escaped(*next).is_some() => at += 2,
            (b'"', _) => return Some(at + 1),
            (0, _) => return None,
            _ => at += 1,
        }
    }
}

/// What a backslash and this byte stand for.
fn escaped(byte: u8) -> Option<u8> {
    Some(match byte {
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'\\' | b'"' => byte,
        _ => return None,
    })
}

/// How far the path was followed.
struct Search<'p> {
    /// What is left of it.
    path: &'p [u8],
    /// How many objects and arrays are open.
    opened: usize,
    /// How many of them the path went through.
    matched: usize,
    /// Elements passed in the array that is looked through, and the one wanted.
    index: i64,
    wanted: i64,
    /// Where the object or array that is wanted starts.
    start: Option<usize>,
}

enum Step {
    On,
    Found(Token, usize),
    Missing,
}

impl Search<'_> {
    fn step(&mut self, event: Event, range: &Range<usize>, document: &[u8]) -> Step {
        match event {
            Event::Open(byte) => {
                if byte == b'[' && self.opened == self.matched && !self.enter_array() {
                    return Step::Missing;
                }
                if self.is_here() {
                    self.start = Some(range.start);
                }
                self.opened += 1;
            }
            Event::Comma if self.opened == self.matched + 1 => {
                self.index += 1;
                if self.index == self.wanted && !self.enter_element() {
                    return Step::Missing;
                }
            }
            Event::Key if self.opened == self.matched + 1 => {
                let key = document.get(range.start + 1..range.end.saturating_sub(1));
                if let Some(rest) = key.and_then(|key| after_key(self.path, key)) {
                    self.path = rest;
                    self.matched += 1;
                }
            }
            Event::Key if self.opened == self.matched => return Step::Missing,
            Event::Close(opened_by) => {
                self.opened = self.opened.saturating_sub(1);
                if let (true, Some(start)) = (self.is_here(), self.start) {
                    return match opened_by {
                        b'{' => Step::Found(Token::Object, start),
                        _ => Step::Found(Token::Array, start),
                    };
                }
            }
            Event::Value(token) if self.is_here() => return Step::Found(token, range.start),
            Event::Comma | Event::Colon | Event::Key | Event::Value(_) => {}
        }
        Step::On
    }

    fn is_here(&self) -> bool {
        self.path.is_empty() && self.opened == self.matched
    }

    /// Starts to count elements if the path goes on with `[`; false if the path is broken.
    fn enter_array(&mut self) -> bool {
        let Some(index) = self.path.strip_prefix(b"[") else {
            return true;
        };
        self.index = 0;
        self.wanted = number(index).0 as i64;
        match self.wanted {
            0 => match self.path.get(3..) {
                Some(rest) => {
                    self.path = rest;
                    self.matched += 1;
                    true
                }
                None => false,
            },
            _ => true,
        }
    }

    fn enter_element(&mut self) -> bool {
        match memchr::memchr(b']', self.path).and_then(|end| self.path.get(end + 1..)) {
            Some(rest) => {
                self.path = rest;
                self.matched += 1;
                true
            }
            None => false,
        }
    }
}

/// What follows `.key` at the start of `path`; a backslash protects the byte after it.
fn after_key<'p>(path: &'p [u8], key: &[u8]) -> Option<&'p [u8]> {
    let mut rest = path.strip_prefix(b".")?;
    for byte in key {
        let (wanted, after) = match rest {
            [] | [b'.' | b'[', ..] => return None,
            [b'\\', protected, after @ ..] => (protected, after),
            [plain, after @ ..] => (plain, after),
        };
        if byte != wanted {
            return None;
        }
        rest = after;
    }
    matches!(rest, [] | [b'.' | b'[', ..]).then_some(rest)
}

/// Appends a text without its escapes; none if one cannot be undone.
fn unescape(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = match (byte, after) {
            (b'\\', [b'u', code @ ..]) if code.len() >= 4 => {
                let (code, after) = code.split_at_checked(4)?;
                out.push(one_byte(code)?);
                after
            }
            (b'\\', [next, after @ ..]) => {
                out.push(escaped(*next)?);
                after
            }
            _ => {
                out.push(byte);
                after
            }
        };
    }
    Some(())
}

/// The byte that `00XX` stands for. Digits are not checked, as HAProxy does not.
fn one_byte(code: &[u8]) -> Option<u8> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => byte - b'0',
        b'A'..=b'F' => byte - b'A' + 10,
        _ => byte.wrapping_sub(b'a').wrapping_add(10),
    };
    match *code {
        [b'0', b'0', high, low] => Some(digit(high) << 4 | digit(low)),
        _ => None,
    }
}

/// The number that `text` starts with and its length, which is 0 if it is incomplete.
///
/// The sums are made in HAProxy's order, so that the last digits are the same.
fn number(text: &[u8]) -> (f64, usize) {
    let digits_from = |at: usize| {
        let rest = text.get(at..).unwrap_or_default();
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit());
        (rest, digits.count())
    };
    let sign = match text.first() {
        Some(b'-') => -1.0,
        _ => 1.0,
    };
    let mut at = usize::from(matches!(text.first(), Some(b'-' | b'+')));
    let (rest, whole) = digits_from(at);
    if whole == 0 && rest.first() != Some(&b'.') {
        return (0.0, 0);
    }
    let value = |byte: &u8| f64::from(byte.wrapping_sub(b'0'));
    let mut sum = rest
        .iter()
        .take(whole)
        .fold(0.0, |sum, byte| sum * 10.0 + value(byte));
    sum *= sign;
    at += whole;
    let mut complete = true;
    if text.get(at) == Some(&b'.') {
        let (rest, decimals) = digits_from(at + 1);
        let (mut fraction, mut base) = (0.0, 0.1);
        for byte in rest.iter().take(decimals) {
            fraction += base * value(byte);
            base /= 10.0;
        }
        sum += fraction * sign;
        at += 1 + decimals;
        complete = decimals > 0;
    }
    if !matches!(text.get(at), Some(b'e' | b'E')) {
        return (sum, if complete { at } else { 0 });
    }
    at += 1;
    let negative = text.get(at) == Some(&b'-');
    at += usize::from(negative);
    at += usize::from(text.get(at) == Some(&b'+'));
    let (rest, length) = digits_from(at);
    let exponent = rest.iter().take(length).fold(0_u32, |sum, byte| {
        let digit = u32::from(byte.wrapping_sub(b'0'));
        sum.saturating_mul(10).saturating_add(digit)
    });
    let factor = power_of_ten(exponent);
    match (exponent, negative) {
        (0, _) => {}
        (_, true) => sum /= factor,
        (_, false) => sum *= factor,
    }
    (sum, at + length)
}

fn power_of_ten(exponent: u32) -> f64 {
    let (mut left, mut square, mut power) = (exponent, 10.0, 1.0);
    while left > 0 {
        if left & 1 == 1 {
            power *= square;
        }
        square *= square;
        left >>= 1;
    }
    power
}

/// The integer that `text` starts with as C's `strtoll` reads it: `0x` is hexadecimal, another
/// leading 0 octal. Stops at the limits of 64 bits.
fn c_integer(text: &[u8]) -> i64 {
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    let (base, digits) = match text {
        [b'0', b'x' | b'X', rest @ ..] => (16, rest),
        [b'0', rest @ ..] => (8, rest),
        _ => (10, text),
    };
    let sum = digits
        .iter()
        .map_while(|byte| char::from(*byte).to_digit(base))
        .fold(0_i64, |sum, digit| {
            sum.saturating_mul(i64::from(base))
                .saturating_add(i64::from(digit))
        });
    if negative { -sum } else { sum }
}

/// Appends `value` as C's `%g` prints it.
fn general(value: f64, out: &mut Vec<u8>) {
    if value.is_nan() {
        out.extend_from_slice(b"-nan");
        return;
    }
    let start = out.len();
    // Writing to a vector cannot fail.
    let _ = write!(out, "{value:.5e}");
    let written = out.get(start..).unwrap_or_default();
    let Some(mark) = memchr::memchr(b'e', written).map(|at| start + at) else {
        return;
    };
    let exponent = out
        .get(mark + 1..)
        .map(super::sample::leading_int)
        .unwrap_or(0);
    if (-4..6).contains(&exponent) {
        out.truncate(start);
        let decimals = usize::try_from(5 - exponent).unwrap_or(0);
        let _ = write!(out, "{value:.decimals$}");
        trim_zeros(out, start);
        return;
    }
    out.truncate(mark);
    trim_zeros(out, start);
    let sign = if exponent < 0 { '-' } else { '+' };
    let _ = write!(out, "e{sign}{:02}", exponent.unsigned_abs());
}

/// Removes zeros after the point, and the point if nothing stands after it.
fn trim_zeros(out: &mut Vec<u8>, start: usize) {
    if memchr::memchr(b'.', out.get(start..).unwrap_or_default()).is_none() {
        return;
    }
    while out.last() == Some(&b'0') {
        out.pop();
    }
    if out.last() == Some(&b'.') {
        out.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(document: &str, path: &str, expected: Option<&str>) {
        let found = find(document.as_bytes(), path.as_bytes());
        assert_eq!(
            found.map(|(_, range)| &document[range]),
            expected,
            "{path} in {document}"
        );
    }

    #[test]
    fn paths() {
        check(r#"{"a":{"b":[1,[2,3]]}}"#, "$.a.b[1][0]", Some("2"));
        check(r#" { "a" : [ ] , "b" : "x" } "#, "$.b", Some("\"x\""));
        check(r#"{"a":{"b":1}}"#, "$.a", Some(r#"{"b":1}"#));
        check(r#"{"a":1}"#, "$", Some(r#"{"a":1}"#));
        check("[1,2,3]", "$[2]", Some("3"));
        check("[1,2,3]", "$[3]", None);
        check(r#"{"a.b":1}"#, r"$.a\.b", Some("1"));
        check(r#"{"a.b":1}"#, "$.a.b", None);
        check(r#"{"":1}"#, "$.", Some("1"));
        check(r#"{"ab":1,"a":2}"#, "$.a", Some("2"));
        check(r#"{"a":1}"#, "$.ab", None);
        check(r#"{"a":1}"#, ".a", None);
        check(r#"{"a":1}"#, "", None);
        check("true", "$", Some("true"));
    }

    #[test]
    fn the_first_key_decides() {
        check(r#"{"a":{"x":1},"a":{"b":2}}"#, "$.a.b", None);
        check(r#"{"a":1,"a":2}"#, "$.a", Some("1"));
    }

    #[test]
    fn a_later_element_may_have_the_next_key() {
        check(r#"[{"x":1},{"y":2},{"a":3}]"#, "$[1].a", Some("3"));
    }

    #[test]
    fn an_index_that_is_no_number_is_0() {
        check("[7,8]", "$[x]", Some("7"));
    }

    #[test]
    fn nothing_after_the_value_is_read() {
        check(r#"{"a":1,,"#, "$.a", Some("1"));
        check(r#"{"b":1,,"a":1}"#, "$.a", None);
    }

    #[test]
    fn broken_documents_and_paths() {
        for document in [
            "", "{", "[", "]", "}", "{]", "[}", r#"{"a"}"#, r#"{"a""#, "{a:1}", "tru",
        ] {
            check(document, "$.a", None);
        }
        for path in ["$[", "$[0", "$[1", "$[-1]", "$.a[0]", "$\\", "$.\\"] {
            check("[7,8]", path, None);
        }
        check("{\"a\0\":1}", "$.a", None);
    }

    #[test]
    fn depth_is_limited() {
        let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        let path = |depth: usize| format!("${}", "[0]".repeat(depth));
        check(&nested(20), &path(20), Some("1"));
        check(&nested(21), &path(21), None);
        check(&"[".repeat(1_000_000), "$[0][0]", None);
    }

    #[track_caller]
    fn check_value(document: &str, expected: Option<&str>) {
        let query = Query {
            path: (*b"$").into(),
            integer: false,
        };
        let mut out = Vec::new();
        let value = query.run(document.as_bytes(), &mut out);
        let text = value.map(|value| value.text(&mut super::super::sample::ROOM.clone()).to_vec());
        assert_eq!(text.as_deref(), expected.map(str::as_bytes), "{document}");
    }

    #[test]
    fn numbers_are_printed_as_c_does() {
        check_value("1.5e3", Some("1500"));
        check_value("123456789", Some("1.23457e+08"));
        check_value("999999.5", Some("1e+06"));
        check_value("100000", Some("100000"));
        check_value("0.0001", Some("0.0001"));
        check_value("0.00001234", Some("1.234e-05"));
        check_value("-0", Some("-0"));
        check_value("1e400", Some("inf"));
        check_value("-1e400", Some("-inf"));
        check_value("0e999", Some("-nan"));
        check_value("1e99999999999", Some("inf"));
        check_value("-", Some("0"));
        check_value("1.", Some("0"));
    }

    #[test]
    fn texts_lose_their_escapes() {
        check_value(r#""a\"b\\\n""#, Some("a\"b\\\n"));
        check_value(r#""\u0041\u007a""#, Some("Az"));
        check_value(r#""\u0141""#, None);
        check_value(r#""\u00""#, None);
        check_value(r#""\/""#, None);
        check_value(r#""""#, Some(""));
    }

    #[test]
    fn integers_are_read_as_c_does() {
        let check = |text: &str, expected: i64| assert_eq!(c_integer(text.as_bytes()), expected);
        check("12}", 12);
        check("-12", -12);
        check("0x1F", 31);
        check("010", 8);
        check("08", 0);
        check("99999999999999999999", i64::MAX);
    }
}
