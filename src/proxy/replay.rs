//! Sending a request to a server once more after one has seen it (`retry-on`).
//!
//! What must hold: the whole request is in memory before its first byte is sent, and nothing of a
//! response was accepted. Deliberately absent: attempts to connect, which are `connect`'s.

use super::client::Client;
use super::end::End;
use super::place::Place;
use super::transaction::Transaction;
use super::wait;
use crate::compile::config::{Backend, RetryOn, RetryReason};
use crate::net::ReadOutcome;
use std::task::Poll;

/// After which failures this request may be sent again. Puts its body behind its head, to have both
/// once more; [`RetryOn::NONE`] if it is not there as a whole.
pub(super) async fn arm(
    at: Place<'_>,
    backend: &Backend,
    client: &mut Client,
    tx: &mut Transaction,
) -> Result<RetryOn, End> {
    if tx.record.by_rules.no_l7_retry.get() {
        return Ok(RetryOn::NONE);
    }
    match backend.retry.body_max {
        Some(most) if !collect(at, most, client, tx).await? => return Ok(RetryOn::NONE),
        Some(_) => {}
        None => read_rest(at, client, tx).await?,
    }
    if !tx.upload.is_done() {
        return Ok(RetryOn::NONE);
    }
    put_behind_head(tx);
    Ok(backend.retry_on)
}

/// Waits for the body, of which `most` bytes are kept (`retry-body-max`); whether that is all.
async fn collect(
    at: Place<'_>,
    most: usize,
    client: &mut Client,
    tx: &mut Transaction,
) -> Result<bool, End> {
    let too_long = |length| length > most as u64;
    if tx.upload.announced().is_some_and(too_long) {
        return Ok(false);
    }
    let timeout = at.frontend.timeouts.http_request;
    let due = at.worker.clock.now().saturating_add(timeout);
    let mut kept = 0;
    loop {
        if !tx.upload.is_done() {
            wait::body(at, client, tx, due, 1).await?;
        }
        if !tx.upload.is_done() && tx.upload.ready().is_empty() {
            // Full of one line of chunked framing: no such line is acceptable.
            return Err(End::BadRequestBody);
        }
        kept += tx.upload.ready().len();
        put_behind_head(tx);
        tx.upload.rest(&at.worker.buffers);
        if tx.upload.is_done() || kept > most {
            return Ok(kept <= most);
        }
    }
}

fn put_behind_head(tx: &mut Transaction) {
    let body = tx.upload.ready();
    tx.record.bytes_in += body.len() as u64;
    tx.to_server.append().extend_from_slice(body);
    tx.upload.discard();
}

/// Takes what the client has already sent of the body.
async fn read_rest(at: Place<'_>, client: &mut Client, tx: &mut Transaction) -> Result<(), End> {
    std::future::poll_fn(|cx| {
        while !tx.upload.is_done() && !tx.upload.is_full() {
            let room = tx.upload.room(&at.worker.buffers);
            match client.stream.poll_read(cx, room) {
                Poll::Ready(Ok(ReadOutcome::Data(_))) => {
                    tx.upload.decode().map_err(|_| End::BadRequestBody)?;
                }
                // Whoever goes on finds out why nothing came.
                Poll::Ready(_) | Poll::Pending => break,
            }
        }
        Poll::Ready(Ok(()))
    })
    .await
}

/// Whether the request may go out again after this end.
pub(super) fn follows(retry_on: RetryOn, end: &End, tx: &Transaction) -> bool {
    let reason = match end {
        End::ResponseClosed | End::ReuseFailed => RetryReason::EmptyResponse,
        End::ResponseTimeout => RetryReason::ResponseTimeout,
        End::BadResponse => RetryReason::JunkResponse,
        End::UnwantedStatus(status) => RetryReason::Status(*status),
        _ => return false,
    };
    tx.record.response_us == 0 && retry_on.has(reason)
}

/// Everything as it was before the request was sent.
pub(super) fn rewind(tx: &mut Transaction) {
    tx.to_server.rewind();
    tx.download.clear();
    tx.response.clear();
}
