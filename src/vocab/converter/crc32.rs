//! `crc32([<avalanche>])`: the checksum of zip and gzip.

use super::sdbm::full_avalanche;
use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Args, BadArg, Kind, optional};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["crc32"],
    args: &[optional("avalanche", Kind::Int)],
    takes: Type::Bin,
    gives: Type::Sint,
    doc: "The 32-bit CRC of the bytes; with <avalanche> 1 its bits are mixed once more.",
    examples: &[("str(123456789),crc32", Some("3421780262"))],
    build: Build::With(|args: &Args| -> Result<Box<dyn Converting>, BadArg> {
        let avalanche = args.int(0).is_some_and(|wanted| wanted != 0);
        Ok(Box::new(Crc32 { avalanche }))
    }),
};

#[derive(Debug)]
struct Crc32 {
    avalanche: bool,
}

/// The reflected polynomial 0x04C11DB7, a byte at a time.
#[allow(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler, which checks the index"
)]
const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut value = index as u32;
        let mut bit = 0;
        while bit < 8 {
            value = (value >> 1) ^ (0xedb8_8320 & (value & 1).wrapping_neg());
            bit += 1;
        }
        table[index] = value;
        index += 1;
    }
    table
};

impl Converting for Crc32 {
    fn apply<'s>(
        &'s self,
        _: &Context<'s>,
        input: Sample<'s>,
        _: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let Sample::Bin(bytes) = input else {
            return None;
        };
        let crc = !bytes.iter().fold(!0_u32, |crc, &byte| {
            let entry = TABLE.get(usize::from(crc as u8 ^ byte)).copied();
            (crc >> 8) ^ entry.unwrap_or(0)
        });
        let crc = match self.avalanche {
            true => full_avalanche(crc),
            false => crc,
        };
        Some(Sample::Sint(crc.into()))
    }
}
