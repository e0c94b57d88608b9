//! `url_param([<name>[,<delim>[,i]]])`: the value of a query parameter.

use super::{Build, Fetching, Keyword, Needs, example, nothing};
use crate::vocab::arguments::{Args, BadArg, Kind, optional};
use crate::vocab::context::Context;
use crate::vocab::sample::Sample;
use memchr::memchr;

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["url_param", "urlp"],
    acl_stems: &["urlp"],
    args: &[
        optional("name", Kind::Str),
        optional("delim", Kind::Str),
        optional("i", Kind::Str),
    ],
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
    build: Build::With(build),
    ..Keyword::DEFAULT
};

#[derive(Debug)]
struct UrlParam {
    name: Box<[u8]>,
    delimiter: u8,
    ignore_case: bool,
}

fn build(args: &Args) -> Result<Box<dyn Fetching>, BadArg> {
    let delimiter = match args.text(1) {
        None | Some([]) => b'?',
        Some(&[one]) => one,
        Some(_) => return Err(BadArg::new(1, "the delimiter must be a single character")),
    };
    let ignore_case = match args.text(2) {
        None | Some([]) => false,
        Some(b"i") => true,
        Some(_) => {
            return Err(BadArg::new(
                2,
                "only 'i' is known here, for case-insensitive",
            ));
        }
    };
    Ok(Box::new(UrlParam {
        name: args.text(0).unwrap_or_default().into(),
        delimiter,
        ignore_case,
    }))
}

impl UrlParam {
    fn values<'s>(&'s self, target: &'s [u8]) -> impl Iterator<Item = &'s [u8]> {
        let list = memchr(self.delimiter, target).and_then(|at| target.get(at + 1..));
        list.unwrap_or_default()
            .split(|&byte| byte == b'&' || byte == b';' || byte == self.delimiter)
            .filter_map(|parameter| {
                let equals = memchr(b'=', parameter)?;
                let (name, value) = parameter.split_at_checked(equals)?;
                self.is_name(name).then(|| value.get(1..)).flatten()
            })
    }

    fn is_name(&self, name: &[u8]) -> bool {
        match self.ignore_case {
            _ if self.name.is_empty() => true,
            true => name.eq_ignore_ascii_case(&self.name),
            false => *name == *self.name,
        }
    }
}

impl Fetching for UrlParam {
    fn one<'s>(&'s self, cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        self.values(cx.request?.target()).next().map(Sample::Str)
    }

    fn any(
        &self,
        cx: &Context<'_>,
        _: &mut Vec<u8>,
        visit: &mut dyn FnMut(Sample<'_>) -> bool,
    ) -> bool {
        let target = cx.request.map_or(b"".as_slice(), |head| head.target());
        self.values(target).any(|value| visit(Sample::Str(value)))
    }
}
