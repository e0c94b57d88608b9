//! The `Forwarded` header (RFC 7239), one element of it: `for=…;by=…;host=…;proto=…`.
//!
//! What HAProxy accepts is accepted: `proto` is `http` or `https`, unquoted; names are lower
//! case; nodes and hosts with a port or an IPv6 address are quoted; unknown parameters make the
//! whole header invalid. Deliberately absent: lists of several elements, and writing the header,
//! which is [`forwarded_option`](super::forwarded_option)'s.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// One element of the header.
#[derive(Clone, Copy, Debug, Default)]
pub struct Forwarded<'a> {
    /// `for`, as written inside its quotes.
    pub for_node: Option<&'a [u8]>,
    /// `by`, likewise.
    pub by_node: Option<&'a [u8]>,
    /// `host`, likewise.
    pub host: Option<&'a [u8]>,
    /// `proto`: `http` or `https`.
    pub proto: Option<&'a [u8]>,
}

impl<'a> Forwarded<'a> {
    /// Reads an element; none if it is empty or breaks a rule. What follows all four parameters
    /// is not read.
    pub fn parse(text: &'a [u8]) -> Option<Self> {
        let mut all = Self::default();
        let mut rest = text;
        loop {
            rest = all.parameter(rest)?;
            let complete = all.for_node.is_some()
                && all.by_node.is_some()
                && all.host.is_some()
                && all.proto.is_some();
            if complete || rest.is_empty() {
                return Some(all);
            }
            rest = rest.strip_prefix(b";")?;
        }
    }

    /// Reads one parameter; what follows it.
    fn parameter(&mut self, text: &'a [u8]) -> Option<&'a [u8]> {
        let value = |name: &[u8]| text.strip_prefix(name).filter(|value| !value.is_empty());
        if let Some(value) = value(b"for=").filter(|_| self.for_node.is_none()) {
            let (node, rest) = quotable(value, read_node)?;
            self.for_node = Some(node);
            return Some(rest);
        }
        if let Some(value) = value(b"by=").filter(|_| self.by_node.is_none()) {
            let (node, rest) = quotable(value, read_node)?;
            self.by_node = Some(node);
            return Some(rest);
        }
        if let Some(value) = value(b"host=").filter(|_| self.host.is_none()) {
            let (host, rest) = quotable(value, after_host)?;
            self.host = Some(host);
            return Some(rest);
        }
        let value = value(b"proto=").filter(|_| self.proto.is_none())?;
        let after = value.strip_prefix(b"http")?;
        let rest = after.strip_prefix(b"s").unwrap_or(after);
        self.proto = value.get(..value.len() - rest.len());
        Some(rest)
    }
}

/// Reads a value that may stand in quotes; the value without them, and what follows.
fn quotable<'a>(
    text: &'a [u8],
    read: impl FnOnce(&'a [u8], bool) -> Option<&'a [u8]>,
) -> Option<(&'a [u8], &'a [u8])> {
    let quoted = text.strip_prefix(b"\"");
    let value = quoted.unwrap_or(text);
    let rest = read(value, quoted.is_some())?;
    let inside = value.get(..value.len() - rest.len())?;
    let rest = match quoted {
        Some(_) => rest.strip_prefix(b"\"")?,
        None => rest,
    };
    Some((inside, rest))
}

fn read_node(text: &[u8], quoted: bool) -> Option<&[u8]> {
    Node::parse(text, quoted).map(|(_, rest)| rest)
}

/// What follows a host and its optional port.
fn after_host(text: &[u8], quoted: bool) -> Option<&[u8]> {
    let rest = match text {
        [] => return None,
        [b'[', ..] if quoted => bracketed(text)?.1,
        _ => {
            let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'.';
            text.get(text.iter().take_while(is_name).count()..)?
        }
    };
    match rest.strip_prefix(b":") {
        Some(port) if quoted => number(port).map(|(_, rest)| rest),
        Some(_) => None,
        None => Some(rest),
    }
}

/// The name of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name<'a> {
    /// `unknown`
    Unknown,
    /// An identifier of the proxy's own, with its underscore.
    Obfuscated(&'a [u8]),
    /// An address.
    Addr(IpAddr),
}

/// The port of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port<'a> {
    /// A number.
    Number(u16),
    /// An identifier of the proxy's own, with its underscore.
    Obfuscated(&'a [u8]),
}

impl<'a> Port<'a> {
    /// Reads a port and what follows it.
    pub fn parse(text: &'a [u8]) -> Option<(Self, &'a [u8])> {
        Some(match text {
            [b'_', ..] => {
                let (port, rest) = obfuscated(text)?;
                (Self::Obfuscated(port), rest)
            }
            _ => {
                let (port, rest) = number(text)?;
                (Self::Number(port), rest)
            }
        })
    }
}

/// Who took part: the value of `for` and `by`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// Its port, if it is told.
    pub port: Option<Port<'a>>,
}

