//! The hash functions of `hash-type`, of the converters of the same names, and of the ring.
//!
//! Each must give HAProxy's very numbers: they decide which server a key belongs to. Deliberately
//! absent: what is hashed.

use std::net::{IpAddr, SocketAddr};
use twox_hash::XxHash32;

/// Places on a ring that the id of a server keeps apart: the largest weight in sixteenths.
const PER_ID: u32 = 4096;

const CRC32_TABLE: [u32; 256] = crc_table(0xedb8_8320);

/// `crc32`: the CRC of zip and gzip.
pub fn crc32(bytes: &[u8]) -> u32 {
    crc(&CRC32_TABLE, bytes)
}

/// A reflected CRC by its table.
pub fn crc(table: &[u32; 256], bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, &byte| {
        let entry = table.get(usize::from(crc as u8 ^ byte)).copied();
        (crc >> 8) ^ entry.unwrap_or(0)
    })
}

/// What a byte does to a CRC, for a polynomial written least significant bit first.
#[allow(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler, which checks the index"
)]
pub const fn crc_table(polynomial: u32) -> [u32; 256] {
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

/// `djb2`.
pub fn djb2(bytes: &[u8]) -> u32 {
    bytes.iter().fold(5381, |hash: u32, &byte| {
        hash.wrapping_mul(33).wrapping_add(byte.into())
    })
}

/// `sdbm`.
pub fn sdbm(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |hash: u32, &byte| {
        hash.wrapping_mul(65_599).wrapping_add(byte.into())
    })
}

/// `wt6`: two words that take turns, rotated by amounts which they decide themselves.
pub fn wt6(bytes: &[u8]) -> u32 {
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
pub fn full_avalanche(hash: u32) -> u32 {
    let mut a = hash.wrapping_add(0x7ed5_5d16).wrapping_add(hash << 12);
    a = (a ^ 0xc761_c23c) ^ (a >> 19);
    a = a.wrapping_add(0x1656_67b1).wrapping_add(a << 5);
    a = a.wrapping_add(0xd3a2_646c) ^ (a << 9);
    a = a.wrapping_add(0xfd70_46c5).wrapping_add(a << 3);
    ((a ^ 0xb55a_4f09) ^ (a >> 16)).wrapping_mul(3_221_225_473)
}

/// An address as `balance source` hashes it.
pub fn source(ip: IpAddr) -> u32 {
    match ip {
        IpAddr::V4(ip) => ip.to_bits(),
        IpAddr::V6(ip) => {
            let bits = ip.to_bits();
            [0, 32, 64, 96]
                .into_iter()
                .fold(0, |sum, at| sum ^ (bits >> at) as u32)
        }
    }
}

/// Where a server with this id stands on a ring: `hash-key id`.
pub fn id_key(id: u32) -> u32 {
    id.wrapping_mul(PER_ID)
}

/// `hash-key id32`.
pub fn id32_key(id: u32) -> u32 {
    full_avalanche(id.to_be())
}

/// `hash-key addr`, and with `port` `addr-port`.
pub fn address_key(addr: SocketAddr, port: bool) -> u32 {
    let seed = match port {
        true => full_avalanche(addr.port().into()),
        false => 0,
    };
    match addr.ip() {
        IpAddr::V4(ip) => full_avalanche(seed.wrapping_add(u32::from_ne_bytes(ip.octets()))),
        IpAddr::V6(ip) => XxHash32::oneshot(seed, &ip.octets()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_folded_to_32_bits() {
        let check = |text: &str, expected: u32| {
            assert_eq!(source(text.parse().unwrap()), expected, "{text}");
        };
        check("192.0.2.7", 0xc000_0207);
        check("2001:db8::1", 0x2001_0db9);
    }
}
