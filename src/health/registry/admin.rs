//! Administrative states, those that servers inherit from what they track, and commands on health
//! (SEMANTICS 1.9).

use super::lines::brackets;
use super::{Health, Table, checks_mut};
use crate::backend::{Admin, Change, Operation};
use crate::health::counter::{Bounds, Check};
use crate::health::report::Cause;
use crate::health::spec::{CheckKind, Place};
use crate::observe::log::level;

impl Health {
    /// `set server … state maint`; `why` is shown in brackets.
    pub fn set_maint(&self, place: Place, why: &str) {
        let mut table = self.checks.lock();
        self.add_flag(&mut table, place, Admin::FORCED_MAINT, why);
        self.remove_flag(&mut table, place, Admin::FORCED_DRAIN);
    }

    /// `set server … state drain`.
    pub fn set_drain(&self, place: Place, why: &str) {
        let mut table = self.checks.lock();
        self.add_flag(&mut table, place, Admin::FORCED_DRAIN, why);
        self.remove_flag(&mut table, place, Admin::FORCED_MAINT);
    }

    /// `set server … state ready`.
    pub fn set_ready(&self, place: Place) {
        let mut table = self.checks.lock();
        self.remove_flag(&mut table, place, Admin::FORCED_DRAIN);
        self.remove_flag(&mut table, place, Admin::FORCED_MAINT);
    }

    /// Adds an administrative flag; `why` is shown in brackets.
    pub fn add(&self, place: Place, flag: Admin, why: &str) {
        self.add_flag(&mut self.checks.lock(), place, flag, why);
    }

    /// Takes an administrative flag away.
    pub fn remove(&self, place: Place, flag: Admin) {
        self.remove_flag(&mut self.checks.lock(), place, flag);
    }

    /// `set server … health`, and that of its agent: as if all checks had ended so.
    pub fn set_health(&self, place: Place, kind: CheckKind, operation: Operation, cause: Cause) {
        let mut table = self.checks.lock();
        if let Some(check) = checks_mut(&mut table, place).and_then(|c| c.get_mut(kind)) {
            check.level = match operation {
                Operation::Stopped => 0,
                _ => check.top(),
            };
        }
        match operation {
            Operation::Stopped => self.stop(&mut table, place, cause),
            Operation::Stopping => self.retire(&mut table, place, cause),
            Operation::Starting | Operation::Running => self.start(&mut table, place, cause),
        }
    }

    /// Turns a check on or off. Whether the server has such a check.
    pub fn enable(&self, place: Place, kind: CheckKind, enabled: bool) -> bool {
        let mut table = self.checks.lock();
        let Some(check) = checks_mut(&mut table, place).and_then(|c| c.get_mut(kind)) else {
            return false;
        };
        check.enabled = enabled;
        if enabled && kind == CheckKind::Agent {
            check.level = check.bounds.rise;
        }
        true
    }

    pub(super) fn add_flag(&self, table: &mut Table, place: Place, flag: Admin, why: &str) {
        let Some((part, state)) = self.server_at(place) else {
            return;
        };
        let before = state.status();
        if before.admin.has(flag) {
            return;
        }
        let Some(change) = part.state.set_admin(place.server, flag) else {
            return;
        };
        let entered = |group: Admin| change.after.admin.has(group) && !before.admin.has(group);
        if entered(Admin::MAINT) {
            self.entered_maintenance(table, place, change, why);
        } else if !change.after.admin.has(Admin::MAINT) && entered(Admin::DRAIN) {
            let forced = change.after.admin.has(Admin::FORCED_DRAIN);
            let mut line = format!(
                "{} enters drain state{}",
                self.subject(place),
                brackets(why)
            );
            if !forced {
                self.via(place, &mut line);
            }
            self.standing(place, change.requeued, &mut line);
            line.push('.');
            self.reports.log(place.backend, level::NOTICE, &line);
        }
        self.note_backend(place, change);
        let (group, inherited) = inherited(flag);
        if before.admin.has(group) {
            return;
        }
        for tracker in self.trackers(place) {
            self.add_flag(table, tracker, inherited, why);
        }
    }

    fn entered_maintenance(&self, table: &mut Table, place: Place, change: Change, why: &str) {
        if let Some(check) = checks_mut(table, place).and_then(|c| c.health.as_mut()) {
            check.paused = true;
            check.level = 0;
        }
        let forced = change.after.admin.has(Admin::FORCED_MAINT);
        let was_down = change.before.operation == Operation::Stopped;
        let what = match was_down {
            true => "was DOWN and now enters maintenance",
            false => "is going DOWN for maintenance",
        };
        let mut line = format!("{} {what}{}", self.subject(place), brackets(why));
        if !forced {
            self.via(place, &mut line);
        }
        let was_leaving =
            change.before.operation == Operation::Stopping || change.before.admin.has(Admin::DRAIN);
        let mut level = level::NOTICE;
        if !was_down {
            let requeued = change.requeued + self.shut_sessions(place);
            self.standing(place, requeued, &mut line);
            if !was_leaving {
                level = level::ALERT;
            }
        }
        line.push('.');
        self.reports.log(place.backend, level, &line);
    }

    pub(super) fn remove_flag(&self, table: &mut Table, place: Place, flag: Admin) {
        let Some((part, state)) = self.server_at(place) else {
            return;
        };
        let before = state.status();
        if !before.admin.has(flag) {
            return;
        }
        let leaves = !(before.admin & !flag).has(Admin::MAINT) && before.admin.has(Admin::MAINT);
        let operation = match leaves {
            true => self.after_maintenance(table, place),
            false => before.operation,
        };
        let Some(change) = part.state.clear_admin(place.server, flag, operation) else {
            return;
        };
        self.report_removed(place, flag, change);
        if change.after.share() > 0 && change.before.share() == 0 {
            self.came_up(place, change);
        }
        let (group, inherited) = inherited(flag);
        if change.after.admin.has(group) {
            return;
        }
        for tracker in self.trackers(place) {
            self.remove_flag(table, tracker, inherited);
        }
    }

    /// The operational state of a server that leaves maintenance.
    fn after_maintenance(&self, table: &mut Table, place: Place) -> Operation {
        let (Some(spec), Some(state)) = (self.spec(place), self.state(place)) else {
            return Operation::Stopped;
        };
        let Some(checks) = checks_mut(table, place) else {
            return Operation::Stopped;
        };
        if let (Some(check), Some(check_spec)) = (&mut checks.health, &spec.check) {
            let bounds = Bounds {
                rise: check_spec.rise,
                fall: check_spec.fall,
            };
            check.paused = false;
            check.level = Check::new(CheckKind::Health, bounds, spec.init_state).level;
        }
        let up = match state.slowstart_s() {
            0 => Operation::Running,
            _ => Operation::Starting,
        };
        if let Some(start) = spec.init_state {
            return if start.is_down() {
                Operation::Stopped
            } else {
                up
            };
        }
        let tracked = spec.track.and_then(|tracked| self.state(tracked));
        match tracked.map(|tracked| tracked.status().operation) {
            Some(Operation::Stopped) => Operation::Stopped,
            _ if !checks.hold_up() => Operation::Stopped,
            Some(Operation::Stopping) => Operation::Stopping,
            _ => up,
        }
    }
}

/// The group a flag belongs to, and the flag that servers which track this one get for it.
fn inherited(flag: Admin) -> (Admin, Admin) {
    match flag.has(Admin::MAINT) {
        true => (Admin::MAINT, Admin::INHERITED_MAINT),
        false => (Admin::DRAIN, Admin::INHERITED_DRAIN),
    }
}
