//! Drafts to the resolved configuration: names to indices, ids, defaults filled in.

mod log_places;
mod logs;
mod soundness;
mod state_file;
mod targets;

use crate::backend::ServerCookie;
use crate::clock::NEVER;
use crate::compile::Work;
use crate::compile::checks::Ways;
use crate::compile::config::{
    Backend, BackendId, Balance, Bind, Config, ContentRules, ErrorPages, Frontend, FrontendId,
    Global, HashKey, Mode, Newcomers, ProxyHalves, RetryPlan, Server, ServerBreakers, StatsPage,
    StatsSocket, Timeouts,
};
use crate::compile::findings::DUPLICATE_SERVER;
use crate::compile::numbering::number;
use crate::compile::rules::{self, Rules};
use crate::compile::sections::Drafts;
use crate::compile::tables::Tables;
use crate::compile::{checks, guids, references, stats, variables};
use crate::growing::Growing;
use crate::health::script::Script;
use crate::http1::Strictness;
use crate::net::ServerAddr;
use crate::protect::BreakerSpec;
use crate::syntax::{Diagnostic, Diagnostics, Span};
use crate::vocab::action::{ErrorAnswers, Rule};
use crate::vocab::bind_option::BindDraft;
use crate::vocab::codes::UNKNOWN_ERRORS;
use crate::vocab::error_pages;
use crate::vocab::format::FormatUse;
use crate::vocab::protection::ProtectionDrafts;
use crate::vocab::rule_codes::DIFFERENT_LIMITS;
use crate::vocab::section::global::ExternalChecks;
use crate::vocab::section::log_line::Logger;
use crate::vocab::section::proxy::{ErrorSource, ProxyDraft, Switch};
use crate::vocab::server_option::ServerDraft;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// First automatic proxy id; 1 is the administration socket's own frontend.
const FIRST_PROXY_ID: u32 = 2;

/// What resolving needs everywhere.
struct Resolver<'d, 'o> {
    /// Backends and `listen` sections by name: where they will be, and what they say.
    backends: HashMap<Box<[u8]>, Target>,
    by_name: Arc<BTreeMap<Box<[u8]>, BackendId>>,
    /// Names of sections that could not be read: what refers to them is not reported again.
    unread: HashSet<&'d [u8]>,
    global_logs: Vec<Logger>,
    builtin_pages: Arc<ErrorPages>,
    no_splice: bool,
    external_checks: ExternalChecks,
    /// `nbthread`.
    threads: Option<usize>,
    /// Whether there is a `server-state-file`.
    has_state_file: bool,
    /// What `healthcheck` sections say, by name.
    healthchecks: HashMap<String, Arc<Script>>,
    diags: &'o mut Diagnostics,
    work: Work<'o>,
    proxy: std::marker::PhantomData<&'d ()>,
}

/// A backend as others see it.
#[derive(Clone, Copy)]
struct Target {
    id: BackendId,
    mode: Mode,
    /// Whether it takes log lines only.
    is_log: bool,
    opening: Span,
}

