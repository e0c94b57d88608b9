//! Operational states: servers go down, come up, retire and warm up, and those that track them with
//! them (SEMANTICS 1.6, 1.7, 1.9).
//!
//! What must hold: each change writes its line after it holds. Deliberately absent: who decides.

use super::{Health, Shutdown, Table};
use crate::backend::{Admin, Change, Operation};
use crate::health::report::Cause;
use crate::health::spec::Place;
use crate::observe::log::level;

impl Health {
    pub(super) fn stop(&self, table: &mut Table, place: Place, cause: Cause) {
        let Some((part, state)) = self.server_at(place) else {
            return;
        };
        let before = state.status();
        if before.admin.has(Admin::MAINT) || before.operation == Operation::Stopped {
            return;
        }
        let Some(change) = part.state.mark_down(place.server) else {
            return;
        };
        let requeued = change.requeued + self.shut_sessions(place);
        let was_leaving = before.operation == Operation::Stopping || before.admin.has(Admin::DRAIN);
        let level = if was_leaving {
            level::NOTICE
        } else {
            level::ALERT
        };
        let line = self.line(table, place, "is DOWN", cause, requeued);
        self.reports.log(place.backend, level, &line);
        self.note_backend(place, change);
        for tracker in self.trackers(place) {
            self.stop(table, tracker, Cause::Silent);
        }
    }

    pub(super) fn start(&self, table: &mut Table, place: Place, cause: Cause) {
        let Some((part, state)) = self.server_at(place) else {
            return;
        };
        let before = state.status();
        let is_up = matches!(before.operation, Operation::Starting | Operation::Running);
        if before.admin.has(Admin::MAINT) || is_up {
            return;
        }
        let Some(change) = part.state.mark_up(place.server) else {
            return;
        };
        self.came_up(place, change);
        let line = self.line(table, place, "is UP", cause, change.requeued);
        self.reports.log(place.backend, level::NOTICE, &line);
        for tracker in self.trackers(place) {
            self.start(table, tracker, Cause::Silent);
        }
    }

    pub(super) fn retire(&self, table: &mut Table, place: Place, cause: Cause) {
        let Some((part, state)) = self.server_at(place) else {
            return;
        };
        let before = state.status();
        if before.admin.has(Admin::MAINT) || before.operation == Operation::Stopping {
            return;
        }
        let Some(change) = part.state.mark_stopping(place.server) else {
            return;
        };
        let line = self.line(table, place, "is stopping", cause, change.requeued);
        self.reports.log(place.backend, level::NOTICE, &line);
        self.note_backend(place, change);
        for tracker in self.trackers(place) {
            self.retire(table, tracker, Cause::Silent);
        }
    }

    /// Brings a slow start up to the time. Whether it goes on.
    pub(in crate::health) fn warm_up(&self, place: Place) -> bool {
        let table = self.checks.lock();
        let Some((part, state)) = self.server_at(place) else {
            return false;
        };
        if state.status().operation != Operation::Starting {
            return false;
        }
        let Some(change) = part.state.warm_up(place.server) else {
            return false;
        };
        if change.after.operation == Operation::Running {
            let line = self.line(&table, place, "is UP", Cause::Silent, change.requeued);
            self.reports.log(place.backend, level::NOTICE, &line);
        }
        change.after.operation == Operation::Starting
    }

    /// What follows when a server may be chosen again.
    pub(super) fn came_up(&self, place: Place, change: Change) {
        let (Some(spec), Some((part, state))) = (self.spec(place), self.server_at(place)) else {
            return;
        };
        if change.after.operation == Operation::Starting
            && let Some(server) = self.server(place)
        {
            server.warm.notify_one();
        }
        if spec.shutdown_backup_sessions && !state.is_backup() && change.after.share() > 0 {
            for (server, other) in part.state.servers().present() {
                if other.is_backup() {
                    let place = Place { server, ..place };
                    self.reports.shut_down(place, Shutdown::Up);
                    part.state.redistribute(server);
                }
            }
        }
    }

    /// `on-marked-down shutdown-sessions`; how many left the queue.
    pub(super) fn shut_sessions(&self, place: Place) -> usize {
        let (Some(spec), Some((part, _))) = (self.spec(place), self.server_at(place)) else {
            return 0;
        };
        if !spec.shutdown_sessions {
            return 0;
        }
        self.reports.shut_down(place, Shutdown::Down);
        part.state.redistribute(place.server)
    }

    pub(super) fn note_backend(&self, place: Place, change: Change) {
        let Some(part) = self.backends.get(place.backend) else {
            return;
        };
        if change.usable_before > 0 && part.state.usable_servers() == 0 {
            let spec = &part.spec;
            let line = format!("{} {} has no server available!", spec.noun, spec.name);
            self.reports.log(place.backend, level::EMERG, &line);
        }
    }
}
