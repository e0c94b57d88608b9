//! What can be configured, as plain data: indices, milliseconds and addresses instead of text.
//!
//! Here is what needs no rule, condition or format, so that the vocabulary can build it and everything
//! below the vocabulary can read it. `compile::config` puts it together into proxies. Nothing here
//! is changed after it was built. Deliberately absent: configuration text, and behaviour.

use crate::clock::{Millis, NEVER};
use crate::http1::ResponseHead;
use crate::net::{ListenAddr, ServerAddr};
use bytes::Bytes;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// `mode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Bytes.
    #[default]
    Tcp,
    /// HTTP/1.x.
    Http,
}

/// The `global` section.
#[derive(Debug)]
pub struct Global {
    /// Worker threads; `None` = one per available core.
    pub nbthread: Option<usize>,
    /// Most client connections of the process; new ones wait in the kernel's backlog.
    pub maxconn: u32,
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
    /// `zero-warning`: refuse to start after any warning, as `-dW`.
    pub zero_warning: bool,
}

impl Default for Global {
    fn default() -> Self {
        Self {
            nbthread: None,
            maxconn: 100_000,
            maxconnrate: 0,
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
#[derive(Clone, Debug)]
pub struct Bind {
    /// Where.
    pub addr: ListenAddr,
    /// `name`, or the address as written.
    pub name: Arc<str>,
    /// Whether the name was given, rather than being the address.
    pub is_named: bool,
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
    /// UNIX socket mode, owner.
    pub unix_mode: Option<u32>,
    /// UNIX socket owner.
    pub unix_uid: Option<u32>,
    /// UNIX socket group.
    pub unix_gid: Option<u32>,
    /// File and line, for messages such as "cannot bind".
    pub location: String,
}

/// `balance`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Balance {
    /// Smooth weighted round robin.
    RoundRobin,
    /// Round robin through a table that is made once.
    StaticRr,
    /// Fewest connections.
    LeastConn,
    /// First with a free slot.
    First,
    /// Power of two choices: HAProxy 3.4's default is `random(2)`.
    Random(u32),
    /// One server for all.
    Sticky,
    /// The server that a part of the request belongs to.
    Hash(HashKey),
    /// Nothing written: HAProxy 3.4's default.
    #[default]
    Default,
}

/// What of a request is hashed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HashKey {
    /// `source`: the client's address.
    Source,
    /// `uri`.
    Uri(UriPart),
    /// `url_param`, by its name.
    UrlParam(Box<[u8]>),
    /// `hdr`.
    Header {
        /// Its name.
        name: Box<[u8]>,
        /// `use_domain_only`: of a host name, what stands before the top-level domain.
        domain_only: bool,
    },
    /// `hash` and `rdp-cookie`: an expression, kept beside this.
    Sample,
}

/// Which part of a URI is hashed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UriPart {
    /// `len`: this many bytes at most; 0 = all.
    pub len: usize,
    /// `depth`: this many directories at most; 0 = all.
    pub depth: usize,
    /// `whole`: the query too.
    pub whole: bool,
    /// `path-only`: without scheme and authority.
    pub path_only: bool,
}

/// `hash-type`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HashType {
    /// `consistent` rather than `map-based`.
    pub consistent: bool,
    /// The function.
    pub function: HashFunction,
    /// `avalanche`: mixed once more.
    pub avalanche: bool,
}

/// The functions of `hash-type`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the function of the same name")]
pub enum HashFunction {
    #[default]
    Sdbm,
    Djb2,
    Wt6,
    Crc32,
    /// The key is the hash, in decimal.
    None,
}

/// `hash-key`: what a server's places on a ring are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the choice of the same name")]
pub enum ServerKey {
    #[default]
    Id,
    Id32,
    Addr,
    AddrPort,
}

/// `cookie`: persistence by a cookie that names the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cookie {
    /// Its name.
    pub name: Box<[u8]>,
    /// Who writes it; `None` only reads it.
    pub mode: Option<CookieMode>,
    /// `indirect`: servers and clients see it only where they need it.
    pub indirect: bool,
    /// `nocache`: a response that gets the cookie must not be cached by others.
    pub nocache: bool,
    /// `postonly`: only responses to POST get it.
    pub postonly: bool,
    /// `preserve`: what a server sets itself stays.
    pub preserve: bool,
    /// What follows the value: `domain`, `httponly`, `secure`, `attr`, each with `; ` before it.
    pub attributes: Box<[u8]>,
    /// `maxidle`, seconds; 0 = for ever.
    pub max_idle_s: u32,
    /// `maxlife`, seconds; 0 = for ever.
    pub max_life_s: u32,
    /// `dynamic`: servers without a cookie get one made of their address and the backend's key.
    pub dynamic: bool,
}

