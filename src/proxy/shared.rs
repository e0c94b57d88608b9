//! What all workers of a process share: the configuration and the counts around it.

use super::counters::AllCounters;
use super::env::Tell;
use super::estate::{BackendShape, Estate};
use super::health::Reporter;
use super::limit::Limit;
use super::log_backend;
use super::pace::{Pace, Paces};
use super::streams::Streams;
use crate::backend::{Admin, Algorithm, BackendSpec, BackendState, ServerSpec, hash};
use crate::cache::Cache;
use crate::compile::config::{
    Backend, BackendId, Balance, Config, Frontend, LogConfig, LogTarget, Mode, Server, ServerKey,
    SwitchRule, SwitchTarget,
};
use crate::growing::Growing;
use crate::health;
use crate::http1::HeadLimits;
use crate::net::{Endpoint, ServerAddr};
use crate::observe::BadMessages;
use crate::observe::log::{LogChannel, LogHandle, level};
use crate::observe::stats::Rate;
use crate::protect::Protections;
use crate::protect::circuit_limits::LimitsSpec;
use crate::settings::LogDestination;
use crate::table::{Table, dump};
use crate::vocab::format::{self, Format};
use crate::vocab::log_profile::LogProfile;
use crate::vocab::variable::ProcessVars;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

/// One generation of configuration and its running state.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) config: Arc<Config>,
    /// What it shares with the generations before and after it.
    pub(super) estate: Arc<Estate>,
    pub(super) head_limits: HeadLimits,
    /// The machine's name.
    pub(super) host: String,
    /// Whether splice is allowed at all (`-dS`).
    pub(super) splice: bool,
    /// Connections of the process.
    pub(super) process: Arc<Limit>,
    /// Connections of each frontend.
    pub(super) frontends: Vec<Arc<Limit>>,
    /// `maxconnrate`, `maxsessrate` and `rate-limit sessions`, for each frontend.
    paces: Vec<Paces>,
    /// `maxcomprate`: bytes per second that compression may be given; 0 = any number.
    pub(super) compress_rate: AtomicU32,
    /// `anonkey`.
    pub(super) anon_key: AtomicU32,
    /// Servers and queue of each backend.
    pub(super) backends: Growing<Arc<BackendState>>,
    /// Whether servers are fit to serve.
    pub(super) health: Arc<health::Health>,
    /// Where what it finds goes.
    pub(super) reporter: Arc<Reporter>,
    /// Stick tables, as [`Config::tables`] numbers them.
    pub(super) tables: Vec<Arc<Table>>,
    pub(super) caches: Vec<Arc<Cache>>,
    /// Limits and breakers, as [`Config::protections`] numbers them.
    pub(super) protections: Protections,
    /// Process variables.
    pub(super) variables: ProcessVars,
    /// What happened to all of these.
    pub(super) counters: AllCounters,
    /// Lines each frontend has logged (`%lc`).
    log_lines: Vec<AtomicU32>,
    /// The sockets, by frontend and `bind` line, once they were opened.
    listeners: OnceLock<Vec<Arc<Listener>>>,
    /// Where each frontend's lines go, once logging was opened.
    channels: OnceLock<Vec<Channels>>,
    /// Where the process's own lines go.
    process_channel: OnceLock<LogChannel>,
    /// Whom lines are given to.
    log: OnceLock<LogHandle>,
    /// How lines about connections that never became one start.
    pub(super) embryonic_format: Format,
    /// The lines about new connections of frontends without a `log-format`, in TCP and HTTP mode.
    default_formats: [Format; 2],
}

/// Where the lines of a frontend go.
#[derive(Debug)]
pub(super) struct Channels {
    /// To targets without a profile.
    pub(super) plain: LogChannel,
    /// To those of each of [`LogConfig::profiled`].
    pub(super) profiled: Vec<LogChannel>,
    /// To all of them, under the tag of each profile there is: for `do-log` with one.
    pub(super) by_profile: Vec<LogChannel>,
}

