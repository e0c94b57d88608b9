//! `debug([<prefix>[,<destination>]])`: shows a value on its way.
//!
//! A line goes to the standard error output, or to the standard output if that is the
//! destination. HAProxy's default is its ring `buf0`; there are no rings here, so other
//! destinations go to the standard error output too.

use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Args, Kind, optional};
use crate::vocab::context::Context;
use crate::vocab::sample::{ROOM, Sample, Type};
use std::io::Write;
use std::net::IpAddr;

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["debug"],
    args: &[
        optional("prefix", Kind::Str),
        optional("destination", Kind::Str),
    ],
    takes: Type::Any,
    gives: Type::Any,
    doc: "The value itself. Its type and text, after <prefix>, are written to the standard error \
          output, or to the standard output if <destination> is \"stdout\".",
    examples: &[
        ("str(abc),debug", Some("abc")),
        ("int(12),debug(n),add(1)", Some("13")),
        ("bin(00ff),debug(b,stderr),hex", Some("00FF")),
    ],
    build: Build::With(|args: &Args| {
        Ok(Box::new(Debug {
            prefix: args.text(0).unwrap_or_default().into(),
            to_stdout: args.text(1) == Some(b"stdout"),
        }))
    }),
};

#[derive(Debug)]
struct Debug {
    prefix: Box<[u8]>,
    to_stdout: bool,
}

impl Converting for Debug {
    fn apply<'s>(
        &'s self,
        _: &Context<'s>,
        input: Sample<'s>,
        out: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        line(&self.prefix, input, out);
        // Nobody can be told that the output is closed.
        let _ = match self.to_stdout {
            true => std::io::stdout().write_all(out),
            false => std::io::stderr().write_all(out),
        };
        Some(input)
    }
}

/// Writes `[debug] prefix: type=str <text>`; what cannot be shown is a point.
fn line(prefix: &[u8], value: Sample<'_>, out: &mut Vec<u8>) {
    let kind = match value {
        Sample::Bool(_) => "bool",
        Sample::Sint(_) => "sint",
        Sample::Addr(IpAddr::V4(_)) => "ipv4",
        Sample::Addr(IpAddr::V6(_)) => "ipv6",
        Sample::Str(_) => "str",
        Sample::Bin(_) => "bin",
        Sample::Meth(_) => "meth",
    };
    out.extend_from_slice(b"[debug] ");
    out.extend_from_slice(prefix);
    out.extend_from_slice(b": type=");
    out.extend_from_slice(kind.as_bytes());
    out.extend_from_slice(b" <");
    let mut room = ROOM;
    let shown = value.text(&mut room).iter().map(|&byte| match byte {
        b' '..=b'~' => byte,
        _ => b'.',
    });
    out.extend(shown);
    out.extend_from_slice(b">\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(prefix: &str, value: Sample<'_>, expected: &str) {
        let mut out = Vec::new();
        line(prefix.as_bytes(), value, &mut out);
        assert_eq!(String::from_utf8_lossy(&out), expected);
    }

    #[test]
    fn lines() {
        check("", Sample::Str(b"a\tb"), "[debug] : type=str <a.b>\n");
        check("n", Sample::Sint(-1), "[debug] n: type=sint <-1>\n");
        check("x", Sample::Bin(b"a\0b"), "[debug] x: type=bin <a>\n");
    }
}
