//! Keys: what an entry is found by.
//!
//! A key is bytes of the shape its table's type gives them (SEMANTICS 2.1), so that equal samples
//! make equal keys. Deliberately absent: samples, which `vocab` casts before they come here.

use std::borrow::Borrow;
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The type of a table's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyType {
    /// `ip`: IPv4.
    Ip,
    /// `ipv6`; IPv4 addresses are kept mapped.
    Ipv6,
    /// `integer`: unsigned, 32 bits.
    Integer,
    /// `string`: at most this many characters, longer ones are cut. 31 without `len`.
    String(u32),
    /// `binary`: exactly this many bytes, cut or filled with zeros. 32 without `len`.
    Binary(u32),
}

impl KeyType {
    /// The word of `type`, as `show table` prints it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ip => "ip",
            Self::Ipv6 => "ipv6",
            Self::Integer => "integer",
            Self::String(_) => "string",
            Self::Binary(_) => "binary",
        }
    }

    /// Whether a key of one type finds an entry of the other: same type, same length.
    pub fn matches(self, other: Self) -> bool {
        self == other
    }

    /// The number that HAProxy's peers give the type, and the length they give its keys: one more
    /// than a string's characters.
    pub fn on_the_wire(self) -> (u64, u32) {
        match self {
            Self::Integer => (2, 4),
            Self::Ip => (4, 4),
            Self::Ipv6 => (5, 16),
            Self::String(len) => (6, len.saturating_add(1)),
            Self::Binary(len) => (7, len),
        }
    }

    /// Whether these bytes are a key of this type.
    pub fn fits(self, key: &[u8]) -> bool {
        match self {
            Self::Integer | Self::Ip => key.len() == 4,
            Self::Ipv6 => key.len() == 16,
            Self::String(len) => (1..=len as usize).contains(&key.len()),
            Self::Binary(len) => key.len() == len as usize,
        }
    }

    /// The key of an address. `None` if the type cannot hold it.
    pub fn of_addr(self, addr: IpAddr) -> Option<Key> {
        match (self, addr) {
            (Self::Ip, IpAddr::V4(v4)) => Some(Key::new(&v4.octets())),
            (Self::Ip, IpAddr::V6(v6)) => v6.to_ipv4_mapped().map(|v4| Key::new(&v4.octets())),
            (Self::Ipv6, IpAddr::V4(v4)) => Some(Key::new(&v4.to_ipv6_mapped().octets())),
            (Self::Ipv6, IpAddr::V6(v6)) => Some(Key::new(&v6.octets())),
            (Self::Integer | Self::String(_) | Self::Binary(_), _) => None,
        }
    }

    /// The key of a number: its low 32 bits.
    pub fn of_int(self, value: i64) -> Key {
        Key::new(&(value as u32).to_be_bytes())
    }

    /// The key of a text or of bytes; `None` for an empty text, which HAProxy does not look up.
    pub fn of_bytes(self, bytes: &[u8]) -> Option<Key> {
        match self {
            Self::String(len) => {
                let text = bytes.get(..len as usize).unwrap_or(bytes);
                (!text.is_empty()).then(|| Key::new(text))
            }
            Self::Binary(len) => Some(Key::padded(bytes, len as usize)),
            Self::Ip | Self::Ipv6 | Self::Integer => None,
        }
    }

    /// Shows to `visit` the key that a text or bytes make. No key is kept: nothing is allocated
    /// but for long binary keys that have to be filled.
    pub fn with_bytes<R>(self, bytes: &[u8], visit: impl FnOnce(&[u8]) -> R) -> Option<R> {
        match self {
            Self::String(len) | Self::Binary(len) if bytes.len() >= len as usize => {
                bytes.get(..len as usize).map(visit)
            }
            Self::String(_) => (!bytes.is_empty()).then(|| visit(bytes)),
            _ => self.of_bytes(bytes).map(|key| visit(key.bytes())),
        }
    }

    /// Reads a key as the runtime API is given it. `None` if it cannot be one.
    pub fn parse(self, text: &str) -> Option<Key> {
        match self {
            Self::Ip | Self::Ipv6 => self.of_addr(text.parse().ok()?),
            Self::Integer => text.parse::<u32>().ok().map(|n| self.of_int(n.into())),
            Self::String(_) => self.of_bytes(text.as_bytes()),
            Self::Binary(_) => None,
        }
    }

    /// A key as people read it: bytes of binary keys in hexadecimal.
    pub fn show(self, key: &[u8]) -> String {
        match self {
            Self::Ip => <[u8; 4]>::try_from(key)
                .map(|octets| Ipv4Addr::from(octets).to_string())
                .unwrap_or_default(),
            Self::Ipv6 => <[u8; 16]>::try_from(key)
                .map(|octets| Ipv6Addr::from(octets).to_string())
                .unwrap_or_default(),
            Self::Integer => <[u8; 4]>::try_from(key)
                .map(|bytes| u32::from_be_bytes(bytes).to_string())
                .unwrap_or_default(),
            Self::String(_) => String::from_utf8_lossy(key).into_owned(),
            Self::Binary(_) => key.iter().map(|byte| format!("{byte:02X}")).collect(),
        }
    }
}

