//! The facts of one stream (one HTTP request, or one TCP session) that logs and counters need.

use super::LogStep;
use crate::cache::Use;
use std::cell::{Cell, OnceCell, RefCell};
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

/// Texts captured of a message, each in its slot. Memory of earlier streams is kept. Conditions
/// and formats can capture too, hence the cells.
#[derive(Clone, Debug, Default)]
pub struct Captured {
    slots: RefCell<Vec<Slot>>,
    used: Cell<usize>,
}

#[derive(Clone, Debug, Default)]
struct Slot {
    limit: usize,
    /// Whether anything was captured.
    set: bool,
    text: Vec<u8>,
}

impl Captured {
    /// Makes empty slots that hold at most so many bytes.
    pub fn prepare(&self, limits: impl ExactSizeIterator<Item = usize>) {
        let mut slots = self.slots.borrow_mut();
        self.used.set(limits.len());
        if slots.len() < limits.len() {
            slots.resize_with(limits.len(), Slot::default);
        }
        for (slot, limit) in slots.iter_mut().zip(limits) {
            (slot.limit, slot.set) = (limit, false);
        }
    }

    /// Forgets the slots.
    pub fn clear(&self) {
        self.used.set(0);
    }

    /// How many slots there are.
    pub fn len(&self) -> usize {
        self.used.get()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Shows what is in a slot to `visit`, if anything was captured there.
    pub fn with<R>(&self, index: usize, visit: impl FnOnce(&[u8]) -> R) -> Option<R> {
        let slots = self.slots.borrow();
        let slot = slots.get(..self.len())?.get(index)?;
        slot.set.then(|| visit(&slot.text))
    }

    /// Puts a text into a slot, in place of what was there and cut to what it holds. Whether there is
    /// such a slot.
    pub fn put(&self, index: usize, text: &[u8]) -> bool {
        let mut slots = self.slots.borrow_mut();
        let slot = slots
            .get_mut(..self.len())
            .and_then(|slots| slots.get_mut(index));
        let Some(slot) = slot else { return false };
        slot.set = true;
        slot.text.clear();
        slot.text
            .extend_from_slice(text.get(..slot.limit).unwrap_or(text));
        true
    }
}

/// At which level a stream is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogLevel {
    /// As how it ended says.
    #[default]
    Usual,
    /// Not at all.
    Silent,
    /// At this syslog level, 0 to 7.
    Level(u8),
}

/// What rules chose for one stream, in place of what the configuration says for all.
#[derive(Clone, Debug, Default)]
pub struct ByRules {
    /// At which level it is logged.
    pub log_level: Cell<LogLevel>,
    /// `timeout` words, in milliseconds.
    pub timeouts: [Cell<Option<u64>>; StreamTimeout::COUNT],
    /// Connection retries.
    pub retries: Cell<Option<u32>>,
    /// `set-priority-class`: lower ones leave queues first.
    pub priority_class: Cell<i32>,
    /// `set-priority-offset`: within a class, as if it had come so many milliseconds later.
    pub priority_offset: Cell<i32>,
    /// Whether the request must not be sent twice.
    pub no_l7_retry: Cell<bool>,
    /// Whether failed edits of the request are ignored (`strict-mode off`).
    pub lenient_request: Cell<bool>,
    /// The same for the response.
    pub lenient_response: Cell<bool>,
    /// Edits of messages that failed.
    pub failed_rewrites: Cell<u32>,
    /// Which limit or breaker refused it, or would have (`txn.blocked_by`).
    pub blocked_by: RefCell<Option<Arc<str>>>,
    /// Headers of the interim response 103 that is being put together, as they will be written.
    pub hints: RefCell<Vec<u8>>,
}

/// The timeouts that `set-timeout` changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the `timeout` word of the same name")]
pub enum StreamTimeout {
    Client,
    Connect,
    Queue,
    Server,
    Tarpit,
    Tunnel,
}

impl StreamTimeout {
    const COUNT: usize = 6;
}

impl ByRules {
    fn clear(&mut self) {
        self.log_level.take();
        self.timeouts.iter().for_each(|timeout| timeout.set(None));
        self.retries.take();
        self.priority_class.take();
        self.priority_offset.take();
        self.no_l7_retry.take();
        self.lenient_request.take();
        self.lenient_response.take();
        self.failed_rewrites.take();
        self.blocked_by.take();
        self.hints.get_mut().clear();
    }

