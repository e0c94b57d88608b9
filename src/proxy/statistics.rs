//! Describing what a process serves, one object after the other, for whoever shows statistics.
//!
//! A [`Walk`] goes through the proxies in the order of the configuration and makes each object when
//! it is asked for: nothing is copied, and a slow reader holds nothing up. Deliberately absent:
//! formats, which are `observe::stats`'s.

use super::guards;
use super::limit::Door;
use super::shared::{Listener, Shared};
use crate::backend::{Admin, BackendState, CookieValue, Operation, ServerState};
use crate::clock::{Clock, Millis};
use crate::compile::config::{Backend, Balance, Frontend, HashKey, ProxyHalves, Server};
use crate::health::{CheckKind, CheckStatus, Health, Observe, Place};
use crate::net::{Endpoint, ServerAddr};
use crate::observe::stats::metrics::CHECK_RESULTS;
use crate::observe::stats::{
    About, Check, Connections, Count, Counters, Depth, Format, Guard, Kind, Object, Process, Rate,
    Serving, State,
};
use crate::version::{HAPROXY, HAPROXY_DATE};
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Bytes sent are counted per second in units of so many.
pub(super) const BYTES_PER_UNIT: u64 = 32;

/// Which objects are wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Only proxies of this id.
    pub proxy: Option<u32>,
    /// Only servers and listeners of this id.
    pub id: Option<u32>,
    /// A bit for each [`Kind`].
    pub kinds: u8,
    /// Only proxies of these names; none means all.
    pub names: Arc<[Box<str>]>,
    /// Only proxies with this in their names.
    pub containing: Box<str>,
    /// Not servers in maintenance.
    pub no_maint: bool,
    /// Not servers that are down.
    pub up: bool,
    /// With addresses and cookies.
    pub legends: bool,
    /// How much of each.
    pub depth: Depth,
    /// With what limits and breakers do.
    pub guards: bool,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            proxy: None,
            id: None,
            kinds: u8::MAX,
            names: Arc::default(),
            containing: Box::default(),
            no_maint: false,
            up: false,
            legends: false,
            depth: Depth::All,
            guards: false,
        }
    }
}

impl Wanted {
    fn has_proxy(&self, id: u32, name: &str) -> bool {
        let named = self.names.is_empty() || self.names.iter().any(|own| **own == *name);
        let contains = || {
            let (name, part) = (name.as_bytes(), self.containing.as_bytes());
            let mut windows = name.windows(part.len().max(1));
            part.is_empty() || windows.any(|window| window.eq_ignore_ascii_case(part))
        };
        named && self.proxy.is_none_or(|own| own == id) && contains()
    }

    fn has_kind(&self, kind: Kind) -> bool {
        self.kinds & 1 << kind as u8 != 0
    }

    fn has_id(&self, id: u32) -> bool {
        self.id.is_none_or(|own| own == id)
    }
}

/// What `show stat` shows, and how.
#[derive(Clone, Debug)]
pub struct StatQuery {
    /// Which objects.
    pub wanted: Wanted,
    /// In which format.
    pub format: Format,
    /// Typed lines end with what the column says.
    pub docs: bool,
}

/// How far the objects have been gone through.
#[derive(Clone, Debug, Default)]
pub(super) struct Walk {
    proxy: usize,
    step: Step,
}

/// What comes next of a proxy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Step {
    #[default]
    Front,
    Listener(usize),
    Server(usize),
    Back,
}

impl Walk {
    /// The next one that is wanted.
    pub(super) fn next<'a>(
        &mut self,
        shared: &'a Shared,
        wanted: &Wanted,
        now: Millis,
    ) -> Option<Object<'a>> {
        loop {
            let halves = *shared.config.proxies.get(self.proxy)?;
            let look = Look {
                shared,
                wanted,
                now,
                halves,
            };
            let is_new = self.step == Step::Front;
            if is_new && !(shared.config.proxies.has(self.proxy) && look.is_wanted()) {
                *self = Self {
                    proxy: self.proxy + 1,
                    step: Step::Front,
                };
                continue;
            }
            let mut found = look.object(self.step);
            if let Some(found) = found.as_mut().filter(|_| wanted.guards) {
                found.guards = look.guards(self.step);
            }
            match look.after(self.step) {
                Some(step) => self.step = step,
                None => {
                    *self = Self {
                        proxy: self.proxy + 1,
                        step: Step::Front,
                    }
                }
            }
            if found.is_some() {
                return found;
            }
        }
    }
}

