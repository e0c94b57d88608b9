//! Whole heads: `req.hdrs`, `req.hdrs_bin`, `req.hdr_names` and the same of `res`.

use super::{Build, Fetching, Keyword, Needs, example};
use crate::http1::Headers;
use crate::vocab::arguments::{Arg, Args, BadArg, Kind, optional};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};

const DELIMITER: &[Arg] = &[optional("delim", Kind::Str)];
const GET: &str = "GET / HTTP/1.1\nHost: h\nX: 1\nx: 2";
const OK: &str = "HTTP/1.1 200 OK\nX: 1";

pub(super) const REQ_HDRS: Keyword = Keyword {
    names: &["req.hdrs"],
    yields: Type::Bin,
    needs: Needs::RequestHead,
    writes: true,
    doc: "All headers of the request as they would be sent, and the empty line after them.",
    examples: &[example(GET, "req.hdrs", "host: h\r\nx: 1\r\nx: 2\r\n\r\n")],
    build: Build::Plain(|cx, out| Some(lines(cx.request?, out))),
    ..Keyword::DEFAULT
};

pub(super) const RES_HDRS: Keyword = Keyword {
    names: &["res.hdrs"],
    yields: Type::Bin,
    needs: Needs::ResponseHead,
    writes: true,
    doc: "All headers of the response as they would be sent, and the empty line after them.",
    examples: &[example(OK, "res.hdrs", "x: 1\r\n\r\n")],
    build: Build::Plain(|cx, out| Some(lines(cx.response?, out))),
    ..Keyword::DEFAULT
};

pub(super) const REQ_HDRS_BIN: Keyword = Keyword {
    names: &["req.hdrs_bin"],
    yields: Type::Bin,
    needs: Needs::RequestHead,
    writes: true,
    doc: "All headers of the request as names and values, each after its length as a variable \
          integer; two zero lengths end the list.",
    examples: &[example(
        GET,
        "req.hdrs_bin,hex",
        "04686F737401680178013101780132\
                     0000",
    )],
    build: Build::Plain(|cx, out| Some(packed(cx.request?, out))),
    ..Keyword::DEFAULT
};

pub(super) const RES_HDRS_BIN: Keyword = Keyword {
    names: &["res.hdrs_bin"],
    yields: Type::Bin,
    needs: Needs::ResponseHead,
    writes: true,
    doc: "As \"req.hdrs_bin\", of the response.",
    examples: &[example(OK, "res.hdrs_bin,hex", "017801310000")],
    build: Build::Plain(|cx, out| Some(packed(cx.response?, out))),
    ..Keyword::DEFAULT
};

pub(super) const REQ_HDR_NAMES: Keyword = Keyword {
    names: &["req.hdr_names"],
    args: DELIMITER,
    needs: Needs::RequestHead,
    writes: true,
    doc: "The names of all headers of the request, with <delim> or a comma between them.",
    examples: &[
        example(GET, "req.hdr_names", "host,x,x"),
        example(GET, "req.hdr_names(;)", "host;x;x"),
    ],
    build: Build::With(|args| names(args, |cx| cx.request.map(|head| &**head))),
    ..Keyword::DEFAULT
};

pub(super) const RES_HDR_NAMES: Keyword = Keyword {
    names: &["res.hdr_names"],
    args: DELIMITER,
    needs: Needs::ResponseHead,
    writes: true,
    doc: "The names of all headers of the response, with <delim> or a comma between them.",
    examples: &[example(OK, "res.hdr_names", "x")],
    build: Build::With(|args| names(args, |cx| cx.response.map(|head| &**head))),
    ..Keyword::DEFAULT
};

fn lines<'s>(headers: &Headers, out: &'s mut Vec<u8>) -> Sample<'s> {
    for header in headers.headers() {
        for part in [header.name, b": ", header.value, b"\r\n"] {
            out.extend_from_slice(part);
        }
    }
    out.extend_from_slice(b"\r\n");
    Sample::Bin(out)
}

fn packed<'s>(headers: &Headers, out: &'s mut Vec<u8>) -> Sample<'s> {
    for header in headers.headers() {
        for part in [header.name, header.value] {
            push_varint(out, part.len() as u64);
            out.extend_from_slice(part);
        }
    }
    out.extend_from_slice(&[0, 0]);
    Sample::Bin(out)
}

/// The variable integer of HAProxy's peers and SPOE protocols: below 240 one byte; above, the
/// first byte keeps four bits and seven follow in each other.
pub(in crate::vocab) fn push_varint(out: &mut Vec<u8>, value: u64) {
    if value < 240 {
        out.push(value as u8);
        return;
    }
    out.push(value as u8 | 240);
    let mut rest = (value - 240) >> 4;
    while rest >= 128 {
        out.push(rest as u8 | 128);
        rest = (rest - 128) >> 7;
    }
    out.push(rest as u8);
}

/// Picks a head.
type Head = for<'s> fn(&Context<'s>) -> Option<&'s Headers>;

#[derive(Debug)]
struct Names {
    head: Head,
    delimiter: u8,
}

fn names(args: &Args, head: Head) -> Result<Box<dyn Fetching>, BadArg> {
    let delimiter = args.text(0).and_then(|text| text.first().copied());
    Ok(Box::new(Names {
        head,
        delimiter: delimiter.unwrap_or(b','),
    }))
}

impl Fetching for Names {
    fn one<'s>(&'s self, cx: &Context<'s>, out: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        for header in (self.head)(cx)?.headers() {
            if !out.is_empty() {
                out.push(self.delimiter);
            }
            out.extend_from_slice(header.name);
        }
        Some(Sample::Str(out))
    }
}
