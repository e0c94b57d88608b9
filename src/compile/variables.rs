//! What `global` and commands assign to process variables: evaluated at once, without any traffic.

use super::Work;
use crate::clock::Clock;
use crate::net::{ConnFacts, Endpoint};
use crate::observe::Record;
use crate::settings::Mode;
use crate::syntax::{Diagnostics, FileId, Span, Word};
use crate::vocab::action::set_var::{self, Assignment};
use crate::vocab::condition::AclSet;
use crate::vocab::context::{Context, Names, Payload, Scratch};
use crate::vocab::outer::{Outer, Site};
use crate::vocab::scope::{Phase, Scope};
use crate::vocab::state::NoState;
use crate::vocab::variable::{Directory, Limits, ProcessVars, Store, VarScope, Vars};
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
            resolve: &|name| work.options.host.resolve(name),
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
    run(assignments, &process, &Clock::system());
    process
}

/// Assigns to a variable of a running process: the value of an expression, or of a format. Neither
/// may name what other sections define, nor read files.
///
/// # Errors
/// What is wrong with name or value, without a final full stop. Nothing is assigned then.
pub fn assign(
    process: &ProcessVars,
    clock: &Clock,
    name: &[u8],
    value: &[u8],
    is_format: bool,
) -> Result<(), String> {
    let keyword = if is_format { "set-var-fmt" } else { "set-var" };
    let words = [keyword.as_bytes(), name, value].map(|bytes| Word {
        bytes: bytes.into(),
        span: Span {
            file: FileId(0),
            start: 0,
            end: 0,
        },
    });
    let outer = Outer::knowing(process.directory());
    let acls = AclSet::default();
    let mut diags = Diagnostics::default();
    let mut scope = Scope {
        acls: &acls,
        mode: Mode::Tcp,
        phase: Phase::Config,
        diags: &mut diags,
        site: Site {
            files: &|_| Err(std::io::ErrorKind::PermissionDenied.into()),
            resolve: &|_| Err(std::io::ErrorKind::PermissionDenied.into()),
            outer: &outer,
            proxy: "",
            acls: &acls,
        },
    };
    let assignment = set_var::parse_global(&words, &mut scope);
    let Some(assignment) = assignment.filter(|_| !diags.has_errors()) else {
        let found = diags.iter().next().map(|found| found.message.clone());
        return Err(found.unwrap_or_else(|| "the value cannot be read".to_owned()));
    };
    if !outer.references().is_empty() {
        return Err("the value of a command cannot refer to proxies or tables".to_owned());
    }
    let count = |directory: &Directory| directory.names(VarScope::Process).len();
    if count(&outer.variables()) != count(process.directory()) {
        let name = String::from_utf8_lossy(name);
        return Err(format!(
            "nothing in the configuration uses the variable '{name}'"
        ));
    }
    run(&[assignment], process, clock);
    Ok(())
}

fn run(assignments: &[Assignment], process: &ProcessVars, clock: &Clock) {
    outside_of_streams(process, clock, |context| {
        assignments
            .iter()
            .for_each(|assignment| assignment.run(context));
    });
}

/// Shows what an expression sees where there is no connection and no request.
pub fn outside_of_streams<T>(
    process: &ProcessVars,
    clock: &Clock,
    look: impl FnOnce(&Context<'_>) -> T,
) -> T {
    let nobody = Endpoint::Unix;
    look(&Context {
        conn: &ConnFacts::new(nobody, nobody, 0),
        content: None,
        request_body: Payload::default(),
        response_body: Payload::default(),
        request: None,
        response: None,
        record: &Record::default(),
        names: NAMES,
        clock,
        vars: Vars {
            process,
            session: &Store::default(),
            stream: None,
        },
        tracks: crate::table::Tracks::default(),
        state: &NoState,
        scratch: &Scratch::new(),
    })
}
