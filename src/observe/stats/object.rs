//! What is shown statistics of: one frontend, listener, backend or server at one moment.

use super::counters::Counters;
use super::guard::Guard;
use crate::clock::Millis;
use crate::settings::Mode;
use std::borrow::Cow;

/// The kinds of objects, by their number in `show stat`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Kind {
    Frontend = 0,
    Backend = 1,
    Server = 2,
    Listener = 3,
}

impl Kind {
    /// The letter that typed lines begin with.
    pub fn letter(self) -> char {
        match self {
            Self::Frontend => 'F',
            Self::Backend => 'B',
            Self::Server => 'S',
            Self::Listener => 'L',
        }
    }

    /// What JSON and metrics call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Frontend => "Frontend",
            Self::Backend => "Backend",
            Self::Server => "Server",
            Self::Listener => "Listener",
        }
    }
}

/// The state of an object in short.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum State {
    #[default]
    Down,
    Up,
    Maint,
    Drain,
    NoLb,
}

impl State {
    /// All of a server's, and what metrics call them.
    pub const NAMES: [(Self, &'static str); 5] = [
        (Self::Down, "DOWN"),
        (Self::Up, "UP"),
        (Self::Maint, "MAINT"),
        (Self::Drain, "DRAIN"),
        (Self::NoLb, "NOLB"),
    ];
}

/// A health or agent check of a server.
#[derive(Clone, Debug, Default)]
pub struct Check<'a> {
    /// Its last result in short, such as `L4OK`.
    pub status: &'static str,
    /// The same in words.
    pub meaning: &'static str,
    /// Whether one is under way.
    pub is_running: bool,
    /// The status that the server answered with, if it came so far.
    pub code: Option<u32>,
    /// How long the last one took, in milliseconds, once one ended.
    pub duration_ms: Option<u64>,
    /// What the last one found.
    pub found: Cow<'a, str>,
    /// `rise`, `fall`, and the health counter between 0 and their sum - 1.
    pub rise: u32,
    /// See `rise`.
    pub fall: u32,
    /// See `rise`.
    pub health: u32,
}

/// Connections to a server that are open.
#[derive(Clone, Copy, Debug, Default)]
pub struct Connections {
    /// Idle, used by one request only so far.
    pub idle: u32,
    /// Idle, reused with success.
    pub safe: u32,
    /// Idle, for one client only.
    pub private: u32,
    /// In use.
    pub used: u32,
    /// How many are thought to be needed.
    pub needed: u32,
    /// `pool-max-conn`.
    pub limit: Option<u32>,
}

/// Numbers that only servers and backends have.
#[derive(Clone, Copy, Debug, Default)]
pub struct Serving {
    /// Waiting now.
    pub queued: u32,
    /// `maxqueue`, if there is a limit.
    pub queue_limit: Option<u32>,
    /// Effective and user's weight; of a backend the sums over its servers in use.
    pub weight: u32,
    /// See `weight`.
    pub user_weight: u32,
    /// Servers in use that are no backups, and those that are.
    pub active: u32,
    /// See `active`.
    pub backup: u32,
    /// Seconds since the state changed.
    pub changed_s: u32,
    /// Seconds it was down so far; `None` if that is not known.
    pub down_s: Option<u32>,
    /// Times it went down.
    pub downs: u64,
    /// Percent of its weight during slowstart.
    pub throttle: Option<u32>,
    /// Servers in each of [`State::NAMES`].
    pub states: [u32; 5],
    /// Connections to the server.
    pub connections: Connections,
}

/// What takes looking up: results of checks, and texts.
#[derive(Clone, Debug, Default)]
pub struct About<'a> {
    /// Its address.
    pub address: Option<String>,
    /// What it listens with, such as `tcpv4`.
    pub protocol: &'static str,
    /// Checks that failed.
    pub failed_checks: u64,
    /// Failures that `observe` saw; `None` if it does not look.
    pub observed_failures: Option<u64>,
    /// The server whose state it has, `backend/server`.
    pub tracked: Option<Cow<'a, str>>,
    /// Health checks, if it has any.
    pub check: Option<Check<'a>>,
    /// Agent checks, if it has any.
    pub agent: Option<Check<'a>>,
    /// `cookie`
    pub cookie: Option<Cow<'a, str>>,
    /// `balance`
    pub algorithm: &'static str,
    /// Servers with each of [`super::metrics::CHECK_RESULTS`].
    pub check_results: [u32; 16],
}

/// How much of an object is wanted, each more than the one before. Metrics go through all objects
/// once for each metric, and most take little.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// What it is, and what was counted.
    Counts,
    /// Its numbers, and its state in short.
    Numbers,
    /// What checks found.
    Checks,
    /// Everything.
    #[default]
    All,
}

/// One line of statistics.
#[derive(Clone, Debug)]
pub struct Object<'a> {
    /// What it is.
    pub kind: Kind,
    /// The proxy's name.
    pub proxy: &'a str,
    /// Its `description`.
    pub description: Option<&'a str>,
    /// Its own name; `FRONTEND` and `BACKEND` for the halves of a proxy.
    pub name: Cow<'a, str>,
    /// The proxy's id.
    pub proxy_id: u32,
    /// Its own id; 0 for the halves of a proxy.
    pub id: u32,
    /// `mode`
    pub mode: Mode,
    /// Whether it is of a backend in `mode log`.
    pub is_log: bool,
    /// What happened to it.
    pub counters: &'a Counters,
    /// When this is.
    pub now: Millis,
    /// Sessions now.
    pub sessions: u32,
    /// `maxconn`, `fullconn`; `None` where no limit is shown.
    pub session_limit: Option<u32>,
    /// Sessions per second; 0 is no limit.
    pub rate_limit: u32,
    /// Its state in HAProxy's words.
    pub status: Cow<'a, str>,
    /// Its state in short.
    pub state: State,
    /// Streams now.
    pub streams: u32,
    /// What servers and backends have besides.
    pub serving: Serving,
    /// Its limits and breakers, where they are wanted.
    pub guards: Vec<Guard>,
    /// The rest, if that was wanted.
    pub about: Option<Box<About<'a>>>,
}

impl<'a> Object<'a> {
    /// What takes looking up, if that was wanted.
    pub fn about(&self) -> Option<&About<'a>> {
        self.about.as_deref()
    }

    /// Whether it has HTTP's columns.
    pub fn is_http(&self) -> bool {
        self.mode == Mode::Http
    }

    /// Seconds since a session was last given to it.
    pub fn last_session_s(&self) -> Option<u32> {
        let last = self.counters.last_session()?;
        u32::try_from(self.now.saturating_sub(last) / 1000).ok()
    }
}
