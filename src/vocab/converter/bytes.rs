//! `bytes(<offset>[,<length>])`: a part of the bytes.

use super::operand::Int;
use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Args, BadArg, Kind, optional, required};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["bytes"],
    args: &[required("offset", Kind::Str), optional("length", Kind::Str)],
    takes: Type::Bin,
    gives: Type::Bin,
    doc: "The bytes from <offset> on, <length> of them or as many as there are. Nothing is left \
          at or after the end; a negative variable gives no value.",
    examples: &[
        ("str(abcdef),bytes(2)", Some("cdef")),
        ("str(abcdef),bytes(2,3)", Some("cde")),
        ("str(abcdef),bytes(2,30)", Some("cdef")),
        ("str(abcdef),bytes(6)", Some("")),
        ("str(abcdef),bytes(7,1)", Some("")),
        ("str(abcdef),bytes(,1)", Some("a")),
        ("int(258),bytes(6),hex", Some("0102")),
    ],
    build: Build::With(build),
};

#[derive(Debug)]
struct Bytes {
    offset: Int,
    length: Option<Int>,
}

fn build(args: &Args) -> Result<Box<dyn Converting>, BadArg> {
    let offset = Int::read(args, 0)?;
    if matches!(offset, Int::Literal(..0)) {
        return Err(BadArg::new(0, "expects a non-negative integer"));
    }
    let length = args.text(1).map(|_| Int::read(args, 1)).transpose()?;
    if matches!(length, Some(Int::Literal(..=0))) {
        return Err(BadArg::new(1, "expects a positive integer"));
    }
    Ok(Box::new(Bytes { offset, length }))
}

impl Converting for Bytes {
    fn apply<'s>(
        &'s self,
        cx: &Context<'s>,
        input: Sample<'s>,
        _: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let Sample::Bin(bytes) = input else {
            return None;
        };
        let offset = usize::try_from(self.offset.value(cx)?).ok()?;
        let rest = bytes.get(offset..).unwrap_or_default();
        let length = match &self.length {
            Some(length) => usize::try_from(length.value(cx)?).ok()?,
            None => rest.len(),
        };
        Some(Sample::Bin(rest.get(..length).unwrap_or(rest)))
    }
}
