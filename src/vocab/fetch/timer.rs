//! Times of the stream in milliseconds: `req.timer.*`, `res.timer.*`, `fc.timer.*`, `bc.timer.*`
//! and `txn.timer.*`, each the log alias of the same name as a number; -1 = never reached.

use super::{Build, Keyword, Needs, example};
use crate::vocab::context::Context;
use crate::vocab::log_alias::Times;
use crate::vocab::sample::{Sample, Type};

const TIMER: Keyword = Keyword {
    yields: Type::Sint,
    needs: Needs::Request,
    ..Keyword::DEFAULT
};

fn time<'s>(cx: &Context<'_>, pick: fn(&Times) -> i64) -> Option<Sample<'s>> {
    Some(Sample::Sint(pick(&Times::of(cx.record))))
}

pub(super) const HANDSHAKE: Keyword = Keyword {
    names: &["fc.timer.handshake"],
    needs: Needs::Connection,
    doc: "Handshakes of the client connection (%Th).",
    examples: &[example("", "fc.timer.handshake", "0")],
    build: Build::Plain(|cx, _| time(cx, |times| times.handshake)),
    ..TIMER
};

pub(super) const IDLE: Keyword = Keyword {
    names: &["req.timer.idle"],
    doc: "Idle time before the request (%Ti).",
    examples: &[example("", "req.timer.idle", "-1")],
    build: Build::Plain(|cx, _| time(cx, |times| times.idle)),
    ..TIMER
};

pub(super) const HEADERS: Keyword = Keyword {
    names: &["req.timer.hdr"],
    doc: "Receiving the request's head (%TR).",
    examples: &[example("", "req.timer.hdr", "-1")],
    build: Build::Plain(|cx, _| time(cx, Times::receiving)),
    ..TIMER
};

pub(super) const UP_TO_REQUEST: Keyword = Keyword {
    names: &["req.timer.tq"],
    doc: "Handshakes, idle time and receiving the request's head (%Tq).",
    examples: &[example("", "req.timer.tq", "-1")],
    build: Build::Plain(|cx, _| time(cx, |times| times.request)),
    ..TIMER
};

pub(super) const QUEUE: Keyword = Keyword {
    names: &["req.timer.queue"],
    needs: Needs::Server,
    doc: "Waiting in queues (%Tw).",
    examples: &[example("HTTP/1.1 200 OK", "req.timer.queue", "-1")],
    build: Build::Plain(|cx, _| time(cx, Times::queueing)),
    ..TIMER
};

pub(super) const CONNECT: Keyword = Keyword {
    names: &["bc.timer.connect"],
    needs: Needs::Server,
    doc: "Connecting to the server (%Tc).",
    examples: &[example("HTTP/1.1 200 OK", "bc.timer.connect", "-1")],
    build: Build::Plain(|cx, _| time(cx, Times::connecting)),
    ..TIMER
};

pub(super) const RESPONSE: Keyword = Keyword {
    names: &["res.timer.hdr"],
    needs: Needs::Response,
    doc: "Waiting for the response's head (%Tr).",
    examples: &[example("HTTP/1.1 200 OK", "res.timer.hdr", "-1")],
    build: Build::Plain(|cx, _| time(cx, Times::answering)),
    ..TIMER
};

pub(super) const DATA: Keyword = Keyword {
    names: &["res.timer.data"],
    grows: true,
    needs: Needs::Response,
    doc: "Transferring data (%Td).",
    examples: &[example("HTTP/1.1 200 OK", "res.timer.data", "-1")],
    build: Build::Plain(|cx, _| time(cx, Times::transferring)),
    ..TIMER
};

pub(super) const ACTIVE: Keyword = Keyword {
    names: &["txn.timer.total"],
    grows: true,
    doc: "From the request's first byte to the end (%Ta).",
    examples: &[example("", "txn.timer.total", "0")],
    build: Build::Plain(|cx, _| time(cx, Times::active)),
    ..TIMER
};

pub(super) const USER: Keyword = Keyword {
    names: &["txn.timer.user"],
    grows: true,
    doc: "From the accept to the end, without the idle time (%Tu).",
    examples: &[example("", "txn.timer.user", "0")],
    build: Build::Plain(|cx, _| time(cx, Times::without_idle)),
    ..TIMER
};

pub(super) const TOTAL: Keyword = Keyword {
    names: &["fc.timer.total"],
    grows: true,
    needs: Needs::Connection,
    doc: "From the accept to the end (%Tt).",
    examples: &[example("", "fc.timer.total", "0")],
    build: Build::Plain(|cx, _| time(cx, |times| times.close)),
    ..TIMER
};
