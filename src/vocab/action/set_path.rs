//! `set-path`, `set-pathq`, `set-query` and `set-uri`.

use super::{HttpAction, Keyword, Line, REQUESTS, verdict, with_text};
use crate::http1::{EditError, RequestHead};
use crate::vocab::context::{ActionContext, Verdict};
use crate::vocab::format::Format;

pub(super) const SET_PATH: Keyword = Keyword {
    name: "set-path",
    sets: REQUESTS,
    usage: "set-path <fmt> [ { if | unless } <condition> ]",
    doc: "Replaces the path; the query stays.",
    build: |line| build(line, RequestHead::set_path),
};

pub(super) const SET_PATHQ: Keyword = Keyword {
    name: "set-pathq",
    sets: REQUESTS,
    usage: "set-pathq <fmt> [ { if | unless } <condition> ]",
    doc: "Replaces path and query.",
    build: |line| build(line, RequestHead::set_path_and_query),
};

pub(super) const SET_QUERY: Keyword = Keyword {
    name: "set-query",
    sets: REQUESTS,
    usage: "set-query <fmt> [ { if | unless } <condition> ]",
    doc: "Replaces what follows the first question mark, or adds it.",
    build: |line| build(line, RequestHead::set_query),
};

pub(super) const SET_URI: Keyword = Keyword {
    name: "set-uri",
    sets: REQUESTS,
    usage: "set-uri <fmt> [ { if | unless } <condition> ]",
    doc: "Replaces the whole target.",
    build: |line| build(line, RequestHead::set_target),
};

type Edit = fn(&mut RequestHead, &[u8]) -> Result<(), EditError>;

#[derive(Debug)]
struct SetPart {
    value: Format,
    edit: Edit,
}

fn build(line: &mut Line<'_, '_, '_>, edit: Edit) -> Option<Box<dyn HttpAction>> {
    let word = line.required("exactly 1 argument")?;
    let value = line.format(word)?;
    Some(Box::new(SetPart { value, edit }))
}

impl HttpAction for SetPart {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        with_text(&self.value, cx, |cx, text| {
            verdict((self.edit)(cx.request, text))
        })
    }
}
