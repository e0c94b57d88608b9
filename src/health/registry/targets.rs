//! Where and how a server is checked, as commands may have changed it since.

use super::Health;
use crate::health::script::Script;
use crate::health::spec::{CheckAddr, CheckKind, CheckSpec, Place};
use std::sync::Arc;

/// What a command changes about a check; `None` stays.
#[derive(Clone, Debug, Default)]
pub struct Retarget {
    /// Where it goes.
    pub addr: Option<CheckAddr>,
    /// The port; 0 = the server's, or that of `addr`.
    pub port: Option<u16>,
    /// What is done with the connection.
    pub script: Option<Arc<Script>>,
}

impl Health {
    /// How a server is checked now.
    pub fn check_spec(&self, place: Place, kind: CheckKind) -> Option<CheckSpec> {
        let server = self.server(place)?;
        let mut spec = match kind {
            CheckKind::Health => server.spec.check.clone(),
            CheckKind::Agent => server.spec.agent.clone(),
        }?;
        let changed = server.retargets.lock();
        let [health, agent] = &*changed;
        let changed = match kind {
            CheckKind::Health => health,
            CheckKind::Agent => agent,
        };
        spec.addr = changed.addr.clone().or(spec.addr);
        spec.port = changed.port.unwrap_or(spec.port);
        spec.script = changed.script.clone().unwrap_or(spec.script);
        Some(spec)
    }

    /// Changes that from the next check on.
    pub fn retarget(&self, place: Place, kind: CheckKind, to: Retarget) {
        let Some(server) = self.server(place) else {
            return;
        };
        let [health, agent] = &mut *server.retargets.lock();
        let changed = match kind {
            CheckKind::Health => health,
            CheckKind::Agent => agent,
        };
        *changed = Retarget {
            addr: to.addr.or(changed.addr.take()),
            port: to.port.or(changed.port),
            script: to.script.or(changed.script.take()),
        };
    }
}
