//! Backends and servers that come and go while others are checked.

use super::{Checks, Health, Part, ServerHealth};
use crate::backend::{Admin, BackendState};
use crate::health::spec::{BackendSpec, CheckKind, Place, ServerSpec};
use parking_lot::Mutex;
use std::sync::Arc;

impl Health {
    /// Takes in a backend without servers, added as the last one.
    pub fn add_backend(&self, spec: BackendSpec, state: &Arc<BackendState>) {
        let mut table = self.checks.lock();
        table.push(Vec::new());
        self.backends.add(Part {
            state: Arc::clone(state),
            servers: std::iter::empty().collect(),
            spec,
        });
    }

    /// Takes in a server, added as the last one of its backend. It is in maintenance, and its
    /// checks are turned off.
    pub fn add_server(&self, place: Place, spec: ServerSpec) {
        let Some(part) = self.backends.get(place.backend) else {
            return;
        };
        let mut table = self.checks.lock();
        let mut checks = Checks::of(&spec);
        for check in [&mut checks.health, &mut checks.agent]
            .into_iter()
            .flatten()
        {
            check.enabled = false;
        }
        if let Some(check) = &mut checks.health {
            (check.paused, check.level) = (true, 0);
        }
        if let Some(backend) = table.get_mut(place.backend) {
            backend.push(checks);
        }
        if let Some(tracked) = spec.track {
            self.track(place, tracked);
        }
        part.servers.add(ServerHealth {
            spec,
            trackers: Mutex::default(),
            ..ServerHealth::default()
        });
        drop(table);
        self.added.lock().push(place);
        self.grown.notify_one();
    }

    fn track(&self, place: Place, tracked: Place) {
        if let Some(server) = self.server(tracked) {
            server.trackers.lock().insert(0, place);
        }
        let is_out = |state: &crate::backend::ServerState| state.status().admin.has(Admin::MAINT);
        if self.state(tracked).is_some_and(is_out)
            && let Some(backend) = self.backend_state(place)
        {
            backend.set_admin(place.server, Admin::INHERITED_MAINT);
        }
    }

    /// Forgets a server that is in maintenance; its checks end.
    pub fn remove_server(&self, place: Place) {
        for kind in [CheckKind::Health, CheckKind::Agent] {
            self.enable(place, kind, false);
        }
        let tracked = self.spec(place).and_then(|spec| spec.track);
        if let Some(server) = tracked.and_then(|tracked| self.server(tracked)) {
            server.trackers.lock().retain(|tracker| *tracker != place);
        }
        if let Some(part) = self.backends.get(place.backend) {
            part.servers.remove(place.server);
        }
        if let Some(server) = self.server(place) {
            server.gone.notify_waiters();
        }
    }

    /// Forgets a backend without servers.
    pub fn remove_backend(&self, backend: usize) {
        self.backends.remove(backend);
    }

    /// Whether servers follow this one.
    pub fn is_tracked(&self, place: Place) -> bool {
        !self.trackers(place).is_empty()
    }

    /// Waits for servers to be added; those that were since the last call.
    pub(in crate::health) async fn newcomers(&self) -> Vec<Place> {
        self.grown.notified().await;
        std::mem::take(&mut *self.added.lock())
    }

    /// Resolves when a server is removed; never for one that is not there.
    pub(in crate::health) async fn gone(&self, place: Place) {
        match self.server(place) {
            Some(server) => server.gone.notified().await,
            None => std::future::pending().await,
        }
    }
}
