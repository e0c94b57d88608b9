//! What happens to a stream, told to the entries that it and its connection track.
//!
//! One function per moment (SEMANTICS 2.4). Deliberately absent: what counts an event, which is
//! the entry's table's business, and tracking itself, which rules do.

use super::client::Client;
use super::end::{Answer, End, Ruled};
use super::place::{Place, Spot};
use super::transaction::Transaction;
use crate::http1::HeadError;
use crate::table::Event;

/// A request head was read and the frontend's rules on content let it pass.
pub(super) fn request(at: Place<'_>, client: &Client, tx: &mut Transaction) {
    Spot::tracks(&client.tracks, &tx.tracks).event(Event::HttpReq, &at.worker.clock);
    tx.counted = true;
}

/// The backend's rules on requests begin.
pub(super) fn backend_request(at: Place<'_>, client: &Client, tx: &Transaction) {
    Spot::tracks(&client.tracks, &tx.tracks).count_owed(&at.worker.clock);
}

/// A server answered with this status; no rule has seen it.
pub(super) fn response(at: Place<'_>, client: &Client, tx: &Transaction, status: u16) {
    let classes = &at.worker.shared.config.global.status_classes;
    let tracks = Spot::tracks(&client.tracks, &tx.tracks);
    if classes.errors.contains(status) {
        tracks.event(Event::HttpErr, &at.worker.clock);
    }
    if classes.failures.contains(status) {
        tracks.event(Event::HttpFail, &at.worker.clock);
    }
}

/// A request is refused, and is told so only after a while.
pub(super) fn tarpit(at: Place<'_>, client: &Client, tx: &Transaction) {
    Spot::tracks(&client.tracks, &tx.tracks).event(Event::HttpErr, &at.worker.clock);
}

/// A request went no further.
pub(super) fn end(at: Place<'_>, client: &Client, tx: &Transaction, end: &End) {
    let tracks = Spot::tracks(&client.tracks, &tx.tracks);
    let count = |event| tracks.event(event, &at.worker.clock);
    if !tx.counted {
        // No stream began: only the connection can be told.
        match end {
            End::BadRequest(HeadError::UnknownCoding) | End::RequestTimeout => {
                count(Event::HttpReq);
            }
            End::BadRequest(_) | End::BadRequestBody => {
                count(Event::HttpReq);
                count(Event::HttpErr);
            }
            End::RequestClosed if !tx.upload.buffer.is_empty() => {
                count(Event::HttpReq);
                count(Event::HttpErr);
            }
            _ => {}
        }
        return;
    }
    match end {
        End::BadRequestBody
        | End::ByRule(
            Ruled {
                on_response: false,
                denied: true,
                tarpitted: false,
                ..
            }
            | Ruled {
                on_response: false,
                answer: Answer::Challenge(_),
                ..
            },
        ) => count(Event::HttpErr),
        End::ResponseClosed
        | End::ResponseTimeout
        | End::BadResponse
        | End::BadResponseBody
        | End::DataServerClosed
        | End::DataServerTimeout => count(Event::HttpFail),
        _ => {}
    }
}
