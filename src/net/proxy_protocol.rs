//! The PROXY protocol, versions 1 and 2: what a proxy in front says about its client.
//!
//! Pure: bytes in, a [`Header`] out, and back. Parsing is incremental and its answer never
//! depends on how the bytes were split. Version 1 lines are at most [`V1_MAX`] bytes; version 2
//! headers are as long as the caller's limit. Section numbers are those of the PROXY protocol
//! specification. Deliberately absent: who may send one, and for how long to wait.

use super::address::Endpoint;
use std::fmt;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::Range;

/// The longest version 1 header, line end included (section 2.1).
pub const V1_MAX: usize = 107;

const V1_START: &[u8] = b"PROXY ";
const V2_SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
const V2_FIXED: usize = 16;
const TLV_CRC32C: u8 = 0x03;
const TLV_UNIQUE_ID: u8 = 0x05;

/// A parsed header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Who connected to whom, if it says so in TCP over IPv4 or IPv6. Otherwise (`LOCAL`,
    /// `UNKNOWN`, UNIX, datagrams) the connection's own addresses hold.
    pub addresses: Option<Addresses>,
    /// The proxy speaks for itself, e.g. a health check (version 2 `LOCAL`).
    pub local: bool,
    /// Where in the input the type-length-values are; already checked, see [`tlvs`].
    pub tlvs: Range<usize>,
}

/// The two ends of the original connection, both of one family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The client.
    pub source: SocketAddr,
    /// Where it connected to.
    pub destination: SocketAddr,
}

/// Why input is not a header. It shows as HAProxy's log says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// It does not start like one.
    NotAHeader,
    /// It starts like one and is malformed, or its checksum is wrong.
    Invalid,
    /// Version 1 with a protocol other than TCP4, TCP6 and UNKNOWN.
    UnknownProtocol,
    /// It is longer than allowed.
    TooLong,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAHeader => {
                "Received something which does not look like a PROXY protocol header"
            }
            Self::Invalid | Self::TooLong => "Received an invalid PROXY protocol header",
            Self::UnknownProtocol => "Received an unhandled protocol in the PROXY protocol header",
        })
    }
}

impl std::error::Error for Error {}

/// Parses a header at the start of `input`: its length and content, or `None` while more bytes
/// are needed. `limit` is the most bytes a version 2 header may have.
pub fn parse(input: &[u8], limit: usize) -> Result<Option<(usize, Header)>, Error> {
    if starts_like(input, V1_START) {
        parse_v1(input)
    } else if starts_like(input, V2_SIGNATURE) {
        parse_v2(input, limit)
    } else {
        Err(Error::NotAHeader)
    }
}

/// The type-length-values of `area`, the bytes that [`Header::tlvs`] names.
pub fn tlvs(area: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut rest = area;
    std::iter::from_fn(move || {
        let (kind, value, after) = next_tlv(rest)?;
        rest = after;
        Some((kind, value))
    })
}

/// Whether `input` starts with `prefix`, or may once more bytes arrive.
fn starts_like(input: &[u8], prefix: &[u8]) -> bool {
    input.iter().zip(prefix).all(|(a, b)| a == b)
}

fn parse_v1(input: &[u8]) -> Result<Option<(usize, Header)>, Error> {
    let head = input.get(..V1_MAX).unwrap_or(input);
    let Some(end) = memchr::memchr(b'\n', head) else {
        return match input.len() {
            ..V1_MAX => Ok(None),
            _ => Err(Error::TooLong),
        };
    };
    let line = head
        .get(V1_START.len()..end)
        .and_then(|line| line.strip_suffix(b"\r"))
        .ok_or(Error::Invalid)?;
    let text = std::str::from_utf8(line).map_err(|_| Error::Invalid)?;
    let header = Header {
        addresses: v1_addresses(text)?,
        ..Header::default()
    };
    Ok(Some((end + 1, header)))
}

