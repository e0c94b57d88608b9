//! `fc_rcvd_proxy`, `fc_pp_tlv`…: what came in the PROXY header besides addresses.

use super::{Build, Fetching, Keyword, Needs, example, nothing};
use crate::net::proxy_protocol::tlvs;
use crate::vocab::arguments::{Args, BadArg, Kind, required};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};

pub(super) const RCVD_PROXY: Keyword = Keyword {
    names: &["fc_rcvd_proxy"],
    yields: Type::Bool,
    needs: Needs::Connection,
    doc: "Whether the client connection began with a PROXY header.",
    examples: &[example("", "fc_rcvd_proxy", "0")],
    build: Build::Plain(|cx, _| Some(Sample::Bool(cx.conn.proxy_tlvs.is_some()))),
    ..Keyword::DEFAULT
};

pub(super) const AUTHORITY: Keyword = Keyword {
    names: &["fc_pp_authority"],
    needs: Needs::Connection,
    doc: "The host name in the PROXY header.",
    examples: &[nothing("", "fc_pp_authority")],
    build: Build::Plain(|cx, _| all(cx, PP2_AUTHORITY).next().map(Sample::Str)),
    ..Keyword::DEFAULT
};

pub(super) const UNIQUE_ID: Keyword = Keyword {
    names: &["fc_pp_unique_id"],
    needs: Needs::Connection,
    doc: "The unique id in the PROXY header.",
    examples: &[nothing("", "fc_pp_unique_id")],
    build: Build::Plain(|cx, _| all(cx, PP2_UNIQUE_ID).next().map(Sample::Str)),
    ..Keyword::DEFAULT
};

pub(super) const TLV: Keyword = Keyword {
    names: &["fc_pp_tlv"],
    args: &[required("id", Kind::Str)],
    needs: Needs::Session,
    doc: "The values of that type in the PROXY header: a number, or ALPN, AUTHORITY, CRC32C, NETNS, \
          NOOP, SSL, SSL_CIPHER, SSL_CN, SSL_KEY_ALG, SSL_SIG_ALG, SSL_VERSION or UNIQUE_ID. In an \
          expression, the first one.",
    examples: &[nothing("", "fc_pp_tlv(0xE1)")],
    build: Build::With(build),
    ..Keyword::DEFAULT
};

const PP2_AUTHORITY: u8 = 0x02;
const PP2_UNIQUE_ID: u8 = 0x05;

/// The types that have names (PROXY protocol specification, section 2.2).
const TYPES: &[(&str, u8)] = &[
    ("ALPN", 0x01),
    ("AUTHORITY", PP2_AUTHORITY),
    ("CRC32C", 0x03),
    ("NOOP", 0x04),
    ("UNIQUE_ID", PP2_UNIQUE_ID),
    ("SSL", 0x20),
    ("SSL_VERSION", 0x21),
    ("SSL_CN", 0x22),
    ("SSL_CIPHER", 0x23),
    ("SSL_SIG_ALG", 0x24),
    ("SSL_KEY_ALG", 0x25),
    ("NETNS", 0x30),
];

#[derive(Debug)]
struct Tlv(u8);

fn build(args: &Args) -> Result<Box<dyn Fetching>, BadArg> {
    let text = String::from_utf8_lossy(args.text(0).unwrap_or_default());
    let named = TYPES
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(&text));
    let kind = match named {
        Some((_, kind)) => i64::from(*kind),
        None => number(&text)
            .ok_or_else(|| BadArg::new(0, format!("Could not convert type '{text}'")))?,
    };
    match u8::try_from(kind) {
        Ok(kind) => Ok(Box::new(Tlv(kind))),
        Err(_) => Err(BadArg::new(0, format!("Invalid TLV Type '{text}'"))),
    }
}

/// A number as C reads it: decimal, `0x` hexadecimal, or octal after a zero.
fn number(text: &str) -> Option<i64> {
    let lower = text.to_ascii_lowercase();
    match (lower.strip_prefix("0x"), lower.strip_prefix('0')) {
        (Some(digits), _) => i64::from_str_radix(digits, 16).ok(),
        (None, Some(digits)) if !digits.is_empty() => i64::from_str_radix(digits, 8).ok(),
        _ => lower.parse().ok(),
    }
}

impl Fetching for Tlv {
    fn one<'s>(&'s self, cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        all(cx, self.0).next().map(Sample::Str)
    }

    fn any(
        &self,
        cx: &Context<'_>,
        _: &mut Vec<u8>,
        visit: &mut dyn FnMut(Sample<'_>) -> bool,
    ) -> bool {
        all(cx, self.0).any(|value| visit(Sample::Str(value)))
    }
}

fn all<'s>(cx: &Context<'s>, kind: u8) -> impl Iterator<Item = &'s [u8]> + use<'s> {
    tlvs(cx.conn.proxy_tlvs.as_deref().unwrap_or_default())
        .filter(move |(found, _)| *found == kind)
        .map(|(_, value)| value)
}
