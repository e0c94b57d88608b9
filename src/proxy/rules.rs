//! Running rule sets over a stream.

use super::client::Client;
use super::connect::Target;
use super::content::{self, Head};
use super::end::{Answer, End, Ruled};
use super::place::{Place, Spot};
use super::service::Service;
use super::transaction::Transaction;
use super::{cookie, reply, tracking, wait};
use crate::backend::{ServerState, Slot};
use crate::compile::config::{Backend, BackendId, HeaderNames, Mode, ServerTarget, SwitchTarget};
use crate::http1::{Header, Headers, is_cacheable};
use crate::observe::StreamTimeout;
use crate::protect::circuit_limits::Overflow;
use crate::table::Tracks;
use crate::vocab::action::{Refusal, Rule};
use crate::vocab::context::{ActionContext, Context, Names, Payload, Verdict, Wait};

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
        request_body: Payload::default(),
        response_body: Payload::default(),
        record: &tx.record,
        names: at.names(None, None),
        clock: &at.worker.clock,
        vars: at.vars(&client.vars, &tx.vars),
        tracks: Tracks {
            connection: Some(&client.tracks),
            stream: None,
        },
        holds: &tx.holds,
        state: at.worker,
        scratch: &tx.scratch,
    };
    let mut next = 0;
    let verdict = loop {
        match run(rules, &mut next, &mut cx) {
            (Verdict::ExpectProxy, _) => admission = Admission::WithProxyHeader,
            (verdict, _) => break verdict,
        }
    };
    at.worker.give_transaction(tx);
    match decide(verdict, false, client) {
        Ok(()) => admission,
        Err(_) => Admission::Refused,
    }
}

/// Runs one rule set over the request. `Ok` when the request goes on.
pub(super) async fn request(
    rules: &[Rule],
    at: Place<'_>,
    backend: Option<&Backend>,
    client: &mut Client,
    tx: &mut Transaction,
) -> Result<(), End> {
    let mut next = 0;
    while next < rules.len() {
        match run_request(rules, &mut next, at, backend, client, tx) {
            Verdict::Wait(Wait::Pause(time)) => wait::pause(at, client, time).await?,
            Verdict::Wait(Wait::Body {
                timeout_ms,
                at_least,
            }) => {
                let due = at.worker.clock.now().saturating_add(timeout_ms);
                wait::body(at, client, tx, due, at_least).await?;
            }
            Verdict::Hint => {
                let joined = |rule: &Rule| rule.condition.is_none() && rule.action.is_early_hint();
                if !rules.get(next).is_some_and(joined) {
                    reply::send_hints(at, client, tx).await;
                }
            }
            Verdict::Tarpit(refusal) => {
                let configured = backend
                    .map_or(&at.frontend.timeouts, |b| &b.timeouts)
                    .tarpit;
                let by_rules = &tx.record.by_rules;
                let time = by_rules.timeout(StreamTimeout::Tarpit, configured);
                tracking::tarpit(at, client, tx);
                wait::tarpit(at, client, tx, time).await;
                let outcome = decide(*refusal, false, client);
                return Err(match outcome {
                    Err(End::ByRule(ruled)) => End::ByRule(Ruled {
                        tarpitted: true,
                        timed: false,
                        ..ruled
                    }),
                    _ => End::RequestRuleFailed,
                });
            }
            verdict => return decide(verdict, false, client),
        }
    }
    Ok(())
}