/// Everything after `PROXY `.
fn v1_addresses(text: &str) -> Result<Option<Addresses>, Error> {
    let mut words = text.split(' ');
    match words.next() {
        Some("TCP4") => v1_pair::<Ipv4Addr>(words).map(Some),
        Some("TCP6") => v1_pair::<Ipv6Addr>(words).map(Some),
        // The rest of the line is to be ignored (section 2.1).
        Some("UNKNOWN") => Ok(None),
        Some(_) | None => Err(Error::UnknownProtocol),
    }
}

fn v1_pair<'a, A>(mut words: impl Iterator<Item = &'a str>) -> Result<Addresses, Error>
where
    A: std::str::FromStr + Into<IpAddr>,
{
    let mut next = || words.next().ok_or(Error::Invalid);
    let address = |word: &str| word.parse::<A>().map_err(|_| Error::Invalid);
    let source = address(next()?)?;
    let destination = address(next()?)?;
    let pair = Addresses {
        source: SocketAddr::new(source.into(), port(next()?)?),
        destination: SocketAddr::new(destination.into(), port(next()?)?),
    };
    match words.next() {
        None => Ok(pair),
        Some(_) => Err(Error::Invalid),
    }
}

/// Decimal without sign or leading zeros (section 2.1).
fn port(word: &str) -> Result<u16, Error> {
    let canonical = word == "0" || !word.starts_with(['0', '+']);
    match word.parse() {
        Ok(port) if canonical => Ok(port),
        Ok(_) | Err(_) => Err(Error::Invalid),
    }
}

fn parse_v2(input: &[u8], limit: usize) -> Result<Option<(usize, Header)>, Error> {
    let Some(&[version_command, family, high, low]) = input.get(V2_SIGNATURE.len()..V2_FIXED)
    else {
        return Ok(None);
    };
    let local = match version_command {
        0x20 => true,
        0x21 => false,
        0x22..=0x2f => return Err(Error::Invalid),
        _ => return Err(Error::NotAHeader),
    };
    let length = V2_FIXED + usize::from(u16::from_be_bytes([high, low]));
    if length > limit {
        return Err(Error::TooLong);
    }
    let Some(header) = input.get(..length) else {
        return Ok(None);
    };
    let body = header.get(V2_FIXED..).unwrap_or_default();
    // The block of a LOCAL header is skipped whatever it holds (section 2.2).
    let (addresses, used) = match (local, family) {
        (true, _) => (None, body.len()),
        (false, 0x11) => v2_pair::<4>(body)?,
        (false, 0x21) => v2_pair::<16>(body)?,
        (false, 0x00) => (None, 0),
        (false, 0x31 | 0x32) if body.len() >= 216 => (None, 216),
        (false, 0x31 | 0x32) => return Err(Error::Invalid),
        (false, _) => (None, body.len()),
    };
    let tlvs = V2_FIXED + used..length;
    check_tlvs(header, tlvs.clone())?;
    let header = Header {
        addresses,
        local,
        tlvs,
    };
    Ok(Some((length, header)))
}

/// Two addresses of `N` bytes, two ports; and how many bytes that is.
fn v2_pair<const N: usize>(body: &[u8]) -> Result<(Option<Addresses>, usize), Error>
where
    IpAddr: From<[u8; N]>,
{
    let mut rest = body;
    let mut addresses = [[0; N]; 2];
    let mut ports = [[0; 2]; 2];
    for address in &mut addresses {
        *address = *split(&mut rest).ok_or(Error::Invalid)?;
    }
    for port in &mut ports {
        *port = *split(&mut rest).ok_or(Error::Invalid)?;
    }
    let [source, destination] = addresses.map(IpAddr::from);
    let [source_port, destination_port] = ports.map(u16::from_be_bytes);
    let pair = Addresses {
        source: SocketAddr::new(source, source_port),
        destination: SocketAddr::new(destination, destination_port),
    };
    Ok((Some(pair), body.len() - rest.len()))
}

