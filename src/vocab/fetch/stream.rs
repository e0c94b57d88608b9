//! What happened to the stream so far: `txn.*`, byte counts, queue positions, priorities, the rule
//! that ended it, and what HTTP/2 streams would have.

use super::{Build, Keyword, Needs, example, nothing};
use crate::vocab::arguments::{Kind, optional};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};
use std::io::Write;

const INTEGER: Keyword = Keyword {
    yields: Type::Sint,
    ..Keyword::DEFAULT
};

/// A count that does not fit is the largest.
fn count<'s>(value: u64) -> Option<Sample<'s>> {
    Some(Sample::Sint(i64::try_from(value).unwrap_or(i64::MAX)))
}

pub(super) const ID32: Keyword = Keyword {
    names: &["txn.id32"],
    needs: Needs::Internal,
    doc: "A number of this stream in the process.",
    examples: &[example("", "txn.id32", "0")],
    build: Build::Plain(|cx, _| count(cx.record.request_counter.into())),
    ..INTEGER
};

pub(super) const CONN_RETRIES: Keyword = Keyword {
    names: &["txn.conn_retries"],
    needs: Needs::Server,
    doc: "How often connecting to a server was tried again.",
    examples: &[example("HTTP/1.1 200 OK", "txn.conn_retries", "0")],
    build: Build::Plain(|cx, _| count(cx.record.retries.into())),
    ..INTEGER
};

pub(super) const REDISPATCHED: Keyword = Keyword {
    names: &["txn.redispatched"],
    yields: Type::Bool,
    needs: Needs::Server,
    doc: "Whether a retry went to another server.",
    examples: &[example("HTTP/1.1 200 OK", "txn.redispatched", "0")],
    build: Build::Plain(|cx, _| Some(Sample::Bool(cx.record.redispatched))),
    ..Keyword::DEFAULT
};

pub(super) const SESS_TERM_STATE: Keyword = Keyword {
    names: &["txn.sess_term_state"],
    needs: Needs::Internal,
    writes: true,
    doc: "The two letters that say how the stream ended.",
    examples: &[example("", "txn.sess_term_state", "--")],
    build: Build::Plain(|cx, out| {
        let state = cx.record.termination;
        out.extend([state.cause, state.phase]);
        Some(Sample::Str(out))
    }),
    ..Keyword::DEFAULT
};

pub(super) const TXN_STATUS: Keyword = Keyword {
    names: &["txn.status"],
    needs: Needs::Response,
    doc: "The status the client gets.",
    examples: &[example("HTTP/1.1 404 Not Found", "txn.status", "404")],
    build: Build::Plain(super::status::fetch),
    ..INTEGER
};

pub(super) const BLOCKED_BY: Keyword = Keyword {
    names: &["txn.blocked_by"],
    needs: Needs::Internal,
    writes: true,
    doc: "Which limit or circuit breaker refused the request, such as `rate-limit/web#1`; behind \
          `shadow:` one that would have. Not in HAProxy.",
    examples: &[nothing("", "txn.blocked_by")],
    build: Build::Plain(|cx, out| {
        let blocked_by = cx.record.by_rules.blocked_by.borrow();
        out.extend_from_slice(blocked_by.as_ref()?.as_bytes());
        Some(Sample::Str(out))
    }),
    ..Keyword::DEFAULT
};

pub(super) const REQ_BYTES: Keyword = Keyword {
    names: &["req.bytes_in", "bytes_in"],
    grows: true,
    needs: Needs::Request,
    doc: "Bytes of the request received from the client.",
    examples: &[example("", "req.bytes_in", "0")],
    build: Build::Plain(|cx, _| count(cx.record.bytes_in)),
    ..INTEGER
};

pub(super) const REQ_BYTES_OUT: Keyword = Keyword {
    names: &["req.bytes_out"],
    doc: "Bytes of the request passed on to the server.",
    examples: &[example("", "req.bytes_out", "0")],
    build: Build::Plain(|cx, _| count(cx.record.bytes_forwarded())),
    ..REQ_BYTES
};

