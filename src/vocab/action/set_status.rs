//! `set-status <status> [reason <str>]`.

use super::{HttpAction, Keyword, Line, RESPONSES, verdict};
use crate::vocab::context::{ActionContext, Verdict};

pub(super) const KEYWORD: Keyword = Keyword {
    name: "set-status",
    sets: RESPONSES,
    usage: "set-status <status> [ reason <str> ] [ { if | unless } <condition> ]",
    doc: "Replaces the response's status, and its reason phrase by the usual or the given one.",
    build,
};

#[derive(Debug)]
struct SetStatus {
    status: u16,
    reason: Option<Box<[u8]>>,
}

fn build(line: &mut Line<'_, '_, '_>) -> Option<Box<dyn HttpAction>> {
    let word = line.required("a status")?;
    let Some(status) = word.text().parse().ok().filter(|s| (100..=999).contains(s)) else {
        let message = "expects an integer status code between 100 and 999".to_owned();
        line.error(word.span, message);
        return None;
    };
    let reason = match line.rest.first().is_some_and(|word| *word == "reason") {
        true => {
            line.next();
            Some(
                line.required("a reason phrase after 'reason'")?
                    .bytes
                    .clone(),
            )
        }
        false => None,
    };
    Some(Box::new(SetStatus { status, reason }))
}

impl HttpAction for SetStatus {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        match cx.response.as_deref_mut() {
            Some(head) => verdict(head.set_status(self.status, self.reason.as_deref())),
            None => Verdict::Continue,
        }
    }
}