/// One proxy being looked at.
struct Look<'a, 'w> {
    shared: &'a Shared,
    wanted: &'w Wanted,
    now: Millis,
    halves: ProxyHalves,
}

impl<'a> Look<'a, '_> {
    fn front(&self) -> Option<(usize, &'a Frontend)> {
        let index = self.halves.front?.0 as usize;
        Some((index, self.shared.config.frontends.get(index)?))
    }

    fn back(&self) -> Option<(usize, &'a Backend, &'a Arc<BackendState>)> {
        let index = self.halves.back?.0 as usize;
        let config = self.shared.config.backends.get(index)?;
        Some((index, config, self.shared.backends.get(index)?))
    }

    fn is_wanted(&self) -> bool {
        let (front, back) = (self.front(), self.back());
        let front = front.map(|(_, f)| (f.uuid, &f.name, f.disabled));
        let back = back.map(|(_, b, _)| (b.uuid, &b.name, b.disabled));
        front
            .or(back)
            .is_some_and(|(id, name, disabled)| !disabled && self.wanted.has_proxy(id, name))
    }

    /// The object of a step, if there is one and it is wanted.
    fn object(&self, step: Step) -> Option<Object<'a>> {
        let wants = |kind| self.wanted.has_kind(kind);
        match step {
            Step::Front if wants(Kind::Frontend) => self.frontend(),
            Step::Listener(at) if wants(Kind::Listener) => self.listener(at),
            Step::Server(at) if wants(Kind::Server) => self.server(at),
            Step::Back if wants(Kind::Backend) => self.backend(),
            _ => None,
        }
    }

    /// The step after one.
    fn after(&self, step: Step) -> Option<Step> {
        let wants = |kind| self.wanted.has_kind(kind);
        let listeners = || self.front().map_or(0, |(_, front)| front.binds.len());
        let servers = || self.back().map_or(0, |(_, back, _)| back.servers.len());
        Some(match step {
            Step::Front => Step::Listener(0),
            Step::Listener(at) if wants(Kind::Listener) && at + 1 < listeners() => {
                Step::Listener(at + 1)
            }
            Step::Listener(_) => Step::Server(0),
            Step::Server(at) if wants(Kind::Server) && at + 1 < servers() => Step::Server(at + 1),
            Step::Server(_) => Step::Back,
            Step::Back => return None,
        })
    }

    /// What limits and breakers the object of a step has.
    fn guards(&self, step: Step) -> Vec<Guard> {
        let found = match step {
            Step::Front => self
                .front()
                .map(|(_, front)| guards::of_rules(self.shared, &front.protections)),
            Step::Listener(_) => None,
            Step::Server(at) => self
                .back()
                .map(|(_, back, _)| guards::of_server(self.shared, back, at)),
            Step::Back => self
                .back()
                .map(|(_, back, state)| guards::of_backend(self.shared, back, state, self.now)),
        };
        found.unwrap_or_default()
    }

    fn frontend(&self) -> Option<Object<'a>> {
        let (index, config) = self.front()?;
        let limit = match config.maxconn {
            0 => self.shared.config.global.maxconn,
            maxconn => maxconn,
        };
        Some(Object {
            kind: Kind::Frontend,
            proxy: &config.name,
            description: config.description.as_deref(),
            name: Cow::Borrowed("FRONTEND"),
            proxy_id: config.uuid,
            id: 0,
            mode: config.mode,
            is_log: false,
            counters: self.shared.counters.frontend(index)?,
            now: self.now,
            sessions: self.shared.frontends.get(index)?.used(),
            session_limit: Some(limit),
            rate_limit: config.rate_limit,
            status: Cow::Borrowed(match self.shared.frontends.get(index)?.door() {
                Door::Open => "OPEN",
                Door::Paused => "PAUSED",
                Door::Shut => "STOP",
            }),
            state: State::Up,
            streams: 0,
            serving: Serving::default(),
            about: None,
            guards: Vec::new(),
        })
    }

    fn listener(&self, at: usize) -> Option<Object<'a>> {
        let (index, _) = self.front()?;
        let listener = self.shared.listener(index, at)?;
        let own = listener.limits.first()?;
        if !self.wanted.has_id(listener.id) {
            return None;
        }
        let is_full = own.bound().is_some_and(|max| own.used() >= max);
        Some(Object {
            kind: Kind::Listener,
            name: listener_name(listener),
            id: listener.id,
            counters: self.shared.counters.listener(index, at)?,
            sessions: own.used(),
            session_limit: Some(own.bound().unwrap_or(0)),
            status: Cow::Borrowed(if is_full { "FULL" } else { "OPEN" }),
            about: self.about(|| About {
                address: self.wanted.legends.then(|| endpoint(listener.local)),
                protocol: match listener.local {
                    Endpoint::Inet(addr) if addr.is_ipv4() => "tcpv4",
                    Endpoint::Inet(_) => "tcpv6",
                    Endpoint::Unix | Endpoint::Unknown => "unix_stream",
                },
                ..About::default()
            }),
            ..self.frontend()?
        })
    }

    fn server(&self, at: usize) -> Option<Object<'a>> {
        let (index, config, state) = self.back()?;
        let server = config.servers.get(at).filter(|_| config.servers.has(at))?;
        let own = state.servers().get(at)?;
        let in_maint = || own.status().admin.has(Admin::MAINT);
        let is_hidden =
            self.wanted.no_maint && in_maint() || self.wanted.up && (in_maint() || !own.is_up());
        if is_hidden || !self.wanted.has_id(server.id) {
            return None;
        }
        let counters = self.shared.counters.server(index, at)?;
        let place = Place {
            backend: index,
            server: at,
        };
        let mut object = Object {
            kind: Kind::Server,
            name: Cow::Borrowed(&server.name),
            id: server.id,
            ..self.of_back(config, counters)
        };
        if self.wanted.depth >= Depth::Numbers {
            object.sessions = own.served();
            object.session_limit = Some(own.maxconn()).filter(|max| *max > 0);
            object.state = server_state(own);
            object.streams = own.served();
            object.serving = serving(server, own, counters);
        }
        if self.wanted.depth == Depth::All {
            object.status = Cow::Owned(self.shared.health.status_text(place));
        }
        object.about = self.about(|| self.about_server(server, own, place));
        Some(object)
    }

    /// What takes looking up, if it is wanted.
    fn about(&self, look_up: impl FnOnce() -> About<'a>) -> Option<Box<About<'a>>> {
        (self.wanted.depth >= Depth::Checks).then(|| Box::new(look_up()))
    }

    fn about_server(&self, server: &'a Server, own: &ServerState, place: Place) -> About<'a> {
        let health = &self.shared.health;
        let known = health.server(place);
        let addr = self.wanted.legends.then(|| own.addr());
        About {
            address: addr.and_then(|addr| addr.as_deref().map(server_address)),
            failed_checks: known.map_or(0, |known| known.failed().into()),
            observed_failures: (known.filter(|_| server.health.observe != Observe::Nothing))
                .map(|known| known.analyzed().into()),
            tracked: server.health.track.map(|of| Cow::Owned(health.name(of))),
            check: check(health, place, CheckKind::Health),
            agent: check(health, place, CheckKind::Agent),
            cookie: cookie(server),
            ..About::default()
        }
    }

    /// What a backend and its servers have in common.
    fn of_back(&self, config: &'a Backend, counters: &'a Counters) -> Object<'a> {
        Object {
            kind: Kind::Backend,
            proxy: &config.name,
            description: config.description.as_deref(),
            name: Cow::Borrowed("BACKEND"),
            proxy_id: config.uuid,
            id: 0,
            mode: config.mode,
            is_log: config.log_servers.is_some(),
            counters,
            now: self.now,
            sessions: 0,
            session_limit: None,
            rate_limit: 0,
            status: Cow::Borrowed("DOWN"),
            state: State::Down,
            streams: 0,
            serving: Serving::default(),
            about: None,
            guards: Vec::new(),
        }
    }

    fn backend(&self) -> Option<Object<'a>> {
        let (index, config, state) = self.back()?;
        let counters = self.shared.counters.backend(index)?;
        let mut object = self.of_back(config, counters);
        if self.wanted.depth >= Depth::Numbers {
            let servers = state.servers();
            let count = servers.present().count();
            let is_up = count == 0 || state.usable_servers() > 0;
            let word = if is_up { "UP" } else { "DOWN" };
            let up = || servers.present().filter(|(_, server)| server.is_up());
            object.sessions = state.conns();
            object.session_limit = Some(self.shared.fullconn(config));
            object.status = match self.wanted.up || self.wanted.no_maint {
                true => Cow::Owned(format!("{word} ({}/{count})", up().count())),
                false => Cow::Borrowed(word),
            };
            object.state = if is_up { State::Up } else { State::Down };
            object.streams = state.conns();
            object.serving = Serving {
                queued: number(state.queue_len()),
                changed_s: seconds(state.unchanged_s()),
                down_s: (count > 0).then(|| seconds(state.downtime_s())),
                downs: state.downs().into(),
                ..of_servers(state)
            };
        }
        object.about = self.about(|| About {
            cookie: (config.cookie.as_ref())
                .and_then(|c| Some(str::from_utf8(&c.name).ok()?.into())),
            algorithm: algorithm(&config.balance),
            check_results: self.check_results(index, state),
            ..About::default()
        });
        Some(object)
    }

    /// How many servers have each result of a check.
    fn check_results(&self, backend: usize, state: &BackendState) -> [u32; 16] {
        let mut counts = [0; 16];
        for (server, _) in state.servers().present() {
            let place = Place { backend, server };
            let check = check(&self.shared.health, place, CheckKind::Health);
            let nth = |code| CHECK_RESULTS.iter().position(|own| *own == code);
            let nth = check.and_then(|check| nth(check.status));
            if let Some(count) = nth.and_then(|nth| counts.get_mut(nth)) {
                *count += 1;
            }
        }
        counts
    }
}