pub(super) const RES_BYTES: Keyword = Keyword {
    names: &["res.bytes_in", "bytes_out"],
    grows: true,
    needs: Needs::Response,
    doc: "Bytes of the response received from the server.",
    examples: &[example("HTTP/1.1 200 OK", "res.bytes_in", "0")],
    build: Build::Plain(|cx, _| count(cx.record.bytes_out)),
    ..INTEGER
};

pub(super) const RES_BYTES_OUT: Keyword = Keyword {
    names: &["res.bytes_out"],
    doc: "Bytes of the response sent to the client, also where the proxy made it.",
    examples: &[example("HTTP/1.1 200 OK", "res.bytes_out", "0")],
    build: Build::Plain(|cx, _| count(cx.record.bytes_sent())),
    ..RES_BYTES
};

pub(super) const BC_BE_QUEUE: Keyword = Keyword {
    names: &["bc_be_queue"],
    needs: Needs::Server,
    doc: "How many streams waited in the backend before this one.",
    examples: &[example("HTTP/1.1 200 OK", "bc_be_queue", "0")],
    build: Build::Plain(|cx, _| count(cx.record.backend_queue.into())),
    ..INTEGER
};

pub(super) const BC_SRV_QUEUE: Keyword = Keyword {
    names: &["bc_srv_queue"],
    needs: Needs::Server,
    doc: "How many streams waited for the server before this one.",
    examples: &[example("HTTP/1.1 200 OK", "bc_srv_queue", "0")],
    build: Build::Plain(|cx, _| count(cx.record.server_queue.into())),
    ..INTEGER
};

pub(super) const PRIO_CLASS: Keyword = Keyword {
    names: &["prio_class"],
    needs: Needs::Internal,
    doc: "The stream's priority class in queues (\"set-priority-class\"); lower ones go first.",
    examples: &[example("", "prio_class", "0")],
    build: Build::Plain(|cx, _| {
        let class = cx.record.by_rules.priority_class.get();
        Some(Sample::Sint(class.into()))
    }),
    ..INTEGER
};

pub(super) const PRIO_OFFSET: Keyword = Keyword {
    names: &["prio_offset"],
    needs: Needs::Internal,
    doc: "By how many milliseconds the stream's arrival counts as later in queues \
          (\"set-priority-offset\").",
    examples: &[example("", "prio_offset", "0")],
    build: Build::Plain(|cx, _| {
        let offset = cx.record.by_rules.priority_offset.get();
        Some(Sample::Sint(offset.into()))
    }),
    ..INTEGER
};

pub(super) const LAST_RULE_FILE: Keyword = Keyword {
    names: &["last_rule_file"],
    needs: Needs::Internal,
    doc: "The file of the rule that ended the evaluation of a rule set.",
    examples: &[nothing("", "last_rule_file")],
    build: Build::Plain(|cx, _| {
        let rule = cx.record.last_rule.as_ref()?;
        Some(Sample::Str(rule.file.as_bytes()))
    }),
    ..Keyword::DEFAULT
};

pub(super) const LAST_RULE_LINE: Keyword = Keyword {
    names: &["last_rule_line"],
    needs: Needs::Internal,
    doc: "The line of the rule that ended the evaluation of a rule set.",
    examples: &[nothing("", "last_rule_line")],
    build: Build::Plain(|cx, _| count(cx.record.last_rule.as_ref()?.line.into())),
    ..INTEGER
};

pub(super) const LAST_ENTITY: Keyword = Keyword {
    names: &["last_entity"],
    needs: Needs::Internal,
    writes: true,
    doc: "File and line of the rule that ended the evaluation of a rule set.",
    examples: &[nothing("", "last_entity")],
    build: Build::Plain(last_entity),
    ..Keyword::DEFAULT
};

