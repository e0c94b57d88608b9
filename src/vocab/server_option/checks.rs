//! The options of `server` lines that are about health: checks, agents, `observe`, states.

use super::Build;
use crate::clock::Millis;
use crate::health::{CheckAddr, InitState, Observe, OnError};
use crate::syntax::{Span, Word};
use crate::vocab::address::{self, Address, Ports};
use crate::vocab::args::TimeUnit;
use crate::vocab::bind_option::OptionArg;
use crate::vocab::keyword::{Keyword, Sections};
use crate::vocab::line::clamp_u32;
use crate::vocab::mux_proto::MuxProto;

/// What a `server` line says about health.
#[derive(Clone, Debug)]
#[allow(
    missing_docs,
    reason = "each is the option of the same name, manual section 5.2"
)]
pub struct CheckOptions {
    pub check: bool,
    pub addr: Option<CheckAddr>,
    pub port: u16,
    pub send_proxy: bool,
    pub inter: Millis,
    pub fastinter: Option<Millis>,
    pub downinter: Option<Millis>,
    pub rise: u32,
    pub fall: u32,
    pub agent_check: bool,
    pub agent_addr: Option<CheckAddr>,
    pub agent_port: Option<u16>,
    pub agent_inter: Option<Millis>,
    pub agent_send: Option<Box<[u8]>>,
    pub observe: Observe,
    /// The word after `observe`.
    pub observe_at: Option<Span>,
    pub error_limit: u32,
    pub on_error: OnError,
    pub shutdown_sessions: bool,
    pub shutdown_backup_sessions: bool,
    pub init_state: Option<InitState>,
    /// `slowstart`, whole seconds.
    pub slowstart_s: u64,
    pub track: Option<Word>,
    pub healthcheck: Option<Word>,
    pub via_socks4: bool,
    pub reuse_pool: bool,
    /// `check-proto`, and where it says which.
    pub proto: Option<(MuxProto, Span)>,
}

impl Default for CheckOptions {
    fn default() -> Self {
        Self {
            check: false,
            addr: None,
            port: 0,
            send_proxy: false,
            inter: 2000,
            fastinter: None,
            downinter: None,
            rise: 2,
            fall: 3,
            agent_check: false,
            agent_addr: None,
            agent_port: None,
            agent_inter: None,
            agent_send: None,
            observe: Observe::Nothing,
            observe_at: None,
            error_limit: 10,
            on_error: OnError::FailCheck,
            shutdown_sessions: false,
            shutdown_backup_sessions: false,
            init_state: None,
            slowstart_s: 0,
            track: None,
            healthcheck: None,
            via_socks4: false,
            reuse_pool: false,
            proto: None,
        }
    }
}

