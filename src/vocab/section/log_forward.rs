//! The words of `log-forward`: where messages come in, how they are read, where they go.

use super::log_line::{self, Logger};
use super::report_unknown;
use crate::clock::{Millis, NEVER};
use crate::settings::{ForwardRules, HostPolicy};
use crate::syntax::{Code, Span};
use crate::vocab::args::TimeUnit;
use crate::vocab::bind_option::{self, BindDraft};
use crate::vocab::codes::MISSING_ARGUMENT;
use crate::vocab::keyword::{Entry, Keyword, Sections, Vocabulary};
use crate::vocab::line::{Line, Sense, clamp_u32};
use crate::vocab::section::proxy::LogLine;

/// A word of a `log-forward` section with an argument that can't be.
pub const BAD_LOG_FORWARD: Code = Code("TG0629");

/// Reads the arguments of a word.
pub type Build = fn(&mut Line<'_, '_>, &mut ForwardDraft);

/// The words of a `log-forward` section.
pub static VOCABULARY: Vocabulary<Build> = Vocabulary::new(&[WORDS], &[]);

/// Connections at a time where nothing is written.
const MAXCONN: u32 = 10;

const WORDS: &[Keyword<Build>] = &[
    word(
        "backlog",
        "<connections>",
        "How many connections may wait to be accepted.",
        |line, draft| draft.backlog = number(line).or(draft.backlog),
    ),
    word(
        "bind",
        "<address>:<port> [<option>...]",
        "Takes messages over connections, told apart by line feeds or by their lengths (RFC 6587).",
        |line, draft| draft.binds.extend(bind(line)),
    ),
    word(
        "dgram-bind",
        "<address>:<port> [<option>...]",
        "Takes messages as datagrams.",
        |line, draft| draft.datagram_binds.extend(bind(line)),
    ),
    word(
        "log",
        "{global | <target> [len <length>] [format <format>] [sample <ranges>:<size>] <facility> [<level> [<minlevel>]]}",
        "Where messages go. Without a format they keep theirs; the facility is used where a \
         message has none.",
        log,
    ),
    word(
        "maxconn",
        "<connections>",
        "Most connections at a time. Default 10.",
        |line, draft| draft.maxconn = number(line).unwrap_or(draft.maxconn),
    ),
    word(
        "option assume-rfc6587-ntf",
        "",
        "Every message on a connection ends with a line feed, whatever it begins with.",
        |line, draft| draft.only_lines = line.sense == Sense::Set,
    ),
    word(
        "option dont-parse-log",
        "",
        "Messages are not read, headers included: for targets with `format raw`.",
        |line, draft| draft.rules.parses = line.sense != Sense::Set,
    ),
    word(
        "option host",
        "{replace | fill | keep | append}",
        "What becomes of the host name in messages: the sender's address takes its place, stands \
         in where there is none (the default), is not used, or is added behind a comma.",
        host,
    ),
    word(
        "timeout client",
        "<time>",
        "How long a connection may be silent. Default: for ever.",
        |line, draft| {
            if line.arg(2).is_none() {
                return line.error(BAD_LOG_FORWARD, 1, "missing timeout client value.");
            }
            draft.client_ms = match line.duration(2, "timeout client", TimeUnit::Millis) {
                Some(0) => NEVER,
                Some(timeout) => timeout,
                None => draft.client_ms,
            };
        },
    ),
];

const fn word(
    name: &'static str,
    args: &'static str,
    doc: &'static str,
    build: Build,
) -> Keyword<Build> {
    Keyword {
        name,
        args,
        sections: Sections::LOG_FORWARD,
        doc,
        build,
    }
}

fn number(line: &mut Line<'_, '_>) -> Option<u32> {
    if line.arg(1).is_none() {
        let message = format!("'{}' expects an integer argument.", line.name());
        line.error(BAD_LOG_FORWARD, 0, message);
        return None;
    }
    line.at_most(1).then(|| clamp_u32(line.lenient_integer(1)))
}

fn bind(line: &mut Line<'_, '_>) -> Option<BindDraft> {
    if line.arg(1).is_none() {
        let message = format!("'{}' expects an address", line.name());
        line.error(MISSING_ARGUMENT, 0, message);
        return None;
    }
    bind_option::read(line, 1, "log-forward")
}

fn log(line: &mut Line<'_, '_>, draft: &mut ForwardDraft) {
    if line.sense == Sense::No {
        draft.logs.clear();
    } else if line.words.len() == 2 && line.text(1).as_deref() == Some("global") {
        draft.logs.push(LogLine::Global);
    } else {
        let target: Option<Logger> = log_line::target(line, " or global");
        draft.logs.extend(target.map(LogLine::Target));
    }
}

fn host(line: &mut Line<'_, '_>, draft: &mut ForwardDraft) {
    const POLICIES: [(&str, HostPolicy); 4] = [
        ("replace", HostPolicy::Replace),
        ("fill", HostPolicy::Fill),
        ("keep", HostPolicy::Keep),
        ("append", HostPolicy::Append),
    ];
    let text = line.text(2).unwrap_or_default();
    match POLICIES.iter().find(|(name, _)| *name == text) {
        Some((_, policy)) => {
            draft.rules.host = match line.sense {
                Sense::Set => *policy,
                Sense::No | Sense::Default => HostPolicy::default(),
            }
        }
        None => {
            let message = "option 'host' expects {replace|fill|keep|append}.";
            line.error_near(BAD_LOG_FORWARD, 2, message, POLICIES.map(|(name, _)| name));
        }
    }
}

/// One `log-forward` section as it is written.
#[derive(Debug)]
pub struct ForwardDraft {
    /// Its name.
    pub name: String,
    /// The opening line.
    pub opening: Span,
    /// `bind` lines.
    pub binds: Vec<BindDraft>,
    /// `dgram-bind` lines.
    pub datagram_binds: Vec<BindDraft>,
    /// `backlog`.
    pub backlog: Option<u32>,
    /// `log` lines.
    pub logs: Vec<LogLine>,
    /// `maxconn`.
    pub maxconn: u32,
    /// `timeout client`.
    pub client_ms: Millis,
    /// `option assume-rfc6587-ntf`.
    pub only_lines: bool,
    /// How messages are read.
    pub rules: ForwardRules,
}

impl ForwardDraft {
    /// An empty one.
    pub fn new(name: String, opening: Span) -> Self {
        Self {
            name,
            opening,
            binds: Vec::new(),
            datagram_binds: Vec::new(),
            backlog: None,
            logs: Vec::new(),
            maxconn: MAXCONN,
            client_ms: NEVER,
            only_lines: false,
            rules: ForwardRules {
                parses: true,
                host: HostPolicy::default(),
            },
        }
    }

    /// Reads one statement.
    pub fn read(&mut self, line: &mut Line<'_, '_>) {
        match VOCABULARY.find_statement(line) {
            Some(Entry::Works(word)) => (word.build)(line, self),
            _ => {
                let near = VOCABULARY.suggest(&line.name());
                report_unknown(line, "log-forward", near);
            }
        }
    }
}
