//! The resolved configuration: plain data that the data path reads.
//!
//! Indices instead of names, every default filled in. Nothing here is changed after it was built;
//! a reload builds another. What needs no rules is in [`crate::settings`].

use crate::backend::{Affinity, DynamicCookies};
use crate::cache::CacheSpec;
use crate::clock::Millis;
use crate::growing::Growing;
use crate::health::Program;
use crate::health::script::Script;
use crate::http1::Strictness;
use crate::net::KeepAlive;
use crate::observe::LogSteps;
use crate::protect::circuit_limits::LimitsSpec;
use crate::protect::outlier::OutlierSpec;
use crate::protect::{BreakerSpec, ProtectionSpecs, ProxyProtections};
pub use crate::settings::{
    AccessLevel, Balance, Bind, Compression, ConnectionMode, Cookie, CookieMode, ErrorPage,
    ErrorPages, ForwardFor, Global, HashFunction, HashKey, HashType, HeaderNames, IpNet,
    LogDestination, LogEnvelope, LogForward, LogServers, LogTarget, Mode, PeersSection, Reply,
    RetryOn, RetryPlan, RetryReason, Reuse, RingSpec, Server, ServerKey, StateFile, StatsSocket,
    Timeouts, TraceSpec, UriPart,
};
use crate::syntax::{Environment, Section};
use crate::table::Spec;
use crate::vocab::action::{ErrorAnswers, Refusal, Rule};
use crate::vocab::capture::Captures;
use crate::vocab::condition::Condition;
use crate::vocab::expression::Expression;
use crate::vocab::format::{Format, Ready};
use crate::vocab::forwarded_option::ForwardedOption;
use crate::vocab::log_profile::LogProfile;
use crate::vocab::pattern::PatternRef;
use crate::vocab::stick::StickRule;
use crate::vocab::variable::ProcessVars;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::SocketAddr;
use std::sync::Arc;

/// Index into [`Config::frontends`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FrontendId(pub u32);

/// Index into [`Config::backends`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BackendId(pub u32);

/// Everything a process needs to run.
#[derive(Debug, Default)]
pub struct Config {
    /// Process-wide settings.
    pub global: Global,
    /// `frontend` sections and the front halves of `listen` sections, in file order.
    pub frontends: Vec<Frontend>,
    /// `backend` sections and the back halves of `listen` sections, in file order, then those that
    /// were added since.
    pub backends: Growing<Backend>,
    /// The proxies in file order: what of both lists above each has. Those that were added follow.
    pub proxies: Growing<ProxyHalves>,
    /// Stick tables; words that name one have its place here.
    pub tables: Vec<Spec>,
    /// `peers` sections through which tables are shared.
    pub peers: Vec<PeersSection>,
    /// Limits and breakers; words that use one have its place here.
    pub protections: ProtectionSpecs,
    /// The lists of patterns of ACLs and maps, in the order of their ids. What they hold may change.
    pub patterns: Vec<Arc<PatternRef>>,
    /// Whether anything looks at our own address on server connections.
    pub wants_server_address: bool,
    /// `cache` sections; rules have their places here.
    pub caches: Vec<CacheSpec>,
    /// `ring` sections, and the rings of log backends' servers.
    pub rings: Vec<RingSpec>,
    /// `log-forward` sections.
    pub log_forwards: Vec<LogForward>,
    /// Every `log-profile`, by index.
    pub log_profiles: Vec<Arc<LogProfile>>,
    /// The environment that `.if` and `"${NAME}"` saw last (`show env`).
    pub environment: Environment,
    /// `defaults` sections that have a name, in order: what backends are added from.
    pub defaults: Vec<Section>,
    /// The scripts of `healthcheck` sections by name.
    pub healthchecks: HashMap<String, Arc<Script>>,
    /// What expressions name.
    pub referenced: Referenced,
    /// Every variable's name, and the values that `global` gave to those of the process.
    pub variables: ProcessVars,
}

/// Backends and servers that expressions name, by index. They cannot be removed.
#[derive(Debug, Default)]
pub struct Referenced {
    /// Backends.
    pub backends: BTreeSet<u32>,
    /// Servers: of the backend, and in there.
    pub servers: BTreeSet<(u32, u32)>,
}

