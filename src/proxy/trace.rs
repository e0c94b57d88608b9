//! `filter trace`: tells the standard error stream what passes, and has it pass in pieces.
//!
//! What must hold: a stream without such a filter is not slowed down; one with it ends up with the same
//! bytes. Lines are written at once and may hold a worker up: it is for debugging. Bodies are seen as they arrive,
//! before they are compressed, wherever the filter stands.

use crate::clock::{Clock, Millis};
use crate::http1::{RequestHead, ResponseHead, WriteOptions};
use crate::protect::bandwidth::Direction;
use crate::random;
use crate::settings::TraceSpec;
use std::fmt;
use std::io::Write;
use std::sync::Arc;

/// The filters of one stream.
#[derive(Debug, Default)]
pub(super) struct Traces {
    filters: Vec<Arc<TraceSpec>>,
    /// The stream's number in the process.
    stream: u32,
    /// When the clock began, microseconds since the epoch.
    epoch_us: u64,
    /// How far either body has come.
    passed: [u64; 2],
}

impl Traces {
    /// Whether there are any.
    pub(super) fn is_on(&self) -> bool {
        !self.filters.is_empty()
    }

    /// Forgets them.
    pub(super) fn clear(&mut self) {
        self.filters.clear();
        self.passed = [0; 2];
    }

    /// The stream enters a proxy that has these.
    pub(super) fn enter(&mut self, filters: &[Arc<TraceSpec>], stream: u32, clock: &Clock) {
        self.stream = stream;
        self.epoch_us = clock.wall_us(0);
        let before = self.filters.len();
        self.filters.extend_from_slice(filters);
        for filter in self.filters.get(before..).unwrap_or_default() {
            self.tell(filter, clock.now(), "stream_start", format_args!(""));
        }
    }

    /// A request passes.
    pub(super) fn request(&self, head: &RequestHead, now: Millis) {
        if self.is_on() {
            let mut text = Vec::new();
            head.write_to(&mut text, &WriteOptions::default());
            self.head("REQUEST", &text, now);
        }
    }

    /// A response passes.
    pub(super) fn response(&self, head: &ResponseHead, now: Millis) {
        if self.is_on() {
            let mut text = Vec::new();
            head.write_to(&mut text, &WriteOptions::default());
            self.head("RESPONSE", &text, now);
        }
    }

    fn head(&self, what: &str, text: &[u8], now: Millis) {
        let text = String::from_utf8_lossy(text);
        let mut lines = text.lines().filter(|line| !line.is_empty());
        let start = lines.next().unwrap_or_default();
        let fields: String = lines.map(|line| format!("\n\t{line}")).collect();
        for filter in &self.filters {
            self.tell(
                filter,
                now,
                "http_headers",
                format_args!("{what} {start}{fields}"),
            );
        }
    }

    /// How much of `wanted` bytes may go on at once; all of none.
    pub(super) fn piece(&self, wanted: usize) -> usize {
        let mut piece = u32::try_from(wanted).unwrap_or(u32::MAX);
        for filter in &self.filters {
            if filter.max_forward > 0 {
                piece = piece.min(filter.max_forward);
            }
            if filter.random && piece > 0 {
                piece = random::below(piece) + 1;
            }
        }
        piece as usize
    }

    /// These bytes of a body, or of a stream that has no heads, go on.
    pub(super) fn payload(&mut self, direction: Direction, bytes: &[u8], now: Millis) {
        let (what, place) = match direction {
            Direction::Up => ("REQUEST", 0),
            Direction::Down => ("RESPONSE", 1),
        };
        let Some(passed) = self.passed.get_mut(place) else {
            return;
        };
        let offset = *passed;
        *passed += bytes.len() as u64;
        for filter in &self.filters {
            let dump = match filter.hexdump && !filter.quiet {
                true => hexdump(bytes),
                false => String::new(),
            };
            let length = bytes.len();
            let what = format_args!("{what} offset={offset} forward={length}{dump}");
            self.tell(filter, now, "payload", what);
        }
    }

    /// The stream ends.
    pub(super) fn leave(&self, now: Millis) {
        for filter in &self.filters {
            self.tell(filter, now, "stream_stop", format_args!(""));
        }
    }

    fn tell(&self, filter: &TraceSpec, now: Millis, event: &str, what: fmt::Arguments<'_>) {
        if filter.quiet {
            return;
        }
        let us = self.epoch_us.saturating_add(now.saturating_mul(1000));
        let line = format!(
            "{}.{:06} [{:<20}] [strm {}] {event:<25}: {what}\n",
            us / 1_000_000,
            us % 1_000_000,
            filter.name,
            self.stream,
        );
        // Nobody is left to be told that it failed.
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
}

/// Sixteen bytes a line, each line after a line feed.
fn hexdump(bytes: &[u8]) -> String {
    let line = |(index, row): (usize, &[u8])| {
        let hex: String = row.iter().map(|byte| format!("{byte:02x} ")).collect();
        let printable = |byte: &u8| match byte {
            b' '..=b'~' => char::from(*byte),
            _ => '.',
        };
        let text: String = row.iter().map(printable).collect();
        format!("\n\t0x{:06x}: {hex:<48} |{text}|", index * 16)
    };
    bytes.chunks(16).enumerate().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(random: bool, max_forward: u32) -> Arc<TraceSpec> {
        Arc::new(TraceSpec {
            name: "t/p".into(),
            quiet: true,
            hexdump: false,
            random,
            max_forward,
        })
    }

    #[test]
    fn pieces_are_never_empty_and_never_too_large() {
        let check = |filters: &[Arc<TraceSpec>], wanted: usize, most: usize| {
            let traces = Traces {
                filters: filters.to_vec(),
                ..Traces::default()
            };
            for _ in 0..100 {
                let piece = traces.piece(wanted);
                assert!((1..=most).contains(&piece), "{piece} of {wanted}");
            }
        };
        check(&[spec(false, 0)], 500, 500);
        check(&[spec(false, 7)], 500, 7);
        check(&[spec(true, 0)], 500, 500);
        check(&[spec(true, 0), spec(true, 9)], 500, 9);
        check(&[spec(true, 1)], 1, 1);
        assert_eq!(Traces::default().piece(500), 500);
        let traces = Traces {
            filters: vec![spec(true, 0)],
            ..Traces::default()
        };
        assert_eq!(traces.piece(0), 0);
    }

    #[test]
    fn a_dump_shows_bytes_and_letters() {
        let check = |bytes: &[u8], expected: &str| assert_eq!(hexdump(bytes), expected);
        check(b"", "");
        check(b"a\n~", &format!("\n\t0x000000: {:<48} |a.~|", "61 0a 7e "));
        assert_eq!(hexdump(&[0; 17]).matches("\n\t0x").count(), 2);
    }
}
