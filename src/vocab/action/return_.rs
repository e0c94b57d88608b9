//! `return`: an answer of the proxy's own.

use super::reply::{Answer, Content, Dialect, parse};
use super::{ANSWERS, HttpAction, Keyword, Line};
use crate::vocab::context::{ActionContext, Verdict};

pub(super) const KEYWORD: Keyword = Keyword {
    name: "return",
    sets: ANSWERS,
    usage: "return [ status <code> ] [ content-type <type> ] \
            [ { default-errorfiles | errorfile <file> | errorfiles <name> | file <file> | lf-file <file> | \
            string <str> | lf-string <fmt> } ] [ hdr <name> <fmt> ]* [ { if | unless } <condition> ]",
    doc: "Answers with the status (200 unless given), the headers and the body given.",
    build,
};

#[derive(Debug)]
struct Return(Answer);

fn build(line: &mut Line<'_, '_, '_>) -> Option<Box<dyn HttpAction>> {
    let dialect = Dialect {
        status_words: &["status"],
        default_status: 200,
    };
    Some(Box::new(Return(parse(line, dialect)?)))
}

impl HttpAction for Return {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        match &self.0.content {
            Content::Page => Verdict::ReplyPage(self.0.status),
            _ => match self.0.make(cx) {
                Some(reply) => Verdict::Reply(Box::new(reply)),
                None => Verdict::Unanswerable,
            },
        }
    }
}