/// Runs rules over the request from the `next` on up to one that does not just go on.
pub(super) fn run_request(
    rules: &[Rule],
    next: &mut usize,
    at: Place<'_>,
    backend: Option<&Backend>,
    client: &mut Client,
    tx: &mut Transaction,
) -> Verdict {
    let body = tx.upload.payload();
    make_room(at, &mut tx.request, body.bytes.len());
    let mut cx = ActionContext {
        conn: &mut client.facts,
        socket: Some(&client.stream),
        request: &mut tx.request,
        has_request: true,
        response: None,
        content: None,
        request_body: body,
        response_body: Payload::default(),
        record: &tx.record,
        names: at.names(backend, None),
        clock: &at.worker.clock,
        vars: at.vars(&client.vars, &tx.vars),
        tracks: Spot::tracks(&client.tracks, &tx.tracks),
        holds: &tx.holds,
        state: at.worker,
        scratch: &tx.scratch,
    };
    let (verdict, last) = run(rules, next, &mut cx);
    note_last(last, tx);
    verdict
}

/// The end of a request that a limit of its backend refuses.
pub(super) fn refuse_overflow(
    at: Place<'_>,
    backend: &Backend,
    refusal: &Refusal,
    client: &mut Client,
    tx: &mut Transaction,
    overflow: Overflow,
) -> End {
    let blocked_by = overflow.blocked_by().into();
    tx.record.by_rules.blocked_by.replace(Some(blocked_by));
    let verdict = refusal.verdict(&mut context(at, Some(backend), client, tx), Vec::new());
    match decide(verdict, false, client) {
        Err(End::ByRule(ruled)) => End::ByRule(Ruled {
            overflowed: true,
            ..ruled
        }),
        Err(end) => end,
        Ok(()) => End::RequestRuleFailed,
    }
}

/// What an answer to a request may look at.
pub(super) fn context<'a>(
    at: Place<'a>,
    backend: Option<&'a Backend>,
    client: &'a mut Client,
    tx: &'a mut Transaction,
) -> ActionContext<'a> {
    ActionContext {
        conn: &mut client.facts,
        socket: None,
        request: &mut tx.request,
        has_request: true,
        response: None,
        content: None,
        request_body: Payload::default(),
        response_body: Payload::default(),
        record: &tx.record,
        names: at.names(backend, None),
        clock: &at.worker.clock,
        vars: at.vars(&client.vars, &tx.vars),
        tracks: Spot::tracks(&client.tracks, &tx.tracks),
        holds: &tx.holds,
        state: at.worker,
        scratch: &tx.scratch,
    }
}

/// Bounds what rules may make of a head: head and body share a buffer, of which
/// `tune.maxrewrite` is left free when they arrive.
fn make_room(at: Place<'_>, head: &mut Headers, body: usize) {
    let global = &at.worker.shared.config.global;
    let most = global
        .bufsize
        .saturating_sub(global.maxrewrite)
        .saturating_sub(head.received_size());
    head.set_bound(global.bufsize - body.min(most));
}

/// What a rule set's verdict means for the stream.
pub(super) fn decide(verdict: Verdict, on_response: bool, client: &mut Client) -> Result<(), End> {
    let timed = !matches!(verdict, Verdict::Invalid);
    let (denied, answer) = match verdict {
        Verdict::Continue
        | Verdict::Allow
        | Verdict::Hint
        | Verdict::Wait(_)
        | Verdict::Tarpit(_) => return Ok(()),
        // Of no meaning but where their own rule sets look for them.
        Verdict::CloseServer
        | Verdict::ExpectProxy
        | Verdict::Incomplete
        | Verdict::SwitchToHttp
        | Verdict::SendTo(_) => return Ok(()),
        Verdict::Reject => return Err(End::Rejected { on_response }),
        Verdict::SilentDrop(hops) => {
            client.drop_silently(hops);
            return Err(End::Rejected { on_response: false });
        }
        Verdict::Challenge(realm) => (false, Answer::Challenge(realm)),
        Verdict::Failed | Verdict::Unanswerable if on_response => {
            return Err(End::ResponseRuleFailed);
        }
        Verdict::Failed | Verdict::Unanswerable => return Err(End::RequestRuleFailed),
        Verdict::Deny(status) => (true, Answer::Page(status)),
        Verdict::DenyPage(status, headers) => (true, Answer::PageWith(status, headers)),
        Verdict::DenyWith(reply) => (true, Answer::Own(reply)),
        Verdict::DenySilently => (true, Answer::Nothing),
        Verdict::Invalid => (true, Answer::Page(400)),
        Verdict::ReplyPage(status) => (false, Answer::Page(status)),
        Verdict::Reply(reply) => (false, Answer::Own(reply)),
        Verdict::Metrics(query) => (false, Answer::Service(Service::Metrics(query))),
    };
    Err(End::ByRule(Ruled {
        on_response,
        denied,
        tarpitted: false,
        overflowed: false,
        timed,
        answer,
    }))
}

