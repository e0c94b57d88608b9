//! Making all checks in time, on one thread.
//!
//! Each check is a task that sleeps, checks and sleeps. Their beginnings are spread over the shortest
//! interval, so that thousands of checks make no bursts; a bounded number has a connection
//! at once. A check that should come sooner, because live traffic fails, is woken.

use super::counter::Outcome;
use super::probe::Probe;
use super::registry::Health;
use super::script::Language;
use super::spec::{CheckKind, CheckSpec, Place};
use super::status::CheckStatus;
use super::{agent, external};
use crate::clock::Millis;
use crate::net::Wheel;
use crate::net::timer::sleep;
use crate::random;
use std::rc::Rc;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Shorter intervals do not say how far beginnings are spread.
const SPREAD_FROM: Millis = 1000;
/// Checks that have a connection at once.
const MOST_AT_ONCE: usize = 4096;
/// How often a slow start moves on, milliseconds.
const WARM_UP_INTERVAL: Millis = 1000;

/// `spread-checks` and `max-spread-checks`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    /// Percent of an interval that it varies by.
    pub percent: u32,
    /// Most that beginnings are spread over; 0 = no bound.
    pub max: Millis,
}

/// Makes all checks, on this thread's `LocalSet`, until it is dropped.
pub async fn run(health: Arc<Health>, wheel: Wheel, spread: Spread) {
    let slots = Rc::new(Semaphore::new(MOST_AT_ONCE));
    // Dropping them ends them.
    let mut tasks = JoinSet::new();
    let mut places: Vec<Place> = health.places().collect();
    loop {
        begin(&mut tasks, &places, &health, &wheel, spread, &slots);
        places = health.newcomers().await;
        while tasks.try_join_next().is_some() {}
    }
}

/// Begins the checks of some servers.
fn begin(
    tasks: &mut JoinSet<()>,
    places: &[Place],
    health: &Arc<Health>,
    wheel: &Wheel,
    spread: Spread,
    slots: &Rc<Semaphore>,
) {
    let kinds = [CheckKind::Health, CheckKind::Agent];
    let checks: Vec<_> = places
        .iter()
        .flat_map(|place| kinds.map(|kind| (*place, kind)))
        .filter(|&(place, kind)| spec(health, place, kind).is_some())
        .filter(|&(place, _)| {
            health
                .backend(place)
                .is_some_and(|backend| !backend.disabled)
        })
        .collect();
    let inter = |&(place, kind): &(Place, CheckKind)| {
        spec(health, place, kind).map_or(0, |spec| spec.intervals.inter)
    };
    let shortest = checks
        .iter()
        .map(inter)
        .filter(|&inter| inter >= SPREAD_FROM)
        .min();
    let now = health.clock().now();
    for (position, check) in checks.iter().enumerate() {
        let mut over = vary(shortest.unwrap_or(0).max(inter(check)), spread);
        if spread.max > 0 {
            over = over.min(spread.max);
        }
        let delay = over * position as u64 / checks.len() as u64;
        let checker = Checker {
            health: Arc::clone(health),
            wheel: wheel.clone(),
            slots: Rc::clone(slots),
            place: check.0,
            kind: check.1,
            spread,
        };
        tasks.spawn_local(checker.run(now + delay));
    }
    for &place in places {
        if health
            .state(place)
            .is_some_and(|state| state.slowstart_s() > 0)
        {
            tasks.spawn_local(warm_up(Arc::clone(health), wheel.clone(), place));
        }
    }
}

fn spec(health: &Health, place: Place, kind: CheckKind) -> Option<&CheckSpec> {
    let spec = health.spec(place)?;
    match kind {
        CheckKind::Health => spec.check.as_ref(),
        CheckKind::Agent => spec.agent.as_ref(),
    }
}

/// An interval that differs a little each time.
fn vary(interval: Millis, spread: Spread) -> Millis {
    let most = interval * Millis::from(spread.percent) / 100;
    match most {
        0 => interval,
        most => interval - most + random::next() % (2 * most + 1),
    }
}

struct Checker {
    health: Arc<Health>,
    wheel: Wheel,
    slots: Rc<Semaphore>,
    place: Place,
    kind: CheckKind,
    spread: Spread,
}

impl Checker {
    async fn run(self, due: Millis) {
        tokio::select! {
            () = self.check_from(due) => {}
            () = self.health.gone(self.place) => {}
        }
    }

    async fn check_from(&self, mut due: Millis) {
        let Some(spec) = spec(&self.health, self.place, self.kind) else {
            return;
        };
        loop {
            due = self.wait(due).await;
            let now = self.health.clock().now();
            let check = self.health.check(self.place, self.kind);
            if !check.is_some_and(|check| check.runs()) {
                while due <= now {
                    due += spec.intervals.inter.max(1);
                }
                continue;
            }
            // The semaphore is never closed.
            let slot = self.slots.acquire().await;
            let began = self.health.clock().now();
            self.health.started(self.place, self.kind);
            let outcome = match self.health.check_spec(self.place, self.kind) {
                Some(spec) => self.check(&spec).await,
                None => return,
            };
            drop(slot);
            let now = self.health.clock().now();
            let took = now.saturating_sub(began);
            self.health
                .finish(self.place, self.kind, outcome, Some(took));
            due = self.next_due(now);
        }
    }

    /// Waits until a check is due, which may become sooner meanwhile.
    async fn wait(&self, mut due: Millis) -> Millis {
        let Some(server) = self.health.server(self.place) else {
            return due;
        };
        loop {
            tokio::select! {
                () = sleep(&self.wheel, due) => return due,
                () = server.wake.notified(), if self.kind == CheckKind::Health => {}
            }
            let now = self.health.clock().now();
            let earlier = self.health.would_be_due(self.place, self.kind, now);
            if earlier.is_some_and(|earlier| earlier < due) {
                due = self.next_due(now);
            }
        }
    }

    fn next_due(&self, now: Millis) -> Millis {
        let due = self.health.next_due(self.place, self.kind, now);
        now + vary(due.unwrap_or(now).saturating_sub(now), self.spread).max(1)
    }

    async fn check(&self, spec: &CheckSpec) -> Outcome {
        let probe = || Probe::new(&self.health, self.place, spec, &self.wheel);
        match spec.script.language {
            Language::Agent => match probe().ask_agent().await {
                Ok(line) => agent::apply(&self.health, self.place, &line),
                Err(outcome) => outcome,
            },
            Language::Program => match &spec.program {
                Some(program) => {
                    external::run(&self.health, self.place, spec, program, &self.wheel).await
                }
                None => Outcome::of(CheckStatus::SocketError),
            },
            _ => probe().run().await,
        }
    }
}

/// Moves the slow starts of one server on.
async fn warm_up(health: Arc<Health>, wheel: Wheel, place: Place) {
    let Some(server) = health.server(place) else {
        return;
    };
    loop {
        tokio::select! {
            () = server.warm.notified() => {}
            () = health.gone(place) => return,
        }
        loop {
            sleep(&wheel, health.clock().now() + WARM_UP_INTERVAL).await;
            if !health.warm_up(place) {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_vary_within_their_bounds() {
        let spread = Spread {
            percent: 50,
            max: 0,
        };
        for _ in 0..1000 {
            assert!((500..=1500).contains(&vary(1000, spread)));
        }
        assert_eq!(vary(1000, Spread::default()), 1000);
        assert_eq!(vary(0, spread), 0);
    }
}
