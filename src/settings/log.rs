//! Where log lines go and how they are wrapped: targets, rings and their servers, log backends,
//! `log-forward`.

use super::Bind;
use crate::clock::Millis;
use crate::net::ServerAddr;
use std::path::PathBuf;

/// One resolved `log` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogTarget {
    /// Where lines go.
    pub to: LogDestination,
    /// The envelope.
    pub format: LogEnvelope,
    /// Longest line in bytes, `len`, default 1024.
    pub max_len: usize,
    /// Syslog facility number.
    pub facility: u8,
    /// Least important level sent, 0 emerg to 7 debug.
    pub max_level: u8,
    /// Levels more important than this are sent as this.
    pub min_level: u8,
    /// `sample`; `None` sends every line.
    pub sample: Option<LogSample>,
}

/// Where a log line goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogDestination {
    /// UDP syslog.
    Udp(std::net::SocketAddr),
    /// A UNIX datagram socket.
    Unix(PathBuf),
    /// An inherited descriptor; 1 is stdout, 2 is stderr.
    Fd(i32),
    /// A stream address, which a ring of its own sends to.
    Stream(ServerAddr),
    /// The ring of this name.
    Ring(Box<str>),
    /// The backend of this name, which is in `mode log`.
    Backend(Box<str>),
}

/// `format` of a `log` line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "each is the word of the same name in the manual, section 4.2 log"
)]
pub enum LogEnvelope {
    /// No `format` written: `rfc3164` with `log-send-hostname`, else `local`.
    Default,
    Local,
    Rfc3164,
    Rfc5424,
    Priority,
    Short,
    Timed,
    Iso,
    Raw,
}

/// The rings that are always there.
pub const RING_NAMES: [&str; 2] = ["buf0", "dpapi"];
/// Bytes of a ring whose size is not written: HAProxy's default buffer.
pub const RING_SIZE: usize = 16_384;

/// A `ring` section, or a ring that a `log` line or a server of a log backend needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RingSpec {
    /// Its name.
    pub name: Box<str>,
    /// `description`.
    pub description: Box<str>,
    /// `format`; `None` keeps that of the `log` line.
    pub format: Option<LogEnvelope>,
    /// `maxlen`: longer lines are cut.
    pub max_len: usize,
    /// `size` in bytes: the oldest lines make room for new ones.
    pub size: usize,
    /// `server` lines: each gets every line.
    pub servers: Vec<RingServer>,
    /// `timeout connect`.
    pub connect_ms: Millis,
    /// `timeout server`: how long a server may take to read.
    pub server_ms: Millis,
}

/// A server that a ring's lines are sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RingServer {
    /// Its address.
    pub addr: ServerAddr,
    /// `log-proto`.
    pub framing: LogFraming,
}

/// How lines are told apart on a connection (RFC 6587).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFraming {
    /// `legacy`: each ends with a line feed (section 3.4.2).
    #[default]
    Lines,
    /// `octet-count`: before each stands its length (section 3.4.1).
    Counted,
}

/// `sample` of a `log` line: which lines are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSample {
    /// First and last of each range, counted from 1, in order.
    pub ranges: Vec<(u32, u32)>,
    /// After how many lines counting starts anew.
    pub size: u32,
}

/// `option host`: what becomes of the host name in a forwarded message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HostPolicy {
    /// It is the sender's address.
    Replace,
    /// It is the sender's address where the message has none.
    #[default]
    Fill,
    /// It stays as it is.
    Keep,
    /// The sender's address is added.
    Append,
}

/// How a `log-forward` section reads messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForwardRules {
    /// Whether headers are read: not with `option dont-parse-log`.
    pub parses: bool,
    /// `option host`.
    pub host: HostPolicy,
}

/// A `log-forward` section.
#[derive(Clone, Debug)]
pub struct LogForward {
    /// Its name.
    pub name: Box<str>,
    /// `bind` lines, one per socket.
    pub binds: Vec<Bind>,
    /// `dgram-bind` lines, one per socket.
    pub datagram_binds: Vec<Bind>,
    /// Where messages go.
    pub targets: Vec<LogTarget>,
    /// `maxconn`: connections at a time.
    pub maxconn: u32,
    /// `timeout client`.
    pub client_ms: Millis,
    /// `option assume-rfc6587-ntf`: messages end with a line feed whatever they begin with.
    pub only_lines: bool,
    /// How messages are read.
    pub rules: ForwardRules,
}

/// The servers of a backend in `mode log`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogServers {
    /// What each of them is reached by, in order; `None` for one without an address.
    pub servers: Vec<Option<LogDestination>>,
    /// The rings of those that take connections.
    pub rings: Vec<RingSpec>,
}
