//! `req.body`, `req.body_len`, `req.body_size`, `req.body_param` and the response's: what has
//! arrived of a body, as far as the buffer holds it. Chunk sizes are never part of it.
//!
//! How much that is depends on whether something waited for it: `option http-buffer-request` or
//! the action `wait-for-body`.

use super::parameters::{Parameters, ignores_case};
use super::{Build, Fetching, Keyword, Needs, example, nothing};
use crate::vocab::arguments::{Kind, optional};
use crate::vocab::context::{Context, Payload};
use crate::vocab::sample::{Sample, Type};

const POST: &str = "POST / HTTP/1.1\n\na=1&b=2";

pub(super) const REQ_BODY: Keyword = Keyword {
    names: &["req.body"],
    yields: Type::Bin,
    needs: Needs::RequestHead,
    writes: true,
    doc: "The part of the request's body that has arrived, at most a buffer.",
    examples: &[
        example(POST, "req.body", "a=1&b=2"),
        example("GET / HTTP/1.1", "req.body", ""),
    ],
    build: Build::Plain(|cx, out| cx.request.map(|_| data(cx.request_body, out))),
    ..Keyword::DEFAULT
};

pub(super) const RES_BODY: Keyword = Keyword {
    names: &["res.body"],
    yields: Type::Bin,
    needs: Needs::ResponseHead,
    writes: true,
    doc: "The part of the response's body that has arrived, at most a buffer.",
    examples: &[example("HTTP/1.1 200 OK", "res.body", "")],
    build: Build::Plain(|cx, out| cx.response.map(|_| data(cx.response_body, out))),
    ..Keyword::DEFAULT
};

pub(super) const REQ_BODY_LEN: Keyword = Keyword {
    names: &["req.body_len"],
    yields: Type::Sint,
    needs: Needs::RequestHead,
    doc: "How many bytes of the request's body have arrived.",
    examples: &[example(POST, "req.body_len", "7")],
    build: Build::Plain(|cx, _| cx.request.map(|_| Sample::Sint(length(cx.request_body)))),
    ..Keyword::DEFAULT
};

pub(super) const RES_BODY_LEN: Keyword = Keyword {
    names: &["res.body_len"],
    yields: Type::Sint,
    needs: Needs::ResponseHead,
    doc: "How many bytes of the response's body have arrived.",
    examples: &[example("HTTP/1.1 200 OK", "res.body_len", "0")],
    build: Build::Plain(|cx, _| cx.response.map(|_| Sample::Sint(length(cx.response_body)))),
    ..Keyword::DEFAULT
};

pub(super) const REQ_BODY_SIZE: Keyword = Keyword {
    names: &["req.body_size"],
    yields: Type::Sint,
    needs: Needs::RequestHead,
    doc: "The announced length of the request's body, or how much of a chunked one has arrived.",
    examples: &[example(POST, "req.body_size", "7")],
    build: Build::Plain(|cx, _| cx.request.map(|_| Sample::Sint(size(cx.request_body)))),
    ..Keyword::DEFAULT
};

pub(super) const RES_BODY_SIZE: Keyword = Keyword {
    names: &["res.body_size"],
    yields: Type::Sint,
    needs: Needs::ResponseHead,
    doc: "The announced length of the response's body, or how much of it has arrived.",
    examples: &[example("HTTP/1.1 200 OK", "res.body_size", "0")],
    build: Build::Plain(|cx, _| cx.response.map(|_| Sample::Sint(size(cx.response_body)))),
    ..Keyword::DEFAULT
};

pub(super) const REQ_BODY_PARAM: Keyword = Keyword {
    names: &["req.body_param"],
    args: &[optional("name", Kind::Str), optional("i", Kind::Str)],
    yields: Type::Bin,
    needs: Needs::RequestHead,
    writes: true,
    doc: "The value of the first parameter <name> of a body that is a form, or of its first one \
          at all. It is not decoded. Conditions look at every one; \"i\" ignores the name's case.",
    examples: &[
        example(POST, "req.body_param(b)", "2"),
        example(POST, "req.body_param(B,i)", "2"),
        example(POST, "req.body_param", "1"),
        nothing(POST, "req.body_param(c)"),
    ],
    build: Build::With(|args| {
        Ok(Box::new(BodyParam {
            name: args.text(0).unwrap_or_default().into(),
            ignore_case: ignores_case(args, 1)?,
        }))
    }),
    ..Keyword::DEFAULT
};

/// The data in one piece: borrowed, or put together in `out`.
fn data<'s>(body: Payload<'s>, out: &'s mut Vec<u8>) -> Sample<'s> {
    Sample::Bin(gather(body, out))
}

fn gather<'s>(body: Payload<'s>, out: &'s mut Vec<u8>) -> &'s [u8] {
    if !body.chunked {
        return body.bytes;
    }
    body.data().for_each(|part| out.extend_from_slice(part));
    out
}

fn length(body: Payload<'_>) -> i64 {
    i64::try_from(body.len()).unwrap_or(i64::MAX)
}

fn size(body: Payload<'_>) -> i64 {
    let announced = body.announced.and_then(|length| i64::try_from(length).ok());
    announced.unwrap_or_else(|| length(body))
}

#[derive(Debug)]
struct BodyParam {
    name: Box<[u8]>,
    ignore_case: bool,
}

impl BodyParam {
    fn parameters<'s>(&'s self, list: &'s [u8]) -> Parameters<'s> {
        Parameters {
            name: &self.name,
            delimiter: b'&',
            ignore_case: self.ignore_case,
            rest: list,
        }
    }
}

impl Fetching for BodyParam {
    fn one<'s>(&'s self, cx: &Context<'s>, out: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        let list = gather(cx.request_body, out);
        self.parameters(list).next().map(Sample::Bin)
    }

    fn any(
        &self,
        cx: &Context<'_>,
        out: &mut Vec<u8>,
        visit: &mut dyn FnMut(Sample<'_>) -> bool,
    ) -> bool {
        let list = gather(cx.request_body, out);
        self.parameters(list).any(|value| visit(Sample::Bin(value)))
    }
}
