//! The request as the server will see it: `option forwardfor`, connection handling, the head.

use super::client::Client;
use super::place::Place;
use super::transaction::Transaction;
use crate::compile::config::{Backend, ConnectionMode, ForwardFor};
use crate::http1::{ConnectionHeader, WriteOptions};
use crate::net::Endpoint;
use std::io::Write as _;

/// Writes the head to be sent.
pub(super) fn prepare(at: Place<'_>, backend: &Backend, client: &Client, tx: &mut Transaction) {
    if let Some(option) = backend.forward_for.as_ref().or(at.frontend.forward_for.as_ref()) {
        forward_for(option, client, tx);
    }
    let mode = at.frontend.connection_mode.max(backend.connection_mode);
    let connection = match (tx.request.upgrade(), mode, tx.request.is_http11()) {
        (true, ..) => ConnectionHeader::Upgrade,
        (false, ConnectionMode::KeepAlive, true) => ConnectionHeader::None,
        (false, ConnectionMode::KeepAlive, false) => ConnectionHeader::KeepAlive,
        (false, ConnectionMode::ServerClose | ConnectionMode::Close, _) => ConnectionHeader::Close,
    };
    tx.request.write_to(tx.to_server.append(), &WriteOptions::request(connection));
}

/// `option forwardfor`: one more header with the client's address.
fn forward_for(option: &ForwardFor, client: &Client, tx: &mut Transaction) {
    let Endpoint::Inet(source) = client.facts.src else { return };
    let ip = source.ip().to_canonical();
    let excepted = option.except.is_some_and(|net| net.contains(ip));
    if excepted || option.if_none && tx.request.header(&option.header).is_some() {
        return;
    }
    tx.scratch.clear();
    // Writing to a Vec cannot fail.
    let _ = write!(tx.scratch, "{ip}");
    // The name was checked when the configuration was compiled.
    let _ = tx.request.add_header(&option.header, &tx.scratch);
}
