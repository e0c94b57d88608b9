//! What was captured or is remembered of both messages: `capture.req.hdr(id)`,
//! `capture.req.method`, `.uri`, `.ver`, `capture.res.hdr(id)`, `.ver`.

use super::uri;
use super::{Build, Fetching, Keyword, Needs, example, nothing};
use crate::http1::Version;
use crate::observe::{Captured, Record};
use crate::vocab::arguments::{Arg, Args, BadArg, Kind, required};
use crate::vocab::context::Context;
use crate::vocab::sample::Sample;

const INDEX: &[Arg] = &[required("idx", Kind::Int)];

pub(super) const REQ_HDR: Keyword = Keyword {
    names: &["capture.req.hdr"],
    args: INDEX,
    needs: Needs::Request,
    writes: true,
    doc: "What the <idx>th request capture of the frontend holds, counted from 0.",
    examples: &[nothing("GET / HTTP/1.1", "capture.req.hdr(0)")],
    build: Build::With(|args| build(args, |record| &record.request_captures)),
    ..Keyword::DEFAULT
};

pub(super) const RES_HDR: Keyword = Keyword {
    names: &["capture.res.hdr"],
    args: INDEX,
    needs: Needs::Response,
    writes: true,
    doc: "What the <idx>th response capture of the frontend holds, counted from 0.",
    examples: &[nothing("HTTP/1.1 200 OK", "capture.res.hdr(0)")],
    build: Build::With(|args| build(args, |record| &record.response_captures)),
    ..Keyword::DEFAULT
};

pub(super) const REQ_METHOD: Keyword = Keyword {
    names: &["capture.req.method"],
    needs: Needs::Request,
    doc: "The request's method as it was received.",
    examples: &[example("PUT / HTTP/1.1", "capture.req.method", "PUT")],
    build: Build::Plain(|cx, _| Some(Sample::Str(cx.request?.received().0))),
    ..Keyword::DEFAULT
};

pub(super) const REQ_URI: Keyword = Keyword {
    names: &["capture.req.uri"],
    needs: Needs::Request,
    doc: "Path and query of the request as it was received.",
    examples: &[
        example("GET /a?b HTTP/1.1", "capture.req.uri", "/a?b"),
        example("GET http://h/a HTTP/1.1\nHost: h", "capture.req.uri", "/a"),
        nothing("OPTIONS * HTTP/1.1", "capture.req.uri"),
    ],
    build: Build::Plain(|cx, _| uri::path_and_query(cx.request?.received().1).map(Sample::Str)),
    ..Keyword::DEFAULT
};

pub(super) const REQ_VER: Keyword = Keyword {
    names: &["capture.req.ver"],
    needs: Needs::Request,
    doc: "The request's version, \"HTTP/1.0\" or \"HTTP/1.1\".",
    examples: &[example("GET / HTTP/1.0", "capture.req.ver", "HTTP/1.0")],
    build: Build::Plain(|cx, _| Some(Sample::Str(text(cx.request?.version())))),
    ..Keyword::DEFAULT
};

pub(super) const RES_VER: Keyword = Keyword {
    names: &["capture.res.ver"],
    needs: Needs::Response,
    doc: "The response's version, \"HTTP/1.0\" or \"HTTP/1.1\".",
    examples: &[example("HTTP/1.1 200 OK", "capture.res.ver", "HTTP/1.1")],
    build: Build::Plain(|cx, _| Some(Sample::Str(text(cx.response?.version())))),
    ..Keyword::DEFAULT
};

fn text(version: Version) -> &'static [u8] {
    match version {
        Version::Http10 => b"HTTP/1.0",
        Version::Http11 => b"HTTP/1.1",
    }
}

type List = fn(&Record) -> &Captured;

#[derive(Debug)]
struct Slot {
    list: List,
    index: usize,
}

fn build(args: &Args, list: List) -> Result<Box<dyn Fetching>, BadArg> {
    let index = usize::try_from(args.int(0).unwrap_or(0))
        .map_err(|_| BadArg::new(0, "captures are counted from 0"))?;
    Ok(Box::new(Slot { list, index }))
}

impl Fetching for Slot {
    fn one<'s>(&'s self, cx: &Context<'s>, out: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        (self.list)(cx.record).with(self.index, |text| out.extend_from_slice(text))?;
        Some(Sample::Str(out))
    }
}
