//! The words of `peers`: who shares tables with whom, and tables of the section's own.

use super::{report_family, report_unknown};
use crate::net::ServerAddr;
use crate::syntax::{Diagnostic, Span, Word};
use crate::vocab::address::{Accepts, PortRule, parse};
use crate::vocab::bind_option::{self, BindDraft, BindOptions};
use crate::vocab::codes::{
    BAD_ADDRESS, BAD_NUMBER, BAD_SHARD, DUPLICATE_PEER, IGNORED_PEER, MISSING_ARGUMENT,
    MIXED_PEERS, ONE_LISTENER,
};
use crate::vocab::keyword::{Entry, Family, Keyword, Sections, Status, Vocabulary};
use crate::vocab::line::Line;
use crate::vocab::server_option::{self, ServerOptions};
use crate::vocab::stick_table::{self, TableDraft};

/// Reads the arguments of a word.
pub type Build = for<'d> fn(&mut Line<'_, 'd>, &mut PeersDraft<'d>);

/// The words of a `peers` section.
pub static VOCABULARY: Vocabulary<Build> = Vocabulary::new(&[WORDS], FAMILIES);

const FAMILIES: &[Family] = &[Family {
    status: Status::NoEffect,
    why: "HAProxy logs nothing of peers' connections either, 'show peers' tells of them",
    sections: Sections::PEERS,
    words: &[("log", 0)],
}];

const WORDS: &[Keyword<Build>] = &[
    word(
        "bind",
        "<address> [<option>...]",
        "Where peers connect to us; the local peer's `server` line then has no address. Excludes `peer` \
         lines.",
        bind,
    ),
    word(
        "default-bind",
        "[<option>...]",
        "Options of the section's socket, wherever its address is: on a `bind` line or with the local peer.",
        |line, draft| {
            let name = line.text(1).unwrap_or_default();
            let context = format!("'default-bind {name}' in section '{}'", draft.name);
            let options = match &mut draft.bind {
                Some(bind) => &mut bind.options,
                None => &mut draft.bind_defaults,
            };
            bind_option::read_options(line, 1, options, &context);
        },
    ),
    word(
        "default-server",
        "[<option>...]",
        "Options that hold for the `server` and `peer` lines after it.",
        |line, draft| {
            let context = "'default-server'";
            server_option::read_options(line, 1, &mut draft.defaults, context);
        },
    ),
    word(
        "disabled",
        "",
        "Nothing is shared through this section.",
        |line, draft| draft.disabled |= line.at_most(0),
    ),
    word("enabled", "", "Takes back `disabled`.", |line, draft| {
        draft.disabled &= !line.at_most(0)
    }),
    word(
        "peer",
        "<name> <address> [<option>...]",
        "A peer and its address. With the name of the local peer (`-L`, `localpeer`, or else the machine's) \
         this is where we listen, and \
         where a process that stops softly teaches the one that takes its place.",
        |line, draft| peer(line, draft, true),
    ),
    word(
        "server",
        "<name> [<address>] [<option>...]",
        "As `peer`, for sections with a `bind` line. The local peer has no address; `shard` is the only \
         option with an effect on others.",
        |line, draft| peer(line, draft, false),
    ),
    word(
        "shards",
        "<number>",
        "How many shares keys fall into, for peers with `shard`.",
        shards,
    ),
    word(
        "table",
        "<name> type <type> size <size> [<argument>...]",
        "A stick table called <section>/<name>; its arguments are those of `stick-table`.",
        |line, draft| {
            let Some(name) = line.text(1) else {
                return line.error(MISSING_ARGUMENT, 0, "'table' expects a name");
            };
            let name = format!("{}/{name}", draft.name);
            draft.tables.extend(stick_table::parse(line, 2, &name));
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
        sections: Sections::PEERS,
        doc,
        build,
    }
}

const PEER: Accepts = Accepts {
    port: PortRule::Mandatory,
    range: false,
    offset: false,
    fd: false,
    stream: true,
    datagram: false,
};

/// One `peers` section as it is written.
#[derive(Debug)]
pub struct PeersDraft<'d> {
    /// Its name.
    pub name: String,
    /// The line that opens it.
    pub opening: Span,
    /// The name of the local peer.
    pub local: String,
    /// Where it listens.
    pub bind: Option<BindDraft>,
    /// The first `peer` line.
    peer_line: Option<Span>,
    /// Who there is.
    pub peers: Vec<PeerDraft>,
    /// `shards`
    pub shards: u32,
    /// `disabled`
    pub disabled: bool,
    /// The tables of its own.
    pub tables: Vec<TableDraft<'d>>,
    bind_defaults: BindOptions,
    defaults: ServerOptions,
}