/// `option http-restrict-req-hdr-names`.
pub(super) fn restrict_names(option: HeaderNames, tx: &mut Transaction) -> Result<(), End> {
    let is_unusual = |header: Header<'_>| {
        let usual = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
        !header.name.iter().all(usual)
    };
    match option {
        HeaderNames::Preserve => Ok(()),
        HeaderNames::Delete => {
            tx.request.remove_headers_where(is_unusual);
            Ok(())
        }
        HeaderNames::Reject if tx.request.headers().any(is_unusual) => Err(End::ByRule(Ruled {
            on_response: false,
            denied: true,
            tarpitted: false,
            overflowed: false,
            timed: true,
            answer: Answer::Page(403),
        })),
        HeaderNames::Reject => Ok(()),
    }
}

/// Whether frontend and backend are the halves of one `listen`, whose rules run once.
pub(super) fn is_same_proxy(at: Place<'_>, backend: &Backend) -> bool {
    at.frontend.uuid == backend.uuid
}

/// Whether these rules of the backend are to run: those of a `listen` have, as its frontend's.
pub(super) fn has_own(at: Place<'_>, backend: &Backend, rules: &[Rule]) -> bool {
    !rules.is_empty() && !is_same_proxy(at, backend)
}

/// Whose response it is: of a backend, and of a server's place there.
type By<'a> = (Option<&'a Backend>, Option<&'a Slot>);

/// How far the rules of a response have come.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Progress {
    set: usize,
    next: usize,
}

/// Runs the backend's, then the frontend's `http-response` rules, then `http-after-response`,
/// from where they have come to; what to wait for, if they are not through.
pub(super) fn response(
    at: Place<'_>,
    backend: &Backend,
    slot: Option<&Slot>,
    client: &mut Client,
    tx: &mut Transaction,
    progress: &mut Progress,
) -> Result<Option<Wait>, End> {
    let own: &[Rule] = match has_own(at, backend, &backend.response_rules) {
        true => &backend.response_rules,
        false => &[],
    };
    let sets = [own, &at.frontend.response_rules];
    let by = (Some(backend), slot);
    while let Some(rules) = sets.get(progress.set) {
        if let Verdict::Wait(wait) = on_response(rules, &mut progress.next, at, by, client, tx)? {
            return Ok(Some(wait));
        }
        *progress = Progress {
            set: progress.set + 1,
            next: 0,
        };
    }
    if let Some(slot) = slot.filter(|_| backend.cookie.is_some()) {
        make_room(at, &mut tx.response, tx.download.payload().bytes.len());
        cookie::response(at, backend, slot, tx).map_err(|_| End::ResponseRuleFailed)?;
    }
    let sets_cookie = || tx.response.header(b"set-cookie").is_some();
    if backend.check_cache && sets_cookie() && is_cacheable(&tx.request, &tx.response) {
        return Err(End::ByRule(Ruled {
            on_response: true,
            denied: true,
            overflowed: false,
            tarpitted: false,
            timed: true,
            answer: Answer::Page(502),
        }));
    }
    after_response(at, by, client, tx).map(|()| None)
}

