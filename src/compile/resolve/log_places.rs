//! Rings, log backends and `log-forward` sections, and whether `log` lines name ones there are.

use super::Resolver;
use super::logs::written;
use crate::compile::config::{
    Balance, Bind, Config, HashKey, LogForward, LogServers, LogTarget, Mode, RingSpec, Server,
};
use crate::compile::findings::{
    IGNORED_IN_LOG_MODE, MIXED_LOG_SERVERS, NO_LOG_PLACE, UNKNOWN_LOG_PLACE, WRONG_BALANCE,
    WRONG_TRANSPORT,
};
use crate::compile::sections::Drafts;
use crate::net::ServerAddr;
use crate::settings::{LogDestination, RING_NAMES, RING_SIZE, RingServer};
use crate::syntax::{Code, Diagnostic, Span};
use crate::vocab::bind_option::BindDraft;
use crate::vocab::section::log_forward::ForwardDraft;
use crate::vocab::section::log_line::Logger;
use crate::vocab::section::proxy::{LogLine, ProxyDraft, RuleKind};
use crate::vocab::section::ring::RingDraft;
use crate::vocab::server_option::ServerDraft;
use std::collections::HashSet;

impl Resolver<'_, '_> {
    /// `balance`; one that the mode does not allow is reported.
    pub(super) fn balance(&mut self, draft: &ProxyDraft<'_>) -> Balance {
        let balance = &draft.settings.balance;
        let name = &draft.name;
        let is_hash = matches!(balance, Balance::Hash(HashKey::LogLine));
        let of_logs = matches!(
            balance,
            Balance::RoundRobin | Balance::Random(_) | Balance::Sticky | Balance::Default
        );
        if draft.settings.is_log && is_hash && draft.settings.hash_type.consistent {
            let message = format!(
                "log backend '{name}': failed to initialize: unsupported hash method (from \"hash-type\")."
            );
            self.fail(WRONG_BALANCE, draft.opening, message);
        } else if draft.settings.is_log && !is_hash && !of_logs {
            let message = format!(
                "in backend '{name}': \"balance\" only supports 'roundrobin', 'random', 'sticky' and 'log-hash'."
            );
            self.fail(WRONG_BALANCE, draft.opening, message);
        } else if !draft.settings.is_log && is_hash {
            let message = format!(
                "Unusable balance algorithm for {} '{name}' (needs 'mode log'). Falling back to round robin.",
                draft.kind.noun()
            );
            self.warn(WRONG_BALANCE, draft.opening, message);
            return Balance::RoundRobin;
        }
        balance.clone()
    }

    /// What the servers of a log backend are reached by; `None` for other backends, whose servers are
    /// checked.
    pub(super) fn log_servers(
        &mut self,
        draft: &ProxyDraft<'_>,
        servers: &[Server],
    ) -> Option<LogServers> {
        if !draft.settings.is_log {
            let mode = match draft.settings.mode {
                Mode::Tcp => "tcp",
                Mode::Http => "http",
            };
            for server in draft.servers.iter().filter(|server| server.datagram) {
                let message =
                    format!("unsupported transport for server address in '{mode}' backend.");
                self.fail(WRONG_TRANSPORT, server.place_span, message);
            }
            return None;
        }
        self.check_log_mode(draft);
        let mut found = LogServers {
            servers: Vec::new(),
            rings: Vec::new(),
        };
        let first = draft.servers.first().map(|server| server.datagram);
        for (written, server) in draft.servers.iter().zip(servers) {
            if Some(written.datagram) != first {
                let message = format!(
                    "log backend '{}': failed to initialize: cannot mix server types within a log backend, '{}' srv's network type differs from previous server.",
                    draft.name, written.name
                );
                self.fail(MIXED_LOG_SERVERS, written.place_span, message);
            }
            found.servers.push(match &server.addr {
                Some(ServerAddr::Tcp(addr)) if written.datagram => Some(LogDestination::Udp(*addr)),
                Some(addr @ ServerAddr::Tcp(_)) => {
                    let ring = self.server_ring(draft, written, addr);
                    let to = LogDestination::Ring(ring.name.clone());
                    found.rings.push(ring);
                    Some(to)
                }
                Some(_) => {
                    let message = "log server address family not supported for log backend server.";
                    self.fail(WRONG_TRANSPORT, written.place_span, message.to_owned());
                    None
                }
                None => None,
            });
        }
        Some(found)
    }

    /// The ring of a server that is connected to.
    fn server_ring(
        &self,
        draft: &ProxyDraft<'_>,
        server: &ServerDraft,
        addr: &ServerAddr,
    ) -> RingSpec {
        let timeouts = &draft.settings.timeouts;
        let place = self.work.options.location(server.name_span);
        RingSpec {
            name: format!("{}/{}", draft.name, server.name).into(),
            description: format!("created from log backend declared at {place}").into(),
            format: None,
            max_len: usize::MAX,
            size: server.options.log_bufsize.unwrap_or(RING_SIZE),
            servers: vec![RingServer {
                addr: addr.clone(),
                framing: server.options.log_proto,
            }],
            connect_ms: timeouts.connect,
            server_ms: timeouts.server,
        }
    }

