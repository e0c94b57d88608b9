//! `crc32`, `crc32c`, `djb2`, `sdbm`, `wt6`: 32-bit hashes, all with an optional `<avalanche>`.

use super::{Build, Converting, Keyword};
use crate::backend::hash::{crc, crc_table, crc32, djb2, full_avalanche, sdbm, wt6};
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
    build: Build::With(|args| hashing(args, crc32)),
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

const CRC32C_TABLE: [u32; 256] = crc_table(0x82f6_3b78);
