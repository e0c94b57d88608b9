//! From texts to a configuration.

use super::args::Flags;
use crate::compile::config::Config;
use crate::compile::{CompileOptions, compile};
use crate::diagnostics::policy::{self, Policy};
use crate::lint;
use crate::memory::give_back;
use crate::syntax::{
    self, ConditionError, Diagnostics, Environment, Facts, FileId, Severity, Sources,
};
use crate::version;
use crate::vocab::format;
use crate::vocab::host::{Host, System};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

/// Variables that hold the usual log formats, so that a `log-format` can add to one.
const LOG_FORMATS: &[(&str, &str)] = &[
    ("HAPROXY_HTTP_LOG_FMT", format::HTTPLOG),
    ("HAPROXY_HTTP_CLF_LOG_FMT", format::HTTPLOG_CLF),
    ("HAPROXY_HTTPS_LOG_FMT", format::HTTPSLOG),
    ("HAPROXY_TCP_LOG_FMT", format::TCPLOG),
    ("HAPROXY_TCP_CLF_LOG_FMT", format::TCPLOG_CLF),
];

/// Texts, what was found in them, and the configuration they make if there is no error.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    pub(super) sources: Sources,
    files: Vec<FileId>,
    pub(super) diags: Diagnostics,
    pub(super) config: Option<Config>,
}

/// How to load.
#[derive(Clone, Debug, Default)]
pub(super) struct LoadOptions {
    /// Words that are not supported yet are warnings.
    pub(super) allow_unsupported: bool,
    /// `-dr`.
    pub(super) ignore_resolution: bool,
    /// Names are not looked up.
    pub(super) offline: bool,
    /// Lints run.
    pub(super) lint: bool,
    /// What the command line says about findings.
    pub(super) policy: Policy,
    /// `-dS`: `enabled(SPLICE)` is false.
    pub(super) no_splice: bool,
    /// `-dR`: `enabled(REUSEPORT)` is false.
    pub(super) no_reuse_port: bool,
    /// `-L`; `None` is the machine's name.
    pub(super) peer: Option<String>,
    /// Environment variables beside the process's own.
    pub(super) variables: Vec<(OsString, OsString)>,
}

impl From<&Flags> for LoadOptions {
    fn from(flags: &Flags) -> Self {
        Self {
            allow_unsupported: false,
            ignore_resolution: flags.ignore_resolution,
            offline: false,
            lint: flags.diagnose,
            policy: Policy::default(),
            no_splice: flags.no_splice,
            no_reuse_port: flags.no_reuse_port,
            peer: flags.peer.clone(),
            variables: Vec::new(),
        }
    }
}

impl Loaded {
    /// Adds a text under the name shown to people.
    pub(super) fn add(&mut self, name: impl Into<String>, text: impl Into<Vec<u8>>) {
        let file = self.sources.add(name, text);
        self.files.push(file);
    }

    /// Whether there is no text.
    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The names of the texts, in order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|&file| self.sources.name(file))
    }

    /// Parses and resolves the texts.
    pub(super) fn build(&mut self, options: &LoadOptions) {
        syntax::start_suggestions_over();
        let mut environment = self.environment(options);
        let facts = facts(options.no_splice, options.no_reuse_port);
        let document = syntax::parse(
            &self.sources,
            &self.files,
            &mut environment,
            &facts,
            &mut self.diags,
        );
        // What is built next lasts: it must not lie between what reading left behind.
        give_back();
        let host = System {
            environment: &environment,
            ignore_resolution: options.ignore_resolution,
            offline: options.offline,
        };
        let compile_options = CompileOptions {
            allow_unsupported: options.allow_unsupported,
            host: &host,
            sources: &self.sources,
        };
        self.config = compile(&document, &mut self.diags, &compile_options);
        let mut policy = options.policy.clone();
        if options.lint {
            policy.linted = self.config.is_some();
            let view = lint::View {
                sources: &self.sources,
                document: &document,
                host: &host,
            };
            lint::run(&view, &mut self.diags);
        }
        if let Some(config) = &mut self.config {
            config.environment = environment;
        }
        drop(document);
        give_back();
        policy::apply(&mut self.diags, &self.sources, &self.files, &policy);
    }

    /// How many findings are this bad.
    pub(super) fn count(&self, severity: Severity) -> usize {
        self.diags.iter().filter(|d| d.severity == severity).count()
    }

    /// The process's environment and what manual section 2.3 adds to it.
    fn environment(&self, options: &LoadOptions) -> Environment {
        let mut environment = process_environment();
        for (name, value) in &options.variables {
            environment.set(name.clone().into_vec(), value.clone().into_vec());
        }
        let names: Vec<_> = self.names().collect();
        environment.set("HAPROXY_CFGFILES", names.join(";"));
        let host = System {
            environment: &environment,
            ignore_resolution: options.ignore_resolution,
            offline: options.offline,
        };
        let peer = options.peer.clone().unwrap_or_else(|| host.name());
        environment.set("HAPROXY_LOCALPEER", peer);
        for (name, format) in LOG_FORMATS {
            environment.set(*name, *format);
        }
        environment
    }
}

/// The value of a `-cc` condition.
pub(super) fn evaluate_condition(condition: &str) -> Result<bool, ConditionError> {
    syntax::evaluate_condition(condition, &process_environment(), &facts(false, false))
}

fn process_environment() -> Environment {
    Environment::new(std::env::vars_os().map(|(name, value)| (name.into_vec(), value.into_vec())))
}

fn facts(no_splice: bool, no_reuse_port: bool) -> Facts {
    Facts {
        version: version::HAPROXY,
        features: version::PRESENT,
        enabled: match (no_splice, no_reuse_port) {
            (false, false) => &[
                "EPOLL",
                "FAST-FORWARD",
                "GETADDRINFO",
                "REUSEPORT",
                "SPLICE",
            ],
            (true, false) => &["EPOLL", "FAST-FORWARD", "GETADDRINFO", "REUSEPORT"],
            (false, true) => &["EPOLL", "FAST-FORWARD", "GETADDRINFO", "SPLICE"],
            (true, true) => &["EPOLL", "FAST-FORWARD", "GETADDRINFO"],
        },
        ..Facts::default()
    }
}
