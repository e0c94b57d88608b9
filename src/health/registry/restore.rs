//! Servers go on as an earlier process left them (`load-server-state-from-file`).
//!
//! What is configured now goes before what was: a weight or `disabled` that changed is as it is
//! written. Deliberately absent: where checks go, which is no matter of states.

use super::{Health, Table, checks_mut};
use crate::backend::{Admin, Operation};
use crate::health::report::Cause;
use crate::health::saved::Saved;
use crate::health::spec::{CheckKind, Place};

const CAUSE: Cause = Cause::Other("changed from server-state after a reload");

impl Health {
    /// Takes over the state of a server.
    pub fn restore(&self, place: Place, saved: &Saved) {
        let mut table = self.checks.lock();
        self.restore_operation(&mut table, place, saved);
        self.restore_admin(&mut table, place, saved);
        let (Some((part, state)), Some(checks)) =
            (self.server_at(place), checks_mut(&mut table, place))
        else {
            return;
        };
        if let Some(check) = checks.get_mut(CheckKind::Health) {
            check.last.status = saved.status;
            check.enabled &= !saved.check_disabled;
        }
        if let Some(agent) = checks.get_mut(CheckKind::Agent) {
            agent.enabled &= !saved.agent_disabled;
        }
        if saved.initial_weight == state.initial_weight() {
            part.state.set_weight(place.server, saved.weight);
        }
        part.state.set_unchanged_s(place.server, saved.unchanged_s);
    }

    fn restore_operation(&self, table: &mut Table, place: Place, saved: &Saved) {
        let Some(server) = self.server(place) else {
            return;
        };
        let bounds = server.spec.bounds;
        // Where one check decides there is nothing between up and down.
        let operation = match saved.operation {
            Operation::Starting if bounds.rise == 1 => Operation::Running,
            Operation::Stopping if bounds.fall == 1 => Operation::Stopped,
            operation => operation,
        };
        let level = match operation {
            Operation::Stopped => 0,
            Operation::Starting if (1..bounds.rise).contains(&saved.level) => saved.level,
            Operation::Starting => bounds.rise - 1,
            Operation::Stopping if (bounds.rise..bounds.top()).contains(&saved.level) => {
                saved.level
            }
            Operation::Stopping => bounds.rise,
            Operation::Running => bounds.top(),
        };
        match checks_mut(table, place).and_then(|c| c.get_mut(CheckKind::Health)) {
            Some(check) => check.level = level,
            // Once in the life of a server.
            None => drop(server.restored_level.set(level)),
        }
        match operation {
            Operation::Stopped => self.stop(table, place, CAUSE),
            Operation::Stopping => self.retire(table, place, CAUSE),
            Operation::Starting | Operation::Running => self.start(table, place, Cause::Silent),
        }
    }

    fn restore_admin(&self, table: &mut Table, place: Place, saved: &Saved) {
        let Some((_, state)) = self.server_at(place) else {
            return;
        };
        let configured = state.status().admin.has(Admin::CONFIGURED_MAINT);
        let is_changed = configured != saved.admin.has(Admin::CONFIGURED_MAINT);
        let in_maintenance = match is_changed {
            true => configured,
            false => saved.admin.has(Admin::FORCED_MAINT),
        };
        match in_maintenance {
            true => self.add_flag(table, place, Admin::FORCED_MAINT, ""),
            false => self.remove_flag(table, place, Admin::FORCED_MAINT),
        }
        // A weight of 0 drains too; it may have been raised since.
        let drained = saved.initial_weight > 0 || state.initial_weight() == 0;
        if !in_maintenance && saved.admin.has(Admin::FORCED_DRAIN) && drained {
            self.add_flag(table, place, Admin::FORCED_DRAIN, "");
        }
    }
}
