//! `when(<condition>[,<acl>])`: lets a value pass or not by what happened to the stream.

use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{AclRef, Args, BadArg, Kind, optional, required};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};
use crate::vocab::state::ProcessFact;

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["when"],
    args: &[required("condition", Kind::Str), optional("acl", Kind::Acl)],
    takes: Type::Any,
    gives: Type::Any,
    doc: "The value if <condition> is met, or not met after \"!\": \"error\" if the stream failed, \
          was retried or redispatched, or its status is 500 or more; \"normal\" if not; \
          \"forwarded\" if a server connection was started; \"toapplet\" if the proxy itself \
          served it; \"processed\" if either is so; \"stopping\" if the process finishes; \
          \"acl\" if <acl> matches.",
    examples: &[
        ("str(a),when(normal)", Some("a")),
        ("int(1),when(!error),add(1)", Some("2")),
        ("str(a),when(!normal)", None),
        ("str(a),when(error)", None),
        ("str(a),when(forwarded)", None),
        ("str(a),when(!processed)", Some("a")),
        ("str(a),when(toapplet)", None),
        ("str(a),when(!stopping)", Some("a")),
        ("str(a),when(acl,METH_GET)", Some("a")),
        ("str(a),when(!acl,METH_GET)", None),
    ],
    build: Build::With(build),
};

#[derive(Debug)]
enum Condition {
    Stopping,
    Normal,
    Error,
    Forwarded,
    ToApplet,
    Acl(AclRef),
}

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
    let condition = match name {
        b"stopping" => Condition::Stopping,
        b"normal" => Condition::Normal,
        b"error" => Condition::Error,
        // Nothing of our own is told apart from a request that no server got.
        b"forwarded" | b"processed" => Condition::Forwarded,
        b"toapplet" => Condition::ToApplet,
        b"acl" => Condition::Acl(args.acl(1).ok_or_else(|| {
            let message = "'acl' selector requires an extra argument with the ACL name";
            BadArg::new(0, message)
        })?),
        _ => {
            let shown = String::from_utf8_lossy(name);
            let message = format!(
                "expects a supported keyword among \
                 {{stopping,normal,error,forwarded,toapplet,processed,acl}} but got '{shown}'"
            );
            return Err(BadArg::new(0, message));
        }
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
        let met = match &self.condition {
            Condition::Stopping => cx.state.process(ProcessFact::Stopping)? != 0,
            Condition::Normal => !failed(cx),
            Condition::Error => failed(cx),
            Condition::Forwarded => cx.record.queued_us != 0,
            Condition::ToApplet => false,
            Condition::Acl(acl) => acl.holds(cx),
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
