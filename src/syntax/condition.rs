//! Conditions: `.if`, `.elif` and `-cc` (manual 2.4).
//!
//! `feature(THREAD) && !streq("$MODE",quic) || 0`. The words of the line are joined by one space
//! before they are read, so blanks beside commas belong to the arguments. What must hold: the
//! whole text is read before its value counts, but a predicate that can't be evaluated is an
//! error only where `&&` and `||` reach it. Deliberately absent: what the program supports,
//! which the caller states as [`Facts`].

use super::environment::Environment;
use super::lexer::{FaultKind, Line, Surroundings, split};
use super::source::FileId;
use super::version;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_till1, take_while};
use nom::character::complete::char;
use nom::combinator::opt;
use nom::error::{ErrorKind, ParseError};
use nom::sequence::delimited;
use nom::{IResult, Parser};

/// How deep parentheses and operators may nest, counted as HAProxy does (`MAX_CFG_RECURSION`).
const MAX_DEPTH: usize = 1024;

/// What the predicates ask about the running program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The HAProxy version claimed, `3.4.0`: `version_atleast`, `version_before`.
    pub version: &'static str,
    /// Names after a `+` in `-vv`'s feature list: `feature`.
    pub features: &'static [&'static str],
    /// Options in force, such as `SPLICE`: `enabled`.
    pub enabled: &'static [&'static str],
    /// The TLS library's name and version text, `("OpenSSL 3.0.22", "3.0.22")`:
    /// `ssllib_name_startswith`, `openssl_version_atleast`, `openssl_version_before`.
    pub tls_library: Option<(&'static str, &'static str)>,
    /// The AWS-LC API number: `awslc_api_atleast`, `awslc_api_before`.
    pub awslc_api: Option<i64>,
}

impl Default for Facts {
    /// HAProxy 3.4.0 with nothing built in.
    fn default() -> Self {
        Self {
            version: "3.4.0",
            features: &[],
            enabled: &[],
            tls_library: None,
            awslc_api: None,
        }
    }
}

/// A condition that has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionError {
    /// One line, without a final full stop.
    pub message: String,
    /// The byte of the condition it is about: of the text as given if it has unusable quotes,
    /// else of its words joined by one space.
    pub offset: usize,
}

impl std::fmt::Display for ConditionError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ConditionError {}

/// The value of a condition as typed after `-cc`: quotes, escapes and variables are resolved
/// first, `#` is an ordinary character. Empty is false.
pub fn evaluate_condition(
    text: &str,
    environment: &Environment,
    facts: &Facts,
) -> Result<bool, ConditionError> {
    let around = Surroundings {
        environment,
        file_name: "",
        line: 0,
        section: None,
        comments: false,
    };
    let line = Line {
        file: FileId(0),
        start: 0,
        text: text.as_bytes(),
    };
    let mut words = Vec::new();
    split(line, &around, &mut words).map_err(|fault| ConditionError {
        message: lexical_message(fault.kind).to_owned(),
        offset: fault.start,
    })?;
    let joined = join(words.iter().map(|word| &*word.bytes));
    evaluate(&joined, environment, facts)
}

fn lexical_message(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Quote => "unmatched quote in condition",
        FaultKind::Hex => "truncated or invalid hexadecimal sequence in condition",
        FaultKind::TooLong => "condition too long",
        FaultKind::TooManyWords => "too many words in condition",
        FaultKind::Nul => "NUL character in condition",
        FaultKind::Brace
        | FaultKind::VariableName
        | FaultKind::WordExpansion
        | FaultKind::NoMatch => "invalid environment variable in condition",
    }
}

/// Words as one text, as conditions are read.
pub(super) fn join<'a>(words: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut joined = Vec::new();
    for (index, word) in words.enumerate() {
        if index > 0 {
            joined.push(b' ');
        }
        joined.extend_from_slice(word);
    }
    joined
}

/// The value of a condition whose quotes and variables are already resolved.
pub(super) fn evaluate(
    text: &[u8],
    environment: &Environment,
    facts: &Facts,
) -> Result<bool, ConditionError> {
    if text.is_empty() {
        return Ok(false);
    }
    let reader = Reader {
        text,
        environment,
        facts,
    };
    let (rest, value) = reader.any(text, MAX_DEPTH).map_err(|error| match error {
        nom::Err::Error(error) | nom::Err::Failure(error) => error.0,
        nom::Err::Incomplete(_) => reader.unparsable(text),
    })?;
    match skip_blanks(rest).first() {
        None => value,
        Some(&byte) => Err(reader.error(
            skip_blanks(rest),
            format!(
                "unexpected character '{}' at the end of conditional expression '{}'",
                char::from(byte).escape_default(),
                String::from_utf8_lossy(text)
            ),
        )),
    }
}