/// Bytes of a key; short ones in place.
#[derive(Clone)]
pub struct Key(Repr);

/// Up to so many bytes need no allocation.
const INLINE: usize = 22;

#[derive(Clone)]
enum Repr {
    Inline(u8, [u8; INLINE]),
    Heap(Box<[u8]>),
}

impl Key {
    /// A key of these bytes.
    pub fn new(bytes: &[u8]) -> Self {
        Self::padded(bytes, bytes.len())
    }

    /// A key of exactly `len` bytes, cut or filled with zeros.
    fn padded(bytes: &[u8], len: usize) -> Self {
        let used = bytes.get(..len).unwrap_or(bytes);
        let mut room = [0; INLINE];
        if let Some(start) = room.get_mut(..used.len())
            && len <= INLINE
        {
            start.copy_from_slice(used);
            return Self(Repr::Inline(len as u8, room));
        }
        let mut all = used.to_vec();
        all.resize(len, 0);
        Self(Repr::Heap(all.into()))
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        match &self.0 {
            Repr::Inline(len, room) => room.get(..usize::from(*len)).unwrap_or_default(),
            Repr::Heap(bytes) => bytes,
        }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.bytes() == other.bytes()
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes().hash(state);
    }
}

impl Borrow<[u8]> for Key {
    fn borrow(&self) -> &[u8] {
        self.bytes()
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({})", self.bytes().escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn addr(kind: KeyType, text: &str, expected: Option<&str>) {
        let key = kind.of_addr(text.parse().unwrap());
        assert_eq!(key.map(|key| kind.show(key.bytes())).as_deref(), expected);
    }

    #[test]
    fn addresses() {
        addr(KeyType::Ip, "192.0.2.1", Some("192.0.2.1"));
        addr(KeyType::Ip, "::ffff:192.0.2.1", Some("192.0.2.1"));
        addr(KeyType::Ip, "2001:db8::1", None);
        addr(KeyType::Ipv6, "192.0.2.1", Some("::ffff:192.0.2.1"));
        addr(KeyType::Ipv6, "2001:db8::1", Some("2001:db8::1"));
        addr(KeyType::Integer, "192.0.2.1", None);
    }

    #[track_caller]
    fn bytes(kind: KeyType, value: &str, expected: Option<&str>) {
        let key = kind.of_bytes(value.as_bytes());
        let shown = kind.with_bytes(value.as_bytes(), Key::new);
        assert_eq!(key, shown);
        assert_eq!(key.map(|key| kind.show(key.bytes())).as_deref(), expected);
    }

    #[test]
    fn item_154_texts_are_cut_and_bytes_filled() {
        let long = "abcdefghijklmnopqrstuvwxyz012345678";
        bytes(KeyType::String(31), long, long.get(..31));
        bytes(KeyType::String(32), long, long.get(..32));
        bytes(KeyType::String(31), "abc", Some("abc"));
        bytes(KeyType::String(31), "", None);
        bytes(KeyType::Binary(4), "ab", Some("61620000"));
        bytes(KeyType::Binary(2), "abc", Some("6162"));
        bytes(KeyType::Binary(30), "", Some(&"00".repeat(30)));
    }

    #[test]
    fn keys_of_the_runtime_api() {
        let check = |kind: KeyType, text: &str, valid| {
            let shown = kind.parse(text).map(|key| kind.show(key.bytes()));
            assert_eq!(shown.as_deref(), if valid { Some(text) } else { None });
        };
        check(KeyType::Ip, "192.0.2.1", true);
        check(KeyType::Ip, "192.0.2", false);
        check(KeyType::Integer, "4294967295", true);
        check(KeyType::Integer, "-1", false);
        check(KeyType::String(31), "GET", true);
        check(KeyType::Binary(4), "00", false);
    }

    #[test]
    fn a_key_takes_24_bytes() {
        assert_eq!(size_of::<Key>(), 24);
    }
}