    /// Warns of what does nothing for log lines.
    fn check_log_mode(&mut self, draft: &ProxyDraft<'_>) {
        let has = |wanted: fn(&RuleKind) -> bool| draft.rules.iter().any(|rule| wanted(&rule.kind));
        let words = [
            ("use tcp-request rules", has(is_tcp_request)),
            (
                "use tcp-response rules",
                has(|kind| *kind == RuleKind::TcpResponseContent),
            ),
            ("use stick table", draft.table.is_some()),
            (
                "set \"http-send-name-header\"",
                draft.settings.send_name_header.is_some(),
            ),
            (
                "use \"use-server\" rules",
                has(|kind| *kind == RuleKind::UseServer),
            ),
        ];
        for (what, _) in words.into_iter().filter(|(_, is_there)| *is_there) {
            let message = format!(
                "Cannot {what} with 'mode log' in backend '{}'. It will be ignored.",
                draft.name
            );
            self.warn(IGNORED_IN_LOG_MODE, draft.opening, message);
        }
    }

    /// The rings and `log-forward` sections. Every `log` line is checked for where it leads.
    pub(super) fn log_places(
        &mut self,
        rings: Vec<RingDraft>,
        drafts: &Drafts<'_>,
        config: &mut Config,
    ) {
        let host = self.work.options.host;
        config.rings = rings
            .into_iter()
            .map(|ring| ring.finish(host, self.diags))
            .collect();
        let names = config.rings.iter().map(|ring| ring.name.clone());
        let names: HashSet<Box<str>> = names.chain(RING_NAMES.map(Box::from)).collect();
        let mut seen = HashSet::new();
        self.check_places("global", &drafts.global.loggers, &names, &mut seen);
        for proxy in drafts.proxies.iter().map(|proxy| &proxy.draft) {
            let section = format!("proxy section '{}'", proxy.name);
            self.check_places(&section, own(&proxy.settings.logs), &names, &mut seen);
        }
        for forward in &drafts.log_forwards {
            let section = format!("log-forward section '{}'", forward.name);
            self.check_places(&section, own(&forward.logs), &names, &mut seen);
            config.log_forwards.push(self.forward(forward));
        }
        let of_servers = config
            .backends
            .iter()
            .filter_map(|b| b.log_servers.as_ref());
        config
            .rings
            .extend(of_servers.flat_map(|servers| servers.rings.iter().cloned()));
    }

    fn check_places<'l>(
        &mut self,
        section: &str,
        loggers: impl IntoIterator<Item = &'l Logger>,
        rings: &HashSet<Box<str>>,
        seen: &mut HashSet<(u32, u32)>,
    ) {
        for Logger { target, span, .. } in loggers {
            let (code, wrong) = match &target.to {
                LogDestination::Ring(name) if rings.contains(name) => continue,
                LogDestination::Ring(name) if ["stdout", "stderr"].contains(&&**name) => {
                    (NO_LOG_PLACE, format!("uses incompatible ring '{name}'"))
                }
                LogDestination::Ring(name) => (
                    UNKNOWN_LOG_PLACE,
                    format!("uses unknown ring named '{name}'"),
                ),
                LogDestination::Backend(name) => match self.backends.get(name.as_bytes()) {
                    Some(target) if target.is_log => continue,
                    Some(_) => (
                        NO_LOG_PLACE,
                        format!("uses incompatible log backend '{name}'"),
                    ),
                    None => (
                        UNKNOWN_LOG_PLACE,
                        format!("uses unknown log backend '{name}'"),
                    ),
                },
                _ => continue,
            };
            if seen.insert((span.file.0, span.start)) {
                let message = match section {
                    "global" => format!("global log directive {wrong}."),
                    _ => format!("log directive declared in {section} {wrong}."),
                };
                self.fail(code, *span, message);
            }
        }
    }

    fn forward(&self, draft: &ForwardDraft) -> LogForward {
        let targets: Vec<LogTarget> = written(&self.global_logs, &draft.logs)
            .map(|logger| logger.target.clone())
            .collect();
        LogForward {
            name: draft.name.as_str().into(),
            binds: self.forward_binds(&draft.binds, draft.backlog),
            datagram_binds: self.forward_binds(&draft.datagram_binds, None),
            targets,
            maxconn: draft.maxconn,
            client_ms: draft.client_ms,
            only_lines: draft.only_lines,
            rules: draft.rules,
        }
    }

    fn forward_binds(&self, lines: &[BindDraft], backlog: Option<u32>) -> Vec<Bind> {
        let sockets = lines
            .iter()
            .flat_map(|line| line.addrs.iter().map(move |addr| (line, addr)));
        (1..)
            .zip(sockets)
            .map(|(id, (line, addr))| {
                let location = self.work.options.location(line.span);
                line.socket(addr, id, backlog, location)
            })
            .collect()
    }

    fn fail(&mut self, code: Code, place: Span, message: String) {
        self.diags
            .push(Diagnostic::error(code, message).at(place, ""));
    }
}

fn is_tcp_request(kind: &RuleKind) -> bool {
    matches!(
        kind,
        RuleKind::TcpRequestConnection | RuleKind::TcpRequestContent | RuleKind::TcpRequestSession
    )
}

/// The lines that name a target themselves.
fn own(lines: &[LogLine]) -> impl Iterator<Item = &Logger> {
    lines.iter().filter_map(|line| match line {
        LogLine::Global => None,
        LogLine::Target(logger) => Some(logger),
    })
}
