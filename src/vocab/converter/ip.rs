//! `ip.*`: the header of an IP packet, such as what `eth.data` gives.

use super::{Build, Converting, Keyword};
use crate::vocab::arguments::{Args, Kind, optional};
use crate::vocab::context::Context;
use crate::vocab::packet::{Extra, Ip, fingerprint};
use crate::vocab::sample::{Sample, Type};

const TEMPLATE: Keyword = Keyword {
    takes: Type::Bin,
    gives: Type::Sint,
    ..Keyword::DEFAULT
};

pub(super) const DATA: Keyword = Keyword {
    names: &["ip.data"],
    gives: Type::Bin,
    doc: "What follows the header of an IP packet with its options or extensions: the start of \
          the TCP or UDP header.",
    examples: &[
        (
            "bin(4500002800010000400600000a0000010a0000020016),ip.data,hex",
            Some("0016"),
        ),
        (
            "bin(4600002800010000400600000a0000010a000002010101010016),ip.data,hex",
            Some("0016"),
        ),
        ("bin(4500002800010000400600000a0000010a0000),ip.data", None),
        (
            "bin(6000000000010640200100000000000000000000000000012001000000000000000000000000000216),ip.data,hex",
            Some("16"),
        ),
        (
            "bin(60000000000900402001000000000000000000000000000120010000000000000000000000000002060001020304050616),ip.data,hex",
            Some("16"),
        ),
    ],
    build: Build::Plain(|input, _| {
        let ip = ip(input)?;
        ip.bytes.get(ip.header_length()?..).map(Sample::Bin)
    }),
    ..TEMPLATE
};

pub(super) const DF: Keyword = Keyword {
    names: &["ip.df"],
    doc: "1 if an IP packet must not be fragmented, which is always so with IPv6, or 0.",
    examples: &[
        (
            "bin(4500002800014000400600000a0000010a000002),ip.df",
            Some("1"),
        ),
        (
            "bin(4500002800010000400600000a0000010a000002),ip.df",
            Some("0"),
        ),
        ("bin(60),ip.df", Some("1")),
        ("bin(50),ip.df", None),
    ],
    build: Build::Plain(|input, _| integer(ip(input)?.dont_fragment()?)),
    ..TEMPLATE
};

pub(super) const DST: Keyword = Keyword {
    names: &["ip.dst"],
    gives: Type::Addr,
    doc: "The destination address of an IP packet.",
    examples: &[
        (
            "bin(4500002800010000400600000a0000010a000002),ip.dst",
            Some("10.0.0.2"),
        ),
        (
            "bin(60000000000106402001000000000000000000000000000120010000000000000000000000000002),ip.dst",
            Some("2001::2"),
        ),
        ("bin(4500002800010000400600000a0000010a0000),ip.dst", None),
    ],
    build: Build::Plain(|input, _| ip(input)?.destination().map(Sample::Addr)),
    ..TEMPLATE
};

pub(super) const FP: Keyword = Keyword {
    names: &["ip.fp"],
    args: &[optional("mode", Kind::Int)],
    gives: Type::Bin,
    doc: "A fingerprint of the system that sent an IP packet with a TCP segment, of eight bytes. \
          <mode> is a sum: 1 adds the time to live, 2 the TCP options in order, 4 the source \
          address.",
    examples: &[
        (
            "bin(4510003c00014000400600000a0000010a000002303900500000000100000000a002faf000000000020405b40402080a0000000100000000010303070000),ip.fp,hex",
            Some("1050A8FAF005B447"),
        ),
        (
            "bin(4510003c00014000400600000a0000010a000002303900500000000100000000a002faf000000000020405b40402080a000000010000000001030307),ip.fp,hex",
            Some("1050A8FAF005B447"),
        ),
        (
            "bin(4510003c00014000400600000a0000010a000002303900500000000100000000a002faf000000000020405b40402080a000000010000000001030307),ip.fp(7),hex",
            Some("1050A8FAF005B4474002040801030A000001"),
        ),
        (
            "bin(4510002700014000400600000a0000010a0000023039005000000001000000005002faf000000000),ip.fp",
            None,
        ),
        (
            "bin(4510002800014000400600000a0000010a0000023039005000000001000000005002faf000000000),ip.fp(4),hex",
            Some("105050FAF00000000A000001"),
        ),
    ],
    build: Build::With(|args: &Args| {
        let mode = args.int(0).unwrap_or(0);
        Ok(Box::new(Fingerprint(Extra {
            ttl: mode & 1 != 0,
            options: mode & 2 != 0,
            source: mode & 4 != 0,
        })))
    }),
    ..TEMPLATE
};