/// What servers that are added to a backend are made with.
#[derive(Debug, Default)]
pub struct Newcomers {
    /// How they are checked.
    pub script: Arc<Script>,
    /// `external-check command`.
    pub program: Option<Program>,
    /// `source`.
    pub source: Option<SocketAddr>,
    /// `cookie … dynamic` and `dynamic-cookie-key`.
    pub cookies: DynamicCookies,
}

/// The targets of `log` lines that name the same `log-profile`.
#[derive(Debug)]
pub struct Profiled {
    /// What their lines say.
    pub profile: Arc<LogProfile>,
    /// Where.
    pub targets: Vec<LogTarget>,
}

/// The front and the back half of one proxy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProxyHalves {
    /// Of `frontend` and `listen`.
    pub front: Option<FrontendId>,
    /// Of `backend` and `listen`.
    pub back: Option<BackendId>,
}

/// Logging of one proxy.
#[derive(Debug, Default)]
pub struct LogConfig {
    /// Where; `log global` is already replaced by the global targets. Those with a profile are
    /// apart.
    pub targets: Arc<[LogTarget]>,
    /// What; `None` is the default connection line.
    pub format: Option<Format>,
    /// `error-log-format`: lines of connections without a request.
    pub error_format: Option<Format>,
    /// `log-format-sd`: structured data of RFC 5424 lines.
    pub structured: Option<Format>,
    /// `log-tag` of this proxy.
    pub tag: Option<Box<[u8]>>,
    /// `option dontlognull`.
    pub dont_log_null: bool,
    /// Targets whose lines are those of a `log-profile`.
    pub profiled: Vec<Profiled>,
    /// `log-steps`.
    pub steps: Option<LogSteps>,
    /// When all that `format` shows is known; `None` without a format.
    pub ready: Option<Ready>,
    /// Whether a line shows the request line, so that it must be kept.
    pub wants_request_line: bool,
    /// `option logasap`.
    pub log_asap: bool,
    /// `option dontlog-normal`.
    pub dont_log_normal: bool,
    /// `option log-separate-errors`.
    pub separate_errors: bool,
}

