//! `base`, `baseq`, and the hashes of host and path: `base32`, `url32`, `base32+src`, `url32+src`.

use super::{Build, Keyword, Needs, example, uri};
use crate::backend::hash::full_avalanche;
use crate::http1::RequestHead;
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};
use std::net::IpAddr;

pub(super) const BASE: Keyword = Keyword {
    names: &["base"],
    acl_stems: &["base"],
    needs: Needs::RequestHead,
    writes: true,
    doc: "The first Host value followed by the path, without the query; the path alone if there \
          is no Host.",
    examples: &[
        example("GET /a?b HTTP/1.1\nHost: h:80", "base", "h:80/a"),
        example("GET http://h/a?b HTTP/1.1\nHost: h", "base", "h/a"),
        example("OPTIONS * HTTP/1.1\nHost: h", "base", "h"),
    ],
    build: Build::Plain(|cx, out| joined(cx.request?, uri::path, out)),
    ..Keyword::DEFAULT
};

pub(super) const BASEQ: Keyword = Keyword {
    names: &["baseq"],
    needs: Needs::RequestHead,
    writes: true,
    doc: "As \"base\", with the query.",
    examples: &[
        example("GET /a?b HTTP/1.1\nHost: h:80", "baseq", "h:80/a?b"),
        example("OPTIONS * HTTP/1.1\nHost: h", "baseq", "h"),
    ],
    build: Build::Plain(|cx, out| joined(cx.request?, uri::path_and_query, out)),
    ..Keyword::DEFAULT
};

pub(super) const BASE32: Keyword = Keyword {
    names: &["base32"],
    yields: Type::Sint,
    needs: Needs::RequestHead,
    doc: "A 32-bit hash of what \"base\" gives.",
    examples: &[example(
        "GET /a?b HTTP/1.1\nHost: h",
        "base32",
        "4103165788",
    )],
    build: Build::Plain(|cx, _| Some(Sample::Sint(hash(cx.request?, uri::path).into()))),
    ..Keyword::DEFAULT
};

pub(super) const URL32: Keyword = Keyword {
    names: &["url32"],
    yields: Type::Sint,
    needs: Needs::RequestHead,
    doc: "A 32-bit hash of the Host and of path and query.",
    examples: &[example("GET /a?b HTTP/1.1\nHost: h", "url32", "1969143322")],
    build: Build::Plain(|cx, _| Some(Sample::Sint(hash(cx.request?, uri::path_and_query).into()))),
    ..Keyword::DEFAULT
};

pub(super) const BASE32_SRC: Keyword = Keyword {
    names: &["base32+src"],
    yields: Type::Bin,
    needs: Needs::RequestHead,
    writes: true,
    doc: "The four bytes of \"base32\" followed by the client's address: 8 or 20 bytes.",
    examples: &[example(
        "GET /a?b HTTP/1.1\nHost: h",
        "base32+src,hex",
        "F491575CC0000201",
    )],
    build: Build::Plain(|cx, out| with_source(cx, uri::path, out)),
    ..Keyword::DEFAULT
};

pub(super) const URL32_SRC: Keyword = Keyword {
    names: &["url32+src"],
    yields: Type::Bin,
    needs: Needs::RequestHead,
    writes: true,
    doc: "The four bytes of \"url32\" followed by the client's address: 8 or 20 bytes.",
    examples: &[example(
        "GET /a?b HTTP/1.1\nHost: h",
        "url32+src,hex",
        "755EBE1AC0000201",
    )],
    build: Build::Plain(|cx, out| with_source(cx, uri::path_and_query, out)),
    ..Keyword::DEFAULT
};

/// Picks a part of a request target.
type Part = fn(&[u8]) -> Option<&[u8]>;

fn joined<'s>(head: &'s RequestHead, part: Part, out: &'s mut Vec<u8>) -> Option<Sample<'s>> {
    let path = part(head.target());
    let Some(host) = head.header(b"host").filter(|host| !host.is_empty()) else {
        return path.map(Sample::Str);
    };
    out.extend_from_slice(host);
    out.extend_from_slice(path.unwrap_or_default());
    Some(Sample::Str(out))
}

/// HAProxy adds bytes as signed characters.
fn hash(head: &RequestHead, part: Part) -> u32 {
    let host = head.header(b"host").unwrap_or_default();
    let path = part(head.target()).unwrap_or_default();
    let sum = host.iter().chain(path).fold(0_u32, |sum, &byte| {
        sum.wrapping_mul(65_599)
            .wrapping_add_signed(i32::from(byte.cast_signed()))
    });
    full_avalanche(sum)
}

fn with_source<'s>(cx: &Context<'s>, part: Part, out: &'s mut Vec<u8>) -> Option<Sample<'s>> {
    let source = cx.conn.src.ip()?;
    out.extend_from_slice(&hash(cx.request?, part).to_be_bytes());
    match source {
        IpAddr::V4(addr) => out.extend_from_slice(&addr.octets()),
        IpAddr::V6(addr) => out.extend_from_slice(&addr.octets()),
    }
    Some(Sample::Bin(out))
}
