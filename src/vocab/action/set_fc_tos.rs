//! `set-fc-tos` and `set-fc-mark`: how the kernel treats packets to the client.
//!
//! A value the kernel refuses changes nothing: marks need special rights.

use super::{HttpAction, Keyword, Line, RuleSet};
use crate::net::Stream;
use crate::vocab::context::{ActionContext, Verdict};
use crate::vocab::expression::Expression;

pub(super) const SET_FC_TOS: Keyword = tos(
    "set-fc-tos",
    "set-fc-tos <tos | expr> [ { if | unless } <condition> ]",
    "Sets the type of service (DSCP) of packets to the client.",
);

pub(super) const SET_TOS: Keyword = tos(
    "set-tos",
    "set-tos <tos> [ { if | unless } <condition> ]",
    "The older name of 'set-fc-tos'.",
);

pub(super) const SET_FC_MARK: Keyword = mark(
    "set-fc-mark",
    "set-fc-mark <mark | expr> [ { if | unless } <condition> ]",
    "Sets the firewall mark of packets to the client.",
);

pub(super) const SET_MARK: Keyword = mark(
    "set-mark",
    "set-mark <mark> [ { if | unless } <condition> ]",
    "The older name of 'set-fc-mark'.",
);

const SETS: &[RuleSet] = &[
    RuleSet::Connection,
    RuleSet::Session,
    RuleSet::Content,
    RuleSet::ResponseContent,
    RuleSet::Request,
    RuleSet::Response,
];

const fn tos(name: &'static str, usage: &'static str, doc: &'static str) -> Keyword {
    Keyword {
        name,
        sets: SETS,
        usage,
        doc,
        build: |line| build(line, |socket, value| socket.set_tos(value)),
    }
}

const fn mark(name: &'static str, usage: &'static str, doc: &'static str) -> Keyword {
    Keyword {
        build: |line| build(line, |socket, value| socket.set_mark(value)),
        ..tos(name, usage, doc)
    }
}

#[derive(Debug)]
struct SetOption {
    value: Number,
    set: fn(&Stream, u32),
}

#[derive(Debug)]
enum Number {
    Known(u32),
    Asked(Expression),
}

fn build(line: &mut Line<'_, '_, '_>, set: fn(&Stream, u32)) -> Option<Box<dyn HttpAction>> {
    let known = line.rest.first().and_then(|word| number(&word.text()));
    let value = match known {
        Some(number) => {
            line.next();
            Number::Known(number)
        }
        None => Number::Asked(line.expression()?),
    };
    Some(Box::new(SetOption { value, set }))
}

/// A number, hexadecimal after `0x`.
fn number(text: &str) -> Option<u32> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

impl HttpAction for SetOption {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        let mut value = None;
        match &self.value {
            Number::Known(number) => value = Some(*number),
            Number::Asked(expression) => {
                expression.one(&cx.view(), &mut |sample| {
                    // The low 32 bits, as HAProxy keeps them.
                    value = sample.int().map(|value| (value & 0xffff_ffff) as u32);
                });
            }
        }
        if let (Some(socket), Some(value)) = (cx.socket, value) {
            (self.set)(socket, value);
        }
        Verdict::Continue
    }
}
