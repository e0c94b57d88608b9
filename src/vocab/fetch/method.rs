//! `method`: the request's method.

use super::{Build, Keyword, Needs, example};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["method"],
    acl_stems: &["method"],
    yields: Type::Meth,
    needs: Needs::Request,
    doc: "The request's method, matched by name.",
    examples: &[
        example("GET / HTTP/1.1", "method", "GET"),
        example("PURGE / HTTP/1.1", "method", "PURGE"),
        example("POST / HTTP/1.1", "method,lower", "post"),
    ],
    build: Build::Plain(fetch),
    ..Keyword::DEFAULT
};

fn fetch<'s>(cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
    Some(Sample::Meth(cx.request?.method()))
}
