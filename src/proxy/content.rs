//! `tcp-request content` and `tcp-response content`: rules on bytes, evaluated as these arrive.
//!
//! A rule whose condition may still change makes the whole set wait, until the inspection delay is
//! over, the buffer is full or the sender is done; then what is there decides. In HTTP mode heads
//! have been read before, so that only `wait_end` waits. Deliberately absent: relaying (`tunnel`).

use super::client::Client;
use super::end::End;
use super::place::{Place, Spot};
use super::rules::{self, is_same_proxy};
use super::transaction::Transaction;
use crate::backend::Slot;
use crate::clock::{Millis, NEVER};
use crate::compile::config::{Backend, ContentRules, Mode};
use crate::net::{ReadOutcome, Stream};
use crate::vocab::action::Rule;
use crate::vocab::content::Content;
use crate::vocab::context::{ActionContext, Names, Payload, Verdict};
use std::task::{Context, Poll};

/// How a stream goes on after rules on its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Onward {
    /// As it is.
    Same,
    /// As HTTP (`switch-mode`).
    Http,
}

/// Runs the frontend's rules over what the client sends.
pub(super) async fn of_frontend(
    at: Place<'_>,
    client: &mut Client,
    tx: &mut Transaction,
) -> Result<Onward, End> {
    let result = inspect(at, at.names(None, None), &at.frontend.content, client, tx).await;
    if result.is_err() && at.mode == Mode::Http {
        // For the log there was no request yet.
        tx.record.bad_request = true;
        tx.record.request_line.clear();
    }
    result
}

/// Runs the backend's rules, unless they were the frontend's already.
pub(super) async fn of_backend(
    at: Place<'_>,
    backend: &Backend,
    client: &mut Client,
    tx: &mut Transaction,
) -> Result<(), End> {
    if is_same_proxy(at, backend) {
        return Ok(());
    }
    inspect(
        at,
        at.names(Some(backend), None),
        &backend.content,
        client,
        tx,
    )
    .await
    .map(drop)
}

async fn inspect(
    at: Place<'_>,
    names: Names<'_>,
    set: &ContentRules,
    client: &mut Client,
    tx: &mut Transaction,
) -> Result<Onward, End> {
    if set.rules.is_empty() {
        return Ok(Onward::Same);
    }
    let due = at.worker.clock.now().saturating_add(set.delay);
    let given_up = at.client_deadline();
    std::future::poll_fn(|cx| {
        loop {
            let arrived = receive(at, client, tx, cx)?;
            let now = at.worker.clock.now();
            let settled = arrived == Arrived::All || set.delay == 0 || now >= due;
            if let Some((verdict, last)) = evaluate(at, names, &set.rules, settled, client, tx) {
                rules::note_last(last, tx);
                let onward = match verdict {
                    Verdict::SwitchToHttp => Onward::Http,
                    _ => Onward::Same,
                };
                return Poll::Ready(rules::decide(verdict, false, client).map(|()| onward));
            }
            if arrived == Arrived::Some {
                continue;
            }
            if client.poll_deadline(cx, due.min(given_up)).is_pending() {
                return Poll::Pending;
            }
            if given_up < due {
                return Poll::Ready(Err(End::ContentTimeout));
            }
        }
    })
    .await
}

/// What a look at the sender found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arrived {
    /// Nothing new; the task is woken by more.
    Nothing,
    /// Bytes, and perhaps there are more.
    Some,
    /// All that rules can see.
    All,
}

/// Reads from the client; in HTTP mode only notices that it leaves.
fn receive(
    at: Place<'_>,
    client: &mut Client,
    tx: &mut Transaction,
    cx: &mut Context<'_>,
) -> Result<Arrived, End> {
    if at.mode == Mode::Http {
        return Ok(match client.stream.poll_hangup(cx) {
            Poll::Ready(()) => Arrived::All,
            Poll::Pending => Arrived::Nothing,
        });
    }
    let limit = at.worker.shared.head_limits.max_size;
    if tx.upload.buffer.data().len() >= limit {
        return Ok(Arrived::All);
    }
    match client
        .stream
        .poll_read(cx, tx.upload.room(&at.worker.buffers))
    {
        Poll::Ready(Ok(ReadOutcome::Data(_))) => Ok(Arrived::Some),
        Poll::Ready(Ok(ReadOutcome::Eof | ReadOutcome::Full)) => Ok(Arrived::All),
        Poll::Ready(Err(_)) => Err(End::ContentAborted),
        Poll::Pending => Ok(Arrived::Nothing),
    }
}

