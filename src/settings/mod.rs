//! What can be configured, as plain data: indices, milliseconds and addresses instead of text.
//!
//! Here is what needs no rule, condition or format, so that the vocabulary can build it and everything
//! below the vocabulary can read it. `compile::config` puts it together into proxies. Nothing here
//! is changed after it was built. Deliberately absent: configuration text, and behaviour.

mod balance;
mod global;
mod log;
mod peers;
mod retry;
mod server;
mod trace;

pub use balance::{Balance, HashFunction, HashKey, HashType, ServerKey, UriPart};
pub use global::{AccessLevel, Global, SeverityOutput, StatsSocket, StatusClasses, StatusSet};
pub use log::{
    ForwardRules, HostPolicy, LogDestination, LogEnvelope, LogForward, LogFraming, LogSample,
    LogServers, LogTarget, RING_NAMES, RING_SIZE, RingServer, RingSpec,
};
pub use peers::{PeerAddress, PeersSection, SharedTable};
pub use retry::{Backoff, RetryOn, RetryPlan, RetryReason};
pub use server::{Cookie, CookieMode, ProxyOptions, Reuse, Server, StateFile};
pub use trace::TraceSpec;

use crate::clock::{Millis, NEVER};
use crate::http1::ResponseHead;
use crate::net::ListenAddr;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::sync::Arc;

/// `mode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Bytes.
    #[default]
    Tcp,
    /// HTTP/1.x.
    Http,
}

/// `timeout` words; [`NEVER`] when unset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "each is the `timeout` word of the same name, in milliseconds"
)]
pub struct Timeouts {
    pub client: Millis,
    pub client_fin: Millis,
    pub server: Millis,
    pub server_fin: Millis,
    pub connect: Millis,
    /// Falls back to `connect` when unset.
    pub queue: Millis,
    pub check: Millis,
    /// Falls back to `client` when unset.
    pub http_request: Millis,
    /// Falls back to `http_request`, then `client`.
    pub http_keep_alive: Millis,
    pub tunnel: Millis,
    /// Falls back to `connect`.
    pub tarpit: Millis,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            client: NEVER,
            client_fin: NEVER,
            server: NEVER,
            server_fin: NEVER,
            connect: NEVER,
            queue: NEVER,
            check: NEVER,
            http_request: NEVER,
            http_keep_alive: NEVER,
            tunnel: NEVER,
            tarpit: NEVER,
        }
    }
}

/// How connections are kept, per side. The frontend's and the backend's are combined: the
/// stricter wins (close, then server-close, then keep-alive).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConnectionMode {
    /// `option http-keep-alive`, the default.
    #[default]
    KeepAlive,
    /// `option http-server-close`.
    ServerClose,
    /// `option httpclose`.
    Close,
}

/// `option forwardfor`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardFor {
    /// Header name, default `X-Forwarded-For`.
    pub header: Box<[u8]>,
    /// Sources that add nothing.
    pub except: Option<IpNet>,
    /// Only when the request has none yet (`if-none`).
    pub if_none: bool,
}

/// `option http-restrict-req-hdr-names`: what becomes of request headers whose names have other
/// characters than letters, digits and hyphens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HeaderNames {
    /// They pass.
    #[default]
    Preserve,
    /// They are left out.
    Delete,
    /// The request is denied.
    Reject,
}

/// An address and a prefix length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IpNet {
    /// The network.
    pub addr: std::net::IpAddr,
    /// The prefix length in bits.
    pub prefix: u8,
}

impl IpNet {
    /// Whether `ip` is in the network; families never mix.
    pub fn contains(&self, ip: std::net::IpAddr) -> bool {
        use std::net::IpAddr::{V4, V6};
        let (ours, theirs, bits) = match (self.addr, ip) {
            (V4(a), V4(b)) => (u128::from(a.to_bits()), u128::from(b.to_bits()), 32),
            (V6(a), V6(b)) => (a.to_bits(), b.to_bits(), 128),
            (V4(_), V6(_)) | (V6(_), V4(_)) => return false,
        };
        let ignored = u32::from(bits - self.prefix.min(bits));
        (ours ^ theirs).checked_shr(ignored).unwrap_or(0) == 0
    }
}

/// Error pages by status: `errorfile` and the built-in ones.
pub type ErrorPages = BTreeMap<u16, ErrorPage>;

/// What is sent for an error status.
#[derive(Clone, Debug)]
pub enum ErrorPage {
    /// This message.
    Reply(Arc<Reply>),
    /// Nothing: the connection is closed without a byte (an empty errorfile).
    Silent,
}

/// One listening socket of a `bind` line.
#[derive(Clone, Debug, PartialEq)]
pub struct Bind {
    /// Where.
    pub addr: ListenAddr,
    /// `name`, or the address as written.
    pub name: Arc<str>,
    /// Whether the name was given, rather than being the address.
    pub is_named: bool,
    /// Of `guid-prefix`: what files of statistics call it.
    pub guid: Option<Arc<str>>,
    /// `id`, or counted from 1 in the proxy.
    pub id: u32,
    /// `maxconn` of this listener; 0 = none.
    pub maxconn: u32,
    /// `backlog`; `None` = a large default.
    pub backlog: Option<u32>,
    /// `accept-proxy`.
    pub accept_proxy: bool,
    /// `interface`.
    pub interface: Option<String>,
    /// `v6only` / `v4v6`.
    pub v6only: Option<bool>,
    /// `transparent`.
    pub transparent: bool,
    /// `tfo`.
    pub tfo: bool,
    /// `defer-accept`.
    pub defer_accept: bool,
    /// `proto none`: a TCP stream never goes on as HTTP.
    pub keeps_tcp: bool,
    /// UNIX socket mode, owner.
    pub unix_mode: Option<u32>,
    /// UNIX socket owner.
    pub unix_uid: Option<u32>,
    /// UNIX socket group.
    pub unix_gid: Option<u32>,
    /// File and line, for messages such as "cannot bind".
    pub location: String,
}

/// `compression`: which bodies are compressed, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compression {
    /// `algo-res`, in order of preference; empty is none.
    pub algorithms: Vec<Coding>,
    /// `type-res`: what the content's type begins with; empty is any.
    pub types: Vec<Box<[u8]>>,
    /// `minsize-res`, bytes.
    pub min_size: u64,
    /// `offload`: servers don't learn that the client accepts it.
    pub offload: bool,
    /// `direction request`: responses are left alone.
    pub requests_only: bool,
    /// `direction request` or `both`: the following applies.
    pub requests: bool,
    /// `algo-req`.
    pub request_algorithm: Option<Coding>,
    /// `type-req`, as `types`.
    pub request_types: Vec<Box<[u8]>>,
    /// `minsize-req`, bytes.
    pub request_min_size: u64,
}

/// An algorithm of `compression`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// No change, in chunks.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 1950.
    Deflate,
    /// RFC 1951 under the same name.
    RawDeflate,
}

impl Coding {
    /// By their names in the configuration.
    pub const NAMED: [(&str, Self); 4] = [
        ("identity", Self::Identity),
        ("gzip", Self::Gzip),
        ("deflate", Self::Deflate),
        ("raw-deflate", Self::RawDeflate),
    ];

    /// Its name in HTTP.
    pub fn token(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Deflate | Self::RawDeflate => "deflate",
        }
    }
}

/// A complete answer made by the proxy: an error page, a redirect, a `return`.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    /// Status line and headers; `content-length` is written by the proxy from `body`.
    pub head: ResponseHead,
    /// The body.
    pub body: Bytes,
}
