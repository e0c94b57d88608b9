//! `crc32`, `crc32c`, `djb2`, `sdbm`, `wt6`: 32-bit hashes, all with an optional `<avalanche>`.

use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Args, BadArg, Kind, optional};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};

const HASH: Keyword = Keyword {
    args: &[optional("avalanche", Kind::Int)],
    takes: Type::Bin,
    gives: Type::Sint,
    ..Keyword::DEFAULT
};

pub(super) const CRC32: Keyword = Keyword {
    names: &["crc32"],
    doc: "The 32-bit CRC of zip and gzip; with <avalanche> 1 its bits are mixed once more.",
    examples: &[
        ("str(123456789),crc32", Some("3421780262")),
        ("str(hello),crc32(1)", Some("3902247103")),
        ("str(),crc32", Some("0")),
    ],
    build: Build::With(|args| hashing(args, |bytes| crc(&CRC32_TABLE, bytes))),
    ..HASH
};

pub(super) const CRC32C: Keyword = Keyword {
    names: &["crc32c"],
    doc: "The 32-bit CRC of iSCSI and SCTP, CRC32C; with <avalanche> 1 its bits are mixed once \
          more.",
    examples: &[
        ("str(123456789),crc32c", Some("3808858755")),
        ("str(hello),crc32c(1)", Some("2290590055")),
        ("str(),crc32c", Some("0")),
    ],
    build: Build::With(|args| hashing(args, |bytes| crc(&CRC32C_TABLE, bytes))),
    ..HASH
};

pub(super) const DJB2: Keyword = Keyword {
    names: &["djb2"],
    doc: "The 32-bit DJB2 hash; with <avalanche> 1 its bits are mixed once more.",
    examples: &[
        ("str(hello),djb2", Some("261238937")),
        ("str(hello),djb2(1)", Some("1119739105")),
        ("str(),djb2", Some("5381")),
    ],
    build: Build::With(|args| hashing(args, djb2)),
    ..HASH
};

pub(super) const SDBM: Keyword = Keyword {
    names: &["sdbm"],
    doc: "The 32-bit SDBM hash; with <avalanche> 1 its bits are mixed once more.",
    examples: &[
        ("str(abc),sdbm", Some("807794786")),
        ("str(abc),sdbm(1)", Some("659243622")),
        ("str(),sdbm", Some("0")),
    ],
    build: Build::With(|args| hashing(args, sdbm)),
    ..HASH
};

pub(super) const WT6: Keyword = Keyword {
    names: &["wt6"],
    doc: "HAProxy's own 32-bit hash WT6; with <avalanche> 1 its bits are mixed once more.",
    examples: &[
        ("str(hello),wt6", Some("3538347703")),
        ("str(hello),wt6(1)", Some("140457739")),
        ("str(),wt6", Some("4187620192")),
    ],
    build: Build::With(|args| hashing(args, wt6)),
    ..HASH
};

#[derive(Debug)]
struct Hashing {
    hash: fn(&[u8]) -> u32,
    avalanche: bool,
}

fn hashing(args: &Args, hash: fn(&[u8]) -> u32) -> Result<Box<dyn Converting>, BadArg> {
    let avalanche = args.int(0).is_some_and(|wanted| wanted != 0);
    Ok(Box::new(Hashing { hash, avalanche }))
}

impl Converting for Hashing {
    fn apply<'s>(
        &'s self,
        _: &Context<'s>,
        input: Sample<'s>,
        _: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let Sample::Bin(bytes) = input else {
            return None;
        };
        let hash = (self.hash)(bytes);
        let hash = match self.avalanche {
            true => full_avalanche(hash),
            false => hash,
        };
        Some(Sample::Sint(hash.into()))
    }
}

const CRC32_TABLE: [u32; 256] = crc_table(0xedb8_8320);
const CRC32C_TABLE: [u32; 256] = crc_table(0x82f6_3b78);

/// What a byte does to a CRC, for a polynomial written least significant bit first.
#[allow(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler, which checks the index"
)]
const fn crc_table(polynomial: u32) -> [u32; 256] {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut value = index as u32;
        let mut bit = 0;
        while bit < 8 {
            value = (value >> 1) ^ (polynomial & (value & 1).wrapping_neg());
            bit += 1;
        }
        table[index] = value;
        index += 1;
    }
    table
}

fn crc(table: &[u32; 256], bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, &byte| {
        let entry = table.get(usize::from(crc as u8 ^ byte)).copied();
        (crc >> 8) ^ entry.unwrap_or(0)
    })
}

fn djb2(bytes: &[u8]) -> u32 {
    bytes.iter().fold(5381, |hash: u32, &byte| {
        hash.wrapping_mul(33).wrapping_add(byte.into())
    })
}

fn sdbm(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |hash: u32, &byte| {
        hash.wrapping_mul(65_599).wrapping_add(byte.into())
    })
}

/// Two words that take turns, rotated by amounts which they decide themselves.
fn wt6(bytes: &[u8]) -> u32 {
    let (mut even, mut odd) = (0xa53c_965a_u32, 0x5ca6_953a_u32);
    let (mut even_turn, mut odd_turn) = (6, 18);
    for &byte in bytes {
        even = !(even ^ u32::from(byte));
        odd = !odd.wrapping_add(byte.into());
        (even, odd) = (odd.rotate_left(even_turn), even.rotate_left(odd_turn));
        let turns = ((even >> 16) ^ odd) & 0xffff;
        (even_turn, odd_turn) = (turns & 31, turns >> 11);
    }
    even ^ odd
}

/// Bob Jenkins' full avalanche of a 32-bit integer and a multiplication, which HAProxy applies
/// to weak hashes.
pub(in crate::vocab) fn full_avalanche(hash: u32) -> u32 {
    let mut a = hash.wrapping_add(0x7ed5_5d16).wrapping_add(hash << 12);
    a = (a ^ 0xc761_c23c) ^ (a >> 19);
    a = a.wrapping_add(0x1656_67b1).wrapping_add(a << 5);
    a = a.wrapping_add(0xd3a2_646c) ^ (a << 9);
    a = a.wrapping_add(0xfd70_46c5).wrapping_add(a << 3);
    ((a ^ 0xb55a_4f09) ^ (a >> 16)).wrapping_mul(3_221_225_473)
}