/// A peer as it is written.
#[derive(Clone, Debug)]
pub struct PeerDraft {
    /// Its name.
    pub name: String,
    /// The whole line.
    pub span: Span,
    /// Its address, unless it is the local one with a `bind` line.
    pub addr: Option<ServerAddr>,
    /// `shard`
    pub shard: u32,
}

impl<'d> PeersDraft<'d> {
    /// An empty one, in a process of this name.
    pub fn new(name: &Word, opening: Span, local: String) -> Self {
        Self {
            name: name.text().into_owned(),
            opening,
            local,
            bind: None,
            peer_line: None,
            peers: Vec::new(),
            shards: 0,
            disabled: false,
            tables: Vec::new(),
            bind_defaults: BindOptions::default(),
            defaults: ServerOptions::default(),
        }
    }

    /// Reads one statement.
    pub fn read(&mut self, line: &mut Line<'_, 'd>) {
        match VOCABULARY.find(&line.name()) {
            Some(Entry::Works(word)) => (word.build)(line, self),
            Some(Entry::Other(family, _)) => {
                let what = format!("'{}'", line.name());
                report_family(line, 0, family, &what);
            }
            None => {
                let near = VOCABULARY.suggest(&line.name());
                report_unknown(line, "peers", near);
            }
        }
    }

    /// Whether it says who we are.
    pub fn is_complete(&self) -> bool {
        self.peers.iter().any(|peer| peer.name == self.local)
    }

    /// Whether it says nothing of peers or tables.
    pub fn is_empty(&self) -> bool {
        self.peers.is_empty() && self.bind.is_none() && self.tables.is_empty()
    }

    /// Checks what only the whole section shows.
    pub fn finish(&mut self, report: &mut dyn FnMut(Diagnostic)) {
        for peer in &mut self.peers {
            let (is_local, shard) = (peer.name == self.local, peer.shard);
            if shard > 0 && (is_local || shard > self.shards) {
                let why = match is_local {
                    true => String::new(),
                    false => format!(
                        " because {shard} shard value is greater than the section number of shards ({})",
                        self.shards
                    ),
                };
                let message = format!(
                    "Peers section '{}': shard ignored for '{}' {} peer{why}",
                    self.name,
                    peer.name,
                    if is_local { "local" } else { "remote" }
                );
                report(Diagnostic::warning(BAD_SHARD, message).at(peer.span, ""));
                peer.shard = 0;
            }
        }
    }

    /// Takes the one listener there may be.
    fn listen(&mut self, line: &mut Line<'_, '_>, read: BindDraft) {
        if read.addrs.len() > 1 {
            let message = "Only one listener per \"peers\" section is authorized. Multiple listening addresses or port range are not supported.";
            return line.error(ONE_LISTENER, 1, message);
        }
        if let Some(earlier) = &self.bind {
            let message = "One listener per \"peers\" section is authorized but another is already configured.";
            let found = Diagnostic::error(ONE_LISTENER, message).at(line.span(), "");
            return line.diags.push(found.at(earlier.span, "here"));
        }
        self.bind = Some(read);
    }