/// A frontend.
#[derive(Debug)]
pub struct Frontend {
    /// Its name.
    pub name: Arc<str>,
    /// `guid`.
    pub guid: Option<Arc<str>>,
    /// Numeric id as in `show stat` (`id`, or counted from 2 over all proxies).
    pub uuid: u32,
    /// `mode`.
    pub mode: Mode,
    /// `description`.
    pub description: Option<Arc<str>>,
    /// Whether each `bind` line has counters of its own (`option socket-stats`).
    pub socket_stats: bool,
    /// The other half of a `listen`.
    pub own_backend: Option<BackendId>,
    /// What its rules use of limits and breakers.
    pub protections: Arc<ProxyProtections>,
    /// `disabled`: nothing is bound.
    pub disabled: bool,
    /// `bind` lines, one per socket.
    pub binds: Vec<Bind>,
    /// Most concurrent connections; 0 = the process's limit only.
    pub maxconn: u32,
    /// `rate-limit sessions`: most new sessions per second; 0 = no limit.
    pub rate_limit: u32,
    /// Timeouts of the client side.
    pub timeouts: Timeouts,
    /// Keep-alive handling.
    pub connection_mode: ConnectionMode,
    /// `option forwardfor`.
    pub forward_for: Option<ForwardFor>,
    /// `option originalto`.
    pub original_to: Option<ForwardFor>,
    /// `option http-restrict-req-hdr-names`.
    pub header_names: HeaderNames,
    /// `http-error`: error answers that are made for each request.
    pub error_answers: Arc<ErrorAnswers>,
    /// `option http-buffer-request`: wait for the body (or a full buffer) before rules.
    pub buffer_request: bool,
    /// `compression`, in HTTP mode.
    pub compression: Option<Compression>,
    /// `filter trace` lines.
    pub traces: Box<[Arc<TraceSpec>]>,
    /// `force-be-switch` lines.
    pub force_switch: Vec<Condition>,
    /// `option accept-unsafe-violations-in-http-request`.
    pub strictness: Strictness,
    /// `option idle-close-on-response`.
    pub idle_close_on_response: bool,
    /// `option nolinger`.
    pub no_linger: bool,
    /// `option clitcpka`.
    pub keep_alive: Option<KeepAlive>,
    /// `option http-ignore-probes`.
    pub ignore_probes: bool,
    /// `option abortonclose`, as written; see the manual for the default.
    pub abort_on_close: Option<bool>,
    /// `option splice-*` or the default: whether splice may be used for requests, and for responses.
    pub splice: [bool; 2],
    /// `monitor-uri`.
    pub monitor_uri: Option<Box<[u8]>>,
    /// `monitor fail` conditions.
    pub monitor_fail: Vec<Condition>,
    /// `tcp-request connection` rules.
    pub connection_rules: Arc<[Rule]>,
    /// `tcp-request session` rules.
    pub session_rules: Arc<[Rule]>,
    /// `tcp-request content` rules.
    pub content: ContentRules,
    /// `http-request` rules. A `listen` section's are in both its halves and run once.
    pub request_rules: Arc<[Rule]>,
    /// `circuit-breaker` lines, as rules.
    pub breakers: Arc<[Rule]>,
    /// `http-response` rules.
    pub response_rules: Arc<[Rule]>,
    /// `http-after-response` rules.
    pub after_response_rules: Arc<[Rule]>,
    /// `use_backend` lines.
    pub switching: Vec<SwitchRule>,
    /// `default_backend`, or the own back half of a `listen`.
    pub default_backend: Option<BackendId>,
    /// For `%[...]` backend names.
    pub backends_by_name: Arc<BTreeMap<Box<[u8]>, BackendId>>,
    /// Error pages, the built-in ones included.
    pub error_pages: Arc<ErrorPages>,
    /// What is captured of messages; `None` is nothing.
    pub captures: Option<Captures>,
    /// `unique-id-format`.
    pub unique_id: Option<Format>,
    /// `unique-id-header`.
    pub unique_id_header: Option<Box<[u8]>>,
    /// The back half of a `listen` that has a `cookie`: its log lines always tell of it.
    pub own_cookie: Option<BackendId>,
    /// Logging.
    pub log: LogConfig,
    /// `stats`: the statistics page.
    pub stats: Option<Arc<StatsPage>>,
}

/// A statistics page.
#[derive(Debug)]
pub struct StatsPage {
    /// What its URIs begin with.
    pub uri: Box<[u8]>,
    /// Who may see it: names and passwords with a colon between; none lets everybody.
    pub accounts: Vec<Box<[u8]>>,
    /// What for, as clients are told.
    pub realm: Arc<[u8]>,
    /// Rules of its own.
    pub rules: Arc<[Rule]>,
    /// Who may change servers: any of these.
    pub admin: Vec<Condition>,
    /// Proxies that it shows; none means all.
    pub scope: Arc<[Box<str>]>,
    /// How often it is loaded again, in seconds; 0 is never.
    pub refresh_s: u64,
    /// Whether it says which version this is.
    pub version: bool,
    /// Whether it shows addresses, cookies and algorithms.
    pub legends: bool,
    /// Whether it shows counters of modules.
    pub modules: bool,
    /// This machine's name, if that is shown.
    pub node: Option<Box<str>>,
    /// A description, if that is shown.
    pub description: Option<Box<str>>,
}

/// Rules on bytes: `tcp-request content` or `tcp-response content`.
#[derive(Clone, Debug, Default)]
pub struct ContentRules {
    /// The rules, those of `defaults` first.
    pub rules: Arc<[Rule]>,
    /// `inspect-delay`: how long rules may wait for bytes; 0 is not at all.
    pub delay: Millis,
}

/// A `use_backend` line.
#[derive(Debug)]
pub struct SwitchRule {
    /// Which.
    pub target: SwitchTarget,
    /// When; `None` is always.
    pub condition: Option<Condition>,
}

/// A `force-persist` or `ignore-persist` line.
#[derive(Debug)]
pub struct PersistRule {
    /// Whether it forces persistence, rather than ignoring it.
    pub force: bool,
    /// When.
    pub condition: Condition,
}

