//! `option forwarded`: the element this proxy adds to the `Forwarded` header (RFC 7239).
//!
//! The parameters come as HAProxy prints them: `proto`, `host`, `by`, `for`. Hosts are always
//! quoted, nodes if they have a port or are IPv6 addresses. A value that may not stand there is
//! made an obfuscated identifier if its characters allow, else left out or `unknown`.

use super::context::Context;
use super::expression::{self, Expression};
use super::forwarded::{Forwarded, Name, Node, Port, is_host, is_identifier};
use super::rule_codes::{BAD_EXPRESSION, NOT_AVAILABLE_HERE};
use super::sample::{ROOM, Sample};
use super::scope::Scope;
use crate::net::Endpoint;
use crate::syntax::{Diagnostic, Word};
use std::io::Write;
use std::net::IpAddr;

/// Where a part of the element comes from.
#[derive(Clone, Copy, Debug)]
pub enum Source<E> {
    /// The connection, or the request.
    Own,
    /// An expression.
    Made(E),
}

/// What the element tells, with expressions as they were written or compiled.
#[derive(Clone, Copy, Debug)]
pub struct ForwardedOption<E> {
    /// `proto`
    pub proto: bool,
    /// `host`, `host-expr`
    pub host: Option<Source<E>>,
    /// `by…`
    pub by_node: NodeOption<E>,
    /// `for…`
    pub for_node: NodeOption<E>,
}

/// What it tells of one node.
#[derive(Clone, Copy, Debug)]
pub struct NodeOption<E> {
    /// `by`, `by-expr`, `for`, `for-expr`; without it, nothing is told.
    pub name: Option<Source<E>>,
    /// `by_port`, `by_port-expr`, `for_port`, `for_port-expr`
    pub port: Option<Source<E>>,
}

impl<E> Default for ForwardedOption<E> {
    fn default() -> Self {
        Self {
            proto: false,
            host: None,
            by_node: NodeOption::default(),
            for_node: NodeOption::default(),
        }
    }
}

impl<E> Default for NodeOption<E> {
    fn default() -> Self {
        Self {
            name: None,
            port: None,
        }
    }
}

impl ForwardedOption<&Word> {
    /// Compiles the expressions; those that cannot be read are reported.
    pub fn compile(self, scope: &mut Scope<'_>) -> ForwardedOption<Expression> {
        let mut part = |source: Option<Source<&Word>>| match source? {
            Source::Own => Some(Source::Own),
            Source::Made(word) => parse(word, scope).map(Source::Made),
        };
        let host = part(self.host);
        let mut node = |node: NodeOption<&Word>| NodeOption {
            name: part(node.name),
            port: part(node.port),
        };
        ForwardedOption {
            proto: self.proto,
            host,
            by_node: node(self.by_node),
            for_node: node(self.for_node),
        }
    }
}

fn parse(word: &Word, scope: &mut Scope<'_>) -> Option<Expression> {
    let expression = match expression::parse_word(word, scope.site) {
        Ok(expression) => expression,
        Err(fault) => {
            let message = format!(
                "failed to parse 'option forwarded' expression '{}': {}",
                word.text(),
                fault.message
            );
            let mut found = Diagnostic::error(BAD_EXPRESSION, message).at(fault.span, "");
            found.help = fault.help;
            scope.diags.push(found);
            return None;
        }
    };
    if !expression.available(scope.phase) {
        let message = format!(
            "in 'option forwarded' sample expression '{}': some args extract information from \
             '{}', none of which is available here",
            word.text(),
            expression.source_name()
        );
        scope
            .diags
            .push(Diagnostic::warning(NOT_AVAILABLE_HERE, message).at(word.span, ""));
    }
    Some(expression)
}

impl ForwardedOption<Expression> {
    /// Appends the element for this request.
    pub fn write(&self, cx: &Context<'_>, out: &mut Vec<u8>) {
        let start = out.len();
        let name = |out: &mut Vec<u8>, name: &[u8]| {
            if out.len() > start {
                out.push(b';');
            }
            out.extend_from_slice(name);
        };
        if self.proto {
            // No client speaks TLS to this proxy yet.
            name(out, b"proto=http");
        }
        if let Some(host) = &self.host {
            name(out, b"host=\"");
            write_host(host, cx, out);
            out.push(b'"');
        }
        for (text, node, end) in [
            (b"by=".as_slice(), &self.by_node, cx.conn.dst),
            (b"for=", &self.for_node, cx.conn.src),
        ] {
            if let Some(from) = &node.name {
                name(out, text);
                write_node(from, node.port.as_ref(), end, cx, out);
            }
        }
    }
}

/// Whether an element can be added to that header: all in it are valid.
pub fn can_follow(header: &[u8]) -> bool {
    super::fetch::comma_separated(header).all(|element| Forwarded::parse(element).is_some())
}

