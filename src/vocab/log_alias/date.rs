//! Dates: `%t %T %Tl %Ts %ms %tr %trg %trl`.
//!
//! The text of a second is made once per thread and kept for the two latest seconds: a line
//! prints its accept date and its request date, often in neighbouring seconds.

use super::{Alias, Field};
use crate::vocab::context::Context;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::cell::RefCell;
use std::fmt::Display;
use std::io::Write as _;

pub(super) const ALL: &[Alias] = &[
    Alias::new("t", "accept date, local, with milliseconds", |cx, out| {
        local_ms(accepted_us(cx), out);
    }),
    Alias::new("T", "accept date, UTC, with the time zone", |cx, out| {
        utc(accepted_us(cx), out)
    }),
    Alias::new("Tl", "accept date, local, with the time zone", |cx, out| {
        local_zone(accepted_us(cx), out);
    }),
    Alias::new("Ts", "accept date as a UNIX timestamp", |cx, out| {
        out.number_or_hex((accepted_us(cx) / 1_000_000) as u32, 4);
    }),
    Alias::new("ms", "milliseconds of the accept date", |cx, out| {
        let ms = (accepted_us(cx) / 1000 % 1000) as u32;
        match out.hex() || out.encodes() {
            true => out.number_or_hex(ms, 2),
            false => out.raw(format_args!("{ms:03}")),
        }
    }),
    Alias::http("tr", "request date, local, with milliseconds", |cx, out| {
        local_ms(requested_us(cx), out);
    }),
    Alias::http("trg", "request date, UTC, with the time zone", |cx, out| {
        utc(requested_us(cx), out);
    }),
    Alias::http(
        "trl",
        "request date, local, with the time zone",
        |cx, out| {
            local_zone(requested_us(cx), out);
        },
    ),
];

/// Wall-clock microseconds of the accept.
fn accepted_us(cx: &Context<'_>) -> u64 {
    cx.clock.wall_us(cx.record.accepted_us)
}

/// Wall-clock microseconds of the request's first byte; of the accept if there was none.
fn requested_us(cx: &Context<'_>) -> u64 {
    match cx.record.request_start_us {
        0 => accepted_us(cx),
        start => cx.clock.wall_us(start),
    }
}

fn local_ms(wall_us: u64, out: &mut Field<'_>) {
    out.whole(|out| {
        with_second(wall_us, |second| out.plain(&second.local));
        out.raw(format_args!(".{:03}", wall_us / 1000 % 1000));
    });
}

fn utc(wall_us: u64, out: &mut Field<'_>) {
    out.whole(|out| {
        with_second(wall_us, |second| out.plain(&second.utc));
        out.plain(b" +0000");
    });
}

fn local_zone(wall_us: u64, out: &mut Field<'_>) {
    out.whole(|out| {
        with_second(wall_us, |second| {
            out.plain(&second.local);
            out.plain(&second.zone);
        });
    });
}

/// The texts of one second.
struct Second {
    /// Seconds since the epoch.
    at: u64,
    /// `22/Nov/2026:17:38:04`
    local: Vec<u8>,
    utc: Vec<u8>,
    /// ` +0200`
    zone: Vec<u8>,
}

fn with_second(wall_us: u64, show: impl FnOnce(&Second)) {
    thread_local! {
        static LATEST: RefCell<[Second; 2]> = RefCell::new([Second::new(), Second::new()]);
    }
    let at = wall_us / 1_000_000;
    LATEST.with_borrow_mut(|latest| {
        let [even, odd] = latest;
        let second = match at % 2 {
            0 => even,
            _ => odd,
        };
        if second.at != at || second.local.is_empty() {
            second.write(at);
        }
        show(second);
    });
}

impl Second {
    /// None yet, with room for any.
    fn new() -> Self {
        Self {
            at: 0,
            local: Vec::with_capacity(32),
            utc: Vec::with_capacity(32),
            zone: Vec::with_capacity(8),
        }
    }

    fn write(&mut self, at: u64) {
        let seconds = i64::try_from(at).unwrap_or(i64::MAX);
        let instant = Timestamp::from_second(seconds).unwrap_or_default();
        let local = instant.to_zoned(zone());
        let utc = instant.to_zoned(TimeZone::UTC);
        self.at = at;
        write(&mut self.local, local.strftime("%d/%b/%Y:%H:%M:%S"));
        write(&mut self.utc, utc.strftime("%d/%b/%Y:%H:%M:%S"));
        write(&mut self.zone, local.strftime(" %z"));
    }
}

fn write(out: &mut Vec<u8>, text: impl Display) {
    out.clear();
    write!(out, "{text}").expect("writing to memory cannot fail");
}

/// The machine's time zone, looked up once per thread.
pub(in crate::vocab) fn zone() -> TimeZone {
    thread_local! {
        static ZONE: TimeZone = TimeZone::system();
    }
    ZONE.with(Clone::clone)
}
