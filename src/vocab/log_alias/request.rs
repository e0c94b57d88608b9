//! The request line and its parts: `%r %HM %HP %HPO %HQ %HU %HV`.

use super::{Alias, Encoding, Field};
use crate::http1::Version;
use crate::vocab::context::Context;
use crate::vocab::fetch::path_of;
use memchr::memchr;

pub(super) const ALL: &[Alias] = &[
    of_line("r", "request line", |cx, out| {
        part(cx, out, |line| Some(line))
    }),
    of_line("HM", "method", |cx, out| {
        part(cx, out, |line| Some(split(line)?.0))
    }),
    of_line("HU", "target", |cx, out| {
        part(cx, out, |line| Some(split(line)?.1))
    }),
    of_line("HP", "target without the query", |cx, out| {
        part(cx, out, |line| {
            target_and_query(line).map(|(target, _)| target)
        });
    }),
    of_line("HPO", "path only", |cx, out| {
        part(cx, out, |line| {
            Some(path_of(split(line)?.1).unwrap_or_default())
        });
    }),
    of_line("HQ", "query with its question mark", |cx, out| {
        part(cx, out, |line| {
            target_and_query(line).map(|(_, query)| query)
        });
    }),
    of_line("HV", "version", |cx, out| {
        part(cx, out, |line| Some(split(line)?.2))
    }),
];

const fn of_line(
    name: &'static str,
    doc: &'static str,
    print: fn(&Context<'_>, &mut Field<'_>),
) -> Alias {
    Alias {
        reads_request_line: true,
        ..Alias::http(name, doc, print)
    }
}

/// Prints a part of the request line, or `<BADREQ>` where there is no such line.
fn part(cx: &Context<'_>, out: &mut Field<'_>, of: fn(&[u8]) -> Option<&[u8]>) {
    let made;
    let mut line = cx.record.request_line.as_slice();
    if let (true, Some(head)) = (line.is_empty(), cx.request) {
        // No log keeps it: a header or an id is being made.
        let (method, target) = head.received();
        let version: &[u8] = match head.version() {
            Version::Http11 => b" HTTP/1.1",
            Version::Http10 => b" HTTP/1.0",
        };
        made = [method, b" ", target, version].concat();
        line = &made;
    }
    let known = !line.is_empty() && !cx.record.bad_request;
    let text = known.then(|| of(line)).flatten();
    out.encoded(text.unwrap_or(b"<BADREQ>"), Encoding::Url);
}

/// Method, target and version; a cut line has no version.
fn split(line: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (method, rest) = line.split_at_checked(memchr(b' ', line)?)?;
    let rest = rest.get(1..)?;
    match memchr(b' ', rest).and_then(|at| rest.split_at_checked(at)) {
        Some((target, version)) => Some((method, target, version.get(1..)?)),
        None => Some((method, rest, b"HTTP/0.9")),
    }
}

fn target_and_query(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let target = split(line)?.1;
    target.split_at_checked(memchr(b'?', target).unwrap_or(target.len()))
}