    /// The timeout in force: what a rule said, or what the configuration says.
    pub fn timeout(&self, which: StreamTimeout, configured: u64) -> u64 {
        self.chosen_timeout(which).unwrap_or(configured)
    }

    /// What a rule said of a timeout, in milliseconds.
    pub fn chosen_timeout(&self, which: StreamTimeout) -> Option<u64> {
        self.timeouts.get(which as usize).and_then(Cell::get)
    }

    /// Changes a timeout.
    pub fn set_timeout(&self, which: StreamTimeout, value: u64) {
        if let Some(timeout) = self.timeouts.get(which as usize) {
            timeout.set(Some(value));
        }
    }
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
    /// Bytes that came from the server, or from what answers in its place, heads included (`%B`).
    pub bytes_out: u64,
    /// Bytes received from the client (`%U`).
    pub bytes_in: u64,
    /// Bytes of an answer that was made here and sent instead of what the server said.
    pub answer_bytes: u64,
    /// Bytes from and to the client that never left the kernel.
    pub spliced: [u64; 2],
    /// How it ended.
    pub termination: Termination,
    /// Index of the server last chosen in its backend.
    pub server: Option<usize>,
    /// The part of this program that answered in a server's place, as logs name it (`<STATS>`).
    pub served_by: Option<&'static str>,
    /// Whether the server connection had served a request before.
    pub reused: bool,
    /// Connection retries made (`%rc`).
    pub retries: u32,
    /// Whether a retry went to another server (`+` before `%rc`).
    pub redispatched: bool,
    /// How many others its server served when the stream left it, if it has.
    pub left_at_server: Option<u32>,
    /// Turns that came in the server's and the backend's queue until its own (`%sq`, `%bq`).
    pub server_queue: u32,
    /// See `server_queue`.
    pub backend_queue: u32,
    /// Concurrent connections when it ended: process, frontend, backend, server.
    pub conns: Cell<[u32; 4]>,
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
    /// What the frontend's request captures hold.
    pub request_captures: Captured,
    /// What its response captures hold.
    pub response_captures: Captured,
    /// What became of the persistence cookie: the client's, the server's (`%tsc`).
    pub persistence: [u8; 2],
    /// The captured cookie as the client sent it and as the server set it (`%CC`, `%CS`).
    pub cookies: Captured,
    /// The unique id, once something asked for it (`%ID`).
    pub unique_id: OnceCell<Box<[u8]>>,
    /// Whether the connection had a request before this one.
    pub followed: bool,
    /// Status the server answered with, 0 if none.
    pub server_status: u16,
    /// What rules chose for this stream.
    pub by_rules: ByRules,
    /// Totals are those so far (`option logasap`): they are marked with `+`.
    pub unfinished: bool,
    /// What it has to do with caches.
    pub cache: RefCell<Use>,
    /// What the response was compressed with.
    pub coding: Option<&'static str>,
    /// Bytes of its body that were, and what was made of them.
    pub coded: (u64, u64),
    /// What the line being written is about.
    pub step: Cell<LogStep>,
    /// Whether a line was written.
    pub is_logged: bool,
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
            answer_bytes: 0,
            spliced: [0; 2],
            termination: Termination::NORMAL,
            server: None,
            served_by: None,
            reused: false,
            retries: 0,
            redispatched: false,
            left_at_server: None,
            server_queue: 0,
            backend_queue: 0,
            conns: Cell::default(),
            request_line: Vec::new(),
            bad_request: false,
            request_counter: 0,
            log_counter: 0,
            server_local: None,
            server_peer: None,
            last_rule: None,
            waiting_for_body: false,
            request_captures: Captured::default(),
            response_captures: Captured::default(),
            persistence: *b"--",
            cookies: Captured::default(),
            unique_id: OnceCell::new(),
            followed: false,
            server_status: 0,
            by_rules: ByRules::default(),
            unfinished: false,
            cache: RefCell::default(),
            coding: None,
            coded: (0, 0),
            step: Cell::default(),
            is_logged: false,
        }
    }
}

impl Record {
    /// Bytes of both directions so far.
    pub fn bytes(&self) -> u64 {
        self.bytes_in.saturating_add(self.bytes_out)
    }

    /// Bytes of the request that went on to a server, or to what answers in its place.
    pub fn bytes_forwarded(&self) -> u64 {
        match self.connected_us {
            0 => 0,
            _ => self.bytes_in,
        }
    }

    /// Bytes sent to the client.
    pub fn bytes_sent(&self) -> u64 {
        match self.answer_bytes {
            0 => self.bytes_out,
            made => made,
        }
    }

