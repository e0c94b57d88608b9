//! The lines that tell of a server's states, in HAProxy's words.

use super::{Health, Table, checks_of};
use crate::backend::{Admin, Change, Operation, ServerState};
use crate::health::report::{self, Cause, Standing};
use crate::health::spec::{CheckKind, Place};
use crate::observe::log::level;

impl Health {
    /// `be/s`.
    pub fn name(&self, place: Place) -> String {
        let backend = self.backend(place).map_or("", |backend| &*backend.name);
        let server = self.spec(place).map_or("", |spec| &*spec.name);
        format!("{backend}/{server}")
    }

    /// `Backup server be/s`, as lines start.
    pub(super) fn subject(&self, place: Place) -> String {
        let is_backup = self.state(place).is_some_and(ServerState::is_backup);
        let backup = if is_backup { "Backup " } else { "" };
        format!("{backup}Server {}", self.name(place))
    }

    /// The line about an operational state that was entered.
    pub(super) fn line(
        &self,
        table: &Table,
        place: Place,
        what: &str,
        cause: Cause,
        requeued: usize,
    ) -> String {
        let mut line = format!("{} {what}", self.subject(place));
        let kind = match cause {
            Cause::Silent => None,
            Cause::Health => Some(CheckKind::Health),
            Cause::Agent => Some(CheckKind::Agent),
            Cause::Other(why) => {
                line.push_str(", ");
                line.push_str(why);
                None
            }
        };
        let check = kind.and_then(|kind| checks_of(table, place)?.get(kind));
        if let Some(check) = check {
            report::reason(check, &mut line);
        }
        self.via(place, &mut line);
        self.standing(place, requeued, &mut line);
        line.push('.');
        line
    }

    /// ` via be/s`, of a server that tracks another.
    pub(super) fn via(&self, place: Place, line: &mut String) {
        if let Some(tracked) = self.spec(place).and_then(|spec| spec.track) {
            line.push_str(" via ");
            line.push_str(&self.name(tracked));
        }
    }

    pub(super) fn standing(&self, place: Place, requeued: usize, line: &mut String) {
        let Some((part, state)) = self.server_at(place) else {
            return;
        };
        let (active, backup) = part.state.in_service();
        let standing = Standing {
            active,
            backup,
            sessions: state.served(),
            requeued,
            queued: state.queued(),
        };
        match state.is_up() {
            true => standing.online(line),
            false => standing.left(line),
        }
    }

    pub(super) fn report_removed(&self, place: Place, flag: Admin, change: Change) {
        let (before, after) = (change.before.admin, change.after.admin);
        let subject = self.subject(place);
        let up = match change.after.operation {
            Operation::Stopped => "DOWN",
            _ => "UP",
        };
        let ready = if after.has(Admin::DRAIN) {
            "DRAIN"
        } else {
            "READY"
        };
        let mut lines = Vec::new();
        if before.has(Admin::MAINT) && !after.has(Admin::MAINT) {
            let why = match flag {
                Admin::FORCED_MAINT => "leaving forced maintenance",
                Admin::UNRESOLVED => "resolves again",
                _ => "leaving maintenance",
            };
            lines.push(format!("{subject} is {up}/{ready} ({why})"));
        } else if after.has(Admin::MAINT) && flag == Admin::FORCED_MAINT {
            let mut line =
                format!("{subject} is leaving forced maintenance but remains in maintenance");
            self.via(place, &mut line);
            lines.push(line);
        } else if after.has(Admin::MAINT) && flag == Admin::INHERITED_MAINT {
            lines.push(format!("{subject} remains in forced maintenance"));
        }
        if !after.has(Admin::MAINT) && flag.has(Admin::DRAIN) {
            lines.push(match (after.has(Admin::DRAIN), flag) {
                (false, Admin::FORCED_DRAIN) => format!("{subject} is {up} (leaving forced drain)"),
                (false, _) => {
                    let mut line = format!("{subject} is {up} (leaving drain)");
                    self.via(place, &mut line);
                    line
                }
                (true, Admin::FORCED_DRAIN) => {
                    let mut line = format!("{subject} remains in drain mode");
                    self.via(place, &mut line);
                    line
                }
                (true, _) => format!("{subject} remains in forced drain mode"),
            });
        }
        for line in lines {
            self.reports
                .log(place.backend, level::NOTICE, &format!("{line}."));
        }
    }
}

/// What is shown in brackets, if anything.
pub(super) fn brackets(why: &str) -> String {
    match why {
        "" => String::new(),
        why => format!(" ({why})"),
    }
}
