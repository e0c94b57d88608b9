//! What a request waits for between two rules: time, or its own body.

use super::client::Client;
use super::end::End;
use super::place::Place;
use super::reply;
use super::transaction::{Transaction, is_http11};
use crate::clock::Millis;
use crate::net::ReadOutcome;
use std::task::Poll;

/// Lets time pass, unless the client breaks its connection. What it sends stays unread.
pub(super) async fn pause(at: Place<'_>, client: &mut Client, time: Millis) -> Result<(), End> {
    let due = at.worker.clock.now().saturating_add(time);
    std::future::poll_fn(|cx| match client.stream.poll_broken(cx) {
        Poll::Ready(()) => Poll::Ready(Err(End::ContentAborted)),
        Poll::Pending => client.poll_deadline(cx, due).map(Ok),
    })
    .await
}

/// Lets a refused client wait, unless it leaves; what it sends meanwhile is thrown away.
pub(super) async fn tarpit(at: Place<'_>, client: &mut Client, tx: &mut Transaction, time: Millis) {
    let due = at.worker.clock.now().saturating_add(time);
    std::future::poll_fn(|cx| {
        loop {
            if tx.upload.is_done() && tx.upload.is_full() || tx.upload.decode().is_err() {
                return client.poll_deadline(cx, due);
            }
            tx.upload.discard();
            match client
                .stream
                .poll_read(cx, tx.upload.room(&at.worker.buffers))
            {
                Poll::Ready(Ok(ReadOutcome::Data(_))) => {}
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return client.poll_deadline(cx, due),
            }
        }
    })
    .await;
    // As HAProxy, which logs the time as one spent in a queue.
    tx.record.queued_us = at.worker.clock.now_us();
}

/// Waits until the request's body is there, or so many bytes of it if that is not 0, or as much as
/// the buffer holds.
pub(super) async fn body(
    at: Place<'_>,
    client: &mut Client,
    tx: &mut Transaction,
    due: Millis,
    at_least: usize,
) -> Result<(), End> {
    if !tx.upload.is_done() && tx.request.expect_continue() && is_http11(&tx.request) {
        // Nothing would come otherwise (RFC 9110 §10.1.1), and the server need not ask again.
        let out = tx.to_client.append();
        out.extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n");
        tx.request.remove_header(b"expect");
        reply::flush(at, client, tx).await;
    }
    std::future::poll_fn(|cx| {
        while !tx.upload.is_done() && !tx.upload.is_full() {
            if at_least > 0 && tx.upload.payload().len() >= at_least {
                break;
            }
            match client
                .stream
                .poll_read(cx, tx.upload.room(&at.worker.buffers))
            {
                Poll::Ready(Ok(ReadOutcome::Data(_))) => {
                    tx.upload.decode().map_err(|_| End::BadRequestBody)?;
                }
                Poll::Ready(Ok(_)) => return Poll::Ready(Err(End::RequestClosed)),
                Poll::Ready(Err(_)) => return Poll::Ready(Err(End::RequestError)),
                Poll::Pending => {
                    return client
                        .poll_deadline(cx, due)
                        .map(|()| Err(End::BodyTimeout));
                }
            }
        }
        Poll::Ready(Ok(()))
    })
    .await
}
