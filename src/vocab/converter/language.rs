//! `language(<value>[,<default>])`: the best of several languages for an `Accept-Language`.

use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Args, Kind, optional, required};
use crate::vocab::context::Context;
use crate::vocab::sample::Sample;

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["language"],
    args: &[required("value", Kind::Str), optional("default", Kind::Str)],
    doc: "The language of the list <value>, separated by \";\", that an Accept-Language header \
          prefers: the highest q, the first of equals. <default> if none is acceptable.",
    examples: &[
        ("str('fr,en'),language(en;fr)", Some("fr")),
        ("str('fr;q=0.5,en;q=0.8'),language(en;fr)", Some("en")),
        ("str('de-AT'),language(de)", Some("de")),
        ("str(de),language(de-AT)", None),
        ("str('de , en'),language(es;en)", Some("en")),
        ("str('de;q=0.001,en;q=0.0009'),language(de;en)", Some("de")),
        ("str('de;q=0.0,en;q=0.1'),language(de;en)", Some("en")),
        (
            "str('de;q=0,en;q=0.1,fr;q=0.1'),language(en;fr)",
            Some("en"),
        ),
        (
            "str('de;q=0,en;q=0.1,fr;q=0.1'),language(de;en;fr)",
            Some("fr"),
        ),
        ("str('de;level=1,en;q=0.9'),language(de;en)", Some("de")),
        ("str(EN),language(en,xx)", Some("xx")),
        ("str(),language(en,xx)", Some("xx")),
        ("str(),language(en)", None),
    ],
    build: Build::With(|args: &Args| {
        Ok(Box::new(Language {
            offered: args.text(0).unwrap_or_default().into(),
            default: args.text(1).unwrap_or_default().into(),
        }))
    }),
    ..Keyword::DEFAULT
};

#[derive(Debug)]
struct Language {
    /// Separated by semicolons.
    offered: Box<[u8]>,
    default: Box<[u8]>,
}

impl Converting for Language {
    fn apply<'s>(
        &'s self,
        _: &Context<'s>,
        input: Sample<'s>,
        _: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let Sample::Str(header) = input else {
            return None;
        };
        let best = self.best(header);
        let chosen = match best.is_empty() {
            true => &*self.default,
            false => best,
        };
        (!chosen.is_empty()).then_some(Sample::Str(chosen))
    }
}

impl Language {
    /// The offered language with the highest q, empty if none has one above 0.
    fn best(&self, header: &[u8]) -> &[u8] {
        let mut best: (&[u8], u16) = (&[], 0);
        let mut rest = header;
        loop {
            rest = skip_blanks(rest);
            let is_end = |byte: &u8| matches!(byte, b';' | b',') || is_blank(*byte);
            let end = rest.iter().position(is_end).unwrap_or(rest.len());
            let (range, after) = rest.split_at_checked(end).unwrap_or_default();
            rest = after;
            if let Some(language) = self.offers(range)
                && let Some((q, after)) = quality(rest)
            {
                rest = after;
                if q > best.1 {
                    best = (language, q);
                }
                if best.1 >= 1000 {
                    return best.0;
                }
            }
            match memchr::memchr(b',', rest) {
                Some(comma) => rest = rest.get(comma + 1..).unwrap_or_default(),
                None => return best.0,
            }
        }
    }

    fn offers(&self, range: &[u8]) -> Option<&[u8]> {
        let mut offered = self.offered.split(|&byte| byte == b';');
        offered.find(|language| {
            !range.is_empty()
                && range
                    .strip_prefix(*language)
                    .is_some_and(|rest| matches!(rest, [] | [b'-', ..]))
        })
    }
}

fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0b
}

fn skip_blanks(text: &[u8]) -> &[u8] {
    let blanks = text.iter().take_while(|byte| is_blank(**byte)).count();
    text.get(blanks..).unwrap_or_default()
}

/// The q, in thousandths, after a range, and what follows it; none if something else follows
/// the range.
fn quality(text: &[u8]) -> Option<(u16, &[u8])> {
    let mut rest = skip_blanks(text);
    match rest {
        [] | [b',', ..] => return Some((1000, rest)),
        [b';', ..] => {}
        _ => return None,
    }
    for part in b";q=" {
        match rest.split_first() {
            Some((byte, after)) if byte == part => rest = skip_blanks(after),
            _ => return Some((1000, rest)),
        }
    }
    Some(match rest.is_empty() {
        true => (1000, rest),
        false => thousandths(rest),
    })
}

/// Reads `0.123`. What follows the first digit is used up even if it is no point, as HAProxy
/// does: after `q=0,` the next range is passed over.
fn thousandths(text: &[u8]) -> (u16, &[u8]) {
    let digit = |byte: u8| u16::from(byte.wrapping_sub(b'0'));
    let [first @ b'0'..=b'9', after @ ..] = text else {
        return (1000, text);
    };
    let mut value = digit(*first) * 1000;
    let mut rest = after.get(1..).unwrap_or_default();
    if after.first() == Some(&b'.') {
        for unit in [100, 10, 1] {
            let [next @ b'0'..=b'9', after @ ..] = rest else {
                break;
            };
            value += digit(*next) * unit;
            rest = after;
        }
    }
    (value.min(1000), rest)
}
