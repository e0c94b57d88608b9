//! `set server`: a server's state, weight and address.

use super::answer::{Answer, Severity};
use super::command::{Call, Command};
use super::eject;
use super::servers::{self, Named};
use super::weight;
use crate::backend::Operation;
use crate::compile::checks::agent_script;
use crate::health::{Cause, CheckAddr, CheckKind, Retarget};
use crate::net::ServerAddr;
use crate::settings::AccessLevel;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "set server",
    "<backend>/<server> {addr|agent|fqdn|health|state|weight|…} [<value>]",
    "changes a server's state, weight or address",
    AccessLevel::Admin,
    run,
)];

const USAGE: &str = "usage: set server <backend>/<server> addr | agent | agent-addr | agent-port | agent-send | check-addr | check-port | fqdn | health | ssl | state | weight";

fn run(call: &mut Call<'_>) -> Answer {
    let named = match servers::server(call, 2) {
        Ok(named) => named,
        Err(answer) => return answer,
    };
    let health = call.control.health();
    let checks = |kind| {
        health
            .check(named.place, kind)
            .is_some_and(|check| check.enabled)
    };
    match call.bytes(3) {
        b"weight" => weight::set(&named, &call.text(4)),
        b"state" => {
            match call.bytes(4) {
                b"ready" => health.set_ready(named.place),
                b"drain" => health.set_drain(named.place, ""),
                b"maint" => health.set_maint(named.place, ""),
                _ => {
                    return Answer::error(
                        "'set server <srv> state' expects 'ready', 'drain' and 'maint'.",
                    );
                }
            }
            Answer::Done
        }
        b"health" => set_health(call, &named),
        b"agent" if !checks(CheckKind::Agent) => {
            Answer::error("agent checks are not enabled on this server.")
        }
        b"agent" => set_agent(call, &named),
        b"agent-send" if !checks(CheckKind::Agent) => {
            Answer::error("agent checks are not enabled on this server.")
        }
        b"agent-addr" | b"agent-port" if call.has(4) && !checks(CheckKind::Agent) => {
            Answer::message(
                Severity::Warning,
                "agent checks are not enabled on this server",
            )
        }
        b"check-addr" | b"check-port" if call.has(4) && !checks(CheckKind::Health) => {
            Answer::message(
                Severity::Warning,
                "health checks are not enabled on this server",
            )
        }
        b"agent-addr" | b"agent-port" => retarget(call, &named, CheckKind::Agent),
        b"check-addr" | b"check-port" => retarget(call, &named, CheckKind::Health),
        b"agent-send" => {
            let script = agent_script(Some(call.bytes(4)));
            let to = Retarget {
                script: Some(Arc::new(script)),
                ..Retarget::default()
            };
            health.retarget(named.place, CheckKind::Agent, to);
            Answer::Done
        }
        b"addr" => set_addr(call, &named),
        b"eject" => eject::eject(call, &named, 4),
        b"uneject" => eject::uneject(&named),
        b"fqdn" if !call.has(4) => Answer::error("set server <b>/<s> fqdn requires a FQDN."),
        b"fqdn" => {
            Answer::error("set server <b>/<s> fqdn failed because no resolution is configured.")
        }
        b"ssl" => Answer::message(Severity::Notice, "server ssl setting not supported."),
        _ => Answer::error(USAGE),
    }
}

fn set_health(call: &Call<'_>, named: &Named<'_>) -> Answer {
    let health = call.control.health();
    if health
        .spec(named.place)
        .is_some_and(|spec| spec.track.is_some())
    {
        return Answer::error("cannot change health on a tracking server.");
    }
    let operation = match call.bytes(4) {
        b"up" => Operation::Running,
        b"stopping" => Operation::Stopping,
        b"down" => Operation::Stopped,
        _ => {
            return Answer::error("'set server <srv> health' expects 'up', 'stopping', or 'down'.");
        }
    };
    health.set_health(named.place, CheckKind::Health, operation, CHANGED);
    Answer::Done
}