/// The numbers of a server.
fn serving(server: &Server, own: &ServerState, counters: &Counters) -> Serving {
    let (idle, safe, needed) = counters.idle();
    Serving {
        queued: own.queued(),
        queue_limit: Some(server.maxqueue).filter(|max| *max > 0),
        weight: own.effective_weight(),
        user_weight: own.user_weight(),
        active: u32::from(!own.is_backup()),
        backup: u32::from(own.is_backup()),
        changed_s: seconds(own.unchanged_s()),
        downs: own.downs().into(),
        throttle: own.throttle(),
        down_s: (server.health.check.is_some() || server.health.track.is_some())
            .then(|| seconds(own.downtime_s())),
        connections: Connections {
            idle,
            safe,
            private: 0,
            used: own.served(),
            needed,
            limit: server.pool_max_conn,
        },
        ..Serving::default()
    }
}

/// What the servers of a backend come to.
fn of_servers(backend: &BackendState) -> Serving {
    let (active, backup) = backend.in_service();
    let mut sums = Serving {
        active: number(active),
        backup: number(backup),
        ..Serving::default()
    };
    for (at, server) in backend.servers().present() {
        if backend.is_eligible(at) {
            sums.weight += server.effective_weight();
            sums.user_weight += server.user_weight();
        }
        let state = server_state(server);
        let place = State::NAMES.iter().position(|(own, _)| *own == state);
        if let Some(count) = place.and_then(|at| sums.states.get_mut(at)) {
            *count += 1;
        }
    }
    sums
}

