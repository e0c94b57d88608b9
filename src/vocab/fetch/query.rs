//! `query([<option>])`: what follows the first question mark.

use super::{Build, Fetching, Keyword, Needs, example, nothing};
use crate::vocab::arguments::{Args, BadArg, Kind, optional};
use crate::vocab::context::Context;
use crate::vocab::sample::Sample;
use memchr::memchr;

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["query"],
    args: &[optional("option", Kind::Str)],
    needs: Needs::RequestHead,
    doc: "The query string. With the option \"with_qm\" the question mark is part of it, unless \
          nothing follows it.",
    examples: &[
        example("GET /a?b=c&d HTTP/1.1", "query", "b=c&d"),
        example("GET /a?b HTTP/1.1", "query(with_qm)", "?b"),
        example("GET /a?b?c HTTP/1.1", "query", "b?c"),
        example("GET /a? HTTP/1.1", "query", ""),
        nothing("GET /a HTTP/1.1", "query"),
    ],
    build: Build::With(build),
    ..Keyword::DEFAULT
};

#[derive(Debug)]
struct Query {
    with_mark: bool,
}

fn build(args: &Args) -> Result<Box<dyn Fetching>, BadArg> {
    match args.text(0) {
        None | Some(b"") => Ok(Box::new(Query { with_mark: false })),
        Some(b"with_qm") => Ok(Box::new(Query { with_mark: true })),
        Some(_) => Err(BadArg::new(0, "invalid argument, only 'with_qm' is known")),
    }
}

impl Fetching for Query {
    fn one<'s>(&'s self, cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        let target = cx.request?.target();
        let mark = memchr(b'?', target)?;
        let bare = target.get(mark + 1..)?;
        let skip = usize::from(!self.with_mark || bare.is_empty());
        target.get(mark + skip..).map(Sample::Str)
    }
}
