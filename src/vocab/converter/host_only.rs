//! `host_only` and `port_only`: the two parts of a `Host` value.

use super::{Build, Keyword};
use crate::vocab::sample::{Sample, Type};

pub(super) const HOST_ONLY: Keyword = Keyword {
    names: &["host_only"],
    doc: "The host of a Host value in lower case, without its port.",
    examples: &[
        ("str(Example.ORG:8080),host_only", Some("example.org")),
        ("str(Example.ORG),host_only", Some("example.org")),
        ("str([::1]:80),host_only", Some("[::1]")),
        ("str([::1]),host_only", Some("[::1]")),
        ("str(::1),host_only", Some(":")),
        ("str(a:),host_only", Some("a")),
        ("str(:80),host_only", Some("")),
        ("str(),host_only", Some("")),
    ],
    build: Build::Plain(|input, out| {
        let Sample::Str(text) = input else {
            return None;
        };
        let (host, _) = split(text);
        out.extend(host.iter().map(u8::to_ascii_lowercase));
        Some(Sample::Str(out))
    }),
    ..Keyword::DEFAULT
};

pub(super) const PORT_ONLY: Keyword = Keyword {
    names: &["port_only"],
    gives: Type::Sint,
    doc: "The port of a Host value, or 0.",
    examples: &[
        ("str(Example.ORG:8080),port_only", Some("8080")),
        ("str(Example.ORG),port_only", Some("0")),
        ("str([::1]:80),port_only", Some("80")),
        ("str([::1]),port_only", Some("0")),
        ("str(a:),port_only", Some("0")),
        ("str(a:4294967297),port_only", Some("1")),
        ("str(a:8x),port_only", Some("152")),
        ("str(),port_only", Some("0")),
    ],
    build: Build::Plain(|input, _| {
        let Sample::Str(text) = input else {
            return None;
        };
        // As HAProxy, which takes every character for a digit and keeps 32 bits.
        let port = split(text).1.iter().fold(0_u32, |port, &byte| {
            let digit = i32::from(byte as i8) - i32::from(b'0');
            port.wrapping_mul(10).wrapping_add_signed(digit)
        });
        Some(Sample::Sint(port.into()))
    }),
    ..Keyword::DEFAULT
};

/// What is before and after the last colon that follows any bracket.
fn split(text: &[u8]) -> (&[u8], &[u8]) {
    let last = text.iter().rposition(|byte| b":]".contains(byte));
    match last.and_then(|at| text.split_at_checked(at)) {
        Some((host, [b':', port @ ..])) => (host, port),
        _ => (text, &[]),
    }
}
