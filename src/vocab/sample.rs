//! Typed values that fetches produce and matchers, converters and formats consume.
//!
//! Which type can become which is HAProxy's table of casts; a cast that is impossible is refused
//! when the configuration is read, one that fails on a value (`"abc"` as an address) makes the
//! sample absent. Nothing here allocates.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The type of a [`Sample`], known when the configuration is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// True or false.
    Bool,
    /// Signed 64-bit.
    Sint,
    /// IPv4 or IPv6 address.
    Addr,
    /// IPv4 address, the only one that is known to be a number too.
    Ipv4,
    /// Text.
    Str,
    /// Bytes.
    Bin,
    /// An HTTP method.
    Meth,
    /// Any of them, known when there is a value: what variables hold. A converter that takes and
    /// gives it gives the type that it got.
    Any,
}

impl Type {
    /// Whether values of this type can be used where `to` is wanted.
    pub fn becomes(self, to: Self) -> bool {
        use Type::{Addr, Any, Bin, Bool, Ipv4, Meth, Sint, Str};
        match (self, to) {
            (Any, _) | (_, Any) => true,
            (Bool, Addr | Meth) | (Sint, Meth) => false,
            (Bool, Ipv4) | (Ipv4, Bool | Meth) => false,
            (Addr, Bool | Sint | Meth) => false,
            (Bin | Meth, Bool | Sint | Addr | Ipv4) => false,
            (Bool | Sint | Addr | Ipv4 | Str | Bin | Meth, _) => true,
        }
    }

    /// The word users know it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bool => "boolean",
            Self::Sint => "integer",
            Self::Addr => "ip",
            Self::Ipv4 => "ipv4",
            Self::Str => "string",
            Self::Bin => "binary",
            Self::Meth => "method",
            Self::Any => "any",
        }
    }
}

/// A value. Borrows from the stream's heads where it can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sample<'a> {
    /// True or false.
    Bool(bool),
    /// Signed 64-bit.
    Sint(i64),
    /// IPv4 or IPv6 address.
    Addr(IpAddr),
    /// Text: bytes that are meant to be read.
    Str(&'a [u8]),
    /// Bytes.
    Bin(&'a [u8]),
    /// An HTTP method, by name.
    Meth(&'a [u8]),
}

/// Room for the text of a number or an address.
pub type Room = [u8; 48];

/// An empty [`Room`].
pub const ROOM: Room = [0; 48];

impl<'a> Sample<'a> {
    /// The same value as another type, or `None` if this value has no such form.
    pub fn cast<'s>(self, to: Type, room: &'s mut Room) -> Option<Sample<'s>>
    where
        'a: 's,
    {
        Some(match (to, self) {
            (Type::Bool, Sample::Bool(_))
            | (Type::Sint, Sample::Sint(_))
            | (Type::Addr | Type::Ipv4, Sample::Addr(_))
            | (Type::Str, Sample::Str(_))
            | (Type::Bin, Sample::Bin(_))
            | (Type::Meth, Sample::Meth(_))
            | (Type::Any, _) => self,
            (Type::Bool, _) => Sample::Bool(self.int()? != 0),
            (Type::Sint, _) => Sample::Sint(self.int()?),
            (Type::Addr | Type::Ipv4, _) => Sample::Addr(self.addr()?),
            (Type::Str, _) => Sample::Str(self.text(room)),
            (Type::Bin, _) => Sample::Bin(self.raw(room)),
            (Type::Meth, _) => Sample::Meth(self.text(room)),
        })
    }

    /// As an integer: text is read as far as it is a number, an empty text is none.
    pub fn int(self) -> Option<i64> {
        match self {
            Self::Bool(value) => Some(i64::from(value)),
            Self::Sint(value) => Some(value),
            Self::Addr(IpAddr::V4(addr)) => Some(i64::from(u32::from(addr))),
            Self::Str(text) => (!text.is_empty()).then(|| leading_int(text)),
            Self::Addr(IpAddr::V6(_)) | Self::Bin(_) | Self::Meth(_) => None,
        }
    }

    /// As an address.
    pub fn addr(self) -> Option<IpAddr> {
        match self {
            Self::Addr(addr) => Some(addr),
            Self::Str(text) => std::str::from_utf8(text).ok()?.parse().ok(),
            // The low 32 bits, as HAProxy keeps them.
            Self::Sint(value) => Some(IpAddr::V4(Ipv4Addr::from((value & 0xffff_ffff) as u32))),
            Self::Bool(_) | Self::Bin(_) | Self::Meth(_) => None,
        }
    }

    /// As text; bytes end at their first NUL.
    pub fn text<'s>(self, room: &'s mut Room) -> &'s [u8]
    where
        'a: 's,
    {
        match self {
            Self::Str(text) | Self::Meth(text) => text,
            Self::Bin(bytes) => bytes.split(|&byte| byte == 0).next().unwrap_or_default(),
            Self::Bool(value) => print(room, format_args!("{}", u8::from(value))),
            Self::Sint(value) => print(room, format_args!("{value}")),
            Self::Addr(addr) => print(room, format_args!("{addr}")),
        }
    }

    /// The bytes of a text or of bytes.
    pub fn bytes(self) -> Option<&'a [u8]> {
        match self {
            Self::Str(bytes) | Self::Bin(bytes) | Self::Meth(bytes) => Some(bytes),
            Self::Bool(_) | Self::Sint(_) | Self::Addr(_) => None,
        }
    }

    /// As bytes: integers and booleans are eight bytes, most significant first.
    fn raw<'s>(self, room: &'s mut Room) -> &'s [u8]
    where
        'a: 's,
    {
        match self {
            Self::Str(bytes) | Self::Bin(bytes) | Self::Meth(bytes) => bytes,
            Self::Bool(value) => put(room, &i64::from(value).to_be_bytes()),
            Self::Sint(value) => put(room, &value.to_be_bytes()),
            Self::Addr(IpAddr::V4(addr)) => put(room, &addr.octets()),
            Self::Addr(IpAddr::V6(addr)) => put(room, &addr.octets()),
        }
    }
}

