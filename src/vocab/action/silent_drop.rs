//! `silent-drop`: the connection ends here, and the client is not told.
//!
//! The reset that closes it carries a small time to live, so that it dies on the way. Without
//! special rights HAProxy does the same.

use super::{HttpAction, Keyword, Line, RuleSet};
use crate::vocab::context::{ActionContext, Verdict};

pub(super) const KEYWORD: Keyword = Keyword {
    name: "silent-drop",
    sets: &[
        RuleSet::Connection,
        RuleSet::Session,
        RuleSet::Content,
        RuleSet::ResponseContent,
        RuleSet::Request,
        RuleSet::Response,
    ],
    usage: "silent-drop [ rst-ttl <ttl> ] [ { if | unless } <condition> ]",
    doc: "Ends the connection without telling the client, who goes on waiting; counted as denied. \
          The reset reaches devices up to <ttl> hops away, 1 by default.",
    build,
};

#[derive(Debug)]
struct SilentDrop(u8);

fn build(line: &mut Line<'_, '_, '_>) -> Option<Box<dyn HttpAction>> {
    if line.rest.first().is_none_or(|word| *word != "rst-ttl") {
        return Some(Box::new(SilentDrop(1)));
    }
    line.next();
    let word = line.required("a rst-ttl value")?;
    match word.text().parse().ok().filter(|&hops: &u8| hops > 0) {
        Some(hops) => Some(Box::new(SilentDrop(hops))),
        None => {
            line.error(word.span, "valid rst-ttl values are [1-255]".to_owned());
            None
        }
    }
}

impl HttpAction for SilentDrop {
    fn run(&self, _: &mut ActionContext<'_>) -> Verdict {
        Verdict::SilentDrop(self.0)
    }
}