    /// Whether a `bind` and a `peer` line meet; reported.
    fn mixes(&self, line: &mut Line<'_, '_>, other: Option<Span>) -> bool {
        if let Some(other) = other {
            let message = "mixing \"peer\" and \"bind\" line is forbidden";
            let found = Diagnostic::error(MIXED_PEERS, message).at(line.span(), "");
            let found = found.at(other, "the other kind");
            line.diags
                .push(found.help("with a 'bind' line, write 'server' instead of 'peer'"));
        }
        other.is_some()
    }
}

fn bind(line: &mut Line<'_, '_>, draft: &mut PeersDraft<'_>) {
    if !draft.mixes(line, draft.peer_line)
        && line.expect(1, "an address").is_some()
        && let Some(read) =
            bind_option::read_onto(line, 1, &draft.name, draft.bind_defaults.clone())
    {
        draft.listen(line, read);
    }
}

fn peer(line: &mut Line<'_, '_>, draft: &mut PeersDraft<'_>, is_peer: bool) {
    if line.expect(1, "a name").is_none() {
        return;
    }
    let span = line.span();
    if is_peer {
        let bind = draft.bind.as_ref().filter(|_| draft.peer_line.is_none());
        if draft.mixes(line, bind.map(|bind| bind.span)) {
            return;
        }
        draft.peer_line.get_or_insert(span);
    }
    let name = line.text(1).unwrap_or_default().into_owned();
    let is_local = name == draft.local;
    let mut options = draft.defaults.clone();
    let context = format!("'server {}/{name}'", draft.name);
    let mut addr = None;
    if is_local && !is_peer {
        server_option::read_options(line, 2, &mut options, &context);
    } else {
        let Some(address) = line.text(2) else {
            let message = format!(
                "'{} {name}' : ignoring invalid peer definition (missing address:port)",
                line.name()
            );
            return line.warning(IGNORED_PEER, 1, message);
        };
        if let Err(message) = parse(&address, PEER, line.host) {
            return line.error(BAD_ADDRESS, 2, format!("'peer {name}' : {message}"));
        }
        if is_local {
            server_option::read_options(line, 3, &mut options, &context);
            let mut address = Line {
                words: line.words.get(..3).unwrap_or_default(),
                sense: line.sense,
                diags: &mut *line.diags,
                host: line.host,
            };
            let options = draft.bind_defaults.clone();
            if let Some(read) = bind_option::read_onto(&mut address, 2, &draft.name, options) {
                draft.listen(line, read);
            }
        } else {
            let Some(server) = server_option::read(line, &draft.defaults, &draft.name) else {
                return;
            };
            let (host, proxy) = (line.host, &draft.name);
            addr = server.locate(proxy, host, line.diags);
            options = server.options;
        }
    }
    if let Some(earlier) = draft.peers.iter().find(|peer| peer.name == name) {
        let message = format!(
            "Peer section '{}': another peer named '{name}' was already defined, please use distinct names.",
            draft.name
        );
        let found = Diagnostic::error(DUPLICATE_PEER, message).at(line.place(1), "");
        return line.diags.push(found.at(earlier.span, "defined here"));
    }
    draft.peers.push(PeerDraft {
        name,
        span,
        addr,
        shard: options.shard,
    });
}

fn shards(line: &mut Line<'_, '_>, draft: &mut PeersDraft<'_>) {
    if line.expect(1, "a value").is_none() {
        return;
    }
    let text = line.text(1).unwrap_or_default();
    match text.parse() {
        Ok(0) => line.error(
            BAD_NUMBER,
            1,
            "'shards' : expects a strictly positive integer argument",
        ),
        Ok(number) => draft.shards = number,
        Err(_) => {
            let message = format!("'shards' : expects an integer argument, found '{text}'");
            line.error(BAD_NUMBER, 1, message);
        }
    }
}
