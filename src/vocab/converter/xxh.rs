//! `xxh32`, `xxh64`, `xxh3([<seed>])`: the xxHash family.

use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Args, BadArg, Kind, optional};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};
use twox_hash::{XxHash3_64, XxHash32, XxHash64};

const HASH: Keyword = Keyword {
    args: &[optional("seed", Kind::Int)],
    takes: Type::Bin,
    gives: Type::Sint,
    ..Keyword::DEFAULT
};

pub(super) const XXH32: Keyword = Keyword {
    names: &["xxh32"],
    doc: "The 32-bit XXH32 hash, with the low 32 bits of <seed>.",
    examples: &[
        ("str(a),xxh32", Some("1426945110")),
        ("str(a),xxh32(7)", Some("3666002600")),
        ("str(a),xxh32(-7)", Some("2202192925")),
        ("str(a),xxh32(4294967303)", Some("3666002600")),
        ("str(abcdefghijklm),xxh32", Some("2779856918")),
        ("str(),xxh32", Some("46947589")),
    ],
    build: Build::With(|args| {
        hashing(args, |seed, bytes| {
            i64::from(XxHash32::oneshot(seed as u32, bytes))
        })
    }),
    ..HASH
};

pub(super) const XXH64: Keyword = Keyword {
    names: &["xxh64"],
    doc: "The 64-bit XXH64 hash, with <seed>, as a signed integer.",
    examples: &[
        ("str(a),xxh64", Some("-3292477735350538661")),
        ("str(abcdefghi),xxh64", Some("2878261200250560019")),
        (
            "str(hello world and everything that follows it),xxh64(-3)",
            Some("-5103732001209279085"),
        ),
        ("str(),xxh64", Some("-1205034819632174695")),
    ],
    build: Build::With(|args| hashing(args, |seed, bytes| XxHash64::oneshot(seed, bytes) as i64)),
    ..HASH
};

pub(super) const XXH3: Keyword = Keyword {
    names: &["xxh3"],
    doc: "The 64-bit XXH3 hash, with <seed>, as a signed integer.",
    examples: &[
        ("str(a),xxh3", Some("-1817709641818812897")),
        ("str(a),xxh3(3)", Some("-6514421779281667172")),
        ("str(abcdefghi),xxh3(-3)", Some("1288006348595853316")),
        ("str(abcdefghijklmnopq),xxh3", Some("-3855303992812254513")),
        ("str(),xxh3", Some("3244421341483603138")),
    ],
    build: Build::With(|args| {
        hashing(args, |seed, bytes| {
            XxHash3_64::oneshot_with_seed(seed, bytes) as i64
        })
    }),
    ..HASH
};

#[derive(Debug)]
struct Hashing {
    hash: fn(u64, &[u8]) -> i64,
    seed: u64,
}

fn hashing(args: &Args, hash: fn(u64, &[u8]) -> i64) -> Result<Box<dyn Converting>, BadArg> {
    let seed = args.int(0).unwrap_or(0) as u64;
    Ok(Box::new(Hashing { hash, seed }))
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
        Some(Sample::Sint((self.hash)(self.seed, bytes)))
    }
}
