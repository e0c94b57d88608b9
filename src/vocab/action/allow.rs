//! `allow`: no further rule of this set is looked at.

use super::{EVERYWHERE, HttpAction, Keyword};
use crate::vocab::context::{ActionContext, Verdict};

pub(super) const KEYWORD: Keyword = Keyword {
    name: "allow",
    sets: EVERYWHERE,
    usage: "allow [ { if | unless } <condition> ]",
    doc: "Stops the rule set and lets the message pass.",
    build: |_| Some(Box::new(Allow)),
};

#[derive(Debug)]
struct Allow;

impl HttpAction for Allow {
    fn run(&self, _: &mut ActionContext<'_>) -> Verdict {
        Verdict::Allow
    }
}
