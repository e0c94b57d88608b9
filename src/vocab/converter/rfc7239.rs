//! `rfc7239_is_valid`, `rfc7239_field`, `rfc7239_n2nn`, `rfc7239_n2np`, `rfc7239_nn` and
//! `rfc7239_np`: the `Forwarded` header.

use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Args, Kind, required};
use crate::vocab::context::Context;
use crate::vocab::forwarded::{Forwarded, Name, Node, Port, is_identifier};
use crate::vocab::sample::{ROOM, Sample, Type};
use std::io::Write;
use std::net::IpAddr;

pub(super) const IS_VALID: Keyword = Keyword {
    names: &["rfc7239_is_valid"],
    gives: Type::Bool,
    doc: "Whether the text is a valid Forwarded header of one element, with the parameters \
          \"for\", \"by\", \"host\" and \"proto\" only.",
    examples: &[
        (
            "str('for=127.0.0.1;proto=http'),rfc7239_is_valid",
            Some("1"),
        ),
        (
            r#"str('proto=https;for="[::1]:80";host="a.b:1"'),rfc7239_is_valid"#,
            Some("1"),
        ),
        ("str('for=127.0.0.1:9999'),rfc7239_is_valid", Some("0")),
        ("str('for=unknown;by=_x-1'),rfc7239_is_valid", Some("1")),
        (
            "str('for=127.0.0.1;for=127.0.0.2'),rfc7239_is_valid",
            Some("0"),
        ),
        ("str('for=127.0.0.1;'),rfc7239_is_valid", Some("0")),
        (
            "str('for=127.0.0.1; proto=http'),rfc7239_is_valid",
            Some("0"),
        ),
        ("str('For=127.0.0.1'),rfc7239_is_valid", Some("0")),
        ("str('proto=ftp'),rfc7239_is_valid", Some("0")),
        ("str('host=;proto=http'),rfc7239_is_valid", Some("1")),
        ("str(),rfc7239_is_valid", Some("0")),
    ],
    build: Build::Plain(|input, _| match input {
        Sample::Str(text) => Some(Sample::Bool(Forwarded::parse(text).is_some())),
        _ => None,
    }),
    ..Keyword::DEFAULT
};

pub(super) const FIELD: Keyword = Keyword {
    names: &["rfc7239_field"],
    args: &[required("field", Kind::Str)],
    doc: "The value of \"for\", \"by\", \"host\" or \"proto\" in a valid Forwarded header, \
          without its quotes.",
    examples: &[
        (
            r#"str('proto=https;for="127.0.0.1:9999"'),rfc7239_field(for)"#,
            Some("127.0.0.1:9999"),
        ),
        (
            "str('proto=https;for=_a'),rfc7239_field(proto)",
            Some("https"),
        ),
        (
            r#"str('host="h:80";by=_b'),rfc7239_field(host)"#,
            Some("h:80"),
        ),
        ("str('host=h;by=_b'),rfc7239_field(by)", Some("_b")),
        ("str('host=h'),rfc7239_field(by)", None),
        ("str('host=h;x=y'),rfc7239_field(host)", None),
        ("str('host=h'),rfc7239_field(x)", None),
    ],
    build: Build::With(|args: &Args| {
        let field = args.text(0).unwrap_or_default();
        Ok(Box::new(Field(field.into())))
    }),
    ..Keyword::DEFAULT
};

pub(super) const NODE_NAME: Keyword = Keyword {
    names: &["rfc7239_n2nn"],
    gives: Type::Any,
    doc: "The name in a node of a Forwarded header: an address, an identifier that starts with \
          an underscore, or \"unknown\".",
    examples: &[
        ("str('127.0.0.1:9999'),rfc7239_n2nn", Some("127.0.0.1")),
        ("str('[ab:cd::1]:9999'),rfc7239_n2nn", Some("ab:cd::1")),
        ("str('_name:_port'),rfc7239_n2nn", Some("_name")),
        ("str('unknown:80'),rfc7239_n2nn", Some("unknown")),
        ("str('ab:cd::1'),rfc7239_n2nn", None),
        ("str(host),rfc7239_n2nn", None),
        ("str('127.0.0.1:0'),rfc7239_n2nn", None),
    ],
    build: Build::Plain(|input, _| match node(input)?.name {
        Name::Addr(addr) => Some(Sample::Addr(addr)),
        Name::Obfuscated(name) => Some(Sample::Str(name)),
        Name::Unknown => Some(Sample::Str(b"unknown")),
    }),
    ..Keyword::DEFAULT
};