/// Who writes a persistence cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CookieMode {
    /// The server sets it, its value is replaced.
    Rewrite,
    /// It is added to responses.
    Insert,
    /// The server sets it, its value is prefixed.
    Prefix,
}

impl Cookie {
    /// Whether logs tell what became of it (`%tsc`).
    pub fn is_logged(&self) -> bool {
        self.mode.is_some() || self.indirect
    }
}

/// `retry-on`: after which failures a request goes to a server once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryOn {
    reasons: u8,
    /// One bit for each of [`RetryOn::STATUSES`].
    statuses: u16,
}

/// A failure that `retry-on` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryReason {
    /// `conn-failure`: no connection came about.
    ConnFailure,
    /// `empty-response`: the server closed without a word.
    EmptyResponse,
    /// `junk-response`: what the server said is not HTTP.
    JunkResponse,
    /// `response-timeout`: the server said nothing in time.
    ResponseTimeout,
    /// `0rtt-rejected`: the server refused early data.
    EarlyDataRejected,
    /// One of [`RetryOn::STATUSES`].
    Status(u16),
}

impl Default for RetryOn {
    fn default() -> Self {
        let mut default = Self::NONE;
        default.add(RetryReason::ConnFailure);
        default
    }
}

impl RetryOn {
    /// `none`.
    pub const NONE: Self = Self {
        reasons: 0,
        statuses: 0,
    };

    /// The statuses it takes.
    pub const STATUSES: [u16; 12] = [401, 403, 404, 408, 421, 425, 429, 500, 501, 502, 503, 504];

    fn bit(status: u16) -> u16 {
        let at = Self::STATUSES.iter().position(|&known| known == status);
        at.map_or(0, |at| 1 << at)
    }

    /// Adds a reason; a status that is none of [`RetryOn::STATUSES`] adds nothing.
    pub fn add(&mut self, reason: RetryReason) {
        match reason {
            RetryReason::Status(status) => self.statuses |= Self::bit(status),
            RetryReason::ConnFailure => self.reasons |= 1,
            RetryReason::EmptyResponse => self.reasons |= 2,
            RetryReason::JunkResponse => self.reasons |= 4,
            RetryReason::ResponseTimeout => self.reasons |= 8,
            RetryReason::EarlyDataRejected => self.reasons |= 16,
        }
    }

    /// Whether that is a reason.
    pub fn has(self, reason: RetryReason) -> bool {
        let mut with = self;
        with.add(reason);
        match reason {
            RetryReason::Status(status) => self.statuses & Self::bit(status) != 0,
            _ => with == self,
        }
    }

    /// Whether a request may be sent again that a server has already seen.
    pub fn replays(self) -> bool {
        self.reasons & !1 != 0 || self.statuses != 0
    }
}

/// `proxy-v2-options`: what a PROXY header of version 2 tells beside addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProxyOptions {
    /// `crc32c`: a checksum.
    pub checksum: bool,
    /// `unique-id`: the unique id of the stream that the connection is made for.
    pub unique_id: bool,
}

/// `compression`: which responses are compressed, and how.
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

/// `http-reuse`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reuse {
    /// Connections are never shared between sessions.
    Never,
    /// The first request of a session gets a fresh connection.
    #[default]
    Safe,
    /// First requests may use connections that were reused before.
    Aggressive,
    /// Any idle connection.
    Always,
}

/// One `server`.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its name.
    pub name: Arc<str>,
    /// `id`, or counted from 1.
    pub id: u32,
    /// Where it is, resolved at start; `None` when `init-addr none` left it unresolved.
    pub addr: Option<ServerAddr>,
    /// Written without a port: the client's destination port is used.
    pub port_from_client: bool,
    /// Added to the client's destination port (`host:+N`, `host:-N`).
    pub port_offset: i32,
    /// `weight` 0..=256.
    pub weight: u32,
    /// `maxconn`; 0 = none.
    pub maxconn: u32,
    /// `minconn`; 0 = same as maxconn.
    pub minconn: u32,
    /// `maxqueue`; 0 = unlimited.
    pub maxqueue: u32,
    /// `hash-key`.
    pub hash_key: ServerKey,
    /// `backup`.
    pub backup: bool,
    /// `disabled`: in maintenance from the start.
    pub disabled: bool,
    /// `cookie`: the value of the persistence cookie that means this server.
    pub cookie: Option<Box<[u8]>>,
    /// `send-proxy` = 1, `send-proxy-v2` = 2, 0 = neither.
    pub send_proxy: u8,
    /// `proxy-v2-options`.
    pub proxy_options: ProxyOptions,
    /// `source`: local address to connect from.
    pub source: Option<std::net::SocketAddr>,
    /// `pool-max-conn`; `None` = no limit of its own.
    pub pool_max_conn: Option<u32>,
    /// `pool-purge-delay`, default 5 s.
    pub pool_purge_delay: Millis,
    /// `max-reuse`; `None` = unlimited.
    pub max_reuse: Option<u32>,
    /// `slowstart`, whole seconds; 0 = none.
    pub slowstart_s: u64,
    /// Its checks, and what follows from them.
    pub health: crate::health::ServerSpec,
}

