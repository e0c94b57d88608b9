//! What is written before a message: priority, time, host, tag and process id.
//!
//! Byte for byte what HAProxy 3.4 sends for each `format` of a `log` line.

use super::date::TimeText;
use crate::settings::{LogEnvelope, LogTarget};

/// The parts of a header that are the same for every line of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    /// `log-tag`; empty leaves the tag and the process id out.
    pub(super) tag: Box<[u8]>,
    /// `log-send-hostname`.
    pub(super) hostname: Option<Box<[u8]>>,
    /// The process id in decimal.
    pub(super) pid: Box<[u8]>,
}

/// What a line says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message<'a> {
    /// For RFC 5424 targets.
    pub(super) structured: &'a [u8],
    pub(super) text: &'a [u8],
}

/// Appends the whole line for one target: header, message, line feed, at most
/// [`LogTarget::max_len`] bytes.
pub(super) fn push_line(
    out: &mut Vec<u8>,
    target: &LogTarget,
    origin: &Origin,
    level: u8,
    wall_us: u64,
    time: &mut TimeText,
    message: Message<'_>,
) {
    let start = out.len();
    push_header(
        out,
        target,
        origin,
        level,
        wall_us,
        time,
        message.structured,
    );
    out.extend_from_slice(message.text);
    out.truncate(start + target.max_len.saturating_sub(1));
    out.push(b'\n');
}

fn push_header(
    out: &mut Vec<u8>,
    target: &LogTarget,
    origin: &Origin,
    level: u8,
    wall_us: u64,
    time: &mut TimeText,
    structured: &[u8],
) {
    let level = level.max(target.min_level);
    let full = u16::from(target.facility) * 8 + u16::from(level);
    let format = match target.format {
        LogEnvelope::Default if origin.hostname.is_some() => LogEnvelope::Rfc3164,
        LogEnvelope::Default => LogEnvelope::Local,
        written => written,
    };
    match format {
        LogEnvelope::Default | LogEnvelope::Local => {
            push_priority(out, full);
            time.push_legacy(wall_us, out);
            push_tag(out, origin);
        }
        LogEnvelope::Rfc3164 => {
            push_priority(out, full);
            time.push_legacy(wall_us, out);
            out.extend_from_slice(origin.hostname.as_deref().unwrap_or(b"localhost"));
            out.push(b' ');
            push_tag(out, origin);
        }
        LogEnvelope::Rfc5424 => {
            push_priority(out, full);
            out.extend_from_slice(b"1 ");
            time.push_iso(wall_us, out);
            push_field(out, origin.hostname.as_deref().unwrap_or(b""));
            push_field(out, &origin.tag);
            push_field(out, &origin.pid);
            // No message id.
            out.extend_from_slice(b"- ");
            push_field(out, structured);
        }
        LogEnvelope::Priority => push_priority(out, full),
        LogEnvelope::Short => push_priority(out, u16::from(level)),
        LogEnvelope::Timed => {
            push_priority(out, u16::from(level));
            time.push_iso(wall_us, out);
        }
        LogEnvelope::Iso => time.push_iso(wall_us, out),
        LogEnvelope::Raw => {}
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

fn push_tag(out: &mut Vec<u8>, origin: &Origin) {
    if origin.tag.is_empty() {
        return;
    }
    out.extend_from_slice(&origin.tag);
    out.push(b'[');
    out.extend_from_slice(&origin.pid);
    out.extend_from_slice(b"]: ");
}

/// An RFC 5424 header field; absent is `-`.
fn push_field(out: &mut Vec<u8>, value: &[u8]) {
    out.extend_from_slice(if value.is_empty() { b"-" } else { value });
    out.push(b' ');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::LogDestination;
    use jiff::tz::TimeZone;

    struct Case {
        target: LogTarget,
        tag: &'static str,
        hostname: Option<&'static str>,
        level: u8,
    }

    fn case(format: LogEnvelope) -> Case {
        Case {
            target: LogTarget {
                to: LogDestination::Fd(1),
                format,
                max_len: 1024,
                facility: 16,
                max_level: 7,
                min_level: 0,
            },
            tag: "haproxy",
            hostname: None,
            level: 6,
        }
    }

    #[track_caller]
    fn check(case: &Case, expected: &str) {
        let origin = Origin {
            tag: case.tag.as_bytes().into(),
            hostname: case.hostname.map(|h| h.as_bytes().into()),
            pid: b"42".as_slice().into(),
        };
        let mut out = Vec::new();
        let mut time = TimeText::new(TimeZone::UTC);
        push_line(
            &mut out,
            &case.target,
            &origin,
            case.level,
            1_795_368_610_966_767,
            &mut time,
            Message {
                structured: b"",
                text: b"hello",
            },
        );
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
            case.target.facility = facility;
            case.target.min_level = min_level;
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
            case.target.max_len = max_len;
            case
        };
        check(&cut(9), "<6>hello\n");
        check(&cut(8), "<6>hell\n");
        check(&cut(3), "<6\n");
        check(&cut(0), "\n");
    }
}
