//! `status`: the response's status.

use super::{Build, Keyword, Needs, example};
use crate::http1::ResponseHead;
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

pub(super) fn fetch<'s>(cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
    // Once a stream has ended, what the client was told counts; before, what rules made of it.
    let told = Some(cx.record.status).filter(|&status| status != 0);
    let made = cx.response.map(ResponseHead::status);
    let status = match cx.record.end_us {
        0 => made.or(told),
        _ => told.or(made),
    }?;
    Some(Sample::Sint(i64::from(status)))
}
