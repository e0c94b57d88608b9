//! Lines made of names, most with a value, in any order and each only once: how the words of
//! protection are configured (SEMANTICS 8.1).

use super::args::{self, TimeUnit};
use super::codes::{ALREADY_SPECIFIED, BAD_CHOICE, BAD_NUMBER, BAD_UNIT, MISSING_ARGUMENT};
use super::line::Line;
use crate::clock::Millis;
use crate::syntax::Word;
use std::borrow::Cow;

/// The words that say how a refusal is answered, and how many values follow each.
const RESPONSE: [(&str, usize); 11] = [
    ("status", 1),
    ("deny_status", 1),
    ("content-type", 1),
    ("default-errorfiles", 0),
    ("errorfile", 1),
    ("errorfiles", 1),
    ("file", 1),
    ("lf-file", 1),
    ("string", 1),
    ("lf-string", 1),
    ("hdr", 2),
];

/// The words of a line from one place on.
pub(super) struct Pairs<'p, 'l, 'd> {
    line: &'p mut Line<'l, 'd>,
    /// The place of the name read last.
    at: usize,
    next: usize,
    /// Whether nothing was reported.
    sound: bool,
}

impl<'p, 'l, 'd> Pairs<'p, 'l, 'd> {
    /// Starts with the word at `first`.
    pub(super) fn new(line: &'p mut Line<'l, 'd>, first: usize) -> Self {
        Self {
            line,
            at: first,
            next: first,
            sound: true,
        }
    }

