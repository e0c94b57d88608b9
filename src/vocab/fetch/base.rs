//! `base`: the host and the path together.

use super::{Build, Keyword, Needs, example, uri};
use crate::vocab::context::Context;
use crate::vocab::sample::Sample;

pub(super) const KEYWORD: Keyword = Keyword {
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
    build: Build::Plain(fetch),
    ..Keyword::DEFAULT
};

fn fetch<'s>(cx: &Context<'s>, out: &'s mut Vec<u8>) -> Option<Sample<'s>> {
    let head = cx.request?;
    let path = uri::path(head.target());
    let Some(host) = head.header(b"host") else {
        return path.map(Sample::Str);
    };
    out.extend_from_slice(host);
    out.extend_from_slice(path.unwrap_or_default());
    Some(Sample::Str(out))
}
