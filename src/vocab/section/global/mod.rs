//! The words of `global`.

mod families;
mod ignored;
mod numbers;
mod process;
mod stats;
mod tracking;
mod variables;

use super::log_line::{self, Logger};
use super::{check_negation, report_family, report_unknown, section_keywords};
use crate::settings::Global;
use crate::syntax::{Diagnostic, Span, Word};
use crate::vocab::bind_option::BindDraft;
use crate::vocab::codes;
use crate::vocab::keyword::{Entry, Keyword, Sections, Vocabulary};
use crate::vocab::line::{Line, Sense};
use crate::vocab::variable::Limits;
use std::collections::HashMap;

/// Reads the arguments of a word of `global`.
pub type Build = fn(&mut Line<'_, '_>, &mut GlobalDraft);

/// What all `global` sections said so far.
#[derive(Debug, Default)]
pub struct GlobalDraft {
    /// Settings, defaults filled in.
    pub config: Global,
    /// `expose-deprecated-directives`.
    pub exposes_deprecated: bool,
    /// `log` lines.
    pub loggers: Vec<Logger>,
    /// `stats socket` lines.
    pub stats_sockets: Vec<BindDraft>,
    /// `nosplice`.
    pub no_splice: bool,
    /// `set-var` and `set-var-fmt` lines, in order.
    pub assignments: Vec<Box<[Word]>>,
    /// `tune.vars.*-max-size`.
    pub variable_limits: Limits,
    /// What allows checks by programs.
    pub external_checks: ExternalChecks,
    /// Words that count once and were seen.
    seen: HashMap<String, Span>,
    /// Whether a section other than `global` came before.
    pub after_proxies: bool,
}

/// What `global` says about programs as health checks.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExternalChecks {
    /// `external-check`, and the environment they get.
    pub wanted: Option<Environment>,
    /// `insecure-fork-wanted`.
    pub may_fork: bool,
}

/// The environment of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// Nothing but what it is told.
    Clean,
    /// Ours too (`preserve-env`).
    Kept,
}

/// The words of `global`.
pub static VOCABULARY: Vocabulary<Build> = Vocabulary::new(
    &[
        numbers::WORDS,
        process::WORDS,
        stats::WORDS,
        tracking::WORDS,
        variables::WORDS,
        LOGGING,
    ],
    families::FAMILIES,
);

const LOGGING: &[Keyword<Build>] = &[
    word(
        "log",
        "<target> [len <length>] [format <format>] [sample <ranges>:<size>] <facility> [<level> [<minlevel>]]",
        "Adds a global log target.",
        log,
    ),
    word(
        "log-send-hostname",
        "[<name>]",
        "Puts the host name, or the one given, in syslog headers.",
        |line, draft| {
            if draft.once(line) {
                let own = || line.host.name().into_bytes().into();
                let given = line.arg(1).map(|word| word.bytes.clone());
                draft.config.log_hostname = Some(given.unwrap_or_else(own));
            }
        },
    ),
    word(
        "log-tag",
        "<text>",
        "Program name in syslog headers. Default `haproxy`.",
        |line, draft| {
            if line.at_most(1)
                && let Some(tag) = line.expect(1, "a tag for use in syslog")
            {
                draft.config.log_tag = tag.bytes.clone();
            }
        },
    ),
];

/// A row of a table of words of `global`.
const fn word(
    name: &'static str,
    args: &'static str,
    doc: &'static str,
    build: Build,
) -> Keyword<Build> {
    Keyword {
        name,
        args,
        sections: Sections::GLOBAL,
        doc,
        build,
    }
}

/// Whether `global` has a keyword.
pub(super) fn has(name: &str) -> bool {
    VOCABULARY.find(name).is_some()
}

impl GlobalDraft {
    /// Reads one statement.
    pub fn read(&mut self, line: &mut Line<'_, '_>) {
        let name = line.name();
        let Some(entry) = VOCABULARY.find(&name) else {
            let near = VOCABULARY.suggest_in(&name, Sections::GLOBAL, section_keywords());
            return report_unknown(line, "global", near);
        };
        if !check_negation(line, &entry) {
            return;
        }
        match entry {
            Entry::Works(word) => (word.build)(line, self),
            Entry::Other(family, _) => {
                if ignored::check(line) {
                    report_family(line, 0, family, &format!("'{name}'"));
                }
            }
        }
    }

    /// Whether this word comes for the first time; warns otherwise: the first stays.
    fn once(&mut self, line: &mut Line<'_, '_>) -> bool {
        let name = line.name().into_owned();
        let earlier = self.seen.get(&name).copied();
        match earlier {
            Some(earlier) => {
                let message = format!("'{name}' already specified. Continuing");
                line.diags.push(
                    Diagnostic::warning(codes::ALREADY_SPECIFIED, message)
                        .at(line.place(0), "this one is ignored")
                        .at(earlier, "first set here"),
                );
            }
            None => {
                self.seen.insert(name, line.place(0));
            }
        }
        earlier.is_none()
    }
}

fn log(line: &mut Line<'_, '_>, draft: &mut GlobalDraft) {
    if line.sense == Sense::No {
        draft.loggers.clear();
    } else if line.words.len() == 2 && line.text(1).as_deref() == Some("global") {
        line.error(
            codes::BAD_LOG,
            1,
            "log : 'global' is not supported for a global syslog server",
        );
    } else if let Some(target) = log_line::target(line, "") {
        draft.loggers.push(target);
    }
}