/// A server's state in short.
fn server_state(server: &ServerState) -> State {
    let status = server.status();
    match status.operation {
        _ if status.admin.has(Admin::MAINT) => State::Maint,
        Operation::Stopped => State::Down,
        Operation::Stopping => State::NoLb,
        _ if status.admin.has(Admin::DRAIN) => State::Drain,
        _ => State::Up,
    }
}

/// A check as statistics show it, if it is made.
fn check<'a>(health: &Health, place: Place, kind: CheckKind) -> Option<Check<'a>> {
    let check = health.check(place, kind).filter(|check| check.runs())?;
    let last = check.last.status;
    let ended = !matches!(last, CheckStatus::Unknown | CheckStatus::Initializing);
    Some(Check {
        status: last.code(),
        meaning: last.description(),
        is_running: check.running,
        code: last.has_number().then_some(check.last.number),
        duration_ms: check.duration.filter(|_| ended),
        found: Cow::Owned(check.last.shown_info().to_owned()),
        rise: check.bounds.rise,
        fall: check.bounds.fall,
        health: check.level,
    })
}

/// What HAProxy calls a `bind` line without a name.
fn listener_name(listener: &Listener) -> Cow<'_, str> {
    match listener.is_named {
        true => Cow::Borrowed(&*listener.name),
        false => Cow::Owned(format!("sock-{}", listener.id)),
    }
}

fn endpoint(local: Endpoint) -> String {
    match local {
        Endpoint::Inet(addr) => addr.to_string(),
        Endpoint::Unix | Endpoint::Unknown => "unix".to_owned(),
    }
}

fn server_address(addr: &ServerAddr) -> String {
    match addr {
        ServerAddr::Tcp(addr) => addr.to_string(),
        ServerAddr::Unix(_) | ServerAddr::Abstract(_) => "unix".to_owned(),
    }
}

fn cookie(server: &Server) -> Option<Cow<'_, str>> {
    match server.cookie.value()? {
        CookieValue::Given(value) => str::from_utf8(value).ok().map(Cow::Borrowed),
        CookieValue::Made(digits) => Some(String::from_utf8_lossy(&digits).into_owned().into()),
    }
}

