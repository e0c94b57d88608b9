//! Headers of IP packets and TCP segments, as the first packet of a connection has them.
//!
//! Offsets are in bytes from the header's start. Nothing is checked that a field does not depend
//! on; what is not there is none. Deliberately absent: checksums, fragments, Ethernet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const TCP: u8 = 6;
const UDP: u8 = 17;

/// The length of an IPv6 header without extensions.
const V6_HEADER: usize = 40;

/// The length of a TCP header without options.
const TCP_HEADER: usize = 20;

/// The version of an IP packet that has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// IPv4 (RFC 791).
    V4,
    /// IPv6 (RFC 8200).
    V6,
}

/// An IP packet, of which at least the first byte is there.
#[derive(Clone, Copy, Debug)]
pub struct Ip<'p> {
    /// From the header on.
    pub bytes: &'p [u8],
    /// Its version.
    pub version: Version,
}

impl<'p> Ip<'p> {
    /// None if it is neither IPv4 nor IPv6.
    pub fn new(bytes: &'p [u8]) -> Option<Self> {
        let version = match bytes.first()? >> 4 {
            4 => Version::V4,
            6 => Version::V6,
            _ => return None,
        };
        Some(Self { bytes, version })
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    /// The length of the header with options or extensions.
    pub fn header_length(&self) -> Option<usize> {
        let length = match self.version {
            Version::V4 => usize::from(self.byte(0)? & 0x0f) * 4,
            Version::V6 => self.v6_upper()?.1,
        };
        (length > 0 && length <= self.bytes.len()).then_some(length)
    }

    /// The protocol above, and where its header starts.
    fn v6_upper(&self) -> Option<(u8, usize)> {
        let mut next = self.bytes.get(..V6_HEADER).and(self.byte(6))?;
        let mut at = V6_HEADER;
        while next != TCP && next != UDP {
            let length = usize::from(self.byte(at + 1)?) * 8 + 8;
            next = self.byte(at)?;
            at += length;
        }
        Some((next, at))
    }

    /// The number of the protocol above, such as 6 for TCP.
    pub fn protocol(&self) -> Option<u8> {
        match self.version {
            Version::V4 => self.byte(9),
            Version::V6 => {
                let (next, at) = self.v6_upper()?;
                (at <= self.bytes.len()).then_some(next)
            }
        }
    }

    /// Whether routers must not fragment it; true for IPv6.
    pub fn dont_fragment(&self) -> Option<bool> {
        match self.version {
            Version::V4 => Some(self.byte(6)? & 0x40 != 0),
            Version::V6 => Some(true),
        }
    }

    /// The type of service or traffic class.
    pub fn tos(&self) -> Option<u8> {
        match self.version {
            Version::V4 => self.byte(1),
            Version::V6 => Some(self.byte(0)? << 4 | self.byte(1)? >> 4),
        }
    }

    /// The time to live or hop limit.
    pub fn ttl(&self) -> Option<u8> {
        match self.version {
            Version::V4 => self.bytes.get(..20).and(self.byte(8)),
            Version::V6 => self.bytes.get(..V6_HEADER).and(self.byte(7)),
        }
    }

    /// The source address.
    pub fn source(&self) -> Option<IpAddr> {
        match self.version {
            Version::V4 => self.v4(12),
            Version::V6 => self.v6(8),
        }
    }

    /// The destination address.
    pub fn destination(&self) -> Option<IpAddr> {
        match self.version {
            Version::V4 => self.v4(16),
            Version::V6 => self.v6(24),
        }
    }

    fn v4(&self, at: usize) -> Option<IpAddr> {
        let octets: [u8; 4] = *self.bytes.get(..20)?.get(at..)?.first_chunk()?;
        Some(Ipv4Addr::from(octets).into())
    }

    fn v6(&self, at: usize) -> Option<IpAddr> {
        let octets: [u8; 16] = *self.bytes.get(..V6_HEADER)?.get(at..)?.first_chunk()?;
        Some(Ipv6Addr::from(octets).into())
    }

    /// The length of the packet that its header tells, modulo 65536.
    fn announced_length(&self) -> Option<u16> {
        match self.version {
            Version::V4 => two_bytes(self.bytes, 2),
            Version::V6 => two_bytes(self.bytes, 4).map(|length| length.wrapping_add(40)),
        }
    }

    fn has_extensions(&self) -> Option<bool> {
        match self.version {
            Version::V4 => Some(self.byte(0)? & 0x0f != 5),
            Version::V6 => Some(!matches!(self.byte(6)?, TCP | UDP)),
        }
    }
}

/// A number at `at`, most significant byte first.
pub fn two_bytes(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// A number at `at`, most significant byte first.
pub fn four_bytes(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// A TCP segment (RFC 9293) whose fixed header is there.
#[derive(Clone, Copy, Debug)]
pub struct Tcp<'p> {
    /// From the header on.
    pub bytes: &'p [u8],
}

impl<'p> Tcp<'p> {
    /// None if the fixed part of the header is incomplete.
    pub fn new(bytes: &'p [u8]) -> Option<Self> {
        (bytes.len() >= TCP_HEADER).then_some(Self { bytes })
    }

    /// The bits CWR to FIN.
    pub fn flags(&self) -> Option<u8> {
        self.bytes.get(13).copied()
    }

    /// The header with its options, if they are all there.
    pub fn header(&self) -> Option<&'p [u8]> {
        let length = usize::from(self.bytes.get(12)? >> 4) * 4;
        let header = self.bytes.get(..length)?;
        (length >= TCP_HEADER).then_some(header)
    }

    /// The options in order. The last one may be cut off by the header's end.
    pub fn options(&self) -> Option<Options<'p>> {
        let header = self.header()?;
        Some(Options {
            header,
            at: TCP_HEADER,
        })
    }

