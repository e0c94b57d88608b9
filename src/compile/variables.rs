//! What `global` assigns to process variables: evaluated once, while the configuration is read.

use super::Work;
use crate::clock::Clock;
use crate::net::{ConnFacts, Endpoint};
use crate::observe::Record;
use crate::settings::Mode;
use crate::syntax::{Diagnostics, Word};
use crate::vocab::action::set_var::{self, Assignment};
use crate::vocab::condition::AclSet;
use crate::vocab::context::{Context, Names, Payload, Scratch};
use crate::vocab::outer::Site;
use crate::vocab::scope::{Phase, Scope};
use crate::vocab::state::NoState;
use crate::vocab::variable::{Limits, ProcessVars, Store, Vars};
use std::path::Path;

/// Nowhere: no connection was accepted yet.
const NAMES: Names<'static> = Names {
    unique_id: None,
    frontend: "",
    mode: Mode::Tcp,
    frontend_id: 0,
    frontend_index: u32::MAX,
    listener: "",
    listener_id: 0,
    listener_conns: 0,
    backend: "",
    backend_id: 0,
    backend_index: None,
    server: None,
    server_id: 0,
};

/// Reads the `set-var` lines of `global`.
pub(super) fn read(
    lines: &[Box<[Word]>],
    diags: &mut Diagnostics,
    work: Work<'_>,
) -> Vec<Assignment> {
    let acls = AclSet::default();
    let mut scope = Scope {
        acls: &acls,
        mode: Mode::Tcp,
        phase: Phase::Config,
        diags,
        site: Site {
            files: &|name| work.options.host.read(Path::new(name)),
            outer: work.outer,
            proxy: "",
            acls: &acls,
        },
    };
    let lines = lines.iter();
    lines
        .filter_map(|words| set_var::parse_global(words, &mut scope))
        .collect()
}

/// Runs the assignments one after the other, when every variable's name is known.
pub(super) fn evaluate(assignments: &[Assignment], limits: Limits, work: Work<'_>) -> ProcessVars {
    let process = ProcessVars::new(work.outer.variables(), limits);
    let nobody = Endpoint::Unix;
    let context = Context {
        conn: &ConnFacts::new(nobody, nobody, 0),
        content: None,
        request_body: Payload::default(),
        response_body: Payload::default(),
        request: None,
        response: None,
        record: &Record::default(),
        names: NAMES,
        clock: &Clock::system(),
        vars: Vars {
            process: &process,
            session: &Store::default(),
            stream: None,
        },
        tracks: crate::table::Tracks::default(),
        state: &NoState,
        scratch: &Scratch::new(),
    };
    assignments
        .iter()
        .for_each(|assignment| assignment.run(&context));
    process
}
