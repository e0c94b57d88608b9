//! `set-header` and `add-header`.

use super::{EVERYWHERE, HttpAction, Keyword, Line, RuleSet, verdict, with_text};
use crate::vocab::context::{ActionContext, Verdict};
use crate::vocab::format::Format;

pub(super) const SET_HEADER: Keyword = Keyword {
    name: "set-header",
    sets: EVERYWHERE,
    usage: "set-header <name> <fmt> [ { if | unless } <condition> ]",
    doc: "Removes every header <name> and adds one with the value <fmt>.",
    build: |line| build(line, true),
};

pub(super) const ADD_HEADER: Keyword = Keyword {
    name: "add-header",
    sets: EVERYWHERE,
    usage: "add-header <name> <fmt> [ { if | unless } <condition> ]",
    doc: "Adds a header <name> with the value <fmt> after the others.",
    build: |line| build(line, false),
};

#[derive(Debug)]
struct WriteHeader {
    set: RuleSet,
    name: Box<[u8]>,
    value: Format,
    replace: bool,
}

fn build(line: &mut Line<'_, '_, '_>, replace: bool) -> Option<Box<dyn HttpAction>> {
    let name = line.required("exactly 2 arguments")?;
    let value = line.required("exactly 2 arguments")?;
    Some(Box::new(WriteHeader {
        set: line.set,
        name: line.header_name(name)?,
        value: line.format(value)?,
        replace,
    }))
}

impl HttpAction for WriteHeader {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        with_text(&self.value, cx, |cx, value| match self.set.headers(cx) {
            Some(headers) if self.replace => verdict(headers.set_header(&self.name, value)),
            Some(headers) => verdict(headers.add_header(&self.name, value)),
            None => Verdict::Continue,
        })
    }
}
