//! Backends in `mode log`: which of their servers gets a line.
//!
//! The logger thread asks for each line. Servers are up or down as in other backends, and commands
//! change them alike; a line waits for nobody.

use super::hash_key;
use crate::backend::{BackendState, Choice, Wish};
use crate::clock::Clock;
use crate::compile::config::{Balance, Config, HashKey};
use crate::compile::variables::outside_of_streams;
use crate::growing::Growing;
use crate::observe::log::{ChooseServer, LogBackend};
use crate::vocab::sample::Sample;
use std::sync::Arc;

#[derive(Debug)]
struct Chooser {
    config: Arc<Config>,
    /// Index of the backend.
    index: usize,
    state: Arc<BackendState>,
    clock: Clock,
}

/// The log backends of a configuration, given the states of all its backends.
pub(super) fn all(
    config: &Arc<Config>,
    states: &Growing<Arc<BackendState>>,
    clock: &Clock,
) -> Vec<LogBackend> {
    let backends = config.backends.iter().zip(states.iter()).enumerate();
    let log_backend = |(index, (backend, state)): (usize, (_, &Arc<BackendState>))| {
        let backend: &crate::compile::config::Backend = backend;
        let servers = backend.log_servers.as_ref()?.servers.clone();
        Some(LogBackend {
            name: (*backend.name).into(),
            servers,
            chooser: Box::new(Chooser {
                config: Arc::clone(config),
                index,
                state: Arc::clone(state),
                clock: clock.clone(),
            }),
        })
    };
    backends.filter_map(log_backend).collect()
}

impl Chooser {
    /// The hash of a line; `None` if the converters make nothing of it.
    fn hash(&self, line: &[u8]) -> Option<u32> {
        let backend = self.config.backends.get(self.index)?;
        let expression = backend.hash_sample.as_ref()?;
        let mut found = None;
        outside_of_streams(&self.config.variables, &self.clock, |cx| {
            let visit = &mut |value: Sample<'_>| {
                found = hash_key::of_value(value, backend.hash_type);
            };
            expression.convert(cx, Sample::Str(line), visit)
        });
        found
    }
}

impl ChooseServer for Chooser {
    fn choose(&self, line: &[u8]) -> Option<usize> {
        let backend = self.config.backends.get(self.index)?;
        let hash = match backend.balance {
            Balance::Hash(HashKey::LogLine) => Some(self.hash(line)?),
            _ => None,
        };
        let wish = Wish {
            hash,
            ..Wish::default()
        };
        match self.state.choose(wish) {
            Choice::Server(slot) => Some(slot.server()),
            Choice::Full | Choice::Busy(_) | Choice::NoServer => None,
        }
    }
}
