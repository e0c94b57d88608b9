//! Log lines: of a finished stream, or of the steps before.

use super::client::Client;
use super::end::Fate;
use super::place::{Place, Spot};
use super::transaction::Transaction;
use super::worker::Worker;
use crate::backend::ServerState;
use crate::compile::config::{Backend, BackendId, LogConfig, Mode};
use crate::http1::{Headers, RequestHead, ResponseHead, Version};
use crate::net::Endpoint;
use crate::observe::log::{LogChannel, level};
use crate::observe::{LogLevel, LogStep, Record, Termination};
use crate::vocab::context::{Context, Names, Payload};
use crate::vocab::format::{Format, Ready};
use crate::vocab::log_profile::LogProfile;
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
fn connections(
    worker: &Worker,
    frontend: usize,
    backend: Option<BackendId>,
    record: &Record,
) -> [u32; 4] {
    let shared = &worker.shared;
    let frontend = shared.frontends.get(frontend);
    let backend = backend.and_then(|id| worker.backend_state(id));
    let server = record
        .server
        .zip(backend)
        .and_then(|(index, b)| b.servers().get(index));
    [
        shared.process.used(),
        frontend.map_or(0, |limit| limit.used()),
        backend.map_or(0, |b| b.conns()),
        // Whoever waited may have taken its place since.
        (record.left_at_server).unwrap_or_else(|| server.map_or(0, ServerState::served)),
    ]
}

/// A stream begins. A frontend without a `log-format` says so, and nothing else.
pub(super) fn accept(at: Place<'_>, client: &Client, tx: &mut Transaction) {
    let log = &at.frontend.log;
    if log.ready.is_some() || log.steps.is_some() {
        return step(at, LogStep::Accept, None, client, tx);
    }
    if !is_wanted(at, level::INFO) {
        return;
    }
    let mode = at.frontend.mode;
    let cx = view(at, None, client, tx, &tx.record);
    let connection = |line: &mut Vec<u8>| match client.facts.src {
        Endpoint::Inet(_) => {
            let format = at.worker.shared.connection_format(mode);
            format.render(&cx, line);
        }
        _ => {
            let proto = match mode {
                Mode::Tcp => "TCP",
                Mode::Http => "HTTP",
            };
            let (id, name) = (at.listener.id, &at.frontend.name);
            // Writing to memory cannot fail.
            let _ = write!(line, "Connect to unix:{id} ({name}/{proto})");
        }
    };
    let line = Line {
        frontend: at.frontend_index,
        severity: level::INFO,
        only: None,
        usual: &connection,
    };
    line.send(at.worker, &cx);
}

/// The stream is over.
pub(super) fn finish(
    at: Place<'_>,
    chosen: Option<BackendId>,
    client: &Client,
    tx: &mut Transaction,
) {
    tx.record.end_us = at.worker.clock.now_us();
    let last = match tx.record.bad_request {
        true => LogStep::Error,
        false => LogStep::Close,
    };
    step(at, last, chosen, client, tx);
}

/// A stream has come so far: writes the line if the frontend logs this step and its options let it.
pub(super) fn step(
    at: Place<'_>,
    step: LogStep,
    chosen: Option<BackendId>,
    client: &Client,
    tx: &mut Transaction,
) {
    let log = &at.frontend.log;
    if !is_due(log, at.mode, step, tx.record.is_logged) {
        return;
    }
    if step != LogStep::Close {
        tx.record.end_us = at.worker.clock.now_us();
    }
    let wrong = is_wrong(at.mode, &tx.record);
    if !wrong && log.dont_log_normal {
        return;
    }
    let severity = match tx.record.by_rules.log_level.get() {
        LogLevel::Silent => return,
        LogLevel::Level(level) => level,
        LogLevel::Usual if log.separate_errors && wrong => level::ERR,
        LogLevel::Usual => level::INFO,
    };
    if !is_wanted(at, severity) {
        return;
    }
    let backend = chosen.and_then(|id| at.worker.backend(id));
    let record = &mut tx.record;
    record.is_logged = true;
    record.unfinished = log.log_asap && log.steps.is_none();
    record.log_counter = at.worker.shared.next_log_line(at.frontend_index);
    record.step.set(step);
    let conns = connections(at.worker, at.frontend_index, chosen, record);
    record.conns.set(conns);
    let format = match &log.error_format {
        Some(format) if record.bad_request => Some(format),
        _ => log.format.as_ref(),
    };
    let cx = view(at, backend, client, tx, &tx.record);
    let line = Line {
        frontend: at.frontend_index,
        severity,
        only: None,
        usual: &|line| render(format, &cx, line),
    };
    line.send(at.worker, &cx);
}

