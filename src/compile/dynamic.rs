//! Servers and backends that commands add to a configuration in force.
//!
//! A server is a `server` line read by itself; a backend is compiled from the `defaults` section it
//! names, which is kept for that, and nothing else. What must hold: neither names anything that the
//! configuration does not have already, so that all indices stay what they are. Deliberately absent:
//! what becomes of what is made here, and looking up names of hosts, as in HAProxy.

use super::checks::Ways;
use super::config::{Backend, Config, Mode, Server, ServerTarget, SwitchTarget};
use super::{CompileOptions, compile, resolve};
use crate::health;
use crate::syntax::{Diagnostics, Document, FileId, Section, SectionKind, Sources, Span};
use crate::syntax::{Severity, Statement, Word};
use crate::vocab::host::System;
use crate::vocab::line::{Line, Sense};
use crate::vocab::section::proxy::{ProxyDraft, ProxyKind, Settings};
use crate::vocab::server_option::{self, InitAddr, ServerOptions};
use std::collections::HashSet;
use std::sync::Arc;

/// Options that HAProxy does not take of a server that is added. Such a server has no defaults that
/// the `no-` ones would undo.
const NOT_TAKEN: &[&str] = &[
    "enabled",
    "init-addr",
    "log-bufsize",
    "log-proto",
    "max-reuse",
    "namespace",
    "non-stick",
    "redir",
    "resolve-net",
    "resolve-opts",
    "resolve-prefer",
    "resolvers",
    "stick",
    "socks4",
    "no-agent-check",
    "no-check",
    "no-check-reuse-pool",
    "no-check-send-proxy",
];

/// What is wrong with something that was to be added: lines as HAProxy shows them.
pub type Refusal = String;

/// The options that a server may be added with.
pub fn server_options() -> impl Iterator<Item = &'static str> {
    let works = server_option::VOCABULARY.working().map(|word| word.name);
    works.filter(|name| !NOT_TAKEN.contains(name))
}

/// A server as `words` describe it: name, address, options. With it come warnings.
///
/// # Errors
/// What is wrong with it.
pub fn server(
    config: &Config,
    backend: &Backend,
    words: &[Vec<u8>],
) -> Result<(Server, Vec<String>), Refusal> {
    let words: Vec<Word> = std::iter::once(&b"server"[..])
        .chain(words.iter().map(Vec::as_slice))
        .map(word)
        .collect();
    if let Some(bad) = words.iter().skip(3).find_map(|word| not_taken(word)) {
        return Err(format!("'{bad}' option is not accepted for dynamic server"));
    }
    let host = System {
        environment: &config.environment,
        ignore_resolution: true,
        offline: false,
    };
    let mut diags = Diagnostics::default();
    let mut line = Line {
        words: &words,
        sense: Sense::Set,
        diags: &mut diags,
        host: &host,
    };
    let options = ServerOptions {
        init_addr: vec![InitAddr::None],
        ..ServerOptions::default()
    };
    let draft = server_option::read(&mut line, &options, &backend.name);
    let made = draft.map(|draft| {
        let frame = frame(backend);
        let id = draft
            .options
            .id
            .map_or_else(|| free_id(backend), |(id, _)| id);
        let addr = draft.locate(&backend.name, &host, &mut diags);
        let ways = Ways {
            own: Arc::clone(&backend.newcomers.script),
            program: backend.newcomers.program.clone(),
            named: &config.healthchecks,
        };
        let server = resolve::server(&frame, &draft, id, addr, &ways, &mut diags);
        backend
            .newcomers
            .cookies
            .give(&server.cookie, server.addr.as_ref());
        (server, draft)
    });
    let told = |severity| {
        let found = diags.iter().filter(move |found| found.severity == severity);
        found.map(|found| shown(&found.message)).collect::<Vec<_>>()
    };
    let (mut server, draft) = match (diags.has_errors(), made) {
        (false, Some(made)) => made,
        _ => return Err(told(Severity::Error).join("\n")),
    };
    let same_id = |(_, other): (usize, &Server)| other.id == server.id;
    if let Some((_, other)) = backend.servers.present().find(|one| same_id(*one)) {
        let (id, other) = (server.id, &other.name);
        return Err(format!(
            "'id' : custom id {id} already used by 'server {other}'"
        ));
    }
    if let Some(word) = &draft.options.health.track {
        server.health.track = Some(tracked(config, backend, &word.text())?);
    }
    let mut warnings = told(Severity::Warning);
    if server.cookie.value().is_some() && backend.mode != Mode::Http {
        warnings.push("Ignoring cookie as HTTP mode is disabled.".to_owned());
    }
    Ok((server, warnings))
}

