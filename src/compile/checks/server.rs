//! The words of a `server` line that say how it is checked and what follows from it.

use super::request::fixed;
use super::{BAD_TRACK, NO_CHECK_PORT, UNKNOWN_HEALTHCHECK};
use crate::clock::NEVER;
use crate::compile::config::Mode;
use crate::compile::findings::NEEDS_HTTP;
use crate::health::script::{Action, Language, Script, Step};
use crate::health::{Bounds, CheckAddr, CheckSpec, Intervals, Observe, Program, ServerSpec};
use crate::syntax::{Diagnostic, Diagnostics};
use crate::vocab::address::Target;
use crate::vocab::codes::BAD_OPTION_VALUE;
use crate::vocab::section::proxy::ProxyDraft;
use crate::vocab::server_option::{Place, ServerDraft};
use std::collections::HashMap;
use std::sync::Arc;

/// The ways that the servers of a proxy may be checked.
pub(in crate::compile) struct Ways<'a> {
    /// The proxy's own.
    pub(in crate::compile) own: Arc<Script>,
    /// `external-check command`, for any server.
    pub(in crate::compile) program: Option<Program>,
    /// Those of `healthcheck` sections by name.
    pub(in crate::compile) named: &'a HashMap<String, Arc<Script>>,
}

impl Ways<'_> {
    /// How a server is checked.
    fn of(&self, server: &ServerDraft, diags: &mut Diagnostics) -> Arc<Script> {
        let Some(wanted) = &server.options.health.healthcheck else {
            return Arc::clone(&self.own);
        };
        let name = wanted.text();
        self.named.get(&*name).cloned().unwrap_or_else(|| {
            let message = format!(
                "healthcheck section '{name}' not found for server '{}'.",
                server.name
            );
            let found = Diagnostic::error(UNKNOWN_HEALTHCHECK, message).at(wanted.span, "");
            diags.push(found.near(&name, self.named.keys().map(String::as_str)));
            Arc::default()
        })
    }
}