/// `do-log`: writes a line about a stream whose rules are being run.
pub(super) fn by_rule(worker: &Worker, cx: &Context<'_>, profile: Option<&LogProfile>) {
    let frontend = cx.names.frontend_index as usize;
    let Some(config) = worker.shared.config.frontends.get(frontend) else {
        return;
    };
    let severity = match cx.record.by_rules.log_level.get() {
        LogLevel::Silent => return,
        LogLevel::Level(level) => level,
        LogLevel::Usual => level::INFO,
    };
    let backend = cx.names.backend_index.map(BackendId);
    let conns = connections(worker, frontend, backend, cx.record);
    cx.record.conns.set(conns);
    let line = Line {
        frontend,
        severity,
        only: profile,
        usual: &|line| render(config.log.format.as_ref(), cx, line),
    };
    line.send(worker, cx);
}

/// Whether a line of this level goes anywhere.
fn is_wanted(at: Place<'_>, severity: u8) -> bool {
    let channels = at.worker.shared.log_channels(at.frontend_index);
    channels.is_some_and(|channels| channels.want(severity))
}

/// Whether a line is written at this step: at those of `log-steps`, else once all that the format
/// shows is known. As in HAProxy, what is known once the request is there is also written with the
/// response.
fn is_due(log: &LogConfig, mode: Mode, step: LogStep, is_logged: bool) -> bool {
    if step == LogStep::Error {
        return !is_logged;
    }
    if let Some(steps) = log.steps {
        return steps.has(step);
    }
    let is_end = log.ready == Some(Ready::End) && !log.log_asap;
    match (step, log.ready) {
        (_, None) => false,
        (LogStep::Request, Some(ready)) => ready == Ready::Request,
        (LogStep::Connect, _) => mode == Mode::Tcp && !is_end,
        (LogStep::Response, _) => !is_end,
        (LogStep::Close, _) => !is_logged,
        _ => false,
    }
}

/// Whether something went wrong, for `log-separate-errors` and `dontlog-normal`.
fn is_wrong(mode: Mode, record: &Record) -> bool {
    let cause = record.termination.cause;
    let is_normal = cause == Termination::NORMAL.cause;
    record.bad_request
        || record.redispatched
        || !is_normal && cause != b'L'
        || is_normal && record.retries > 0
        || mode == Mode::Http && record.status >= 500
}

fn render(format: Option<&Format>, cx: &Context<'_>, line: &mut Vec<u8>) {
    if let Some(format) = format {
        format.render(cx, line);
    }
}

/// A line to be written.
struct Line<'a> {
    frontend: usize,
    severity: u8,
    /// The profile that counts, instead of those of the targets.
    only: Option<&'a LogProfile>,
    /// What it says where no profile says otherwise.
    usual: &'a dyn Fn(&mut Vec<u8>),
}

