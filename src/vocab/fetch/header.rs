//! What the header fetches share: which message, which values, which occurrence.

use super::Fetching;
use crate::http1::Headers;
use crate::vocab::arguments::{Args, BadArg};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, leading_int};
use memchr::memchr2;
use std::net::{IpAddr, Ipv6Addr, SocketAddrV4};

/// Which message is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Request,
    Response,
    /// The one that rules work on.
    Either,
}

impl Side {
    fn headers<'s>(self, cx: &Context<'s>) -> Option<&'s Headers> {
        match (self, cx.response) {
            (Self::Response, response) | (Self::Either, response @ Some(_)) => {
                response.map(|head| &**head)
            }
            (Self::Request | Self::Either, _) => cx.request.map(|head| &**head),
        }
    }
}

/// What is made of each value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum As {
    /// The text between commas.
    Value,
    /// The whole header, commas and all.
    Full,
    /// Its leading integer.
    Int,
    /// Its address.
    Addr,
}

/// `hdr(name[,occ])` and its relatives.
#[derive(Debug)]
struct Values {
    side: Side,
    kind: As,
    /// Empty means every header.
    name: Box<[u8]>,
    /// Counted from 1, or from the end if negative; 0 = not given.
    occurrence: i64,
}

pub(super) fn values(args: &Args, side: Side, kind: As) -> Result<Box<dyn Fetching>, BadArg> {
    let occurrence = args.int(1).unwrap_or(0);
    if occurrence < -10 {
        return Err(BadArg::new(1, "the occurrence must not be below -10"));
    }
    Ok(Box::new(Values {
        side,
        kind,
        name: args.text(0).unwrap_or_default().into(),
        occurrence,
    }))
}

/// `hdr_cnt(name)` and its relatives.
#[derive(Debug)]
struct Count {
    side: Side,
    kind: As,
    name: Box<[u8]>,
}

pub(super) fn count(args: &Args, side: Side, kind: As) -> Result<Box<dyn Fetching>, BadArg> {
    Ok(Box::new(Count {
        side,
        kind,
        name: args.text(0).unwrap_or_default().into(),
    }))
}

/// Shows the texts of all headers of that name to `visit`, until it answers true.
fn each<'s>(
    cx: &Context<'s>,
    side: Side,
    kind: As,
    name: &[u8],
    visit: &mut dyn FnMut(&'s [u8]) -> bool,
) -> bool {
    let Some(headers) = side.headers(cx) else {
        return false;
    };
    let mut value = |value: &'s [u8]| match kind {
        As::Full => visit(value.trim_ascii()),
        As::Value | As::Int | As::Addr => comma_separated(value).any(&mut *visit),
    };
    match name {
        b"" => headers.headers().any(|header| value(header.value)),
        _ => headers.header_values(name).any(value),
    }
}

/// The values of a list header: split at commas outside quoted strings, without blanks around.
pub(crate) fn comma_separated(mut rest: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut done = false;
    std::iter::from_fn(move || {
        if done {
            return None;
        }
        let end = value_end(rest);
        let value = rest.get(..end).unwrap_or_default();
        match rest.get(end + 1..) {
            Some(after) => rest = after,
            None => done = true,
        }
        Some(value.trim_ascii())
    })
}

fn value_end(text: &[u8]) -> usize {
    match memchr2(b',', b'"', text) {
        None => text.len(),
        Some(comma) if text.get(comma) == Some(&b',') => comma,
        Some(_) => value_end_with_quotes(text),
    }
}

fn value_end_with_quotes(text: &[u8]) -> usize {
    let mut quoted = false;
    let mut escaped = false;
    text.iter()
        .position(|&byte| {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                b',' => return !quoted,
                _ => {}
            }
            false
        })
        .unwrap_or(text.len())
}

impl Values {
    fn convert<'s>(&self, text: &'s [u8]) -> Option<Sample<'s>> {
        match self.kind {
            As::Value | As::Full => Some(Sample::Str(text)),
            As::Int => Some(Sample::Sint(leading_int(text))),
            As::Addr => address(text).map(Sample::Addr),
        }
    }

    /// The text of the wanted occurrence; of several, the last one.
    fn wanted<'s>(&self, cx: &Context<'s>) -> Option<&'s [u8]> {
        if self.occurrence > 0 {
            let mut left = self.occurrence;
            let mut found = None;
            each(cx, self.side, self.kind, &self.name, &mut |text| {
                left -= 1;
                found = (left == 0).then_some(text);
                left == 0
            });
            return found;
        }
        // The last ten values in a ring: -1 is the newest.
        let back = usize::try_from(self.occurrence.min(-1).unsigned_abs()).unwrap_or(1);
        let mut ring: [&[u8]; 10] = [b""; 10];
        let mut seen = 0_usize;
        each(cx, self.side, self.kind, &self.name, &mut |text| {
            if let Some(slot) = ring.get_mut(seen % 10) {
                *slot = text;
            }
            seen += 1;
            false
        });
        let index = seen.checked_sub(back)?;
        ring.get(index % 10).copied()
    }
}

/// An address; an IPv4 one perhaps followed by a port, an IPv6 one perhaps in brackets.
pub(super) fn address(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?;
    if let Ok(addr) = text.parse() {
        return Some(addr);
    }
    if let Some(inner) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
        return Some(inner.parse::<Ipv6Addr>().ok()?.into());
    }
    let addr: SocketAddrV4 = text.parse().ok()?;
    Some((*addr.ip()).into())
}

impl Fetching for Values {
    fn one<'s>(&'s self, cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        self.convert(self.wanted(cx)?)
    }

    fn any(
        &self,
        cx: &Context<'_>,
        out: &mut Vec<u8>,
        visit: &mut dyn FnMut(Sample<'_>) -> bool,
    ) -> bool {
        if self.occurrence != 0 {
            return self.one(cx, out).is_some_and(visit);
        }
        each(cx, self.side, self.kind, &self.name, &mut |text| {
            self.convert(text).is_some_and(&mut *visit)
        })
    }
}

impl Fetching for Count {
    fn one<'s>(&'s self, cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        let mut count = 0;
        each(cx, self.side, self.kind, &self.name, &mut |_| {
            count += 1;
            false
        });
        Some(Sample::Sint(count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let values: Vec<_> = comma_separated(text.as_bytes()).collect();
        let expected: Vec<_> = expected.iter().map(|value| value.as_bytes()).collect();
        assert_eq!(values, expected);
    }

    #[test]
    fn lists() {
        check("a", &["a"]);
        check("a, b ,c", &["a", "b", "c"]);
        check("a,,b", &["a", "", "b"]);
        check(r#""a,b",c"#, &[r#""a,b""#, "c"]);
        check(r#""a\",b",c"#, &[r#""a\",b""#, "c"]);
        check("", &[""]);
    }
}
