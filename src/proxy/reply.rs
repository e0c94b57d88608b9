//! Answers made by the proxy: error pages, redirects, `return`.

use super::client::Client;
use super::end::{Answer, End, Ruled};
use super::log;
use super::persistence;
use super::place::Place;
use super::rules;
use super::service;
use super::transaction::Transaction;
use crate::compile::config::{Backend, ErrorPage};
use crate::http1::{Framing, WriteOptions, allows_body};
use crate::net::ReadOutcome;
use crate::settings::Reply;
use crate::vocab::context::ExtraHeaders;
use std::task::Poll;

/// Most bytes of an unwanted request body that are read away to keep a connection.
const DRAIN_MAX: usize = 1 << 20;

/// Sends the answer `end` calls for. Returns whether the client connection is still good, once the rest of the
/// request is out of it ([`drain`]).
pub(super) async fn send(
    at: Place<'_>,
    backend: Option<&Backend>,
    client: &mut Client,
    tx: &mut Transaction,
    end: &End,
) -> bool {
    let fate = end.fate();
    let keep = !fate.close && tx.request.keep_alive() && persistence::of_client(at);
    if let End::ByRule(Ruled {
        answer: Answer::Service(service),
        ..
    }) = end
    {
        return service::send(at, backend, client, tx, service, keep).await;
    }
    let extended;
    let made = match end {
        End::ByRule(Ruled {
            answer: Answer::Own(_) | Answer::Challenge(_) | Answer::Nothing,
            ..
        })
        | End::Killed { .. } => None,
        _ => fate
            .status
            .and_then(|status| made(at, backend, client, tx, status)),
    };
    let reply = match end {
        End::ByRule(Ruled {
            answer: Answer::Own(reply),
            ..
        }) => &**reply,
        End::ByRule(Ruled {
            answer: Answer::Challenge(realm),
            ..
        }) => match page(at, backend, 401) {
            Some(ErrorPage::Reply(reply)) => {
                extended = with_challenge(reply, realm);
                &extended
            }
            Some(ErrorPage::Silent) | None => return false,
        },
        End::ByRule(Ruled {
            answer: Answer::PageWith(status, headers),
            ..
        }) => match (&made, page(at, backend, *status)) {
            (Some(base), _) => {
                extended = with_headers(base, headers);
                &extended
            }
            (None, Some(ErrorPage::Reply(base))) => {
                extended = with_headers(base, headers);
                &extended
            }
            (None, Some(ErrorPage::Silent) | None) => return false,
        },
        // The log has a status; the client gets nothing.
        End::Killed { .. } => return false,
        _ => match (
            &made,
            fate.status.and_then(|status| page(at, backend, status)),
        ) {
            (Some(made), _) => made,
            (None, Some(ErrorPage::Reply(reply))) => reply,
            (None, Some(ErrorPage::Silent) | None) => return false,
        },
    };
    at.vars(&client.vars, &tx.vars).begin_response();
    let edited = !tx.record.bad_request && rules::has_after_response(at, backend);
    if edited {
        tx.response.clone_from(&reply.head);
        // A rule that fails leaves the answer as it is: there is no other one to give.
        let _ = rules::after_response(at, (backend, None), client, tx);
    }
    write(tx, reply, edited, keep);
    flush(at, client, tx).await && keep
}

/// What `http-error` says for a status: in the backend, then in the frontend.
fn made(
    at: Place<'_>,
    backend: Option<&Backend>,
    client: &mut Client,
    tx: &mut Transaction,
    status: u16,
) -> Option<Reply> {
    let answer = backend
        .and_then(|backend| backend.error_answers.get(&status))
        .or_else(|| at.frontend.error_answers.get(&status))?;
    answer.make(&mut rules::context(at, backend, client, tx))
}

/// The page for a status: the backend's, then the frontend's.
fn page<'a>(at: Place<'a>, backend: Option<&'a Backend>, status: u16) -> Option<&'a ErrorPage> {
    backend
        .and_then(|b| b.error_pages.get(&status))
        .or_else(|| at.frontend.error_pages.get(&status))
        .or_else(|| at.frontend.error_pages.get(&nearest(status)))
}