pub(super) const NODE_PORT: Keyword = Keyword {
    names: &["rfc7239_n2np"],
    gives: Type::Any,
    doc: "The port in a node of a Forwarded header: a number, or an identifier that starts with \
          an underscore.",
    examples: &[
        ("str('127.0.0.1:9999'),rfc7239_n2np", Some("9999")),
        ("str('[::1]:_port'),rfc7239_n2np", Some("_port")),
        ("str('127.0.0.1'),rfc7239_n2np", None),
        ("str('127.0.0.1:65536'),rfc7239_n2np", None),
    ],
    build: Build::Plain(|input, _| match node(input)?.port? {
        Port::Number(port) => Some(Sample::Sint(port.into())),
        Port::Obfuscated(port) => Some(Sample::Str(port)),
    }),
    ..Keyword::DEFAULT
};

pub(super) const MAKE_NAME: Keyword = Keyword {
    names: &["rfc7239_nn"],
    takes: Type::Any,
    doc: "The value as the name of a node of a Forwarded header: an address, \"unknown\" for an \
          empty text, or an underscore and the text.",
    examples: &[
        ("ipv4(127.0.0.1),rfc7239_nn", Some("127.0.0.1")),
        (
            "str('[ab:cd::1]'),rfc7239_n2nn,rfc7239_nn",
            Some("[ab:cd::1]"),
        ),
        ("str(127.0.0.1),rfc7239_nn", Some("_127.0.0.1")),
        ("int(5),rfc7239_nn", Some("_5")),
        ("str(),rfc7239_nn", Some("unknown")),
        ("str('a b'),rfc7239_nn", None),
        ("str(_obf),rfc7239_nn", Some("__obf")),
    ],
    build: Build::Plain(|input, out| {
        match input {
            Sample::Addr(IpAddr::V4(addr)) => write!(out, "{addr}").ok()?,
            Sample::Addr(IpAddr::V6(addr)) => write!(out, "[{addr}]").ok()?,
            other => match other.text(&mut ROOM.clone()) {
                [] => out.extend_from_slice(b"unknown"),
                text => obfuscate(text, out)?,
            },
        }
        Some(Sample::Str(out))
    }),
    ..Keyword::DEFAULT
};

pub(super) const MAKE_PORT: Keyword = Keyword {
    names: &["rfc7239_np"],
    takes: Type::Any,
    doc: "The value as the port of a node of a Forwarded header: an integer's lowest 32 bits, or \
          an underscore and the text.",
    examples: &[
        ("int(80),rfc7239_np", Some("80")),
        ("int(-1),rfc7239_np", Some("4294967295")),
        ("str(80),rfc7239_np", Some("_80")),
        ("str(),rfc7239_np", None),
        ("str('a:b'),rfc7239_np", None),
        ("ipv4(10.0.0.1),rfc7239_np", Some("_10.0.0.1")),
    ],
    build: Build::Plain(|input, out| {
        match input {
            Sample::Sint(port) => write!(out, "{}", port as u32).ok()?,
            other => obfuscate(other.text(&mut ROOM.clone()), out)?,
        }
        Some(Sample::Str(out))
    }),
    ..Keyword::DEFAULT
};

#[derive(Debug)]
struct Field(Box<[u8]>);

impl Converting for Field {
    fn apply<'s>(
        &'s self,
        _: &Context<'s>,
        input: Sample<'s>,
        _: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let Sample::Str(text) = input else {
            return None;
        };
        let header = Forwarded::parse(text)?;
        match &*self.0 {
            b"for" => header.for_node,
            b"by" => header.by_node,
            b"host" => header.host,
            b"proto" => header.proto,
            _ => None,
        }
        .map(Sample::Str)
    }
}

fn node(input: Sample<'_>) -> Option<Node<'_>> {
    match input {
        Sample::Str(text) => Node::parse(text, true).map(|(node, _)| node),
        _ => None,
    }
}

fn obfuscate(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    if !is_identifier(text) {
        return None;
    }
    out.push(b'_');
    out.extend_from_slice(text);
    Some(())
}
