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
        out.number(Times::of(cx.record).receiving());
    }),
    Alias::http("Tq", "Th + Ti + TR", |cx, out| {
        out.number(Times::of(cx.record).request)
    }),
    Alias::new("Tw", "waiting in queues", |cx, out| {
        out.number(Times::of(cx.record).queueing());
    }),
    Alias::new("Tc", "connecting to the server", |cx, out| {
        out.number(Times::of(cx.record).connecting());
    }),
    Alias::http("Tr", "waiting for the response's head", |cx, out| {
        out.number(Times::of(cx.record).answering());
    }),
    Alias::new("Td", "transferring data", |cx, out| {
        out.number(Times::of(cx.record).transferring());
    }),
    Alias::http(
        "Ta",
        "active: from the request's first byte to the end",
        |cx, out| {
            total(cx, out, Times::of(cx.record).active());
        },
    ),
    Alias::new("Tt", "total: from the accept to the end", |cx, out| {
        total(cx, out, Times::of(cx.record).close);
    }),
    Alias::new("Tu", "total without the idle time", |cx, out| {
        total(cx, out, Times::of(cx.record).without_idle());
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
pub(in crate::vocab) struct Times {
    pub(in crate::vocab) handshake: i64,
    /// A duration: from the handshake to the first byte.
    pub(in crate::vocab) idle: i64,
    pub(in crate::vocab) request: i64,
    queue: i64,
    connect: i64,
    data: i64,
    pub(in crate::vocab) close: i64,
}

impl Times {
    pub(in crate::vocab) fn of(record: &Record) -> Self {
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

    /// `%TR`
    pub(in crate::vocab) fn receiving(&self) -> i64 {
        since(self.request, self.idle + self.handshake)
    }

    /// `%Tw`
    pub(in crate::vocab) fn queueing(&self) -> i64 {
        since(self.queue, self.request)
    }

    /// `%Tc`
    pub(in crate::vocab) fn connecting(&self) -> i64 {
        since(self.connect, self.queue)
    }

    /// `%Tr`
    pub(in crate::vocab) fn answering(&self) -> i64 {
        since(self.data, self.connect)
    }

    /// `%Td`
    pub(in crate::vocab) fn transferring(&self) -> i64 {
        let start = match self.request {
            -1 => self.connect,
            _ => self.data,
        };
        match start {
            -1 => -1,
            start => self.close - start,
        }
    }

    /// `%Ta`
    pub(in crate::vocab) fn active(&self) -> i64 {
        let start = match self.idle {
            -1 => 0,
            idle => idle + self.handshake,
        };
        self.close - start
    }

    /// `%Tu`
    pub(in crate::vocab) fn without_idle(&self) -> i64 {
        self.close - self.idle.max(0)
    }
}