impl Channels {
    fn open(log: &LogHandle, config: &LogConfig, profiles: &[Arc<LogProfile>]) -> Self {
        let channel = |targets: &[LogTarget], profile: Option<&LogProfile>| {
            let tag = profile.and_then(|profile| profile.tag.as_deref());
            log.channel(targets, tag.or(config.tag.as_deref()))
        };
        let all: Vec<LogTarget> = (config.targets.iter())
            .chain(config.profiled.iter().flat_map(|group| &group.targets))
            .cloned()
            .collect();
        let groups = config.profiled.iter();
        Self {
            plain: channel(&config.targets, None),
            profiled: groups
                .map(|group| channel(&group.targets, Some(&group.profile)))
                .collect(),
            by_profile: (profiles.iter())
                .map(|profile| channel(&all, Some(profile)))
                .collect(),
        }
    }

    /// Whether a line of this level goes anywhere.
    pub(super) fn want(&self, level: u8) -> bool {
        self.plain.wants(level) || self.profiled.iter().any(|channel| channel.wants(level))
    }
}

impl Shared {
    pub(super) fn new(
        config: Config,
        estate: &Arc<Estate>,
        workers: usize,
        splice: bool,
    ) -> Arc<Self> {
        let global = &config.global;
        let backends: Growing<_> = config
            .backends
            .iter()
            .map(|b| estate.backend(&b.name, shape(&config, b)))
            .collect();
        let clock = estate.clock();
        let reporter = Reporter::new(&config, &backends, clock, &estate.warnings);
        let counters = AllCounters::new(&config, estate, workers);
        Arc::new(Self {
            health: super::health::of(&config, &backends, clock, &reporter),
            reporter,
            head_limits: HeadLimits {
                max_size: global.bufsize.saturating_sub(global.maxrewrite),
                // The start line counts too.
                max_headers: global.maxhdr.saturating_sub(1),
            },
            host: rustix::system::uname()
                .nodename()
                .to_string_lossy()
                .into_owned(),
            splice,
            process: estate.process(global.maxconn),
            frontends: config
                .frontends
                .iter()
                .map(|f| estate.frontend(&f.name, f.maxconn))
                .collect(),
            backends,
            tables: config.tables.iter().map(|t| estate.table(t)).collect(),
            caches: config
                .caches
                .iter()
                .map(|spec| estate.cache(spec))
                .collect(),
            protections: estate.protections(&config.protections),
            estate: Arc::clone(estate),
            variables: config.variables.copy(),
            paces: paces(&config, &counters),
            compress_rate: AtomicU32::new(global.maxcomprate),
            anon_key: AtomicU32::new(global.anonkey),
            counters,
            log_lines: config.frontends.iter().map(|_| AtomicU32::new(0)).collect(),
            listeners: OnceLock::new(),
            channels: OnceLock::new(),
            process_channel: OnceLock::new(),
            log: OnceLock::new(),
            embryonic_format: format::embryonic_line(),
            default_formats: [Mode::Tcp, Mode::Http].map(format::default_line),
            config: Arc::new(config),
        })
    }

    /// Messages that were refused.
    pub(super) fn bad_messages(&self) -> &BadMessages {
        &self.estate.bad_messages
    }

    /// Puts what another process had, as `table::dump` writes it, into the tables of the same names.
    /// After an error the rest is lost, as all would be without the dumps.
    pub(super) fn fill_tables(&self, dumps: &[u8], tell: &Tell) {
        let named = |name: &str| {
            let mut tables = self.tables.iter();
            tables.find(|table| table.spec().name == name).cloned()
        };
        match dump::load(dumps, named) {
            Ok(0) => {}
            Ok(taken) => tell(
                level::NOTICE,
                &format!("Took {taken} entries of stick tables from the old process."),
            ),
            Err(error) => tell(
                level::WARNING,
                &format!("Failed to take all stick tables from the old process: {error}."),
            ),
        }
    }

    /// The connections being served.
    pub(super) fn streams(&self) -> &Streams {
        &self.estate.streams
    }

    /// Moves a server to another address. Connections that exist stay where they are.
    pub(super) fn move_server(&self, place: health::Place, addr: SocketAddr) {
        let backend = self.backends.get(place.backend);
        let config = self.config.backends.get(place.backend);
        let server = config.and_then(|config| config.servers.get(place.server));
        if let (Some(backend), Some(server)) = (backend, server) {
            let addr = ServerAddr::Tcp(addr);
            let key = ring_key(server, Some(&addr));
            let written = config.and_then(|config| config.log_servers.as_ref());
            let written = written.and_then(|to| to.servers.get(place.server)?.as_ref());
            if let (Some(LogDestination::Ring(ring)), Some(log)) = (written, self.log()) {
                log.move_server(ring, addr.clone());
            }
            backend.set_addr(place.server, addr, key);
        }
    }

