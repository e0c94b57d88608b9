//! Where connections come from and go to.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// Room for a UNIX socket's path or name, without the leading or trailing NUL.
pub const UNIX_NAME_MAX: usize = 107;

/// Where to listen, as configured and resolved: one socket.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ListenAddr {
    /// A TCP address; port ranges and lists are expanded before this point.
    Tcp(SocketAddr),
    /// A UNIX socket path.
    Unix(PathBuf),
    /// A Linux abstract socket name, every byte of it, without the leading NUL; see [`abns_name`].
    Abstract(Vec<u8>),
    /// An inherited listening descriptor.
    Fd(i32),
}

/// Where a server is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ServerAddr {
    /// A TCP address.
    Tcp(SocketAddr),
    /// A UNIX socket path.
    Unix(PathBuf),
    /// A Linux abstract socket name, as in [`ListenAddr::Abstract`].
    Abstract(Vec<u8>),
}

/// The kernel's name of an `abns@` socket: padded with NULs to full length, unlike `abnsz@`
/// (manual, section 4.2 `bind`).
pub fn abns_name(name: &[u8]) -> Vec<u8> {
    let mut padded = name.to_vec();
    padded.resize(UNIX_NAME_MAX.max(name.len()), 0);
    padded
}

impl fmt::Display for ListenAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(addr) => addr.fmt(f),
            Self::Unix(path) => path.display().fmt(f),
            Self::Abstract(name) => write_abstract(name, f),
            Self::Fd(number) => write!(f, "fd@{number}"),
        }
    }
}

impl fmt::Display for ServerAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(addr) => addr.fmt(f),
            Self::Unix(path) => path.display().fmt(f),
            Self::Abstract(name) => write_abstract(name, f),
        }
    }
}

fn write_abstract(name: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let text = name.split(|b| *b == 0).next().unwrap_or_default();
    write!(f, "abns@{}", text.escape_ascii())
}

/// One end of an established connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// A TCP peer; IPv4-mapped IPv6 addresses are kept as received.
    Inet(SocketAddr),
    /// A UNIX socket; the listener's id stands for the port in logs.
    Unix,
    /// Unknown, e.g. a PROXY header of family UNKNOWN without usable peer.
    Unknown,
}

impl Endpoint {
    /// The same end with an IPv4-mapped IPv6 address written as IPv4.
    pub fn canonical(self) -> Self {
        match self {
            Self::Inet(addr) => Self::Inet(SocketAddr::new(addr.ip().to_canonical(), addr.port())),
            Self::Unix | Self::Unknown => self,
        }
    }

    /// The IP address, if it has one.
    pub fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::Inet(addr) => Some(addr.ip()),
            Self::Unix | Self::Unknown => None,
        }
    }

    /// The TCP address, if it is one.
    pub fn inet(&self) -> Option<SocketAddr> {
        match self {
            Self::Inet(addr) => Some(*addr),
            Self::Unix | Self::Unknown => None,
        }
    }

    /// The port, if it has one.
    pub fn port(&self) -> Option<u16> {
        match self {
            Self::Inet(addr) => Some(addr.port()),
            Self::Unix | Self::Unknown => None,
        }
    }
}

impl fmt::Display for Endpoint {
    /// The address and port; `unix` or `unknown` for what has none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inet(addr) => addr.fmt(f),
            Self::Unix => f.write_str("unix"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

/// What is known of a client connection from its first moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnFacts {
    /// The client: the socket's peer, what an accepted PROXY header said, or what a rule set.
    pub src: Endpoint,
    /// The address it connected to, or what the PROXY header or a rule said.
    pub dst: Endpoint,
    /// The two ends of the connection, whatever a PROXY header or later rules made of them.
    pub ends: (Endpoint, Endpoint),
    /// When it was accepted, in microseconds of the process clock.
    pub accepted_us: u64,
    /// The type-length-values of the PROXY header that came first, if one came.
    pub proxy_tlvs: Option<Box<[u8]>>,
}

impl ConnFacts {
    /// A connection from `src` to `dst`, accepted at that microsecond of the process clock.
    pub fn new(src: Endpoint, dst: Endpoint, accepted_us: u64) -> Self {
        Self {
            src,
            dst,
            ends: (src, dst),
            accepted_us,
            proxy_tlvs: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_print_as_users_write_them() {
        for (addr, text) in [
            (ListenAddr::Tcp("[::1]:80".parse().unwrap()), "[::1]:80"),
            (ListenAddr::Unix("/run/s".into()), "/run/s"),
            (ListenAddr::Abstract(abns_name(b"name")), "abns@name"),
            (ListenAddr::Fd(3), "fd@3"),
        ] {
            assert_eq!(addr.to_string(), text);
        }
        assert_eq!(abns_name(b"name").len(), UNIX_NAME_MAX);
        assert_eq!(ServerAddr::Abstract(b"a\0".to_vec()).to_string(), "abns@a");
    }

    #[test]
    fn mapped_addresses_become_ipv4_only_when_asked() {
        let mapped = Endpoint::Inet("[::ffff:192.0.2.1]:80".parse().unwrap());
        assert_eq!(mapped.to_string(), "[::ffff:192.0.2.1]:80");
        assert_eq!(mapped.canonical().to_string(), "192.0.2.1:80");
        assert_eq!(Endpoint::Unix.canonical(), Endpoint::Unix);
        assert_eq!((mapped.port(), Endpoint::Unknown.ip()), (Some(80), None));
    }
}
