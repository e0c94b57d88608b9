//! What a proxy section said, before names are resolved.

use super::circuit_limits::LimitsDraft;
use super::stats::StatsDraft;
use crate::backend::Affinity;
use crate::clock::Millis;
use crate::net::KeepAlive;
use crate::observe::LogSteps;
use crate::protect::outlier::OutlierSpec;
use crate::settings::{
    Balance, Compression, ConnectionMode, Cookie, ErrorPage, ForwardFor, HashType, HeaderNames,
    Mode, RetryOn, RetryPlan, Reuse, Timeouts, TraceSpec,
};
use crate::syntax::{Span, Word};
use crate::vocab::bind_option::BindDraft;
use crate::vocab::forwarded_option::ForwardedOption;
use crate::vocab::keyword::Sections;
use crate::vocab::section::log_line::Logger;
use crate::vocab::server_option::{ServerDraft, ServerOptions};
use crate::vocab::stick_table::TableDraft;
use std::net::SocketAddr;
use std::sync::Arc;

/// The kinds of proxy section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the section of the same name")]
pub enum ProxyKind {
    Defaults,
    Frontend,
    Backend,
    Listen,
}

impl ProxyKind {
    /// The word that opens the section.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Defaults => "defaults",
            Self::Frontend => "frontend",
            Self::Backend => "backend",
            Self::Listen => "listen",
        }
    }

    /// What HAProxy's messages call such a proxy.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Listen => "proxy",
            _ => self.keyword(),
        }
    }

    /// Whether it takes connections.
    pub fn has_front(self) -> bool {
        matches!(self, Self::Frontend | Self::Listen)
    }

    /// Whether it has servers.
    pub fn has_back(self) -> bool {
        matches!(self, Self::Backend | Self::Listen)
    }

    /// The side a frontend or backend lacks.
    pub fn missing_side(self) -> Option<&'static str> {
        match self {
            Self::Frontend => Some("backend"),
            Self::Backend => Some("frontend"),
            Self::Defaults | Self::Listen => None,
        }
    }
}

/// One proxy section.
#[derive(Clone, Debug)]
pub struct ProxyDraft<'d> {
    /// Its kind.
    pub kind: ProxyKind,
    /// Its name; empty for anonymous `defaults`.
    pub name: String,
    /// The opening line.
    pub opening: Span,
    /// What proxies inherit from `defaults`.
    pub settings: Settings<'d>,
    /// The timeouts among them as they were inherited.
    pub inherited: Timeouts,
    /// `id` and its place.
    pub id: Option<(u32, Span)>,
    /// `guid` and its place.
    pub guid: Option<(String, Span)>,
    /// `description`.
    pub description: Option<String>,
    /// `bind` lines.
    pub binds: Vec<BindDraft>,
    /// Whether there is a `bind` line, right or wrong.
    pub has_bind: bool,
    /// `server` lines.
    pub servers: Vec<ServerDraft>,
    /// `stick-table`.
    pub table: Option<TableDraft<'d>>,
    /// ACLs and rules, in order.
    pub rules: Vec<Rule<'d>>,
    /// `filter trace` lines.
    pub traces: Vec<Arc<TraceSpec>>,
    /// Whether it has a `stats` line: what it inherited of that is gone.
    pub has_own_stats: bool,
}

impl<'d> ProxyDraft<'d> {
    /// An empty section that starts from these settings.
    pub fn new(kind: ProxyKind, name: String, opening: Span, settings: Settings<'d>) -> Self {
        Self {
            kind,
            name,
            opening,
            inherited: settings.timeouts,
            settings: Settings {
                checks: settings.checks.inherited(),
                ..settings
            },
            id: None,
            guid: None,
            description: None,
            binds: Vec::new(),
            has_bind: false,
            servers: Vec::new(),
            table: None,
            rules: Vec::new(),
            traces: Vec::new(),
            has_own_stats: false,
        }
    }

