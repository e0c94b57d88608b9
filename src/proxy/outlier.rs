//! `outlier-detection` as requests and time meet it: what servers did, and what became of them.
//!
//! Deliberately absent: the detectors (`protect::outlier`).

use super::control::InForce;
use super::end::End;
use super::place::Place;
use super::shared::Shared;
use crate::backend::{BackendState, Slot};
use crate::clock::Clock;
use crate::health::Reports;
use crate::net::Wheel;
use crate::net::timer::sleep;
use crate::observe::log::level;
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
            tell(shared, backend, event);
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
) {
    loop {
        let now = clock.now();
        let shared = in_force.borrow().as_ref().map(|now| now.shared.clone());
        let due = shared.map_or(now, |shared| tick(&shared, &clock));
        sleep(&wheel, due.clamp(now + 1, now + LOOK_AGAIN)).await;
    }
}

/// Ends the intervals that are over; when the next one will be.
fn tick(shared: &Shared, clock: &Clock) -> u64 {
    let mut next = u64::MAX;
    for (index, state) in shared.backends.iter().enumerate() {
        let Some(outlier) = state.outlier() else {
            continue;
        };
        for event in outlier.tick(clock.now(), state) {
            tell(shared, index, event);
        }
        next = next.min(outlier.next_tick());
    }
    next
}

/// Logs what became of a server, where its backend logs to.
fn tell(shared: &Shared, backend: usize, event: Event) {
    let config = shared.config.backends.get(backend);
    let server = config.and_then(|backend| backend.servers.get(event.server));
    let (Some(config), Some(server)) = (config, server) else {
        return;
    };
    let level = match event.change {
        Change::Ejected(..) => level::ALERT,
        Change::Noticed(_) | Change::Spared(_) => level::WARNING,
        Change::Returned => level::NOTICE,
    };
    let line = event
        .change
        .line(&format!("{}/{}", config.name, server.name));
    shared.reporter.log(backend, level, &line);
}
