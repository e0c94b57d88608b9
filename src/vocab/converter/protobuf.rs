//! `protobuf(<field_number>[,<field_type>])` and `ungrpc`: fields of protocol buffers, bare and
//! in gRPC messages.

use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Arg, Args, BadArg, Kind, optional, required};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};

const ARGS: &[Arg] = &[
    required("field_number", Kind::Str),
    optional("field_type", Kind::Str),
];

/// The compression flag and the length before each gRPC message.
const GRPC_HEADER: usize = 5;

pub(super) const PROTOBUF: Keyword = Keyword {
    names: &["protobuf"],
    args: ARGS,
    takes: Type::Bin,
    gives: Type::Bin,
    doc: "A field of a protocol buffers message. <field_number> is a path such as 1.2.3. Without \
          <field_type>, the bytes of the field; with \"int32\", \"uint32\", \"int64\", \
          \"uint64\", \"bool\", \"enum\", \"sint32\", \"sint64\", \"fixed32\", \"sfixed32\", \
          \"fixed64\", \"sfixed64\", \"float\" or \"double\" an integer.",
    examples: &[
        ("bin(089601),protobuf(1,int32)", Some("150")),
        ("bin(089601),protobuf(1),hex", Some("9601")),
        ("bin(089601120774657374696e67),protobuf(2)", Some("testing")),
        ("bin(1a03089601),protobuf(3.1,uint64)", Some("150")),
        ("bin(1a021005089601),protobuf(1,int32)", Some("150")),
        ("bin(0803),protobuf(1,sint32)", Some("-2")),
        ("bin(08ffffffffffffffffff01),protobuf(1,int64)", Some("-1")),
        ("bin(0dfeffffff),protobuf(1,sfixed32)", Some("-2")),
        ("bin(0dfeffffff),protobuf(1,fixed32)", Some("4294967294")),
        ("bin(0d000020c1),protobuf(1,float)", Some("4294967286")),
        (
            "bin(09fffffffffffffffe),protobuf(1,fixed64)",
            Some("-72057594037927937"),
        ),
        ("bin(0900000000000024c0),protobuf(1,double)", Some("-10")),
        ("bin(089601),protobuf(1,fixed32)", None),
        ("bin(089601),protobuf(2)", None),
        ("bin(1205746573),protobuf(2)", None),
        ("bin(0b),protobuf(1)", None),
    ],
    build: Build::With(|args| Ok(Box::new(Protobuf(Lookup::build(args)?)))),
};

pub(super) const UNGRPC: Keyword = Keyword {
    names: &["ungrpc"],
    args: ARGS,
    takes: Type::Bin,
    gives: Type::Bin,
    doc: "A field of the first gRPC message that has it; see \"protobuf\" for the arguments.",
    examples: &[
        ("bin(0000000003089601),ungrpc(1,int32)", Some("150")),
        ("bin(0000000002100500000000),ungrpc(1,int32)", None),
        (
            "bin(000000000210050000000003089601),ungrpc(1,int32)",
            Some("150"),
        ),
        ("bin(0000000004089601),ungrpc(1,int32)", None),
        ("bin(0000000000),ungrpc(1)", None),
    ],
    build: Build::With(|args| Ok(Box::new(Ungrpc(Lookup::build(args)?)))),
};

/// How a field is written on the wire and what is made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Bytes,
    Varint,
    ZigZag,
    Fixed32,
    Sfixed32,
    Float,
    Fixed64,
    Double,
}

const FORMS: &[(&str, Form)] = &[
    ("int32", Form::Varint),
    ("uint32", Form::Varint),
    ("sint32", Form::ZigZag),
    ("int64", Form::Varint),
    ("uint64", Form::Varint),
    ("sint64", Form::ZigZag),
    ("bool", Form::Varint),
    ("enum", Form::Varint),
    ("fixed32", Form::Fixed32),
    ("sfixed32", Form::Sfixed32),
    ("float", Form::Float),
    ("fixed64", Form::Fixed64),
    ("sfixed64", Form::Fixed64),
    ("double", Form::Double),
];

/// Which field is wanted.
#[derive(Debug)]
struct Lookup {
    path: Box<[u32]>,
    form: Form,
}

impl Lookup {
    fn build(args: &Args) -> Result<Self, BadArg> {
        let text = args.text(0).unwrap_or_default();
        let shown = String::from_utf8_lossy(text);
        let kind = "type 'Protocol buffers field number' at position 1";
        let message = match text.is_empty() {
            true => format!("expected {kind}, but got nothing"),
            false => format!("failed to parse '{shown}' as {kind}"),
        };
        let path: Option<Box<[u32]>> = text.split(|&byte| byte == b'.').map(number).collect();
        let path = path.filter(|_| !text.is_empty() && !text.ends_with(b"."));
        let path = path.ok_or_else(|| BadArg::new(0, message))?;
        let form = match args.text(1) {
            None => Form::Bytes,
            Some(name) => FORMS
                .iter()
                .find(|(known, _)| known.as_bytes() == name)
                .map(|&(_, form)| form)
                .ok_or_else(|| {
                    let name = String::from_utf8_lossy(name);
                    BadArg::new(1, format!("wrong protocol buffer type '{name}'"))
                })?,
        };
        Ok(Self { path, form })
    }

