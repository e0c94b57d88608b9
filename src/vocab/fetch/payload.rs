//! `req.len`, `req.payload`, `req.payload_lv` and the same of responses: bytes not forwarded yet.
//!
//! In HTTP mode messages have been read when rules run: there are no such bytes, and the length
//! is that of the head.

use super::{Build, Fetching, Keyword, Needs, example, nothing};
use crate::vocab::arguments::{Arg, Args, BadArg, Kind, optional, required};
use crate::vocab::content::Content;
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};

pub(super) const REQ_LEN: Keyword = Keyword {
    names: &["req.len", "req_len"],
    yields: Type::Sint,
    needs: Needs::RequestBytes,
    doc: "How many bytes of the request were received and not forwarded; it may grow.",
    examples: &[example("raw:hello", "req.len", "5")],
    build: Build::Plain(|cx, _| {
        let read = cx.record.bytes_in + cx.request_body.len() as u64;
        length(cx, read)
    }),
    ..Keyword::DEFAULT
};

pub(super) const RES_LEN: Keyword = Keyword {
    names: &["res.len"],
    yields: Type::Sint,
    needs: Needs::ResponseBytes,
    doc: "How many bytes of the response were received and not forwarded; it may grow.",
    examples: &[example("raw:hello", "res.len", "5")],
    build: Build::Plain(|cx, _| {
        let read = cx.record.bytes_out + cx.response_body.len() as u64;
        length(cx, read)
    }),
    ..Keyword::DEFAULT
};

/// The bytes that can be seen, or those of a message already `read`.
fn length<'s>(cx: &Context<'_>, read: u64) -> Option<Sample<'s>> {
    let seen = cx.content.and_then(|content| {
        content.change();
        content.bytes().map(|bytes| bytes.len() as u64)
    });
    i64::try_from(seen.unwrap_or(read)).ok().map(Sample::Sint)
}

const PART: &[Arg] = &[required("offset", Kind::Int), required("length", Kind::Int)];

pub(super) const PAYLOAD: Keyword = Keyword {
    names: &["payload"],
    args: PART,
    yields: Type::Bin,
    needs: Needs::Bytes,
    doc: "Bytes received and not forwarded, of the direction that rules look at: <length> of them \
          from <offset> on. A length of 0 takes all.",
    examples: &[example("raw:hello", "payload(1,3)", "ell")],
    build: Build::With(payload),
    ..Keyword::DEFAULT
};

pub(super) const REQ_PAYLOAD: Keyword = Keyword {
    names: &["req.payload"],
    acl_stems: &["payload"],
    args: PART,
    yields: Type::Bin,
    needs: Needs::RequestBytes,
    doc: "Bytes of the request that were received and not forwarded: <length> of them from \
          <offset> on. A length of 0 takes all.",
    examples: &[
        example("raw:hello", "req.payload(1,3)", "ell"),
        example("raw:hello", "req.payload(2,0)", "llo"),
        nothing("raw:hello", "req.payload(3,3)"),
        nothing("GET / HTTP/1.1", "req.payload(0,1)"),
    ],
    build: Build::With(payload),
    ..Keyword::DEFAULT
};

pub(super) const RES_PAYLOAD: Keyword = Keyword {
    names: &["res.payload"],
    args: PART,
    yields: Type::Bin,
    needs: Needs::ResponseBytes,
    doc: "Bytes of the response that were received and not forwarded: <length> of them from \
          <offset> on. A length of 0 takes all.",
    examples: &[example("raw:hello", "res.payload(0,2)", "he")],
    build: Build::With(payload),
    ..Keyword::DEFAULT
};

#[derive(Debug)]
struct Part {
    /// `None` when no such bytes can exist.
    at: Option<(usize, usize)>,
}

fn payload(args: &Args) -> Result<Box<dyn Fetching>, BadArg> {
    let number = |index| usize::try_from(args.int(index).unwrap_or(0)).ok();
    let at = number(0).zip(number(1));
    Ok(Box::new(Part { at }))
}

impl Fetching for Part {
    fn one<'s>(&'s self, cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        let content = cx.content?;
        let (offset, length) = self.at?;
        part(content, offset, length).map(Sample::Bin)
    }
}

