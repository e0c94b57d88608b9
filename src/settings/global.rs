//! What the `global` section says of the process.

use super::{Bind, LogTarget};
use crate::clock::{Millis, NEVER};
use std::path::PathBuf;

/// The `global` section.
#[derive(Debug)]
pub struct Global {
    /// Worker threads; `None` = one per available core.
    pub nbthread: Option<usize>,
    /// Most client connections of the process; new ones wait in the kernel's backlog.
    pub maxconn: u32,
    /// `localpeer`; sections have it already.
    pub local_peer: Option<String>,
    /// Whether `maxconn` or `-n` says so.
    pub is_maxconn_set: bool,
    /// `anonkey`: what hides names in sessions that say `set anon on`; 0 = each chooses one.
    pub anonkey: u32,
    /// `maxcomprate`: most bytes per second that compression is given; 0 = no limit.
    pub maxcomprate: u32,
    /// `maxconnrate`: most new connections per second; 0 = no limit.
    pub maxconnrate: u32,
    /// `maxsessrate`: most new sessions per second; 0 = no limit.
    pub maxsessrate: u32,
    /// `spread-checks`: percent that the time between checks varies by, 0..=50.
    pub spread_checks: u32,
    /// `max-spread-checks`: most time that the first checks are spread over; 0 = no bound.
    pub max_spread_checks: Millis,
    /// Size of a buffer in bytes, `tune.bufsize`.
    pub bufsize: usize,
    /// Room kept for rewrites in a buffer, `tune.maxrewrite`.
    pub maxrewrite: usize,
    /// Most headers of a message, `tune.http.maxhdr`.
    pub maxhdr: usize,
    /// Longest URI kept for logs, `tune.http.logurilen`.
    pub logurilen: usize,
    /// Slots for tracked entries, `tune.stick-counters`, 0 to 100.
    pub stick_counters: u8,
    /// `http-err-codes` and `http-fail-codes`.
    pub status_classes: StatusClasses,
    /// Run in the background.
    pub daemon: bool,
    /// Write the process id here.
    pub pidfile: Option<PathBuf>,
    /// Change root after binding.
    pub chroot: Option<PathBuf>,
    /// Numeric or looked-up user to become.
    pub uid: Option<u32>,
    /// Numeric or looked-up group to become.
    pub gid: Option<u32>,
    /// `log` lines.
    pub logs: Vec<LogTarget>,
    /// `log-tag`, default `haproxy`.
    pub log_tag: Box<[u8]>,
    /// `log-send-hostname`: sent in the header when set.
    pub log_hostname: Option<Box<[u8]>>,
    /// `stats socket` lines, one per socket.
    pub stats_sockets: Vec<StatsSocket>,
    /// `stats timeout`: how long a command connection may be silent, milliseconds.
    pub stats_timeout: Millis,
    /// `stats maxconn`: most concurrent command connections.
    pub stats_maxconn: u32,
    /// `tune.cli.max-payload-size`: most bytes of a command's payload.
    pub max_payload: usize,
    /// `hard-stop-after`, milliseconds.
    pub hard_stop_after: Millis,
    /// `grace`, milliseconds.
    pub grace: Millis,
    /// `node`: this machine's name in statistics.
    pub node: Option<String>,
    /// `description`, for statistics.
    pub description: Option<String>,
    /// `server-state-base`: the directory of state files.
    pub server_state_base: Option<PathBuf>,
    /// `stats-file`.
    pub stats_file: Option<PathBuf>,
    /// `server-state-file`.
    pub server_state_file: Option<PathBuf>,
    /// `zero-warning`: refuse to start after any warning, as `-dW`.
    pub zero_warning: bool,
}

impl Default for Global {
    fn default() -> Self {
        Self {
            local_peer: None,
            nbthread: None,
            maxconn: 100_000,
            is_maxconn_set: false,
            anonkey: 0,
            maxconnrate: 0,
            maxcomprate: 0,
            maxsessrate: 0,
            spread_checks: 0,
            max_spread_checks: 0,
            bufsize: 16_384,
            maxrewrite: 1024,
            maxhdr: 101,
            logurilen: 1024,
            stick_counters: 3,
            status_classes: StatusClasses::default(),
            daemon: false,
            pidfile: None,
            chroot: None,
            uid: None,
            gid: None,
            logs: Vec::new(),
            log_tag: b"haproxy".as_slice().into(),
            log_hostname: None,
            stats_sockets: Vec::new(),
            stats_timeout: 10_000,
            stats_maxconn: 10,
            max_payload: 128 * 1024,
            hard_stop_after: NEVER,
            grace: NEVER,
            node: None,
            description: None,
            server_state_base: None,
            stats_file: None,
            server_state_file: None,
            zero_warning: false,
        }
    }
}

/// Which statuses of servers count as errors of the client, and which as failures of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusClasses {
    /// `http-err-codes`: 400 to 499 unless changed.
    pub errors: StatusSet,
    /// `http-fail-codes`: 500 to 599 but 501 and 505 unless changed.
    pub failures: StatusSet,
}

impl Default for StatusClasses {
    fn default() -> Self {
        let mut errors = StatusSet::default();
        errors.put(400, 499, true);
        let mut failures = StatusSet::default();
        failures.put(500, 599, true);
        failures.put(501, 501, false);
        failures.put(505, 505, false);
        Self { errors, failures }
    }
}

/// A set of HTTP statuses, 100 to 599.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusSet([u64; 8]);

impl StatusSet {
    /// Whether it contains this one.
    pub fn contains(&self, status: u16) -> bool {
        let bit = status.wrapping_sub(100);
        let word = self.0.get(usize::from(bit / 64));
        word.is_some_and(|word| word >> (bit % 64) & 1 == 1)
    }

    /// Adds or removes a range, both ends included.
    pub fn put(&mut self, low: u16, high: u16, is_in: bool) {
        for status in low..=high {
            let bit = status.wrapping_sub(100);
            if let Some(word) = self.0.get_mut(usize::from(bit / 64)) {
                let mask = 1 << (bit % 64);
                *word = if is_in { *word | mask } else { *word & !mask };
            }
        }
    }
}

/// One socket of a `stats socket` line.
#[derive(Clone, Debug)]
pub struct StatsSocket {
    /// The socket.
    pub bind: Bind,
    /// What who connects may do.
    pub level: AccessLevel,
    /// Whether messages say how severe they are.
    pub severity: SeverityOutput,
    /// `expose-fd listeners`: another process may take over the listening sockets.
    pub exposes_listeners: bool,
}

/// `level` of a `stats socket`; each may do what those before it may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccessLevel {
    /// Sees what is not sensitive.
    User,
    /// Sees everything, changes what does not matter.
    #[default]
    Operator,
    /// May do anything.
    Admin,
}

impl AccessLevel {
    /// All, the least first.
    pub const ALL: [Self; 3] = [Self::User, Self::Operator, Self::Admin];

    /// Its word.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }
}

/// `severity-output`: what precedes a message of the stats socket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SeverityOutput {
    /// Nothing.
    #[default]
    None,
    /// The syslog level as a number.
    Number,
    /// The syslog level's name.
    String,
}

impl SeverityOutput {
    /// The one of that word.
    pub fn find(word: &str) -> Option<Self> {
        match word {
            "none" => Some(Self::None),
            "number" => Some(Self::Number),
            "string" => Some(Self::String),
            _ => None,
        }
    }
}
