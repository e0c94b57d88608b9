//! `load-server-state-from-file`: servers begin as an earlier process left them.
//!
//! Files are read before rights and root are given up, and taken over before anything is accepted.
//! What is wrong with them is told and never keeps the process from starting. A reload of the same
//! process reads none: what it knows itself is newer.

use super::shared::Shared;
use crate::backend::Admin;
use crate::compile::config::{Backend, Config};
use crate::health::{
    BadFile, CheckAddr, CheckKind, Place, Retarget, Saved, SavedLine, SavedTarget, read_saved,
};
use crate::net::ServerAddr;
use crate::observe::log::level;
use crate::settings::StateFile;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Largest file that is read, bytes.
const LARGEST: u64 = 64 << 20;

/// The states of servers that were found.
#[derive(Debug, Default)]
pub(super) struct SavedStates(Vec<(Place, Saved)>);

/// Reads the files that the backends of a configuration name. `tell` gets what is to be known, at a
/// level of syslog.
pub(super) fn read(config: &Config, tell: &dyn Fn(u8, &str)) -> SavedStates {
    let mut found = SavedStates::default();
    let wants = |file: &StateFile| config.backends.iter().any(|b| b.state_file == *file);
    let global = config.global.server_state_file.as_deref();
    let global = global
        .filter(|_| wants(&StateFile::Global))
        .and_then(|file| {
            lines(&path(config, file), tell, |what| match what {
                Trouble::Open(error, path) => {
                    format!("config: Can't open global server state file '{path}': {error}")
                }
                Trouble::Bad(BadFile::Empty, path) => {
                    format!("config: Empty global server state file '{path}'.")
                }
                Trouble::Bad(BadFile::Version, path) => {
                    format!("config: Can't get version of the global server state file '{path}'.")
                }
                Trouble::Bad(BadFile::Line(line), path) => {
                    format!("config: corrupted global server state file '{path}' at line {line}.")
                }
            })
        });
    let mut by_name: HashMap<(&str, &str), &SavedLine> = HashMap::new();
    for line in global.iter().flatten() {
        by_name.entry((&line.backend, &line.server)).or_insert(line);
    }
    for (index, backend) in config.backends.iter().enumerate() {
        if backend.disabled || backend.servers.is_empty() {
            continue;
        }
        match &backend.state_file {
            StateFile::None => {}
            StateFile::Global => {
                for (server, spec) in backend.servers.iter().enumerate() {
                    let place = Place {
                        backend: index,
                        server,
                    };
                    if let Some(line) = by_name.get(&(&*backend.name, &*spec.name)) {
                        found.add(place, backend, line, tell);
                    }
                }
            }
            StateFile::Local(file) => local(config, index, backend, file, &mut found, tell),
        }
    }
    found
}

/// Reads the file of one backend.
fn local(
    config: &Config,
    index: usize,
    backend: &Backend,
    file: &Path,
    found: &mut SavedStates,
    tell: &dyn Fn(u8, &str),
) {
    let name = &*backend.name;
    let lines = lines(&path(config, file), tell, |what| match what {
        Trouble::Open(error, path) => {
            format!("Proxy '{name}': Can't open server state file '{path}': {error}.")
        }
        Trouble::Bad(BadFile::Empty, path) => {
            format!("Proxy '{name}': Empty server state file '{path}'.")
        }
        Trouble::Bad(BadFile::Version, path) => {
            format!("Proxy '{name}': Can't get version of the server state file '{path}'.")
        }
        Trouble::Bad(BadFile::Line(line), path) => {
            format!("Proxy '{name}': corrupted server state file '{path}' at line {line}.")
        }
    });
    let own = lines.into_iter().flatten();
    let own = own.filter(|line| belongs(line, backend, tell));
    let mut seen: HashMap<String, ()> = HashMap::new();
    for line in own {
        if seen.insert(line.server.clone(), ()).is_some() {
            continue;
        }
        let mut servers = backend.servers.iter();
        match servers.position(|server| *server.name == *line.server) {
            Some(server) => {
                let place = Place {
                    backend: index,
                    server,
                };
                found.add(place, backend, &line, tell);
            }
            None => {
                let server = &line.server;
                let message =
                    format!("Proxy '{name}': can't find server '{server}' in backend '{name}'");
                tell(level::WARNING, &message);
            }
        }
    }
}

/// Whether a line of a backend's own file is about it, by name or by an id that was written.
fn belongs(line: &SavedLine, backend: &Backend, tell: &dyn Fn(u8, &str)) -> bool {
    let same_id = line.backend_id.parse() == Ok(backend.uuid);
    let same_name = *line.backend == *backend.name;
    let name = &backend.name;
    match (same_id, same_name) {
        (true, true) => true,
        (false, false) => false,
        (false, true) => {
            let (id, own) = (&line.backend_id, backend.uuid);
            let message = format!(
                "Proxy '{name}': backend ID mismatch: from server state file: '{id}', from running config '{own}'"
            );
            tell(level::WARNING, &message);
            true
        }
        (true, false) => {
            let other = &line.backend;
            let message = format!(
                "Proxy '{name}': backend name mismatch: from server state file: '{other}', from running config '{name}'"
            );
            tell(level::WARNING, &message);
            line.forced_id
        }
    }
}

