//! Large bodies on their way through the kernel, in either direction.
//!
//! What must hold: only bytes that [`crate::http1`] need not look at go this way, and nothing else goes to
//! the same peer before they have. Deliberately absent: bodies that are changed, kept or counted on their
//! way, which are copied.

use super::Exchange;
use crate::clock::Millis;
use crate::net::{Splicer, TransferError};
use crate::protect::bandwidth::Direction;
use crate::proxy::end::End;
use crate::proxy::place::Place;
use crate::proxy::transaction::Transaction;
use std::task::{Context, Poll};

/// Smallest rest of a body that is spliced rather than copied: below, a pipe costs more system
/// calls than the copies it saves.
const SPLICE_MIN: u64 = 32 * 1024;

impl Exchange<'_> {
    /// How much of the request body can be, and is worth being, moved within the kernel.
    pub(super) fn spliced_request(&mut self) -> Option<usize> {
        if self.upload_broken || self.tx.recoder.is_some() || !self.tx.to_server.is_sent() {
            return None;
        }
        most(self.at, self.tx, &mut self.up_pipe, Direction::Up)
    }

    /// How much of the response body can be, and is worth being, moved within the kernel.
    pub(super) fn spliced_response(&mut self) -> Option<usize> {
        if self.drops_body || self.recoder.is_some() || self.storing.is_some() {
            return None;
        }
        most(self.at, self.tx, &mut self.down_pipe, Direction::Down)
    }

    pub(super) fn splice_request(
        &mut self,
        cx: &mut Context<'_>,
        now: Millis,
        most: usize,
    ) -> Result<bool, End> {
        let Some(pipe) = &mut self.up_pipe else {
            return Ok(false);
        };
        let tx = &mut *self.tx;
        match pipe.poll_transfer(cx, &mut self.client.stream, self.server, most) {
            Poll::Pending => Ok(false),
            Poll::Ready(Ok(moved)) => {
                self.client_active = now;
                if moved.sent > 0 {
                    self.server_active = now;
                }
                tx.upload.moved_raw(moved.received);
                tx.record.bytes_in += moved.sent as u64;
                tx.record.spliced[0] += moved.sent as u64;
                if moved.eof {
                    self.client_closed = true;
                    self.client_left(false)?;
                }
                Ok(true)
            }
            Poll::Ready(Err(TransferError::Source(_))) => {
                self.client_closed = true;
                self.client_left(true).map(|()| true)
            }
            Poll::Ready(Err(TransferError::Destination(_))) => {
                self.give_up_upload();
                Ok(true)
            }
        }
    }

    pub(super) fn splice_response(
        &mut self,
        cx: &mut Context<'_>,
        now: Millis,
        most: usize,
    ) -> Result<bool, End> {
        let Some(pipe) = &mut self.down_pipe else {
            return Ok(false);
        };
        let tx = &mut *self.tx;
        match pipe.poll_transfer(cx, self.server, &mut self.client.stream, most) {
            Poll::Pending => Ok(false),
            Poll::Ready(Ok(moved)) => {
                self.server_active = now;
                if moved.sent > 0 {
                    self.client_active = now;
                }
                tx.download.moved_raw(moved.received);
                tx.record.bytes_out += moved.sent as u64;
                tx.record.spliced[1] += moved.sent as u64;
                if moved.eof {
                    self.server_left()?;
                }
                Ok(true)
            }
            Poll::Ready(Err(TransferError::Source(_))) => self.server_left().map(|()| true),
            Poll::Ready(Err(TransferError::Destination(_))) => Err(self.broken_off()),
        }
    }

    /// Bytes taken from the server that wait in the kernel for the client.
    pub(super) fn in_pipe(&self) -> usize {
        self.down_pipe.as_ref().map_or(0, Splicer::buffered)
    }

    /// Bytes taken from the client that wait in the kernel for the server.
    pub(super) fn owed_to_server(&self) -> usize {
        self.up_pipe.as_ref().map_or(0, Splicer::buffered)
    }
}

/// How much of a body goes through the pipe, which is opened when it is worth it; `None` if nothing does.
fn most(
    at: Place<'_>,
    tx: &mut Transaction,
    pipe: &mut Option<Splicer>,
    direction: Direction,
) -> Option<usize> {
    let left = match direction {
        // What has been taken already goes on in any case.
        _ if tx.is_metered(direction) => 0,
        Direction::Up => tx.upload.unread_raw(),
        Direction::Down => tx.download.unread_raw(),
    };
    if pipe.is_none() && left >= SPLICE_MIN && at.may_splice(direction) {
        // Without descriptors for a pipe the bytes are copied.
        *pipe = at.worker.pipes.splicer().ok();
    }
    let waiting = pipe.as_ref()?.buffered();
    (left > 0 || waiting > 0).then(|| usize::try_from(left).unwrap_or(usize::MAX))
}