fn print<'s>(room: &'s mut Room, text: std::fmt::Arguments<'_>) -> &'s [u8] {
    let size = room.len();
    let mut left = room.as_mut_slice();
    let unused = match left.write_fmt(text) {
        Ok(()) => left.len(),
        Err(_) => 0,
    };
    room.get(..size - unused).unwrap_or_default()
}

fn put<'s>(room: &'s mut Room, bytes: &[u8]) -> &'s [u8] {
    let Some(start) = room.get_mut(..bytes.len()) else {
        return &[];
    };
    start.copy_from_slice(bytes);
    start
}

/// The number a text starts with, 0 if none; stops at the limits of 64 bits.
pub fn leading_int(text: &[u8]) -> i64 {
    let (negative, digits) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, text),
    };
    let value = digits
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .fold(0_i64, |sum, byte| {
            sum.saturating_mul(10)
                .saturating_sub(i64::from(byte - b'0'))
        });
    if negative {
        value
    } else {
        value.checked_neg().unwrap_or(i64::MAX)
    }
}

/// The IPv4 address inside a mapped, compatible or 6to4 IPv6 address, which HAProxy matches
/// against IPv4 patterns.
pub fn embedded_v4(addr: Ipv6Addr) -> Option<Ipv4Addr> {
    let value = u128::from(addr);
    match (value >> 32, value >> 112) {
        (0 | 0xffff, _) => Some(Ipv4Addr::from((value & 0xffff_ffff) as u32)),
        (_, 0x2002) => Some(Ipv4Addr::from(((value >> 80) & 0xffff_ffff) as u32)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(from: Sample<'_>, to: Type, expected: Option<Sample<'_>>) {
        assert_eq!(from.cast(to, &mut ROOM.clone()), expected);
    }

    #[test]
    fn casts() {
        check(Sample::Bool(true), Type::Str, Some(Sample::Str(b"1")));
        check(Sample::Sint(-5), Type::Str, Some(Sample::Str(b"-5")));
        check(Sample::Str(b"12ab"), Type::Sint, Some(Sample::Sint(12)));
        check(Sample::Str(b"-7"), Type::Sint, Some(Sample::Sint(-7)));
        check(Sample::Str(b"x"), Type::Sint, Some(Sample::Sint(0)));
        check(Sample::Str(b""), Type::Sint, None);
        check(Sample::Str(b"1.2.3"), Type::Addr, None);
        check(Sample::Str(b"0"), Type::Bool, Some(Sample::Bool(false)));
        check(Sample::Bin(b"ab\0c"), Type::Str, Some(Sample::Str(b"ab")));
        check(
            Sample::Sint(1),
            Type::Bin,
            Some(Sample::Bin(b"\0\0\0\0\0\0\0\x01")),
        );
        check(
            Sample::Bool(true),
            Type::Bin,
            Some(Sample::Bin(b"\0\0\0\0\0\0\0\x01")),
        );
        check(
            Sample::Str(b"::1"),
            Type::Addr,
            Some(Sample::Addr(Ipv6Addr::LOCALHOST.into())),
        );
        check(
            Sample::Addr(Ipv4Addr::new(1, 0, 0, 1).into()),
            Type::Sint,
            Some(Sample::Sint(0x0100_0001)),
        );
    }

    #[test]
    fn numbers_stop_at_the_limits() {
        assert_eq!(leading_int(b"99999999999999999999"), i64::MAX);
        assert_eq!(leading_int(b"-99999999999999999999"), i64::MIN);
        assert_eq!(leading_int(b"9223372036854775807"), i64::MAX);
    }

    #[test]
    fn v4_inside_v6() {
        let check = |text: &str, expected: Option<Ipv4Addr>| {
            assert_eq!(embedded_v4(text.parse().unwrap()), expected);
        };
        check("::ffff:1.2.3.4", Some(Ipv4Addr::new(1, 2, 3, 4)));
        check("::1.2.3.4", Some(Ipv4Addr::new(1, 2, 3, 4)));
        check("2002:102:304::", Some(Ipv4Addr::new(1, 2, 3, 4)));
        check("2001:db8::1", None);
    }
}
