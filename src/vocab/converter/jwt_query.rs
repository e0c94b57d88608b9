//! `jwt_header_query` and `jwt_payload_query([<json_path>[,<output_type>]])`: what a JSON Web
//! Token says. Whether it is true is `jwt_verify`'s to tell.

use super::base64::{Alphabet, decode};
use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Args, BadArg, Kind, optional};
use crate::vocab::context::Context;
use crate::vocab::json::Query;
use crate::vocab::sample::{Sample, Type};

pub(super) const HEADER: Keyword = Keyword {
    names: &["jwt_header_query"],
    args: &[
        optional("json_path", Kind::Str),
        optional("output_type", Kind::Str),
    ],
    takes: Type::Bin,
    doc: "The value at <json_path> of a token's header, as json_query gives it, or the header's \
          own text.",
    examples: &[
        (
            "str(eyJhbGciOiJIUzI1NiJ9.e30.c2ln),jwt_header_query('$.alg')",
            Some("HS256"),
        ),
        (
            "str(eyJhbGciOiJIUzI1NiJ9),jwt_header_query('$.alg')",
            Some("HS256"),
        ),
        (
            "str(eyJhbGciOiJIUzI1NiJ9.e30.c2ln),jwt_header_query",
            Some(r#"{"alg":"HS256"}"#),
        ),
        ("str(a.e30.c2ln),jwt_header_query('$.alg')", None),
    ],
    build: Build::With(|args| build(args, 0)),
    ..Keyword::DEFAULT
};

pub(super) const PAYLOAD: Keyword = Keyword {
    names: &["jwt_payload_query"],
    doc: "The value at <json_path> of a token's claims, as json_query gives it, or the claims' \
          own text.",
    examples: &[
        (
            "str(e30.eyJhIjoxLCJzIjoieCJ9.c2ln),jwt_payload_query('$.a')",
            Some("1"),
        ),
        (
            "str(e30.eyJhIjoxLCJzIjoieCJ9.c2ln),jwt_payload_query('$.a',int),add(1)",
            Some("2"),
        ),
        (
            "str(e30.eyJhIjoxLCJzIjoieCJ9.c2ln),jwt_payload_query('$.s',int)",
            Some("x"),
        ),
        (
            "str(e30.eyJhIjoxLCJzIjoieCJ9),jwt_payload_query('$.s')",
            Some("x"),
        ),
        ("str(e30),jwt_payload_query('$.s')", None),
    ],
    build: Build::With(|args| build(args, 1)),
    ..HEADER
};

#[derive(Debug)]
struct JwtQuery {
    /// Which of the token's parts.
    part: usize,
    query: Option<Query>,
}

fn build(args: &Args, part: usize) -> Result<Box<dyn Converting>, BadArg> {
    let query = args.text(0).map(|_| Query::build(args, 0)).transpose()?;
    Ok(Box::new(JwtQuery { part, query }))
}

impl Converting for JwtQuery {
    fn apply<'s>(
        &'s self,
        cx: &Context<'s>,
        input: Sample<'s>,
        out: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let Sample::Bin(token) = input else {
            return None;
        };
        let part = token.split(|&byte| byte == b'.').nth(self.part)?;
        let Some(query) = &self.query else {
            decode(Alphabet::Url, part, out)?;
            return Some(Sample::Str(out));
        };
        let mut document = cx.scratch.take_text();
        let decoded = decode(Alphabet::Url, part, &mut document);
        let value = decoded.and_then(|()| query.run(&document, out));
        cx.scratch.give_text(document);
        value
    }
}
