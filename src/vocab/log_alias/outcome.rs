//! What came of it: `%ST %B %U %ts %tsc`.

use super::Alias;
use crate::observe::LogStep;
use crate::settings::Mode;

pub(super) const ALL: &[Alias] = &[
    Alias::new("ST", "status sent to the client, -1 if none", |cx, out| {
        out.number(match cx.record.status {
            0 if cx.names.mode == Mode::Tcp || cx.record.step.get() == LogStep::Accept => 0,
            0 => -1,
            status => status.into(),
        });
    }),
    Alias::new("B", "bytes sent to the client", |cx, out| {
        if cx.record.unfinished {
            out.sign(b'+');
        }
        out.digits(cx.record.bytes_out);
    }),
    Alias::new("U", "bytes received from the client", |cx, out| {
        out.digits(cx.record.bytes_in);
    }),
    Alias::new("ts", "termination state", |cx, out| {
        let state = cx.record.termination;
        out.plain(&[state.cause, state.phase]);
    }),
    Alias::http("tsc", "termination state with the cookie's", |cx, out| {
        let state = cx.record.termination;
        let [client, server] = cx.record.persistence;
        out.plain(&[state.cause, state.phase, client, server]);
    }),
];
