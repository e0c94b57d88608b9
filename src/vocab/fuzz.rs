//! Entries for fuzzing the languages written in words; unit tests call them too.
//!
//! An input is a line of text and, after its line feed, the message it is evaluated on: a body, or
//! the bytes that content rules see. Each entry panics when a promise of the vocabulary does not
//! hold: whatever the text, reading ends with a meaning or an error at a place inside the text,
//! and a meaning can be evaluated on every stage of a stream. Deliberately absent: the lexer,
//! files and sections, which the fuzz target `config` drives.

use super::arguments::Fault;
use super::condition::{self, AclSet};
use super::content::Content;
use super::context::Context;
use super::expression::{self, Expression};
use super::format::{Format, FormatUse};
use super::outer::Site;
use super::rule_codes;
use super::sample::{ROOM, Sample, Type};
use super::scope::{Phase, Scope};
use super::stage::{Stage, resolve, scoped, word, words};
use crate::settings::Mode;
use crate::syntax::{Diagnostics, Severity, Span};

/// Longest text looked at: values grow with the number of converters.
const LONGEST_TEXT: usize = 1024;

/// Longest value of an expression, in bytes.
const LONGEST_VALUE: usize = 1 << 20;

const REQUEST: &str = "POST /a/B%20c/d?x=1&y=%41;z HTTP/1.1\nHost: www.Example.com:8080\n\
    Cookie: s=1; t=abc\nX: 1,\"a,b\", c\nX: 192.0.2.9\nAuthorization: Basic YWxpY2U6c2VjcmV0\n\
    Accept-Language: de;q=0.5,en\nForwarded: by=\"[::1]:80\";for=192.0.2.1\n\
    Date: Tue, 14 Nov 2023 22:13:20 GMT";

const RESPONSE: &str = "HTTP/1.1 201 Created\nSet-Cookie: s=1; path=/\nX: 5\nX: 0.5,b";

/// Every stage a stream goes through, with `message` where one has content, and once more where
/// more of it may come. Until `check` answers false.
fn each_stage(message: &[u8], mut check: impl FnMut(Phase, &Context<'_>) -> bool) {
    let raw = before_anything();
    let with_body = |head| {
        let mut stage = Stage::new(head);
        stage.body = message.to_vec();
        stage
    };
    let mut in_content = |settled| {
        let content = Content::raw(message, 16_384, settled);
        let context = Context {
            content: Some(&content),
            ..raw.context()
        };
        check(Phase::Content, &context)
    };
    let _ = in_content(false)
        && in_content(true)
        && check(Phase::Config, &raw.context())
        && check(Phase::Request, &with_body(REQUEST).context())
        && check(Phase::Response, &with_body(RESPONSE).context())
        && check(Phase::Log, &ended().context());
}

fn before_anything() -> Stage {
    let mut stage = Stage::new("raw:");
    stage.server = None;
    stage
}

/// A stream of which only the record is left.
fn ended() -> Stage {
    let mut stage = Stage::new(REQUEST);
    stage.record.accepted_us = 1_000_000;
    stage.record.request_start_us = 1_003_000;
    stage.record.end_us = 1_021_500;
    stage.record.status = 200;
    stage.record.request_line = b"GET /a/b?c=\"1#\xff\n HTTP/1.1".to_vec();
    stage.record.server_peer = Some(([192, 0, 2, 9], 80).into());
    stage.request = None;
    stage
}

/// The line that an input starts with, not too long, and what follows it.
fn split_line(data: &[u8]) -> (&[u8], &[u8]) {
    let end = memchr::memchr(b'\n', data).unwrap_or(data.len());
    let (line, rest) = data.split_at_checked(end).unwrap_or_default();
    (
        line.get(..LONGEST_TEXT).unwrap_or(line),
        rest.get(1..).unwrap_or_default(),
    )
}

/// Reads one sample expression and evaluates it.
///
/// # Panics
/// When a promise is broken.
pub fn expression(data: &[u8]) {
    let (text, message) = split_line(data);
    let word = word(text);
    each_stage(message, |phase, cx| {
        let read = |scope: &mut Scope<'_>| match expression::parse_inside(&word, 0, scope.site) {
            Ok((expression, end)) => {
                assert!(end <= text.len(), "read to {end} of {}", text.len());
                settle(scope);
                if expression.available(phase) {
                    evaluate(&expression, cx);
                }
                true
            }
            Err(Fault { span, .. }) => {
                check_span(span, text.len());
                false
            }
        };
        scoped(&AclSet::default(), phase, read).0
    });
}

