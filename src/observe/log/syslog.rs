//! Received messages: what their headers say (RFC 5424 section 6, RFC 3164 section 4).
//!
//! As HAProxy reads them: a priority may be all there is; a header that is not well formed leaves
//! the priority, and everything behind that is the message. Nothing is copied.

use super::envelope::{Header, Time};
use crate::settings::{HostPolicy, LogEnvelope};

/// Shortest ISO 8601 time: `1970-01-01T00:00:00Z`.
const ISO_LEN: usize = 20;
/// Length of `Jan  1 00:00:00`.
const LEGACY_LEN: usize = 15;
const MONTHS: [&[u8; 3]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];

/// Reads a message that came at this time; returns its header and its text.
pub(super) fn parse(message: &[u8], came_us: u64) -> (Header<'_>, &[u8]) {
    let Some((priority, rest)) = priority(message) else {
        return (unparsed(came_us), message);
    };
    let mut header = Header {
        usual: LogEnvelope::Priority,
        facility: Some(u8::try_from(priority >> 3).unwrap_or(u8::MAX)),
        level: (priority & 7) as u8,
        ..unparsed(came_us)
    };
    let plain = header;
    let text = match rest.strip_prefix(b"1 ") {
        Some(after) => modern(after, &mut header, came_us),
        None => legacy(rest, &mut header, came_us),
    };
    match text {
        Some(text) => (header, text),
        None => (plain, rest),
    }
}

/// The header of a message that is not read.
pub(super) fn unparsed<'a>(came_us: u64) -> Header<'a> {
    Header {
        usual: LogEnvelope::Raw,
        facility: None,
        level: 0,
        time: Time::Us(came_us),
        host: b"",
        tag: b"",
        pid: b"",
        id: b"",
        structured: b"",
    }
}

/// Names the sender as `option host` says; `room` is for a name made of two.
pub(super) fn name_host<'a>(
    header: &mut Header<'a>,
    policy: HostPolicy,
    sender: &'a [u8],
    room: &'a mut Vec<u8>,
) {
    if sender.is_empty() {
        return;
    }
    match policy {
        HostPolicy::Keep => {}
        HostPolicy::Fill if !header.host.is_empty() => {}
        HostPolicy::Append if !header.host.is_empty() => {
            room.clear();
            room.extend_from_slice(header.host);
            room.push(b',');
            room.extend_from_slice(sender);
            header.host = room;
        }
        HostPolicy::Replace | HostPolicy::Fill | HostPolicy::Append => header.host = sender,
    }
}

/// The `format` that says as much as the header, if the `log` line has none.
pub(super) fn usual(header: &Header<'_>) -> LogEnvelope {
    let is_modern = matches!(header.time, Time::Iso(..) | Time::Unknown(_));
    match (header.host, header.tag) {
        (b"", b"") => header.usual,
        (b"", _) => LogEnvelope::Local,
        _ if is_modern => LogEnvelope::Rfc5424,
        _ => LogEnvelope::Rfc3164,
    }
}

/// `<134>` and what follows.
fn priority(message: &[u8]) -> Option<(u16, &[u8])> {
    let rest = message.strip_prefix(b"<")?;
    let end = rest.iter().take(4).position(|&byte| byte == b'>')?;
    let digits = rest.get(..end)?;
    let number = digits.iter().try_fold(0, |number: u16, byte| {
        let digit = byte.is_ascii_digit().then(|| u16::from(byte - b'0'))?;
        Some(number * 10 + digit)
    });
    Some((number?, rest.get(end + 1..)?))
}

/// Takes the bytes up to a blank, at least one; `-` is nothing.
fn field<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = rest.iter().position(|&byte| byte == b' ')?;
    let (value, after) = rest.split_at_checked(end)?;
    *rest = after.get(1..)?;
    match value {
        b"" => None,
        b"-" => Some(b""),
        value => Some(value),
    }
}