    /// The next name. One that is there a second time is reported.
    pub(super) fn name(&mut self) -> Option<Cow<'d, str>> {
        let name = self.line.text(self.next)?;
        self.at = self.next;
        self.next += 1;
        Some(name)
    }

    /// Whether everything could be read.
    pub(super) fn is_sound(&self) -> bool {
        self.sound
    }

    /// Fills a slot with what was read for the last name, once.
    pub(super) fn put<T>(&mut self, slot: &mut Option<T>, value: Option<T>) {
        if slot.is_some() {
            let name = self.line.text(self.at).unwrap_or_default();
            self.error(ALREADY_SPECIFIED, false, format!("'{name}' already set"));
        }
        *slot = value.or(slot.take());
    }

    /// A number of at least `least`, which is 0 or 1.
    pub(super) fn number(&mut self, least: u32) -> Option<u32> {
        let range = match least {
            0 => "an integer between 0 and 4294967295",
            _ => "an integer greater than 0",
        };
        let (name, text) = self.value(range)?;
        let value = text.parse().ok().filter(|&value: &u32| value >= least);
        if value.is_none() {
            let message = format!("'{name}' expects {range} but got '{text}'");
            self.error(BAD_NUMBER, true, message);
        }
        value
    }

    /// A number that need not be whole.
    pub(super) fn real(&mut self) -> Option<f64> {
        let (name, text) = self.value("a number")?;
        let is_plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let value = text.parse().ok().filter(|_| is_plain);
        if value.is_none() {
            let message = format!("'{name}' expects a number such as '1.9' but got '{text}'");
            self.error(BAD_NUMBER, true, message);
        }
        value
    }

    /// A whole percentage of 0 to 100, with its sign.
    pub(super) fn percent(&mut self) -> Option<u32> {
        let (name, text) = self.value("a percentage")?;
        let Some(number) = text.strip_suffix('%') else {
            let message = format!("'{name}' expects a percentage such as '20%' but got '{text}'");
            self.error(BAD_NUMBER, true, message);
            return None;
        };
        let value = number.parse().ok().filter(|&value: &u32| value <= 100);
        if value.is_none() {
            let message =
                format!("'{name}' expects a percentage between 0% and 100% but got '{text}'");
            self.error(BAD_NUMBER, true, message);
        }
        value
    }

    /// A duration of more than nothing.
    pub(super) fn time(&mut self) -> Option<Millis> {
        let (name, text) = self.value("a positive time")?;
        let value = self.duration(&name)?;
        if value == 0 {
            let message = format!("'{name}' expects a positive time but got '{text}'");
            self.error(BAD_UNIT, true, message);
            return None;
        }
        Some(value)
    }

    /// A duration, which may be nothing.
    pub(super) fn time_or_none(&mut self) -> Option<Millis> {
        let (name, _) = self.value("a time")?;
        self.duration(&name)
    }

    fn duration(&mut self, name: &str) -> Option<Millis> {
        let value = self.line.duration(self.next - 1, name, TimeUnit::Millis);
        self.sound &= value.is_some();
        value
    }

    /// One of two words: whether it is the second.
    pub(super) fn either(&mut self, first: &str, second: &str) -> Option<bool> {
        let (name, text) = self.value(&format!("'{first}' or '{second}'"))?;
        match text == second {
            true => Some(true),
            false if text == first => Some(false),
            false => {
                let message = format!("'{name}' expects '{first}' or '{second}' but got '{text}'");
                self.sound = false;
                let choices = [first, second];
                self.line
                    .error_near(BAD_CHOICE, self.next - 1, message, choices);
                None
            }
        }
    }

    /// Takes the last name and its values if they say how a refusal is answered.
    pub(super) fn response(&mut self, words: &mut Vec<Word>) -> bool {
        let name = self.line.text(self.at).unwrap_or_default();
        let Some((_, values)) = RESPONSE.iter().find(|(known, _)| *known == name) else {
            return false;
        };
        self.next = self.at + 1 + values;
        let taken = self.line.rest(self.at).iter().take(1 + values);
        words.extend(taken.cloned());
        true
    }

    /// Reports a name that is none of `known`, or of a response's words where those are allowed.
    pub(super) fn unknown(&mut self, known: &[&'static str], response: bool) {
        let keyword = self.line.name();
        let name = self.line.text(self.at).unwrap_or_default();
        let quoted: Vec<String> = known.iter().map(|word| format!("'{word}'")).collect();
        let (last, others) = match (response, quoted.split_last()) {
            (true, _) => ("a response argument", &*quoted),
            (false, Some((last, others))) => (last.as_str(), others),
            (false, None) => ("nothing", &*quoted),
        };
        let others = others.join(", ");
        let message = format!("'{keyword}' expects {others} or {last} but got '{name}'");
        self.sound = false;
        // What follows it may be its value, whose fault it is not.
        while let Some(word) = self.line.text(self.next)
            && !known.contains(&&*word)
            && !RESPONSE.iter().any(|(known, _)| *known == word)
        {
            self.next += 1;
        }
        let known = known.iter().copied();
        self.line.error_near(BAD_CHOICE, self.at, message, known);
    }

    /// The last name and the value that follows it.
    fn value(&mut self, expected: &str) -> Option<(Cow<'d, str>, Cow<'d, str>)> {
        let name = self.line.text(self.at).unwrap_or_default();
        let value = self.line.text(self.next).filter(|text| !text.is_empty());
        self.next += 1;
        match value {
            Some(value) => Some((name, value)),
            None => {
                let message = format!("'{name}' expects {expected}");
                self.error(MISSING_ARGUMENT, false, message);
                None
            }
        }
    }

    /// Reports at the last name, or at its value.
    fn error(&mut self, code: crate::syntax::Code, at_value: bool, message: String) {
        let place = match at_value {
            true => self.next.saturating_sub(1),
            false => self.at,
        };
        self.sound = false;
        self.line.error(code, place, message);
    }
}

/// A size in bytes; reports in the words of `what`.
pub(super) fn size(line: &mut Line<'_, '_>, index: usize, what: &str) -> Option<usize> {
    let text = line.text(index).unwrap_or_default();
    let size = args::size(&text).ok().and_then(|n| usize::try_from(n).ok());
    if size.is_none() {
        let message = format!("'{what}' expects a size such as '16k' but got '{text}'");
        line.error(BAD_UNIT, index, message);
    }
    size
}
