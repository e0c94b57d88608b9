//! `expect-proxy layer4`: a PROXY header comes first on this connection.

use super::{HttpAction, Keyword, Line, RuleSet};
use crate::vocab::context::{ActionContext, Verdict};

pub(super) const KEYWORD: Keyword = Keyword {
    name: "expect-proxy",
    sets: &[RuleSet::Connection],
    usage: "expect-proxy layer4 [ { if | unless } <condition> ]",
    doc: "The connection must begin with a PROXY header, as with 'accept-proxy' on the bind line.",
    build,
};

#[derive(Debug)]
struct ExpectProxy;

fn build(line: &mut Line<'_, '_, '_>) -> Option<Box<dyn HttpAction>> {
    let word = line.required("'layer4'")?;
    if *word != "layer4" {
        let message = format!("only supports 'layer4' (got '{}')", word.text());
        line.error(word.span, message);
        return None;
    }
    Some(Box::new(ExpectProxy))
}

impl HttpAction for ExpectProxy {
    fn run(&self, _: &mut ActionContext<'_>) -> Verdict {
        Verdict::ExpectProxy
    }
}