    /// Looks the field up in `rest`, which is moved to where reading stopped.
    ///
    /// The fields of a submessage on the path are read in its place, and at its end the path
    /// starts again.
    fn find<'m>(&self, rest: &mut &'m [u8]) -> Option<Sample<'m>> {
        let mut matched = 0;
        // What is left of the submessage that is being read.
        let mut inside = 0_i64;
        while let Some(&wanted) = self.path.get(matched) {
            let mut before = rest.len();
            if before == 0 {
                return None;
            }
            let key = varint(rest)?;
            let found = (key >> 3) as u32 == wanted;
            let wire = key & 7;
            let length = match wire {
                2 => {
                    let length = usize::try_from(varint(rest)?).ok()?;
                    if length > rest.len() {
                        return None;
                    }
                    inside = i64::try_from(length).ok()?;
                    before = rest.len();
                    length
                }
                0 | 1 | 5 => 0,
                _ => return None,
            };
            if found && matched + 1 == self.path.len() {
                return self.value(wire, rest, length);
            }
            if !found {
                skip(wire, rest, length)?;
            }
            if inside > 0 {
                inside -= i64::try_from(before - rest.len()).ok()?;
            }
            if found {
                matched += 1;
            } else if inside <= 0 {
                matched = 0;
            }
        }
        None
    }

    /// The value at the start of `rest`.
    fn value<'m>(&self, wire: u64, rest: &'m [u8], length: usize) -> Option<Sample<'m>> {
        let value = match (wire, self.form) {
            (0, Form::Bytes) => {
                let mut after = rest;
                varint(&mut after)?;
                return rest.get(..rest.len() - after.len()).map(Sample::Bin);
            }
            (1, Form::Bytes) => return rest.get(..8).map(Sample::Bin),
            (2, Form::Bytes) => return rest.get(..length).map(Sample::Bin),
            (5, Form::Bytes) => return rest.get(..4).map(Sample::Bin),
            (0, Form::Varint) => varint(&mut { rest })? as i64,
            (0, Form::ZigZag) => {
                let value = varint(&mut { rest })?;
                (value >> 1) as i64 ^ -((value & 1) as i64)
            }
            (1, Form::Fixed64) => i64::from_le_bytes(*rest.first_chunk()?),
            (1, Form::Double) => truncated(f64::from_le_bytes(*rest.first_chunk()?)),
            (5, Form::Fixed32) => i64::from(u32::from_le_bytes(*rest.first_chunk()?)),
            (5, Form::Sfixed32) => i64::from(i32::from_le_bytes(*rest.first_chunk()?)),
            (5, Form::Float) => {
                let value = f32::from_le_bytes(*rest.first_chunk()?);
                i64::from(truncated(f64::from(value)) as u32)
            }
            _ => return None,
        };
        Some(Sample::Sint(value))
    }
}

/// Without its fraction; what an integer cannot hold becomes the smallest one, as on x86.
fn truncated(value: f64) -> i64 {
    match value.abs() < 9_223_372_036_854_775_808.0 {
        true => value as i64,
        false => i64::MIN,
    }
}

/// Digits wrap around, and none are 0, as in HAProxy.
fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0_u32, |sum, &byte| {
        let digit = char::from(byte).to_digit(10)?;
        Some(sum.wrapping_mul(10).wrapping_add(digit))
    })
}

/// Reads a varint of ten bytes at most. Where nothing is left it is 0, as in HAProxy.
fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..=63).step_by(7) {
        let Some((&byte, after)) = rest.split_first() else {
            return (shift == 0).then_some(0);
        };
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

fn skip(wire: u64, rest: &mut &[u8], length: usize) -> Option<()> {
    let length = match wire {
        0 => return varint(rest).map(|_| ()),
        1 => 8,
        5 => 4,
        _ => length,
    };
    *rest = rest.get(length..)?;
    Some(())
}

#[derive(Debug)]
struct Protobuf(Lookup);

impl Converting for Protobuf {
    fn apply<'s>(
        &'s self,
        _: &Context<'s>,
        input: Sample<'s>,
        _: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        match input {
            Sample::Bin(mut message) => self.0.find(&mut message),
            _ => None,
        }
    }
}

#[derive(Debug)]
struct Ungrpc(Lookup);

impl Converting for Ungrpc {
    fn apply<'s>(
        &'s self,
        _: &Context<'s>,
        input: Sample<'s>,
        _: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let Sample::Bin(stream) = input else {
            return None;
        };
        let (mut at, mut left) = (0, stream.len());
        while left > GRPC_HEADER {
            let (header, after) = stream.get(at..)?.split_first_chunk::<GRPC_HEADER>()?;
            let [_, length @ ..] = *header;
            let length = usize::try_from(u32::from_be_bytes(length)).ok()?;
            let mut message = after.get(..length)?;
            left = (left - GRPC_HEADER).checked_sub(length)?;
            if let Some(value) = self.0.find(&mut message) {
                return Some(value);
            }
            // As in HAProxy, the next header is looked for where reading stopped.
            at += GRPC_HEADER + length - message.len();
        }
        None
    }
}
