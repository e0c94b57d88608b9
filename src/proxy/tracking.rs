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
pub(super) fn request(client: &Client, tx: &mut Transaction) {
    Spot::tracks(&client.tracks, &tx.tracks).event(Event::HttpReq);
    tx.counted = true;
}

/// The backend's rules on requests begin.
pub(super) fn backend_request(client: &Client, tx: &Transaction) {
    Spot::tracks(&client.tracks, &tx.tracks).count_owed();
}

/// A server answered with this status; no rule has seen it.
pub(super) fn response(at: Place<'_>, client: &Client, tx: &Transaction, status: u16) {
    let classes = &at.worker.shared.config.global.status_classes;
    let tracks = Spot::tracks(&client.tracks, &tx.tracks);
    if classes.errors.contains(status) {
        tracks.event(Event::HttpErr);
    }
    if classes.failures.contains(status) {
        tracks.event(Event::HttpFail);
    }
}

/// A request is refused, and is told so only after a while.
pub(super) fn tarpit(client: &Client, tx: &Transaction) {
    Spot::tracks(&client.tracks, &tx.tracks).event(Event::HttpErr);
}

/// A request went no further.
pub(super) fn end(client: &Client, tx: &Transaction, end: &End) {
    let tracks = Spot::tracks(&client.tracks, &tx.tracks);
    if !tx.counted {
        // No stream began: only the connection can be told.
        match end {
            End::BadRequest(HeadError::UnknownCoding) | End::RequestTimeout => {
                tracks.event(Event::HttpReq);
            }
            End::BadRequest(_) | End::BadRequestBody => {
                tracks.event(Event::HttpReq);
                tracks.event(Event::HttpErr);
            }
            End::RequestClosed if !tx.upload.buffer.is_empty() => {
                tracks.event(Event::HttpReq);
                tracks.event(Event::HttpErr);
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
        ) => tracks.event(Event::HttpErr),
        End::ResponseClosed
        | End::ResponseTimeout
        | End::BadResponse
        | End::BadResponseBody
        | End::DataServerClosed
        | End::DataServerTimeout => tracks.event(Event::HttpFail),
        _ => {}
    }
}
