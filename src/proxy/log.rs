//! The log line of a finished stream.

use super::client::Client;
use super::end::Fate;
use super::place::Place;
use super::transaction::Transaction;
use crate::backend::ServerState;
use crate::compile::config::{Backend, BackendId};
use crate::http1::{Header, RequestHead, ResponseHead, Version};
use crate::observe::log::level;
use crate::observe::{LogLevel, Record, Termination};
use crate::vocab::context::{Context, Names, Payload};
use std::io::Write as _;

/// Notes how a stream ended.
pub(super) fn note_fate(tx: &mut Transaction, fate: Fate) {
    tx.record.termination = fate.termination;
    if let Some(status) = fate.status {
        tx.record.status = status;
    }
}

/// Concurrent connections of process, frontend, backend and server (`%ac %fc %bc %sc`), of which
/// the finished stream no longer counts in the last two.
fn connections(at: Place<'_>, backend: Option<BackendId>, server: Option<usize>) -> [u32; 4] {
    let shared = &at.worker.shared;
    let frontend = shared.frontends.get(at.frontend_index);
    let backend = backend.and_then(|id| at.worker.backend_state(id));
    let server = server
        .zip(backend)
        .and_then(|(index, b)| b.servers().get(index));
    [
        shared.process.used(),
        frontend.map_or(0, |limit| limit.used()),
        backend.map_or(0, |b| b.conns()),
        server.map_or(0, ServerState::served),
    ]
}

/// Writes the line, if the frontend logs and its options let it.
pub(super) fn finish(
    at: Place<'_>,
    chosen: Option<BackendId>,
    client: &Client,
    tx: &mut Transaction,
) {
    tx.record.end_us = at.worker.clock.now_us();
    if !tx.record.unfinished {
        write(at, chosen, client, tx);
    }
}

/// `option logasap`: writes the line before the response's body is sent.
pub(super) fn early(at: Place<'_>, chosen: BackendId, client: &Client, tx: &mut Transaction) {
    if !at.frontend.log.log_asap {
        return;
    }
    tx.record.end_us = at.worker.clock.now_us();
    tx.record.unfinished = true;
    write(at, Some(chosen), client, tx);
}

fn write(at: Place<'_>, chosen: Option<BackendId>, client: &Client, tx: &mut Transaction) {
    let log = &at.frontend.log;
    let Some(channel) = at.worker.shared.log_channel(at.frontend_index) else {
        return;
    };
    let normal = tx.record.termination == Termination::NORMAL && tx.record.retries == 0;
    if normal && log.dont_log_normal {
        return;
    }
    let severity = match tx.record.by_rules.log_level.get() {
        LogLevel::Silent => return,
        LogLevel::Level(level) => level,
        LogLevel::Usual if log.separate_errors && !normal => level::ERR,
        LogLevel::Usual => level::INFO,
    };
    if !channel.wants(severity) {
        return;
    }
    let backend = chosen.and_then(|id| at.worker.backend(id));
    tx.record.log_counter = at.worker.shared.next_log_line(at.frontend_index);
    tx.record.conns = connections(at, chosen, tx.record.server);
    let mut line = at.worker.line.borrow_mut();
    line.clear();
    let view = Context {
        conn: &client.facts,
        request: Some(&tx.request),
        response: Some(&tx.response),
        content: None,
        request_body: Payload::default(),
        response_body: Payload::default(),
        record: &tx.record,
        names: names(at, backend, &tx.record),
        clock: &at.worker.clock,
        vars: at.vars(&client.vars, &tx.vars),
        tracks: Place::tracks(&client.tracks, &tx.tracks),
        state: at.worker,
        scratch: &tx.scratch,
    };
    if let Some(structured) = &log.structured {
        structured.render(&view, &mut line);
    }
    let structured = line.len();
    let usual = || at.worker.shared.log_format(at.frontend);
    let format = match &log.error_format {
        Some(format) if tx.record.bad_request => format,
        _ => usual(),
    };
    format.render(&view, &mut line);
    let (structured, message) = line.split_at(structured);
    at.worker.log.borrow_mut().send_structured(
        channel,
        severity,
        tx.record.end_us,
        structured,
        message,
    );
}

/// Writes a line about a connection that failed before its protocol began. As in HAProxy, only a
/// frontend with a format for requests says something.
pub(super) fn embryonic(at: Place<'_>, client: &Client, tx: &Transaction, message: &str) {
    let log = &at.frontend.log;
    let Some(channel) = at.worker.shared.log_channel(at.frontend_index) else {
        return;
    };
    let severity = if log.separate_errors {
        level::ERR
    } else {
        level::INFO
    };
    if log.format.is_none() || !channel.wants(severity) {
        return;
    }
    let mut line = at.worker.line.borrow_mut();
    line.clear();
    let record = Record {
        accepted_us: client.facts.accepted_us,
        ..Record::default()
    };
    let view = Context {
        conn: &client.facts,
        request: None,
        response: None,
        content: None,
        request_body: Payload::default(),
        response_body: Payload::default(),
        record: &record,
        names: at.names(None, None),
        clock: &at.worker.clock,
        vars: at.vars(&client.vars, &tx.vars),
        tracks: Place::tracks(&client.tracks, &tx.tracks),
        state: at.worker,
        scratch: &tx.scratch,
    };
    at.worker.shared.embryonic_format.render(&view, &mut line);
    // Writing to memory cannot fail.
    let _ = match at.listener.is_named {
        true => write!(line, "{}: {message}", at.listener.name),
        false => write!(line, "{}: {message}", at.listener.id),
    };
    at.worker
        .log
        .borrow_mut()
        .send(channel, severity, at.worker.clock.now_us(), &line);
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