/// How one server is checked, and what follows. `track` is resolved later.
pub(in crate::compile) fn server(
    draft: &ProxyDraft<'_>,
    server: &ServerDraft,
    id: u32,
    ways: &Ways<'_>,
    diags: &mut Diagnostics,
) -> ServerSpec {
    let o = &server.options.health;
    let script = ways.of(server, diags);
    if o.check && o.track.is_some() {
        let message = format!(
            "'server {}/{}' : unable to enable checks and tracking at the same time!",
            draft.name, server.name
        );
        diags.push(Diagnostic::error(BAD_TRACK, message).at(server.name_span, ""));
    }
    if let (Observe::Layer7, Some(span)) = (o.observe, o.observe_at)
        && draft.settings.mode != Mode::Http
    {
        let message = "'layer7' can only be used in http proxies.";
        diags.push(
            Diagnostic::error(NEEDS_HTTP, message)
                .at(span, "")
                .help("write 'observe layer4', or 'mode http' in this section"),
        );
    }
    let mode = match script.language {
        Language::Http => Mode::Http,
        _ => Mode::Tcp,
    };
    if let Some((_, span)) = o.proto.filter(|(proto, _)| o.check && !proto.serves(mode)) {
        let message = format!(
            "{} '{}': server '{}' uses an incompatible MUX protocol for the selected check type",
            draft.kind.noun(),
            draft.name,
            server.name
        );
        let found = Diagnostic::error(BAD_OPTION_VALUE, message).at(span, "");
        diags.push(found.help("'h1' goes with 'option httpchk', 'none' with all other checks"));
    }
    let timeouts = &draft.settings.timeouts;
    let forms_default = o.port == 0 && o.addr.is_none();
    let is_http = mode == Mode::Http;
    let check = o.check.then(|| CheckSpec {
        intervals: Intervals {
            inter: o.inter,
            fast: o.fastinter,
            down: o.downinter,
        },
        rise: o.rise,
        fall: o.fall,
        addr: o.addr.clone(),
        port: o.port,
        send_proxy: match (server.options.send_proxy, o.send_proxy) {
            // Checks that go where requests go start as those do.
            (version, _) if forms_default && version > 0 => version,
            (version, true) => version.max(1),
            (_, false) => 0,
        },
        script,
        timeout: (timeouts.check != NEVER).then_some(timeouts.check),
        connect_timeout: timeouts.connect,
        source: server.options.source.or(draft.settings.source),
        socks4: server.options.socks4,
        keep_alive: draft.settings.server_probes(),
        via_socks4: o.via_socks4,
        reuse_pool: o.reuse_pool
            && is_http
            && forms_default
            && !o.via_socks4
            && !o.send_proxy
            && server.options.send_proxy == 0,
        program: ways.program.clone().map(|program| {
            let server_id = id;
            Arc::new(Program {
                server_id,
                ..program
            })
        }),
    });
    check_port(draft, server, check.as_ref(), diags);
    if o.agent_check && o.agent_port.is_none_or(|port| port == 0) {
        let message = format!(
            "'server {}/{}' : server {1} does not have agent port. Agent check has been disabled.",
            draft.name, server.name
        );
        diags.push(
            Diagnostic::error(NO_CHECK_PORT, message)
                .at(server.name_span, "")
                .help("write the port of the agent with 'agent-port'"),
        );
    }
    let agent = o.agent_check.then(|| CheckSpec {
        intervals: Intervals {
            inter: o.agent_inter.unwrap_or(o.inter),
            ..Intervals::default()
        },
        rise: 1,
        fall: 1,
        addr: o.agent_addr.clone(),
        port: o.agent_port.unwrap_or(0),
        send_proxy: 0,
        script: Arc::new(agent_script(o.agent_send.as_deref())),
        timeout: (timeouts.check != NEVER).then_some(timeouts.check),
        connect_timeout: timeouts.connect,
        source: server.options.source.or(draft.settings.source),
        socks4: server.options.socks4,
        keep_alive: draft.settings.server_probes(),
        via_socks4: o.via_socks4,
        reuse_pool: false,
        program: None,
    });
    ServerSpec {
        name: server.name.as_str().into(),
        check,
        agent,
        track: None,
        observe: o.observe,
        error_limit: o.error_limit,
        on_error: o.on_error,
        shutdown_sessions: o.shutdown_sessions,
        shutdown_backup_sessions: o.shutdown_backup_sessions,
        init_state: o.init_state,
        bounds: Bounds {
            rise: o.rise,
            fall: o.fall,
        },
    }
}

/// What an agent is asked.
pub fn agent_script(text: Option<&[u8]>) -> Script {
    let send = text.map(|text| Step {
        action: Action::Send(fixed(text)),
        number: 1,
        comment: None,
    });
    Script {
        language: Language::Agent,
        steps: send.into_iter().collect(),
        ..Script::default()
    }
}

/// Reports a check that knows no port to connect to.
fn check_port(
    draft: &ProxyDraft<'_>,
    server: &ServerDraft,
    check: Option<&CheckSpec>,
    diags: &mut Diagnostics,
) {
    let Some(check) = check else { return };
    let has_port = match (&check.addr, &server.place) {
        (Some(CheckAddr::Ip(_, port)), _) if *port > 0 => true,
        (Some(CheckAddr::Local(_)), _) | (None, Place::Fixed(_)) => true,
        // Nowhere to connect to either, which a check will find.
        (None, Place::Named(Target::Any(_), _)) => true,
        (_, Place::Named(..)) => !server.port_from_client || check.port > 0,
        _ => check.port > 0,
    };
    let says = |step: &Step| match &step.action {
        Action::Connect(connect) => Some(connect.port.is_some() || connect.addr.is_some()),
        Action::Variable(_) => None,
        _ => Some(false),
    };
    if check.script.language == Language::Program {
        return;
    }
    if !has_port && !check.script.steps.iter().find_map(says).unwrap_or(false) {
        let message = format!(
            "{} '{}': server '{}' has neither service port nor check port.",
            draft.kind.noun(),
            draft.name,
            server.name
        );
        diags.push(
            Diagnostic::error(NO_CHECK_PORT, message)
                .at(server.place_span, "")
                .help("write the port of the checks with 'port'"),
        );
    }
}