    /// Adds the server that `dispatch` stands for; others get nothing then.
    pub fn add_dispatch(&mut self) {
        let is_backend = matches!(self.kind, ProxyKind::Backend | ProxyKind::Listen);
        let Some(server) = self.settings.dispatch.clone().filter(|_| is_backend) else {
            return;
        };
        for other in &mut self.servers {
            other.options.weight = 0;
        }
        self.servers.push(server);
    }

    /// Whether it has rules that others inherit: anything but ACLs.
    pub fn has_rules(&self) -> bool {
        let other = |kind| {
            use RuleKind::{Acl, Capture, CircuitBreaker, Declare, HttpError, NoCircuitBreaker};
            let breaker = matches!(kind, CircuitBreaker | NoCircuitBreaker);
            !breaker && !matches!(kind, Acl | Capture | Declare | HttpError)
        };
        self.rules.iter().any(|rule| other(rule.kind))
    }

    /// The section kind as vocabularies know it.
    pub fn sections(&self) -> Sections {
        match self.kind {
            ProxyKind::Defaults if self.name.is_empty() => Sections::ANONYMOUS_DEFAULTS,
            ProxyKind::Defaults => Sections::NAMED_DEFAULTS,
            ProxyKind::Frontend => Sections::FRONTEND,
            ProxyKind::Backend => Sections::BACKEND,
            ProxyKind::Listen => Sections::LISTEN,
        }
    }
}

/// What `defaults` passes on.
#[derive(Clone, Debug)]
#[allow(
    missing_docs,
    reason = "each is the keyword or option of the same name"
)]
pub struct Settings<'d> {
    pub mode: Mode,
    /// `mode log`, for backends only.
    pub is_log: bool,
    pub disabled: bool,
    pub switches: Switches,
    pub connection_mode: Option<ConnectionMode>,
    pub forwarded: Option<ForwardedOption<&'d Word>>,
    pub forward_for: Option<ForwardFor>,
    pub original_to: Option<ForwardFor>,
    pub header_names: HeaderNames,
    pub redispatch: Option<i32>,
    pub timeouts: Timeouts,
    /// Whether a line that sets one could not be read: none is missing then.
    pub unsound_timeouts: bool,
    pub maxconn: u32,
    pub rate_limit: u32,
    pub backlog: Option<u32>,
    pub fullconn: u32,
    pub tcp_request_delay: Millis,
    pub tcp_response_delay: Millis,
    pub retries: u32,
    pub send_name_header: Option<&'d Word>,
    pub dispatch: Option<ServerDraft>,
    pub max_keep_alive_queue: u32,
    pub client_keep_alive: KeepAlive,
    pub server_keep_alive: KeepAlive,
    pub retry_on: RetryOn,
    pub retry: RetryPlan,
    pub circuit_limits: Vec<LimitsDraft<'d>>,
    pub outlier: Option<OutlierSpec>,
    pub compression: Option<Compression>,
    pub cookie: Option<Cookie>,
    pub dynamic_cookie_key: Option<&'d Word>,
    pub reuse: Reuse,
    pub state_from: StateFrom,
    pub state_file_name: Option<&'d Word>,
    pub balance: Balance,
    /// The words of [`HashKey::Sample`][crate::settings::HashKey::Sample], and the word before them.
    pub hash_sample: Option<(&'d Word, Word)>,
    pub hash_type: HashType,
    pub hash_balance_factor: u32,
    pub hash_affinity: Affinity,
    pub source: Option<SocketAddr>,
    pub monitor_uri: Option<&'d Word>,
    pub default_backend: Option<&'d Word>,
    pub logs: Vec<LogLine>,
    pub log_format: LogFormat<'d>,
    pub log_steps: Option<LogSteps>,
    pub log_tag: Option<&'d Word>,
    pub error_log_format: Option<&'d Word>,
    pub log_format_sd: Option<&'d Word>,
    pub unique_id: Option<&'d Word>,
    pub unique_id_header: Option<&'d Word>,
    pub error_pages: Vec<ErrorSource<'d>>,
    pub server: ServerOptions,
    pub checks: Checks<'d>,
    pub stats: Option<StatsDraft>,
}

