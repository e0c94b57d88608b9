//! `deny` and `tarpit`: the message is refused, at once or after a while.

use super::reply::{Answer, Content, Dialect, parse};
use super::{ANSWERS, HttpAction, Keyword, Line, REQUESTS, RuleSet};
use crate::vocab::context::{ActionContext, Verdict};

pub(super) const KEYWORD: Keyword = Keyword {
    name: "deny",
    sets: ANSWERS,
    usage: "deny [ { status | deny_status } <code> ] [ content-type <type> ] \
            [ { default-errorfiles | errorfile <file> | errorfiles <name> | file <file> | lf-file <file> | \
            string <str> | lf-string <fmt> } ] [ hdr <name> <fmt> ]* [ { if | unless } <condition> ]",
    doc: "Answers with the error page of the status (403 for requests, 502 for responses), or \
          with what is given, and counts the message as denied.",
    build,
};

pub(super) const TARPIT: Keyword = Keyword {
    name: "tarpit",
    sets: REQUESTS,
    usage: "tarpit [ { status | deny_status } <code> ] [ content-type <type> ] \
            [ { default-errorfiles | errorfile <file> | errorfiles <name> | file <file> | \
            lf-file <file> | string <str> | lf-string <fmt> } ] [ hdr <name> <fmt> ]* \
            [ { if | unless } <condition> ]",
    doc: "As \"deny\", with 500 for a status and only after \"timeout tarpit\", so that whoever \
          tries many requests waits for each.",
    build: |line| Some(Box::new(Tarpit(read(line, 500)?))),
};

#[derive(Debug)]
struct Deny(Answer);

#[derive(Debug)]
struct Tarpit(Answer);

fn build(line: &mut Line<'_, '_, '_>) -> Option<Box<dyn HttpAction>> {
    let default_status = match line.set {
        RuleSet::Request => 403,
        _ => 502,
    };
    Some(Box::new(Deny(read(line, default_status)?)))
}

fn read(line: &mut Line<'_, '_, '_>, default_status: u16) -> Option<Answer> {
    let dialect = Dialect {
        status_words: &["status", "deny_status"],
        default_status,
    };
    let mut answer = parse(line, dialect)?;
    // As in HAProxy, `status` or a header makes it a reply of one's own, without a body.
    let is_own = answer.own_status || !answer.headers.is_empty();
    if matches!(answer.content, Content::None) && !is_own {
        answer.content = Content::Page;
        answer.check(line, line.name, line.name)?;
    }
    Some(answer)
}

fn refuse(answer: &Answer, cx: &mut ActionContext<'_>) -> Verdict {
    match &answer.content {
        Content::Page => Verdict::Deny(answer.status),
        Content::File(None) => Verdict::DenySilently,
        _ => match answer.make(cx) {
            Some(reply) => Verdict::DenyWith(Box::new(reply)),
            None => Verdict::Unanswerable,
        },
    }
}

impl HttpAction for Deny {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        refuse(&self.0, cx)
    }
}

impl HttpAction for Tarpit {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        match refuse(&self.0, cx) {
            Verdict::Unanswerable => Verdict::Unanswerable,
            refusal => Verdict::Tarpit(Box::new(refusal)),
        }
    }
}
