//! Answers made by the proxy: error pages, redirects, `return`.

use super::client::Client;
use super::end::{Answer, End, Ruled};
use super::persistence;
use super::place::Place;
use super::transaction::Transaction;
use crate::compile::config::{Backend, ErrorPage};
use crate::http1::{Framing, WriteOptions};
use crate::net::ReadOutcome;
use crate::settings::Reply;
use std::sync::Arc;
use std::task::Poll;

/// Most bytes of an unwanted request body that are read away to keep a connection.
const DRAIN_MAX: usize = 1 << 20;

/// Sends the answer `end` calls for. Returns whether the client connection is still good.
pub(super) async fn send(
    at: Place<'_>,
    backend: Option<&Backend>,
    client: &mut Client,
    tx: &mut Transaction,
    end: &End,
) -> bool {
    let fate = end.fate();
    let keep = !fate.close && tx.request.keep_alive() && persistence::of_client(at);
    match end {
        End::ByRule(Ruled {
            answer: Answer::Own(reply),
            ..
        }) => write(at, client, tx, reply, keep).await,
        _ => match fate.status.and_then(|status| page(at, backend, status)) {
            Some(ErrorPage::Reply(reply)) => write(at, client, tx, &Arc::clone(reply), keep).await,
            Some(ErrorPage::Silent) | None => false,
        },
    }
}

/// The page for a status: the backend's, then the frontend's.
fn page<'a>(at: Place<'a>, backend: Option<&'a Backend>, status: u16) -> Option<&'a ErrorPage> {
    backend
        .and_then(|b| b.error_pages.get(&status))
        .or_else(|| at.frontend.error_pages.get(&status))
        .or_else(|| at.frontend.error_pages.get(&nearest(status)))
}

/// A page for statuses that have none of their own.
fn nearest(status: u16) -> u16 {
    if status >= 500 { 500 } else { 400 }
}

async fn write(
    at: Place<'_>,
    client: &mut Client,
    tx: &mut Transaction,
    reply: &Reply,
    keep: bool,
) -> bool {
    let connection = persistence::to_client(keep, tx.request.version());
    let out = tx.to_client.append();
    let framing = Some(Framing::Length(reply.body.len() as u64));
    let options = WriteOptions {
        connection,
        framing,
        ..WriteOptions::default()
    };
    reply.head.write_to(out, &options);
    if !tx.request.is_head() {
        out.extend_from_slice(&reply.body);
    }
    flush(at, client, tx).await && keep && drain(at, client, tx).await
}

/// Sends what is pending. `false` if the client is gone or takes nothing for `timeout client`.
async fn flush(at: Place<'_>, client: &mut Client, tx: &mut Transaction) -> bool {
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
async fn drain(at: Place<'_>, client: &mut Client, tx: &mut Transaction) -> bool {
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
            match client.stream.poll_read(cx, &mut tx.upload.buffer) {
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
