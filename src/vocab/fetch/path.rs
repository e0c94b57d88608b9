//! `path`: the request's path, without the query.

use super::{Build, Keyword, Needs, example, nothing, uri};
use crate::vocab::context::Context;
use crate::vocab::sample::Sample;

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["path"],
    acl_stems: &["path"],
    needs: Needs::RequestHead,
    doc: "The request's path: from the first slash to the question mark. Scheme and host of an \
          absolute target are not part of it.",
    examples: &[
        example("GET /a/b?c=d HTTP/1.1", "path", "/a/b"),
        example("GET / HTTP/1.1", "path", "/"),
        example("GET http://h:80/a?b HTTP/1.1\nHost: h:80", "path", "/a"),
        nothing("OPTIONS * HTTP/1.1", "path"),
    ],
    build: Build::Plain(fetch),
    ..Keyword::DEFAULT
};

fn fetch<'s>(cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
    uri::path(cx.request?.target()).map(Sample::Str)
}