fn write_host(host: &Source<Expression>, cx: &Context<'_>, out: &mut Vec<u8>) {
    let mut valid = |text: &[u8]| {
        if is_host(text) {
            out.extend_from_slice(text);
        }
    };
    match host {
        Source::Own => {
            let header = cx.request.and_then(|head| head.header(b"host"));
            valid(header.unwrap_or_default());
        }
        Source::Made(expression) => {
            expression.one(cx, &mut |value| valid(value.text(&mut ROOM.clone())));
        }
    }
}

/// A node's name and port. A port, even one that turns out to be no value, puts it in quotes.
fn write_node(
    name: &Source<Expression>,
    port: Option<&Source<Expression>>,
    end: Endpoint,
    cx: &Context<'_>,
    out: &mut Vec<u8>,
) {
    let quote = out.len();
    out.push(b'"');
    let named = out.len();
    match name {
        Source::Own => {
            if let Endpoint::Inet(addr) = end {
                write_address(addr.ip().to_canonical(), out);
            }
        }
        Source::Made(expression) => {
            expression.one(cx, &mut |value| write_name(value, out));
        }
    }
    let is_v6 = out.get(named) == Some(&b'[');
    if out.len() == named {
        out.extend_from_slice(b"unknown");
    }
    if let Some(port) = port {
        let colon = out.len();
        out.push(b':');
        match (port, end) {
            (Source::Own, Endpoint::Inet(addr)) => print(out, addr.port()),
            (Source::Own, _) => {}
            (Source::Made(expression), _) => {
                expression.one(cx, &mut |value| write_port(value, out));
            }
        }
        if out.len() == colon + 1 {
            out.truncate(colon);
        }
    }
    match port.is_some() || is_v6 {
        true => out.push(b'"'),
        false => drop(out.remove(quote)),
    }
}

fn write_address(addr: IpAddr, out: &mut Vec<u8>) {
    match addr {
        IpAddr::V4(addr) => print(out, addr),
        IpAddr::V6(addr) => print(out, format_args!("[{addr}]")),
    }
}

/// A node's name made by an expression: an address, `unknown` or an identifier.
fn write_name(value: Sample<'_>, out: &mut Vec<u8>) {
    if let Sample::Addr(addr) = value {
        return write_address(addr, out);
    }
    let mut room = ROOM;
    let text = value.text(&mut room);
    match Node::parse(text, true) {
        Some((Node { name, port: None }, [])) => match name {
            Name::Addr(addr) => write_address(addr, out),
            Name::Unknown | Name::Obfuscated(_) => out.extend_from_slice(text),
        },
        _ => write_identifier(text, out),
    }
}

fn write_port(value: Sample<'_>, out: &mut Vec<u8>) {
    let mut room = ROOM;
    let text = value.text(&mut room);
    match Port::parse(text) {
        Some((_, [])) => out.extend_from_slice(text),
        _ => write_identifier(text, out),
    }
}

/// An underscore makes other text an identifier.
fn write_identifier(text: &[u8], out: &mut Vec<u8>) {
    if is_identifier(text) {
        out.push(b'_');
        out.extend_from_slice(text);
    }
}

/// Writing to a `Vec` cannot fail.
fn print(out: &mut Vec<u8>, text: impl std::fmt::Display) {
    let _ = write!(out, "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn names() {
        let check = |value: Sample<'_>, expected: &str| {
            assert_eq!(shown(|out| write_name(value, out)), expected);
        };
        check(Sample::Str(b"192.0.2.1"), "192.0.2.1");
        check(Sample::Str(b"[2001:db8:0::1]"), "[2001:db8::1]");
        check(Sample::Str(b"unknown"), "unknown");
        check(Sample::Str(b"_id"), "_id");
        check(Sample::Str(b"id.1"), "_id.1");
        check(Sample::Str(b"192.0.2.1:80"), "");
        check(Sample::Str(b"a b"), "");
        check(Sample::Str(b""), "");
        check(Sample::Sint(7), "_7");
        check(
            Sample::Addr(IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1])),
            "[::1]",
        );
    }

    #[test]
    fn ports() {
        let check = |value: Sample<'_>, expected: &str| {
            assert_eq!(shown(|out| write_port(value, out)), expected);
        };
        check(Sample::Sint(80), "80");
        check(Sample::Sint(0), "_0");
        check(Sample::Sint(65_536), "_65536");
        check(Sample::Str(b"_p"), "_p");
        check(Sample::Str(b"p"), "_p");
        check(Sample::Str(b"p!"), "");
    }

    #[test]
    fn headers_that_can_be_added_to() {
        let check = |header: &str, expected: bool| {
            assert_eq!(can_follow(header.as_bytes()), expected, "{header}");
        };
        check("for=192.0.2.1", true);
        check("for=192.0.2.1, host=\"a:1\"", true);
        check("for=192.0.2.1,", false);
        check("for=192.0.2.1;x=y", false);
        check("", false);
    }
}
