//! `req.proto_http`: whether the request is HTTP.

use super::{Build, Keyword, Needs, example, nothing};
use crate::vocab::sample::{Sample, Type};

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["req.proto_http", "req_proto_http"],
    yields: Type::Bool,
    needs: Needs::Request,
    doc: "True if the request is HTTP: always in HTTP mode, and in TCP mode once its bytes have \
          turned out to be a request head.",
    examples: &[
        example("GET / HTTP/1.1", "req.proto_http", "1"),
        nothing("raw:hello", "req.proto_http"),
    ],
    build: Build::Plain(|cx, _| cx.request.map(|_| Sample::Bool(true))),
    ..Keyword::DEFAULT
};
