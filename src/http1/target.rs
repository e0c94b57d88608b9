//! Request targets: which form, and where its parts are (RFC 9112 §3.2).

use super::class::{self, Authority};
use super::head::{Method, Strictness};
use std::num::NonZeroU16;
use std::ops::Range;

/// Where the parts of a well-formed target are, in bytes from its start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Parts {
    /// Of `host[:port]` in absolute-form and authority-form; else empty.
    pub(super) authority: Range<usize>,
    /// From the first `/` to before `?`; empty for `*` and authority-form.
    pub(super) path: Range<usize>,
}

impl Parts {
    /// Splits a target, or `None` when it is not one that `method` can have.
    pub(super) fn of(target: &[u8], method: Method, strictness: Strictness) -> Option<Self> {
        let good = match strictness {
            Strictness::Full => class::is_target(target),
            Strictness::Relaxed => class::is_relaxed_target(target),
        };
        if !good {
            return None;
        }
        if method == Method::Connect {
            let authority = Authority::parse(target)?;
            authority.port?;
            return Some(Self {
                authority: 0..target.len(),
                path: target.len()..target.len(),
            });
        }
        match target {
            [b'/', ..] => Some(Self {
                authority: 0..0,
                path: 0..path_len(target),
            }),
            b"*" => (method == Method::Options).then_some(Self {
                authority: 0..0,
                path: 1..1,
            }),
            _ => Self::of_absolute(target),
        }
    }

    fn of_absolute(target: &[u8]) -> Option<Self> {
        let scheme_len = memchr::memmem::find(target, b"://")?;
        let start = scheme_len + b"://".len();
        let (prefix, rest) = target.split_at_checked(start)?;
        let scheme = prefix.get(..scheme_len)?;
        let is_scheme = scheme.first()?.is_ascii_alphabetic()
            && scheme
                .iter()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
        let len = memchr::memchr(b'/', rest).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(len)?;
        // `http://host?query` fails here, as in HAProxy: `?` is in no host.
        let good = is_scheme && Authority::parse(authority).is_some();
        good.then(|| Self {
            authority: start..start + len,
            path: start + len..start + len + path_len(path),
        })
    }
}

fn path_len(path_and_query: &[u8]) -> usize {
    memchr::memchr(b'?', path_and_query).unwrap_or(path_and_query.len())
}

/// The port a scheme stands for (RFC 9110 §4.2).
pub(super) fn default_port(target: &[u8]) -> Option<NonZeroU16> {
    let is = |prefix: &[u8]| {
        target
            .get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    if is(b"http:") || is(b"ws:") {
        NonZeroU16::new(80)
    } else if is(b"https:") || is(b"wss:") {
        NonZeroU16::new(443)
    } else {
        None
    }
}

/// Whether any scheme stands for this port.
pub(super) fn is_default_port(port: NonZeroU16) -> bool {
    matches!(port.get(), 80 | 443)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: Method, target: &str, expected: Option<(&str, &str)>) {
        let found = Parts::of(target.as_bytes(), method, Strictness::Full)
            .map(|parts| (&target[parts.authority], &target[parts.path]));
        assert_eq!(found, expected, "{target:?}");
    }

    #[test]
    fn forms() {
        let get = |target, expected| check(Method::Get, target, expected);
        get("/", Some(("", "/")));
        get("/a/b?c?d/e", Some(("", "/a/b")));
        get("//x/y", Some(("", "//x/y")));
        get("/a\"<>{}|\\^`", Some(("", "/a\"<>{}|\\^`")));
        get("http://h/p?q", Some(("h", "/p")));
        get("http://h:80/p", Some(("h:80", "/p")));
        get("HTTP://h", Some(("h", "")));
        get("x+y://h/p", Some(("h", "/p")));
        get("/redirect?to=http://h/p", Some(("", "/redirect")));
        get("", None);
        get("a", None);
        get("a/b", None);
        get("*", None);
        get("?a", None);
        get("h:80", None);
        get("/a#b", None);
        get("/a b", None);
        get("/a\tb", None);
        get("/a\u{7f}", None);
        get("/caf\u{e9}", None);
        get("http:///p", None);
        get("http://", None);
        get("http://u@h/p", None);
        get("http://h?q", None);
        get("http://h:x/p", None);
        get("1http://h/p", None);
        get("://h/p", None);
    }

    #[test]
    fn forms_of_special_methods() {
        check(Method::Options, "*", Some(("", "")));
        check(Method::Options, "*/a", None);
        check(Method::Connect, "h:443", Some(("h:443", "")));
        check(Method::Connect, "[::1]:443", Some(("[::1]:443", "")));
        check(Method::Connect, "h", None);
        check(Method::Connect, "/", None);
        check(Method::Connect, "http://h:80", None);
        check(Method::Connect, "h:443/p", None);
        check(Method::Connect, "u@h:443", None);
    }
}
