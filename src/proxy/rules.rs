//! Running rule sets over a stream.

use super::client::Client;
use super::end::{Answer, End, Ruled};
use super::place::Place;
use super::transaction::Transaction;
use crate::backend::Slot;
use crate::compile::config::{Backend, BackendId, SwitchTarget};
use crate::vocab::action::Rule;
use crate::vocab::context::{ActionContext, Context, Names, Payload, Verdict};

/// Runs one rule set over the request. `Ok` when the request goes on.
pub(super) fn request(
    rules: &[Rule],
    at: Place<'_>,
    names: Names<'_>,
    client: &Client,
    tx: &mut Transaction,
) -> Result<(), End> {
    if rules.is_empty() {
        return Ok(());
    }
    let mut cx = ActionContext {
        conn: &client.facts,
        request: &mut tx.request,
        response: None,
        request_body: tx.upload.payload(),
        response_body: Payload::default(),
        record: &tx.record,
        names,
        clock: &at.worker.clock,
        scratch: &tx.scratch,
    };
    decide(run(rules, &mut cx), false)
}

/// What a rule set's verdict means for the stream.
fn decide(verdict: Verdict, on_response: bool) -> Result<(), End> {
    let (denied, answer) = match verdict {
        Verdict::Continue | Verdict::Allow => return Ok(()),
        Verdict::Failed if on_response => return Err(End::ResponseRuleFailed),
        Verdict::Failed => return Err(End::RequestRuleFailed),
        Verdict::Deny(status) => (true, Answer::Page(status)),
        Verdict::DenyWith(reply) => (true, Answer::Own(reply)),
        Verdict::DenySilently => (true, Answer::Nothing),
        Verdict::ReplyPage(status) => (false, Answer::Page(status)),
        Verdict::Reply(reply) => (false, Answer::Own(reply)),
    };
    Err(End::ByRule(Ruled {
        on_response,
        denied,
        answer,
    }))
}

/// Runs the backend's rules over the request, unless they were the frontend's already.
pub(super) fn backend_request(
    at: Place<'_>,
    backend: &Backend,
    client: &Client,
    tx: &mut Transaction,
) -> Result<(), End> {
    if is_same_proxy(at, backend) {
        return Ok(());
    }
    let names = at.names(Some(backend), None);
    request(&backend.request_rules, at, names, client, tx)
}

/// Whether frontend and backend are the halves of one `listen`, whose rules run once.
fn is_same_proxy(at: Place<'_>, backend: &Backend) -> bool {
    at.frontend.uuid == backend.uuid
}

/// Runs the backend's, then the frontend's `http-response` rules, then `http-after-response`.
pub(super) fn response(
    at: Place<'_>,
    backend: &Backend,
    slot: &Slot,
    client: &Client,
    tx: &mut Transaction,
) -> Result<(), End> {
    let names = at.names(Some(backend), Some(slot));
    if !is_same_proxy(at, backend) {
        on_response(&backend.response_rules, at, names, client, tx)?;
    }
    on_response(&at.frontend.response_rules, at, names, client, tx)?;
    after_response(at, Some(backend), names, client, tx)
}

/// Whether any `http-after-response` rule may run.
pub(super) fn has_after_response(at: Place<'_>, backend: Option<&Backend>) -> bool {
    let backend = backend.is_some_and(|backend| !backend.after_response_rules.is_empty());
    backend || !at.frontend.after_response_rules.is_empty()
}

/// Runs the `http-after-response` rules, which see our own answers too.
pub(super) fn after_response(
    at: Place<'_>,
    backend: Option<&Backend>,
    names: Names<'_>,
    client: &Client,
    tx: &mut Transaction,
) -> Result<(), End> {
    if let Some(backend) = backend.filter(|backend| !is_same_proxy(at, backend)) {
        on_response(&backend.after_response_rules, at, names, client, tx)?;
    }
    on_response(&at.frontend.after_response_rules, at, names, client, tx)
}

fn on_response(
    rules: &[Rule],
    at: Place<'_>,
    names: Names<'_>,
    client: &Client,
    tx: &mut Transaction,
) -> Result<(), End> {
    if rules.is_empty() {
        return Ok(());
    }
    let mut cx = ActionContext {
        conn: &client.facts,
        request: &mut tx.request,
        response: Some(&mut tx.response),
        request_body: Payload::default(),
        response_body: tx.download.payload(),
        record: &tx.record,
        names,
        clock: &at.worker.clock,
        scratch: &tx.scratch,
    };
    decide(run(rules, &mut cx), true)
}

fn run(rules: &[Rule], cx: &mut ActionContext<'_>) -> Verdict {
    for rule in rules {
        if rule
            .condition
            .as_ref()
            .is_some_and(|condition| !condition.holds(&cx.view()))
        {
            continue;
        }
        match rule.action.run(cx) {
            Verdict::Continue => {}
            verdict => return verdict,
        }
    }
    Verdict::Continue
}

/// What conditions and formats may look at while the request is being routed.
pub(super) fn view<'a>(
    at: Place<'a>,
    names: Names<'a>,
    client: &'a Client,
    tx: &'a Transaction,
) -> Context<'a> {
    Context {
        conn: &client.facts,
        request: Some(&tx.request),
        response: None,
        request_body: tx.upload.payload(),
        response_body: Payload::default(),
        record: &tx.record,
        names,
        clock: &at.worker.clock,
        scratch: &tx.scratch,
    }
}

/// The backend: that of the first `use_backend` that applies, else the default one. Where a name
/// made of the request is no backend's, no further rule is looked at.
pub(super) fn backend(at: Place<'_>, client: &Client, tx: &mut Transaction) -> Option<BackendId> {
    let mut name = std::mem::take(&mut tx.text);
    let cx = view(at, at.names(None, None), client, tx);
    let found = switch(at, &cx, &mut name);
    tx.text = name;
    let default = at.frontend.default_backend;
    found.or_else(|| default.filter(|id| is_eligible(at, *id)))
}

fn switch(at: Place<'_>, cx: &Context<'_>, name: &mut Vec<u8>) -> Option<BackendId> {
    at.frontend
        .switching
        .iter()
        .filter(|rule| rule.condition.as_ref().is_none_or(|c| c.holds(cx)))
        .map(|rule| match &rule.target {
            SwitchTarget::Backend(id) => Some(*id),
            SwitchTarget::Format(format) => {
                name.clear();
                format.render(cx, name);
                at.frontend.backends_by_name.get(name.as_slice()).copied()
            }
        })
        .find(|found| found.is_none_or(|id| is_eligible(at, id)))
        .flatten()
}

/// Whether requests may be given to this backend: a disabled one is passed over.
fn is_eligible(at: Place<'_>, id: BackendId) -> bool {
    at.worker
        .backend(id)
        .is_some_and(|backend| !backend.disabled)
}