/// What follows `<134>1 `: `TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG`.
fn modern<'a>(mut rest: &'a [u8], header: &mut Header<'a>, came_us: u64) -> Option<&'a [u8]> {
    header.time = match field(&mut rest)? {
        b"" => Time::Unknown(came_us),
        time if is_iso(time) => Time::Iso(time, came_us),
        _ => return None,
    };
    header.host = field(&mut rest)?;
    header.tag = field(&mut rest)?;
    header.pid = field(&mut rest)?;
    header.id = field(&mut rest)?;
    let length = structured(rest)?;
    let (data, after) = rest.split_at_checked(length)?;
    header.structured = if data == b"-" { b"" } else { data };
    after.strip_prefix(b" ")
}

/// `1970-01-01T00:00:00`, digits behind a dot or not, `Z` or an offset.
fn is_iso(time: &[u8]) -> bool {
    let Some((_, mut rest)) = time.split_at_checked(ISO_LEN - 1) else {
        return false;
    };
    if let Some(fraction) = rest.strip_prefix(b".") {
        let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit());
        rest = fraction.get(digits.count()..).unwrap_or_default();
    }
    match rest {
        b"Z" => true,
        [b'+' | b'-', offset @ ..] => offset.len() == 5,
        _ => false,
    }
}

/// How long the structured data is: `-`, or elements in brackets.
fn structured(rest: &[u8]) -> Option<usize> {
    if rest.starts_with(b"-") {
        return Some(1);
    }
    let mut is_inside = false;
    let mut before = b' ';
    for (at, &byte) in rest.iter().enumerate() {
        match (is_inside, byte) {
            // A closing bracket within a value has a backslash before it.
            (true, b']') if before != b'\\' => is_inside = false,
            (true, _) => {}
            (false, b'[') => is_inside = true,
            (false, b' ') if at > 0 => return Some(at),
            (false, _) => return None,
        }
        before = byte;
    }
    None
}

