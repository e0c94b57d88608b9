//! `bin(…)`, `bool(…)`, `int(…)`, `ipv4(…)`, `ipv6(…)`, `meth(…)` and `str(…)`: values written in the configuration.

use super::{Build, Fetching, Keyword, example};
use crate::vocab::arguments::{Args, BadArg, Kind, required};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};
use std::net::IpAddr;

pub(super) const BIN: Keyword = Keyword {
    names: &["bin"],
    args: &[required("hex", Kind::Str)],
    yields: Type::Bin,
    doc: "Bytes, written as pairs of hexadecimal digits.",
    examples: &[
        example("", "bin(4869)", "Hi"),
        example("", "bin(00ff),hex", "00FF"),
    ],
    build: Build::With(|args| match bytes(args.text(0).unwrap_or_default()) {
        Some(bytes) => constant(Constant::Bin(bytes)),
        None => Err(BadArg::new(0, "expects pairs of hexadecimal digits")),
    }),
    ..Keyword::DEFAULT
};

pub(super) const METH: Keyword = Keyword {
    names: &["meth"],
    args: &[required("method", Kind::Str)],
    yields: Type::Meth,
    doc: "An HTTP method.",
    examples: &[example("", "meth(GET)", "GET")],
    build: Build::With(|args| {
        let method = args.text(0).unwrap_or_default();
        let is_token =
            |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
        match method.iter().all(is_token) {
            true => constant(Constant::Meth(method.into())),
            false => Err(BadArg::new(0, "expects valid method.")),
        }
    }),
    ..Keyword::DEFAULT
};

pub(super) const BOOL: Keyword = Keyword {
    names: &["bool"],
    args: &[required("bool", Kind::Str)],
    yields: Type::Bool,
    doc: "A boolean: \"true\", \"1\", \"false\" or \"0\".",
    examples: &[example("", "bool(true)", "1"), example("", "bool(0)", "0")],
    build: Build::With(|args| match args.text(0) {
        Some(text) if text.eq_ignore_ascii_case(b"true") || text == b"1" => {
            constant(Constant::Bool(true))
        }
        Some(text) if text.eq_ignore_ascii_case(b"false") || text == b"0" => {
            constant(Constant::Bool(false))
        }
        _ => Err(BadArg::new(0, "expects 'true', 'false', '1' or '0'")),
    }),
    ..Keyword::DEFAULT
};

pub(super) const INT: Keyword = Keyword {
    names: &["int"],
    args: &[required("integer", Kind::Int)],
    yields: Type::Sint,
    doc: "A signed integer.",
    examples: &[example("", "int(-12)", "-12")],
    build: Build::With(|args| constant(Constant::Int(args.int(0).unwrap_or(0)))),
    ..Keyword::DEFAULT
};

pub(super) const IPV4: Keyword = Keyword {
    names: &["ipv4"],
    args: &[required("ipv4", Kind::Ipv4)],
    yields: Type::Ipv4,
    doc: "An IPv4 address.",
    examples: &[example("", "ipv4(192.0.2.9)", "192.0.2.9")],
    build: Build::With(|args| match args.addr(0) {
        Some(addr) => constant(Constant::Addr(addr)),
        None => Err(BadArg::new(0, "expects an IPv4 address")),
    }),
    ..Keyword::DEFAULT
};

pub(super) const IPV6: Keyword = Keyword {
    names: &["ipv6"],
    args: &[required("ipv6", Kind::Ipv6)],
    yields: Type::Addr,
    doc: "An IPv6 address.",
    examples: &[example("", "ipv6(2001:db8::1)", "2001:db8::1")],
    build: Build::With(|args| match args.addr(0) {
        Some(addr) => constant(Constant::Addr(addr)),
        None => Err(BadArg::new(0, "expects an IPv6 address")),
    }),
    ..Keyword::DEFAULT
};

pub(super) const STR: Keyword = Keyword {
    names: &["str"],
    args: &[required("string", Kind::Str)],
    doc: "A text.",
    examples: &[
        example("", "str(abc)", "abc"),
        example("", "str('a,b)'),length", "4"),
    ],
    build: Build::With(|args: &Args| {
        constant(Constant::Str(args.text(0).unwrap_or_default().into()))
    }),
    ..Keyword::DEFAULT
};

#[derive(Debug)]
enum Constant {
    Bool(bool),
    Int(i64),
    Addr(IpAddr),
    Str(Box<[u8]>),
    Bin(Box<[u8]>),
    Meth(Box<[u8]>),
}

/// The bytes that pairs of hexadecimal digits stand for.
fn bytes(text: &[u8]) -> Option<Box<[u8]>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pair = |pair: &[u8]| match *pair {
        [high, low] => u8::try_from(digit(high)? << 4 | digit(low)?).ok(),
        _ => None,
    };
    text.chunks(2).map(pair).collect()
}

fn constant(value: Constant) -> Result<Box<dyn Fetching>, BadArg> {
    Ok(Box::new(value))
}

impl Fetching for Constant {
    fn one<'s>(&'s self, _: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        Some(match self {
            Self::Bool(value) => Sample::Bool(*value),
            Self::Int(value) => Sample::Sint(*value),
            Self::Addr(addr) => Sample::Addr(*addr),
            Self::Str(text) => Sample::Str(text),
            Self::Bin(bytes) => Sample::Bin(bytes),
            Self::Meth(name) => Sample::Meth(name),
        })
    }
}
