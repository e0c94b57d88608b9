//! Where connections come from and go to.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// Where to listen, as configured and resolved: one socket.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ListenAddr {
    /// A TCP address; port ranges and lists are expanded before this point.
    Tcp(SocketAddr),
    /// A UNIX socket path.
    Unix(PathBuf),
    /// A Linux abstract socket name, without the leading NUL.
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
    /// A Linux abstract socket name.
    Abstract(Vec<u8>),
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
    /// The IP address, if it has one.
    pub fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::Inet(addr) => Some(addr.ip()),
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

/// What is known of a client connection from its first moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnFacts {
    /// The client: the socket's peer, or what an accepted PROXY header said.
    pub src: Endpoint,
    /// The address it connected to, or what the PROXY header said.
    pub dst: Endpoint,
    /// When it was accepted, in microseconds of the process clock.
    pub accepted_us: u64,
}
