//! `stick` rules: the server that a key was stored with, and storing the one that answers.
//!
//! Looking comes after all request rules, storing before all response rules. Only the first key of
//! each table is stored. A server that is down is passed over, unless persistence says otherwise.

use super::client::Client;
use super::place::Place;
use super::rules;
use super::transaction::Transaction;
use crate::backend::{BackendState, ServerState, Slot};
use crate::compile::config::{Backend, Server};
use crate::net::ServerAddr;
use crate::table::{DataType, Entry, Key, Table};
use crate::vocab::context::Context;
use crate::vocab::stick::StickRule;
use std::sync::Arc;

/// Most keys stored for one stream.
const MOST_KEYS: usize = 8;

/// Runs the rules on requests: which server the request should go to is noted in `tx`.
pub(super) fn request(
    at: Place<'_>,
    backend: &Backend,
    state: &BackendState,
    client: &Client,
    tx: &mut Transaction,
) {
    if backend.stick.is_empty() {
        return;
    }
    let mut keys = std::mem::take(&mut tx.stick_keys);
    let cx = rules::view(at, at.names(Some(backend), None), client, tx);
    // `use-server` and cookies go first.
    let mut server = tx.affinity.server;
    let stays = backend.persist || tx.affinity.force;
    for rule in backend.stick.iter().filter(|rule| !rule.on_response) {
        let Some((table, key)) = look(rule, &cx, &keys) else {
            continue;
        };
        if rule.matches
            && let Some(entry) = table.find(key.bytes())
        {
            server = server.or_else(|| server_of(table, &entry, backend, state, stays));
            table.touch(&entry);
        }
        if rule.stores && keys.len() < MOST_KEYS {
            keys.push((Arc::clone(table), key));
        }
    }
    tx.stick_keys = keys;
    tx.affinity.server = server;
}

/// A server answers: runs the rules on responses and stores it under every key.
pub(super) fn response(
    at: Place<'_>,
    backend: &Backend,
    slot: &Slot,
    client: &Client,
    tx: &mut Transaction,
) {
    if backend.stick.is_empty() {
        return;
    }
    let mut keys = std::mem::take(&mut tx.stick_keys);
    let view = rules::view(at, at.names(Some(backend), Some(slot)), client, tx);
    let cx = Context {
        response: Some(&tx.response),
        ..view
    };
    for rule in backend.stick.iter().filter(|rule| rule.on_response) {
        if keys.len() < MOST_KEYS
            && let Some((table, key)) = look(rule, &cx, &keys)
        {
            keys.push((Arc::clone(table), key));
        }
    }
    if let Some(server) = backend.servers.get(slot.server()) {
        for (table, key) in &keys {
            let Some(entry) = table.find_or_create(key.bytes()) else {
                continue;
            };
            let key = match table.spec().servers_by_address {
                true => slot
                    .state()
                    .and_then(|state| state.addr().as_deref().map(stored_address)),
                false => Some(Arc::clone(&server.name)),
            };
            if key.is_some() && entry.text() != key {
                entry.set_text(key);
            }
            if let Some(place) = table.layout().slot(DataType::ServerId, 0) {
                table.set(&entry, place, server.id.into(), table.now());
            }
        }
    }
    keys.clear();
    tx.stick_keys = keys;
}

/// A rule's table and key, if it applies and nothing of that table is to be stored yet.
fn look<'s>(
    rule: &StickRule,
    cx: &Context<'s>,
    keys: &[(Arc<Table>, Key)],
) -> Option<(&'s Arc<Table>, Key)> {
    let table = rule.table(cx)?;
    if rule.stores && keys.iter().any(|(known, _)| Arc::ptr_eq(known, table)) {
        return None;
    }
    Some((table, rule.key(cx, table)?))
}

/// The server an entry names, by name or address or else by id; one that is down only if the client
/// `stays`.
fn server_of(
    table: &Table,
    entry: &Entry,
    backend: &Backend,
    state: &BackendState,
    stays: bool,
) -> Option<usize> {
    let by_key = entry.text().and_then(|key| {
        if table.spec().servers_by_address {
            let at = |server: &ServerState| {
                let addr = server.addr();
                addr.as_deref()
                    .is_some_and(|addr| *stored_address(addr) == *key)
            };
            return state.servers().find(at);
        }
        backend.servers.find(|server| *server.name == *key)
    });
    let by_id = || {
        let place = table.layout().slot(DataType::ServerId, 0)?;
        let id = entry.read(place, table.now());
        let is_it = |server: &Server| id > 0 && u64::from(server.id) == id;
        backend.servers.find(is_it)
    };
    let found = by_key.or_else(by_id);
    found.filter(|&at| stays || state.servers().get(at).is_some_and(ServerState::is_up))
}

/// A server's address as tables with `srvkey addr` keep it: without brackets around IPv6.
fn stored_address(addr: &ServerAddr) -> Arc<str> {
    match addr {
        ServerAddr::Tcp(addr) => format!("{}:{}", addr.ip(), addr.port()),
        ServerAddr::Unix(_) | ServerAddr::Abstract(_) => addr.to_string(),
    }
    .into()
}