/// The words; those with arguments take exactly one value.
pub(super) const WORDS: &[Keyword<Build>] = &[
    option(
        "addr",
        "<address>",
        "Checks connect to this address instead of the server's, and so does the agent check unless \
         it has one of its own.",
        |arg, o| {
            if let Some(addr) = check_addr(arg) {
                o.health.agent_addr.get_or_insert_with(|| addr.clone());
                o.health.addr = Some(addr);
            }
        },
    ),
    option(
        "agent-addr",
        "<address>",
        "The agent is at this address instead of the server's.",
        |arg, o| o.health.agent_addr = check_addr(arg).or(o.health.agent_addr.take()),
    ),
    option(
        "agent-check",
        "",
        "Asks an agent on the server how it is: it connects to `agent-port` every `agent-inter` and \
         reads one line of words: `up`, `down`, `fail`, `stopped`; `ready`, `drain`, `maint`; a \
         weight as `75%` or `weight:30`; `maxconn:10`. Only the agent can undo what it did.",
        |_, o| o.health.agent_check = true,
    ),
    option(
        "no-agent-check",
        "",
        "Reverts 'agent-check' of default-server.",
        |_, o| o.health.agent_check = false,
    ),
    option(
        "agent-inter",
        "<time>",
        "Time between two questions to the agent. Default 'inter'.",
        |arg, o| o.health.agent_inter = delay(arg).or(o.health.agent_inter),
    ),
    option("agent-port", "<port>", "Port of the agent.", |arg, o| {
        o.health.agent_port = port(arg).or(o.health.agent_port)
    }),
    option(
        "agent-send",
        "<string>",
        "Sent to the agent once connected.",
        |arg, o| {
            if let Some(text) = arg.value() {
                o.health.agent_send = Some(text.bytes.clone());
            }
        },
    ),
    option(
        "check",
        "",
        "Checks whether the server is fit to serve, every 'inter', and takes it out of service while \
         it is not: by connecting, or as the backend's 'option httpchk', 'tcp-check' and so on say.",
        |_, o| o.health.check = true,
    ),
    option(
        "no-check",
        "",
        "Reverts 'check' of default-server.",
        |_, o| o.health.check = false,
    ),
    option(
        "check-proto",
        "{h1 | none}",
        "What checks speak: `h1` with 'option httpchk', `none` with all others, as they do anyway. Default: \
         the server's 'proto'.",
        |arg, o| o.health.proto = arg.mux_proto().or(o.health.proto),
    ),
    option(
        "check-send-proxy",
        "",
        "Checks start with a PROXY header too when they go to another port or address than requests.",
        |_, o| o.health.send_proxy = true,
    ),
    option(
        "no-check-send-proxy",
        "",
        "Reverts 'check-send-proxy' of default-server.",
        |_, o| o.health.send_proxy = false,
    ),
    option(
        "check-reuse-pool",
        "",
        "HTTP checks take an idle connection to the server if there is one that the first request of a \
         client may have, see 'http-reuse'. Not if checks go elsewhere than requests, or otherwise.",
        |_, o| o.health.reuse_pool = true,
    ),
    option(
        "no-check-reuse-pool",
        "",
        "Reverts 'check-reuse-pool' of default-server.",
        |_, o| o.health.reuse_pool = false,
    ),
    option(
        "check-via-socks4",
        "",
        "Checks go through the proxy that 'socks4' names, too.",
        |_, o| o.health.via_socks4 = true,
    ),
    option(
        "downinter",
        "<time>",
        "Time between checks of a server that is down. Default 'inter'.",
        |arg, o| o.health.downinter = delay(arg).or(o.health.downinter),
    ),
    option(
        "error-limit",
        "<count>",
        "Errors in a row that 'observe' takes before 'on-error' is done. Default 10.",
        |arg, o| {
            if let Some(limit) = positive(arg) {
                o.health.error_limit = limit;
            }
        },
    ),
    option(
        "fall",
        "<count>",
        "Checks in a row that must fail before the server is down. Default 3.",
        |arg, o| {
            if let Some(fall) = positive(arg) {
                o.health.fall = fall;
            }
        },
    ),
    option(
        "fastinter",
        "<time>",
        "Time between checks while it is being decided whether the server is up or down. Default \
         'inter'.",
        |arg, o| o.health.fastinter = delay(arg).or(o.health.fastinter),
    ),
    option(
        "healthcheck",
        "<name>",
        "Checks this server as the 'healthcheck' section <name> says, not as its backend does.",
        |arg, o| {
            if let Some(name) = arg.value() {
                o.health.healthcheck = Some(name.clone());
            }
        },
    ),
    option(
        "init-state",
        "{none | fully-up | up | down | fully-down}",
        "State that a checked server starts in and comes back from maintenance in: up until 'fall' \
         checks or one failed, down until one or 'rise' passed. 'none', the default, starts up and \
         needs one failure.",
        |arg, o| {
            const NAMES: [&str; 5] = ["none", "fully-up", "up", "down", "fully-down"];
            const STATES: [Option<InitState>; 5] = [
                None,
                Some(InitState::FullyUp),
                Some(InitState::Up),
                Some(InitState::Down),
                Some(InitState::FullyDown),
            ];
            let expected = "'none', 'fully-up', 'up', 'down', or 'fully-down'";
            if let Some(state) = choice(arg, &NAMES, &STATES, expected) {
                o.health.init_state = state;
            }
        },
    ),
    option(
        "inter",
        "<time>",
        "Time between two checks, counted from the end of the first. It is also how long a check may \
         take unless 'timeout check' is set. Default 2s.",
        |arg, o| {
            if let Some(inter) = delay(arg) {
                o.health.inter = inter;
            }
        },
    ),
    option(
        "observe",
        "{none | layer4 | layer7}",
        "Learns from live traffic: 'layer4' from connections, 'layer7' from responses too, of \
         which 5xx but 501 and 505 are errors. 'error-limit' of them in a row do what 'on-error' \
         says. Needs 'check', and each check that passes starts the count again.",
        |arg, o| {
            const MODES: [Observe; 3] = [Observe::Nothing, Observe::Layer4, Observe::Layer7];
            let expected = "'none', 'layer4', 'layer7'";
            if let Some(mode) = choice(arg, &["none", "layer4", "layer7"], &MODES, expected) {
                o.health.observe = mode;
                o.health.observe_at = Some(arg.line.place(arg.at + 1));
            }
        },
    ),
    option(
        "on-error",
        "{fastinter | fail-check | sudden-death | mark-down}",
        "What 'error-limit' errors in a row lead to: a check soon; as much as a failed check, the \
         default; one more failure takes the server down; it is down.",
        |arg, o| {
            const NAMES: [&str; 4] = ["fastinter", "fail-check", "sudden-death", "mark-down"];
            const MODES: [OnError; 4] = [
                OnError::FastInter,
                OnError::FailCheck,
                OnError::SuddenDeath,
                OnError::MarkDown,
            ];
            let expected = "'fastinter', 'fail-check', 'sudden-death' or 'mark-down'";
            if let Some(mode) = choice(arg, &NAMES, &MODES, expected) {
                o.health.on_error = mode;
            }
        },
    ),
    option(
        "on-marked-down",
        "shutdown-sessions",
        "Ends the connections to the server when it goes down.",
        |arg, o| o.health.shutdown_sessions |= only(arg, "shutdown-sessions"),
    ),
    option(
        "on-marked-up",
        "shutdown-backup-sessions",
        "Ends the connections to the backup servers when this server comes up.",
        |arg, o| o.health.shutdown_backup_sessions |= only(arg, "shutdown-backup-sessions"),
    ),
    option(
        "port",
        "<port>",
        "Checks connect to this port instead of the server's, and so does the agent check unless it \
         has one of its own.",
        |arg, o| {
            if let Some(port) = port(arg) {
                o.health.port = port;
                o.health.agent_port.get_or_insert(port);
            }
        },
    ),
    option(
        "rise",
        "<count>",
        "Checks in a row that must pass before the server is up. Default 2.",
        |arg, o| {
            if let Some(rise) = positive(arg) {
                o.health.rise = rise;
            }
        },
    ),
    option(
        "slowstart",
        "<time>",
        "A server that comes up gets its share of the load little by little over this time: its \
         weight, for dynamic algorithms, and 'maxconn' grow every second. Rounded up to seconds.",
        |arg, o| {
            if let Some(time) = time(arg) {
                o.health.slowstart_s = time.div_ceil(1000);
            }
        },
    ),
    option(
        "track",
        "[<backend>/]<server>",
        "This server's state follows that of another one, which is checked.",
        |arg, o| o.health.track = arg.value().cloned().or(o.health.track.take()),
    ),
];

