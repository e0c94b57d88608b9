//! The request as the server will see it: `option forwarded`, `forwardfor` and `originalto`,
//! connection handling, the head.

use super::client::Client;
use super::persistence;
use super::place::Place;
use super::rules;
use super::transaction::Transaction;
use crate::compile::config::{Backend, ForwardFor};
use crate::http1::{Connection, Framing, WriteOptions};
use crate::net::Endpoint;
use crate::vocab::expression::Expression;
use crate::vocab::forwarded_option::{self, ForwardedOption};
use std::io::Write as _;

/// Writes the head to be sent.
pub(super) fn prepare(at: Place<'_>, backend: &Backend, client: &Client, tx: &mut Transaction) {
    if let Some(option) = &backend.forwarded {
        add_forwarded(option, (at, backend, client), tx);
    }
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
    if let Some(name) = &backend.send_name_header {
        tx.request.remove_header(name);
    }
    let connection = if tx.request.upgrade().is_some() {
        Connection::Upgrade
    } else {
        let keep = persistence::of_server(at, backend) || backend.pretend_keep_alive;
        persistence::to_server(keep, tx.request.version())
    };
    let options = WriteOptions {
        version: tx.request.version(),
        connection,
        framing: tx.recoder.is_some().then_some(Framing::Chunked),
    };
    tx.request.write_to(tx.to_server.append(), &options);
    tx.to_server.end_head();
}

/// `option forwarded`: one more element of that header, or a header of its own if what others
/// wrote there can't be trusted.
fn add_forwarded(
    option: &ForwardedOption<Expression>,
    (at, backend, client): (Place<'_>, &Backend, &Client),
    tx: &mut Transaction,
) {
    let mut text = std::mem::take(&mut tx.text);
    text.clear();
    let mut last = None;
    let mut valid = true;
    for (index, header) in tx.request.headers().enumerate() {
        if header.name == b"forwarded" {
            valid &= forwarded_option::can_follow(header.value);
            last = Some((index, header.value));
        }
    }
    let followed = last.filter(|_| valid);
    if let Some((_, value)) = followed {
        text.extend_from_slice(value);
        text.push(b',');
    }
    let followed = followed.map(|(index, _)| index);
    let names = at.names(Some(backend), None);
    option.write(&rules::view(at, names, client, tx), &mut text);
    // A request without room for it goes without.
    let _ = match followed {
        Some(index) => tx.request.set_value(index, &text),
        None => tx.request.add_header(b"forwarded", &text),
    };
    tx.text = text;
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