/// Whether any `http-after-response` rule may run.
pub(super) fn has_after_response(at: Place<'_>, backend: Option<&Backend>) -> bool {
    let backend = backend.is_some_and(|backend| !backend.after_response_rules.is_empty());
    backend || !at.frontend.after_response_rules.is_empty()
}

/// Runs the `http-after-response` rules, which see our own answers too.
pub(super) fn after_response(
    at: Place<'_>,
    by: By<'_>,
    client: &mut Client,
    tx: &mut Transaction,
) -> Result<(), End> {
    if let Some(backend) = by.0
        && has_own(at, backend, &backend.after_response_rules)
    {
        on_response(&backend.after_response_rules, &mut 0, at, by, client, tx)?;
    }
    let rules = &at.frontend.after_response_rules;
    on_response(rules, &mut 0, at, by, client, tx).map(drop)
}

/// Runs one rule set over the response from the `next` rule on. `Ok` unless it decides.
fn on_response(
    rules: &[Rule],
    next: &mut usize,
    at: Place<'_>,
    (backend, slot): By<'_>,
    client: &mut Client,
    tx: &mut Transaction,
) -> Result<Verdict, End> {
    if rules.is_empty() {
        return Ok(Verdict::Continue);
    }
    let body = tx.download.payload();
    make_room(at, &mut tx.response, body.bytes.len());
    let mut cx = ActionContext {
        conn: &mut client.facts,
        socket: Some(&client.stream),
        request: &mut tx.request,
        has_request: true,
        response: Some(&mut tx.response),
        content: None,
        request_body: Payload::default(),
        response_body: body,
        record: &tx.record,
        names: at.names(backend, slot),
        clock: &at.worker.clock,
        vars: at.vars(&client.vars, &tx.vars),
        tracks: Spot::tracks(&client.tracks, &tx.tracks),
        holds: &tx.holds,
        state: at.worker,
        scratch: &tx.scratch,
    };
    let (verdict, last) = run(rules, next, &mut cx);
    note_last(last, tx);
    match verdict {
        Verdict::Wait(_) => Ok(verdict),
        Verdict::SilentDrop(_) => {
            // The log shows what the client would have got.
            tx.record.status = tx.response.status();
            decide(verdict, true, client).map(|()| Verdict::Continue)
        }
        verdict => decide(verdict, true, client).map(|()| Verdict::Continue),
    }
}

/// Keeps which rule ended a rule set, for logs.
pub(super) fn note_last(rule: Option<&Rule>, tx: &mut Transaction) {
    if let Some(rule) = rule {
        tx.record.last_rule.clone_from(&rule.location);
    }
}

/// Runs rules from the `next` on up to one that does not just go on; gives its verdict and which
/// it was. `next` is then the one after it.
fn run<'r>(
    rules: &'r [Rule],
    next: &mut usize,
    cx: &mut ActionContext<'_>,
) -> (Verdict, Option<&'r Rule>) {
    while let Some(rule) = rules.get(*next) {
        *next += 1;
        if rule
            .condition
            .as_ref()
            .is_some_and(|condition| !condition.holds(&cx.view()))
        {
            continue;
        }
        match rule.action.run(cx) {
            Verdict::Continue => {}
            Verdict::Failed => {
                let failed = &cx.record.by_rules.failed_rewrites;
                failed.set(failed.get().saturating_add(1));
                if !is_lenient(cx) {
                    return (Verdict::Failed, Some(rule));
                }
            }
            verdict => return (verdict, Some(rule)),
        }
    }
    (Verdict::Continue, None)
}

/// `strict-mode off`.
fn is_lenient(cx: &ActionContext<'_>) -> bool {
    let by_rules = &cx.record.by_rules;
    match cx.response {
        Some(_) => by_rules.lenient_response.get(),
        None => by_rules.lenient_request.get(),
    }
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
        request_body: tx.upload.payload(),
        response_body: Payload::default(),
        record: &tx.record,
        names,
        clock: &at.worker.clock,
        vars: at.vars(&client.vars, &tx.vars),
        tracks: Spot::tracks(&client.tracks, &tx.tracks),
        state: at.worker,
        scratch: &tx.scratch,
    }
}

