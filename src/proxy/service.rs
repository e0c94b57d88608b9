//! Answers made piece by piece by this program itself: statistics and metrics.
//!
//! What must hold: however much there is to say, one piece of it is in memory at a time, and after
//! each piece others have their turn. Deliberately absent: who may ask, and for what (`page`).

use super::client::Client;
use super::guards;
use super::place::Place;
use super::shared::Shared;
use super::statistics::{StatQuery, Walk, Wanted, process};
use super::transaction::{Transaction, is_http11};
use super::{log, persistence, reply, rules};
use crate::clock::{Clock, Millis};
use crate::compile::config::Backend;
use crate::http1::{Framing, ResponseHead, WriteOptions};
use crate::observe::stats::metrics::{self, Family, Query, Scope};
use crate::observe::stats::{
    COLUMNS, Depth, Format, Kind, Lines, Object, PageView, PageWriter, write_guards,
    write_json_schema,
};
use std::io::Write as _;
use std::sync::Arc;

/// How many bytes are made before they are sent. Making as many takes some 50 µs; of pieces of a
/// quarter of that sending was half the work.
const PIECE: usize = 32 * 1024;

/// How many objects are looked at before others have their turn, whether there is something to say of
/// them or not: some 200 µs.
const LOOKS: usize = 2000;

/// What may be done before others have their turn.
struct Turn {
    /// How much text there is then.
    full: usize,
    /// Objects that may be looked at.
    looks: usize,
}

impl Turn {
    fn is_over(&self, out: &[u8]) -> bool {
        out.len() >= self.full || self.looks == 0
    }

    /// An object was looked at; a backend's numbers come from all of its servers.
    fn looked_at(&mut self, object: &Object<'_>) {
        let servers: u32 = object.serving.states.iter().sum();
        self.looks = self.looks.saturating_sub(1 + servers as usize);
    }
}

/// What is asked for.
#[derive(Clone, Debug)]
pub(super) enum Service {
    /// Objects in a format for programs.
    Lines(StatQuery),
    /// The JSON schema of these.
    Schema,
    /// The statistics page.
    Page(Wanted, Box<PageView>),
    /// Metrics.
    Metrics(Box<Query>),
}

impl Service {
    /// What logs say in place of a server's name.
    fn name(&self) -> &'static str {
        match self {
            Self::Metrics(_) => "<PROMEX>",
            Self::Lines(_) | Self::Schema | Self::Page(..) => "<STATS>",
        }
    }

    fn content_type(&self) -> &'static [u8] {
        match self {
            Self::Schema => b"application/json",
            Self::Lines(query) if query.format == Format::Json => b"application/json",
            Self::Lines(_) => b"text/plain",
            Self::Page(..) => b"text/html; charset=utf-8",
            Self::Metrics(_) => b"text/plain; version=0.0.4",
        }
    }

    /// Makes it.
    pub(super) fn dump(self, shared: Arc<Shared>, clock: Clock) -> Dump {
        Dump {
            state: match self {
                Self::Lines(query) => {
                    let lines = Lines::new(query.format, query.wanted.legends, query.docs);
                    let wanted = Wanted {
                        guards: true,
                        ..query.wanted
                    };
                    State::Lines(wanted, lines, Progress::Head)
                }
                Self::Schema => State::Schema,
                Self::Page(wanted, view) => {
                    State::Page(wanted, Box::new(PageWriter::new(*view)), Progress::Head)
                }
                Self::Metrics(query) => State::Metrics(*query, MetricsStep::Process),
            },
            walk: Walk::default(),
            shared,
            clock,
        }
    }
}

/// A long text being made.
pub(super) struct Dump {
    shared: Arc<Shared>,
    clock: Clock,
    walk: Walk,
    state: State,
}

enum State {
    Lines(Wanted, Lines, Progress),
    Schema,
    Page(Wanted, Box<PageWriter>, Progress),
    Metrics(Query, MetricsStep),
    Done,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    Head,
    Objects,
}

/// What comes next of the metrics.
#[derive(Clone, Copy, Debug)]
enum MetricsStep {
    Process,
    /// A column of a kind of objects, and whether its first lines were written.
    Column(usize, usize, bool),
    /// How long requests of a kind of objects took, and the same.
    Durations(usize, bool),
    Rest,
}

const KINDS: [(Kind, Scope); 4] = [
    (Kind::Frontend, Scope::Frontend),
    (Kind::Listener, Scope::Listener),
    (Kind::Backend, Scope::Backend),
    (Kind::Server, Scope::Server),
];

