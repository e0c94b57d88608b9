//! `sdbm([<avalanche>])`: a simple hash.

use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Args, BadArg, Kind, optional};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["sdbm"],
    args: &[optional("avalanche", Kind::Int)],
    takes: Type::Bin,
    gives: Type::Sint,
    doc: "The 32-bit SDBM hash; with <avalanche> 1 its bits are mixed once more.",
    examples: &[
        ("str(abc),sdbm", Some("807794786")),
        ("str(abc),sdbm(1)", Some("659243622")),
    ],
    build: Build::With(|args: &Args| -> Result<Box<dyn Converting>, BadArg> {
        let avalanche = args.int(0).is_some_and(|wanted| wanted != 0);
        Ok(Box::new(Sdbm { avalanche }))
    }),
};

#[derive(Debug)]
struct Sdbm {
    avalanche: bool,
}

impl Converting for Sdbm {
    fn apply<'s>(
        &'s self,
        _: &Context<'s>,
        input: Sample<'s>,
        _: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let Sample::Bin(bytes) = input else {
            return None;
        };
        let hash = bytes.iter().fold(0_u32, |hash, &byte| {
            hash.wrapping_mul(65_599).wrapping_add(byte.into())
        });
        let hash = match self.avalanche {
            true => full_avalanche(hash),
            false => hash,
        };
        Some(Sample::Sint(hash.into()))
    }
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