impl Settings<'_> {
    /// How connections to servers are probed, if they are (`option srvtcpka`).
    pub fn server_probes(&self) -> Option<KeepAlive> {
        let is_on = self.switches.is_on(Switch::ServerKeepAlive);
        is_on.then_some(self.server_keep_alive)
    }
}

impl Default for Settings<'_> {
    fn default() -> Self {
        Self {
            mode: Mode::Tcp,
            is_log: false,
            disabled: false,
            switches: Switches::default(),
            connection_mode: None,
            forwarded: None,
            forward_for: None,
            original_to: None,
            header_names: HeaderNames::Preserve,
            redispatch: None,
            timeouts: Timeouts::default(),
            unsound_timeouts: false,
            maxconn: 0,
            rate_limit: 0,
            backlog: None,
            fullconn: 0,
            tcp_request_delay: 0,
            tcp_response_delay: 0,
            retries: 3,
            send_name_header: None,
            dispatch: None,
            max_keep_alive_queue: 0,
            client_keep_alive: KeepAlive::default(),
            server_keep_alive: KeepAlive::default(),
            retry_on: RetryOn::default(),
            retry: RetryPlan::default(),
            circuit_limits: Vec::new(),
            outlier: None,
            compression: None,
            cookie: None,
            dynamic_cookie_key: None,
            reuse: Reuse::default(),
            state_from: StateFrom::None,
            state_file_name: None,
            balance: Balance::default(),
            hash_sample: None,
            hash_type: HashType::default(),
            hash_balance_factor: 0,
            hash_affinity: Affinity::Always,
            source: None,
            monitor_uri: None,
            default_backend: None,
            logs: Vec::new(),
            log_format: LogFormat::Unset,
            log_steps: None,
            log_tag: None,
            error_log_format: None,
            log_format_sd: None,
            unique_id: None,
            unique_id_header: None,
            error_pages: Vec::new(),
            server: ServerOptions::default(),
            checks: Checks::default(),
            stats: None,
        }
    }
}

/// `load-server-state-from-file`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateFrom {
    /// `none`, the default.
    None,
    /// `global`.
    Global,
    /// `local`.
    Local,
}

/// How servers are checked.
#[derive(Clone, Debug, Default)]
pub struct Checks<'d> {
    /// What the last option chose.
    pub option: CheckOption,
    /// That option with its arguments.
    pub request: Option<&'d [Word]>,
    /// `http-check` lines, and whether they are those of `defaults`.
    pub http: Vec<&'d [Word]>,
    /// See `http`.
    pub http_inherited: bool,
    /// `tcp-check` lines.
    pub tcp: Vec<&'d [Word]>,
    /// See `tcp`.
    pub tcp_inherited: bool,
    /// `external-check` lines.
    pub external: ExternalCheck<'d>,
}

/// What `option external-check` runs.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExternalCheck<'d> {
    /// `command`.
    pub command: Option<&'d Word>,
    /// `path`: its PATH.
    pub path: Option<&'d Word>,
}

/// The kinds of check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CheckOption {
    /// A connection.
    #[default]
    Connection,
    /// `option tcp-check`.
    Tcp,
    /// `option httpchk`.
    Http,
    /// `option ldap-check`.
    Ldap,
    /// `option mysql-check`.
    Mysql,
    /// `option pgsql-check`.
    Pgsql,
    /// `option redis-check`.
    Redis,
    /// `option smtpchk`.
    Smtp,
    /// `option spop-check`.
    Spop,
    /// `option ssl-hello-chk`.
    SslHello,
    /// `option external-check`.
    External,
}

impl<'d> Checks<'d> {
    /// The same as a section that starts from them has them.
    fn inherited(self) -> Self {
        Self {
            http_inherited: true,
            tcp_inherited: true,
            ..self
        }
    }