impl Dump {
    /// Appends the next piece; `false` once there is no more.
    pub(super) fn next(&mut self, out: &mut Vec<u8>) -> bool {
        let mut turn = Turn {
            full: out.len() + PIECE,
            looks: LOOKS,
        };
        let now = self.clock.now();
        while !turn.is_over(out) {
            match &mut self.state {
                State::Lines(_, lines, progress @ Progress::Head) => {
                    lines.head(out);
                    *progress = Progress::Objects;
                }
                State::Lines(wanted, lines, Progress::Objects) => {
                    match self.walk.next(&self.shared, wanted, now) {
                        Some(object) => lines.object(&object, out),
                        None => {
                            lines.tail(out);
                            self.state = State::Done;
                        }
                    }
                }
                State::Schema => {
                    write_json_schema(out);
                    self.state = State::Done;
                }
                State::Page(_, page, progress @ Progress::Head) => {
                    page.head(&process(&self.shared, &self.clock), out);
                    *progress = Progress::Objects;
                }
                State::Page(wanted, page, Progress::Objects) => {
                    match self.walk.next(&self.shared, wanted, now) {
                        Some(object) => page.object(&object, out),
                        None => {
                            page.guards(&guards::all(&self.shared, now), out);
                            page.tail(out);
                            self.state = State::Done;
                        }
                    }
                }
                State::Metrics(..) => self.metrics(&mut turn, out),
                State::Done => return false,
            }
        }
        !matches!(self.state, State::Done)
    }

    fn metrics(&mut self, turn: &mut Turn, out: &mut Vec<u8>) {
        let State::Metrics(query, step) = &mut self.state else {
            return;
        };
        let now = self.clock.now();
        let mut tour = Tour {
            walk: &mut self.walk,
            shared: &self.shared,
            query,
            now,
        };
        *step = match *step {
            MetricsStep::Process => {
                if query.has(Scope::Global) {
                    metrics::write_process(&process(&self.shared, &self.clock), query, out);
                }
                MetricsStep::Column(0, 0, false)
            }
            MetricsStep::Column(kind, column, begun) => tour.column(kind, column, begun, turn, out),
            MetricsStep::Durations(kind, begun) => tour.durations(kind, begun, turn, out),
            MetricsStep::Rest => {
                if query.has(Scope::Sticktable) {
                    tables(&self.shared, query, out);
                }
                if query.has(Scope::Resolver) {
                    metrics::begin_resolvers(query, out);
                }
                if query.has(Scope::Tidegate) {
                    let build = env!("CARGO_PKG_VERSION");
                    metrics::write_build(build, query, out);
                    write_guards(&guards::all(&self.shared, now), query, out);
                }
                self.state = State::Done;
                return;
            }
        };
    }
}

/// Metrics being written: for each of them all objects of a kind.
struct Tour<'d> {
    walk: &'d mut Walk,
    shared: &'d Shared,
    query: &'d Query,
    now: Millis,
}

impl Tour<'_> {
    /// Goes on with a column of a kind of objects. What comes next.
    fn column(
        &mut self,
        kind: usize,
        column: usize,
        begun: bool,
        turn: &mut Turn,
        out: &mut Vec<u8>,
    ) -> MetricsStep {
        let Some((own, scope)) = KINDS.get(kind) else {
            return MetricsStep::Durations(0, false);
        };
        let Some(shown) = COLUMNS.get(column).filter(|_| self.query.has(*scope)) else {
            return MetricsStep::Column(kind + 1, 0, false);
        };
        let next = MetricsStep::Column(kind, column + 1, false);
        let Some(mut family) = Family::of(shown, *own, self.query) else {
            return next;
        };
        if begun || is_continued(column) {
            family.continues();
        }
        let is_over = self.pass(*own, shown.depth(), turn, out, |object, out| {
            family.object(shown, object, out);
        });
        match is_over {
            true => next,
            false => MetricsStep::Column(kind, column, family.has_begun()),
        }
    }

    /// Goes on with how long the requests of a kind of objects took. What comes next.
    fn durations(
        &mut self,
        kind: usize,
        begun: bool,
        turn: &mut Turn,
        out: &mut Vec<u8>,
    ) -> MetricsStep {
        let wanted = KINDS.get(kind).filter(|_| self.query.has(Scope::Tidegate));
        let Some((own, _)) = wanted else {
            return MetricsStep::Rest;
        };
        let next = MetricsStep::Durations(kind + 1, false);
        let Some(mut family) = Family::durations(*own, self.query) else {
            return next;
        };
        if begun {
            family.continues();
        }
        let is_over = self.pass(*own, Depth::Counts, turn, out, |object, out| {
            family.histogram(object, out);
        });
        match is_over {
            true => next,
            false => MetricsStep::Durations(kind, family.has_begun()),
        }
    }

    /// Goes on through objects until it is the turn of others; whether that was the last of them.
    fn pass(
        &mut self,
        kind: Kind,
        depth: Depth,
        turn: &mut Turn,
        out: &mut Vec<u8>,
        mut sample: impl FnMut(&Object<'_>, &mut Vec<u8>),
    ) -> bool {
        let wanted = Wanted {
            kinds: 1 << kind as u8,
            no_maint: self.query.no_maint,
            depth,
            ..Wanted::default()
        };
        while !turn.is_over(out) {
            match self.walk.next(self.shared, &wanted, self.now) {
                Some(object) => {
                    turn.looked_at(&object);
                    sample(&object, out);
                }
                None => {
                    *self.walk = Walk::default();
                    return true;
                }
            }
        }
        false
    }
}

