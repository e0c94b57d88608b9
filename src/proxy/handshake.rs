//! What comes before the protocol: an accepted PROXY header.

use super::client::Client;
use super::log;
use super::place::Place;
use super::transaction::Transaction;
use crate::clock::Millis;
use crate::net::proxy_protocol::{self, Error, Header};
use crate::net::{Endpoint, ReadOutcome};
use std::fmt;
use std::task::{Context, Poll};

/// Reads the header and takes the addresses it names. `false` closes the connection: without a
/// valid header in time nothing is known of the client (proxy-protocol.txt §2).
pub(super) async fn accept_proxy(at: Place<'_>, client: &mut Client) -> bool {
    let mut tx = at.worker.take_transaction();
    let due = at.client_deadline();
    let result = std::future::poll_fn(|cx| poll_header(at, client, &mut tx, due, cx)).await;
    client.handshake_us = at.worker.clock.now_us();
    if let Err(refusal) = &result {
        let told = match refusal {
            Refusal::Closed | Refusal::Broken => !at.frontend.log.dont_log_null,
            _ => true,
        };
        if told {
            log::embryonic(at, client, &tx, &refusal.to_string());
        }
    }
    if result.is_ok() && !tx.upload.buffer.is_empty() {
        client.pending = Some(tx);
    } else {
        at.worker.give_transaction(tx);
    }
    result.is_ok()
}

fn poll_header(
    at: Place<'_>,
    client: &mut Client,
    tx: &mut Transaction,
    due: Millis,
    cx: &mut Context<'_>,
) -> Poll<Result<(), Refusal>> {
    let limit = at.worker.shared.config.global.bufsize;
    loop {
        match proxy_protocol::parse(tx.upload.buffer.data(), limit) {
            Ok(Some((length, header))) => {
                take(client, &header, tx.upload.buffer.data());
                tx.upload.buffer.consume(length);
                return Poll::Ready(Ok(()));
            }
            Err(error) => return Poll::Ready(Err(Refusal::Invalid(error))),
            Ok(None) => {}
        }
        let refusal = match client
            .stream
            .poll_read(cx, tx.upload.room(&at.worker.buffers))
        {
            Poll::Ready(Ok(ReadOutcome::Data(_))) => continue,
            Poll::Ready(Ok(_)) if tx.upload.buffer.is_empty() => Refusal::Closed,
            Poll::Ready(Ok(_)) => Refusal::Truncated,
            Poll::Ready(Err(_)) => Refusal::Broken,
            Poll::Pending => match client.poll_deadline(cx, due) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(()) => Refusal::Late,
            },
        };
        return Poll::Ready(Err(refusal));
    }
}

/// Believes what the header says.
fn take(client: &mut Client, header: &Header, input: &[u8]) {
    let facts = &mut client.facts;
    if let Some(told) = header.addresses {
        facts.src = Endpoint::Inet(told.source);
        facts.dst = Endpoint::Inet(told.destination);
    }
    let tlvs = input.get(header.tlvs.clone()).unwrap_or_default();
    facts.proxy_tlvs = Some(tlvs.into());
}

/// Why there is no header. It shows as HAProxy's log says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    Invalid(Error),
    /// The client closed before a byte of it.
    Closed,
    /// The client closed in the middle of it.
    Truncated,
    /// The client's socket failed.
    Broken,
    /// `timeout client` passed.
    Late,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Invalid(error) => return error.fmt(f),
            Self::Closed => "Connection closed while waiting for PROXY protocol header",
            Self::Truncated => "Truncated PROXY protocol header received",
            Self::Broken => "Connection error while waiting for PROXY protocol header",
            Self::Late => "Timeout while waiting for PROXY protocol header",
        })
    }
}
