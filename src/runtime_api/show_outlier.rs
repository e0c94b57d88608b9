//! `show outlier`: what outlier detection thinks of servers (SEMANTICS 8.8).

use super::answer::Answer;
use super::command::{Call, Command};
use crate::backend::BackendState;
use crate::protect::outlier::OutlierServer;
use crate::settings::AccessLevel;
use std::fmt::Write;
use std::sync::Arc;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "show outlier",
    "[<backend>]",
    "shows which servers outlier detection has ejected, and what it has seen of the others",
    AccessLevel::Operator,
    run,
)];

/// The backend that the word at `index` names, or all; `None` if it names none.
pub(super) fn backends<'a>(
    call: &Call<'a>,
    index: usize,
) -> Option<Vec<(&'a str, &'a Arc<BackendState>)>> {
    let control = call.control;
    let all = control.config().backends.iter().zip(control.backends());
    let all = all.map(|(config, state)| (&*config.name, state));
    if !call.has(index) {
        return Some(all.collect());
    }
    let name = call.text(index);
    let one: Vec<_> = all.filter(|(known, _)| *known == name).collect();
    (!one.is_empty()).then_some(one)
}

fn run(call: &mut Call<'_>) -> Answer {
    let Some(backends) = backends(call, 2) else {
        return Answer::error("Can't find backend.");
    };
    let now = call.control.clock().now();
    let config = call.control.config();
    let mut text = String::new();
    for (name, state) in backends {
        let Some(outlier) = state.outlier() else {
            continue;
        };
        let seen = outlier.snapshot(now);
        // Writing to memory cannot fail.
        let _ = writeln!(
            text,
            "backend={name} detected={} ejections={} overflow={}",
            seen.detected, seen.enforced, seen.overflow
        );
        let of = config
            .backends
            .iter()
            .find(|backend| &*backend.name == name);
        let servers = of.into_iter().flat_map(|of| of.servers.present());
        for (at, server) in servers {
            if let Some(seen) = seen.servers.get(at) {
                line(&mut text, name, &server.name, seen);
            }
        }
    }
    match text.is_empty() && call.has(2) {
        true => Answer::error("The backend has no 'outlier-detection'."),
        false => Answer::text(text),
    }
}

fn line(out: &mut String, backend: &str, server: &str, seen: &OutlierServer) {
    let state = match seen.left {
        Some(_) => "EJECT",
        None => "in",
    };
    let _ = writeln!(
        out,
        "backend={backend} server={server} state={state} left={} in_a_row={} ejections={} \
         run_5xx={} run_gateway={} run_local={} answers={} successes={}",
        seen.left.unwrap_or(0),
        seen.in_a_row,
        seen.ejections,
        seen.run_5xx,
        seen.run_gateway,
        seen.run_local,
        seen.answers,
        seen.successes,
    );
}
