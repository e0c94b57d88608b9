//! `reject`: the client connection is closed without an answer.

use super::{HttpAction, Keyword, RuleSet};
use crate::vocab::context::{ActionContext, Verdict};

pub(super) const KEYWORD: Keyword = Keyword {
    name: "reject",
    sets: &[
        RuleSet::Connection,
        RuleSet::Session,
        RuleSet::Content,
        RuleSet::ResponseContent,
        RuleSet::Request,
    ],
    usage: "reject [ { if | unless } <condition> ]",
    doc: "Closes the client connection without an answer; counted as denied.",
    build: |_| Some(Box::new(Reject)),
};

#[derive(Debug)]
struct Reject;

impl HttpAction for Reject {
    fn run(&self, _: &mut ActionContext<'_>) -> Verdict {
        Verdict::Reject
    }
}
