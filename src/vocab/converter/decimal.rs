//! `be2dec` and `le2dec(<separator>,<chunk_size>[,<truncate>])`: bytes as decimal numbers.

use super::chunk::{Chunks, SEPARATED};
use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Args, BadArg};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};
use std::io::Write;

pub(super) const BE2DEC: Keyword = Keyword {
    names: &["be2dec"],
    args: SEPARATED,
    takes: Type::Bin,
    doc: "Every <chunk_size> bytes, 1 to 8, as an unsigned integer, the first byte the most \
          significant, with <separator> between them. With <truncate> 1 an incomplete last chunk \
          is left out.",
    examples: &[
        ("str(AB\u{1}),be2dec(:,2)", Some("16706:1")),
        ("str(ABC),be2dec(:,2,1)", Some("16706")),
        ("str(ABC),be2dec(,1)", Some("656667")),
        ("int(-1),be2dec(-,8)", Some("18446744073709551615")),
        ("int(258),be2dec(-,3)", Some("0-0-258")),
        ("str(),be2dec(:,2)", Some("")),
    ],
    build: Build::With(|args| build(args, push_big_endian)),
    ..Keyword::DEFAULT
};

pub(super) const LE2DEC: Keyword = Keyword {
    names: &["le2dec"],
    doc: "Every <chunk_size> bytes, 1 to 8, as an unsigned integer, the first byte the least \
          significant, with <separator> between them. With <truncate> 1 an incomplete last chunk \
          is left out.",
    examples: &[
        ("str(ABC),le2dec(:,2)", Some("16961:67")),
        ("str(ABC),le2dec(:,2,1)", Some("16961")),
        ("str(A),le2dec(:,2,1)", Some("")),
        ("int(258),le2dec(-,3)", Some("0-0-513")),
        ("int(128),le2dec(-,4)", Some("0-2147483648")),
        ("int(1),le2dec(-,8)", Some("72057594037927936")),
    ],
    build: Build::With(|args| build(args, push_little_endian)),
    ..BE2DEC
};

#[derive(Debug)]
struct ToDecimal {
    chunks: Chunks,
    push: fn(&[u8], &mut Vec<u8>),
}

fn build(args: &Args, push: fn(&[u8], &mut Vec<u8>)) -> Result<Box<dyn Converting>, BadArg> {
    let size = args.int(1).unwrap_or(0);
    if !(1..=8).contains(&size) {
        let message = format!("chunk_size out of [1..8] range ({size})");
        return Err(BadArg::new(1, message));
    }
    let chunks = Chunks::new(args, size)?;
    Ok(Box::new(ToDecimal { chunks, push }))
}

impl Converting for ToDecimal {
    fn apply<'s>(
        &'s self,
        _: &Context<'s>,
        input: Sample<'s>,
        out: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        self.chunks.write(input, out, self.push)
    }
}

fn push_big_endian(chunk: &[u8], out: &mut Vec<u8>) {
    push(chunk.iter(), out);
}

fn push_little_endian(chunk: &[u8], out: &mut Vec<u8>) {
    push(chunk.iter().rev(), out);
}

fn push<'b>(most_significant_first: impl Iterator<Item = &'b u8>, out: &mut Vec<u8>) {
    let number = most_significant_first.fold(0_u64, |sum, &byte| (sum << 8) | u64::from(byte));
    write!(out, "{number}").expect("a Vec takes all");
}
