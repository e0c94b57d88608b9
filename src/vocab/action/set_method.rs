//! `set-method`.

use super::{HttpAction, Keyword, Line, REQUESTS, verdict, with_text};
use crate::vocab::context::{ActionContext, Verdict};
use crate::vocab::format::Format;

pub(super) const KEYWORD: Keyword = Keyword {
    name: "set-method",
    sets: REQUESTS,
    usage: "set-method <fmt> [ { if | unless } <condition> ]",
    doc: "Replaces the method.",
    build,
};

#[derive(Debug)]
struct SetMethod(Format);

fn build(line: &mut Line<'_, '_, '_>) -> Option<Box<dyn HttpAction>> {
    let word = line.required("exactly 1 argument")?;
    Some(Box::new(SetMethod(line.format(word)?)))
}

impl HttpAction for SetMethod {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        with_text(&self.0, cx, |cx, text| verdict(cx.request.set_method(text)))
    }
}
