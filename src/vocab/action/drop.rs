//! `reject` and `silent-drop`: the connection is closed without an answer.
//!
//! `silent-drop` closes as `reject` does: hiding the close from the client takes socket options
//! that no safe crate offers.

use super::{ANSWERS, HttpAction, Keyword, Line, REQUESTS};
use crate::vocab::context::{ActionContext, Verdict};

pub(super) const REJECT: Keyword = Keyword {
    name: "reject",
    sets: REQUESTS,
    usage: "reject [ { if | unless } <condition> ]",
    doc: "Closes the connection without an answer and counts the request as denied.",
    build: |_| Some(Box::new(Drop)),
};

pub(super) const SILENT_DROP: Keyword = Keyword {
    name: "silent-drop",
    sets: ANSWERS,
    usage: "silent-drop [ rst-ttl <ttl> ] [ { if | unless } <condition> ]",
    doc: "Closes the connection without an answer.",
    build: silent,
};

#[derive(Debug)]
struct Drop;

fn silent(line: &mut Line<'_, '_, '_>) -> Option<Box<dyn HttpAction>> {
    if line.rest.first().is_some_and(|word| *word == "rst-ttl") {
        line.next();
        let word = line.required("a number after 'rst-ttl'")?;
        if word.text().parse::<u8>().is_err() {
            line.error(
                word.span,
                "'rst-ttl' expects a number from 0 to 255".to_owned(),
            );
            return None;
        }
    }
    Some(Box::new(Drop))
}

impl HttpAction for Drop {
    fn run(&self, _: &mut ActionContext<'_>) -> Verdict {
        Verdict::Reject
    }
}
