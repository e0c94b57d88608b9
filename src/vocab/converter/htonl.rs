//! `htonl`: an integer as four bytes.

use super::{Build, Keyword};
use crate::vocab::sample::{Sample, Type};

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["htonl"],
    takes: Type::Sint,
    gives: Type::Bin,
    doc: "The low 32 bits of the integer as four bytes, the most significant first.",
    examples: &[
        ("int(1),htonl,hex", Some("00000001")),
        ("int(-1),htonl,hex", Some("FFFFFFFF")),
        ("int(4294967298),htonl,hex", Some("00000002")),
    ],
    build: Build::Plain(|input, out| {
        out.extend_from_slice(&(input.int()? as u32).to_be_bytes());
        Some(Sample::Bin(out))
    }),
    ..Keyword::DEFAULT
};