/// Goes through the rules once. `None` is to come again when more has arrived.
fn evaluate<'r>(
    at: Place<'_>,
    names: Names<'_>,
    rules: &'r [Rule],
    settled: bool,
    client: &mut Client,
    tx: &mut Transaction,
) -> Option<Decision<'r>> {
    let tcp = at.mode == Mode::Tcp;
    let head = match tcp {
        true => find_head(at, tx),
        false => Head::Read,
    };
    let content = match tcp {
        true => raw(at, tx.upload.buffer.data(), settled).may_be_http(head == Head::Awaited),
        false => Content::message(settled),
    };
    let mut cx = ActionContext {
        conn: &mut client.facts,
        socket: Some(&client.stream),
        request: &mut tx.request,
        has_request: head == Head::Read,
        response: None,
        content: Some(&content),
        request_body: tx.upload.payload(),
        response_body: Payload::default(),
        record: &tx.record,
        names,
        clock: &at.worker.clock,
        vars: at.vars(&client.vars, &tx.vars),
        tracks: Spot::tracks(&client.tracks, &tx.tracks),
        holds: &tx.holds,
        state: at.worker,
        scratch: &tx.scratch,
    };
    run(rules, &mut cx)
}

/// What has been received of a side, for rules in TCP mode.
pub(super) fn raw<'a>(at: Place<'_>, bytes: &'a [u8], settled: bool) -> Content<'a> {
    Content::raw(bytes, at.worker.shared.config.global.bufsize, settled)
}

/// Whether a TCP client speaks HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Head {
    /// A complete request head is there.
    Read,
    /// What is there may become one.
    Awaited,
    /// It does not.
    Absent,
}

/// Looks for an HTTP request head in what a TCP client has sent. Nothing is taken away.
pub(super) fn find_head(at: Place<'_>, tx: &mut Transaction) -> Head {
    let bytes = tx.upload.buffer.data();
    let found = tx.request.parse(bytes, at.worker.shared.head_limits);
    match found {
        Ok(Some(_)) => Head::Read,
        Ok(None) => Head::Awaited,
        Err(_) => Head::Absent,
    }
}

/// The verdict of the first rule that decides, and which that was.
type Decision<'r> = (Verdict, Option<&'r Rule>);

fn run<'r>(rules: &'r [Rule], cx: &mut ActionContext<'_>) -> Option<Decision<'r>> {
    for rule in rules {
        let applies = match &rule.condition {
            Some(condition) => condition.decide(&cx.view())?,
            None => true,
        };
        if !applies {
            continue;
        }
        match rule.action.run(cx) {
            Verdict::Continue => {}
            Verdict::Incomplete => return None,
            verdict => return Some((verdict, Some(rule))),
        }
    }
    Some((Verdict::Continue, None))
}

/// What the rules made of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passed {
    /// It goes on.
    On,
    /// The server connection is closed.
    AndClose,
}

/// What the rules see of a response in HTTP mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// Nothing: HAProxy runs them before it has come where there is no delay, and when that is over.
    Nothing,
    /// The head, and what more may come.
    Some,
    /// All they will ever see.
    All,
}

