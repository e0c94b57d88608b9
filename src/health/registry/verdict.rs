//! What checks and traffic say of servers, and what follows at once (SEMANTICS 1.1 to 1.5).
//!
//! Successes on live traffic touch no lock, errors only when they become too many. Deliberately
//! absent: what a changed state means to others (`operation`).

use super::{Health, ServerHealth, Table, checks_mut, checks_of};
use crate::backend::{Admin, Operation};
use crate::clock::Millis;
use crate::health::counter::Outcome;
use crate::health::observe::{Event, Says};
use crate::health::report::{self, Cause};
use crate::health::spec::{CheckKind, CheckSpec, Observe, OnError, Place, ServerSpec};
use crate::health::status::{CheckStatus, Verdict};
use crate::observe::log::level;
use crate::protect::outlier::Change;
use std::sync::atomic::Ordering;

impl Health {
    /// When the next check is due after one that ended at `now`; a hurried one is hurried once.
    pub(in crate::health) fn next_due(
        &self,
        place: Place,
        kind: CheckKind,
        now: Millis,
    ) -> Option<Millis> {
        let due = self.would_be_due(place, kind, now);
        let mut table = self.checks.lock();
        if let Some(check) = checks_mut(&mut table, place).and_then(|c| c.get_mut(kind)) {
            check.hurried = false;
        }
        due
    }

    /// When the next check would be due if it were planned now.
    pub(in crate::health) fn would_be_due(
        &self,
        place: Place,
        kind: CheckKind,
        now: Millis,
    ) -> Option<Millis> {
        let spec = self.spec(place)?;
        let of_kind = match kind {
            CheckKind::Health => spec.check.as_ref()?,
            CheckKind::Agent => spec.agent.as_ref()?,
        };
        let table = self.checks.lock();
        let check = checks_of(&table, place)?.get(kind)?;
        let is_up = self.state(place)?.is_up();
        Some(now + check.interval(of_kind.intervals, is_up))
    }

    /// Notes that a check begins.
    pub(in crate::health) fn started(&self, place: Place, kind: CheckKind) {
        let mut table = self.checks.lock();
        if let Some(check) = checks_mut(&mut table, place).and_then(|c| c.get_mut(kind)) {
            check.running = true;
        }
    }

    /// Takes in how a check ended.
    pub fn finish(
        &self,
        place: Place,
        kind: CheckKind,
        outcome: Outcome,
        duration: Option<Millis>,
    ) {
        let mut table = self.checks.lock();
        let runs = checks_of(&table, place)
            .and_then(|checks| checks.get(kind))
            .is_some_and(|check| check.enabled);
        if runs {
            self.settle(&mut table, place, kind, outcome, duration);
        }
    }

    /// Takes in what happened on a connection to a server.
    pub fn observe(&self, place: Place, event: Event) {
        let (Some(spec), Some(server)) = (self.spec(place), self.server(place)) else {
            return;
        };
        if spec.observe == Observe::Nothing || spec.check.is_none() {
            return;
        }
        match event.says(spec.observe) {
            Says::Nothing => {}
            Says::Success => {
                // Reading first keeps the line of a healthy server shared between workers.
                if server.errors() != 0 {
                    server.errors.store(0, Ordering::Relaxed);
                }
            }
            Says::Error => {
                let errors = server.errors.fetch_add(1, Ordering::AcqRel) + 1;
                if errors >= spec.error_limit {
                    self.too_many_errors(place, spec, server, event);
                }
            }
        }
    }

