//! `tcp.*`: the header of a TCP segment, such as what `ip.data` gives.

use super::{Build, Keyword};
use crate::vocab::packet::{Tcp, four_bytes, two_bytes};
use crate::vocab::sample::{Sample, Type};

const MSS: u8 = 2;
const WINDOW_SCALE: u8 = 3;
const SACK_PERMITTED: u8 = 4;
const TIMESTAMPS: u8 = 8;

const TEMPLATE: Keyword = Keyword {
    takes: Type::Bin,
    gives: Type::Sint,
    ..Keyword::DEFAULT
};

pub(super) const DST: Keyword = Keyword {
    names: &["tcp.dst"],
    doc: "The destination port of a TCP segment.",
    examples: &[
        (
            "bin(3039005000000001000000005002faf000000000),tcp.dst",
            Some("80"),
        ),
        ("bin(3039005000000001000000005002faf0000000),tcp.dst", None),
    ],
    build: Build::Plain(|input, _| integer(two_bytes(tcp(input)?.bytes, 2)?)),
    ..TEMPLATE
};

pub(super) const FLAGS: Keyword = Keyword {
    names: &["tcp.flags"],
    doc: "The flags of a TCP segment as a sum: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE \
          64, CWR 128.",
    examples: &[(
        "bin(30390050000000010000000050c2faf000000000),tcp.flags",
        Some("194"),
    )],
    build: Build::Plain(|input, _| integer(tcp(input)?.flags()?)),
    ..TEMPLATE
};

pub(super) const OPTIONS_MSS: Keyword = Keyword {
    names: &["tcp.options.mss"],
    doc: "The maximum segment size among the options of a TCP segment, 0 if it is not there.",
    examples: &[
        (
            "bin(3039005000000001000000006002faf000000000020405b4),tcp.options.mss",
            Some("1460"),
        ),
        (
            "bin(3039005000000001000000005002faf000000000),tcp.options.mss",
            Some("0"),
        ),
        (
            "bin(3039005000000001000000006002faf000000000),tcp.options.mss",
            None,
        ),
        (
            "bin(3039005000000001000000006002faf00000000000020405),tcp.options.mss",
            Some("0"),
        ),
    ],
    build: Build::Plain(|input, _| match complete(input)?.option(MSS) {
        Some(option) => integer(two_bytes(option, 2)?),
        None => integer(0),
    }),
    ..TEMPLATE
};

pub(super) const OPTIONS_SACK: Keyword = Keyword {
    names: &["tcp.options.sack"],
    doc: "1 if the options of a TCP segment permit selective acknowledgements, or 0.",
    examples: &[
        (
            "bin(3039005000000001000000006002faf00000000001010402),tcp.options.sack",
            Some("1"),
        ),
        (
            "bin(3039005000000001000000006002faf00000000001010404),tcp.options.sack",
            Some("0"),
        ),
    ],
    build: Build::Plain(|input, _| has(input, SACK_PERMITTED)),
    ..TEMPLATE
};

pub(super) const OPTIONS_TSOPT: Keyword = Keyword {
    names: &["tcp.options.tsopt"],
    doc: "1 if the options of a TCP segment have timestamps, or 0.",
    examples: &[
        (
            "bin(3039005000000001000000008002faf0000000000101080a0000000700000000),tcp.options.tsopt",
            Some("1"),
        ),
        (
            "bin(3039005000000001000000005002faf000000000),tcp.options.tsopt",
            Some("0"),
        ),
    ],
    build: Build::Plain(|input, _| has(input, TIMESTAMPS)),
    ..TEMPLATE
};

pub(super) const OPTIONS_TSVAL: Keyword = Keyword {
    names: &["tcp.options.tsval"],
    doc: "The sender's timestamp among the options of a TCP segment, 0 if it is not there.",
    examples: &[
        (
            "bin(3039005000000001000000008002faf0000000000101080affffffff00000000),tcp.options.tsval",
            Some("4294967295"),
        ),
        (
            "bin(3039005000000001000000005002faf000000000),tcp.options.tsval",
            Some("0"),
        ),
    ],
    build: Build::Plain(|input, _| match complete(input)?.option(TIMESTAMPS) {
        Some(option) => integer(four_bytes(option, 2)?),
        None => integer(0),
    }),
    ..TEMPLATE
};