/// Runs the rules over a response head in HTTP mode. `None` is to come again when there is more to see.
pub(super) fn of_response_head(
    at: Place<'_>,
    backend: &Backend,
    slot: &Slot,
    client: &mut Client,
    tx: &mut Transaction,
    sight: Sight,
) -> Result<Option<Passed>, End> {
    let set = &backend.response_content;
    if set.rules.is_empty() {
        return Ok(Some(Passed::On));
    }
    at.vars(&client.vars, &tx.vars).begin_response();
    let sees_head = sight != Sight::Nothing;
    if sees_head {
        tx.record.status = tx.response.status();
    }
    let mut cx = ActionContext {
        conn: &mut client.facts,
        socket: Some(&client.stream),
        request: &mut tx.request,
        has_request: true,
        response: Some(&mut tx.response).filter(|_| sees_head),
        content: Some(&Content::message(sight != Sight::Some)),
        request_body: Payload::default(),
        response_body: tx.download.payload(),
        record: &tx.record,
        names: at.names(Some(backend), Some(slot)),
        clock: &at.worker.clock,
        vars: at.vars(&client.vars, &tx.vars),
        tracks: Spot::tracks(&client.tracks, &tx.tracks),
        holds: &tx.holds,
        state: at.worker,
        scratch: &tx.scratch,
    };
    let (verdict, last) = match run(&set.rules, &mut cx) {
        None if sight == Sight::Some => return Ok(None),
        decision => decision.unwrap_or((Verdict::Continue, None)),
    };
    rules::note_last(last, tx);
    let passed = passed(verdict, client);
    if passed.is_err() {
        tx.record.response_us = 0;
    }
    passed.map(Some)
}

fn passed(verdict: Verdict, client: &mut Client) -> Result<Passed, End> {
    match verdict {
        Verdict::CloseServer => Ok(Passed::AndClose),
        verdict => rules::decide(verdict, true, client).map(|()| Passed::On),
    }
}

/// The rules that the first bytes of a TCP server wait for.
pub(super) struct Gate<'a> {
    backend: &'a Backend,
    slot: &'a Slot,
    due: Millis,
}

impl<'a> Gate<'a> {
    /// Closed if the backend has such rules.
    pub(super) fn new(at: Place<'_>, backend: &'a Backend, slot: &'a Slot) -> Option<Self> {
        let set = &backend.response_content;
        (!set.rules.is_empty()).then(|| Self {
            backend,
            slot,
            due: at.worker.clock.now().saturating_add(set.delay),
        })
    }

    /// When waiting ends, whatever has arrived.
    pub(super) fn due(&self) -> Millis {
        match self.backend.response_content.delay {
            0 => NEVER,
            _ => self.due,
        }
    }

    /// Reads from the server and runs the rules.
    pub(super) fn poll(
        &self,
        at: Place<'_>,
        client: &mut Client,
        server: &mut Stream,
        tx: &mut Transaction,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Passed, End>> {
        let set = &self.backend.response_content;
        at.vars(&client.vars, &tx.vars).begin_response();
        loop {
            let arrived = match server.poll_read(cx, tx.download.room(&at.worker.buffers)) {
                Poll::Ready(Ok(ReadOutcome::Data(_))) => Arrived::Some,
                Poll::Ready(Ok(ReadOutcome::Eof | ReadOutcome::Full) | Err(_)) => Arrived::All,
                Poll::Pending => Arrived::Nothing,
            };
            let late = set.delay == 0 || at.worker.clock.now() >= self.due;
            let settled = arrived == Arrived::All || late;
            let mut view = ActionContext {
                conn: &mut client.facts,
                socket: Some(&client.stream),
                request: &mut tx.request,
                has_request: false,
                response: None,
                content: Some(&raw(at, tx.download.buffer.data(), settled)),
                request_body: Payload::default(),
                response_body: Payload::default(),
                record: &tx.record,
                names: at.names(Some(self.backend), Some(self.slot)),
                clock: &at.worker.clock,
                vars: at.vars(&client.vars, &tx.vars),
                tracks: Spot::tracks(&client.tracks, &tx.tracks),
                holds: &tx.holds,
                state: at.worker,
                scratch: &tx.scratch,
            };
            match run(&set.rules, &mut view) {
                Some((verdict, last)) => {
                    rules::note_last(last, tx);
                    return Poll::Ready(passed(verdict, client));
                }
                None if arrived == Arrived::Some => {}
                None => return Poll::Pending,
            }
        }
    }
}