impl Line<'_> {
    fn send(&self, worker: &Worker, cx: &Context<'_>) {
        let shared = &worker.shared;
        let config = shared.config.frontends.get(self.frontend);
        let (Some(config), Some(channels)) = (config, shared.log_channels(self.frontend)) else {
            return;
        };
        let log = &config.log;
        if let Some(profile) = self.only {
            if let Some(channel) = channels.by_profile.get(profile.index) {
                self.send_to(*channel, Some(profile), log, worker, cx);
            }
            return;
        }
        self.send_to(channels.plain, None, log, worker, cx);
        for (group, channel) in log.profiled.iter().zip(&channels.profiled) {
            self.send_to(*channel, Some(&group.profile), log, worker, cx);
        }
    }

    fn send_to(
        &self,
        channel: LogChannel,
        profile: Option<&LogProfile>,
        log: &LogConfig,
        worker: &Worker,
        cx: &Context<'_>,
    ) {
        let on = profile.and_then(|profile| profile.at(cx.record.step.get()));
        if !channel.wants(self.severity) || on.is_some_and(|on| on.drop) {
            return;
        }
        let mut line = worker.line.borrow_mut();
        line.clear();
        let structured = on.and_then(|on| on.structured.as_ref());
        render(structured.or(log.structured.as_ref()), cx, &mut line);
        let structured = line.len();
        match on.and_then(|on| on.format.as_ref()) {
            Some(format) => format.render(cx, &mut line),
            None => (self.usual)(&mut line),
        }
        let (structured, message) = line.split_at(structured);
        worker.log.borrow_mut().send_structured(
            channel,
            self.severity,
            worker.clock.now_us(),
            structured,
            message,
        );
    }
}

/// Writes a line about a connection that failed before its protocol began. As in HAProxy, only a
/// frontend with a format for requests says something.
pub(super) fn embryonic(at: Place<'_>, client: &Client, tx: &Transaction, message: &str) {
    let log = &at.frontend.log;
    let severity = match log.separate_errors {
        true => level::ERR,
        false => level::INFO,
    };
    if log.format.is_none() || !is_wanted(at, severity) {
        return;
    }
    let record = Record {
        accepted_us: client.facts.accepted_us,
        ..Record::default()
    };
    record.step.set(LogStep::Killed);
    let cx = Context {
        request: None,
        response: None,
        ..view(at, None, client, tx, &record)
    };
    let legacy = |line: &mut Vec<u8>| {
        at.worker.shared.embryonic_format.render(&cx, line);
        // Writing to memory cannot fail.
        let _ = match at.listener.is_named {
            true => write!(line, "{}: {message}", at.listener.name),
            false => write!(line, "{}: {message}", at.listener.id),
        };
    };
    let line = Line {
        frontend: at.frontend_index,
        severity,
        only: None,
        usual: &legacy,
    };
    line.send(at.worker, &cx);
}

/// What lines show of a stream.
fn view<'a>(
    at: Place<'a>,
    backend: Option<&'a Backend>,
    client: &'a Client,
    tx: &'a Transaction,
    record: &'a Record,
) -> Context<'a> {
    Context {
        conn: &client.facts,
        request: Some(&tx.request),
        response: Some(&tx.response),
        content: None,
        request_body: Payload::default(),
        response_body: Payload::default(),
        record,
        names: names(at, backend, record),
        clock: &at.worker.clock,
        vars: at.vars(&client.vars, &tx.vars),
        tracks: Spot::tracks(&client.tracks, &tx.tracks),
        state: at.worker,
        scratch: &tx.scratch,
    }
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
    HEAD_OVERHEAD + status_line + fields_size(head)
}

/// What a request head adds to `%U`.
pub(super) fn request_size(head: &RequestHead) -> u64 {
    let request_line = VERSION_LENGTH + (head.method().len() + head.target().len()) as u64;
    HEAD_OVERHEAD + request_line + fields_size(head)
}

/// Headers that only say whether the connection lives on do not count: HAProxy does not keep them.
fn fields_size(headers: &Headers) -> u64 {
    let says_so = |option: &[u8]| {
        let option = option.trim_ascii();
        option.eq_ignore_ascii_case(b"close") || option.eq_ignore_ascii_case(b"keep-alive")
    };
    let dropped: usize = headers
        .connection_values()
        .filter(|value| says_so(value) || value.split(|&byte| byte == b',').all(says_so))
        .map(|value| b"connection".len() + value.len())
        .sum();
    headers.fields_size().saturating_sub(dropped) as u64
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