/// What follows `<134>`: `Jan  1 00:00:00 HOSTNAME TAG[PID]: MSG`, where tag and process id may be
/// missing. Something shorter is all message.
fn legacy<'a>(rest: &'a [u8], header: &mut Header<'a>, came_us: u64) -> Option<&'a [u8]> {
    if rest.len() <= LEGACY_LEN {
        return Some(rest);
    }
    if !MONTHS.iter().any(|month| rest.starts_with(*month)) {
        return None;
    }
    let (time, after) = rest.split_at_checked(LEGACY_LEN)?;
    header.time = Time::Legacy(time, came_us);
    let mut rest = after.strip_prefix(b" ")?;
    let end = rest.iter().position(|&byte| byte == b' ')?;
    header.host = rest.get(..end).filter(|host| !host.is_empty())?;
    rest = rest.get(end + 1..)?;
    let colon = rest.iter().position(|&byte| byte == b' ' || byte == b':');
    let tag = colon.and_then(|colon| rest.split_at_checked(colon));
    let Some((tag, text)) = tag.and_then(|(tag, after)| Some((tag, after.strip_prefix(b": ")?)))
    else {
        return Some(rest);
    };
    let Some(open) = tag.iter().position(|&byte| byte == b'[') else {
        header.tag = tag;
        return Some(text);
    };
    let (name, pid) = tag.split_at_checked(open)?;
    let Some(pid) = pid
        .strip_prefix(b"[")
        .and_then(|pid| pid.strip_suffix(b"]"))
    else {
        return Some(rest);
    };
    (header.tag, header.pid) = (name, pid);
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::super::date::TimeText;
    use super::super::envelope::{Style, push_line};
    use super::*;
    use jiff::tz::TimeZone;

    /// What is sent on of a message that came from 10.0.0.1 on 22 November 2026.
    #[track_caller]
    fn check(format: LogEnvelope, policy: HostPolicy, message: &str, expected: &str) {
        let (mut header, text) = parse(message.as_bytes(), 1_795_368_610_966_767);
        let mut room = Vec::new();
        name_host(&mut header, policy, b"10.0.0.1", &mut room);
        header.usual = usual(&header);
        let style = Style {
            format,
            max_len: 1024,
            facility: 16,
            min_level: 0,
        };
        let mut out = Vec::new();
        let mut time = TimeText::new(TimeZone::UTC);
        push_line(&mut out, style, &header, &mut time, text);
        assert_eq!(String::from_utf8(out).unwrap(), format!("{expected}\n"));
    }

    #[test]
    fn without_a_format_messages_stay_as_they_are() {
        let same = |message: &str| check(LogEnvelope::Default, HostPolicy::Keep, message, message);
        same("hello");
        same("<134>hello");
        same("<999>hello");
        same("<134>a longer message without a header");
        same("<30>Jan  2 03:04:05 host tag[12]: hello");
        same("<30>Jan  2 03:04:05 host tag: hello");
        same("<30>Jan  2 03:04:05 host hello world");
        same("<30>1 2026-01-02T03:04:05.678Z host app 12 ID [a b=\"c\\]\"][d] hello");
        same("<30>1 - host app - - - hello");
        // What is no header is message.
        same("<abc>hello");
        same("<30>1 2026-01-02 03:04:05 host app - - - hello");
        same("<30>1 2026-01-02T03:04:05Z host app - - [open hello");
        same("<30");
        same("");
    }

    #[test]
    fn formats_take_what_there_is() {
        use LogEnvelope as E;
        let keep = |format, message, expected| check(format, HostPolicy::Keep, message, expected);
        let modern = "<30>1 2026-01-02T03:04:05.678Z host app 12 ID [a b=\"c\"] hello";
        keep(
            E::Rfc3164,
            modern,
            "<30>Jan  2 03:04:05 host app[12]: hello",
        );
        keep(E::Local, modern, "<30>Jan  2 03:04:05 app[12]: hello");
        keep(E::Priority, modern, "<30>hello");
        keep(E::Short, modern, "<6>hello");
        keep(E::Iso, modern, "2026-01-02T03:04:05.678Z hello");
        keep(E::Raw, modern, "hello");
        let legacy = "<30>Jan  2 03:04:05 host tag[12]: hello";
        keep(
            E::Rfc5424,
            legacy,
            "<30>1 2026-01-02T03:04:05-00:00 host tag 12 - - hello",
        );
        keep(E::Timed, legacy, "<6>2026-01-02T03:04:05-00:00 hello");
        keep(
            E::Rfc3164,
            "<30>hello",
            "<30>Nov 22 17:30:10 localhost hello",
        );
        keep(
            E::Rfc5424,
            "<30>hello",
            "<30>1 2026-11-22T17:30:10.966767+00:00 - - - - - hello",
        );
        // Without a priority the facility is that of the `log` line.
        keep(E::Priority, "hello", "<128>hello");
        keep(
            E::Rfc3164,
            "<30>1 - host app 12 - - hello",
            "<30>Nov 22 17:30:10 host app[12]: hello",
        );
    }

    #[test]
    fn host_names() {
        let modern = |policy, host, expected| {
            let line = |host| format!("<30>1 - {host} app - - - hello");
            check(LogEnvelope::Default, policy, &line(host), &line(expected));
        };
        modern(HostPolicy::Replace, "host", "10.0.0.1");
        modern(HostPolicy::Replace, "-", "10.0.0.1");
        modern(HostPolicy::Fill, "host", "host");
        modern(HostPolicy::Fill, "-", "10.0.0.1");
        modern(HostPolicy::Append, "host", "host,10.0.0.1");
        modern(HostPolicy::Append, "-", "10.0.0.1");
        let filled = "<134>Nov 22 17:30:10 10.0.0.1 hello";
        check(LogEnvelope::Default, HostPolicy::Fill, "<134>hello", filled);
        modern(HostPolicy::Keep, "host", "host");
    }
}
