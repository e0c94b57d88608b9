//! `and`, `or`, `xor`, `cpl`: the bits of integers.

use super::arithmetic::{INTEGER, operation};
use super::{Build, Keyword};
use crate::vocab::sample::Sample;

pub(super) const AND: Keyword = Keyword {
    names: &["and"],
    doc: "The bits that are set in the integer and in <value>.",
    examples: &[
        ("int(12),and(10)", Some("8")),
        ("int(12),and(-1)", Some("12")),
        ("int(12),and(99999999999999999999)", Some("12")),
        ("int(12),and()", Some("0")),
    ],
    build: Build::With(|args| operation(args, |a, b| a & b)),
    ..INTEGER
};

pub(super) const OR: Keyword = Keyword {
    names: &["or"],
    doc: "The bits that are set in the integer or in <value>.",
    examples: &[
        ("int(12),or(3)", Some("15")),
        ("int(12),or(-1)", Some("-1")),
    ],
    build: Build::With(|args| operation(args, |a, b| a | b)),
    ..INTEGER
};

pub(super) const XOR: Keyword = Keyword {
    names: &["xor"],
    doc: "The bits that are set in one of the integer and <value>.",
    examples: &[
        ("int(12),xor(5)", Some("9")),
        ("int(12),xor(-1)", Some("-13")),
    ],
    build: Build::With(|args| operation(args, |a, b| a ^ b)),
    ..INTEGER
};

pub(super) const CPL: Keyword = Keyword {
    names: &["cpl"],
    args: &[],
    doc: "The integer with all its bits inverted.",
    examples: &[("int(0),cpl", Some("-1")), ("int(-1),cpl", Some("0"))],
    build: Build::Plain(|input, _| input.int().map(|value| Sample::Sint(!value))),
    ..INTEGER
};
