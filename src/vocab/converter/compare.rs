//! `strcmp(<var>)` and `secure_memcmp(<var>)`: comparing with a variable.

use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Arg, Args, BadArg, Kind, required};
use crate::vocab::context::Context;
use crate::vocab::sample::{ROOM, Sample, Type};
use crate::vocab::variable::Var;
use std::hint::black_box;

const VARIABLE: &[Arg] = &[required("var", Kind::Var)];

pub(super) const STRCMP: Keyword = Keyword {
    names: &["strcmp"],
    args: VARIABLE,
    gives: Type::Sint,
    doc: "0 if the text is that of the variable, a negative integer if it comes before it, else a \
          positive one. No value without the variable.",
    examples: &[
        ("str(abc),set-var(txn.x),strcmp(txn.x)", Some("0")),
        (
            "str(abc),set-var(txn.x),bytes(0,2),strcmp(txn.x)",
            Some("-1"),
        ),
        ("str(abc),set-var(txn.x),concat(d),strcmp(txn.x)", Some("1")),
        ("str(abc),set-var(txn.x),reverse,strcmp(txn.x)", Some("2")),
        ("int(5),set-var(txn.x),strcmp(txn.x)", Some("0")),
        ("str(abc),strcmp(txn.unset)", None),
    ],
    build: Build::With(|args| build(args, strcmp)),
    ..Keyword::DEFAULT
};

pub(super) const SECURE_MEMCMP: Keyword = Keyword {
    names: &["secure_memcmp"],
    args: VARIABLE,
    takes: Type::Bin,
    gives: Type::Bool,
    doc: "Whether the bytes are those of the variable, in a time that does not tell where they \
          differ. No value without the variable.",
    examples: &[
        ("str(abc),set-var(txn.x),secure_memcmp(txn.x)", Some("1")),
        (
            "str(abc),set-var(txn.x),reverse,secure_memcmp(txn.x)",
            Some("0"),
        ),
        (
            "str(abc),set-var(txn.x),concat(d),secure_memcmp(txn.x)",
            Some("0"),
        ),
        ("int(5),set-var(txn.x),secure_memcmp(txn.x)", Some("1")),
        ("str(abc),secure_memcmp(txn.unset)", None),
    ],
    build: Build::With(|args| build(args, secure_memcmp)),
};

type Comparison = fn(&[u8], Sample<'_>) -> Sample<'static>;

#[derive(Debug)]
struct Compare {
    var: Var,
    compare: Comparison,
}

fn build(args: &Args, compare: Comparison) -> Result<Box<dyn Converting>, BadArg> {
    let var = args.var(0);
    let var = var.ok_or_else(|| BadArg::new(0, "missing variable name"))?;
    Ok(Box::new(Compare { var, compare }))
}

impl Converting for Compare {
    fn apply<'s>(
        &'s self,
        cx: &Context<'s>,
        input: Sample<'s>,
        out: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let (Sample::Str(bytes) | Sample::Bin(bytes)) = input else {
            return None;
        };
        let value = cx.vars.read(self.var, out)?;
        Some((self.compare)(bytes, value))
    }
}

/// As C's `strncmp` over what both have, then by length.
fn strcmp(text: &[u8], value: Sample<'_>) -> Sample<'static> {
    let room = &mut ROOM.clone();
    let value = value.text(room);
    let pairs = text.iter().zip(value);
    let differing = pairs
        .take_while(|pair| *pair != (&0, &0))
        .find(|(a, b)| a != b);
    Sample::Sint(match differing {
        Some((a, b)) => i64::from(*a) - i64::from(*b),
        None => text.len().cmp(&value.len()) as i64,
    })
}

fn secure_memcmp(bytes: &[u8], value: Sample<'_>) -> Sample<'static> {
    let room = &mut ROOM.clone();
    let equal = match value.cast(Type::Bin, room) {
        Some(Sample::Bin(value)) => same(bytes, value),
        _ => false,
    };
    Sample::Bool(equal)
}

/// Whether two byte strings are the same, in a time that depends on their lengths only.
pub(super) fn same(a: &[u8], b: &[u8]) -> bool {
    let differences = a
        .iter()
        .zip(b)
        .fold(0, |all, (a, b)| black_box(all | (a ^ b)));
    a.len() == b.len() && differences == 0
}
