//! Connection counts, queues and sequence numbers: `%ac %fc %bc %sc %rc %sq %bq %rt %lc`.

use super::{Alias, Field};
use crate::vocab::context::Context;

pub(super) const ALL: &[Alias] = &[
    Alias::new("ac", "concurrent connections of the process", |cx, out| {
        conns(cx, 0, out)
    }),
    Alias::new("fc", "concurrent connections of the frontend", |cx, out| {
        conns(cx, 1, out)
    }),
    Alias::new("bc", "concurrent connections of the backend", |cx, out| {
        conns(cx, 2, out)
    }),
    Alias::new("sc", "concurrent connections of the server", |cx, out| {
        conns(cx, 3, out)
    }),
    Alias::new(
        "rc",
        "connection retries, after \"+\" if redispatched",
        |cx, out| {
            if cx.record.redispatched {
                out.sign(b'+');
            }
            out.number(cx.record.retries.into());
        },
    ),
    Alias::new("sq", "requests ahead in the server's queue", |cx, out| {
        out.number(cx.record.server_queue.into());
    }),
    Alias::new("bq", "requests ahead in the backend's queue", |cx, out| {
        out.number(cx.record.backend_queue.into());
    }),
    Alias::new(
        "rt",
        "sequence number of the request in the process",
        |cx, out| {
            out.number_or_hex(cx.record.request_counter, 4);
        },
    ),
    Alias::new(
        "lc",
        "sequence number of the line in the frontend",
        |cx, out| {
            out.number_or_hex(cx.record.log_counter, 4);
        },
    ),
];

fn conns(cx: &Context<'_>, index: usize, out: &mut Field<'_>) {
    out.number(
        cx.record
            .conns
            .get()
            .get(index)
            .copied()
            .unwrap_or(0)
            .into(),
    );
}
