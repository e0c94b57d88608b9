//! The facts of one stream (one HTTP request, or one TCP session) that logs and counters need.

use std::net::SocketAddr;
use std::sync::Arc;

/// A line of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The file's name.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
}

/// How a stream ended: the two letters of `%ts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Termination {
    /// Who or what ended it: `C c S s P R I L Q D U K` or `-`.
    pub cause: u8,
    /// In which phase: `R Q C H D L T` or `-`.
    pub phase: u8,
}

impl Termination {
    /// A normal end, `--`.
    pub const NORMAL: Self = Self {
        cause: b'-',
        phase: b'-',
    };
}

/// What happened to one stream. Times are microseconds of the process clock; 0 = never reached.
#[derive(Clone, Debug)]
pub struct Record {
    /// When the connection was accepted.
    pub accepted_us: u64,
    /// When the handshakes (PROXY header) were done; equals `accepted_us` without any.
    pub handshake_us: u64,
    /// When the wait for the request began: the handshakes' end, or the end of the previous request.
    pub idle_since_us: u64,
    /// When the first byte of the request arrived.
    pub request_start_us: u64,
    /// When the request head was complete.
    pub request_end_us: u64,
    /// When the request left the queue and a connection was started or reused.
    pub queued_us: u64,
    /// When the server connection was usable.
    pub connected_us: u64,
    /// When the response head was complete.
    pub response_us: u64,
    /// When the stream ended.
    pub end_us: u64,
    /// Status sent to the client, 0 if none (logged as -1).
    pub status: u16,
    /// Bytes sent to the client, heads included (`%B`).
    pub bytes_out: u64,
    /// Bytes received from the client and forwarded (`%U`).
    pub bytes_in: u64,
    /// How it ended.
    pub termination: Termination,
    /// Index of the server last chosen in its backend.
    pub server: Option<usize>,
    /// Whether the server connection had served a request before.
    pub reused: bool,
    /// Connection retries made (`%rc`).
    pub retries: u32,
    /// Whether a retry went to another server (`+` before `%rc`).
    pub redispatched: bool,
    /// Position in the server's and the backend's queue (`%sq`, `%bq`).
    pub server_queue: u32,
    /// See `server_queue`.
    pub backend_queue: u32,
    /// Concurrent connections when it ended: process, frontend, backend, server.
    pub conns: [u32; 4],
    /// The request line as received, for `%r %HM %HU %HV…`; empty when nothing was parsed.
    /// At most `tune.http.logurilen` bytes; filled only if a log format wants it.
    pub request_line: Vec<u8>,
    /// The invalid request was answered by the proxy (`<BADREQ>` is logged for the line).
    pub bad_request: bool,
    /// Sequence number of this request in the process (`%rt`).
    pub request_counter: u32,
    /// Lines the frontend has logged so far (`%lc`).
    pub log_counter: u32,
    /// Our address on the server connection (`%bi`, `%bp`).
    pub server_local: Option<SocketAddr>,
    /// The server's address on that connection (`%si`, `%sp`).
    pub server_peer: Option<SocketAddr>,
    /// The rule that ended the evaluation of a rule set.
    pub last_rule: Option<Location>,
    /// It waits for its body before rules (`option http-buffer-request`).
    pub waiting_for_body: bool,
    /// Logged before the end (`option logasap`): totals so far are marked with `+`.
    pub unfinished: bool,
}

impl Default for Record {
    fn default() -> Self {
        Self {
            accepted_us: 0,
            handshake_us: 0,
            idle_since_us: 0,
            request_start_us: 0,
            request_end_us: 0,
            queued_us: 0,
            connected_us: 0,
            response_us: 0,
            end_us: 0,
            status: 0,
            bytes_out: 0,
            bytes_in: 0,
            termination: Termination::NORMAL,
            server: None,
            reused: false,
            retries: 0,
            redispatched: false,
            server_queue: 0,
            backend_queue: 0,
            conns: [0; 4],
            request_line: Vec::new(),
            bad_request: false,
            request_counter: 0,
            log_counter: 0,
            server_local: None,
            server_peer: None,
            last_rule: None,
            waiting_for_body: false,
            unfinished: false,
        }
    }
}

impl Record {
    /// Bytes of both directions so far.
    pub fn bytes(&self) -> u64 {
        self.bytes_in.saturating_add(self.bytes_out)
    }

    /// Forgets everything, keeping the capacity of the request line.
    pub fn clear(&mut self) {
        let mut request_line = std::mem::take(&mut self.request_line);
        request_line.clear();
        *self = Self {
            request_line,
            ..Self::default()
        };
    }
}
