//! What a running check shows to formats, expressions and `set-var`: its variables, the bytes
//! received, the head of the response, how servers are, and its unique id. Nothing else of a stream
//! exists here.

use crate::clock::Clock;
use crate::compile::config::Mode;
use crate::health::script::{Effect, Make, Run};
use crate::net::{ConnFacts, Endpoint};
use crate::observe::Record;
use crate::vocab::action::set_var::Assignment;
use crate::vocab::context::{Context, Names, Payload, Scratch};
use crate::vocab::expression::Expression;
use crate::vocab::format::Format;
use crate::vocab::sample::ROOM;
use crate::vocab::state::State;
use crate::vocab::variable::{ProcessVars, Store, StreamVars, Vars};
use std::cell::OnceCell;
use std::sync::Arc;

/// What one check remembers: its variables, and those of the process.
#[derive(Debug)]
pub struct CheckMemory {
    process: Arc<ProcessVars>,
    session: Store,
    stream: StreamVars,
    clock: Clock,
    /// What is known of servers.
    state: Arc<dyn State + Send + Sync>,
    /// The check's unique id, once it was asked for.
    unique_id: OnceCell<Box<[u8]>>,
}

impl CheckMemory {
    /// The memory of a check that begins.
    pub fn new(
        process: Arc<ProcessVars>,
        clock: Clock,
        state: Arc<dyn State + Send + Sync>,
    ) -> Self {
        Self {
            process,
            session: Store::default(),
            stream: StreamVars::of_check(),
            clock,
            state,
            unique_id: OnceCell::new(),
        }
    }
}

/// A text made by a format.
#[derive(Debug)]
pub(super) struct Rendered {
    pub(super) format: Format,
    /// The proxy's `unique-id-format`.
    pub(super) unique_id: Option<Arc<Format>>,
}

impl Make for Rendered {
    fn make(&self, run: &Run<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        with_context(run, self.unique_id.as_deref(), |cx| {
            self.format.render(cx, &mut out);
        });
        out
    }
}

/// The text of an expression.
#[derive(Debug)]
pub(super) struct Evaluated {
    pub(super) expression: Expression,
    /// The proxy's `unique-id-format`.
    pub(super) unique_id: Option<Arc<Format>>,
}

impl Make for Evaluated {
    fn make(&self, run: &Run<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        with_context(run, self.unique_id.as_deref(), |cx| {
            self.expression.one(cx, &mut |sample| {
                out.extend_from_slice(sample.text(&mut ROOM.clone()));
            });
        });
        out
    }
}

impl Effect for Assignment {
    fn apply(&self, run: &Run<'_>) {
        with_context(run, None, |cx| self.run(cx));
    }
}

/// Shows a running check to formats and expressions.
fn with_context(run: &Run<'_>, unique_id: Option<&Format>, look: impl FnOnce(&Context<'_>)) {
    let Some(memory) = run.memory.downcast_ref::<CheckMemory>() else {
        return;
    };
    let nobody = Endpoint::Unix;
    let names = Names {
        unique_id,
        frontend: run.backend,
        mode: Mode::Tcp,
        frontend_id: 0,
        frontend_index: u32::MAX,
        listener: "",
        listener_id: 0,
        listener_conns: 0,
        backend: run.backend,
        backend_id: 0,
        backend_index: None,
        server: Some(run.server),
        server_id: 0,
    };
    let record = Record {
        unique_id: memory.unique_id.clone(),
        ..Record::default()
    };
    look(&Context {
        conn: &ConnFacts::new(nobody, nobody, 0),
        content: None,
        request: None,
        response: run.head,
        request_body: Payload::default(),
        response_body: Payload {
            bytes: run.received,
            chunked: false,
            announced: None,
        },
        record: &record,
        names,
        clock: &memory.clock,
        vars: Vars {
            process: &memory.process,
            session: &memory.session,
            stream: Some(&memory.stream),
        },
        tracks: crate::table::Tracks::default(),
        state: &*memory.state,
        scratch: &Scratch::new(),
    });
    if let Some(id) = record.unique_id.into_inner() {
        // One is made for each check.
        memory.unique_id.get_or_init(|| id);
    }
}

/// Bytes whose hexadecimal digits a format makes.
pub(super) struct FromHex(pub(super) Arc<dyn Make>);

impl Make for FromHex {
    fn make(&self, run: &Run<'_>) -> Vec<u8> {
        let digits = self.0.make(run);
        let pairs = digits.chunks(2);
        pairs
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect::<Option<Vec<u8>>>()
            .unwrap_or_default()
    }
}
