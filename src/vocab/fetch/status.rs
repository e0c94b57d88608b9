//! `status`: the response's status.

use super::{Build, Keyword, Needs, example};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["status"],
    yields: Type::Sint,
    needs: Needs::Response,
    doc: "The status code of the response, such as 200.",
    examples: &[
        example("HTTP/1.1 404 Not Found", "status", "404"),
        example("HTTP/1.1 503 x", "status,add(1)", "504"),
    ],
    build: Build::Plain(fetch),
    ..Keyword::DEFAULT
};

fn fetch<'s>(cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
    let status = match cx.response {
        Some(head) => head.status(),
        None => Some(cx.record.status).filter(|&status| status != 0)?,
    };
    Some(Sample::Sint(i64::from(status)))
}