fn last_entity<'s>(cx: &Context<'s>, out: &'s mut Vec<u8>) -> Option<Sample<'s>> {
    let rule = cx.record.last_rule.as_ref()?;
    write!(out, "{}:{}", rule.file, rule.line).ok()?;
    Some(Sample::Str(out))
}

pub(super) const WAITING_ENTITY: Keyword = Keyword {
    names: &["waiting_entity"],
    needs: Needs::Internal,
    doc: "What the stream waited for when it ended; nothing if it did not wait for a rule or a body.",
    examples: &[nothing("", "waiting_entity")],
    build: Build::Plain(|cx, _| {
        let waits = cx.record.waiting_for_body;
        waits.then_some(Sample::Str(b"http-buffer-request"))
    }),
    ..Keyword::DEFAULT
};

pub(super) const FS_ID: Keyword = Keyword {
    names: &["fs.id"],
    needs: Needs::Connection,
    doc: "The number of the stream in its client connection; 0 in HTTP/1.",
    examples: &[example("", "fs.id", "0")],
    build: Build::Plain(|_, _| Some(Sample::Sint(0))),
    ..INTEGER
};

pub(super) const BS_ID: Keyword = Keyword {
    names: &["bs.id"],
    needs: Needs::Server,
    doc: "The number of the stream in its server connection; 0 in HTTP/1.",
    examples: &[example("HTTP/1.1 200 OK", "bs.id", "0")],
    build: Build::Plain(|_, _| Some(Sample::Sint(0))),
    ..INTEGER
};

pub(super) const FS_ABORTED: Keyword = Keyword {
    names: &["fs.aborted"],
    needs: Needs::Connection,
    yields: Type::Bool,
    doc: "Whether the client gave the stream up explicitly; never in HTTP/1.",
    examples: &[example("", "fs.aborted", "0")],
    build: Build::Plain(|_, _| Some(Sample::Bool(false))),
    ..Keyword::DEFAULT
};

pub(super) const BS_ABORTED: Keyword = Keyword {
    names: &["bs.aborted"],
    needs: Needs::Server,
    yields: Type::Bool,
    doc: "Whether the server gave the stream up explicitly; never in HTTP/1.",
    examples: &[example("HTTP/1.1 200 OK", "bs.aborted", "0")],
    build: Build::Plain(|_, _| Some(Sample::Bool(false))),
    ..Keyword::DEFAULT
};

pub(super) const FS_RST_CODE: Keyword = Keyword {
    names: &["fs.rst_code"],
    needs: Needs::Connection,
    doc: "The code of the client's RST_STREAM; nothing in HTTP/1.",
    examples: &[nothing("", "fs.rst_code")],
    ..INTEGER
};

pub(super) const BS_RST_CODE: Keyword = Keyword {
    names: &["bs.rst_code"],
    needs: Needs::Server,
    doc: "The code of the server's RST_STREAM; nothing in HTTP/1.",
    examples: &[nothing("HTTP/1.1 200 OK", "bs.rst_code")],
    ..INTEGER
};

pub(super) const FS_DEBUG_STR: Keyword = Keyword {
    names: &["fs.debug_str"],
    args: &[optional("bitmap", Kind::Int)],
    needs: Needs::Connection,
    doc: "Inner state of the client's stream, for HAProxy's developers; nothing here.",
    examples: &[nothing("", "fs.debug_str")],
    ..Keyword::DEFAULT
};

pub(super) const BS_DEBUG_STR: Keyword = Keyword {
    names: &["bs.debug_str"],
    args: &[optional("bitmap", Kind::Int)],
    needs: Needs::Server,
    doc: "Inner state of the server's stream, for HAProxy's developers; nothing here.",
    examples: &[nothing("HTTP/1.1 200 OK", "bs.debug_str(1)")],
    ..Keyword::DEFAULT
};
