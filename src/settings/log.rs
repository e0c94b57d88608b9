//! Where log lines go and how they are wrapped.

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
