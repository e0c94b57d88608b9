//! Where a stream is: references every step needs and none changes.

use super::shared::Listener;
use super::worker::Worker;
use crate::backend::Slot;
use crate::clock::Millis;
use crate::compile::config::{Backend, Frontend};
use crate::vocab::context::Names;

/// The worker, the frontend and the listener of a client connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) worker: &'a Worker,
    pub(super) frontend: &'a Frontend,
    pub(super) frontend_index: usize,
    pub(super) listener: &'a Listener,
}

impl<'a> Place<'a> {
    /// Whether bytes may be moved within the kernel (`option splice-*`, `-dS`).
    pub(super) fn may_splice(&self) -> bool {
        self.frontend.splice && self.worker.shared.splice
    }

    /// When `timeout client` passes if nothing happens from now on.
    pub(super) fn client_deadline(&self) -> Millis {
        self.worker
            .clock
            .now()
            .saturating_add(self.frontend.timeouts.client)
    }

    /// Names for rules and logs; before a backend is chosen the frontend's stands for it.
    pub(super) fn names(&self, backend: Option<&'a Backend>, slot: Option<&Slot>) -> Names<'a> {
        let server = slot
            .zip(backend)
            .and_then(|(slot, b)| b.servers.get(slot.server()));
        Names {
            frontend: &self.frontend.name,
            frontend_id: self.frontend.uuid,
            listener: &self.listener.name,
            listener_id: self.listener.id,
            backend: backend.map_or(&self.frontend.name, |b| &b.name),
            backend_id: backend.map_or(self.frontend.uuid, |b| b.uuid),
            server: server.map(|s| &*s.name),
            server_id: server.map_or(0, |s| s.id),
            unique_id: self.frontend.unique_id.as_ref(),
        }
    }
}