pub(super) const OPTIONS_WSCALE: Keyword = Keyword {
    names: &["tcp.options.wscale"],
    doc: "The window scale among the options of a TCP segment, 0 if it is not there.",
    examples: &[
        (
            "bin(3039005000000001000000006002faf00000000001030307),tcp.options.wscale",
            Some("7"),
        ),
        (
            "bin(3039005000000001000000005002faf000000000),tcp.options.wscale",
            Some("0"),
        ),
    ],
    build: Build::Plain(|input, _| match complete(input)?.option(WINDOW_SCALE) {
        Some(option) => integer(*option.get(2)?),
        None => integer(0),
    }),
    ..TEMPLATE
};

pub(super) const OPTIONS_WSOPT: Keyword = Keyword {
    names: &["tcp.options.wsopt"],
    doc: "1 if the options of a TCP segment have a window scale, or 0.",
    examples: &[
        (
            "bin(3039005000000001000000006002faf00000000001030300),tcp.options.wsopt",
            Some("1"),
        ),
        (
            "bin(3039005000000001000000005002faf000000000),tcp.options.wsopt",
            Some("0"),
        ),
    ],
    build: Build::Plain(|input, _| has(input, WINDOW_SCALE)),
    ..TEMPLATE
};

pub(super) const OPTIONS_LIST: Keyword = Keyword {
    names: &["tcp.options_list"],
    gives: Type::Bin,
    doc: "The kinds of the options of a TCP segment in order, one byte each.",
    examples: &[
        (
            "bin(303900500000000100000000a002faf000000000020405b40402080a000000010000000001030307),tcp.options_list,hex",
            Some("0204080103"),
        ),
        (
            "bin(3039005000000001000000006002faf00000000001050000),tcp.options_list,hex",
            Some("0105"),
        ),
        (
            "bin(3039005000000001000000006002faf00000000001010900),tcp.options_list,hex",
            Some("010109"),
        ),
        (
            "bin(3039005000000001000000005002faf000000000),tcp.options_list,length",
            Some("0"),
        ),
    ],
    build: Build::Plain(|input, out| {
        out.extend(tcp(input)?.options()?.map(|option| option.kind));
        Some(Sample::Bin(out))
    }),
    ..TEMPLATE
};

pub(super) const SEQ: Keyword = Keyword {
    names: &["tcp.seq"],
    doc: "The sequence number of a TCP segment.",
    examples: &[(
        "bin(30390050fffffffe000000005002faf000000000),tcp.seq",
        Some("4294967294"),
    )],
    build: Build::Plain(|input, _| integer(four_bytes(tcp(input)?.bytes, 4)?)),
    ..TEMPLATE
};

pub(super) const SRC: Keyword = Keyword {
    names: &["tcp.src"],
    doc: "The source port of a TCP segment.",
    examples: &[(
        "bin(3039005000000001000000005002faf000000000),tcp.src",
        Some("12345"),
    )],
    build: Build::Plain(|input, _| integer(two_bytes(tcp(input)?.bytes, 0)?)),
    ..TEMPLATE
};

pub(super) const WIN: Keyword = Keyword {
    names: &["tcp.win"],
    doc: "The window of a TCP segment.",
    examples: &[(
        "bin(3039005000000001000000005002faf000000000),tcp.win",
        Some("64240"),
    )],
    build: Build::Plain(|input, _| integer(two_bytes(tcp(input)?.bytes, 14)?)),
    ..TEMPLATE
};

fn tcp(input: Sample<'_>) -> Option<Tcp<'_>> {
    match input {
        Sample::Bin(bytes) => Tcp::new(bytes),
        _ => None,
    }
}

/// A segment with all its options.
fn complete(input: Sample<'_>) -> Option<Tcp<'_>> {
    tcp(input).filter(|segment| segment.header().is_some())
}

fn integer<'s>(value: impl Into<i64>) -> Option<Sample<'s>> {
    Some(Sample::Sint(value.into()))
}

/// Whether there is an option of that kind.
fn has<'s>(input: Sample<'_>, kind: u8) -> Option<Sample<'s>> {
    integer(complete(input)?.option(kind).is_some())
}