/// A word that was not written in a file.
fn word(bytes: &[u8]) -> Word {
    Word {
        bytes: bytes.into(),
        span: NOWHERE,
    }
}

const NOWHERE: Span = Span {
    file: FileId(0),
    start: 0,
    end: 0,
};

fn not_taken(word: &Word) -> Option<&'static str> {
    let text = word.text();
    NOT_TAKEN.iter().copied().find(|name| *name == text)
}

/// A message without the section it names: the command says which.
fn shown(message: &str) -> String {
    let after = message
        .starts_with("'server ")
        .then(|| message.split_once(" : "));
    let text = after.flatten().map_or(message, |(_, text)| text);
    match text.ends_with(['.', '!']) {
        true => text.to_owned(),
        false => format!("{text}."),
    }
}

/// What of a backend its servers depend on, as if it were being read.
fn frame(backend: &Backend) -> ProxyDraft<'static> {
    let settings = Settings {
        mode: backend.mode,
        timeouts: backend.timeouts,
        source: backend.newcomers.source,
        ..Settings::default()
    };
    let name = backend.name.to_string();
    ProxyDraft::new(ProxyKind::Backend, name, NOWHERE, settings)
}

/// The lowest id from 1 that no server has.
fn free_id(backend: &Backend) -> u32 {
    let used: HashSet<u32> = backend.servers.present().map(|(_, s)| s.id).collect();
    (1..).find(|id| !used.contains(id)).unwrap_or(u32::MAX)
}

/// The server that a new one follows.
fn tracked(config: &Config, own: &Backend, text: &str) -> Result<health::Place, Refusal> {
    let (proxy, name) = text.rsplit_once('/').unwrap_or((&own.name, text));
    let no_proxy = || format!("unable to find required proxy '{proxy}' for tracking.");
    let no_server = || format!("unable to find required server '{name}' for tracking.");
    let backend = config
        .backend_named(proxy.as_bytes())
        .ok_or_else(no_proxy)?;
    let backend = config
        .backends
        .get(backend.0 as usize)
        .ok_or_else(no_proxy)?;
    let at = backend
        .server_named(name.as_bytes())
        .ok_or_else(no_server)?;
    let server = backend.servers.get(at).ok_or_else(no_server)?;
    if at >= backend.servers.original() {
        return Err(format!(
            "unable to use {proxy}/{name} for tracking as it is a dynamic server."
        ));
    }
    let health = &server.health;
    if health.check.is_none() && health.agent.is_none() && health.track.is_none() {
        return Err(format!(
            "unable to use {proxy}/{name} for tracking as it does not have any check nor agent enabled."
        ));
    }
    Ok(health::Place {
        backend: backend.index as usize,
        server: at,
    })
}

