//! The limits of one backend, by priority.

use crate::protect::circuit_limits::{CircuitLimits, LimitsSpec, Places, Priority};
use std::sync::Arc;

/// What limits a backend, if anything does.
#[derive(Debug)]
pub(super) struct Limits {
    by_priority: [Option<Arc<CircuitLimits>>; 2],
    places: Option<Arc<Places>>,
}

impl Limits {
    pub(super) fn new(specs: &[Option<LimitsSpec>; 2], servers: usize) -> Self {
        let mut each = specs.iter().flatten();
        let per_server = each.find_map(|spec| spec.connections_per_server.filter(|_| !spec.shadow));
        let places = Places::new(per_server, servers);
        let made = |spec: &Option<LimitsSpec>| {
            let spec = spec.as_ref()?;
            Some(CircuitLimits::new(*spec, Arc::clone(&places)))
        };
        let by_priority = specs.each_ref().map(made);
        let are_any = by_priority.iter().any(Option::is_some);
        Self {
            places: are_any.then_some(places),
            by_priority,
        }
    }

    pub(super) fn are_any(&self) -> bool {
        self.places.is_some()
    }

    pub(super) fn places(&self) -> Option<&Arc<Places>> {
        self.places.as_ref()
    }

    pub(super) fn each(&self) -> impl Iterator<Item = (Priority, &Arc<CircuitLimits>)> {
        let each = Priority::ALL.into_iter().zip(&self.by_priority);
        each.filter_map(|(priority, limits)| Some((priority, limits.as_ref()?)))
    }

    /// Those for a priority: without limits of its own `high` shares the others'.
    pub(super) fn of(&self, priority: Priority) -> Option<&Arc<CircuitLimits>> {
        let [default, high] = &self.by_priority;
        match priority {
            Priority::High => high.as_ref().or(default.as_ref()),
            Priority::Default => default.as_ref(),
        }
    }

    /// Whether they would let one more request go to a server.
    pub(super) fn have_room(&self, priority: Priority) -> bool {
        self.of(priority).is_none_or(|limits| limits.has_room())
    }
}
