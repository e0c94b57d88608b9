//! `close`: the server connection is closed, what it sent is still delivered.

use super::{HttpAction, Keyword, RuleSet};
use crate::vocab::context::{ActionContext, Verdict};

pub(super) const KEYWORD: Keyword = Keyword {
    name: "close",
    sets: &[RuleSet::ResponseContent],
    usage: "close [ { if | unless } <condition> ]",
    doc: "Closes the server connection at once and stops the rule set. What the server has sent \
          is still delivered.",
    build: |_| Some(Box::new(Close)),
};

#[derive(Debug)]
struct Close;

impl HttpAction for Close {
    fn run(&self, _: &mut ActionContext<'_>) -> Verdict {
        Verdict::CloseServer
    }
}