fn split<'a, const N: usize>(rest: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (first, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(first)
}

fn next_tlv(rest: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[kind, high, low], after) = rest.split_first_chunk()?;
    let length = u16::from_be_bytes([high, low]).into();
    let (value, after) = after.split_at_checked(length)?;
    Some((kind, value, after))
}

/// They must fill the rest of the header exactly, and a checksum among them must be right. There
/// may be one, since each costs a pass over the header.
fn check_tlvs(header: &[u8], area: Range<usize>) -> Result<(), Error> {
    let mut checked = false;
    let mut rest = header.get(area).unwrap_or_default();
    while !rest.is_empty() {
        let (kind, value, after) = next_tlv(rest).ok_or(Error::Invalid)?;
        if kind == TLV_CRC32C {
            let claimed: [u8; 4] = value.try_into().map_err(|_| Error::Invalid)?;
            let at = header.len() - after.len() - claimed.len();
            if checked || crc32c_without(header, at) != u32::from_be_bytes(claimed) {
                return Err(Error::Invalid);
            }
            checked = true;
        }
        rest = after;
    }
    Ok(())
}

/// CRC-32C of `bytes` with the four bytes at `zeroed` counted as zero (section 2.2.3).
fn crc32c_without(bytes: &[u8], zeroed: usize) -> u32 {
    let mut crc = !0u32;
    for (at, byte) in bytes.iter().enumerate() {
        let hidden = (zeroed..zeroed + 4).contains(&at);
        crc ^= u32::from(if hidden { 0 } else { *byte });
        for _ in 0..8 {
            // The polynomial 0x1edc6f41, bits reversed.
            crc = (crc >> 1) ^ (0x82f6_3b78 & (crc & 1).wrapping_neg());
        }
    }
    !crc
}

/// Appends a version 1 header; `UNKNOWN` unless both ends have an address.
pub fn write_v1(source: Endpoint, destination: Endpoint, out: &mut Vec<u8>) {
    let written = match pair(source, destination) {
        Some(Addresses {
            source,
            destination,
        }) => {
            let protocol = if source.is_ipv4() { "TCP4" } else { "TCP6" };
            let (from, to) = (source.ip(), destination.ip());
            let (from_port, to_port) = (source.port(), destination.port());
            write!(
                out,
                "PROXY {protocol} {from} {to} {from_port} {to_port}\r\n"
            )
        }
        None => write!(out, "PROXY UNKNOWN\r\n"),
    };
    written.expect("writing to memory succeeds");
}

/// What a version 2 header tells beside addresses (section 2.2).
#[derive(Clone, Copy, Debug, Default)]
pub struct Extra<'a> {
    /// Whether a checksum is added.
    pub checksum: bool,
    /// The unique id; what is longer than 128 bytes is left out.
    pub unique_id: Option<&'a [u8]>,
}

/// Longest unique id (section 2.2.5).
const MOST_ID: usize = 128;

impl Extra<'_> {
    /// Appends it to the header that begins at `start`.
    fn write(self, start: usize, out: &mut Vec<u8>) {
        let mut sum_at = None;
        if self.checksum {
            push_tlv(TLV_CRC32C, &[0; 4], out);
            sum_at = out.len().checked_sub(start + 4);
        }
        if let Some(id) = self.unique_id.filter(|id| id.len() <= MOST_ID) {
            push_tlv(TLV_UNIQUE_ID, id, out);
        }
        let Some(header) = out.get_mut(start..) else {
            return;
        };
        let length = header.len().saturating_sub(V2_FIXED);
        if let Some(place) = header.get_mut(V2_FIXED - 2..V2_FIXED) {
            place.copy_from_slice(&(length as u16).to_be_bytes());
        }
        if let Some(at) = sum_at {
            let sum = crc32c_without(header, at);
            if let Some(place) = header.get_mut(at..at + 4) {
                place.copy_from_slice(&sum.to_be_bytes());
            }
        }
    }
}

