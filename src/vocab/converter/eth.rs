//! `eth.*`: the header of an Ethernet frame, such as the first bytes of what `fc_saved_syn` gives.

use super::{Build, Keyword};
use crate::vocab::sample::{Sample, Type};

/// The type that announces a VLAN tag (IEEE 802.1Q).
const VLAN: u16 = 0x8100;

const TEMPLATE: Keyword = Keyword {
    takes: Type::Bin,
    gives: Type::Bin,
    ..Keyword::DEFAULT
};

pub(super) const DATA: Keyword = Keyword {
    names: &["eth.data"],
    doc: "What follows the header of an Ethernet frame and its VLAN tags: the start of the IP \
          packet.",
    examples: &[
        (
            "bin(000c29fd73ee005056c0000808004500),eth.data,hex",
            Some("4500"),
        ),
        (
            "bin(000c29fd73ee005056c00008810000640800450001),eth.data,hex",
            Some("450001"),
        ),
        ("bin(000c29fd73ee005056c000080800),eth.data", None),
        ("bin(000c29fd73ee005056c0000881000064),eth.data", None),
    ],
    build: Build::Plain(|input, _| {
        let frame = bytes(input)?;
        frame.get(header(frame)?.length..).map(Sample::Bin)
    }),
    ..TEMPLATE
};

pub(super) const DST: Keyword = Keyword {
    names: &["eth.dst"],
    doc: "The six bytes of the destination address of an Ethernet frame.",
    examples: &[
        (
            "bin(000c29fd73ee005056c000080800),eth.dst,hex",
            Some("000C29FD73EE"),
        ),
        ("bin(000c29fd73),eth.dst", None),
    ],
    build: Build::Plain(|input, _| bytes(input)?.get(..6).map(Sample::Bin)),
    ..TEMPLATE
};

pub(super) const HDR: Keyword = Keyword {
    names: &["eth.hdr"],
    doc: "The header of an Ethernet frame with its VLAN tags.",
    examples: &[
        (
            "bin(000c29fd73ee005056c0000808004500),eth.hdr,hex",
            Some("000C29FD73EE005056C000080800"),
        ),
        ("bin(000c29fd73ee005056c000080800),eth.hdr", None),
    ],
    build: Build::Plain(|input, _| {
        let frame = bytes(input)?;
        frame.get(..header(frame)?.length).map(Sample::Bin)
    }),
    ..TEMPLATE
};

pub(super) const PROTO: Keyword = Keyword {
    names: &["eth.proto"],
    gives: Type::Sint,
    doc: "The protocol number of an Ethernet frame, after its VLAN tags: 2048 for IPv4.",
    examples: &[
        (
            "bin(000c29fd73ee005056c0000808004500),eth.proto",
            Some("2048"),
        ),
        (
            "bin(000c29fd73ee005056c000088100006486dd60),eth.proto",
            Some("34525"),
        ),
        ("bin(000c29fd73ee005056c000080800),eth.proto", None),
    ],
    build: Build::Plain(|input, _| {
        let header = header(bytes(input)?)?;
        Some(Sample::Sint(header.protocol.into()))
    }),
    ..TEMPLATE
};

pub(super) const SRC: Keyword = Keyword {
    names: &["eth.src"],
    doc: "The six bytes of the source address of an Ethernet frame.",
    examples: &[
        (
            "bin(000c29fd73ee005056c000080800),eth.src,hex",
            Some("005056C00008"),
        ),
        ("bin(000c29fd73ee0050),eth.src", None),
    ],
    build: Build::Plain(|input, _| bytes(input)?.get(6..12).map(Sample::Bin)),
    ..TEMPLATE
};

pub(super) const VLAN_ID: Keyword = Keyword {
    names: &["eth.vlan"],
    gives: Type::Sint,
    doc: "The last VLAN number in the header of an Ethernet frame, if it is not 0.",
    examples: &[
        (
            "bin(000c29fd73ee005056c00008810020640800450001),eth.vlan",
            Some("100"),
        ),
        (
            "bin(000c29fd73ee005056c00008810000648100000508004500),eth.vlan",
            Some("5"),
        ),
        (
            "bin(000c29fd73ee005056c00008810000000800450001),eth.vlan",
            None,
        ),
        ("bin(000c29fd73ee005056c0000808004500),eth.vlan", None),
    ],
    build: Build::Plain(|input, _| {
        let vlan = header(bytes(input)?)?.vlan;
        (vlan != 0).then_some(Sample::Sint(vlan.into()))
    }),
    ..TEMPLATE
};

fn bytes(input: Sample<'_>) -> Option<&[u8]> {
    match input {
        Sample::Bin(bytes) => Some(bytes),
        _ => None,
    }
}

struct Header {
    length: usize,
    protocol: u16,
    /// 0 without a tag.
    vlan: u16,
}

/// The header of a frame of which more than the header is there.
fn header(frame: &[u8]) -> Option<Header> {
    let number = |at: usize| {
        let bytes = frame.get(at..)?.first_chunk()?;
        Some(u16::from_be_bytes(*bytes))
    };
    let mut vlan = 0;
    let mut at = 12;
    loop {
        let protocol = number(at).filter(|_| at + 2 < frame.len())?;
        if protocol != VLAN {
            return Some(Header {
                length: at + 2,
                protocol,
                vlan,
            });
        }
        vlan = number(at + 2)? & 0x0fff;
        at += 4;
    }
}