fn set_agent(call: &Call<'_>, named: &Named<'_>) -> Answer {
    let operation = match call.bytes(4) {
        b"up" => Operation::Running,
        b"down" => Operation::Stopped,
        _ => return Answer::error("'set server <srv> agent' expects 'up' or 'down'."),
    };
    let health = call.control.health();
    health.set_health(named.place, CheckKind::Agent, operation, CHANGED);
    Answer::Done
}

/// `check-addr`, `check-port`, `agent-addr`, `agent-port`: where a check goes from now on.
fn retarget(call: &Call<'_>, named: &Named<'_>, kind: CheckKind) -> Answer {
    let (word, has_addr) = (call.text(3), call.bytes(3).ends_with(b"addr"));
    if !call.has(4) {
        let what = match has_addr {
            true => "an address and optionally a port",
            false => "a port",
        };
        return Answer::error(format!("set server <b>/<s> {word} requires {what}."));
    }
    let warn = |text: String| Answer::message(Severity::Warning, text);
    let mut to = Retarget::default();
    if has_addr {
        let Ok(ip) = call.text(4).parse() else {
            return warn(format!("invalid addr '{}'", call.shown(4)));
        };
        to.addr = Some(CheckAddr::Ip(ip, 0));
    }
    let port = match has_addr {
        true => (call.bytes(5) == b"port").then_some(6),
        false => Some(4),
    };
    if let Some(at) = port {
        let Ok(port) = call.text(at).parse::<i64>() else {
            return warn("provided port is not an integer".to_owned());
        };
        let Ok(port) = u16::try_from(port) else {
            return warn("provided port is invalid".to_owned());
        };
        if port == 0 && kind == CheckKind::Health && named.config.port_from_client {
            return warn("can't unset 'port' since MAPPORTS is in use".to_owned());
        }
        to.port = Some(port);
    }
    call.control.health().retarget(named.place, kind, to);
    Answer::Done
}

/// What the log says of a state set here.
const CHANGED: Cause = Cause::Other("changed from CLI");

fn set_addr(call: &Call<'_>, named: &Named<'_>) -> Answer {
    if !call.has(4) {
        return Answer::error("set server <b>/<s> addr requires an address and optionally a port.");
    }
    let warn = |text: String| Answer::message(Severity::Warning, text);
    let known = named.state.addr();
    let Some(ServerAddr::Tcp(before)) = known.as_deref() else {
        return warn("Update for the current server address family is only supported through configuration file.".to_owned());
    };
    let Ok(ip) = call.text(4).parse::<IpAddr>() else {
        return warn(format!("Invalid addr '{}'", call.shown(4)));
    };
    let mut after = SocketAddr::new(ip, before.port());
    if call.bytes(5) == b"port" {
        let text = call.text(6);
        if text.starts_with(['+', '-']) || named.config.port_from_client {
            return Answer::error("changing a port that is mapped is not supported yet");
        }
        match crate::health::leading_number(&text) {
            // As HAProxy, which keeps the low 16 bits.
            (Some(port), _) => after.set_port(port as u16),
            (None, _) => {
                return warn(format!(
                    "problem converting port '{}' to an int",
                    call.shown(6)
                ));
            }
        }
    }
    let mut changes = Vec::new();
    if after.ip() != before.ip() {
        changes.push(format!(
            "IP changed from '{}' to '{}'",
            before.ip(),
            after.ip()
        ));
    }
    if after.port() != before.port() {
        let (before, after) = (before.port(), after.port());
        changes.push(format!("port changed from '{before}' to '{after}'"));
    }
    if changes.is_empty() {
        return warn("nothing changed".to_owned());
    }
    call.control.move_server(named.place, after);
    let dynamic = &named.backend.newcomers.cookies;
    dynamic.give(&named.config.cookie, Some(&ServerAddr::Tcp(after)));
    warn(format!("{} by 'stats socket command'", changes.join(", ")))
}
