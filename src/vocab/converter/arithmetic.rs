//! `add`, `sub`, `mul`, `div`, `mod`, `neg`: saturating arithmetic on integers.

use super::operand::Int;
use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Arg, Args, BadArg, Kind, required};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};

const VALUE: &[Arg] = &[required("value", Kind::Str)];

/// What the operations on two integers have in common.
pub(super) const INTEGER: Keyword = Keyword {
    args: VALUE,
    takes: Type::Sint,
    gives: Type::Sint,
    ..Keyword::DEFAULT
};

pub(super) const ADD: Keyword = Keyword {
    names: &["add"],
    doc: "Adds <value>; stops at the limits of 64 bits.",
    examples: &[
        ("int(5),add(-7)", Some("-2")),
        (
            "int(9223372036854775807),add(1)",
            Some("9223372036854775807"),
        ),
    ],
    build: Build::With(|args| operation(args, i64::saturating_add)),
    ..INTEGER
};

pub(super) const SUB: Keyword = Keyword {
    names: &["sub"],
    doc: "Subtracts <value>; stops at the limits of 64 bits.",
    examples: &[
        ("int(5),sub(7)", Some("-2")),
        (
            "int(-9223372036854775807),sub(9)",
            Some("-9223372036854775808"),
        ),
    ],
    build: Build::With(|args| operation(args, i64::saturating_sub)),
    ..INTEGER
};

pub(super) const MUL: Keyword = Keyword {
    names: &["mul"],
    doc: "Multiplies by <value>; stops at the limits of 64 bits.",
    examples: &[
        ("int(-5),mul(7)", Some("-35")),
        (
            "int(4611686018427387904),mul(-3)",
            Some("-9223372036854775808"),
        ),
    ],
    build: Build::With(|args| operation(args, i64::saturating_mul)),
    ..INTEGER
};

pub(super) const DIV: Keyword = Keyword {
    names: &["div"],
    doc: "Divides by <value>, towards zero; by zero it gives the largest integer.",
    examples: &[
        ("int(-7),div(2)", Some("-3")),
        ("int(7),div(0)", Some("9223372036854775807")),
    ],
    build: Build::With(|args| operation(args, divide)),
    ..INTEGER
};

pub(super) const MOD: Keyword = Keyword {
    names: &["mod"],
    doc: "The rest of a division by <value>; by zero it gives zero.",
    examples: &[
        ("int(-7),mod(4)", Some("-3")),
        ("int(7),mod(4)", Some("3")),
        ("int(7),mod(0)", Some("0")),
    ],
    build: Build::With(|args| operation(args, remainder)),
    ..INTEGER
};

pub(super) const NEG: Keyword = Keyword {
    names: &["neg"],
    args: &[],
    doc: "The opposite of the integer.",
    examples: &[("int(7),neg", Some("-7")), ("int(0),neg", Some("0"))],
    build: Build::Plain(|input, _| input.int().map(|value| Sample::Sint(value.wrapping_neg()))),
    ..INTEGER
};

fn divide(value: i64, by: i64) -> i64 {
    match by {
        0 => i64::MAX,
        _ => value.saturating_div(by),
    }
}

fn remainder(value: i64, by: i64) -> i64 {
    value.checked_rem(by).unwrap_or(0)
}

#[derive(Debug)]
struct Operation {
    apply: fn(i64, i64) -> i64,
    operand: Int,
}

/// The converter that gives `apply(input, <value>)`.
pub(super) fn operation(
    args: &Args,
    apply: fn(i64, i64) -> i64,
) -> Result<Box<dyn Converting>, BadArg> {
    let operand = Int::read(args, 0)?;
    Ok(Box::new(Operation { apply, operand }))
}

impl Converting for Operation {
    fn apply<'s>(
        &'s self,
        cx: &Context<'s>,
        input: Sample<'s>,
        _: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let operand = self.operand.value(cx)?;
        Some(Sample::Sint((self.apply)(input.int()?, operand)))
    }
}