/// The backend a `use_backend` names.
#[derive(Debug)]
pub enum SwitchTarget {
    /// Known at load.
    Backend(BackendId),
    /// Computed; an unknown name falls through to the next line.
    Format(Format),
}

/// A `use-server` line.
#[derive(Debug)]
pub struct ServerRule {
    /// Which.
    pub target: ServerTarget,
    /// When.
    pub condition: Condition,
}

/// The server a `use-server` names.
#[derive(Debug)]
pub enum ServerTarget {
    /// Known at load, by its place in [`Backend::servers`].
    Server(usize),
    /// Computed; an unknown name ends the search.
    Format(Format),
}

impl Config {
    /// The backend of that name.
    pub fn backend_named(&self, name: &[u8]) -> Option<BackendId> {
        let known = self.frontends.first();
        let known = known.and_then(|frontend| frontend.backends_by_name.get(name));
        let known = known.filter(|id| self.backends.has(id.0 as usize));
        known.copied().or_else(|| {
            let mut added = self.backends.added();
            let found = added.find(|(_, backend)| backend.name.as_bytes() == name);
            found.map(|(_, backend)| BackendId(backend.index))
        })
    }
}

impl Backend {
    /// The place of the server of that name.
    pub fn server_named(&self, name: &[u8]) -> Option<usize> {
        let known = self.servers_by_name.get(name).copied();
        known.filter(|at| self.servers.has(*at)).or_else(|| {
            let mut added = self.servers.added();
            let found = added.find(|(_, server)| server.name.as_bytes() == name);
            found.map(|(at, _)| at)
        })
    }
}

/// A `circuit-limits` line.
#[derive(Debug)]
pub struct Limits {
    /// The limits.
    pub spec: LimitsSpec,
    /// What a refused request gets.
    pub refusal: Refusal,
}

/// `circuit-breaker … scope server` lines of a backend.
#[derive(Debug, Default)]
pub struct ServerBreakers {
    /// What the breakers of a server are like, their names `<backend>/<breaker>`.
    pub specs: Vec<BreakerSpec>,
    /// The breakers of each server, in the order of [`Backend::servers`], as [`Config::protections`]
    /// numbers them. Empty without such lines.
    pub of: Growing<Box<[usize]>>,
}

impl ServerBreakers {
    /// The breakers that the server of this name at `place`, backend and server, is to have.
    pub fn specs_of(
        &self,
        place: (usize, usize),
        server: &str,
    ) -> impl Iterator<Item = BreakerSpec> {
        self.specs.iter().map(move |spec| BreakerSpec {
            name: format!("{}/{server}", spec.name).into(),
            server: Some(place),
            ..spec.clone()
        })
    }
}

