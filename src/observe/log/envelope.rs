//! What is written before a message: priority, time, host, tag and process id.
//!
//! Byte for byte what HAProxy 3.4 sends for each `format` of a `log` line.

use super::date::TimeText;
use crate::settings::{LogEnvelope, LogTarget};

/// What a header is made of. Empty fields are absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header<'a> {
    /// The `format` where a `log` line has none.
    pub(super) usual: LogEnvelope,
    /// The facility of a forwarded message; `None` is that of the `log` line.
    pub(super) facility: Option<u8>,
    pub(super) level: u8,
    pub(super) time: Time<'a>,
    pub(super) host: &'a [u8],
    pub(super) tag: &'a [u8],
    pub(super) pid: &'a [u8],
    /// `MSGID` of RFC 5424.
    pub(super) id: &'a [u8],
    /// `STRUCTURED-DATA` of RFC 5424.
    pub(super) structured: &'a [u8],
}

/// What a target asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Style {
    pub(super) format: LogEnvelope,
    pub(super) facility: u8,
    pub(super) min_level: u8,
    pub(super) max_len: usize,
}

impl From<&LogTarget> for Style {
    fn from(target: &LogTarget) -> Self {
        Self {
            format: target.format,
            facility: target.facility,
            min_level: target.min_level,
            max_len: target.max_len,
        }
    }
}

