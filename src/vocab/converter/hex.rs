//! `hex`, `be2hex(<separator>[,<chunk_size>[,<truncate>]])`: bytes as hexadecimal digits; `hex2i`:
//! the way back to an integer.

use super::chunk::{Chunks, SEPARATED};
use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Args, BadArg};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};

pub(super) const HEX: Keyword = Keyword {
    names: &["hex"],
    takes: Type::Bin,
    doc: "Each byte as two upper-case hexadecimal digits.",
    examples: &[
        ("str(aZ),hex", Some("615A")),
        ("int(10),hex", Some("000000000000000A")),
        ("ipv4(192.0.2.1),hex", Some("C0000201")),
        ("str(),hex", Some("")),
    ],
    build: Build::Plain(|input, out| {
        let Sample::Bin(bytes) = input else {
            return None;
        };
        push_hex(bytes, out);
        Some(Sample::Str(out))
    }),
    ..Keyword::DEFAULT
};

pub(super) const HEX2I: Keyword = Keyword {
    names: &["hex2i"],
    gives: Type::Sint,
    doc: "The integer that hexadecimal digits of either case stand for; the last 64 bits count. \
          No value if there is anything else.",
    examples: &[
        ("str(0a),hex2i", Some("10")),
        ("str(fFFF),hex2i", Some("65535")),
        ("str(1FFFFFFFFFFFFFFFF),hex2i", Some("-1")),
        ("str(),hex2i", Some("0")),
        ("str(0x1),hex2i", None),
    ],
    build: Build::Plain(|input, _| {
        let Sample::Str(text) = input else {
            return None;
        };
        let value = text.iter().try_fold(0_i64, |value, &byte| {
            Some((value << 4) | i64::from(char::from(byte).to_digit(16)?))
        });
        value.map(Sample::Sint)
    }),
    ..Keyword::DEFAULT
};

pub(super) const BE2HEX: Keyword = Keyword {
    names: &["be2hex"],
    args: SEPARATED,
    takes: Type::Bin,
    doc: "Each byte as two upper-case hexadecimal digits, with <separator> after every \
          <chunk_size> bytes. With <truncate> 1 an incomplete last chunk is left out.",
    examples: &[
        ("str(abcdefg),be2hex(:,2)", Some("6162:6364:6566:67")),
        ("str(abcdefg),be2hex(:,2,1)", Some("6162:6364:6566")),
        ("str(abcdefg),be2hex(--,3,1)", Some("616263--646566")),
        ("str(abcdefg),be2hex(,3,1)", Some("616263646566")),
        ("str(abcdefg),be2hex(,3)", Some("61626364656667")),
        ("str(abcdefg),be2hex()", Some("61626364656667")),
        ("str(),be2hex(:,2)", Some("")),
    ],
    build: Build::With(build),
    ..Keyword::DEFAULT
};

#[derive(Debug)]
struct BeToHex(Chunks);

fn build(args: &Args) -> Result<Box<dyn Converting>, BadArg> {
    let plain = args.text(0).is_none_or(<[u8]>::is_empty) && args.int(2).unwrap_or(0) == 0;
    let chunks = match args.int(1).unwrap_or(0) {
        ..=0 if plain => Chunks::new(args, i64::MAX)?,
        size @ ..=0 => {
            let message = format!("chunk_size needs to be positive ({size})");
            return Err(BadArg::new(1, message));
        }
        size => Chunks::new(args, size)?,
    };
    Ok(Box::new(BeToHex(chunks)))
}

impl Converting for BeToHex {
    fn apply<'s>(
        &'s self,
        _: &Context<'s>,
        input: Sample<'s>,
        out: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        self.0.write(input, out, push_hex)
    }
}

fn push_hex(bytes: &[u8], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied();
    out.extend(
        bytes
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .filter_map(digit),
    );
}
