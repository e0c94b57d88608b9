//! Running rule sets over a stream.

use super::client::Client;
use super::content::{self, Head};
use super::end::{Answer, End, Ruled};
use super::place::Place;
use super::transaction::Transaction;
use crate::backend::Slot;
use crate::compile::config::{Backend, BackendId, Mode, SwitchTarget};
use crate::vocab::action::Rule;
use crate::vocab::context::{ActionContext, Context, Names, Verdict};

/// What the rules on a fresh connection decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// It is served.
    Admitted,
    /// It is served once a PROXY header was read.
    WithProxyHeader,
    /// It is closed.
    Refused,
}

/// Runs the `tcp-request connection` rules: nothing but the connection is known.
pub(super) fn connection(at: Place<'_>, client: &mut Client) -> Admission {
    let admission = on_connection(&at.frontend.connection_rules, at, client);
    if admission == Admission::Refused {
        // One reset, and nothing lingers.
        client.stream.linger_none();
    }
    admission
}

/// Runs the `tcp-request session` rules: the handshakes are done.
pub(super) fn session(at: Place<'_>, client: &mut Client) -> Admission {
    let admission = on_connection(&at.frontend.session_rules, at, client);
    client.settle_ends();
    admission
}

fn on_connection(rules: &[Rule], at: Place<'_>, client: &mut Client) -> Admission {
    if rules.is_empty() {
        return Admission::Admitted;
    }
    let mut tx = at.worker.take_transaction();
    let mut admission = Admission::Admitted;
    let mut cx = ActionContext {
        conn: &mut client.facts,
        socket: Some(&client.stream),
        request: &mut tx.request,
        has_request: false,
        response: None,
        content: None,
        record: &tx.record,
        names: at.names(None, None),
        clock: &at.worker.clock,
        vars: at.vars(&client.vars, &tx.vars),
        state: at.worker,
        scratch: &tx.scratch,
    };
    let mut rest = rules;
    let verdict = loop {
        match run_first(rest, &mut cx) {
            Some((Verdict::ExpectProxy, _, after)) => {
                admission = Admission::WithProxyHeader;
                rest = after;
            }
            Some((verdict, ..)) => break verdict,
            None => break Verdict::Continue,
        }
    };
    at.worker.give_transaction(tx);
    match decide(verdict, false, client) {
        Ok(()) => admission,
        Err(_) => Admission::Refused,
    }
}

/// Runs one rule set over the request. `Ok` when the request goes on.
pub(super) fn request(
    rules: &[Rule],
    at: Place<'_>,
    names: Names<'_>,
    client: &mut Client,
    tx: &mut Transaction,
) -> Result<(), End> {
    if rules.is_empty() {
        return Ok(());
    }
    let mut cx = ActionContext {
        conn: &mut client.facts,
        socket: Some(&client.stream),
        request: &mut tx.request,
        has_request: true,
        response: None,
        content: None,
        record: &tx.record,
        names,
        clock: &at.worker.clock,
        vars: at.vars(&client.vars, &tx.vars),
        state: at.worker,
        scratch: &tx.scratch,
    };
    let (verdict, last) = run(rules, &mut cx);
    note_last(last, tx);
    decide(verdict, false, client)
}

/// What a rule set's verdict means for the stream.
pub(super) fn decide(verdict: Verdict, on_response: bool, client: &mut Client) -> Result<(), End> {
    let (denied, answer) = match verdict {
        Verdict::Continue | Verdict::Allow => return Ok(()),
        // Of no meaning but where their own rule sets look for them.
        Verdict::CloseServer | Verdict::ExpectProxy => return Ok(()),
        Verdict::Reject => return Err(End::Rejected { on_response }),
        Verdict::SilentDrop(hops) => {
            client.drop_silently(hops);
            return Err(End::Rejected { on_response: false });
        }
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
    client: &mut Client,
    tx: &mut Transaction,
) -> Result<(), End> {
    if is_same_proxy(at, backend) {
        return Ok(());
    }
    let names = at.names(Some(backend), None);
    request(&backend.request_rules, at, names, client, tx)
}

/// Whether frontend and backend are the halves of one `listen`, whose rules run once.
pub(super) fn is_same_proxy(at: Place<'_>, backend: &Backend) -> bool {
    at.frontend.uuid == backend.uuid
}

/// Runs the backend's, then the frontend's `http-response` rules, then `http-after-response`.
pub(super) fn response(
    at: Place<'_>,
    backend: &Backend,
    slot: &Slot,
    client: &mut Client,
    tx: &mut Transaction,
) -> Result<(), End> {
    at.vars(&client.vars, &tx.vars).begin_response();
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
    client: &mut Client,
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
    client: &mut Client,
    tx: &mut Transaction,
) -> Result<(), End> {
    if rules.is_empty() {
        return Ok(());
    }
    let mut cx = ActionContext {
        conn: &mut client.facts,
        socket: Some(&client.stream),
        request: &mut tx.request,
        has_request: true,
        response: Some(&mut tx.response),
        content: None,
        record: &tx.record,
        names,
        clock: &at.worker.clock,
        vars: at.vars(&client.vars, &tx.vars),
        state: at.worker,
        scratch: &tx.scratch,
    };
    let (verdict, last) = run(rules, &mut cx);
    note_last(last, tx);
    decide(verdict, true, client)
}

/// Keeps which rule ended a rule set, for logs.
pub(super) fn note_last(rule: Option<&Rule>, tx: &mut Transaction) {
    if let Some(rule) = rule {
        tx.record.last_rule.clone_from(&rule.location);
    }
}

/// Runs rules up to one that decides; gives its verdict and which it was.
fn run<'r>(rules: &'r [Rule], cx: &mut ActionContext<'_>) -> (Verdict, Option<&'r Rule>) {
    match run_first(rules, cx) {
        Some((verdict, rule, _)) => (verdict, Some(rule)),
        None => (Verdict::Continue, None),
    }
}

/// Runs rules up to the first that does not just go on; gives its verdict, which it was, and
/// those after it.
fn run_first<'r>(
    rules: &'r [Rule],
    cx: &mut ActionContext<'_>,
) -> Option<(Verdict, &'r Rule, &'r [Rule])> {
    let mut rest = rules;
    while let Some((rule, after)) = rest.split_first() {
        rest = after;
        if rule
            .condition
            .as_ref()
            .is_some_and(|condition| !condition.holds(&cx.view()))
        {
            continue;
        }
        match rule.action.run(cx) {
            Verdict::Continue => {}
            verdict => return Some((verdict, rule, rest)),
        }
    }
    None
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
        content: None,
        record: &tx.record,
        names,
        clock: &at.worker.clock,
        vars: at.vars(&client.vars, &tx.vars),
        state: at.worker,
        scratch: &tx.scratch,
    }
}

/// The backend: that of the first `use_backend` that applies, else the default one. Where a name
/// made of the request is no backend's, no further rule is looked at.
pub(super) fn backend(at: Place<'_>, client: &Client, tx: &mut Transaction) -> Option<BackendId> {
    let mut name = std::mem::take(&mut tx.text);
    let tcp = at.frontend.mode == Mode::Tcp;
    let is_http = !tcp || at.is_switching() && content::find_head(at, tx) == Head::Read;
    let seen = tcp.then(|| content::raw(at, tx.upload.buffer.data(), true));
    let view = view(at, at.names(None, None), client, tx);
    let cx = Context {
        request: view.request.filter(|_| is_http),
        content: seen.as_ref(),
        ..view
    };
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
