//! One statement being read: its words, where it stands, and where findings go.

use super::args::{self, TimeError, TimeUnit};
use super::codes;
use super::host::Host;
use crate::syntax::{Code, Diagnostic, Diagnostics, Severity, Span, Word};
use std::borrow::Cow;

/// What precedes the keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sense {
    /// Nothing: the setting is made.
    Set,
    /// `no`: the setting is turned off.
    No,
    /// `default`: the setting goes back to its default.
    Default,
}

/// A statement: keyword first, without a `no` or `default` before it.
pub struct Line<'l, 'd> {
    /// The keyword and its arguments.
    pub words: &'d [Word],
    /// What preceded them.
    pub sense: Sense,
    /// Where findings go.
    pub diags: &'l mut Diagnostics,
    /// The machine.
    pub host: &'l dyn Host,
}

impl<'d> Line<'_, 'd> {
    /// The keyword as text.
    pub fn name(&self) -> Cow<'d, str> {
        self.words.first().map_or(Cow::Borrowed(""), Word::text)
    }

    /// The argument at `index`; the keyword is 0.
    pub fn arg(&self, index: usize) -> Option<&'d Word> {
        self.words.get(index)
    }

    /// The argument as text.
    pub fn text(&self, index: usize) -> Option<Cow<'d, str>> {
        self.arg(index).map(Word::text)
    }

    /// The words from `index` on.
    pub fn rest(&self, index: usize) -> &'d [Word] {
        self.words.get(index..).unwrap_or_default()
    }

    /// The whole statement.
    pub fn span(&self) -> Span {
        span_of(self.words)
    }

    /// The place of an argument, or of the keyword when it is missing.
    pub fn place(&self, index: usize) -> Span {
        self.arg(index)
            .map_or_else(|| self.span(), |word| word.span)
    }

    /// Reports an error at an argument.
    pub fn error(&mut self, code: Code, index: usize, message: impl Into<String>) {
        let place = self.place(index);
        self.diags
            .push(Diagnostic::error(code, message).at(place, ""));
    }

    /// Reports an argument that is none of several words, with the nearest of them.
    pub fn error_near<'a>(
        &mut self,
        code: Code,
        index: usize,
        message: impl Into<String>,
        candidates: impl IntoIterator<Item = &'a str>,
    ) {
        let place = self.place(index);
        let word = self.text(index).unwrap_or_default();
        let found = Diagnostic::error(code, message).at(place, "");
        self.diags.push(found.near(&word, candidates));
    }

    /// Reports a warning at an argument.
    pub fn warning(&mut self, code: Code, index: usize, message: impl Into<String>) {
        let place = self.place(index);
        self.diags
            .push(Diagnostic::warning(code, message).at(place, ""));
    }

    /// Reports a word that is not supported yet. `compile` turns it into a warning if asked.
    pub fn not_yet(&mut self, index: usize, what: &str, part: &str) {
        let place = self.place(index);
        let message = format!("{what} is not supported yet");
        self.diags
            .push(Diagnostic::error(codes::NOT_SUPPORTED_YET, message).at(place, part));
    }

    /// Notes a word that is accepted without effect.
    pub fn no_effect(&mut self, index: usize, what: &str, why: &str) {
        let place = self.place(index);
        let message = format!("{what} has no effect here: {why}");
        self.diags
            .push(Diagnostic::new(Severity::Note, codes::NO_EFFECT, message).at(place, ""));
    }

    /// Whether there are at most `most` arguments; reports the first one too many.
    pub fn at_most(&mut self, most: usize) -> bool {
        let Some(extra) = self.text(most + 1) else {
            return true;
        };
        let name = self.name();
        self.error(
            codes::UNEXPECTED_ARGUMENT,
            most + 1,
            format!("'{name}' cannot handle unexpected argument '{extra}'"),
        );
        false
    }

    /// The argument at `index`, or an error saying what was expected.
    pub fn expect(&mut self, index: usize, what: &str) -> Option<&'d Word> {
        let found = self.arg(index).filter(|word| !word.bytes.is_empty());
        if found.is_none() {
            let name = self.name();
            self.error(
                codes::MISSING_ARGUMENT,
                index,
                format!("'{name}' expects {what}"),
            );
        }
        found
    }

    /// An integer read as HAProxy reads it, leading digits only, with a warning for the rest.
    pub fn integer(&mut self, index: usize) -> Option<i64> {
        self.expect(index, "an integer argument")?;
        Some(self.lenient_integer(index))
    }

    /// As [`Line::integer`] for an argument known to be there.
    pub fn lenient_integer(&mut self, index: usize) -> i64 {
        let text = self.text(index).unwrap_or_default();
        let (value, clean) = args::leading_integer(&text);
        if !clean {
            let message = format!("'{text}' is not a number; it is read as {value}");
            self.warning(codes::LENIENT_NUMBER, index, message);
        }
        value
    }

    /// A lenient integer clamped to what a count can be.
    pub fn count(&mut self, index: usize) -> Option<u32> {
        self.integer(index).map(clamp_u32)
    }

    /// A duration; reports in the words of `what`.
    pub fn duration(&mut self, index: usize, what: &str, unit: TimeUnit) -> Option<u64> {
        self.duration_of(index, &format!("'{what}'"), unit)
    }

    /// A duration; `of` says what it is of, as the message shows it.
    pub fn duration_of(&mut self, index: usize, of: &str, unit: TimeUnit) -> Option<u64> {
        let text = self.text(index).unwrap_or_default();
        let message = match args::duration(&text, unit) {
            Ok(value) => return Some(value),
            Err(TimeError::After(c, value)) => {
                let found = Diagnostic::warning(codes::BAD_UNIT, after_time(c, &text));
                let place = self.place(index);
                self.diags.push(found.at(place, "").help(TIME_HELP));
                return Some(value);
            }
            Err(TimeError::Overflow) => format!(
                "timer overflow in argument '{text}' to {of} (maximum value is 2147483647 ms or ~24.8 days)"
            ),
            Err(TimeError::Unexpected(Some(c))) => {
                format!("unexpected character '{c}' in {of}")
            }
            Err(TimeError::Unexpected(None)) => format!("{of} expects a duration"),
        };
        let place = self.place(index);
        self.diags.push(
            Diagnostic::error(codes::BAD_UNIT, message)
                .at(place, "")
                .help(TIME_HELP),
        );
        None
    }

    /// One of several words, by position in the list.
    pub fn choice(&mut self, index: usize, choices: &[&str]) -> Option<usize> {
        let found = self
            .arg(index)
            .and_then(|word| choices.iter().position(|choice| word == choice));
        if found.is_none() {
            let list: Vec<String> = choices.iter().map(|choice| format!("'{choice}'")).collect();
            let message = format!("'{}' only supports {}", self.name(), list.join(", "));
            self.error_near(codes::BAD_CHOICE, index, message, choices.iter().copied());
        }
        found
    }
}

/// How durations are written.
pub(super) const TIME_HELP: &str =
    "write a number and one of the units us, ms, s, m, h, d, such as '10s'";

/// What is said of a character after a duration.
pub(super) fn after_time(c: char, text: &str) -> String {
    format!("unexpected character '{c}' after the timer value '{text}'")
}

/// The place from the first to the last of some words.
pub fn span_of(words: &[Word]) -> Span {
    match (words.first(), words.last()) {
        (Some(first), Some(last)) => first.span.to(last.span),
        _ => Span {
            file: crate::syntax::FileId(0),
            start: 0,
            end: 0,
        },
    }
}

/// Negative numbers become 0 and too large ones the largest.
pub fn clamp_u32(value: i64) -> u32 {
    u32::try_from(value.clamp(0, i64::from(u32::MAX))).unwrap_or(u32::MAX)
}
