//! The request as the server will see it: `option forwardfor`, `option originalto`, connection handling, the head.

use super::client::Client;
use super::persistence;
use super::place::Place;
use super::transaction::Transaction;
use crate::compile::config::{Backend, ForwardFor};
use crate::http1::{Connection, WriteOptions};
use crate::net::Endpoint;
use std::io::Write as _;

/// Writes the head to be sent.
pub(super) fn prepare(at: Place<'_>, backend: &Backend, client: &Client, tx: &mut Transaction) {
    if let Some(option) = backend
        .forward_for
        .as_ref()
        .or(at.frontend.forward_for.as_ref())
    {
        add_address(option, client.facts.src, tx);
    }
    if let Some(option) = backend
        .original_to
        .as_ref()
        .or(at.frontend.original_to.as_ref())
    {
        add_address(option, client.facts.dst, tx);
    }
    let connection = if tx.request.upgrade().is_some() {
        Connection::Upgrade
    } else {
        persistence::to_server(persistence::of_server(at, backend), tx.request.version())
    };
    let options = WriteOptions {
        version: tx.request.version(),
        connection,
        framing: None,
    };
    tx.request.write_to(tx.to_server.append(), &options);
}

/// `option forwardfor`, `option originalto`: one more header with the client's address, or the one
/// it connected to.
fn add_address(option: &ForwardFor, end: Endpoint, tx: &mut Transaction) {
    let Endpoint::Inet(addr) = end else {
        return;
    };
    let ip = addr.ip().to_canonical();
    let excepted = option.except.is_some_and(|net| net.contains(ip));
    if excepted || option.if_none && tx.request.header(&option.header).is_some() {
        return;
    }
    let mut text = std::mem::take(&mut tx.text);
    text.clear();
    // Writing to a Vec cannot fail; the name was checked when the configuration was compiled.
    let _ = write!(text, "{ip}");
    let _ = tx.request.add_header(&option.header, &text);
    tx.text = text;
}