/// Whether a column's samples belong to the metric of the column before it.
fn is_continued(column: usize) -> bool {
    let metric = |at: usize| COLUMNS.get(at).and_then(|column| column.metric);
    column > 0 && metric(column).is_some() && metric(column) == metric(column - 1)
}

/// How full stick tables are.
fn tables(shared: &Shared, query: &Query, out: &mut Vec<u8>) {
    let tables = || shared.tables.iter().zip(&shared.config.tables);
    let names = [
        ("haproxy_sticktable_size", "most entries of the table"),
        ("haproxy_sticktable_used", "entries of the table"),
    ];
    for (at, (name, doc)) in names.into_iter().enumerate() {
        let Some(mut family) = Family::named(name.to_owned(), doc, query) else {
            continue;
        };
        for (table, spec) in tables() {
            let value = if at == 0 { spec.size } else { table.used() };
            let kind = spec.key.name();
            let labels = [("name", &*spec.name), ("type", kind)];
            family.number(&labels, value.into(), out);
        }
    }
}

/// Sends the answer. Returns whether the client connection is still good.
pub(super) async fn send(
    at: Place<'_>,
    backend: Option<&Backend>,
    client: &mut Client,
    tx: &mut Transaction,
    service: &Service,
    keep: bool,
) -> bool {
    let chunked = is_http11(&tx.request);
    let keep = keep && chunked;
    write_head(at, backend, client, tx, service, (chunked, keep));
    if tx.request.is_head() {
        return reply::flush(at, client, tx).await && keep;
    }
    let shared = Arc::clone(&at.worker.shared);
    let mut dump = service.clone().dump(shared, at.worker.clock.clone());
    let mut piece = Vec::new();
    loop {
        piece.clear();
        let more = dump.next(&mut piece);
        tx.record.bytes_out += piece.len() as u64;
        let out = tx.to_client.append();
        if chunked && !piece.is_empty() {
            // Writing to memory cannot fail.
            let _ = write!(out, "{:x}\r\n", piece.len());
            out.extend_from_slice(&piece);
            out.extend_from_slice(b"\r\n");
        } else {
            out.extend_from_slice(&piece);
        }
        if !more && chunked {
            out.extend_from_slice(b"0\r\n\r\n");
        }
        if !reply::flush(at, client, tx).await {
            return false;
        }
        if !more {
            return keep;
        }
        tokio::task::yield_now().await;
    }
}

fn write_head(
    at: Place<'_>,
    backend: Option<&Backend>,
    client: &mut Client,
    tx: &mut Transaction,
    service: &Service,
    (chunked, keep): (bool, bool),
) {
    let mut head = ResponseHead::new(200);
    // Names and values of our own can be written.
    let _ = head.add_header(b"cache-control", b"no-cache");
    let _ = head.add_header(b"content-type", service.content_type());
    if let Service::Page(_, view) = service {
        // Nothing is loaded from anywhere, and no other site may show the page as its own.
        let own = &view.nonce;
        let policy = format!(
            "default-src 'none'; style-src 'nonce-{own}'; script-src 'nonce-{own}'; img-src data:; \
             form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        );
        let _ = head.add_header(b"content-security-policy", policy.as_bytes());
        let _ = head.add_header(b"x-content-type-options", b"nosniff");
        if view.refresh_s > 0 && !view.no_refresh {
            let _ = head.add_header(b"refresh", view.refresh_s.to_string().as_bytes());
        }
    }
    note(at, tx, service, &head);
    at.vars(&client.vars, &tx.vars).begin_response();
    tx.response.clone_from(&head);
    if rules::has_after_response(at, backend) {
        // A rule that fails leaves the answer as it is: there is no other one to give.
        let _ = rules::after_response(at, (backend, None), client, tx);
        tx.record.status = tx.response.status();
    }
    let options = WriteOptions {
        connection: persistence::to_client(keep, tx.request.version()),
        framing: Some(match chunked {
            true => Framing::Chunked,
            false => Framing::Nothing,
        }),
        ..WriteOptions::default()
    };
    let out = tx.to_client.append();
    tx.response.write_to(out, &options);
}

/// To logs and counters the service is a server that answers at once.
fn note(at: Place<'_>, tx: &mut Transaction, service: &Service, head: &ResponseHead) {
    let now_us = at.worker.clock.now_us();
    let record = &mut tx.record;
    (record.queued_us, record.connected_us) = (now_us, now_us);
    record.response_us = now_us;
    record.served_by = Some(service.name());
    record.bytes_out = log::response_size(head);
}