pub(super) const HDR: Keyword = Keyword {
    names: &["ip.hdr"],
    gives: Type::Bin,
    doc: "The header of an IP packet with its options or extensions.",
    examples: &[
        (
            "bin(4500002800010000400600000a0000010a0000020016),ip.hdr,hex",
            Some("4500002800010000400600000A0000010A000002"),
        ),
        ("bin(4500),ip.hdr", None),
    ],
    build: Build::Plain(|input, _| {
        let ip = ip(input)?;
        ip.bytes.get(..ip.header_length()?).map(Sample::Bin)
    }),
    ..TEMPLATE
};

pub(super) const PROTO: Keyword = Keyword {
    names: &["ip.proto"],
    doc: "The protocol number above an IP header: 6 for TCP, 17 for UDP.",
    examples: &[
        (
            "bin(4500002800010000400600000a0000010a000002),ip.proto",
            Some("6"),
        ),
        ("bin(450000280001000040ff),ip.proto", Some("255")),
        (
            "bin(6000000000091140200100000000000000000000000000012001000000000000000000000000000211),ip.proto",
            Some("17"),
        ),
        ("bin(4500),ip.proto", None),
    ],
    build: Build::Plain(|input, _| integer(ip(input)?.protocol()?)),
    ..TEMPLATE
};

pub(super) const SRC: Keyword = Keyword {
    names: &["ip.src"],
    gives: Type::Addr,
    doc: "The source address of an IP packet.",
    examples: &[
        (
            "bin(4500002800010000400600000a0000010a000002),ip.src",
            Some("10.0.0.1"),
        ),
        (
            "bin(60000000000106402001000000000000000000000000000120010000000000000000000000000002),ip.src",
            Some("2001::1"),
        ),
    ],
    build: Build::Plain(|input, _| ip(input)?.source().map(Sample::Addr)),
    ..TEMPLATE
};

pub(super) const TOS: Keyword = Keyword {
    names: &["ip.tos"],
    doc: "The type of service (IPv4) or traffic class (IPv6) of an IP packet.",
    examples: &[
        ("bin(4510),ip.tos", Some("16")),
        ("bin(6b80),ip.tos", Some("184")),
        ("bin(45),ip.tos", None),
    ],
    build: Build::Plain(|input, _| integer(ip(input)?.tos()?)),
    ..TEMPLATE
};

pub(super) const TTL: Keyword = Keyword {
    names: &["ip.ttl"],
    doc: "The time to live (IPv4) or hop limit (IPv6) of an IP packet.",
    examples: &[
        (
            "bin(4500002800010000400600000a0000010a000002),ip.ttl",
            Some("64"),
        ),
        (
            "bin(600000000001063f2001000000000000000000000000000120010000000000000000000000000002),ip.ttl",
            Some("63"),
        ),
        ("bin(450000280001000040),ip.ttl", None),
    ],
    build: Build::Plain(|input, _| integer(ip(input)?.ttl()?)),
    ..TEMPLATE
};

pub(super) const VER: Keyword = Keyword {
    names: &["ip.ver"],
    doc: "The version of an IP packet, whatever it is.",
    examples: &[
        ("bin(45),ip.ver", Some("4")),
        ("bin(60),ip.ver", Some("6")),
        ("bin(f0),ip.ver", Some("15")),
        ("str(),ip.ver", None),
    ],
    build: Build::Plain(|input, _| match input {
        Sample::Bin([first, ..]) => integer(first >> 4),
        _ => None,
    }),
    ..TEMPLATE
};

#[derive(Debug)]
struct Fingerprint(Extra);

impl Converting for Fingerprint {
    fn apply<'s>(
        &'s self,
        _: &Context<'s>,
        input: Sample<'s>,
        out: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        fingerprint(&ip(input)?, self.0, out)?;
        Some(Sample::Bin(out))
    }
}

fn ip(input: Sample<'_>) -> Option<Ip<'_>> {
    match input {
        Sample::Bin(bytes) => Ip::new(bytes),
        _ => None,
    }
}

fn integer<'s>(value: impl Into<i64>) -> Option<Sample<'s>> {
    Some(Sample::Sint(value.into()))
}