    /// Opens the channels to the targets of all frontends; lines before this go nowhere.
    pub(super) fn open_log(&self, log: &LogHandle) {
        let backends = log_backend::all(&self.config, &self.backends, self.estate.clock());
        log.set_places(&self.config.rings, backends);
        let profiles = &self.config.log_profiles;
        let channels = |f: &Frontend| Channels::open(log, &f.log, profiles);
        self.channels
            .get_or_init(|| self.config.frontends.iter().map(channels).collect());
        self.reporter.open_log(&self.config, log);
        self.process_channel
            .get_or_init(|| log.channel(&self.config.global.logs, None));
        self.log.get_or_init(|| log.clone());
    }

    /// Whom lines are given to; `None` in a process that serves nobody.
    pub(super) fn log(&self) -> Option<&LogHandle> {
        self.log.get()
    }

    /// The limits per second of a frontend's connections.
    pub(super) fn paces(&self, frontend: usize) -> Option<&Paces> {
        self.paces.get(frontend)
    }

    /// Notes the sockets that were opened.
    pub(super) fn opened(&self, listeners: impl Iterator<Item = Arc<Listener>>) {
        self.listeners.get_or_init(|| listeners.collect());
    }

    /// The sockets.
    pub(super) fn listeners(&self) -> &[Arc<Listener>] {
        self.listeners.get().map_or(&[], Vec::as_slice)
    }

    /// The socket of a frontend's `bind` line.
    pub(super) fn listener(&self, frontend: usize, bind: usize) -> Option<&Listener> {
        let listeners = self.listeners();
        let key = |listener: &Arc<Listener>| (listener.frontend, listener.bind);
        let at = listeners
            .binary_search_by_key(&(frontend, bind), key)
            .ok()?;
        listeners.get(at).map(|listener| &**listener)
    }

    /// `fullconn`, as written or by default.
    pub(super) fn fullconn(&self, backend: &Backend) -> u32 {
        fullconn(&self.config, backend)
    }

    /// Where a frontend's lines go.
    pub(super) fn log_channels(&self, frontend: usize) -> Option<&Channels> {
        self.channels.get()?.get(frontend)
    }

    /// Where the process's own lines go.
    pub(super) fn process_channel(&self) -> Option<LogChannel> {
        self.process_channel.get().copied()
    }

    /// The line about a new connection.
    pub(super) fn connection_format(&self, mode: Mode) -> &Format {
        let [tcp, http] = &self.default_formats;
        match mode {
            Mode::Tcp => tcp,
            Mode::Http => http,
        }
    }

    /// Whether a frontend's log line shows the request line, so that it must be kept.
    pub(super) fn keeps_request_line(&self, frontend: usize, config: &Frontend) -> bool {
        self.log_channels(frontend)
            .is_some_and(|channels| channels.want(level::INFO))
            && config.log.wants_request_line
    }

    /// The number of the next line of a frontend, from 0.
    pub(super) fn next_log_line(&self, frontend: usize) -> u32 {
        let lines = self.log_lines.get(frontend);
        lines.map_or(0, |lines| lines.fetch_add(1, Ordering::Relaxed))
    }

    /// The number of the next request.
    pub(super) fn next_request(&self) -> u32 {
        self.estate.next_request()
    }
}

fn paces(config: &Config, counters: &AllCounters) -> Vec<Paces> {
    let (process, global) = (counters.process(), &config.global);
    let connections = Pace::new(process, Rate::Connections, global.maxconnrate);
    let sessions = Pace::new(process, Rate::Sessions, global.maxsessrate);
    let fronts = counters.fronts().zip(&config.frontends);
    fronts
        .map(|(own, frontend)| Paces {
            connections: Arc::clone(&connections),
            sessions: [
                Arc::clone(&sessions),
                Pace::new(own, Rate::Sessions, frontend.rate_limit),
            ],
        })
        .collect()
}

pub(super) fn shape(config: &Config, backend: &Backend) -> BackendShape {
    let servers = backend.servers.iter();
    BackendShape {
        spec: spec(config, backend),
        servers: servers.map(|server| Arc::clone(&server.name)).collect(),
    }
}

