//! What statistics say of a server's health: its state in HAProxy's words, and its checks.

use super::shared::Shared;
use crate::backend::{Admin, Operation, ServerState};
use crate::health::{Check, CheckKind, Observe, Place};
use crate::observe::stats::{self, Serving, State};
use std::borrow::Cow;

/// A server seen with the one whose state it follows, if it follows one.
pub(super) struct Look<'a> {
    shared: &'a Shared,
    place: Place,
    state: &'a ServerState,
    /// Its own checks, while they are made.
    health: Option<Check>,
    agent: Option<Check>,
    /// Where its state comes from.
    origin: Place,
}

impl<'a> Look<'a> {
    /// Servers without checks cost no lock.
    pub(super) fn at(shared: &'a Shared, place: Place, state: &'a ServerState) -> Self {
        let health = &shared.health;
        let spec = health.spec(place);
        let check = |kind| health.check(place, kind).filter(|check| check.enabled);
        let mut origin = place;
        // A chain of servers has no circle: the configuration was refused otherwise.
        while let Some(next) = health.spec(origin).and_then(|spec| spec.track) {
            origin = next;
        }
        Self {
            health: spec
                .and_then(|spec| spec.check.as_ref())
                .and_then(|_| check(CheckKind::Health)),
            agent: spec
                .and_then(|spec| spec.agent.as_ref())
                .and_then(|_| check(CheckKind::Agent)),
            shared,
            place,
            state,
            origin,
        }
    }

    fn origin_check(&self, kind: CheckKind) -> Option<Check> {
        if self.origin == self.place {
            return match kind {
                CheckKind::Health => self.health.clone(),
                CheckKind::Agent => self.agent.clone(),
            };
        }
        let check = self.shared.health.check(self.origin, kind);
        check.filter(|check| check.enabled)
    }

    fn name_of(&self, place: Place) -> String {
        let backend = self.shared.config.backends.get(place.backend);
        let server = backend.and_then(|backend| backend.servers.get(place.server));
        let backend = backend.map_or("", |backend| &backend.name);
        let server = server.map_or("", |server| &server.name);
        format!("{backend}/{server}")
    }

    /// The state, and how `show stat` says it.
    pub(super) fn status(&self) -> (State, Cow<'a, str>) {
        let status = self.state.status();
        if status.admin.has(Admin::UNRESOLVED) {
            return (State::Maint, Cow::Borrowed("MAINT (resolution)"));
        }
        if status.admin.has(Admin::INHERITED_MAINT) {
            let spec = self.shared.health.spec(self.place);
            let via = spec.and_then(|spec| spec.track).unwrap_or(self.origin);
            let text = format!("MAINT (via {})", self.name_of(via));
            return (State::Maint, Cow::Owned(text));
        }
        if status.admin.has(Admin::MAINT) {
            return (State::Maint, Cow::Borrowed("MAINT"));
        }
        let check = self.origin_check(CheckKind::Health);
        let agent = self.origin_check(CheckKind::Agent);
        let drains = status.admin.has(Admin::DRAIN);
        let has_agent = agent.is_some();
        let word = |state, word: &'static str, check: Option<&Check>| {
            let steps = check.map(|check| steps(check, state == State::Down));
            let text = match steps.filter(|_| check.is_some()) {
                Some((done, of)) => Cow::Owned(format!("{word} {done}/{of}")),
                None => Cow::Borrowed(word),
            };
            (state, text)
        };
        let wavering = check.as_ref().filter(|check| check.level < check.top());
        match status.operation {
            Operation::Running | Operation::Starting if drains && has_agent => {
                (State::Drain, Cow::Borrowed("DRAIN (agent)"))
            }
            Operation::Running | Operation::Starting if drains => {
                word(State::Drain, "DRAIN", wavering)
            }
            Operation::Running | Operation::Starting if check.is_none() => {
                (State::Up, Cow::Borrowed("no check"))
            }
            Operation::Running | Operation::Starting => word(State::Up, "UP", wavering),
            Operation::Stopping => word(State::NoLb, "NOLB", wavering),
            Operation::Stopped if agent.is_some_and(|agent| agent.level == 0) => {
                (State::Down, Cow::Borrowed("DOWN (agent)"))
            }
            Operation::Stopped => {
                let rising = check.as_ref().filter(|check| check.level > 0);
                word(State::Down, "DOWN", rising)
            }
        }
    }

    /// Everything about its health, on top of what is known besides.
    pub(super) fn fill(self, serving: Serving<'a>) -> Serving<'a> {
        let health = &self.shared.health;
        let observes = health.spec(self.origin).map(|spec| spec.observe);
        let counts = health.server(self.place);
        let track = health.spec(self.place).and_then(|spec| spec.track);
        Serving {
            down_s: self
                .health
                .as_ref()
                .map(|_| u32::try_from(self.state.downtime_s()).unwrap_or(u32::MAX)),
            failed_checks: counts.map_or(0, |counts| counts.failed().into()),
            observed_failures: counts
                .filter(|_| observes.is_some_and(|observes| observes != Observe::Nothing))
                .map(|counts| counts.analyzed().into()),
            tracked: track.map(|place| Cow::Owned(self.name_of(place))),
            check: self.health.and_then(shown),
            agent: self.agent.and_then(shown),
            ..serving
        }
    }
}

/// How far a server is on the way to its other state.
fn steps(check: &Check, is_down: bool) -> (u32, u32) {
    match is_down {
        true => (check.level, check.bounds.rise),
        false => (
            (check.level + 1).saturating_sub(check.bounds.rise),
            check.bounds.fall,
        ),
    }
}

fn shown<'a>(check: Check) -> Option<stats::Check<'a>> {
    (!check.paused).then(|| stats::Check {
        status: check.last.status.code(),
        meaning: check.last.status.description(),
        is_running: false,
        code: check.last.status.has_number().then_some(check.last.number),
        duration_ms: check.duration,
        rise: check.bounds.rise,
        fall: check.bounds.fall,
        health: check.level,
        found: Cow::Owned(check.last.info),
    })
}
