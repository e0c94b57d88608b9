//! `json_query(<json_path>[,<output_type>])`: one value of a JSON document.

use super::{Build, Converting, Keyword};
use crate::vocab::context::Context;
use crate::vocab::json::Query;
use crate::vocab::sample::{Sample, Type};

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["json_query"],
    args: Query::ARGS,
    gives: Type::Any,
    doc: "The value at <json_path>, such as \"$.a.b[1]\", of a JSON document: a text, a boolean, \
          a number as text, or with <output_type> \"int\" as integer, or an array as it is \
          written. No value for objects, null, and integers beyond 53 bits. A point in a key is \
          written \"\\.\".",
    examples: &[
        (
            r#"str('{"a":{"b":[1,2]}}'),json_query('$.a.b[1]')"#,
            Some("2"),
        ),
        (r#"str('{"a":"x\ty"}'),json_query('$.a')"#, Some("x\ty")),
        (r#"str('{"a":true}'),json_query('$.a')"#, Some("1")),
        (r#"str('{"a":[1, 2]}'),json_query('$.a')"#, Some("[1, 2]")),
        (r#"str('{"a":4.5}'),json_query('$.a')"#, Some("4.5")),
        (
            r#"str('{"a":-4}'),json_query('$.a',int),add(1)"#,
            Some("-3"),
        ),
        (
            r#"bin(7b2261223a2d347d),json_query('$.a',int),add(1)"#,
            Some("-3"),
        ),
        (r#"str('{"a":4.5}'),json_query('$.a',int)"#, Some("4")),
        (r#"str('9007199254740992'),json_query('$',int)"#, None),
        (r#"str('{"a.b":7}'),json_query('$.a\.b')"#, Some("7")),
        (r#"str('{"a":{}}'),json_query('$.a')"#, None),
        (r#"str('{"a":null}'),json_query('$.a')"#, None),
        (r#"str('{"a":1'),json_query('$.b')"#, None),
    ],
    build: Build::With(|args| Ok(Box::new(JsonQuery(Query::build(args, 0)?)))),
    ..Keyword::DEFAULT
};

#[derive(Debug)]
struct JsonQuery(Query);

impl Converting for JsonQuery {
    fn apply<'s>(
        &'s self,
        _: &Context<'s>,
        input: Sample<'s>,
        out: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        match input {
            Sample::Str(document) => self.0.run(document, out),
            _ => None,
        }
    }
}
