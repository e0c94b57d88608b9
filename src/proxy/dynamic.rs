//! Servers and backends that come and go while the configuration in force stays.
//!
//! Everything that is counted by backend and server has a list of its own; a newcomer gets the same
//! place at the end of each, in the configuration's own list last, so that nobody finds it before
//! all of it is there. Only the control thread adds and removes. A removed one keeps its place,
//! unused, until the configuration is replaced. Deliberately absent: who may be removed when, which
//! the commands ask before.

use super::control::Control;
use super::health;
use super::shared::{Shared, server_spec, shape};
use crate::compile::config::{Backend, BackendId, ProxyHalves, Server};
use crate::health::Place;

impl Control {
    /// Adds a server, in maintenance, to the backend at `backend`; `false` if there is no room.
    pub fn add_server(&self, backend: usize, server: Server) -> bool {
        self.shared().add_server(backend, server).is_some()
    }

    /// Removes a server that is in maintenance and serves nobody.
    pub fn remove_server(&self, place: Place) {
        let shared = self.shared();
        let config = shared.config.backends.get(place.backend);
        let state = shared.backends.get(place.backend);
        let (Some(config), Some(state)) = (config, state) else {
            return;
        };
        let Some(server) = config.servers.get(place.server) else {
            return;
        };
        config.servers.remove(place.server);
        shared.remove_breakers(config, place.server);
        state.remove_server(place.server);
        shared.health.remove_server(place);
        shared
            .estate
            .forget_server(&config.name, place.server, &server.name);
    }

    /// Adds a backend without servers, which is not published yet; `false` if there is no room.
    pub fn add_backend(&self, backend: Backend) -> bool {
        self.shared().add_backend(backend).is_some()
    }

    /// Removes a backend without servers that serves nobody.
    pub fn remove_backend(&self, index: usize) {
        let shared = self.shared();
        let id = u32::try_from(index).map(BackendId).ok();
        if let Some(halves) = shared.config.proxies.find(|halves| halves.back == id) {
            shared.config.proxies.remove(halves);
        }
        shared.config.backends.remove(index);
        shared.health.remove_backend(index);
        if let Some(backend) = shared.config.backends.get(index) {
            shared.estate.forget_backend(&backend.name);
        }
    }

    /// The lowest id that no proxy had, from 2.
    pub fn next_proxy_id(&self) -> u32 {
        let config = &self.shared().config;
        let fronts = config.frontends.iter().map(|frontend| frontend.uuid);
        let backs = config.backends.iter().map(|backend| backend.uuid);
        fronts.chain(backs).max().unwrap_or(1).saturating_add(1)
    }
}

impl Shared {
    fn add_server(&self, backend: usize, server: Server) -> Option<()> {
        let config = self.config.backends.get(backend)?;
        let state = self.backends.get(backend)?;
        let spec = server_spec(config, &server);
        let place = Place {
            backend,
            server: state.servers().len(),
        };
        if !self.add_breakers(config, place, &server.name) {
            return None;
        }
        let added = state.add_server(&spec)?;
        debug_assert_eq!(added, place.server, "nobody else adds");
        self.estate.added_server(&config.name, &server.name, &spec);
        self.counters
            .add_server(backend, &config.name, &server.name, &self.estate);
        self.reporter.add_server(place, &server);
        self.health.add_server(place, server.health.clone());
        config.servers.add(server).map(|_| ())
    }

    fn add_backend(&self, mut backend: Backend) -> Option<()> {
        backend.index = u32::try_from(self.backends.len()).ok()?;
        let shape = shape(&self.config, &backend);
        let state = self.estate.backend(&backend.name, shape);
        state.publish(false);
        self.backends.add(state.clone())?;
        self.counters.add_backend(&backend.name, &self.estate);
        self.reporter.add_backend(&backend);
        self.health.add_backend(health::spec(&backend), &state);
        let halves = ProxyHalves {
            front: None,
            back: Some(BackendId(backend.index)),
        };
        self.config.backends.add(backend)?;
        self.config.proxies.add(halves).map(|_| ())
    }

    /// Makes the breakers of a server that is about to be added at `place`; `false` if there is no
    /// room for them.
    fn add_breakers(&self, backend: &Backend, place: Place, server: &str) -> bool {
        let own = &backend.server_breakers;
        if own.specs.is_empty() {
            return true;
        }
        let all = &self.protections.breakers;
        let mut added = Vec::with_capacity(own.specs.len());
        for spec in own.specs_of((place.backend, place.server), server) {
            match all.add(self.estate.breaker(&spec)) {
                Some(number) => added.push(number),
                None => {
                    self.forget_breakers(&added);
                    return false;
                }
            }
        }
        own.of.add(added.into()).is_some()
    }

    /// Forgets the breakers of a server that is removed.
    fn remove_breakers(&self, backend: &Backend, server: usize) {
        let own = &backend.server_breakers.of;
        self.forget_breakers(own.get(server).map_or(&[], |numbers| numbers));
        own.remove(server);
    }

    fn forget_breakers(&self, numbers: &[usize]) {
        let all = &self.protections.breakers;
        for &number in numbers {
            all.remove(number);
            if let Some(breaker) = all.get(number) {
                self.estate.forget_breaker(&breaker.spec().name);
            }
        }
    }
}
