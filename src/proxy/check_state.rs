//! What checks can know of the process: how servers are.

use super::state::of_server;
use crate::backend::BackendState;
use crate::vocab::outer::ServerIndex;
use crate::vocab::state::{BackendFact, FrontendFact, ProcessFact, ServerFact, State};
use std::sync::Arc;

/// The servers of a generation.
#[derive(Debug)]
pub(super) struct Servers(pub(super) Vec<Arc<BackendState>>);

impl State for Servers {
    fn process(&self, _: ProcessFact) -> Option<i64> {
        None
    }

    fn frontend(&self, _: u32, _: FrontendFact) -> Option<i64> {
        None
    }

    fn backend(&self, index: u32, fact: BackendFact) -> Option<i64> {
        let state = self.0.get(index as usize)?;
        match fact {
            BackendFact::Connections => Some(state.conns().into()),
            BackendFact::Queue => i64::try_from(state.queue_len()).ok(),
            BackendFact::UsableServers => i64::try_from(state.usable_servers()).ok(),
            _ => None,
        }
    }

    fn server(&self, at: ServerIndex, fact: ServerFact) -> Option<i64> {
        let state = self.0.get(at.backend as usize)?;
        of_server(state.servers().get(at.server as usize)?, fact)
    }

    fn default_backend(&self, _: u32) -> Option<&str> {
        None
    }

    fn frontend_named(&self, _: &[u8]) -> Option<u32> {
        None
    }

    fn backend_named(&self, _: &[u8]) -> Option<u32> {
        None
    }

    fn server_named(&self, _: u32, _: &[u8]) -> Option<ServerIndex> {
        None
    }
}
