//! Times in milliseconds: `%Th %Ti %TR %Tq %Tw %Tc %Tr %Td %Ta %Tt %Tu` (manual section 8.4).
//!
//! Each event is first rounded down to whole milliseconds since the accept; times are the
//! differences, so that they add up. An event that was never reached makes `-1`.

use super::{Alias, Field};
use crate::observe::Record;
use crate::vocab::context::Context;

pub(super) const ALL: &[Alias] = &[
    Alias::new("Th", "handshakes", |cx, out| {
        out.number(Times::of(cx.record).handshake)
    }),
    Alias::http("Ti", "idle before the request", |cx, out| {
        out.number(Times::of(cx.record).idle)
    }),
    Alias::http("TR", "receiving the request's head", |cx, out| {
        let times = Times::of(cx.record);
        out.number(since(times.request, times.idle + times.handshake));
    }),
    Alias::http("Tq", "Th + Ti + TR", |cx, out| {
        out.number(Times::of(cx.record).request)
    }),
    Alias::new("Tw", "waiting in queues", |cx, out| {
        let times = Times::of(cx.record);
        out.number(since(times.queue, times.request));
    }),
    Alias::new("Tc", "connecting to the server", |cx, out| {
        let times = Times::of(cx.record);
        out.number(since(times.connect, times.queue));
    }),
    Alias::http("Tr", "waiting for the response's head", |cx, out| {
        let times = Times::of(cx.record);
        out.number(since(times.data, times.connect));
    }),
    Alias::new("Td", "transferring data", |cx, out| {
        let times = Times::of(cx.record);
        let start = match times.request {
            -1 => times.connect,
            _ => times.data,
        };
        out.number(match start {
            -1 => -1,
            start => times.close - start,
        });
    }),
    Alias::http(
        "Ta",
        "active: from the request's first byte to the end",
        |cx, out| {
            let times = Times::of(cx.record);
            total(cx, out, times.close - times.active_from());
        },
    ),
    Alias::new("Tt", "total: from the accept to the end", |cx, out| {
        total(cx, out, Times::of(cx.record).close);
    }),
    Alias::new("Tu", "total without the idle time", |cx, out| {
        let times = Times::of(cx.record);
        total(cx, out, times.close - times.idle.max(0));
    }),
];

fn total(cx: &Context<'_>, out: &mut Field<'_>, value: i64) {
    if cx.record.unfinished {
        out.sign(b'+');
    }
    out.number(value);
}

fn since(event: i64, before: i64) -> i64 {
    match event {
        -1 => -1,
        _ => event - before,
    }
}

/// Milliseconds since the accept at which things happened; -1 = never.
struct Times {
    handshake: i64,
    /// A duration: from the handshake to the first byte.
    idle: i64,
    request: i64,
    queue: i64,
    connect: i64,
    data: i64,
    close: i64,
}

impl Times {
    fn of(record: &Record) -> Self {
        let at = |event_us: u64| match event_us {
            0 => -1,
            _ => (event_us.saturating_sub(record.accepted_us) / 1000) as i64,
        };
        let handshake = at(record.handshake_us).max(0);
        let start = at(record.request_start_us);
        Self {
            handshake,
            idle: match start {
                -1 => -1,
                start => start - handshake,
            },
            request: at(record.request_end_us),
            queue: at(record.queued_us),
            connect: at(record.connected_us),
            data: at(record.response_us),
            close: at(record.end_us).max(0),
        }
    }

    fn active_from(&self) -> i64 {
        match self.idle {
            -1 => 0,
            idle => idle + self.handshake,
        }
    }
}