    /// Forgets everything, keeping the capacity of the texts. In place, field by field: a whole new
    /// record costs 600 instructions of copying per request.
    pub fn clear(&mut self) {
        self.accepted_us = 0;
        self.handshake_us = 0;
        self.idle_since_us = 0;
        self.request_start_us = 0;
        self.request_end_us = 0;
        self.queued_us = 0;
        self.connected_us = 0;
        self.response_us = 0;
        self.end_us = 0;
        self.status = 0;
        self.bytes_out = 0;
        self.bytes_in = 0;
        self.answer_bytes = 0;
        self.spliced = [0; 2];
        self.termination = Termination::NORMAL;
        self.server = None;
        self.served_by = None;
        self.reused = false;
        self.retries = 0;
        self.redispatched = false;
        self.left_at_server = None;
        self.server_queue = 0;
        self.backend_queue = 0;
        self.conns.take();
        self.request_line.clear();
        self.bad_request = false;
        self.request_counter = 0;
        self.log_counter = 0;
        self.server_local = None;
        self.server_peer = None;
        self.last_rule = None;
        self.waiting_for_body = false;
        self.request_captures.clear();
        self.response_captures.clear();
        self.persistence = *b"--";
        self.cookies.clear();
        self.unique_id.take();
        self.followed = false;
        self.server_status = 0;
        self.by_rules.clear();
        self.unfinished = false;
        self.cache.get_mut().clear();
        self.coding = None;
        self.coded = (0, 0);
        self.step.take();
        self.is_logged = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every field is written here, so that a new one is missed neither here nor in `clear`.
    #[test]
    fn nothing_is_left_of_a_cleared_record() {
        let captured = || {
            let captured = Captured::default();
            captured.prepare([3].into_iter());
            captured.put(0, b"abc");
            captured
        };
        let address = Some(SocketAddr::from(([192, 0, 2, 1], 80)));
        let mut record = Record {
            accepted_us: 1,
            handshake_us: 1,
            idle_since_us: 1,
            request_start_us: 1,
            request_end_us: 1,
            queued_us: 1,
            connected_us: 1,
            response_us: 1,
            end_us: 1,
            status: 1,
            bytes_out: 1,
            bytes_in: 1,
            answer_bytes: 1,
            spliced: [1; 2],
            termination: Termination {
                cause: b'S',
                phase: b'D',
            },
            server: Some(1),
            served_by: Some("<STATS>"),
            reused: true,
            retries: 1,
            redispatched: true,
            left_at_server: Some(1),
            server_queue: 1,
            backend_queue: 1,
            conns: Cell::new([1; 4]),
            request_line: b"GET /".to_vec(),
            bad_request: true,
            request_counter: 1,
            log_counter: 1,
            server_local: address,
            server_peer: address,
            last_rule: Some(Location {
                file: "a".into(),
                line: 1,
            }),
            waiting_for_body: true,
            request_captures: captured(),
            response_captures: captured(),
            persistence: *b"VN",
            cookies: captured(),
            unique_id: OnceCell::from(Box::from(&b"id"[..])),
            followed: true,
            server_status: 1,
            by_rules: ByRules {
                log_level: Cell::new(LogLevel::Silent),
                timeouts: [const { Cell::new(Some(1)) }; StreamTimeout::COUNT],
                retries: Cell::new(Some(1)),
                priority_class: Cell::new(1),
                priority_offset: Cell::new(1),
                no_l7_retry: Cell::new(true),
                lenient_request: Cell::new(true),
                lenient_response: Cell::new(true),
                failed_rewrites: Cell::new(1),
                blocked_by: RefCell::new(Some("limit".into())),
                hints: RefCell::new(vec![1]),
            },
            unfinished: true,
            cache: RefCell::new(Use {
                key: Some(Default::default()),
                ..Use::default()
            }),
            coding: Some("gzip"),
            coded: (1, 1),
            step: Cell::new(LogStep::Killed),
            is_logged: true,
        };
        record.clear();
        for captured in [
            &record.request_captures,
            &record.response_captures,
            &record.cookies,
        ] {
            assert!(captured.is_empty() && captured.with(0, <[u8]>::len).is_none());
        }
        // What they held keeps its memory, and shows in their text.
        (record.request_captures, record.response_captures) = Default::default();
        record.cookies = Captured::default();
        assert_eq!(format!("{record:?}"), format!("{:?}", Record::default()));
    }
}