/// A complete answer made by the proxy: an error page, a redirect, a `return`.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    /// Status line and headers; `content-length` is written by the proxy from `body`.
    pub head: ResponseHead,
    /// The body.
    pub body: Bytes,
}

/// How retries are made, but for their number and reasons (SEMANTICS 8.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPlan {
    /// `retry-backoff`; `None` is HAProxy's rule.
    pub backoff: Option<Backoff>,
    /// `retry-timeout`: how long after the first attempt a retry may still begin.
    pub timeout: Millis,
    /// `retry-body-max`: bytes of a body that is waited for and kept; `None` waits for none.
    pub body_max: Option<usize>,
    /// `conn-failure-status`: 502, 503 or 504.
    pub failure_status: u16,
}

impl Default for RetryPlan {
    fn default() -> Self {
        Self {
            backoff: None,
            timeout: NEVER,
            body_max: None,
            failure_status: 503,
        }
    }
}

/// `retry-backoff`: waits that grow and vary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// Before the first retry, milliseconds.
    pub initial: Millis,
    /// What the waits grow towards, milliseconds; at least `initial`.
    pub max: Millis,
    /// By how much of itself each may be longer or shorter, 0 to 100.
    pub jitter: u32,
}

impl Backoff {
    /// The wait before retry `number`, from 1, of at most `most`; `luck` is a random number.
    pub fn wait(&self, number: u32, most: u32, luck: u32) -> Duration {
        let (initial, max) = (self.initial as f64, self.max as f64);
        let progress = f64::from(number.saturating_sub(1)) / f64::from(most.max(1));
        let growth = (max / initial.max(f64::MIN_POSITIVE)).powf(progress);
        let share = f64::from(self.jitter) / 100.0;
        let jitter = 1.0 - share + 2.0 * share * f64::from(luck) / f64::from(u32::MAX);
        let wait = (initial * growth).min(max) * jitter;
        Duration::from_micros((wait * 1000.0) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Items 62 and 63: the waits of 4 attempts, from half to one and a half of 10, 12.6 and 15.9 ms.
    #[test]
    fn item_63_waits_grow_and_vary() {
        let check = |backoff: Backoff, luck: u32, expected: [u64; 3]| {
            let wait = |number| backoff.wait(number, 3, luck).as_micros() as u64 / 100;
            assert_eq!([wait(1), wait(2), wait(3)], expected, "{backoff:?} {luck}");
        };
        let seed = Backoff {
            initial: 10,
            max: 20,
            jitter: 50,
        };
        check(seed, 0, [50, 62, 79]);
        check(seed, u32::MAX / 2, [99, 125, 158]);
        check(seed, u32::MAX, [150, 188, 238]);
        let steady = Backoff { jitter: 0, ..seed };
        check(steady, 0, [100, 125, 158]);
        check(steady, u32::MAX, [100, 125, 158]);
        let none = Backoff {
            initial: 0,
            max: 0,
            jitter: 50,
        };
        check(none, u32::MAX, [0, 0, 0]);
    }

    #[test]
    fn item_63_medians() {
        let seed = Backoff {
            initial: 10,
            max: 20,
            jitter: 50,
        };
        for (number, expected) in [(1, 10_000), (2, 12_599), (3, 15_874)] {
            let luck = || (crate::random::next() >> 32) as u32;
            let mut waits: Vec<_> = (0..1000)
                .map(|_| seed.wait(number, 3, luck()).as_micros() as i64)
                .collect();
            waits.sort_unstable();
            let off = (waits[500] - expected).abs();
            assert!(off < expected / 8, "{number}: {}", waits[500]);
        }
    }
}
