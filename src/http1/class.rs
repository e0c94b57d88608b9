//! Byte classes and small grammars of RFC 9110 §5.6 and RFC 3986 §3.2.

use std::num::NonZeroU16;

/// `tchar` (RFC 9110 §5.6.2).
pub(crate) const fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        )
}

/// What a field value may hold: VCHAR, obs-text, SP and HTAB (RFC 9110 §5.5).
const fn is_value_byte(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'~' | 0x80..)
}

/// What a `reg-name` may hold, less the comma: in a Host it is a list's separator, not a name.
const fn is_reg_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'.'
                | b'_'
                | b'~'
                | b'!'
                | b'$'
                | b'&'
                | b'\''
                | b'('
                | b')'
                | b'*'
                | b'+'
                | b';'
                | b'='
        )
}

/// Whether `text` is a token: a method or a field name.
pub(super) fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().copied().all(is_tchar)
}

/// Whether `text` may stand as a field value or a reason phrase.
pub(super) fn is_value(text: &[u8]) -> bool {
    text.iter().copied().all(is_value_byte)
}

/// Whether `text` has only bytes a request target may have: visible ASCII without `#`.
pub(super) fn is_target(text: &[u8]) -> bool {
    !text.is_empty()
        && text.iter().fold(true, |good, b| {
            good & (matches!(b, b'!'..=b'~') & (*b != b'#'))
        })
}

/// The same with `#` and bytes beyond ASCII, which some clients send as they are.
pub(super) fn is_relaxed_target(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|b| matches!(b, b'!'..=b'~' | 0x80..))
}

/// `text` without blanks around it.
pub(super) fn trim(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = text {
        text = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

/// The elements of a comma-separated list, without blanks; empty ones included.
pub(super) fn elements(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(value);
    std::iter::from_fn(move || {
        let list = rest?;
        let (first, others) = match memchr::memchr(b',', list) {
            Some(comma) => (list.get(..comma)?, list.get(comma + 1..)),
            None => (list, None),
        };
        rest = others;
        Some(trim(first))
    })
}

/// A host and its port, as in a Host header or a target's authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Authority<'a> {
    pub(super) host: &'a [u8],
    pub(super) port: Option<NonZeroU16>,
}

impl<'a> Authority<'a> {
    /// Reads `uri-host [ ":" port ]` (RFC 9110 §7.2). Userinfo is not part of it; an empty port
    /// says as much as none (RFC 3986 §3.2.3).
    pub(super) fn parse(text: &'a [u8]) -> Option<Self> {
        let (host, rest) = if text.first() == Some(&b'[') {
            let (host, rest) = text.split_at_checked(memchr::memchr(b']', text)? + 1)?;
            (is_ip_literal(host).then_some(host)?, rest)
        } else {
            let end = memchr::memchr(b':', text).unwrap_or(text.len());
            let (host, rest) = text.split_at_checked(end)?;
            (is_reg_name(host).then_some(host)?, rest)
        };
        let port = match rest.split_first() {
            None | Some((b':', [])) => None,
            Some((b':', digits)) => Some(parse_port(digits)?),
            Some(_) => return None,
        };
        Some(Self { host, port })
    }

    /// Whether both name the same host and port, one without a port having `default`.
    pub(super) fn agrees(self, other: Self, default: Option<NonZeroU16>) -> bool {
        self.host.eq_ignore_ascii_case(other.host)
            && self.port.or(default) == other.port.or(default)
    }
}

fn is_reg_name(host: &[u8]) -> bool {
    host.iter().copied().all(is_reg_name_byte) && !host.is_empty() || is_escaped_name(host)
}

/// A `reg-name` with percent-encoded octets: rare enough to be checked only when plain fails.
fn is_escaped_name(host: &[u8]) -> bool {
    let mut parts = host.split(|b| *b == b'%');
    let plain = |part: &[u8]| part.iter().copied().all(is_reg_name_byte);
    let head = parts.next().unwrap_or(&[]);
    !host.is_empty()
        && plain(head)
        && parts.all(|part| {
            part.split_at_checked(2)
                .is_some_and(|(hex, rest)| hex.iter().all(u8::is_ascii_hexdigit) && plain(rest))
        })
}

fn is_ip_literal(host: &[u8]) -> bool {
    host.get(1..host.len().saturating_sub(1))
        .and_then(|inner| std::str::from_utf8(inner).ok())
        .is_some_and(|inner| inner.parse::<std::net::Ipv6Addr>().is_ok())
}

fn parse_port(digits: &[u8]) -> Option<NonZeroU16> {
    let number = parse_decimal(digits)?;
    (digits.len() <= 5)
        .then(|| u16::try_from(number).ok())
        .flatten()
        .and_then(NonZeroU16::new)
}

/// `1*DIGIT`, nothing else; `None` when it does not fit.
pub(super) fn parse_decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |sum, byte| {
        let digit = byte.is_ascii_digit().then(|| byte - b'0')?;
        sum.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(&str, u16)>) {
        let found = Authority::parse(text.as_bytes()).map(|a| {
            (
                std::str::from_utf8(a.host).unwrap(),
                a.port.map_or(0, u16::from),
            )
        });
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn authorities() {
        check("a.b", Some(("a.b", 0)));
        check("a.b:80", Some(("a.b", 80)));
        check("[::1]:8080", Some(("[::1]", 8080)));
        check("[::1]", Some(("[::1]", 0)));
        check("a%20b", Some(("a%20b", 0)));
        check("a%2", None);
        check("a%zz", None);
        check("", None);
        check(":80", None);
        check("a:", Some(("a", 0)));
        check("a:0", None);
        check("a:65535", Some(("a", 65535)));
        check("a:65536", None);
        check("a:000080", None);
        check("a:+80", None);
        check("a:80:80", None);
        check("u@a", None);
        check("a,b", None);
        check("a b", None);
        check("a/b", None);
        check("[::1", None);
        check("[::1]x", None);
        check("[zz]", None);
        check("::1", None);
        check("caf\u{e9}", None);
    }

    #[test]
    fn decimals() {
        assert_eq!(parse_decimal(b"0"), Some(0));
        assert_eq!(parse_decimal(b"18446744073709551615"), Some(u64::MAX));
        for bad in ["", "+1", "-1", "18446744073709551616", "1 2", "0x1", "1."] {
            assert_eq!(parse_decimal(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn trimming() {
        assert_eq!(trim(b" \ta b\t "), b"a b");
        assert_eq!(trim(b" \t "), b"");
        assert_eq!(trim(b""), b"");
    }
}
