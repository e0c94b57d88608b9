//! `pathq`: the request's path with its query.

use super::{Build, Keyword, Needs, example, uri};
use crate::vocab::context::Context;
use crate::vocab::sample::Sample;

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["pathq"],
    needs: Needs::RequestHead,
    doc: "The request's path with the query string, without scheme and host.",
    examples: &[
        example("GET /a/b?c=d HTTP/1.1", "pathq", "/a/b?c=d"),
        example("GET http://h/a?b HTTP/1.1\nHost: h", "pathq", "/a?b"),
    ],
    build: Build::Plain(fetch),
    ..Keyword::DEFAULT
};

fn fetch<'s>(cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
    uri::path_and_query(cx.request?.target()).map(Sample::Str)
}