fn push_tlv(kind: u8, value: &[u8], out: &mut Vec<u8>) {
    out.push(kind);
    out.extend_from_slice(&(value.len() as u16).to_be_bytes());
    out.extend_from_slice(value);
}

/// Appends a version 2 header without type-length-values; `LOCAL` unless both ends have an address.
pub fn write_v2(source: Endpoint, destination: Endpoint, extra: Extra<'_>, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(V2_SIGNATURE);
    match pair(source, destination) {
        None => out.extend_from_slice(&[0x20, 0, 0, 0]),
        Some(Addresses {
            source,
            destination,
        }) => {
            let (family, length) = if source.is_ipv4() {
                (0x11, 12)
            } else {
                (0x21, 36)
            };
            out.extend_from_slice(&[0x21, family, 0, length]);
            for ip in [source.ip(), destination.ip()] {
                match ip {
                    IpAddr::V4(ip) => out.extend_from_slice(&ip.octets()),
                    IpAddr::V6(ip) => out.extend_from_slice(&ip.octets()),
                }
            }
            for port in [source.port(), destination.port()] {
                out.extend_from_slice(&port.to_be_bytes());
            }
        }
    }
    extra.write(start, out);
}

/// Both ends in one family: IPv4 is mapped when the other end is IPv6.
fn pair(source: Endpoint, destination: Endpoint) -> Option<Addresses> {
    let (Endpoint::Inet(source), Endpoint::Inet(destination)) = (source, destination) else {
        return None;
    };
    if source.is_ipv4() == destination.is_ipv4() {
        return Some(Addresses {
            source,
            destination,
        });
    }
    Some(Addresses {
        source: mapped(source),
        destination: mapped(destination),
    })
}

fn mapped(addr: SocketAddr) -> SocketAddr {
    match addr.ip() {
        IpAddr::V4(ip) => SocketAddr::new(ip.to_ipv6_mapped().into(), addr.port()),
        IpAddr::V6(_) => addr,
    }
}