const fn option(
    name: &'static str,
    args: &'static str,
    doc: &'static str,
    build: Build,
) -> Keyword<Build> {
    Keyword {
        name,
        args,
        sections: Sections::BACKEND,
        doc,
        build,
    }
}

fn check_addr(arg: &mut OptionArg<'_, '_, '_>) -> Option<CheckAddr> {
    arg.value()?;
    match read_addr(arg.line, arg.at + 1) {
        Ok(addr) => Some(addr),
        Err(message) => {
            arg.error(&message);
            None
        }
    }
}

/// Reads where a check goes: of options, and of `connect` rules.
pub fn read_addr(
    line: &mut crate::vocab::line::Line<'_, '_>,
    at: usize,
) -> Result<CheckAddr, String> {
    let text = line.text(at).unwrap_or_default();
    match address::parse(&text, super::SOURCE, line.host)? {
        Address::Inet(target, ports) => {
            let ip = target
                .ip(line.host)
                .map_err(|_| format!("could not resolve address '{text}'"))?;
            let port = match ports {
                Ports::Range(port, _) => port,
                Ports::None | Ports::Offset(_) => 0,
            };
            Ok(CheckAddr::Ip(ip, port))
        }
        Address::Unix(path) => {
            use std::os::unix::ffi::OsStringExt;
            let path = std::ffi::OsString::from_vec(path).into();
            Ok(CheckAddr::Local(crate::net::ServerAddr::Unix(path)))
        }
        Address::Abstract(name) => Ok(CheckAddr::Local(crate::net::ServerAddr::Abstract(name))),
        _ => Err(format!("'{text}' is not an address to connect to")),
    }
}

