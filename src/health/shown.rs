//! How statistics put a server's state (manual, `show stat`).

use super::counter::Check;
use super::registry::Health;
use super::spec::{CheckKind, Place};
use crate::backend::{Admin, Operation};

impl Health {
    /// `UP`, `UP 1/3`, `DOWN (agent)`, `MAINT (via be/s)`… as HAProxy has it. A server that tracks
    /// another shows that one's checks.
    pub fn status_text(&self, place: Place) -> String {
        let Some(status) = self.state(place).map(|state| state.status()) else {
            return String::new();
        };
        if status.admin.has(Admin::UNRESOLVED) {
            return "MAINT (resolution)".to_owned();
        }
        if status.admin.has(Admin::MAINT) {
            let tracked = self.spec(place).and_then(|spec| spec.track);
            return match tracked.filter(|_| status.admin.has(Admin::INHERITED_MAINT)) {
                Some(tracked) => format!("MAINT (via {})", self.name(tracked)),
                None => "MAINT".to_owned(),
            };
        }
        if status.admin.has(Admin::OUT) {
            return "EJECT".to_owned();
        }
        let checked = self.checked_for(place);
        let enabled = |kind| self.check(checked, kind).filter(|check| check.enabled);
        let health = enabled(CheckKind::Health);
        let agent = enabled(CheckKind::Agent);
        let wavers = |check: &Check| check.level != check.top();
        let above = |word: &str, check: &Check| {
            let level = (check.level + 1).saturating_sub(check.bounds.rise);
            format!("{word} {level}/{}", check.bounds.fall)
        };
        let draining = status.admin.has(Admin::DRAIN);
        match (status.operation, &health) {
            (Operation::Stopped, _) if agent.as_ref().is_some_and(|agent| agent.level == 0) => {
                "DOWN (agent)".to_owned()
            }
            (Operation::Stopped, Some(check)) if check.level > 0 => {
                format!("DOWN {}/{}", check.level, check.bounds.rise)
            }
            (Operation::Stopped, _) => "DOWN".to_owned(),
            (Operation::Stopping, Some(check)) if wavers(check) => above("NOLB", check),
            (Operation::Stopping, _) => "NOLB".to_owned(),
            _ if draining && agent.is_some() => "DRAIN (agent)".to_owned(),
            (_, Some(check)) if draining && wavers(check) => above("DRAIN", check),
            _ if draining => "DRAIN".to_owned(),
            (_, Some(check)) if wavers(check) => above("UP", check),
            (_, Some(_)) => "UP".to_owned(),
            (_, None) => "no check".to_owned(),
        }
    }

    /// The server whose checks decide about this one: itself, or the end of what it tracks.
    fn checked_for(&self, mut place: Place) -> Place {
        while let Some(tracked) = self.spec(place).and_then(|spec| spec.track) {
            place = tracked;
        }
        place
    }
}