/// An answer with more headers.
fn with_headers(base: &Reply, headers: &ExtraHeaders) -> Reply {
    let mut reply = base.clone();
    for (name, value) in headers {
        // A value that no header can hold is left out.
        let _ = reply.head.set_header(name, value);
    }
    reply
}

/// A page that asks for credentials.
fn with_challenge(page: &Reply, realm: &[u8]) -> Reply {
    let mut reply = page.clone();
    let value = [b"Basic realm=\"".as_slice(), realm, b"\""].concat();
    // A realm that no header can hold leaves the page without one.
    let _ = reply.head.set_header(b"www-authenticate", &value);
    reply
}

/// Sends the headers noted by `early-hint` as an interim response (RFC 8297).
pub(super) async fn send_hints(at: Place<'_>, client: &mut Client, tx: &mut Transaction) {
    let hints = tx.record.by_rules.hints.take();
    let out = tx.to_client.append();
    out.extend_from_slice(b"HTTP/1.1 103 Early Hints\r\n");
    out.extend_from_slice(&hints);
    out.extend_from_slice(b"\r\n");
    // A client that is gone is noticed when something is read from it.
    flush(at, client, tx).await;
}

/// A page for statuses that have none of their own.
fn nearest(status: u16) -> u16 {
    if status >= 500 { 500 } else { 400 }
}

/// Appends an answer; its head is the stream's own response where rules may have `edited` it.
fn write(tx: &mut Transaction, reply: &Reply, edited: bool, keep: bool) {
    let options = WriteOptions {
        connection: persistence::to_client(keep, tx.request.version()),
        framing: Some(Framing::Length(reply.body.len() as u64)),
        ..WriteOptions::default()
    };
    let head = if edited { &tx.response } else { &reply.head };
    if edited {
        tx.record.status = head.status();
    }
    tx.record.answer_bytes = log::response_size(head);
    let out = tx.to_client.append();
    head.write_to(out, &options);
    // A rule may have made of it a status that has no body.
    if !tx.request.is_head() && allows_body(head.status()) {
        tx.record.answer_bytes += reply.body.len() as u64;
        out.extend_from_slice(&reply.body);
    }
}

/// Sends what is pending. `false` if the client is gone or takes nothing for `timeout client`.
pub(super) async fn flush(at: Place<'_>, client: &mut Client, tx: &mut Transaction) -> bool {
    let mut due = at.client_deadline();
    std::future::poll_fn(|cx| {
        while !tx.to_client.is_sent() {
            match client.stream.poll_write(cx, tx.to_client.pending()) {
                Poll::Ready(Ok(count)) => tx.to_client.advance(count),
                Poll::Ready(Err(_)) => return Poll::Ready(false),
                Poll::Pending => {
                    return client.poll_deadline(cx, due).map(|()| false);
                }
            };
            due = at.client_deadline();
        }
        Poll::Ready(true)
    })
    .await
}

/// Reads away the rest of a request that was answered before its body had come.
pub(super) async fn drain(at: Place<'_>, client: &mut Client, tx: &mut Transaction) -> bool {
    let mut due = at.client_deadline();
    let mut left = DRAIN_MAX;
    std::future::poll_fn(|cx| {
        loop {
            if tx.upload.decode().is_err() {
                return Poll::Ready(false);
            }
            tx.upload.discard();
            if tx.upload.is_done() {
                return Poll::Ready(true);
            }
            match client
                .stream
                .poll_read(cx, tx.upload.room(&at.worker.buffers))
            {
                Poll::Ready(Ok(ReadOutcome::Data(count))) if count < left => {
                    left -= count;
                    due = at.client_deadline();
                }
                Poll::Ready(_) => return Poll::Ready(false),
                Poll::Pending => {
                    return client.poll_deadline(cx, due).map(|()| false);
                }
            }
        }
    })
    .await
}
