//! `url`: the request target as received.

use super::{Build, Keyword, Needs, example};
use crate::vocab::context::Context;
use crate::vocab::sample::Sample;

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["url"],
    acl_stems: &["url"],
    needs: Needs::RequestHead,
    doc: "The request's target as it is written in the request line, in whatever form.",
    examples: &[
        example("GET /a?b HTTP/1.1", "url", "/a?b"),
        example("GET http://h/a HTTP/1.1\nHost: h", "url", "http://h/a"),
        example("OPTIONS * HTTP/1.1", "url", "*"),
    ],
    build: Build::Plain(fetch),
    ..Keyword::DEFAULT
};

fn fetch<'s>(cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
    Some(Sample::Str(cx.request?.target()))
}
