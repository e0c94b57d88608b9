//! `bool(…)`, `int(…)`, `ipv4(…)` and `str(…)`: values written in the configuration.

use super::{Build, Fetching, Keyword, example};
use crate::vocab::arguments::{Args, BadArg, Kind, required};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};
use std::net::IpAddr;

pub(super) const BOOL: Keyword = Keyword {
    names: &["bool"],
    args: &[required("bool", Kind::Str)],
    yields: Type::Bool,
    doc: "A boolean: \"true\", \"1\", \"false\" or \"0\".",
    examples: &[example("", "bool(true)", "1"), example("", "bool(0)", "0")],
    build: Build::With(|args| match args.text(0) {
        Some(b"true" | b"1") => constant(Constant::Bool(true)),
        Some(b"false" | b"0") => constant(Constant::Bool(false)),
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
    yields: Type::Addr,
    doc: "An IPv4 address.",
    examples: &[example("", "ipv4(192.0.2.9)", "192.0.2.9")],
    build: Build::With(|args| match args.addr(0) {
        Some(addr) => constant(Constant::Addr(addr)),
        None => Err(BadArg::new(0, "expects an IPv4 address")),
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
        })
    }
}
