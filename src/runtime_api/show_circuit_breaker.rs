//! `show circuit-breaker`: one line for each circuit breaker (SEMANTICS 8.5).

use super::answer::Answer;
use super::command::{Call, Command};
use crate::protect::{Breaker, BreakerView};
use crate::settings::AccessLevel;
use std::fmt::Write;
use std::sync::Arc;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "show circuit-breaker",
    "[<proxy>[/<name>[/<server>]]]",
    "shows the circuit breakers, their state and what they measure",
    AccessLevel::User,
    run,
)];

fn run(call: &mut Call<'_>) -> Answer {
    let wanted = call.text(2).into_owned();
    let all = call.control.protections().breakers.present();
    let all = all.map(|(_, breaker)| breaker);
    let is_wanted =
        |breaker: &&Arc<Breaker>| wanted.is_empty() || is_of(&breaker.spec().name, &wanted);
    let breakers: Vec<_> = all.filter(is_wanted).cloned().collect();
    if breakers.is_empty() && !wanted.is_empty() {
        return unknown(call);
    }
    Answer::each(breakers, |breaker, out| {
        out.extend_from_slice(line(&breaker.view()).as_bytes());
    })
}

/// That none has the name.
pub(super) fn unknown(call: &Call<'_>) -> Answer {
    let breakers = call.control.protections().breakers.present();
    let names = breakers.map(|(_, breaker)| &*breaker.spec().name);
    Answer::no_such("circuit breaker", "show circuit-breaker", names)
}

/// Whether a breaker has that name, or belongs to that proxy or, one for each server, to that line.
pub(super) fn is_of(breaker: &str, name: &str) -> bool {
    let rest = breaker.strip_prefix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn line(view: &BreakerView) -> String {
    let BreakerView { spec, .. } = view;
    let mut line = format!(
        "breaker={} state={} left={} since={} trips={} denied={} samples={}",
        spec.name,
        view.state.name(),
        view.left,
        view.since,
        view.trips,
        view.denied,
        view.samples,
    );
    // Writing to memory cannot fail.
    let _ = writeln!(
        line,
        " net_error_ratio={:.2} code_5xx_ratio={:.2} latency_p50={} latency_p99={} allowed={} mode={} check_period={} fallback={} recovery={} in_flight={} shadow={}",
        view.net_error_ratio,
        view.code_5xx_ratio,
        view.latency_p50,
        view.latency_p99,
        view.allowed,
        view.mode.name(),
        spec.check_period,
        spec.fallback,
        spec.recovery,
        view.in_flight,
        u8::from(spec.shadow),
    );
    line
}
