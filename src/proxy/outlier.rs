//! `outlier-detection` as requests and time meet it: what servers did, and what became of them.
//!
//! Deliberately absent: the detectors (`protect::outlier`).

use super::control::InForce;
use super::end::End;
use super::place::Place;
use super::shared::Shared;
use crate::backend::{BackendState, Slot};
use crate::clock::Clock;
use crate::net::Wheel;
use crate::net::timer::sleep;
use crate::observe::log::{LogQueue, level};
use crate::protect::outlier::{Change, Event, Outcome};
use std::sync::Arc;
use tokio::sync::watch;

/// How long the control thread waits for a configuration with detectors, milliseconds.
const LOOK_AGAIN: u64 = 1000;

/// Judges what a server did with a request.
pub(super) fn record(at: Place<'_>, slot: &Slot, outcome: Outcome) {
    let state = slot.backend();
    let Some(outlier) = state.outlier() else {
        return;
    };
    let now = at.worker.clock.now();
    if let Some(event) = outlier.record(slot.server(), outcome, now, state) {
        let shared = &at.worker.shared;
        let same = |known: &Arc<BackendState>| Arc::ptr_eq(known, state);
        let backend = shared.backends.iter().position(same);
        if let Some(backend) = backend {
            let mut log = at.worker.log.borrow_mut();
            tell(shared, backend, event, at.worker.clock.now_us(), &mut log);
        }
    }
}

/// A request that had a server came to this end before its response.
pub(super) fn record_end(at: Place<'_>, slot: &Slot, end: &End) {
    if matches!(
        end,
        End::ResponseClosed | End::ResponseTimeout | End::BadResponse
    ) {
        record(at, slot, Outcome::Failed);
    }
}

/// Ends intervals when they are over, in whatever generation is in force.
pub(super) async fn keep_time(
    in_force: watch::Receiver<Option<InForce>>,
    clock: Clock,
    wheel: Wheel,
    mut log: LogQueue,
) {
    loop {
        let now = clock.now();
        let shared = in_force.borrow().as_ref().map(|now| now.shared.clone());
        let due = shared.map_or(now, |shared| tick(&shared, &clock, &mut log));
        sleep(&wheel, due.clamp(now + 1, now + LOOK_AGAIN)).await;
    }
}

/// Ends the intervals that are over; when the next one will be.
fn tick(shared: &Shared, clock: &Clock, log: &mut LogQueue) -> u64 {
    let mut next = u64::MAX;
    for (index, state) in shared.backends.iter().enumerate() {
        let Some(outlier) = state.outlier() else {
            continue;
        };
        for event in outlier.tick(clock.now(), state) {
            tell(shared, index, event, clock.now_us(), log);
        }
        next = next.min(outlier.next_tick());
    }
    next
}

/// Logs what became of a server.
fn tell(shared: &Shared, backend: usize, event: Event, now_us: u64, log: &mut LogQueue) {
    let backend = shared.config.backends.get(backend);
    let server = backend.and_then(|backend| backend.servers.get(event.server));
    let (Some(backend), Some(server)) = (backend, server) else {
        return;
    };
    let server = format!("{}/{}", backend.name, server.name);
    let (severity, message) = match event.change {
        Change::Ejected(detector, ms) => {
            let seconds = ms as f64 / 1000.0;
            let message = format!("Server {server} is EJECTED for {seconds}s ({detector}).");
            (level::ALERT, message)
        }
        Change::Noticed(detector) => {
            let message = format!("Server {server} would be ejected ({detector}, log-only).");
            (level::WARNING, message)
        }
        Change::Spared(detector) => {
            let message =
                format!("Server {server} is not ejected ({detector}): too few others are left.");
            (level::WARNING, message)
        }
        Change::Returned => (
            level::NOTICE,
            format!("Server {server} is no longer ejected."),
        ),
    };
    if let Some(channel) = shared.process_channel() {
        log.send(channel, severity, now_us, message.as_bytes());
    }
}