/// Resolves everything.
pub(super) fn resolve(mut drafts: Drafts<'_>, diags: &mut Diagnostics, work: Work<'_>) -> Config {
    rules::log_profiles(&drafts.log_profiles, diags, work);
    let assignments = variables::read(&drafts.global.assignments, diags, work);
    for defaults in &drafts.defaults {
        rules::check(&defaults.draft, diags, work);
        checks::script(&defaults.draft, diags, work);
    }
    // What those lines asked for, nobody gets.
    *work.outer.protections() = ProtectionDrafts::default();
    let written: Vec<_> = drafts.proxies.iter().map(|proxy| proxy.draft.id).collect();
    let ids = number(&written, FIRST_PROXY_ID, diags);
    let rules: Vec<Rules<'_>> = drafts
        .proxies
        .iter()
        .map(|proxy| {
            let inherited = proxy.defaults.and_then(|at| drafts.defaults.get(at));
            rules::read(&proxy.draft, inherited.map(|d| &d.draft), diags, work)
        })
        .collect();
    let backends = targets(drafts.proxies.iter().map(|proxy| &proxy.draft));
    let by_name = backends
        .iter()
        .map(|(name, target)| (name.clone(), target.id))
        .collect();
    let healthchecks = (drafts.healthchecks.iter())
        .map(|draft| {
            let script = checks::script(&draft.proxy, diags, work);
            (draft.name.clone(), Arc::new(script))
        })
        .collect();
    let mut resolver = Resolver {
        backends,
        by_name: Arc::new(by_name),
        unread: drafts.unread.clone(),
        global_logs: drafts.global.loggers.clone(),
        builtin_pages: Arc::new(error_pages::builtin()),
        no_splice: drafts.global.no_splice,
        external_checks: drafts.global.external_checks,
        threads: drafts.global.config.nbthread,
        has_state_file: drafts.global.config.server_state_file.is_some(),
        healthchecks,
        diags,
        work,
        proxy: std::marker::PhantomData,
    };
    let mut config = Config {
        global: std::mem::take(&mut drafts.global.config),
        ..Config::default()
    };
    let global = &mut config.global;
    global.logs = (drafts.global.loggers.iter())
        .map(|logger| logger.target.clone())
        .collect();
    global.maxrewrite = global.maxrewrite.min(global.bufsize / 2);
    global.stats_sockets = stats_sockets(&drafts.global.stats_sockets, work);
    for ((proxy, rules), uuid) in drafts.proxies.iter().zip(rules).zip(ids) {
        resolver.proxy(&proxy.draft, rules, uuid, &mut config);
    }
    let rings = std::mem::take(&mut drafts.rings);
    resolver.log_places(rings, &drafts, &mut config);
    config.healthchecks = std::mem::take(&mut resolver.healthchecks);
    let proxies = drafts.proxies.iter().map(|proxy| &proxy.draft);
    checks::tracks(proxies, &mut config, diags);
    config.caches = work.outer.caches();
    config.log_profiles = work.outer.log_profiles();
    config.wants_server_address = work.outer.wants_server_address();
    let tables = Tables::of(&drafts, diags);
    config.tables = tables.specs(work.outer);
    config.peers = tables.peers(&drafts, diags, work);
    guids::check(&drafts, diags);
    references::resolve(work.outer, &drafts, &tables, diags);
    config.referenced = references::named(work.outer);
    report_clashes(diags, work);
    config.protections = work.outer.protections().specs().clone();
    let limits = drafts.global.variable_limits;
    config.variables = variables::evaluate(&assignments, limits, work);
    config
}

/// Limits that share a name and not what they ask for.
fn report_clashes(diags: &mut Diagnostics, work: Work<'_>) {
    for clash in work.outer.protections().clashes() {
        let message = format!(
            "'{}' name '{}' already used at {} with different parameters",
            clash.action,
            clash.name,
            work.options.location(clash.earlier)
        );
        let found = Diagnostic::error(DIFFERENT_LIMITS, message);
        let found = found.at(clash.span, "").at(clash.earlier, "used here");
        diags.push(found.help("rules of one name share one limit: give it another name"));
    }
}

/// The sockets of `stats socket` lines, numbered as one proxy's.
fn stats_sockets(lines: &[BindDraft], work: Work<'_>) -> Vec<StatsSocket> {
    let sockets = lines
        .iter()
        .flat_map(|line| line.addrs.iter().map(move |addr| (line, addr)));
    (1..)
        .zip(sockets)
        .map(|(counted, (line, addr))| {
            let options = &line.options;
            let id = options.id.map_or(counted, |(id, _)| id);
            StatsSocket {
                bind: line.socket(addr, id, None, work.options.location(line.span)),
                level: options.level.unwrap_or_default(),
                severity: options.severity,
                exposes_listeners: options.exposes_listeners,
            }
        })
        .collect()
}

fn targets<'a, 'd: 'a>(
    proxies: impl Iterator<Item = &'a ProxyDraft<'d>>,
) -> HashMap<Box<[u8]>, Target> {
    let mut found = HashMap::new();
    let backends = proxies.filter(|draft| draft.kind.has_back());
    for (next, draft) in (0..).zip(backends) {
        let target = Target {
            id: BackendId(next),
            mode: draft.settings.mode,
            is_log: draft.settings.is_log,
            opening: draft.opening,
        };
        found.entry(draft.name.as_bytes().into()).or_insert(target);
    }
    found
}