impl<'a> Node<'a> {
    /// Reads a node and what follows it. Only inside quotes it may be an IPv6 address or have a
    /// port.
    pub fn parse(text: &'a [u8], quoted: bool) -> Option<(Self, &'a [u8])> {
        let (name, rest) = match text {
            [b'_', ..] => {
                let (name, rest) = obfuscated(text)?;
                (Name::Obfuscated(name), rest)
            }
            [b'u', ..] => (Name::Unknown, text.strip_prefix(b"unknown")?),
            [b'[', ..] if quoted => {
                let (addr, rest) = bracketed(text)?;
                (Name::Addr(addr.into()), rest)
            }
            _ => {
                let (addr, rest) = dotted(text)?;
                (Name::Addr(addr.into()), rest)
            }
        };
        let (port, rest) = match rest {
            [b':', port @ ..] if quoted => {
                let (port, rest) = Port::parse(port)?;
                (Some(port), rest)
            }
            [b':', ..] => return None,
            _ => (None, rest),
        };
        Some((Self { name, port }, rest))
    }
}

/// Whether `text` is a host, perhaps with a port, as it may stand in quotes.
pub fn is_host(text: &[u8]) -> bool {
    after_host(text, true).is_some_and(<[u8]>::is_empty)
}

/// Whether `text` is made of the characters of an identifier only, one at least.
pub fn is_identifier(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(is_identifier_byte)
}

fn is_identifier_byte(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b".-_".contains(byte)
}

/// An underscore and at least one more character.
fn obfuscated(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = text
        .iter()
        .take_while(|byte| is_identifier_byte(byte))
        .count();
    let (identifier, rest) = text.split_at_checked(length)?;
    (length > 1).then_some((identifier, rest))
}

fn dotted(text: &[u8]) -> Option<(Ipv4Addr, &[u8])> {
    let is_part = |byte: &&u8| byte.is_ascii_digit() || **byte == b'.';
    let length = text.iter().take(15).take_while(is_part).count();
    let (addr, rest) = text.split_at_checked(length)?;
    Some((std::str::from_utf8(addr).ok()?.parse().ok()?, rest))
}

/// `[` IPv6 address `]`, without an IPv4 part.
fn bracketed(text: &[u8]) -> Option<(Ipv6Addr, &[u8])> {
    let text = text.strip_prefix(b"[")?;
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b':';
    let length = text.iter().take(45).take_while(is_part).count();
    let (addr, rest) = text.split_at_checked(length)?;
    let addr = std::str::from_utf8(addr).ok()?.parse().ok()?;
    Some((addr, rest.strip_prefix(b"]")?))
}

/// A port above 0.
fn number(text: &[u8]) -> Option<(u16, &[u8])> {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at_checked(length)?;
    let digits = std::str::from_utf8(digits).ok()?;
    let port = digits.parse().ok().filter(|&port| port != 0)?;
    Some((port, rest))
}