/// The name that `show stat` has for an algorithm.
fn algorithm(balance: &Balance) -> &'static str {
    match balance {
        Balance::RoundRobin => "roundrobin",
        Balance::StaticRr => "static-rr",
        Balance::LeastConn => "leastconn",
        Balance::First => "first",
        Balance::Random(_) | Balance::Default => "random",
        Balance::Sticky => "sticky",
        Balance::Hash(HashKey::Source) => "source",
        Balance::Hash(HashKey::Uri(_)) => "uri",
        Balance::Hash(HashKey::UrlParam(_)) => "url_param",
        Balance::Hash(HashKey::Header { .. }) => "hdr",
        Balance::Hash(HashKey::Sample) => "hash",
        Balance::Hash(HashKey::LogLine) => "log-hash",
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn seconds(seconds: u64) -> u32 {
    u32::try_from(seconds).unwrap_or(u32::MAX)
}

/// The process now.
pub(super) fn process<'a>(shared: &'a Shared, clock: &Clock) -> Process<'a> {
    let (now_us, own) = (clock.now_us(), &shared.counters);
    let global = &shared.config.global;
    let paces = shared.paces(0);
    let now = now_us / 1000;
    let process = own.process();
    let fronts = || own.fronts();
    let sum = |what| fronts().map(|front| front.count(what)).sum::<u64>();
    let percents: Vec<_> = own.cpu_percents().collect();
    let busy = percents.iter().sum::<u32>() / number(percents.len()).max(1);
    let connections = shared.process.used();
    let listeners = number(shared.listeners().len() + global.stats_sockets.len());
    let streams = shared
        .backends
        .iter()
        .map(|backend| u64::from(backend.conns()));
    Process {
        version: HAPROXY,
        released: HAPROXY_DATE,
        build: concat!("Tidegate ", env!("CARGO_PKG_VERSION")),
        threads: number(percents.len()),
        pid: std::process::id(),
        uptime_us: now_us.saturating_sub(shared.estate.started_us()),
        started_us: clock.wall_us(shared.estate.started_us()),
        boot_ms: 0,
        max_fds: max_fds(),
        max_connections: shared.process.bound().unwrap_or(global.maxconn),
        max_connections_ever: global.maxconn,
        connections,
        max_connections_reached: shared.process.times_reached(),
        connections_total: process.count(Count::Connections),
        requests_total: sum(Count::Requests),
        connection_rate: process.rate(Rate::Connections, now),
        connection_rate_max: process.most_per_second(Rate::Connections),
        session_rate: process.rate(Rate::Sessions, now),
        session_rate_max: process.most_per_second(Rate::Sessions),
        connection_rate_limit: paces.map_or(0, |paces| paces.connections.most()),
        session_rate_limit: paces.map_or(0, |paces| paces.sessions[0].most()),
        idle_percent: 100_u32.saturating_sub(busy),
        node: global.node.as_deref().unwrap_or(&shared.host),
        description: global.description.as_deref(),
        is_stopping: shared.estate.is_stopping(),
        jobs: connections.saturating_add(listeners),
        listeners,
        dropped_logs: shared.log().map_or(0, |log| log.dropped() as u32),
        received_logs: shared.log().map_or(0, |log| log.received() as u32),
        peers: shared.estate.peers().read(),
        bytes_out: sum(Count::RequestOut).saturating_add(sum(Count::ResponseOut)),
        spliced_out: sum(Count::SplicedRequests).saturating_add(sum(Count::SplicedResponses)),
        bytes_out_rate: u64::from(process.rate(Rate::Units, now)) * BYTES_PER_UNIT,
        compress_rate: (
            process.rate(Rate::CompressIn, now),
            process.rate(Rate::CompressOut, now),
        ),
        compress_rate_limit: shared.compress_rate.load(Ordering::Relaxed),
        warnings: shared.estate.warnings.load(Ordering::Relaxed),
        patterns: patterns(shared),
        streams: streams.sum(),
        streams_total: sum(Count::Requests),
    }
}

/// Patterns of all lists: added so far, and removed.
fn patterns(shared: &Shared) -> (u64, u64) {
    let lists = shared.config.patterns.iter().map(|list| list.turnover());
    lists.fold((0, 0), |(all_added, all_freed), (added, freed)| {
        (all_added + added, all_freed + freed)
    })
}

fn max_fds() -> u32 {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    limit
        .current
        .and_then(|max| u32::try_from(max).ok())
        .unwrap_or(u32::MAX)
}