fn spec(config: &Config, backend: &Backend) -> BackendSpec {
    let algorithm = match &backend.balance {
        Balance::RoundRobin => Algorithm::RoundRobin,
        Balance::StaticRr => Algorithm::StaticRr,
        Balance::LeastConn => Algorithm::LeastConn,
        Balance::First => Algorithm::First,
        Balance::Random(draws) => Algorithm::Random(*draws),
        Balance::Sticky => Algorithm::Sticky,
        Balance::Hash(_) => Algorithm::Hash {
            consistent: backend.hash_type.consistent,
        },
        Balance::Default => Algorithm::Random(2),
    };
    let limits = backend.circuit_limits.each_ref();
    let limits = limits.map(|limits| limits.as_ref().map(|limits| limits.spec));
    BackendSpec {
        algorithm,
        servers: (backend.servers.iter())
            .map(|server| server_spec(backend, server))
            .collect(),
        all_backups: backend.all_backups,
        affinity: backend.hash_affinity,
        balance_factor: backend.hash_balance_factor,
        fullconn: fullconn(config, backend),
        redispatch: backend.redispatch.is_some() && !backend.persist,
        limits,
        outlier: backend.outlier,
    }
}

/// What balancing needs to know of a server of this backend.
pub(super) fn server_spec(backend: &Backend, server: &Server) -> ServerSpec {
    let limits = backend.circuit_limits.iter().flatten();
    let per_server = limits
        .map(|limits| &limits.spec)
        .find_map(LimitsSpec::per_server);
    ServerSpec {
        id: server.id,
        ring_key: ring_key(server, server.addr.as_ref()),
        weight: server.weight,
        maxconn: match (server.maxconn.max(server.minconn), per_server) {
            (0, Some(limit)) => limit,
            (maxconn, limit) => maxconn.min(limit.unwrap_or(u32::MAX)),
        },
        minconn: server.minconn,
        maxqueue: server.maxqueue,
        backup: server.backup,
        addr: server.addr.clone(),
        slowstart_s: server.slowstart_s,
        down: server
            .health
            .init_state
            .is_some_and(health::InitState::is_down),
        admin: match server.disabled {
            true => Admin::FORCED_MAINT | Admin::CONFIGURED_MAINT,
            false => Admin::READY,
        },
    }
}

/// What was written, or a tenth of what the frontends that may send something here take in,
/// rounded up.
fn fullconn(config: &Config, backend: &Backend) -> u32 {
    if backend.fullconn > 0 {
        return backend.fullconn;
    }
    let id = BackendId(backend.index);
    let leads_here =
        |rule: &SwitchRule| matches!(rule.target, SwitchTarget::Backend(to) if to == id);
    let frontends = config.frontends.iter().filter(|frontend| {
        frontend.default_backend == Some(id) || frontend.switching.iter().any(leads_here)
    });
    let total: u32 = frontends
        .map(|frontend| match frontend.maxconn {
            0 => config.global.maxconn,
            maxconn => maxconn,
        })
        .fold(0, u32::saturating_add);
    total.div_ceil(10)
}

/// `hash-key`; servers without an IP address go by their id.
pub(super) fn ring_key(server: &Server, addr: Option<&ServerAddr>) -> u32 {
    match (server.hash_key, addr) {
        (ServerKey::Id32, _) => hash::id32_key(server.id),
        (ServerKey::Addr, Some(ServerAddr::Tcp(addr))) => hash::address_key(*addr, false),
        (ServerKey::AddrPort, Some(ServerAddr::Tcp(addr))) => hash::address_key(*addr, true),
        _ => hash::id_key(server.id),
    }
}

/// What a connection needs to know of the socket it came in on.
#[derive(Debug)]
pub(super) struct Listener {
    /// The `bind` line's name, or its address.
    pub(super) name: Arc<str>,
    /// Whether it was given that name.
    pub(super) is_named: bool,
    /// Its number.
    pub(super) id: u32,
    /// Whether a PROXY header comes first.
    pub(super) accept_proxy: bool,
    /// Whether TCP streams stay that.
    pub(super) keeps_tcp: bool,
    /// Index of the frontend.
    pub(super) frontend: usize,
    /// Index among its `bind` lines.
    pub(super) bind: usize,
    /// Its address.
    pub(super) local: Endpoint,
    /// Its address when it listens on one only: every connection's destination.
    pub(super) fixed_dst: Option<Endpoint>,
    /// Listener, frontend and process.
    pub(super) limits: [Arc<Limit>; 3],
    /// How many may come per second.
    pub(super) paces: Paces,
}
