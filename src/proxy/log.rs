//! The log line of a finished stream.

use super::client::Client;
use super::end::Fate;
use super::place::Place;
use super::transaction::Transaction;
use crate::backend::BackendState;
use crate::compile::config::Backend;
use crate::http1::{Header, RequestHead, ResponseHead, Version};
use crate::observe::log::level;
use crate::observe::{Record, Termination};
use crate::vocab::context::{Context, Names};
use std::sync::Arc;

/// Notes how a stream ended.
pub(super) fn note_fate(tx: &mut Transaction, fate: Fate) {
    tx.record.termination = fate.termination;
    if let Some(status) = fate.status {
        tx.record.status = status;
    }
}

/// Concurrent connections: process, frontend, backend, server (`%ac %fc %bc %sc`).
pub(super) fn connections(
    at: Place<'_>,
    backend: Option<&Arc<BackendState>>,
    server: Option<usize>,
) -> [u32; 4] {
    let shared = &at.worker.shared;
    let frontend = shared
        .frontends
        .get(at.frontend_index)
        .map_or(0, |limit| limit.used());
    let served = server
        .zip(backend)
        .and_then(|(index, b)| b.servers().get(index));
    [
        shared.process.used(),
        frontend,
        backend.map_or(0, |b| b.conns()),
        served.map_or(0, |s| s.served()),
    ]
}

/// Writes the line, if the frontend logs and its options let it.
pub(super) fn finish(
    at: Place<'_>,
    backend: Option<&Backend>,
    client: &Client,
    tx: &mut Transaction,
) {
    tx.record.end_us = at.worker.clock.now_us();
    let log = &at.frontend.log;
    let Some(channel) = at.worker.shared.log_channel(at.frontend_index) else {
        return;
    };
    let normal = tx.record.termination == Termination::NORMAL && tx.record.retries == 0;
    if normal && log.dont_log_normal {
        return;
    }
    let severity = if log.separate_errors && !normal {
        level::ERR
    } else {
        level::INFO
    };
    if !channel.wants(severity) {
        return;
    }
    let mut line = at.worker.line.borrow_mut();
    line.clear();
    let view = Context {
        conn: &client.facts,
        request: Some(&tx.request),
        response: Some(&tx.response),
        record: &tx.record,
        names: names(at, backend, &tx.record),
        clock: &at.worker.clock,
        scratch: &tx.scratch,
    };
    at.worker
        .shared
        .log_format(at.frontend)
        .render(&view, &mut line);
    at.worker
        .log
        .borrow_mut()
        .send(channel, severity, tx.record.end_us, &line);
}

fn names<'a>(at: Place<'a>, backend: Option<&'a Backend>, record: &Record) -> Names<'a> {
    let server = backend
        .zip(record.server)
        .and_then(|(b, index)| b.servers.get(index));
    Names {
        server: server.map(|s| &*s.name),
        server_id: server.map_or(0, |s| s.id),
        ..at.names(backend, None)
    }
}

/// Bytes that HAProxy's counters (`%B`, `%U`) take for what frames a head's fields: its internal
/// start line record and end mark. Line ends and separators are not counted.
const HEAD_OVERHEAD: u64 = 21;
/// Length of `HTTP/1.1`.
const VERSION_LENGTH: u64 = 8;

/// What a response head adds to `%B`.
pub(super) fn response_size(head: &ResponseHead) -> u64 {
    let status_line = VERSION_LENGTH + 3 + head.reason().len() as u64;
    HEAD_OVERHEAD + status_line + fields_size(head.headers())
}

/// What a request head adds to `%U`.
pub(super) fn request_size(head: &RequestHead) -> u64 {
    let request_line = VERSION_LENGTH + (head.method().len() + head.target().len()) as u64;
    HEAD_OVERHEAD + request_line + fields_size(head.headers())
}

fn fields_size<'a>(headers: impl Iterator<Item = Header<'a>>) -> u64 {
    headers
        .map(|header| (header.name.len() + header.value.len()) as u64)
        .sum()
}

/// Keeps the request line as received, for the log.
pub(super) fn write_request_line(head: &RequestHead, out: &mut Vec<u8>, limit: usize) {
    let version: &[u8] = if head.version() == Version::Http11 {
        b"HTTP/1.1"
    } else {
        b"HTTP/1.0"
    };
    for part in [head.method(), b" ", head.target(), b" ", version] {
        out.extend_from_slice(part);
    }
    out.truncate(limit);
}
