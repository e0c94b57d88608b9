//! Words of `global` about what stick tables count.

use super::{Build, GlobalDraft, word};
use crate::settings::StatusSet;
use crate::table::MOST_SLOTS;
use crate::vocab::args;
use crate::vocab::codes::{BAD_NUMBER, MISSING_ARGUMENT};
use crate::vocab::keyword::Keyword;
use crate::vocab::line::Line;

/// The words.
pub(super) const WORDS: &[Keyword<Build>] = &[
    word(
        "http-err-codes",
        "[+-]<range>[,...] [...]",
        "Statuses of servers that count as errors of the client in stick tables. '+' adds to the \
         list, '-' takes away. Default 400-499.",
        |line, draft| codes(line, &mut draft.config.status_classes.errors),
    ),
    word(
        "http-fail-codes",
        "[+-]<range>[,...] [...]",
        "Statuses of servers that count as their failures in stick tables. Default 500-599 \
         without 501 and 505.",
        |line, draft| codes(line, &mut draft.config.status_classes.failures),
    ),
    word(
        "tune.stick-counters",
        "<number>",
        "How many entries of stick tables a stream can track, 0 to 100. Default 3.",
        stick_counters,
    ),
];

fn stick_counters(line: &mut Line<'_, '_>, draft: &mut GlobalDraft) {
    let text = line.text(1).unwrap_or_default();
    let message = match args::leading_integer(&text) {
        (count, true) => match u8::try_from(count) {
            Ok(count) if count <= MOST_SLOTS => {
                draft.config.stick_counters = count;
                return;
            }
            _ => format!(
                "tune.stick-counters: the number of stick-counters must be between 1 and {MOST_SLOTS} (was {count})"
            ),
        },
        (_, false) => format!("tune.stick-counters: '{text}' is an invalid number"),
    };
    line.error(BAD_NUMBER, 1, message);
}

fn codes(line: &mut Line<'_, '_>, set: &mut StatusSet) {
    let name = line.name().into_owned();
    if line.arg(1).is_none() {
        let message = format!("Missing status codes range for '{name}'.");
        return line.error(MISSING_ARGUMENT, 0, message);
    }
    let mut at = 1;
    while let Some(text) = line.text(at) {
        if let Err(wrong) = apply(&text, set) {
            let message = match wrong {
                Wrong::Form(position) => format!(
                    "Invalid status codes range '{text}' in '{name}' at position {position}. Ranges must be in the form [+-]{{low[-{{high}}]}}[,...]."
                ),
                Wrong::Range => format!(
                    "Invalid status codes range '{text}' in '{name}'. Codes must be between 100 and 599 and ranges in ascending order."
                ),
            };
            return line.error(BAD_NUMBER, at, message);
        }
        at += 1;
    }
}

enum Wrong {
    /// It cannot be read from there on.
    Form(usize),
    /// It is no range of statuses.
    Range,
}

/// Applies `[+-]low[-high][,...]`. Without sign each range replaces what was there before.
fn apply(text: &str, set: &mut StatusSet) -> Result<(), Wrong> {
    let (sign, list) = match text.as_bytes().first() {
        Some(&sign @ (b'+' | b'-')) => (Some(sign), text.get(1..).unwrap_or_default()),
        _ => (None, text),
    };
    let mut at = text.len() - list.len();
    for range in list.split(',') {
        let (low, high) = range.split_once('-').unwrap_or((range, range));
        let low_end = at + low.len();
        let low = number(low).map_err(|good| Wrong::Form(at + good))?;
        let high = match range.contains('-') {
            true => number(high).map_err(|good| Wrong::Form(low_end + 1 + good))?,
            false => low,
        };
        let (Ok(low), Ok(high)) = (u16::try_from(low), u16::try_from(high)) else {
            return Err(Wrong::Range);
        };
        if high < low || low < 100 || high > 599 {
            return Err(Wrong::Range);
        }
        if sign.is_none() {
            *set = StatusSet::default();
        }
        set.put(low, high, sign != Some(b'-'));
        at += range.len() + 1;
    }
    Ok(())
}

/// A number of digits only, or how many of its characters are digits.
fn number(text: &str) -> Result<u32, usize> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    match text.parse() {
        Ok(number) if digits == text.len() => Ok(number),
        _ => Err(digits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&[u16]>) {
        let mut set = StatusSet::default();
        set.put(400, 404, true);
        let is_sound = apply(text, &mut set).is_ok();
        let found: Vec<_> = (100..600).filter(|status| set.contains(*status)).collect();
        assert_eq!(is_sound.then_some(&*found), expected, "{text}");
    }

    #[test]
    fn lists_of_statuses() {
        check("500", Some(&[500]));
        check("500-502", Some(&[500, 501, 502]));
        check("+500", Some(&[400, 401, 402, 403, 404, 500]));
        check("-401-403", Some(&[400, 404]));
        check("-401,404", Some(&[400, 402, 403]));
        check("500,502", Some(&[502]));
        for wrong in [
            "",
            "+",
            "x",
            "500-",
            "500,",
            "99",
            "600",
            "502-500",
            "500x",
            "99999999999",
        ] {
            check(wrong, None);
        }
    }
}
