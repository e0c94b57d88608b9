//! The words of `ring`: how many lines are kept, in which format, and the servers they go to.

use super::log_line::{envelope_named, envelope_names};
use super::{report_family, report_unknown};
use crate::clock::{Millis, NEVER};
use crate::settings::{LogEnvelope, RING_SIZE, RingServer, RingSpec};
use crate::syntax::{Code, Diagnostic, Diagnostics, Span};
use crate::vocab::args::{TimeUnit, size};
use crate::vocab::codes::IGNORED_HERE;
use crate::vocab::host::Host;
use crate::vocab::keyword::{Entry, Family, Keyword, Sections, Status, Vocabulary};
use crate::vocab::line::Line;
use crate::vocab::server_option::{self, ServerDraft, ServerOptions};

/// A word of a ring with an argument that can't be.
pub const BAD_RING: Code = Code("TG0620");
/// Lines of a ring may be longer than it is.
pub const RING_TOO_SMALL: Code = Code("TG0621");

/// Reads the arguments of a word.
pub type Build = fn(&mut Line<'_, '_>, &mut RingDraft);

/// The words of a `ring` section.
pub static VOCABULARY: Vocabulary<Build> = Vocabulary::new(&[WORDS], FAMILIES);

const WORDS: &[Keyword<Build>] = &[
    word(
        "description",
        "<text>",
        "What `show events` says of the ring. Default: its name.",
        |line, draft| match line.text(1).filter(|text| !text.is_empty()) {
            Some(text) => draft.description = text.into_owned(),
            None => line.error(BAD_RING, 0, "missing ring description text."),
        },
    ),
    word(
        "format",
        "{local | rfc3164 | rfc5424 | priority | short | timed | iso | raw}",
        "What is written before each message, whatever its `log` line says. Default `raw`.",
        |line, draft| {
            let text = line.text(1).unwrap_or_default();
            match envelope_named(&text) {
                Some(format) => draft.format = format,
                None => {
                    let message = format!("unknown format '{text}'.");
                    line.error_near(BAD_RING, 1, message, envelope_names());
                }
            }
        },
    ),
    word(
        "maxlen",
        "<bytes>",
        "Longest line; longer ones are cut. Default: as long as the ring.",
        |line, draft| {
            let length = line.lenient_integer(1);
            match usize::try_from(length).ok().filter(|&length| length > 0) {
                Some(length) => draft.max_len = Some(length),
                None => bad_size(line),
            }
        },
    ),
    word(
        "server",
        "<name> <address>:<port> [<option>...]",
        "Gets every line over a connection; `log-proto` says how lines are told apart. A server \
         that does not read keeps new lines out once the ring is full.",
        |line, draft| {
            let server = server_option::read(line, &ServerOptions::default(), &draft.name);
            draft.servers.extend(server);
        },
    ),
    word(
        "size",
        "<bytes>",
        "How much is kept: the oldest lines make room for new ones. Default 16384.",
        |line, draft| {
            let found = size(&line.text(1).unwrap_or_default()).ok();
            match found.and_then(|size| usize::try_from(size).ok()) {
                Some(size @ 1..) => draft.size = size,
                _ => bad_size(line),
            }
        },
    ),
    word(
        "timeout connect",
        "<time>",
        "How long connecting to a server may take. Default: one minute.",
        |line, draft| draft.connect_ms = timeout(line).unwrap_or(draft.connect_ms),
    ),
    word(
        "timeout server",
        "<time>",
        "How long a server may take to read. Default: for ever.",
        |line, draft| draft.server_ms = timeout(line).unwrap_or(draft.server_ms),
    ),
];

const FAMILIES: &[Family] = &[Family {
    status: Status::NotYet,
    why: "rings that outlive the process in a file",
    sections: Sections::RING,
    words: &[("backing-file", 1)],
}];

const fn word(
    name: &'static str,
    args: &'static str,
    doc: &'static str,
    build: Build,
) -> Keyword<Build> {
    Keyword {
        name,
        args,
        sections: Sections::RING,
        doc,
        build,
    }
}

fn bad_size(line: &mut Line<'_, '_>) {
    let text = line.text(1).unwrap_or_default();
    let message = format!("invalid size '{text}' for new sink buffer.");
    line.error(BAD_RING, 1, message);
}

fn timeout(line: &mut Line<'_, '_>) -> Option<Millis> {
    let what = format!("timeout {}", line.text(1).unwrap_or_default());
    if line.arg(2).is_none() {
        let message = format!("'{what}' expects <time> as argument.");
        line.error(BAD_RING, 1, message);
        return None;
    }
    match line.duration(2, &what, TimeUnit::Millis)? {
        0 => Some(NEVER),
        timeout => Some(timeout),
    }
}

/// One `ring` section as it is written.
#[derive(Debug)]
pub struct RingDraft {
    /// Its name.
    pub name: String,
    opening: Span,
    description: String,
    format: LogEnvelope,
    max_len: Option<usize>,
    size: usize,
    servers: Vec<ServerDraft>,
    connect_ms: Millis,
    server_ms: Millis,
}

impl RingDraft {
    /// An empty one.
    pub fn new(name: String, opening: Span) -> Self {
        Self {
            description: name.clone(),
            name,
            opening,
            format: LogEnvelope::Raw,
            max_len: None,
            size: RING_SIZE,
            servers: Vec::new(),
            connect_ms: NEVER,
            server_ms: NEVER,
        }
    }

    /// Reads one statement.
    pub fn read(&mut self, line: &mut Line<'_, '_>) {
        match VOCABULARY.find_statement(line) {
            Some(Entry::Works(word)) => (word.build)(line, self),
            Some(Entry::Other(family, _)) => {
                let what = format!("'{}'", line.name());
                report_family(line, 0, family, &what);
            }
            None if line.name() == "timeout" => {
                let what = line.text(1).unwrap_or_default();
                let message = format!("'timeout {what}' does nothing in a ring");
                line.warning(IGNORED_HERE, 1, message);
            }
            None => report_unknown(line, "ring", VOCABULARY.suggest(&line.name())),
        }
    }

    /// The ring, its servers located.
    pub fn finish(self, host: &dyn Host, diags: &mut Diagnostics) -> RingSpec {
        let (name, size) = (&self.name, self.size);
        let max_len = self.max_len.unwrap_or(usize::MAX);
        if self.max_len.is_some_and(|length| length > size) {
            let message = format!(
                "ring '{name}' event max length '{max_len}' exceeds max payload size, forced to '{size}'."
            );
            diags.push(Diagnostic::warning(RING_TOO_SMALL, message).at(self.opening, ""));
        }
        let server = |server: &ServerDraft| {
            Some(RingServer {
                addr: server.locate(name, host, diags)?,
                framing: server.options.log_proto,
            })
        };
        RingSpec {
            servers: self.servers.iter().filter_map(server).collect(),
            name: name.as_str().into(),
            description: self.description.into(),
            format: Some(self.format),
            max_len,
            size,
            connect_ms: self.connect_ms,
            server_ms: self.server_ms,
        }
    }
}
