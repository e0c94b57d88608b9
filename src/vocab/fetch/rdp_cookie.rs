//! `req.rdp_cookie` and `req.rdp_cookie_cnt`: the cookie of a Remote Desktop connection request.
//!
//! It stands after 11 bytes of framing, as `Cookie: <name>=<value>` up to a line end.

use super::{Build, Fetching, Keyword, Needs, example, nothing};
use crate::vocab::arguments::{Args, Kind, optional};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};

pub(super) const RDP_COOKIE: Keyword = Keyword {
    names: &["req.rdp_cookie", "rdp_cookie"],
    acl_stems: &["req_rdp_cookie"],
    args: &[optional("name", Kind::Str)],
    needs: Needs::RequestBytes,
    doc: "The value of the cookie in a Remote Desktop request, if it has that name.",
    examples: &[
        example(
            "raw:12345678901Cookie: msts=12.3\r\n",
            "req.rdp_cookie",
            "12.3",
        ),
        example(
            "raw:12345678901cookie:MSTS=x\r\n",
            "req.rdp_cookie(msts)",
            "x",
        ),
        nothing("raw:12345678901Cookie: other=x\r\n", "req.rdp_cookie(msts)"),
        nothing("raw:12345678901Cookie: msts=x", "req.rdp_cookie"),
    ],
    build: Build::With(|args| Ok(Box::new(RdpCookie(name(args))))),
    ..Keyword::DEFAULT
};

pub(super) const RDP_COOKIE_CNT: Keyword = Keyword {
    names: &["req.rdp_cookie_cnt", "rdp_cookie_cnt"],
    acl_stems: &["req_rdp_cookie_cnt"],
    args: &[optional("name", Kind::Str)],
    yields: Type::Sint,
    needs: Needs::RequestBytes,
    doc: "1 if there is such a cookie in a Remote Desktop request, else 0.",
    examples: &[
        example(
            "raw:12345678901Cookie: msts=x\r\n",
            "req.rdp_cookie_cnt",
            "1",
        ),
        example("raw:12345678901no cookie", "req.rdp_cookie_cnt", "0"),
        nothing("raw:short", "req.rdp_cookie_cnt"),
    ],
    build: Build::With(|args| Ok(Box::new(Count(name(args))))),
    ..Keyword::DEFAULT
};

fn name(args: &Args) -> Box<[u8]> {
    args.text(0).unwrap_or_default().into()
}

#[derive(Debug)]
struct RdpCookie(Box<[u8]>);

#[derive(Debug)]
struct Count(Box<[u8]>);

impl Fetching for RdpCookie {
    fn one<'s>(&'s self, cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        let content = cx.content?;
        match find(content.bytes()?, &self.0) {
            Found::Value(value) => Some(Sample::Str(value)),
            Found::Nothing => None,
            Found::TooShort => content.wait(),
        }
    }
}

impl Fetching for Count {
    fn one<'s>(&'s self, cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        // In HTTP mode there is none.
        let Some(content) = cx.content else {
            return Some(Sample::Sint(0));
        };
        match content.bytes().map(|bytes| find(bytes, &self.0)) {
            Some(Found::Value(_)) => Some(Sample::Sint(1)),
            Some(Found::Nothing) | None => Some(Sample::Sint(0)),
            Some(Found::TooShort) => content.wait(),
        }
    }
}

enum Found<'a> {
    Value(&'a [u8]),
    Nothing,
    /// More bytes are needed to tell.
    TooShort,
}

const FRAMING: usize = 11;
const FIELD: &[u8] = b"Cookie:";

/// The value of the cookie `name`, or of any if that is empty.
fn find<'a>(bytes: &'a [u8], name: &[u8]) -> Found<'a> {
    let Some((field, rest)) = bytes
        .get(FRAMING..)
        .filter(|rest| rest.len() > FIELD.len())
        .and_then(|rest| rest.split_at_checked(FIELD.len()))
    else {
        return Found::TooShort;
    };
    if !field.eq_ignore_ascii_case(FIELD) {
        return Found::Nothing;
    }
    let blanks = rest.iter().take_while(|&&byte| byte == b' ').count();
    let rest = rest.get(blanks..).unwrap_or_default();
    let Some(equals) = rest.iter().position(|byte| b"=\r\n".contains(byte)) else {
        return Found::TooShort;
    };
    let Some((found, [b'=', value @ ..])) = rest.split_at_checked(equals) else {
        return Found::Nothing;
    };
    if !name.is_empty() && !found.eq_ignore_ascii_case(name) {
        return Found::Nothing;
    }
    let Some(end) = value.iter().position(|&byte| byte == b'\r') else {
        return Found::TooShort;
    };
    match value.split_at_checked(end) {
        Some((value, [_, b'\n', ..])) => Found::Value(value),
        Some((_, [_, _, ..])) | None => Found::Nothing,
        Some(_) => Found::TooShort,
    }
}
