//! What comes before the protocol: an accepted PROXY header.

use super::client::Client;
use super::place::Place;
use crate::net::{Endpoint, ReadOutcome, proxy_protocol};
use std::task::Poll;

/// Reads the header and takes the addresses it names. `false` closes the connection: without a
/// valid header in time nothing is known of the client (proxy-protocol.txt §2).
pub(super) async fn accept_proxy(at: Place<'_>, client: &mut Client) -> bool {
    let mut tx = at.worker.take_transaction();
    let due = at.client_deadline();
    let limit = at.worker.shared.config.global.bufsize;
    let accepted = std::future::poll_fn(|cx| {
        loop {
            match proxy_protocol::parse(tx.upload.buffer.data(), limit) {
                Ok(Some((length, header))) => {
                    tx.upload.buffer.consume(length);
                    if let Some(told) = header.addresses {
                        client.facts.src = Endpoint::Inet(told.source);
                        client.facts.dst = Endpoint::Inet(told.destination);
                    }
                    return Poll::Ready(true);
                }
                Err(_) => return Poll::Ready(false),
                Ok(None) => {}
            }
            match client
                .stream
                .poll_read(cx, tx.upload.room(&at.worker.buffers))
            {
                Poll::Ready(Ok(ReadOutcome::Data(_))) => {}
                Poll::Ready(_) => return Poll::Ready(false),
                Poll::Pending => return client.poll_deadline(cx, due).map(|()| false),
            }
        }
    })
    .await;
    client.handshake_us = at.worker.clock.now_us();
    if accepted && !tx.upload.buffer.is_empty() {
        client.pending = Some(tx);
    } else {
        at.worker.give_transaction(tx);
    }
    accepted
}