/// A value, or why a predicate that was read has none.
type Value = Result<bool, ConditionError>;

/// [`ConditionError`] as nom carries it.
#[derive(Debug)]
struct Unreadable(ConditionError);

impl ParseError<&[u8]> for Unreadable {
    fn from_error_kind(_: &[u8], _: ErrorKind) -> Self {
        Self(ConditionError {
            message: String::new(),
            offset: 0,
        })
    }

    fn append(_: &[u8], _: ErrorKind, other: Self) -> Self {
        other
    }
}

type Read<'a, T> = IResult<&'a [u8], T, Unreadable>;

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn blanks(input: &[u8]) -> Read<'_, &[u8]> {
    take_while(is_blank)(input)
}

fn skip_blanks(input: &[u8]) -> &[u8] {
    blanks(input).map_or(input, |(rest, _)| rest)
}

/// `&&` or `||` with the blanks around it.
fn operator<'a>(symbol: &'static str, input: &'a [u8]) -> Option<&'a [u8]> {
    delimited(blanks, tag(symbol.as_bytes()), blanks)
        .parse(input)
        .ok()
        .map(|(rest, _)| rest)
}

/// An integer as C's `strtol` reads it in base 0; only whether it is zero matters.
fn integer(input: &[u8]) -> Read<'_, bool> {
    let digits = |base: u32| take_while(move |byte: u8| char::from(byte).is_digit(base));
    let (rest, _) = take_while(|byte: u8| byte.is_ascii_whitespace() || byte == 0x0b)(input)?;
    let (rest, _) = opt(alt((char('+'), char('-')))).parse(rest)?;
    let base = match rest {
        [b'0', b'x' | b'X', digit, ..] if digit.is_ascii_hexdigit() => 16,
        [b'0', ..] => 8,
        _ => 10,
    };
    let rest = rest
        .get(if base == 16 { 2 } else { 0 }..)
        .unwrap_or_default();
    let (rest, number) = digits(base)(rest)?;
    if number.is_empty() {
        return Err(nom::Err::Error(Unreadable::from_error_kind(
            input,
            ErrorKind::Digit,
        )));
    }
    Ok((rest, number.iter().any(|&digit| digit != b'0')))
}

/// The text being read and what its predicates refer to.
struct Reader<'a> {
    text: &'a [u8],
    environment: &'a Environment,
    facts: &'a Facts,
}