fn port(arg: &mut OptionArg<'_, '_, '_>) -> Option<u16> {
    let number = arg.number()?;
    let port = u16::try_from(number).ok();
    if port.is_none() {
        arg.error(&format!("'{number}' is not a port number"));
    }
    port
}

fn positive(arg: &mut OptionArg<'_, '_, '_>) -> Option<u32> {
    let number = arg.number()?;
    if number <= 0 {
        // HAProxy quotes the one word and not the other.
        let name = match &*arg.name() {
            "error-limit" => "error-limit".to_owned(),
            name => format!("'{name}'"),
        };
        arg.complain(&format!("{name} has to be > 0"));
        return None;
    }
    // Both bounds of a counter are added up.
    Some(clamp_u32(number).min(u32::MAX / 2))
}

/// Which server's option is being read, as messages show it; nothing in `default-server`.
pub(super) fn of_server(arg: &OptionArg<'_, '_, '_>) -> String {
    match (&*arg.line.name(), arg.line.text(1)) {
        ("server", Some(name)) => format!(" of server {name}"),
        _ => String::new(),
    }
}

fn time(arg: &mut OptionArg<'_, '_, '_>) -> Option<Millis> {
    arg.value()?;
    let of = format!("'{}' argument{}", arg.name(), of_server(arg));
    arg.line.duration_of(arg.at + 1, &of, TimeUnit::Millis)
}

fn delay(arg: &mut OptionArg<'_, '_, '_>) -> Option<Millis> {
    let delay = time(arg)?;
    if delay == 0 {
        let (name, of) = (arg.name(), of_server(arg));
        arg.complain(&format!("invalid value 0 for argument '{name}'{of}."));
        return None;
    }
    Some(delay)
}

fn choice<T: Copy>(
    arg: &mut OptionArg<'_, '_, '_>,
    names: &[&str],
    values: &[T],
    expected: &str,
) -> Option<T> {
    let text = arg.text()?;
    let at = names.iter().position(|name| *name == text);
    if at.is_none() {
        let name = arg.name();
        arg.complain(&format!(
            "'{name}' expects one of {expected} but got '{text}'"
        ));
    }
    values.get(at?).copied()
}

fn only(arg: &mut OptionArg<'_, '_, '_>, word: &str) -> bool {
    match arg.text() {
        Some(text) if text == word => true,
        Some(text) => {
            let name = arg.name();
            arg.complain(&format!("'{name}' expects '{word}' but got '{text}'"));
            false
        }
        None => false,
    }
}
