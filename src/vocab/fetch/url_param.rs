//! `url_param([<name>[,<delim>[,i]]])` and `urlp_val`: the value of a query parameter.

use super::parameters::{Parameters, ignores_case};
use super::{Build, Fetching, Keyword, Needs, example, nothing};
use crate::vocab::arguments::{Arg, Args, BadArg, Kind, optional};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type, leading_int};
use memchr::memchr;

const ARGS: &[Arg] = &[
    optional("name", Kind::Str),
    optional("delim", Kind::Str),
    optional("i", Kind::Str),
];

pub(super) const URL_PARAM: Keyword = Keyword {
    names: &["url_param", "urlp"],
    acl_stems: &["urlp"],
    args: ARGS,
    needs: Needs::RequestHead,
    doc: "The value of the first parameter <name> of the query, or of the first one at all. It \
          is not decoded. Conditions look at every parameter of that name. The list starts at \
          <delim>, by default \"?\"; \"i\" ignores the name's case.",
    examples: &[
        example("GET /a?b=1&c=2 HTTP/1.1", "url_param(c)", "2"),
        example("GET /a?b=1;c=2 HTTP/1.1", "urlp(c)", "2"),
        example("GET /a?b=1&b=2 HTTP/1.1", "urlp(b)", "1"),
        example("GET /a?b=1&b=2 HTTP/1.1", "urlp()", "1"),
        example("GET /a;b=1?b=2 HTTP/1.1", "urlp(b,;)", "1?b=2"),
        example("GET /a?B=1 HTTP/1.1", "urlp(b,,i)", "1"),
        example("GET /a?b=%20x HTTP/1.1", "urlp(b)", "%20x"),
        example("GET /a?b= HTTP/1.1", "urlp(b)", ""),
        nothing("GET /a?bb=1 HTTP/1.1", "urlp(b)"),
        nothing("GET /a?B=1 HTTP/1.1", "urlp(b)"),
        nothing("GET /a HTTP/1.1", "urlp(b)"),
    ],
    build: Build::With(|args| build(args, |value| Sample::Str(value))),
    ..Keyword::DEFAULT
};

pub(super) const URLP_VAL: Keyword = Keyword {
    names: &["urlp_val"],
    args: ARGS,
    yields: Type::Sint,
    needs: Needs::RequestHead,
    doc: "As \"url_param\", as an integer.",
    examples: &[example("GET /a?b=12x HTTP/1.1", "urlp_val(b)", "12")],
    build: Build::With(|args| build(args, |value| Sample::Sint(leading_int(value)))),
    ..Keyword::DEFAULT
};

type Convert = for<'v> fn(&'v [u8]) -> Sample<'v>;

#[derive(Debug)]
struct UrlParam {
    name: Box<[u8]>,
    delimiter: u8,
    ignore_case: bool,
    convert: Convert,
}

fn build(args: &Args, convert: Convert) -> Result<Box<dyn Fetching>, BadArg> {
    let delimiter = match args.text(1) {
        None | Some([]) => b'?',
        Some(&[one]) => one,
        Some(_) => return Err(BadArg::new(1, "the delimiter must be a single character")),
    };
    Ok(Box::new(UrlParam {
        name: args.text(0).unwrap_or_default().into(),
        delimiter,
        ignore_case: ignores_case(args, 2)?,
        convert,
    }))
}

impl UrlParam {
    fn values<'s>(&'s self, target: &'s [u8]) -> Parameters<'s> {
        let list = memchr(self.delimiter, target).and_then(|at| target.get(at + 1..));
        Parameters {
            name: &self.name,
            delimiter: self.delimiter,
            ignore_case: self.ignore_case,
            rest: list.unwrap_or_default(),
        }
    }
}

impl Fetching for UrlParam {
    fn one<'s>(&'s self, cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        self.values(cx.request?.target()).next().map(self.convert)
    }

    fn any(
        &self,
        cx: &Context<'_>,
        _: &mut Vec<u8>,
        visit: &mut dyn FnMut(Sample<'_>) -> bool,
    ) -> bool {
        let target = cx.request.map_or(b"".as_slice(), |head| head.target());
        self.values(target)
            .any(|value| visit((self.convert)(value)))
    }
}