impl<'a> Reader<'a> {
    /// `all || all …`
    fn any(&self, input: &'a [u8], mut depth: usize) -> Read<'a, Value> {
        let (mut rest, mut value) = self.all(input, depth.saturating_sub(1))?;
        while let Some(next) = operator("||", rest) {
            depth = depth.saturating_sub(1);
            let (after, right) = self.all(next, depth.saturating_sub(1))?;
            if value == Ok(false) {
                value = right;
            }
            rest = after;
        }
        Ok((rest, value))
    }

    /// `term && term …`
    fn all(&self, input: &'a [u8], mut depth: usize) -> Read<'a, Value> {
        let (mut rest, mut value) = self.term(input, depth.saturating_sub(1))?;
        while let Some(next) = operator("&&", rest) {
            depth = depth.saturating_sub(1);
            let (after, right) = self.term(next, depth.saturating_sub(1))?;
            if value == Ok(true) {
                value = right;
            }
            rest = after;
        }
        Ok((rest, value))
    }

    /// An integer, a parenthesis or a predicate, after any number of `!`.
    fn term(&self, input: &'a [u8], depth: usize) -> Read<'a, Value> {
        let (input, _) = blanks(input)?;
        if depth == 0 {
            return self.fail(self.unparsable(input));
        }
        let (rest, marks) = take_while(|byte| byte == b'!' || is_blank(byte))(input)?;
        let negate = marks.iter().filter(|&&byte| byte == b'!').count() % 2 == 1;
        let (rest, value) = if let Ok((rest, value)) = integer(rest) {
            (rest, Ok(value))
        } else if rest.starts_with(b"(") {
            self.parenthesis(input, rest, depth)?
        } else {
            self.predicate(input, rest)?
        };
        Ok((rest, value.map(|value| value != negate)))
    }

    fn parenthesis(&self, term: &'a [u8], input: &'a [u8], depth: usize) -> Read<'a, Value> {
        let (inside, _) = (char('('), blanks).parse(input)?;
        let (rest, value) = self.any(inside, depth.saturating_sub(1))?;
        match skip_blanks(rest).strip_prefix(b")") {
            Some(rest) => Ok((skip_blanks(rest), value)),
            None => self.fail(self.error(
                skip_blanks(rest),
                format!(
                    "expected ')' after conditional expression '{}'",
                    String::from_utf8_lossy(term)
                ),
            )),
        }
    }

    fn predicate(&self, term: &'a [u8], input: &'a [u8]) -> Read<'a, Value> {
        let named = take_till1::<_, _, Unreadable>(|byte| matches!(byte, b' ' | b'('))(input);
        let known = named.ok().and_then(|(rest, name)| {
            let predicate = PREDICATES
                .iter()
                .find(|known| known.name.as_bytes() == name)?;
            Some((rest, predicate))
        });
        let Some((rest, predicate)) = known else {
            return self.fail(self.unparsable(term));
        };
        let (rest, arguments) = self.arguments(predicate, rest)?;
        let value = self.value(predicate, &arguments).ok_or_else(|| {
            let argument = arguments.first().map(Vec::as_slice).unwrap_or_default();
            self.error(
                input,
                format!(
                    "invalid argument to conditional expression predicate '{}': '{}'",
                    predicate.name,
                    String::from_utf8_lossy(argument)
                ),
            )
        });
        Ok((rest, value))
    }

    /// `(a,b)` with the quotes and escapes of arguments, a second level below those of words.
    /// Without a parenthesis there is one empty argument.
    fn arguments(&self, predicate: &Predicate, input: &'a [u8]) -> Read<'a, Vec<Vec<u8>>> {
        let Some(mut rest) = input.strip_prefix(b"(") else {
            return match predicate.arity {
                1 => Ok((input, vec![Vec::new()])),
                _ => self.fail(self.missing(predicate, 1, input)),
            };
        };
        let mut arguments = Vec::with_capacity(predicate.arity);
        loop {
            let (after, argument) = self.argument(predicate, arguments.len(), rest)?;
            arguments.push(argument);
            rest = after;
            match rest.strip_prefix(b",") {
                Some(next) if arguments.len() < predicate.arity => rest = next,
                _ => break,
            }
        }
        if arguments.len() < predicate.arity {
            return self.fail(self.missing(predicate, arguments.len(), rest));
        }
        match rest.strip_prefix(b")") {
            Some(rest) => Ok((rest, arguments)),
            None => {
                let before = match rest {
                    b"" => String::new(),
                    _ => format!(" before '{}'", String::from_utf8_lossy(rest)),
                };
                self.fail(self.in_argument(
                    predicate,
                    arguments.len(),
                    rest,
                    &format!("expected ')'{before}"),
                ))
            }
        }
    }

    fn argument(&self, predicate: &Predicate, index: usize, input: &'a [u8]) -> Read<'a, Vec<u8>> {
        let mut value = Vec::new();
        let mut quote = None;
        let mut rest = input;
        while let Some((&byte, after)) = rest.split_first() {
            let mut next = after;
            match (byte, quote) {
                (b',' | b')', None) => break,
                (b'"' | b'\'', None) => quote = Some(byte),
                (_, Some(open)) if byte == open => quote = None,
                (b'\\', None | Some(b'"')) => {
                    let Some(&escape) = after.first() else {
                        let text = "failed to parse after '\\'";
                        return self.fail(self.in_argument(predicate, index + 1, after, text));
                    };
                    let escaped = unescape(escape);
                    value.push(escaped.unwrap_or(byte));
                    next = after
                        .get(usize::from(escaped.is_some())..)
                        .unwrap_or_default();
                }
                _ => value.push(byte),
            }
            rest = next;
        }
        Ok((rest, value))
    }

    fn missing(&self, predicate: &Predicate, got: usize, at: &[u8]) -> ConditionError {
        let text = format!(
            "missing arguments (got {got}/{}), type 'string' expected",
            predicate.arity
        );
        self.in_argument(predicate, got, at, &text)
    }

    fn in_argument(
        &self,
        predicate: &Predicate,
        index: usize,
        at: &[u8],
        text: &str,
    ) -> ConditionError {
        self.error(
            at,
            format!(
                "{text} in argument {index} of predicate '{}' used in conditional expression",
                predicate.name
            ),
        )
    }

    fn unparsable(&self, at: &[u8]) -> ConditionError {
        self.error(
            at,
            format!(
                "unparsable conditional expression '{}'",
                String::from_utf8_lossy(at)
            ),
        )
    }

    fn error(&self, at: &[u8], message: String) -> ConditionError {
        ConditionError {
            message,
            offset: self.text.len() - at.len(),
        }
    }

    fn fail<T>(&self, error: ConditionError) -> Read<'a, T> {
        Err(nom::Err::Failure(Unreadable(error)))
    }
}

/// The names of the predicates.
pub(super) fn predicates() -> impl Iterator<Item = &'static str> {
    PREDICATES.iter().map(|predicate| predicate.name)
}

/// What a backslash may precede in an argument.
fn unescape(byte: u8) -> Option<u8> {
    match byte {
        b'\\' | b' ' | b'"' | b'\'' => Some(byte),
        b'n' => Some(b'\n'),
        b'r' => Some(b'\r'),
        b't' => Some(b'\t'),
        _ => None,
    }
}

struct Predicate {
    name: &'static str,
    arity: usize,
    asks: Question,
}

enum Question {
    Defined,
    Feature,
    Equal,
    Different,
    Contains,
    VersionAtLeast,
    VersionBefore,
    TlsVersionAtLeast,
    TlsVersionBefore,
    TlsNameStartsWith,
    AwslcAtLeast,
    AwslcBefore,
    Enabled,
}

const fn predicate(name: &'static str, arity: usize, asks: Question) -> Predicate {
    Predicate { name, arity, asks }
}

const PREDICATES: &[Predicate] = &[
    predicate("defined", 1, Question::Defined),
    predicate("feature", 1, Question::Feature),
    predicate("streq", 2, Question::Equal),
    predicate("strneq", 2, Question::Different),
    predicate("strstr", 2, Question::Contains),
    predicate("version_atleast", 1, Question::VersionAtLeast),
    predicate("version_before", 1, Question::VersionBefore),
    predicate("openssl_version_atleast", 1, Question::TlsVersionAtLeast),
    predicate("openssl_version_before", 1, Question::TlsVersionBefore),
    predicate("ssllib_name_startswith", 1, Question::TlsNameStartsWith),
    predicate("awslc_api_atleast", 1, Question::AwslcAtLeast),
    predicate("awslc_api_before", 1, Question::AwslcBefore),
    predicate("enabled", 1, Question::Enabled),
];

impl Reader<'_> {
    /// `None` if the argument is unusable or the library asked about is not there.
    fn value(&self, predicate: &Predicate, arguments: &[Vec<u8>]) -> Option<bool> {
        let first = arguments.first()?.as_slice();
        let second = arguments.get(1).map(Vec::as_slice).unwrap_or_default();
        let facts = self.facts;
        Some(match predicate.asks {
            Question::Defined => self.environment.get(first).is_some(),
            Question::Feature => facts.features.iter().any(|name| name.as_bytes() == first),
            Question::Enabled => facts.enabled.iter().any(|name| name.as_bytes() == first),
            Question::Equal => first == second,
            Question::Different => first != second,
            Question::Contains => memchr::memmem::find(first, second).is_some(),
            // An unreadable version counts as older than any, as in HAProxy.
            Question::VersionAtLeast => {
                version::compare(first, facts.version).is_none_or(|order| order.is_le())
            }
            Question::VersionBefore => {
                version::compare(first, facts.version).is_some_and(|order| order.is_gt())
            }
            Question::TlsVersionAtLeast => {
                version::compare_tls(first, facts.tls_library?.1)?.is_le()
            }
            Question::TlsVersionBefore => {
                version::compare_tls(first, facts.tls_library?.1)?.is_gt()
            }
            Question::TlsNameStartsWith => facts
                .tls_library
                .is_some_and(|(name, _)| name.as_bytes().starts_with(first)),
            Question::AwslcAtLeast => whole_number(first)? <= facts.awslc_api?,
            Question::AwslcBefore => whole_number(first)? > facts.awslc_api?,
        })
    }
}

fn whole_number(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.trim_start().parse().ok()
}

#[cfg(test)]
#[path = "condition_tests.rs"]
mod tests;