/// A value has the type that its expression tells.
#[track_caller]
pub(super) fn is_of_the_type_told(expression: &Expression, value: Sample<'_>) {
    let (gives, found) = (expression.gives(), type_of(value));
    // Some converters decide by the value.
    let is_v4 = matches!(value, Sample::Addr(addr) if addr.is_ipv4());
    let becomes = match gives {
        Type::Ipv4 => is_v4,
        _ => !expression.is_plain() && found.becomes(gives),
    };
    assert!(
        gives == Type::Any || found == gives || becomes,
        "{found:?}, {gives:?}"
    );
}

fn evaluate(expression: &Expression, cx: &Context<'_>) {
    let check = |value: Sample<'_>| {
        is_of_the_type_told(expression, value);
        if let Sample::Str(bytes) | Sample::Bin(bytes) | Sample::Meth(bytes) = value {
            assert!(bytes.len() <= LONGEST_VALUE, "{} bytes", bytes.len());
        }
        for to in TYPES {
            let cast = value.cast(to, &mut ROOM.clone()).map(type_of);
            let to = if to == Type::Ipv4 { Type::Addr } else { to };
            assert!(cast.is_none_or(|cast| to == Type::Any || cast == to));
        }
    };
    expression.one(cx, &mut |value| check(value));
    expression.any(cx, &mut |value| {
        check(value);
        false
    });
}

const TYPES: [Type; 8] = [
    Type::Bool,
    Type::Sint,
    Type::Addr,
    Type::Ipv4,
    Type::Str,
    Type::Bin,
    Type::Meth,
    Type::Any,
];

fn type_of(value: Sample<'_>) -> Type {
    match value {
        Sample::Bool(_) => Type::Bool,
        Sample::Sint(_) => Type::Sint,
        Sample::Addr(_) => Type::Addr,
        Sample::Str(_) => Type::Str,
        Sample::Bin(_) => Type::Bin,
        Sample::Meth(_) => Type::Meth,
    }
}

/// Fills in what `compile` fills in when everything was read.
fn settle(scope: &Scope<'_>) {
    resolve(scope.site.outer);
    scope.site.outer.patterns.finish();
}

fn check_span(span: Span, len: usize) {
    assert!(
        span.start <= span.end && span.end as usize <= len,
        "{span:?} in {len}"
    );
}

fn check_places(diags: &Diagnostics, len: usize) {
    let labels = diags.iter().flat_map(|found| &found.labels);
    labels.for_each(|label| check_span(label.span, len));
}

/// Reads a condition (the first line) with the ACLs of the `acl …` lines that follow it, and
/// evaluates it.
///
/// # Panics
/// When a promise is broken.
pub fn condition(data: &[u8]) {
    let (text, mut message) = split_line(data);
    let mut acls = Vec::new();
    while let Some(rest) = message.strip_prefix(b"acl ") {
        let line;
        (line, message) = split_line(rest);
        acls.push(line);
    }
    let lines = || acls.iter().copied().chain([text]);
    let is_repeatable = !lines().any(changes_by_itself);
    let longest = lines().map(<[u8]>::len).max().unwrap_or(0);
    each_stage(message, |phase, cx| {
        scoped(&AclSet::default(), phase, |scope| {
            let mut set = AclSet::default();
            for line in &acls {
                set.define(&words(line), Mode::Http, scope.site, scope.diags);
            }
            let mut scope = Scope {
                acls: &set,
                diags: &mut *scope.diags,
                site: Site {
                    acls: &set,
                    ..scope.site
                },
                ..*scope
            };
            let words = words(text);
            let parsed = condition::parse(&words, &mut scope);
            check_places(scope.diags, longest);
            let Some(parsed) = parsed else {
                assert!(words.is_empty() || scope.diags.has_errors(), "no reason");
                return false;
            };
            settle(&scope);
            let (decided, holds) = (parsed.decide(cx), parsed.holds(cx));
            let may_wait = cx.content.is_some_and(|content| !content.is_settled());
            if is_repeatable && !(may_wait && decided.is_none()) {
                assert_eq!(decided, Some(holds), "two answers");
            }
            true
        })
        .0
    });
}

