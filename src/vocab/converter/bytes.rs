//! `bytes(<offset>[,<length>])`: a part of the bytes.

use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Args, BadArg, Kind, Operand, optional, required};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["bytes"],
    args: &[
        required("offset", Kind::IntOrVar),
        optional("length", Kind::IntOrVar),
    ],
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
        ("str(4abcd),set-var(txn.n),bytes(1,txn.n)", Some("abcd")),
        ("str(-1),set-var(txn.n),bytes(txn.n)", None),
        ("str(abcdef),bytes(txn.unset)", None),
    ],
    build: Build::With(build),
};

#[derive(Debug)]
struct Bytes {
    offset: Operand,
    length: Option<Operand>,
}

fn build(args: &Args) -> Result<Box<dyn Converting>, BadArg> {
    let offset = args.operand(0).unwrap_or(Operand::Int(0));
    if matches!(offset, Operand::Int(..0)) {
        return Err(BadArg::new(0, "expects a non-negative integer"));
    }
    let length = args.operand(1);
    if matches!(length, Some(Operand::Int(..=0))) {
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
        let offset = usize::try_from(self.offset.int(cx)?).ok()?;
        let rest = bytes.get(offset..).unwrap_or_default();
        let length = match &self.length {
            Some(length) => usize::try_from(length.int(cx)?).ok()?,
            None => rest.len(),
        };
        Some(Sample::Bin(rest.get(..length).unwrap_or(rest)))
    }
}