impl<'d> Resolver<'d, '_> {
    fn proxy(
        &mut self,
        draft: &ProxyDraft<'d>,
        mut rules: Rules<'d>,
        uuid: u32,
        config: &mut Config,
    ) {
        // Nothing of a disabled proxy is checked against the others.
        let told = std::mem::take(self.diags);
        self.check(draft);
        let answers = Arc::new(std::mem::take(&mut rules.error_answers));
        let own_pages = self.own_pages(draft);
        let pages = self.with_builtin(&own_pages);
        let sets = [
            std::mem::take(&mut rules.request).into(),
            std::mem::take(&mut rules.response).into(),
            std::mem::take(&mut rules.after_response).into(),
        ];
        let breakers: Arc<[Rule]> = std::mem::take(&mut rules.breakers).into();
        let protections = Arc::new(std::mem::take(&mut rules.protections));
        let content = ContentRules {
            rules: std::mem::take(&mut rules.content).into(),
            delay: draft.settings.tcp_request_delay,
        };
        let mut halves = ProxyHalves::default();
        if draft.kind.has_back() {
            let mut backend = self.backend(
                draft,
                sets.clone(),
                uuid,
                (Arc::new(own_pages), answers.clone()),
            );
            backend.index = config.backends.len() as u32;
            let lines = std::mem::take(&mut rules.server).into_iter();
            backend.server_rules = lines
                .filter_map(|line| self.use_server(draft, line))
                .collect();
            backend.content = content.clone();
            backend.breakers = Arc::clone(&breakers);
            backend.server_breakers = server_breakers(
                std::mem::take(&mut rules.server_breakers),
                &backend,
                self.work,
            );
            backend.protections = Arc::clone(&protections);
            backend.persist_rules = std::mem::take(&mut rules.persist);
            backend.stick = std::mem::take(&mut rules.stick);
            if !draft.kind.has_front() {
                backend.stats = self.stats(draft, &mut rules, &config.global);
            }
            backend.response_content = ContentRules {
                rules: std::mem::take(&mut rules.response_content).into(),
                delay: draft.settings.tcp_response_delay,
            };
            halves.back = Some(BackendId(backend.index));
            config.backends.push(backend);
        }
        if draft.kind.has_front() {
            halves.front = Some(FrontendId(config.frontends.len() as u32));
            let answers = (pages, answers);
            let stats = self.stats(draft, &mut rules, &config.global);
            let frontend = self.frontend(draft, rules, sets, uuid, answers, halves.back);
            config.frontends.push(Frontend {
                content,
                stats,
                breakers,
                protections,
                ..frontend
            });
        }
        config.proxies.push(halves);
        let found = std::mem::replace(self.diags, told);
        if !draft.settings.disabled {
            found
                .iter()
                .for_each(|finding| self.diags.push(finding.clone()));
        }
    }

    fn stats(
        &mut self,
        draft: &ProxyDraft<'d>,
        rules: &mut Rules<'d>,
        global: &Global,
    ) -> Option<Arc<StatsPage>> {
        stats::page(draft, rules, global, self.diags)
    }

    fn frontend(
        &mut self,
        draft: &ProxyDraft<'d>,
        rules: Rules<'d>,
        [request_rules, response_rules, after_response_rules]: [Arc<[Rule]>; 3],
        uuid: u32,
        (error_pages, error_answers): (Arc<ErrorPages>, Arc<ErrorAnswers>),
        own: Option<BackendId>,
    ) -> Frontend {
        let settings = &draft.settings;
        let http = settings.mode == Mode::Http || rules.switches;
        let switching = rules
            .switching
            .into_iter()
            .filter_map(|rule| self.switch(draft, rule))
            .collect();
        Frontend {
            name: draft.name.as_str().into(),
            guid: draft.guid.as_ref().map(|(guid, _)| guid.as_str().into()),
            uuid,
            mode: settings.mode,
            description: draft.description.as_deref().map(Arc::from),
            socket_stats: settings.switches.is_on(Switch::SocketStats),
            own_backend: own,
            protections: Arc::default(),
            disabled: settings.disabled,
            binds: self.binds(draft),
            maxconn: settings.maxconn,
            rate_limit: settings.rate_limit,
            timeouts: filled(settings.timeouts),
            connection_mode: settings.connection_mode.unwrap_or_default(),
            forward_for: settings.forward_for.clone().filter(|_| http),
            original_to: settings.original_to.clone().filter(|_| http),
            header_names: settings.header_names,
            error_answers: error_answers.clone(),
            buffer_request: http && settings.switches.is_on(Switch::BufferRequest),
            ignore_probes: settings.switches.is_on(Switch::IgnoreProbes),
            abort_on_close: settings.switches.state(Switch::AbortOnClose),
            splice: self.splice(draft),
            monitor_uri: settings
                .monitor_uri
                .filter(|_| http)
                .map(|word| word.bytes.clone()),
            monitor_fail: rules.monitor_fail,
            compression: settings.compression.clone().filter(|_| http),
            traces: draft.traces.clone().into(),
            force_switch: rules.force_switch,
            strictness: match settings.switches.is_on(Switch::AcceptUnsafeRequests) {
                true => Strictness::Relaxed,
                false => Strictness::Full,
            },
            idle_close_on_response: settings.switches.is_on(Switch::IdleCloseOnResponse),
            no_linger: settings.switches.is_on(Switch::NoLinger),
            keep_alive: (settings.switches.is_on(Switch::ClientKeepAlive))
                .then_some(settings.client_keep_alive),
            connection_rules: rules.connection.into(),
            session_rules: rules.session.into(),
            content: ContentRules::default(),
            request_rules,
            breakers: Arc::default(),
            response_rules,
            after_response_rules,
            switching,
            default_backend: self.default_backend(draft).or(own),
            backends_by_name: self.by_name.clone(),
            error_pages,
            captures: Some(rules.captures).filter(|captures| !captures.is_empty()),
            unique_id: rules::format(
                draft,
                settings.unique_id,
                FormatUse::HttpId,
                self.diags,
                self.work,
            ),
            unique_id_header: settings.unique_id_header.map(|word| word.bytes.clone()),
            own_cookie: own.filter(|_| http && settings.cookie.is_some()),
            log: self.log(draft),
            stats: None,
        }
    }

    fn backend(
        &mut self,
        draft: &ProxyDraft<'d>,
        [request_rules, response_rules, after_response_rules]: [Arc<[Rule]>; 3],
        uuid: u32,
        (error_pages, error_answers): (Arc<ErrorPages>, Arc<ErrorAnswers>),
    ) -> Backend {
        let settings = &draft.settings;
        let http = settings.mode == Mode::Http;
        let abort = settings.switches.state(Switch::AbortOnClose);
        let (servers, newcomers) = self.servers(draft, uuid);
        Backend {
            name: draft.name.as_str().into(),
            guid: draft.guid.as_ref().map(|(guid, _)| guid.as_str().into()),
            index: 0,
            uuid,
            description: draft.description.as_deref().map(Arc::from),
            mode: settings.mode,
            disabled: settings.disabled,
            log_servers: self.log_servers(draft, &servers),
            has_table: draft.table.is_some(),
            servers: servers.into(),
            newcomers,
            balance: self.balance(draft),
            hash_sample: match settings.balance {
                Balance::Hash(HashKey::Sample | HashKey::LogLine) => {
                    rules::hash_sample(draft, self.diags, self.work)
                }
                _ => None,
            },
            hash_type: settings.hash_type,
            hash_balance_factor: settings.hash_balance_factor,
            hash_affinity: settings.hash_affinity,
            all_backups: settings.switches.is_on(Switch::AllBackups),
            server_rules: Vec::new(),
            servers_by_name: (draft.servers.iter().enumerate())
                .map(|(index, server)| (server.name.as_bytes().into(), index))
                .collect(),
            timeouts: filled(settings.timeouts),
            state_file: self.state_file(draft),
            server_breakers: ServerBreakers::default(),
            protections: Arc::default(),
            retries: settings.retries,
            redispatch: settings.redispatch,
            retry_on: settings.retry_on,
            retry: match http {
                true => settings.retry,
                false => RetryPlan::default(),
            },
            circuit_limits: rules::circuit_limits(draft, self.diags, self.work),
            outlier: settings.outlier.filter(|_| http),
            compression: settings.compression.clone().filter(|_| http),
            traces: match draft.kind.has_front() {
                true => Box::default(),
                false => draft.traces.clone().into(),
            },
            cookie: settings.cookie.clone().filter(|_| http),
            persist: settings.switches.is_on(Switch::Persist),
            check_cache: http && settings.switches.is_on(Switch::CheckCache),
            no_linger: settings.switches.is_on(Switch::NoLinger),
            keep_alive: settings.server_probes(),
            prefer_last: settings.switches.is_on(Switch::PreferLastServer),
            max_keep_alive_queue: settings.max_keep_alive_queue,
            pretend_keep_alive: settings.switches.is_on(Switch::PretendKeepAlive),
            send_name_header: (settings.send_name_header.filter(|_| http))
                .map(|name| name.bytes.to_ascii_lowercase().into()),
            persist_rules: Vec::new(),
            reuse: settings.reuse,
            connection_mode: settings.connection_mode.unwrap_or_default(),
            forwarded: rules::forwarded(draft, self.diags, self.work).filter(|_| http),
            forward_for: settings.forward_for.clone().filter(|_| http),
            original_to: settings.original_to.clone().filter(|_| http),
            header_names: settings.header_names,
            error_answers: error_answers.clone(),
            buffer_request: http && settings.switches.is_on(Switch::BufferRequest),
            abort_on_close: abort.unwrap_or(http),
            content: ContentRules::default(),
            response_content: ContentRules::default(),
            stick: Vec::new(),
            breakers: Arc::default(),
            request_rules,
            response_rules,
            after_response_rules,
            error_pages,
            fullconn: settings.fullconn,
            noun: draft.kind.noun(),
            logs_checks: settings.switches.is_on(Switch::LogHealthChecks),
            log_targets: self.log_targets(draft),
            log_tag: settings.log_tag.map(|word| word.bytes.clone()),
            stats: None,
        }
    }

    fn binds(&mut self, draft: &ProxyDraft<'_>) -> Vec<Bind> {
        self.check_threads(draft);
        self.check_protos(draft);
        // A line with an id and several addresses gives it to the first and counts on.
        let written: Vec<_> = draft
            .binds
            .iter()
            .flat_map(|bind| {
                let id = bind.options.id;
                (0u32..)
                    .zip(&bind.addrs)
                    .map(move |(at, _)| id.map(|(id, place)| (id.saturating_add(at), place)))
            })
            .collect();
        let ids = number(&written, 1, self.diags);
        let sockets = draft
            .binds
            .iter()
            .flat_map(|bind| bind.addrs.iter().map(move |addr| (bind, addr)));
        sockets
            .zip(ids)
            .map(|((bind, addr), id)| {
                let location = self.work.options.location(bind.span);
                bind.socket(addr, id, draft.settings.backlog, location)
            })
            .collect()
    }

    fn servers(&mut self, draft: &ProxyDraft<'_>, uuid: u32) -> (Vec<Server>, Newcomers) {
        let written: Vec<_> = draft
            .servers
            .iter()
            .map(|server| server.options.id)
            .collect();
        let ids = number(&written, 1, self.diags);
        let mut names: HashMap<&str, Span> = HashMap::new();
        for server in &draft.servers {
            if let Some(&earlier) = names.get(server.name.as_str()) {
                let message = format!(
                    "{} '{}', another server named '{}' was already defined, please use distinct names",
                    draft.kind.noun(),
                    draft.name,
                    server.name
                );
                self.diags.push(
                    Diagnostic::error(DUPLICATE_SERVER, message)
                        .at(server.name_span, "")
                        .at(earlier, "defined here"),
                );
            }
            names.entry(&server.name).or_insert(server.name_span);
        }
        checks::report_unused(draft, self.diags);
        let ways = Ways {
            own: Arc::new(checks::script(draft, self.diags, self.work)),
            program: checks::program(draft, uuid, self.external_checks, self.diags),
            named: &self.healthchecks,
        };
        let servers: Vec<Server> = draft
            .servers
            .iter()
            .zip(ids)
            .map(|(written, id)| {
                let addr = match draft.settings.disabled {
                    true => None,
                    false => written.locate(&draft.name, self.work.options.host, self.diags),
                };
                server(draft, written, id, addr, &ways, self.diags)
            })
            .collect();
        let cookies = super::cookies::fill(draft, &servers, self.diags);
        let newcomers = Newcomers {
            script: ways.own,
            program: ways.program,
            source: draft.settings.source,
            cookies,
        };
        (servers, newcomers)
    }

    /// The proxy's own pages.
    fn own_pages(&mut self, draft: &ProxyDraft<'_>) -> ErrorPages {
        let mut pages = ErrorPages::new();
        for source in &draft.settings.error_pages {
            match source {
                ErrorSource::Page(status, page) => {
                    pages.insert(*status, page.clone());
                }
                ErrorSource::Set(name, statuses) => match self.work.outer.error_set(&name.bytes) {
                    Some(set) => pages
                        .extend(set.into_iter().filter(|(status, _)| {
                            statuses.is_empty() || statuses.contains(status)
                        })),
                    None => {
                        let message = format!(
                            "proxy '{}': unknown http-errors section '{}'",
                            draft.name,
                            name.text()
                        );
                        self.diags
                            .push(Diagnostic::error(UNKNOWN_ERRORS, message).at(name.span, ""));
                    }
                },
            }
        }
        pages
    }

    /// The built-in pages, shared, or a copy with a frontend's own.
    fn with_builtin(&self, own: &ErrorPages) -> Arc<ErrorPages> {
        if own.is_empty() {
            return self.builtin_pages.clone();
        }
        let mut pages = ErrorPages::clone(&self.builtin_pages);
        pages.extend(own.clone());
        Arc::new(pages)
    }

    /// Splice is used where it helps unless it was turned off.
    fn splice(&self, draft: &ProxyDraft<'_>) -> [bool; 2] {
        let off = |switch| draft.settings.switches.state(switch) == Some(false);
        let none = self.no_splice || off(Switch::SpliceAuto);
        [Switch::SpliceRequest, Switch::SpliceResponse].map(|switch| !none && !off(switch))
    }
}

