//! `close`: the server connection is closed.

use super::{HttpAction, Keyword, RuleSet};
use crate::vocab::context::{ActionContext, Verdict};

pub(super) const KEYWORD: Keyword = Keyword {
    name: "close",
    sets: &[RuleSet::ResponseContent],
    usage: "close [ { if | unless } <condition> ]",
    doc: "Closes both connections at once. What the server has sent is dropped; the log tells of a \
          normal end.",
    build: |_| Some(Box::new(Close)),
};

#[derive(Debug)]
struct Close;

impl HttpAction for Close {
    fn run(&self, _: &mut ActionContext<'_>) -> Verdict {
        Verdict::CloseServer
    }
}