    /// The first complete option of that kind, from its kind on.
    pub fn option(&self, kind: u8) -> Option<&'p [u8]> {
        let mut options = self.options()?;
        let found = options.find(|option| option.kind == kind && option.complete)?;
        self.bytes.get(found.at..)
    }
}

/// Walks through the options of a header.
#[derive(Clone, Copy, Debug)]
pub struct Options<'p> {
    header: &'p [u8],
    at: usize,
}

/// One option.
#[derive(Clone, Copy, Debug)]
pub struct TcpOption {
    /// Which.
    pub kind: u8,
    /// Where it starts in the header.
    pub at: usize,
    /// Whether it has a length and ends within the header.
    pub complete: bool,
}

impl Iterator for Options<'_> {
    type Item = TcpOption;

    fn next(&mut self) -> Option<TcpOption> {
        let at = self.at;
        let kind = *self.header.get(at).filter(|&&kind| kind != 0)?;
        let length = match (kind, self.header.get(at + 1)) {
            (1, _) => Some(1),
            (_, Some(&length)) if length > 1 => Some(usize::from(length)),
            _ => None,
        };
        self.at = at + length.unwrap_or(self.header.len());
        Some(TcpOption {
            kind,
            at,
            complete: length.is_some() && self.at <= self.header.len(),
        })
    }
}

/// What a fingerprint holds beside its fixed eight bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extra {
    /// One byte of time to live.
    pub ttl: bool,
    /// One byte for each TCP option.
    pub options: bool,
    /// The source address.
    pub source: bool,
}

/// Appends a fingerprint of an IP packet with a TCP segment: what mostly depends on the sender's
/// system. The layout is HAProxy's (manual 7.3.1, `ip.fp`).
pub fn fingerprint(ip: &Ip<'_>, extra: Extra, out: &mut Vec<u8>) -> Option<()> {
    let ttl = match ip.version {
        Version::V4 => ip.byte(8)?,
        Version::V6 => ip.ttl()?,
    };
    let header_length = ip.header_length()?;
    let tcp = Tcp::new(ip.bytes.get(header_length..)?)?;
    let header = tcp.header()?;
    let headers = header_length + header.len();
    let announced = usize::from(ip.announced_length()?);
    if headers > announced {
        return None;
    }
    let (mut mss, mut scale, mut seen) = (0, 0, 0_u8);
    let start = out.len();
    out.extend_from_slice(&[0; 8]);
    if extra.ttl {
        out.push(ttl);
    }
    for option in tcp.options()?.take_while(|option| option.complete) {
        if extra.options {
            out.push(option.kind);
        }
        match option.kind {
            2 => mss = two_bytes(header, option.at + 2).unwrap_or(mss),
            // 1 to 15, so that 0 is none.
            3 => {
                scale = header
                    .get(option.at + 2)
                    .map_or(scale, |&by| by.min(14) + 1)
            }
            _ => {}
        }
        if let Some(bit) = option.kind.checked_sub(2) {
            seen |= 1 << bit.min(7);
        }
    }
    let ttl_class = match ttl {
        0..=32 => 0,
        33..=64 => 1,
        65..=128 => 2,
        _ => 3,
    };
    let bit = |value: bool, at: u8| u8::from(value) << at;
    let [mss_high, mss_low] = mss.to_be_bytes();
    let [window_high, window_low] = two_bytes(header, 14)?.to_be_bytes();
    let fixed = [
        ip.tos()?,
        bit(ip.version == Version::V6, 7)
            | bit(ip.dont_fragment()?, 6)
            | ttl_class << 4
            | bit(ip.has_extensions()?, 3)
            | bit(announced > headers, 2)
            | tcp.flags()? >> 6,
        (header.len() as u8) << 2 | scale,
        window_high,
        window_low,
        mss_high,
        mss_low,
        seen,
    ];
    out.get_mut(start..start + 8)?.copy_from_slice(&fixed);
    if extra.source {
        match (ip.version, ip.bytes.get(12..16), ip.bytes.get(8..24)) {
            (Version::V4, Some(source), _) | (Version::V6, _, Some(source)) => {
                out.extend_from_slice(source);
            }
            _ => return None,
        }
    }
    Some(())
}