/// Whether a text may mean something else the next time.
fn changes_by_itself(text: &[u8]) -> bool {
    let words: [&[u8]; 3] = [b"rand", b"uuid", b"var"];
    let contains = |word: &[u8]| memchr::memmem::find(text, word).is_some();
    words.into_iter().any(contains)
}

/// Reads a log format in each of its uses and renders it.
///
/// # Panics
/// When a promise is broken.
pub fn log_format(data: &[u8]) {
    let (text, message) = split_line(data);
    for purpose in [FormatUse::Log, FormatUse::HttpValue, FormatUse::Text] {
        each_stage(message, |phase, cx| {
            scoped(&AclSet::default(), phase, |scope| {
                let format = Format::parse(&word(text), scope, purpose);
                check_places(scope.diags, text.len());
                let Some(format) = format else {
                    let mut found = scope.diags.iter();
                    let reason = found.find(|found| found.severity == Severity::Error);
                    return reason.expect("a reason").code == rule_codes::NOT_AVAILABLE_HERE;
                };
                settle(scope);
                let mut out = Vec::new();
                format.render(cx, &mut out);
                check_rendered(text, purpose, &out);
                true
            })
            .0
        });
    }
}

fn check_rendered(text: &[u8], purpose: FormatUse, out: &[u8]) {
    let contains = |part: &[u8]| memchr::memmem::find(text, part).is_some();
    let shown = || String::from_utf8_lossy(out).into_owned();
    // A tab is part of a header's value (RFC 9110 §5.5).
    let may_stand = |byte: &u8| *byte == b'\t' && purpose == FormatUse::HttpValue;
    let is_bad = |byte: &u8| byte.is_ascii_control() && !may_stand(byte);
    let is_plain = |bytes: &[u8]| !bytes.iter().any(is_bad);
    if !is_plain(text) || purpose == FormatUse::Text || contains(b"bin") || contains(b"cbor") {
        return;
    }
    assert!(is_plain(out), "what a peer sent ends a line: {:?}", shown());
    let braces = text.iter().filter(|&&byte| byte == b'{').count();
    let is_json = text.starts_with(b"%{+json}o") && braces == 1;
    if is_json && purpose == FormatUse::Log {
        let read: Result<serde_json::Value, _> = serde_json::from_str(&shown());
        assert!(read.is_ok(), "{read:?} in {}", shown());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions() {
        for text in [
            "",
            "src",
            "req.payload(0,0),hex\n\x00é",
            "path,lower,",
            "f(",
        ] {
            expression(text.as_bytes());
        }
    }

    #[test]
    fn conditions() {
        for text in [
            "",
            "if",
            "if { path_beg /a } !{ src 10.0.0.0/8 } || a\nacl a req.len gt 3\nacl b",
            "unless { req.payload(0,3) -m str abc }\nabcd",
        ] {
            condition(text.as_bytes());
        }
    }

    #[test]
    fn log_formats() {
        for text in [
            "",
            "%ci %[path] %{+Q}r",
            "%{+json}o %(a)ci %(b)[req.body]\na\"\né",
            "%{+cbor}o %(a)[src]",
            "%(a)[req.body]\n\t",
            "%",
        ] {
            log_format(text.as_bytes());
        }
    }
}