/// When something was logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Time<'a> {
    /// Microseconds of the wall clock.
    Us(u64),
    /// As a forwarded message says in RFC 3164's form, and when that came.
    Legacy(&'a [u8], u64),
    /// As a forwarded message says in ISO 8601.
    Iso(&'a [u8], u64),
    /// A forwarded message says that it doesn't know; when it came.
    Unknown(u64),
}

/// Appends the whole line for one target: header, message, line feed, at most
/// [`Style::max_len`] bytes.
pub(super) fn push_line(
    out: &mut Vec<u8>,
    style: Style,
    header: &Header<'_>,
    time: &mut TimeText,
    text: &[u8],
) {
    let start = out.len();
    push_header(out, style, header, time);
    out.extend_from_slice(text);
    out.truncate(start + style.max_len.saturating_sub(1));
    out.push(b'\n');
}

fn push_header(out: &mut Vec<u8>, style: Style, header: &Header<'_>, time: &mut TimeText) {
    let level = header.level.max(style.min_level);
    let facility = header.facility.unwrap_or(style.facility);
    let full = u16::from(facility) * 8 + u16::from(level);
    let format = match style.format {
        LogEnvelope::Default => header.usual,
        written => written,
    };
    match format {
        LogEnvelope::Default | LogEnvelope::Local => {
            push_priority(out, full);
            push_legacy(out, header.time, time);
            push_tag(out, header);
        }
        LogEnvelope::Rfc3164 => {
            push_priority(out, full);
            push_legacy(out, header.time, time);
            out.extend_from_slice(match header.host {
                b"" => b"localhost",
                host => host,
            });
            out.push(b' ');
            push_tag(out, header);
        }
        LogEnvelope::Rfc5424 => {
            push_priority(out, full);
            out.extend_from_slice(b"1 ");
            match header.time {
                Time::Unknown(_) => push_field(out, b""),
                known => push_iso(out, known, time),
            }
            push_field(out, header.host);
            push_field(out, header.tag);
            push_field(out, header.pid);
            push_field(out, header.id);
            push_field(out, header.structured);
        }
        LogEnvelope::Priority => push_priority(out, full),
        LogEnvelope::Short => push_priority(out, u16::from(level)),
        LogEnvelope::Timed => {
            push_priority(out, u16::from(level));
            push_iso(out, header.time, time);
        }
        LogEnvelope::Iso => push_iso(out, header.time, time),
        LogEnvelope::Raw => {}
    }
}

fn push_legacy(out: &mut Vec<u8>, at: Time<'_>, time: &mut TimeText) {
    match at {
        Time::Legacy(text, _) => {
            out.extend_from_slice(text);
            out.push(b' ');
        }
        Time::Iso(text, came) => {
            if !time.push_legacy_of(text, out) {
                time.push_legacy(came, out);
            }
        }
        Time::Us(at) | Time::Unknown(at) => time.push_legacy(at, out),
    }
}

fn push_iso(out: &mut Vec<u8>, at: Time<'_>, time: &mut TimeText) {
    match at {
        Time::Iso(text, _) => push_field(out, text),
        Time::Legacy(text, came) => {
            if !time.push_iso_of(text, came, out) {
                time.push_iso(came, out);
            }
        }
        Time::Us(at) | Time::Unknown(at) => time.push_iso(at, out),
    }
}

fn push_priority(out: &mut Vec<u8>, value: u16) {
    out.push(b'<');
    for unit in [1000, 100, 10] {
        if value >= unit {
            out.push(b'0' + (value / unit % 10) as u8);
        }
    }
    out.push(b'0' + (value % 10) as u8);
    out.push(b'>');
}

fn push_tag(out: &mut Vec<u8>, header: &Header<'_>) {
    if header.tag.is_empty() {
        return;
    }
    out.extend_from_slice(header.tag);
    if !header.pid.is_empty() {
        out.push(b'[');
        out.extend_from_slice(header.pid);
        out.push(b']');
    }
    out.extend_from_slice(b": ");
}

/// An RFC 5424 header field; absent is `-`.
fn push_field(out: &mut Vec<u8>, value: &[u8]) {
    out.extend_from_slice(if value.is_empty() { b"-" } else { value });
    out.push(b' ');
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    struct Case {
        style: Style,
        tag: &'static str,
        hostname: Option<&'static str>,
        level: u8,
    }

    fn case(format: LogEnvelope) -> Case {
        Case {
            style: Style {
                format,
                max_len: 1024,
                facility: 16,
                min_level: 0,
            },
            tag: "haproxy",
            hostname: None,
            level: 6,
        }
    }

    #[track_caller]
    fn check(case: &Case, expected: &str) {
        let header = Header {
            usual: match case.hostname {
                Some(_) => LogEnvelope::Rfc3164,
                None => LogEnvelope::Local,
            },
            facility: None,
            level: case.level,
            time: Time::Us(1_795_368_610_966_767),
            host: case.hostname.unwrap_or_default().as_bytes(),
            tag: case.tag.as_bytes(),
            pid: b"42",
            id: b"",
            structured: b"",
        };
        let mut out = Vec::new();
        let mut time = TimeText::new(TimeZone::UTC);
        push_line(&mut out, case.style, &header, &mut time, b"hello");
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn envelopes_without_a_hostname() {
        use LogEnvelope as E;
        check(
            &case(E::Default),
            "<134>Nov 22 17:30:10 haproxy[42]: hello\n",
        );
        check(&case(E::Local), "<134>Nov 22 17:30:10 haproxy[42]: hello\n");
        check(
            &case(E::Rfc3164),
            "<134>Nov 22 17:30:10 localhost haproxy[42]: hello\n",
        );
        check(
            &case(E::Rfc5424),
            "<134>1 2026-11-22T17:30:10.966767+00:00 - haproxy 42 - - hello\n",
        );
        check(&case(E::Priority), "<134>hello\n");
        check(&case(E::Short), "<6>hello\n");
        check(
            &case(E::Timed),
            "<6>2026-11-22T17:30:10.966767+00:00 hello\n",
        );
        check(&case(E::Iso), "2026-11-22T17:30:10.966767+00:00 hello\n");
        check(&case(E::Raw), "hello\n");
    }

    #[test]
    fn envelopes_with_a_hostname() {
        let named = |format| Case {
            hostname: Some("myhost"),
            ..case(format)
        };
        use LogEnvelope as E;
        check(
            &named(E::Default),
            "<134>Nov 22 17:30:10 myhost haproxy[42]: hello\n",
        );
        check(
            &named(E::Local),
            "<134>Nov 22 17:30:10 haproxy[42]: hello\n",
        );
        check(
            &named(E::Rfc3164),
            "<134>Nov 22 17:30:10 myhost haproxy[42]: hello\n",
        );
        check(
            &named(E::Rfc5424),
            "<134>1 2026-11-22T17:30:10.966767+00:00 myhost haproxy 42 - - hello\n",
        );
    }

    #[test]
    fn an_empty_tag_leaves_the_process_id_out() {
        let mut local = case(LogEnvelope::Local);
        local.tag = "";
        check(&local, "<134>Nov 22 17:30:10 hello\n");
    }

    #[test]
    fn priorities() {
        let with = |facility, level, min_level| {
            let mut case = case(LogEnvelope::Priority);
            case.style.facility = facility;
            case.style.min_level = min_level;
            case.level = level;
            case
        };
        check(&with(0, 0, 0), "<0>hello\n");
        check(&with(1, 2, 0), "<10>hello\n");
        check(&with(23, 7, 0), "<191>hello\n");
        check(&with(16, 1, 5), "<133>hello\n");
    }

    #[test]
    fn the_line_feed_counts_in_the_longest_line() {
        let cut = |max_len| {
            let mut case = case(LogEnvelope::Short);
            case.style.max_len = max_len;
            case
        };
        check(&cut(9), "<6>hello\n");
        check(&cut(8), "<6>hell\n");
        check(&cut(3), "<6\n");
        check(&cut(0), "\n");
    }
}
