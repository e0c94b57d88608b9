//! What `rate-limit` and `inflight-limit` share: whose requests are counted together, and how the
//! words of a line are read.
//!
//! A key is the bytes of an address or the text of any other sample; without a sample it is the
//! empty key, so that leaving a header out is no way around a limit (SEMANTICS 8.2, 8.4).

use super::Line;
use crate::syntax::Word;
use crate::vocab::args::{self, TimeError, TimeUnit};
use crate::vocab::context::Context;
use crate::vocab::expression::{self, Expression};
use crate::vocab::rule_codes;
use crate::vocab::sample::{ROOM, Sample, Type};
use std::net::IpAddr;

/// Most keys of a limit unless it says otherwise.
pub(super) const SIZE: u32 = 65_536;

/// The key of a limit.
#[derive(Debug)]
pub(super) struct LimitKey {
    expression: Expression,
    /// As it was written.
    pub(super) text: String,
}

impl LimitKey {
    /// Reads the expression after the word `key`; there must not be one already.
    pub(super) fn read(
        line: &mut Line<'_, '_, '_>,
        word: &Word,
        known: &Option<Self>,
    ) -> Option<Self> {
        if known.is_some() {
            let message = "'key' already set, only one source criterion is permitted";
            line.error(word.span, message.to_owned());
            return None;
        }
        let before = line.rest;
        if before.first().is_none_or(super::is_condition) {
            let help = "write where the key comes from, such as 'key src'".to_owned();
            let message = "missing fetch method".to_owned();
            line.report(rule_codes::BAD_EXPRESSION, word.span, message, help);
            return None;
        }
        let expression = line.expression()?;
        let taken = before.len() - line.rest.len();
        let words = before.iter().take(taken);
        let text: Vec<String> = words.map(|word| word.text().into_owned()).collect();
        Some(Self {
            expression,
            text: text.join(" "),
        })
    }

    /// The key of a limit that names none.
    pub(super) fn default(line: &mut Line<'_, '_, '_>, text: &str) -> Option<Self> {
        let word = Word {
            bytes: text.as_bytes().into(),
            span: line.name,
        };
        let words = std::slice::from_ref(&word);
        let (expression, _) = expression::parse_words(&word, words, line.scope)?;
        Some(Self {
            expression,
            text: text.to_owned(),
        })
    }

    /// Whether keys are addresses, as bytes.
    pub(super) fn is_address(&self) -> bool {
        matches!(self.expression.gives(), Type::Addr | Type::Ipv4)
    }

    /// Shows the stream's key to `take`.
    pub(super) fn with<R>(&self, cx: &Context<'_>, take: impl Fn(&[u8]) -> R) -> R {
        let mut taken = None;
        let mut room = ROOM;
        let by_address = self.is_address();
        self.expression.one(cx, &mut |sample| {
            taken = Some(match sample {
                Sample::Addr(addr) if by_address => match addr.to_canonical() {
                    IpAddr::V4(v4) => take(&v4.octets()),
                    IpAddr::V6(v6) => take(&v6.octets()),
                },
                sample => take(sample.text(&mut room)),
            });
        });
        taken.unwrap_or_else(|| take(b""))
    }
}

/// A number after `word`, at least 1.
pub(super) fn positive(line: &mut Line<'_, '_, '_>, word: &Word) -> Option<u32> {
    let value = line.next();
    let text = value.map(|value| value.text()).unwrap_or_default();
    let number = text.parse().ok().filter(|number| *number > 0);
    if number.is_none() {
        let name = word.text();
        let message = format!("'{name}' expects an integer greater than 0 but got '{text}'");
        line.error(value.unwrap_or(word).span, message);
    }
    number
}

/// A number of keys after `word`, as stick tables take it: `64k`.
pub(super) fn size(line: &mut Line<'_, '_, '_>, word: &Word) -> Option<u32> {
    let value = line.next();
    let text = value.map(|value| value.text()).unwrap_or_default();
    let size = args::size(&text)
        .ok()
        .and_then(|size| u32::try_from(size).ok());
    let size = size.filter(|size| *size > 0);
    if size.is_none() {
        let message = format!("'size' expects a size greater than 0 but got '{text}'");
        line.error(value.unwrap_or(word).span, message);
    }
    size
}

/// A time after `word`, in milliseconds.
pub(super) fn time(line: &mut Line<'_, '_, '_>, word: &Word) -> Option<u64> {
    let value = line.next();
    let text = value.map(|value| value.text()).unwrap_or_default();
    let name = word.text();
    let message = match args::duration(&text, TimeUnit::Millis) {
        Ok(time) => return Some(time),
        Err(TimeError::Unexpected(Some(c)) | TimeError::After(c, _)) => {
            format!("unexpected character '{c}' in '{name}'")
        }
        Err(TimeError::Unexpected(None)) => format!("'{name}' expects <time>"),
        Err(TimeError::Overflow) => format!("timer overflow in argument '{text}' to '{name}'"),
    };
    line.error(value.unwrap_or(word).span, message);
    None
}

