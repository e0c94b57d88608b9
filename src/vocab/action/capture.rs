//! `capture <expression> { len <length> | id <id> }`: a text is kept for logs and later rules.

use super::{HttpAction, Keyword, Line, RuleSet};
use crate::observe::Captured;
use crate::vocab::context::{ActionContext, Verdict};
use crate::vocab::expression::Expression;
use crate::vocab::sample::ROOM;

pub(super) const KEYWORD: Keyword = Keyword {
    name: "capture",
    sets: &[
        RuleSet::Content,
        RuleSet::Request,
        RuleSet::Response,
        RuleSet::AfterResponse,
    ],
    usage: "capture <expression> { len <length> | id <id> } [ { if | unless } <condition> ]",
    doc: "Captures a value into a slot of its own (requests only), or into one made by \
          \"declare capture\".",
    build,
};

#[derive(Debug)]
struct Capture {
    expression: Expression,
    on_request: bool,
    slot: usize,
}

fn build(line: &mut Line<'_, '_, '_>) -> Option<Box<dyn HttpAction>> {
    let expression = line.expression()?;
    let on_request = matches!(line.set, RuleSet::Content | RuleSet::Request);
    let word = line.required("'len' or 'id'")?;
    let kind = match &*word.bytes {
        b"len" if on_request => "len",
        b"id" => "id",
        _ => {
            let expected = match on_request {
                true => "'len' or 'id'",
                false => "'id'",
            };
            let message = format!("expects {expected}, found '{}'", word.text());
            line.error(word.span, message);
            return None;
        }
    };
    let value = line.required("a number")?;
    let Ok(number) = value.text().parse::<usize>() else {
        let message = match kind {
            "len" => "length must be > 0".to_owned(),
            _ => format!("cannot parse id '{}'", value.text()),
        };
        line.error(value.span, message);
        return None;
    };
    let outer = line.scope.site.outer;
    let slot = if kind == "id" {
        let captures = outer.captures();
        let slots = match on_request {
            true => captures.request.len(),
            false => captures.response.len(),
        };
        let missing = captures.is_front && number >= slots;
        drop(captures);
        if missing {
            let message = format!("unable to find capture id '{number}' referenced by this rule");
            line.error(value.span, message);
            return None;
        }
        number
    } else {
        let is_front = outer.captures().is_front;
        if number == 0 || !is_front {
            let message = match number {
                0 => "length must be > 0".to_owned(),
                _ => "the proxy has no frontend capability: use 'id'".to_owned(),
            };
            line.error(value.span, message);
            return None;
        }
        outer.captures().request.add(None, number)
    };
    Some(Box::new(Capture {
        expression,
        on_request,
        slot,
    }))
}

impl Capture {
    fn slots<'c>(&self, cx: &'c ActionContext<'_>) -> &'c Captured {
        match self.on_request {
            true => &cx.record.request_captures,
            false => &cx.record.response_captures,
        }
    }
}

impl HttpAction for Capture {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        self.expression.one(&cx.view(), &mut |value| {
            self.slots(cx).put(self.slot, value.text(&mut ROOM.clone()));
        });
        Verdict::Continue
    }
}