/// A backend that has what the `defaults` section `from` says, and no server yet. Its place and
/// id are to be filled in.
///
/// # Errors
/// What is wrong with it.
pub fn backend(
    config: &Config,
    name: &str,
    from: &str,
    mode: Option<Mode>,
) -> Result<Backend, Refusal> {
    let mut statements = Vec::new();
    if let Some(mode) = mode {
        let name = match mode {
            Mode::Tcp => "tcp",
            Mode::Http => "http",
        };
        statements.push(Statement {
            words: ["mode", name].map(|text| word(text.as_bytes())).into(),
        });
    }
    let opening = ["backend", name, "from", from];
    let own = Section {
        kind: SectionKind::Backend,
        words: opening.map(|text| word(text.as_bytes())).into(),
        statements,
    };
    let sections = chain(config, from).into_iter().cloned().chain([own]);
    let document = Document {
        sections: sections.collect(),
    };
    let mut diags = Diagnostics::default();
    let mut sources = Sources::default();
    sources.add("CLI", Vec::new());
    let options = CompileOptions {
        allow_unsupported: false,
        host: &System {
            environment: &config.environment,
            ignore_resolution: true,
            offline: false,
        },
        sources: &sources,
    };
    let made = compile(&document, &mut diags, &options);
    let Some(mut made) = made else {
        let errors = diags
            .iter()
            .filter(|found| found.severity == Severity::Error);
        let errors: Vec<_> = errors.map(|found| found.message.clone()).collect();
        return Err(errors.join("\n"));
    };
    let refers = !made.patterns.is_empty()
        || !made.tables.is_empty()
        || !made.caches.is_empty()
        || !made.protections.is_empty()
        || made.variables.directory().has_names();
    if refers {
        let why = "its rules use tables, lists, caches, limits, breakers or variables, which is not supported yet";
        return Err(format!("default proxy '{from}' : {why}"));
    }
    made.backends
        .take_original()
        .pop()
        .ok_or_else(|| "there is no backend".to_owned())
}

/// A named `defaults` section after all those it inherits from.
fn chain<'c>(config: &'c Config, from: &str) -> Vec<&'c Section> {
    let named = |name: &str| {
        let mut sections = config.defaults.iter().rev();
        sections.find(|section| section.words.get(1).is_some_and(|own| own == name))
    };
    let mut chain = Vec::new();
    let mut next = named(from);
    while let Some(section) = next.filter(|_| chain.len() < config.defaults.len()) {
        chain.insert(0, section);
        let parent = section
            .words
            .get(3)
            .filter(|_| section.words.get(2).is_some_and(|w| w == "from"));
        next = parent.and_then(|parent| named(&parent.text()));
    }
    chain
}

/// What a `defaults` section of that name says about the mode: `None` if there is no such section,
/// else the mode if it is written.
pub fn written_mode(config: &Config, from: &str) -> Option<Option<String>> {
    let chain = chain(config, from);
    let written = chain
        .iter()
        .rev()
        .flat_map(|section| section.statements.iter().rev());
    let mut modes = written.filter(|line| line.words.first().is_some_and(|word| word == "mode"));
    let mode = modes
        .next()
        .and_then(|line| Some(line.words.get(1)?.text().into_owned()));
    (!chain.is_empty()).then_some(mode)
}

/// Whether the configuration names a server elsewhere than in its own section's `server` line.
pub fn names_server(config: &Config, backend: &Backend, server: usize) -> bool {
    let place = (backend.index, u32::try_from(server).unwrap_or(u32::MAX));
    let by_rule = backend
        .server_rules
        .iter()
        .any(|rule| matches!(rule.target, ServerTarget::Server(at) if at == server));
    by_rule || config.referenced.servers.contains(&place)
}

/// Whether the configuration names a backend.
pub fn names_backend(config: &Config, backend: &Backend) -> bool {
    let leads_there = |frontend: &super::config::Frontend| {
        let is_it = |id: super::config::BackendId| id.0 == backend.index;
        let mut rules = frontend.switching.iter();
        frontend.default_backend.is_some_and(is_it)
            || rules.any(|rule| matches!(rule.target, SwitchTarget::Backend(id) if is_it(id)))
    };
    config.frontends.iter().any(leads_there) || config.referenced.backends.contains(&backend.index)
}