    /// Adds a line of `http-check`; the first of a section's own replaces what it inherited.
    pub fn add_http(&mut self, words: &'d [Word]) {
        if std::mem::take(&mut self.http_inherited) {
            self.http.clear();
        }
        self.http.push(words);
    }

    /// The same of `tcp-check`.
    pub fn add_tcp(&mut self, words: &'d [Word]) {
        if std::mem::take(&mut self.tcp_inherited) {
            self.tcp.clear();
        }
        self.tcp.push(words);
    }
}

/// Where an error page comes from; of several for a status the last counts.
#[derive(Clone, Debug)]
pub enum ErrorSource<'d> {
    /// `errorfile`, `errorloc`.
    Page(u16, ErrorPage),
    /// `errorfiles`: an `http-errors` section, and the statuses taken of it; none means all.
    Set(&'d Word, Vec<u16>),
}

/// A `log` line.
#[derive(Clone, Debug)]
pub enum LogLine {
    /// `log global`.
    Global,
    /// Any other.
    Target(Logger),
}

/// Which log format a proxy asked for.
#[derive(Clone, Copy, Debug)]
pub enum LogFormat<'d> {
    /// None: the plain connection line.
    Unset,
    /// `option httplog`.
    Http,
    /// `option httplog clf`.
    HttpClf,
    /// `option httpslog`.
    Https,
    /// `option tcplog`.
    Tcp,
    /// `option tcplog clf`.
    TcpClf,
    /// `log-format`.
    Custom(&'d Word),
}

/// Options that are on, off or unset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Switches {
    on: u32,
    off: u32,
}

/// The options that work and have no argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the option of the same name")]
pub enum Switch {
    AbortOnClose,
    AcceptUnsafeRequests,
    AllBackups,
    BufferRequest,
    CheckCache,
    ClientKeepAlive,
    DontLogNormal,
    DontLogNull,
    IdleCloseOnResponse,
    IgnoreProbes,
    LogAsap,
    LogHealthChecks,
    LogSeparateErrors,
    NoLinger,
    SocketStats,
    Persist,
    PreferLastServer,
    PretendKeepAlive,
    ServerKeepAlive,
    SpliceAuto,
    SpliceRequest,
    SpliceResponse,
}

impl Switches {
    /// Whether it was turned on or off.
    pub fn state(&self, switch: Switch) -> Option<bool> {
        let bit = 1 << switch as u32;
        match (self.on & bit != 0, self.off & bit != 0) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        }
    }

    /// Whether it is on.
    pub fn is_on(&self, switch: Switch) -> bool {
        self.state(switch) == Some(true)
    }

    /// Turns it on, off or back to unset.
    pub fn put(&mut self, switch: Switch, state: Option<bool>) {
        let bit = 1 << switch as u32;
        self.on &= !bit;
        self.off &= !bit;
        match state {
            Some(true) => self.on |= bit,
            Some(false) => self.off |= bit,
            None => {}
        }
    }
}

/// A line that can only be read once the section's ACLs are known.
#[derive(Clone, Copy, Debug)]
pub struct Rule<'d> {
    /// What it is.
    pub kind: RuleKind,
    /// The whole statement.
    pub words: &'d [Word],
}

/// The kinds of such lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the keyword of the same name")]
pub enum RuleKind {
    Acl,
    /// `filter bwlim-in|bwlim-out`
    Bandwidth,
    CircuitBreaker,
    /// `no circuit-breaker`
    NoCircuitBreaker,
    HttpRequest,
    HttpResponse,
    HttpAfterResponse,
    Redirect,
    UseBackend,
    Stick,
    UseServer,
    ForceBackendSwitch,
    MonitorFail,
    StatsAdmin,
    StatsRequest,
    Capture,
    Declare,
    HttpError,
    TcpRequestConnection,
    TcpRequestContent,
    TcpRequestSession,
    TcpResponseContent,
    ForcePersist,
    IgnorePersist,
}
