//! `when(<condition>)`: lets a value pass or not by what happened to the stream.
//!
//! Deliberately absent: `stopping` and `acl`, which this place cannot know yet and refuses.

use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Args, BadArg, Kind, optional, required};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["when"],
    args: &[
        required("condition", Kind::Str),
        optional("argument", Kind::Str),
        optional("argument", Kind::Str),
    ],
    takes: Type::Any,
    gives: Type::Any,
    doc: "The value if <condition> is met, or not met after \"!\": \"error\" if the stream failed, \
          was retried or redispatched, or its status is 500 or more; \"normal\" if not; \
          \"forwarded\" if a server connection was started; \"toapplet\" if the proxy itself \
          served it; \"processed\" if either is so.",
    examples: &[
        ("str(a),when(normal)", Some("a")),
        ("int(1),when(!error),add(1)", Some("2")),
        ("str(a),when(!normal)", None),
        ("str(a),when(error)", None),
        ("str(a),when(forwarded)", None),
        ("str(a),when(!processed)", Some("a")),
        ("str(a),when(toapplet)", None),
    ],
    build: Build::With(build),
};

#[derive(Clone, Copy, Debug)]
enum Condition {
    Normal,
    Error,
    Forwarded,
    ToApplet,
}

const CONDITIONS: &[(&[u8], Condition)] = &[
    (b"normal", Condition::Normal),
    (b"error", Condition::Error),
    (b"forwarded", Condition::Forwarded),
    (b"toapplet", Condition::ToApplet),
    // Nothing but forwarding is told apart yet.
    (b"processed", Condition::Forwarded),
];

#[derive(Debug)]
struct When {
    condition: Condition,
    negated: bool,
}

fn build(args: &Args) -> Result<Box<dyn Converting>, BadArg> {
    let text = args.text(0).unwrap_or_default();
    let (negated, name) = match text.strip_prefix(b"!") {
        Some(name) => (true, name),
        None => (false, text),
    };
    let shown = String::from_utf8_lossy(name);
    if matches!(name, b"stopping" | b"acl") {
        let message = format!("condition '{shown}' is not supported yet");
        return Err(BadArg::new(0, message));
    }
    let found = CONDITIONS.iter().find(|(known, _)| *known == name);
    let Some(&(_, condition)) = found else {
        let message = format!(
            "expects a supported keyword among \
             {{stopping,normal,error,forwarded,toapplet,processed,acl}} but got '{shown}'"
        );
        return Err(BadArg::new(0, message));
    };
    Ok(Box::new(When { condition, negated }))
}

impl Converting for When {
    fn apply<'s>(
        &'s self,
        cx: &Context<'s>,
        input: Sample<'s>,
        _: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let met = match self.condition {
            Condition::Normal => !failed(cx),
            Condition::Error => failed(cx),
            Condition::Forwarded => cx.record.queued_us != 0,
            Condition::ToApplet => false,
        };
        (met != self.negated).then_some(input)
    }
}

/// What `option dontlog-normal` takes for an error.
fn failed(cx: &Context<'_>) -> bool {
    let record = cx.record;
    let status = match record.status {
        0 => cx.response.map_or(0, |response| response.status()),
        sent => sent,
    };
    let retried = match record.termination.cause {
        b'-' => record.retries > 0,
        // The proxy's own answers are no errors.
        b'L' => false,
        _ => true,
    };
    record.redispatched || retried || status >= 500
}
