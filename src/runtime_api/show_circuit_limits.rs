//! `show circuit-limits`: what backends do within their limits (SEMANTICS 8.7).

use super::answer::Answer;
use super::command::{Call, Command};
use super::show_outlier::backends;
use crate::protect::circuit_limits::{LimitsSnapshot, Priority};
use crate::settings::AccessLevel;
use std::fmt::Write;

pub(super) const COMMANDS: &[Command] = &[Command::new(
    "show circuit-limits",
    "[<backend>]",
    "shows the limits of backends, and how much of each is used",
    AccessLevel::Operator,
    run,
)];

fn run(call: &mut Call<'_>) -> Answer {
    let Some(backends) = backends(call, 2) else {
        return Answer::error("Can't find backend.");
    };
    let mut text = String::new();
    for (name, state) in backends {
        for (priority, limits) in state.each_limits() {
            line(&mut text, name, priority, &limits.snapshot());
        }
    }
    match text.is_empty() && call.has(2) {
        true => Answer::error("The backend has no 'circuit-limits'."),
        false => Answer::text(text),
    }
}

fn line(out: &mut String, backend: &str, priority: Priority, now: &LimitsSnapshot) {
    let [cx, rq, pending, retry] = [now.connections, now.requests, now.pending, now.retries];
    let open = |of: crate::protect::circuit_limits::Use| u8::from(of.is_open());
    // Writing to memory cannot fail.
    let _ = writeln!(
        out,
        "backend={backend} priority={} cx_active={} rq_active={} rq_pending_active={} \
         rq_retry_active={} cx_open={} rq_open={} rq_pending_open={} rq_retry_open={} \
         remaining_cx={} remaining_rq={} remaining_pending={} remaining_retries={} \
         overflow_cx={} overflow_rq={} overflow_pending={} overflow_retry={}",
        priority.name(),
        cx.active,
        rq.active,
        pending.active,
        retry.active,
        open(cx),
        open(rq),
        open(pending),
        open(retry),
        cx.remaining(),
        rq.remaining(),
        pending.remaining(),
        retry.remaining(),
        now.overflow_connections,
        now.overflow_requests,
        now.overflow_pending,
        now.overflow_retries,
    );
}
