//! `deny`: the request or the response is refused.

use super::reply::{Answer, Content, Dialect, parse};
use super::{ANSWERS, HttpAction, Keyword, Line, RuleSet};
use crate::vocab::context::{ActionContext, Verdict};

pub(super) const KEYWORD: Keyword = Keyword {
    name: "deny",
    sets: ANSWERS,
    usage: "deny [ { status | deny_status } <code> ] [ content-type <type> ] \
            [ { default-errorfiles | errorfile <file> | file <file> | lf-file <file> | \
            string <str> | lf-string <fmt> } ] [ hdr <name> <fmt> ]* [ { if | unless } <condition> ]",
    doc: "Answers with the error page of the status (403 for requests, 502 for responses), or \
          with what is given, and counts the message as denied.",
    build,
};

#[derive(Debug)]
struct Deny(Answer);

fn build(line: &mut Line<'_, '_, '_>) -> Option<Box<dyn HttpAction>> {
    let default_status = match line.set {
        RuleSet::Request => 403,
        _ => 502,
    };
    let dialect = Dialect {
        status_words: &["status", "deny_status"],
        default_status,
    };
    let mut answer = parse(line, &dialect)?;
    // As in HAProxy, `status` or a header makes it a reply of one's own, without a body.
    let is_own = answer.own_status || !answer.headers.is_empty();
    if matches!(answer.content, Content::None) && !is_own {
        answer.content = Content::Page;
        answer.check(line, line.name)?;
    }
    Some(Box::new(Deny(answer)))
}

impl HttpAction for Deny {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        match &self.0.content {
            Content::Page => Verdict::Deny(self.0.status),
            Content::File(None) => Verdict::DenySilently,
            _ => match self.0.make(cx) {
                Some(reply) => Verdict::DenyWith(Box::new(reply)),
                None => Verdict::Failed,
            },
        }
    }
}
