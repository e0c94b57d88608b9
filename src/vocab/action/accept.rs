//! `accept`: no further rule of this set is looked at.

use super::{CONTENTS, HttpAction, Keyword};
use crate::vocab::context::{ActionContext, Verdict};

pub(super) const KEYWORD: Keyword = Keyword {
    name: "accept",
    sets: CONTENTS,
    usage: "accept [ { if | unless } <condition> ]",
    doc: "Stops the rule set and lets the connection or its content pass.",
    build: |_| Some(Box::new(Accept)),
};

#[derive(Debug)]
struct Accept;

impl HttpAction for Accept {
    fn run(&self, _: &mut ActionContext<'_>) -> Verdict {
        Verdict::Allow
    }
}