/// A backend.
#[derive(Debug, Default)]
pub struct Backend {
    /// Its name.
    pub name: Arc<str>,
    /// `guid`.
    pub guid: Option<Arc<str>>,
    /// Its place in [`Config::backends`].
    pub index: u32,
    /// Numeric id; a `listen` shares it with its front half.
    pub uuid: u32,
    /// `description`.
    pub description: Option<Arc<str>>,
    /// `mode`.
    pub mode: Mode,
    /// `disabled`.
    pub disabled: bool,
    /// Servers, in order, then those that were added since.
    pub servers: Growing<Server>,
    /// What servers that are added are made with.
    pub newcomers: Newcomers,
    /// Whether it has a stick table of its own.
    pub has_table: bool,
    /// `balance`.
    pub balance: Balance,
    /// The expression of [`HashKey::Sample`].
    pub hash_sample: Option<Expression>,
    /// In `mode log`, what its servers are reached by.
    pub log_servers: Option<LogServers>,
    /// `hash-type`.
    pub hash_type: HashType,
    /// `hash-balance-factor`, in percent; 0 = none.
    pub hash_balance_factor: u32,
    /// `hash-preserve-affinity`.
    pub hash_affinity: Affinity,
    /// `option allbackups`.
    pub all_backups: bool,
    /// `use-server` lines.
    pub server_rules: Vec<ServerRule>,
    /// For `%[...]` server names.
    pub servers_by_name: BTreeMap<Box<[u8]>, usize>,
    /// Timeouts of the server side.
    pub timeouts: Timeouts,
    /// `load-server-state-from-file`.
    pub state_file: StateFile,
    /// `retries`, default 3.
    pub retries: u32,
    /// `option redispatch [n]`: `None` off, else the interval (-1 = last retry only).
    pub redispatch: Option<i32>,
    /// `retry-on`.
    pub retry_on: RetryOn,
    /// `circuit-breaker … scope server`.
    pub server_breakers: ServerBreakers,
    /// What its own rules and lines use of limits and breakers; what a `listen`'s front half does.
    pub protections: Arc<ProxyProtections>,
    /// `retry-backoff` and its kin.
    pub retry: RetryPlan,
    /// `circuit-limits`, by priority.
    pub circuit_limits: [Option<Limits>; 2],
    /// `outlier-detection`.
    pub outlier: Option<OutlierSpec>,
    /// `compression`, in HTTP mode.
    pub compression: Option<Compression>,
    /// `filter trace` lines, those of `listen` sections excepted: they are the frontend's.
    pub traces: Box<[Arc<TraceSpec>]>,
    /// `cookie`, in HTTP mode.
    pub cookie: Option<Cookie>,
    /// `option checkcache`.
    pub check_cache: bool,
    /// `option nolinger`.
    pub no_linger: bool,
    /// `option srvtcpka`.
    pub keep_alive: Option<KeepAlive>,
    /// `option prefer-last-server`.
    pub prefer_last: bool,
    /// `max-keep-alive-queue`; 0 = no limit.
    pub max_keep_alive_queue: u32,
    /// `option http-pretend-keepalive`.
    pub pretend_keep_alive: bool,
    /// `http-send-name-header`, in lower case.
    pub send_name_header: Option<Box<[u8]>>,
    /// `option persist`: clients stay with a server that is down.
    pub persist: bool,
    /// `force-persist` and `ignore-persist` lines.
    pub persist_rules: Vec<PersistRule>,
    /// `http-reuse`.
    pub reuse: Reuse,
    /// Keep-alive handling.
    pub connection_mode: ConnectionMode,
    /// `option forwarded`.
    pub forwarded: Option<ForwardedOption<Expression>>,
    /// `option forwardfor`.
    pub forward_for: Option<ForwardFor>,
    /// `option originalto`.
    pub original_to: Option<ForwardFor>,
    /// `option http-restrict-req-hdr-names`.
    pub header_names: HeaderNames,
    /// `http-error`: error answers that are made for each request.
    pub error_answers: Arc<ErrorAnswers>,
    /// `option http-buffer-request`.
    pub buffer_request: bool,
    /// `option abortonclose`: default on in HTTP mode.
    pub abort_on_close: bool,
    /// `tcp-request content` rules.
    pub content: ContentRules,
    /// `tcp-response content` rules.
    pub response_content: ContentRules,
    /// `http-request` rules, then `redirect` lines. Empty for the back half of a `listen`: its
    /// rules are those of the front half.
    pub request_rules: Arc<[Rule]>,
    /// `circuit-breaker` lines, as rules. Like other rules, a `listen` section's run once.
    pub breakers: Arc<[Rule]>,
    /// `http-response` rules.
    pub response_rules: Arc<[Rule]>,
    /// `http-after-response` rules.
    pub after_response_rules: Arc<[Rule]>,
    /// Its own error pages, which come before the frontend's.
    pub error_pages: Arc<ErrorPages>,
    /// `stick` rules.
    pub stick: Vec<StickRule>,
    /// `fullconn`; 0 = none.
    pub fullconn: u32,
    /// What messages call it: `backend`, or `proxy` of a `listen`.
    pub noun: &'static str,
    /// `option log-health-checks`.
    pub logs_checks: bool,
    /// Where lines about servers go.
    pub log_targets: Arc<[LogTarget]>,
    /// `log-tag`.
    pub log_tag: Option<Box<[u8]>>,
    /// `stats`, but for the back half of a `listen`.
    pub stats: Option<Arc<StatsPage>>,
}