/// A time after `word` that is not 0; `owner` comes before the message.
pub(super) fn positive_time(line: &mut Line<'_, '_, '_>, word: &Word, owner: &str) -> Option<u64> {
    let value = line.rest.first();
    let time = time(line, word)?;
    if time == 0 {
        let (name, text) = (word.text(), value.map(Word::text).unwrap_or_default());
        let message = format!("{owner}'{name}' expects a positive time but got '{text}'");
        line.error(value.unwrap_or(word).span, message);
        return None;
    }
    Some(time)
}

/// Keeps what a word says; reports a word that comes twice.
pub(super) fn once<T>(
    line: &mut Line<'_, '_, '_>,
    word: &Word,
    slot: &mut Option<T>,
    value: T,
) -> Option<()> {
    if slot.is_some() {
        line.error(word.span, format!("'{}' already set", word.text()));
        return None;
    }
    *slot = Some(value);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocab::condition::AclSet;
    use crate::vocab::scope::Phase;
    use crate::vocab::stage::{Stage, scoped, words};

    /// The key of a request that carries these header lines.
    #[track_caller]
    fn check(expression: &str, headers: &str, expected: &str) {
        let (read, messages) = scoped(&AclSet::default(), Phase::Request, |scope| {
            let words = words(expression);
            expression::parse_words(&words[0], &words, scope).map(|(expression, _)| expression)
        });
        let key = LimitKey {
            expression: read.unwrap_or_else(|| panic!("{expression}: {messages:?}")),
            text: expression.to_owned(),
        };
        let stage = Stage::new(format!("GET / HTTP/1.1\n{headers}").trim_end());
        let shown = key.with(&stage.context(), |bytes| {
            let v4 = <[u8; 4]>::try_from(bytes).map(|octets| IpAddr::from(octets).to_string());
            let v6 = <[u8; 16]>::try_from(bytes).map(|octets| IpAddr::from(octets).to_string());
            let text = String::from_utf8_lossy(bytes).into_owned();
            match key.is_address() {
                true => v4.or(v6).unwrap_or(text),
                false => text,
            }
        });
        assert_eq!(shown, expected, "{expression} of {headers}");
    }

    #[test]
    fn items_24_to_29_depth() {
        const CHAIN: &str = "X-Forwarded-For: 10.0.0.1,11.0.0.1,12.0.0.1,13.0.0.1";
        let depth = |depth, expected| {
            check(
                &format!("req.hdr_ip(x-forwarded-for,-{depth})"),
                CHAIN,
                expected,
            );
        };
        depth(1, "13.0.0.1");
        depth(2, "12.0.0.1");
        // Item 29: excluded addresses cannot be combined with a depth.
        depth(3, "11.0.0.1");
        depth(4, "10.0.0.1");
        depth(5, "");
    }

    #[test]
    fn items_30_to_35_42_and_47_excluded_addresses() {
        const CHAIN: &str = "10.0.0.1,11.0.0.1,12.0.0.1,13.0.0.1";
        let excluding = |nets: &str, chain: &str, expected| {
            let expression = format!("req.hdr_ip_excl(x-forwarded-for,{nets})");
            check(&expression, &format!("X-Forwarded-For: {chain}"), expected);
        };
        excluding("12.0.0.1,13.0.0.1", CHAIN, "11.0.0.1");
        excluding("15.0.0.1,13.0.0.1", CHAIN, "12.0.0.1");
        excluding("10.0.0.1,13.0.0.1", CHAIN, "12.0.0.1");
        excluding("15.0.0.1,16.0.0.1", CHAIN, "13.0.0.1");
        excluding("10.0.0.1,11.0.0.1", "10.0.0.1,11.0.0.1", "");
        excluding(
            "127.0.0.1/32,192.168.1.7",
            "9.9.9.9,192.168.1.7,127.0.0.1",
            "9.9.9.9",
        );
        // Item 42: not masked. Item 47: lines, blanks and empty items.
        excluding(
            "192.0.2.0/24",
            "abcd::1111:2222:3333",
            "abcd::1111:2222:3333",
        );
        excluding(
            "12.0.0.1,13.0.0.1",
            "10.0.0.1 , 11.0.0.1\nX-Forwarded-For: ,12.0.0.1, ,13.0.0.1,",
            "11.0.0.1",
        );
    }

    #[test]
    fn items_36_to_41_and_46_masks_and_defaults() {
        let masked = |prefix, expected| {
            let expression = format!("req.hdr_ip(x-forwarded-for,-1),ipmask(32,{prefix})");
            check(
                &expression,
                "X-Forwarded-For: ::abcd:1111:2222:3333",
                expected,
            );
        };
        masked(64, "::");
        masked(80, "::abcd:0:0:0");
        masked(96, "::abcd:1111:0:0");
        // Item 40.
        check(
            "req.hdr_ip(x-forwarded-for,-1),ipmask(32,64)",
            "X-Forwarded-For: 192.0.2.7",
            "192.0.2.7",
        );
        // Items 36 and 46.
        check("src", "X-Forwarded-For: 10.0.0.1", "192.0.2.1");
        check(
            "req.hdr(host),lower",
            "Host: Shop.Example:80",
            "shop.example:80",
        );
        check("req.hdr(x-user)", "", "");
    }
}