/// `length` bytes from `offset` on, or all of them if it is 0.
fn part<'s>(content: &'s Content<'s>, offset: usize, length: usize) -> Option<&'s [u8]> {
    let bytes = content.bytes()?;
    if offset.saturating_add(length) > content.limit() {
        return None;
    }
    let Some(rest) = bytes.get(offset..) else {
        return content.wait();
    };
    if length == 0 {
        content.change();
        return Some(rest);
    }
    rest.get(..length).or_else(|| content.wait())
}

const LENGTH_VALUE: &[Arg] = &[
    required("offset1", Kind::Int),
    required("length", Kind::Int),
    optional("offset2", Kind::Str),
];

pub(super) const PAYLOAD_LV: Keyword = Keyword {
    names: &["payload_lv"],
    args: LENGTH_VALUE,
    yields: Type::Bin,
    needs: Needs::Bytes,
    doc: "As many bytes as the number of <length> bytes at <offset1> says, right behind it or at \
          <offset2>, which is relative with a sign; of the direction that rules look at.",
    examples: &[example("raw:\x03hello", "payload_lv(0,1)", "hel")],
    build: Build::With(payload_lv),
    ..Keyword::DEFAULT
};

pub(super) const REQ_PAYLOAD_LV: Keyword = Keyword {
    names: &["req.payload_lv"],
    acl_stems: &["payload_lv"],
    args: LENGTH_VALUE,
    yields: Type::Bin,
    needs: Needs::RequestBytes,
    doc: "Of the request, as many bytes as the number of <length> bytes at <offset1> says, right \
          behind it or at <offset2>, which is relative with a sign.",
    examples: &[
        example("raw:\x00\x03hello", "req.payload_lv(0,2)", "hel"),
        example("raw:\x03hello", "req.payload_lv(0,1,2)", "ell"),
        example("raw:\x03hello", "req.payload_lv(0,1,+2)", "llo"),
        nothing("raw:\x06hello", "req.payload_lv(0,1)"),
    ],
    build: Build::With(payload_lv),
    ..Keyword::DEFAULT
};

pub(super) const RES_PAYLOAD_LV: Keyword = Keyword {
    names: &["res.payload_lv"],
    args: LENGTH_VALUE,
    yields: Type::Bin,
    needs: Needs::ResponseBytes,
    doc: "Of the response, as many bytes as the number of <length> bytes at <offset1> says, right \
          behind it or at <offset2>, which is relative with a sign.",
    examples: &[example("raw:\x03hello", "res.payload_lv(0,1)", "hel")],
    build: Build::With(payload_lv),
    ..Keyword::DEFAULT
};

#[derive(Debug)]
struct LengthValue {
    /// Where the length is, and how long that is.
    length: (usize, usize),
    /// Where the value is.
    value: usize,
}

fn payload_lv(args: &Args) -> Result<Box<dyn Fetching>, BadArg> {
    let number = |index| args.int(index).unwrap_or(0);
    let start = usize::try_from(number(0))
        .map_err(|_| BadArg::new(0, "payload offset1 must be positive"))?;
    let width = usize::try_from(number(1))
        .ok()
        .filter(|&width| width > 0)
        .ok_or_else(|| BadArg::new(1, "payload length must be > 0"))?;
    let behind = start.saturating_add(width);
    let value = match args.text(2).filter(|text| !text.is_empty()) {
        Some(text) => second_offset(text, behind)?,
        None => behind,
    };
    Ok(Box::new(LengthValue {
        length: (start, width),
        value,
    }))
}

fn second_offset(text: &[u8], behind: usize) -> Result<usize, BadArg> {
    let is_relative = matches!(text.first(), Some(b'+' | b'-'));
    let offset: i64 = std::str::from_utf8(text)
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| BadArg::new(2, "payload offset2 is not a number"))?;
    let base = if is_relative { behind } else { 0 };
    i64::try_from(base)
        .ok()
        .and_then(|base| usize::try_from(base.saturating_add(offset)).ok())
        .ok_or_else(|| BadArg::new(2, "payload offset2 too negative"))
}

impl Fetching for LengthValue {
    fn one<'s>(&'s self, cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        let content = cx.content?;
        let bytes = content.bytes()?;
        let (start, width) = self.length;
        let Some(digits) = bytes.get(start..).and_then(|rest| rest.get(..width)) else {
            return content.wait();
        };
        // As many bits as HAProxy keeps.
        let length = digits
            .iter()
            .fold(0_u32, |sum, &byte| sum << 8 | u32::from(byte));
        match length {
            0 => None,
            _ => part(content, self.value, length as usize).map(Sample::Bin),
        }
    }
}