/// Fuzz entry: parsing never panics, and the first answer given while bytes arrive one by one is
/// the answer for all of them at once.
pub fn fuzz_proxy_header(data: &[u8]) {
    const LIMIT: usize = 4096;
    let whole = parse(data, LIMIT);
    let first = (0..=data.len())
        .map(|end| parse(data.get(..end).unwrap_or_default(), LIMIT))
        .find(|answer| *answer != Ok(None))
        .unwrap_or(Ok(None));
    assert_eq!(first, whole, "the answer depends on how the input is split");
    if let Ok(Some((length, header))) = whole {
        assert!(length <= data.len() && header.tlvs.end <= length);
        let area = data.get(header.tlvs).unwrap_or_default();
        let covered: usize = tlvs(area).map(|(_, value)| 3 + value.len()).sum();
        assert_eq!(covered, area.len(), "an unchecked type-length-value");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMIT: usize = 16_384;

    fn addresses(source: &str, destination: &str) -> Option<Addresses> {
        Some(Addresses {
            source: source.parse().unwrap(),
            destination: destination.parse().unwrap(),
        })
    }

    /// The header is followed by payload, which must not matter.
    fn check(input: &[u8], expected: Result<Option<Addresses>, Error>) {
        let mut data = input.to_vec();
        data.extend_from_slice(b"GET / HTTP/1.1\r\n");
        fuzz_proxy_header(&data);
        let parsed = parse(&data, LIMIT).map(|parsed| {
            let (length, header) = parsed.expect("a complete header");
            assert_eq!(length, input.len(), "{}", input.escape_ascii());
            header.addresses
        });
        assert_eq!(parsed, expected, "{}", input.escape_ascii());
    }

    #[test]
    fn version_1() {
        let v4 = addresses("192.0.2.1:56324", "198.51.100.2:443");
        check(b"PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n", Ok(v4));
        let v6 = addresses("[2001:db8::1]:0", "[::1]:65535");
        check(b"PROXY TCP6 2001:db8::1 ::1 0 65535\r\n", Ok(v6));
        check(b"PROXY UNKNOWN\r\n", Ok(None));
        check(b"PROXY UNKNOWN whatever 1 2\r\n", Ok(None));
    }

    #[test]
    fn version_1_refused() {
        for (input, error) in [
            (&b"GET / HTTP/1.1\r\n"[..], Error::NotAHeader),
            (b"PROXYTCP4 ", Error::NotAHeader),
            (b"proxy TCP4 1.2.3.4 1.2.3.4 1 2\r\n", Error::NotAHeader),
            (b"PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n", Error::Invalid),
            (b"PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n", Error::Invalid),
            (b"PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n", Error::Invalid),
            (b"PROXY TCP4 1.2.3.4  1.2.3.4 1 2\r\n", Error::Invalid),
            (b"PROXY TCP4 1.2.3 1.2.3.4 1 2\r\n", Error::Invalid),
            (b"PROXY TCP4 ::1 ::1 1 2\r\n", Error::Invalid),
            (b"PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n", Error::Invalid),
            (b"PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n", Error::Invalid),
            (b"PROXY TCP4 1.2.3.4 1.2.3.4 +1 2\r\n", Error::Invalid),
            (b"PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n", Error::Invalid),
            (b"PROXY TCP4 1.2.3.4 1.2.3.4 1 2\0\r\n", Error::Invalid),
            (
                b"PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n",
                Error::UnknownProtocol,
            ),
            (b"PROXY \r\n", Error::UnknownProtocol),
            (b"PROXY UNKNOWN \xff\r\n", Error::Invalid),
        ] {
            check(input, Err(error));
        }
        check(
            &[&b"PROXY UNKNOWN "[..], &[b'x'; 93]].concat(),
            Err(Error::TooLong),
        );
        check(
            &[&b"PROXY UNKNOWN "[..], &[b'x'; 91], b"\r\n"].concat(),
            Ok(None),
        );
    }

    fn v2(command: u8, family: u8, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len()).unwrap().to_be_bytes();
        [&V2_SIGNATURE[..], &[command, family], &length, body].concat()
    }

    const PAIR4: &[u8] = &[192, 0, 2, 1, 198, 51, 100, 2, 0x10, 0, 0, 80];

    #[test]
    fn version_2() {
        let v4 = addresses("192.0.2.1:4096", "198.51.100.2:80");
        check(&v2(0x21, 0x11, PAIR4), Ok(v4));
        check(
            &v2(0x21, 0x11, &[PAIR4, &[0xee, 0, 1, b'x']].concat()),
            Ok(v4),
        );
        let v6 = addresses("[::1]:1", "[::]:2");
        let ones = [&[0; 15][..], &[1], &[0; 16], &[0, 1, 0, 2]].concat();
        check(&v2(0x21, 0x21, &ones), Ok(v6));
        check(&v2(0x20, 0x00, &[]), Ok(None));
        check(&v2(0x20, 0x11, b"any"), Ok(None));
        check(&v2(0x21, 0x00, &[4, 0, 0]), Ok(None));
        check(&v2(0x21, 0x12, PAIR4), Ok(None));
        check(&v2(0x21, 0x31, &[b'/'; 216]), Ok(None));
    }

    #[test]
    fn version_2_refused() {
        check(&v2(0x11, 0x11, PAIR4), Err(Error::NotAHeader));
        check(&v2(0x22, 0x11, PAIR4), Err(Error::Invalid));
        check(&v2(0x21, 0x11, &PAIR4[1..]), Err(Error::Invalid));
        check(&v2(0x21, 0x21, PAIR4), Err(Error::Invalid));
        check(&v2(0x21, 0x31, &[0; 215]), Err(Error::Invalid));
        check(&v2(0x21, 0x00, &[4, 0]), Err(Error::Invalid));
        check(&v2(0x21, 0x00, &[4, 0, 2, 0]), Err(Error::Invalid));
        check(
            &v2(0x21, 0x00, &[TLV_CRC32C, 0, 3, 0, 0, 0]),
            Err(Error::Invalid),
        );
        check(&v2(0x21, 0x00, &[0; LIMIT]), Err(Error::TooLong));
    }

    #[test]
    fn a_checksum_covers_every_byte() {
        // The check value of CRC-32C for the digits 1 to 9.
        assert_eq!(crc32c_without(b"123456789", 9), 0xe306_9283);
        let mut header = v2(
            0x21,
            0x11,
            &[PAIR4, &[TLV_CRC32C, 0, 4, 0, 0, 0, 0]].concat(),
        );
        let at = header.len() - 4;
        let crc = crc32c_without(&header, at);
        header[at..].copy_from_slice(&crc.to_be_bytes());
        check(&header, Ok(addresses("192.0.2.1:4096", "198.51.100.2:80")));
        for changed in [V2_FIXED, at - 5, at] {
            let mut wrong = header.clone();
            wrong[changed] ^= 1;
            check(&wrong, Err(Error::Invalid));
        }
    }

    #[test]
    fn a_second_checksum_is_refused() {
        // Zeroed itself, each would be right in turn only by accident; the count alone decides.
        let tlv = [TLV_CRC32C, 0, 4, 0, 0, 0, 0];
        check(&v2(0x21, 0x00, &[tlv, tlv].concat()), Err(Error::Invalid));
    }

    #[test]
    fn type_length_values_are_found_in_the_input() {
        let input = v2(
            0x21,
            0x11,
            &[PAIR4, &[2, 0, 2, b'h', b'i', 4, 0, 0]].concat(),
        );
        let (_, header) = parse(&input, LIMIT).unwrap().unwrap();
        let found: Vec<_> = tlvs(&input[header.tlvs]).collect();
        assert_eq!(found, [(2, &b"hi"[..]), (4, b"")]);
    }

    fn check_written(source: &str, destination: &str, v1: &str) {
        let inet = |text: &str| Endpoint::Inet(text.parse().unwrap());
        let (mut first, mut second) = (Vec::new(), Vec::new());
        write_v1(inet(source), inet(destination), &mut first);
        write_v2(
            inet(source),
            inet(destination),
            Extra::default(),
            &mut second,
        );
        assert_eq!(first, v1.as_bytes());
        let read = |bytes: &[u8]| parse(bytes, LIMIT).unwrap().unwrap().1.addresses;
        assert_eq!(read(&first), read(&second));
        assert!(read(&first).is_some());
    }

    #[test]
    fn what_is_written_is_read_back() {
        check_written(
            "1.2.3.4:5",
            "6.7.8.9:80",
            "PROXY TCP4 1.2.3.4 6.7.8.9 5 80\r\n",
        );
        check_written("[::1]:5", "[::2]:80", "PROXY TCP6 ::1 ::2 5 80\r\n");
        check_written(
            "1.2.3.4:5",
            "[::2]:80",
            "PROXY TCP6 ::ffff:1.2.3.4 ::2 5 80\r\n",
        );
        let mut out = Vec::new();
        write_v1(Endpoint::Unix, Endpoint::Unix, &mut out);
        assert_eq!(out, b"PROXY UNKNOWN\r\n");
        out.clear();
        write_v2(
            Endpoint::Unix,
            Endpoint::Unknown,
            Extra::default(),
            &mut out,
        );
        assert_eq!(out, v2(0x20, 0, &[]));
    }

    proptest! {
        #[test]
        fn splitting_never_changes_the_answer(
            start in prop_oneof![
                Just(&b""[..]),
                Just(&b"PROXY TCP4 "[..]),
                Just(&V2_SIGNATURE[..]),
                Just(&b"\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0f"[..]),
            ],
            rest in proptest::collection::vec(any::<u8>(), 0..160),
        ) {
            fuzz_proxy_header(&[start, &rest].concat());
        }
    }
}
