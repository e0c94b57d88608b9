//! `ipmask(<mask4>[,<mask6>])`: the network of an address.

use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Args, BadArg, Kind, optional, required};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type, embedded_v4};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub(super) const KEYWORD: Keyword = Keyword {
    names: &["ipmask"],
    args: &[
        required("mask4", Kind::Mask4),
        optional("mask6", Kind::Mask6),
    ],
    takes: Type::Addr,
    gives: Type::Addr,
    doc: "The address under a mask. IPv6 addresses that carry an IPv4 one become IPv4; others \
          need <mask6>.",
    examples: &[
        ("ipv4(192.0.2.77),ipmask(24)", Some("192.0.2.0")),
        ("ipv4(192.0.2.77),ipmask(255.255.0.0)", Some("192.0.0.0")),
        ("ipv4(192.0.2.77),ipmask(0)", Some("0.0.0.0")),
        ("str(2001:db8::77),ipmask(24)", None),
        ("str(2001:db8::77),ipmask(24,32)", Some("2001:db8::")),
        ("str(::ffff:192.0.2.77),ipmask(24)", Some("192.0.2.0")),
    ],
    build: Build::With(build),
};

#[derive(Debug)]
struct IpMask {
    v4: u32,
    v6: Option<u128>,
}

fn build(args: &Args) -> Result<Box<dyn Converting>, BadArg> {
    let v4 = match args.addr(0) {
        Some(IpAddr::V4(mask)) => mask.into(),
        _ => return Err(BadArg::new(0, "expects an IPv4 mask")),
    };
    let v6 = match args.addr(1) {
        Some(IpAddr::V6(mask)) => Some(mask.into()),
        _ => None,
    };
    Ok(Box::new(IpMask { v4, v6 }))
}

impl Converting for IpMask {
    fn apply<'s>(
        &'s self,
        _: &Context<'s>,
        input: Sample<'s>,
        _: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        let masked = |addr: Ipv4Addr| IpAddr::V4((u32::from(addr) & self.v4).into());
        let network = match input.addr()? {
            IpAddr::V4(addr) => masked(addr),
            IpAddr::V6(addr) => match embedded_v4(addr) {
                Some(addr) => masked(addr),
                None => IpAddr::V6(Ipv6Addr::from(u128::from(addr) & self.v6?)),
            },
        };
        Some(Sample::Addr(network))
    }
}