/// The backend: that of the first `use_backend` that applies, else the default one. Where a name
/// made of the request is no backend's, no further rule is looked at.
pub(super) fn backend(at: Place<'_>, client: &Client, tx: &mut Transaction) -> Option<BackendId> {
    let default = at.frontend.default_backend;
    if !at.is_switching() && default.is_some_and(|id| is_enabled(at, id)) {
        return default;
    }
    let mut name = std::mem::take(&mut tx.text);
    let tcp = at.mode == Mode::Tcp;
    let is_http = !tcp || at.is_switching() && content::find_head(at, tx) == Head::Read;
    let seen = tcp.then(|| content::raw(at, tx.upload.buffer.data(), true));
    let view = view(at, at.names(None, None), client, tx);
    let cx = Context {
        request: view.request.filter(|_| is_http),
        content: seen.as_ref(),
        ..view
    };
    let found = switch(at, &cx, &mut name);
    let found = found.or_else(|| default.filter(|id| is_eligible(at, &cx, *id)));
    tx.text = name;
    found
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
                at.worker.shared.config.backend_named(name)
            }
        })
        .find(|found| found.is_none_or(|id| is_eligible(at, cx, id)))
        .flatten()
}

/// `use-server`: the server that the first line that applies names, unless it is down and nothing
/// sends requests there all the same.
pub(super) fn server(at: Place<'_>, to: Target<'_>, client: &Client, tx: &mut Transaction) {
    let backend = to.backend;
    if backend.server_rules.is_empty() {
        return;
    }
    let mut name = std::mem::take(&mut tx.text);
    let stays = backend.persist || tx.affinity.force;
    let may_serve = |&server: &usize| {
        let state = to.state.servers().get(server);
        stays || state.is_some_and(ServerState::is_up)
    };
    let assigned = in_backend(at, backend, client, tx, |cx| {
        backend
            .server_rules
            .iter()
            .filter(|rule| rule.condition.holds(cx))
            .map(|rule| match &rule.target {
                ServerTarget::Server(server) => Some(*server),
                ServerTarget::Format(format) => {
                    name.clear();
                    format.render(cx, &mut name);
                    backend.server_named(&name)
                }
            })
            // A name that is no server's ends the search, a server that is down does not.
            .find(|found| found.as_ref().is_none_or(may_serve))
            .flatten()
    });
    tx.text = name;
    tx.affinity.server = assigned;
}

/// What `look` finds in a request, or in the first bytes of a connection, given to this backend.
pub(super) fn in_backend<T>(
    at: Place<'_>,
    backend: &Backend,
    client: &Client,
    tx: &Transaction,
    look: impl FnOnce(&Context<'_>) -> T,
) -> T {
    let tcp = backend.mode == Mode::Tcp;
    let seen = tcp.then(|| content::raw(at, tx.upload.buffer.data(), true));
    let view = view(at, at.names(Some(backend), None), client, tx);
    look(&Context {
        request: view.request.filter(|_| !tcp),
        content: seen.as_ref(),
        ..view
    })
}

/// Whether the request may be given to this backend: one that is disabled or not published is
/// passed over but for
/// `force-be-switch`.
pub(super) fn is_eligible(at: Place<'_>, cx: &Context<'_>, id: BackendId) -> bool {
    let is_forced = || at.frontend.force_switch.iter().any(|rule| rule.holds(cx));
    is_enabled(at, id) || at.worker.backend(id).is_some() && is_forced()
}

fn is_enabled(at: Place<'_>, id: BackendId) -> bool {
    let (backend, state) = (at.worker.backend(id), at.worker.backend_state(id));
    backend.is_some_and(|backend| !backend.disabled)
        && state.is_some_and(|state| state.is_published())
}
