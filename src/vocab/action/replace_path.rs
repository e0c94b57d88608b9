//! `replace-path`, `replace-pathq` and `replace-uri`.

use super::replace_header::Replacement;
use super::{HttpAction, Keyword, Line, REQUESTS, verdict};
use crate::vocab::context::{ActionContext, Verdict};
use crate::vocab::fetch::{path_and_query_of, path_of};

pub(super) const REPLACE_PATH: Keyword = Keyword {
    name: "replace-path",
    sets: REQUESTS,
    usage: "replace-path <match-regex> <replace-fmt> [ { if | unless } <condition> ]",
    doc: "Gives a path that matches the regex the new value <replace-fmt>; the query stays.",
    build: |line| build(line, Part::Path),
};

pub(super) const REPLACE_PATHQ: Keyword = Keyword {
    name: "replace-pathq",
    sets: REQUESTS,
    usage: "replace-pathq <match-regex> <replace-fmt> [ { if | unless } <condition> ]",
    doc: "As \"replace-path\", for path and query together.",
    build: |line| build(line, Part::PathAndQuery),
};

pub(super) const REPLACE_URI: Keyword = Keyword {
    name: "replace-uri",
    sets: REQUESTS,
    usage: "replace-uri <match-regex> <replace-fmt> [ { if | unless } <condition> ]",
    doc: "As \"replace-path\", for the whole target.",
    build: |line| build(line, Part::Target),
};

#[derive(Clone, Copy, Debug)]
enum Part {
    Path,
    PathAndQuery,
    Target,
}

#[derive(Debug)]
struct ReplacePath {
    part: Part,
    replacement: Replacement,
}

fn build(line: &mut Line<'_, '_, '_>, part: Part) -> Option<Box<dyn HttpAction>> {
    let replacement = Replacement::parse(line, "exactly 2 arguments")?;
    Some(Box::new(ReplacePath { part, replacement }))
}

impl HttpAction for ReplacePath {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        self.replacement.with_template(cx, |cx, template, new| {
            let target = cx.request.target();
            let old = match self.part {
                Part::Path => path_of(target),
                Part::PathAndQuery => path_and_query_of(target),
                Part::Target => Some(target),
            };
            if !old.is_some_and(|old| self.replacement.apply(template, old, new)) {
                return Verdict::Continue;
            }
            verdict(match self.part {
                Part::Path => cx.request.set_path(new),
                Part::PathAndQuery => cx.request.set_path_and_query(new),
                Part::Target => cx.request.set_target(new),
            })
        })
    }
}