/// What keeps a file from being read.
enum Trouble<'a> {
    Open(&'a str, &'a str),
    Bad(BadFile, &'a str),
}

/// The lines of a file; `words` says what kept them from being read.
fn lines(
    path: &Path,
    tell: &dyn Fn(u8, &str),
    words: impl Fn(Trouble<'_>) -> String,
) -> Option<Vec<SavedLine>> {
    let shown = path.display().to_string();
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LARGEST).read_to_end(&mut bytes));
    if let Err(error) = read {
        let level = match error.kind() {
            io::ErrorKind::NotFound => level::NOTICE,
            _ => level::WARNING,
        };
        let text = error.to_string();
        let text = text.split(" (os error").next().unwrap_or_default();
        tell(level, &words(Trouble::Open(text, &shown)));
        return None;
    }
    match read_saved(&String::from_utf8_lossy(&bytes)) {
        Ok(lines) => Some(lines),
        Err(bad) => {
            let level = match bad {
                BadFile::Empty => level::NOTICE,
                _ => level::WARNING,
            };
            tell(level, &words(Trouble::Bad(bad, &shown)));
            None
        }
    }
}

/// Where a file is: in `server-state-base` unless it says so itself.
fn path(config: &Config, file: &Path) -> PathBuf {
    match &config.global.server_state_base {
        // Joining leaves absolute paths alone.
        Some(base) => base.join(file),
        None => file.to_owned(),
    }
}

impl SavedStates {
    fn add(&mut self, place: Place, backend: &Backend, line: &SavedLine, tell: &dyn Fn(u8, &str)) {
        match &line.state {
            Ok(state) => {
                let mut state = state.clone();
                if let Err(why) = check_targets(&mut state, backend, place) {
                    let (backend, server) = (&backend.name, &line.server);
                    let message = format!(
                        "server-state partially applied for server '{backend}/{server}', {why}"
                    );
                    tell(level::WARNING, &message);
                }
                self.0.push((place, state));
            }
            Err(wrong) => {
                let (backend, server) = (&backend.name, &line.server);
                let message = format!(
                    "server-state application failed for server '{backend}/{server}'{wrong}"
                );
                tell(level::WARNING, &message);
            }
        }
    }

    /// Takes everything over.
    pub(super) fn apply(&self, shared: &Shared) {
        for (place, saved) in &self.0 {
            move_to(shared, *place, saved);
            shared.health.restore(*place, saved);
            for (kind, target) in [
                (CheckKind::Health, &saved.check_target),
                (CheckKind::Agent, &saved.agent_target),
            ] {
                if let Ok(SavedTarget { ip, port }) = *target {
                    let to = Retarget {
                        addr: ip.map(|ip| CheckAddr::Ip(ip, 0)),
                        port,
                        script: None,
                    };
                    shared.health.retarget(*place, kind, to);
                }
            }
        }
    }
}

/// Where checks went counts only where there are checks. What comes after something wrong is not taken over.
fn check_targets(saved: &mut Saved, backend: &Backend, place: Place) -> Result<(), String> {
    let spec = backend
        .servers
        .get(place.server)
        .map(|server| &server.health);
    let checks = spec.is_some_and(|spec| spec.check.is_some()) && !saved.check_disabled;
    let asks = spec.is_some_and(|spec| spec.agent.is_some()) && !saved.agent_disabled;
    let (check, agent) = (&mut saved.check_target, &mut saved.agent_target);
    let sound = sound_target(
        check,
        checks,
        "health checks are not enabled on this server",
    );
    if sound.is_err() {
        *agent = Ok(SavedTarget::default());
    }
    sound.and_then(|()| sound_target(agent, asks, "agent checks are not enabled on this server"))
}

fn sound_target(
    target: &mut Result<SavedTarget, String>,
    enabled: bool,
    otherwise: &str,
) -> Result<(), String> {
    let unused = matches!(target, Ok(target) if target.is_default());
    if !enabled && !unused {
        *target = Err(otherwise.to_owned());
    }
    target.as_ref().map(|_| ()).map_err(String::clone)
}

/// A server's port is as it was, and its address if it is looked up by name.
fn move_to(shared: &Shared, place: Place, saved: &Saved) {
    let server = (shared.config.backends.get(place.backend))
        .and_then(|backend| backend.servers.get(place.server));
    let (Some(server), Some(state)) = (server, shared.backends.get(place.backend)) else {
        return;
    };
    let known = state.servers().get(place.server);
    let configured = match known.and_then(|known| known.addr().as_deref().cloned()) {
        Some(ServerAddr::Tcp(addr)) => Some(addr),
        Some(_) => return,
        None => None,
    };
    let kept = saved.ip.filter(|_| server.keeps_address);
    let Some(ip) = kept.or(configured.map(|addr| addr.ip())) else {
        return;
    };
    let port = match saved.port {
        0 => configured.map_or(0, |addr| addr.port()),
        port => port,
    };
    let addr = SocketAddr::new(ip, port);
    if configured != Some(addr) {
        shared.move_server(place, addr);
        if configured.is_none() {
            shared.health.remove(place, Admin::UNRESOLVED);
        }
    }
}