/// Unset timeouts take the value of the one they follow.
/// A server of a proxy, but for what it tracks.
pub(super) fn server(
    draft: &ProxyDraft<'_>,
    written: &ServerDraft,
    id: u32,
    addr: Option<ServerAddr>,
    ways: &Ways<'_>,
    diags: &mut Diagnostics,
) -> Server {
    let o = &written.options;
    soundness::check_proto(draft, o.proto, &format!("server '{}'", written.name), diags);
    Server {
        slowstart_s: o.health.slowstart_s,
        health: checks::server(draft, written, id, ways, diags),
        name: written.name.as_str().into(),
        guid: o.guid.as_ref().map(|(guid, _)| guid.as_str().into()),
        id,
        addr,
        keeps_address: written.keeps_address(),
        port_from_client: written.port_from_client,
        port_offset: written.port_offset,
        weight: o.weight,
        maxconn: o.maxconn,
        minconn: o.minconn,
        maxqueue: o.maxqueue,
        hash_key: o.hash_key,
        backup: o.backup,
        disabled: o.disabled,
        cookie: ServerCookie::new(o.cookie.clone()),
        send_proxy: o.send_proxy,
        proxy_options: o.proxy_options,
        source: o.source.or(draft.settings.source),
        socks4: o.socks4,
        pool_max_conn: o.pool_max_conn,
        pool_low_conn: o.pool_low_conn,
        pool_purge_delay: o.pool_purge_delay,
        max_reuse: o.max_reuse,
    }
}

/// A breaker of each kind for each server.
fn server_breakers(specs: Vec<BreakerSpec>, backend: &Backend, work: Work<'_>) -> ServerBreakers {
    let mut made = ServerBreakers {
        specs,
        of: Growing::default(),
    };
    if made.specs.is_empty() {
        return made;
    }
    let mut protections = work.outer.protections();
    let of_server = |(at, server): (usize, &Server)| {
        let specs = made.specs_of((backend.index as usize, at), &server.name);
        specs.map(|spec| protections.breaker(spec)).collect()
    };
    made.of = backend.servers.iter().enumerate().map(of_server).collect();
    made
}

fn filled(mut t: Timeouts) -> Timeouts {
    let or = |value: u64, other: u64| if value == NEVER { other } else { value };
    t.queue = or(t.queue, t.connect);
    t.tarpit = or(t.tarpit, t.connect);
    t.http_request = or(t.http_request, t.client);
    t.http_keep_alive = or(t.http_keep_alive, t.http_request);
    t
}