    fn too_many_errors(&self, place: Place, spec: &ServerSpec, server: &ServerHealth, last: Event) {
        let mut table = self.checks.lock();
        // Of several workers that get here together one acts.
        let errors = server.errors.load(Ordering::Acquire);
        if errors < spec.error_limit {
            return;
        }
        let Some(check) = checks_mut(&mut table, place).and_then(|c| c.health.as_mut()) else {
            return;
        };
        check.hurried = true;
        let rise = check.bounds.rise;
        match spec.on_error {
            OnError::SuddenDeath if check.level > rise => check.level = rise + 1,
            OnError::MarkDown => check.level = rise,
            _ => {}
        }
        if spec.on_error != OnError::FastInter {
            let info = format!(
                "Detected {errors} consecutive errors, last one was: {}",
                last.text()
            );
            let outcome = Outcome::with(CheckStatus::Analyzed, info);
            self.settle(&mut table, place, CheckKind::Health, outcome, None);
        }
        server.errors.store(0, Ordering::Release);
        server.analyzed.fetch_add(1, Ordering::Relaxed);
        drop(table);
        let is_fast = |check: &CheckSpec| check.intervals.fast.is_some();
        if spec.check.as_ref().is_some_and(is_fast) {
            server.wake.notify_one();
        }
    }

    fn settle(
        &self,
        table: &mut Table,
        place: Place,
        kind: CheckKind,
        outcome: Outcome,
        duration: Option<Millis>,
    ) {
        let (Some((part, state)), Some(server)) = (self.server_at(place), self.server(place))
        else {
            return;
        };
        let Some(checks) = checks_mut(table, place) else {
            return;
        };
        let Some(check) = checks.get_mut(kind) else {
            return;
        };
        let status = outcome.status;
        let verdict = status.verdict();
        let counts = check.may_fail(status);
        let is_news = check.settle(outcome, duration);
        match verdict {
            Verdict::Neutral => return,
            Verdict::Failed if counts => {
                server.failed.fetch_add(1, Ordering::Relaxed);
            }
            Verdict::Failed => {}
            Verdict::Passed | Verdict::PassedConditionally => {
                server.errors.store(0, Ordering::Relaxed);
            }
        }
        if part.spec.logs_checks && is_news {
            let line = report::check_line(
                check,
                state.is_backup(),
                &self.name(place),
                state.user_weight(),
            );
            self.reports.log(place.backend, level::NOTICE, &line);
        }
        if kind == CheckKind::Health && verdict == Verdict::Passed {
            self.end_ejection(place);
        }
        let (fell, holds) = (check.level == 0, checks.hold_up());
        let tracks = self.spec(place).is_some_and(|spec| spec.track.is_some());
        let cause = match kind {
            _ if tracks || part.spec.logs_checks => Cause::Silent,
            CheckKind::Health => Cause::Health,
            CheckKind::Agent => Cause::Agent,
        };
        match verdict {
            Verdict::Failed => {
                let counts = kind == CheckKind::Health || status == CheckStatus::L7Status;
                if fell && counts {
                    self.stop(table, place, cause);
                }
            }
            Verdict::Passed if holds && self.may_rise(place) => {
                let stopping = state.status().operation == Operation::Stopping;
                if kind == CheckKind::Health || !stopping {
                    self.start(table, place, cause);
                }
            }
            Verdict::PassedConditionally
                if holds && self.may_rise(place) && kind == CheckKind::Health =>
            {
                self.retire(table, place, cause);
            }
            _ => {}
        }
    }

    /// Puts a server back that outlier detection had ejected, unless that was told not to.
    fn end_ejection(&self, place: Place) {
        let Some((part, _)) = self.server_at(place) else {
            return;
        };
        let outlier = part.state.outlier();
        if outlier.is_some_and(|outlier| outlier.check_passed(place.server, &part.state)) {
            let line = Change::Returned.line(&self.name(place));
            self.reports.log(place.backend, level::NOTICE, &line);
        }
    }

    /// Whether neither maintenance nor a tracked server keeps a server down.
    fn may_rise(&self, place: Place) -> bool {
        let in_maintenance = self
            .state(place)
            .is_none_or(|state| state.status().admin.has(Admin::MAINT));
        let tracked = self.spec(place).and_then(|spec| spec.track);
        let tracked_is_down = tracked
            .and_then(|tracked| self.state(tracked))
            .is_some_and(|state| !state.is_up());
        !in_maintenance && !tracked_is_down
    }
}
