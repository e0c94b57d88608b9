//! `hex`: bytes as upper-case hexadecimal digits.

use super::{Build, Keyword};
use crate::vocab::sample::{Sample, Type};

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["hex"],
    takes: Type::Bin,
    doc: "Each byte as two upper-case hexadecimal digits.",
    examples: &[
        ("str(aZ),hex", Some("615A")),
        ("int(10),hex", Some("000000000000000A")),
        ("ipv4(192.0.2.1),hex", Some("C0000201")),
    ],
    build: Build::Plain(|input, out| {
        let Sample::Bin(bytes) = input else {
            return None;
        };
        const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
        let digit = |value: u8| DIGITS.get(usize::from(value)).copied();
        out.extend(
            bytes
                .iter()
                .flat_map(|byte| [byte >> 4, byte & 15])
                .filter_map(digit),
        );
        Some(Sample::Str(out))
    }),
    ..Keyword::DEFAULT
};
