//! `base2`: bytes as binary digits.

use super::{Build, Keyword};
use crate::vocab::sample::{Sample, Type};

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["base2"],
    takes: Type::Bin,
    doc: "Each byte as eight binary digits.",
    examples: &[
        ("str(a),base2", Some("01100001")),
        (
            "ipv4(1.2.128.255),base2",
            Some("00000001000000101000000011111111"),
        ),
        ("str(),base2", Some("")),
    ],
    build: Build::Plain(|input, out| {
        let Sample::Bin(bytes) = input else {
            return None;
        };
        let bits = |byte: &u8| {
            let byte = *byte;
            (0..8).rev().map(move |bit| b'0' + (byte >> bit & 1))
        };
        out.extend(bytes.iter().flat_map(bits));
        Some(Sample::Str(out))
    }),
    ..Keyword::DEFAULT
};
