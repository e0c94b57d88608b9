//! Soft stop, pause and resume, with what HAProxy says about them.
//!
//! A soft stop begins at once or after `grace`; from then on nothing is accepted, and each proxy's
//! end is logged with what it has served. A pause takes our own TCP sockets out of listening, so
//! that another process may have the addresses; inherited and UNIX sockets only accept no more.

use super::doors::Task;
use super::env::Stop;
use super::limit::Door;
use super::run::Supervisor;
use super::shared::Shared;
use crate::clock::{Millis, NEVER};
use crate::observe::log::{level, proxy_hard_stopped, proxy_stopped};
use crate::observe::stats::{Count, Counters};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How far a soft stop has come.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stopping {
    /// It was asked for.
    begun: bool,
    /// When `grace` ends.
    grace_ends: Option<Millis>,
    /// When the soft stop becomes a hard one.
    hard_stop: Option<Millis>,
}

impl Stopping {
    /// Whether a soft stop was asked for.
    pub(super) fn has_begun(&self) -> bool {
        self.begun
    }

    /// How long until something is due; for ever if nothing is.
    pub(super) fn left(&self, now: Millis) -> Duration {
        let due = self.grace_ends.or(self.hard_stop);
        due.map_or(Duration::MAX, |due| {
            Duration::from_millis(due.saturating_sub(now))
        })
    }
}

impl Supervisor {
    /// A soft stop was asked for. Asking again changes nothing.
    pub(super) fn finish(&mut self) {
        if std::mem::replace(&mut self.stopping.begun, true) {
            return;
        }
        let grace = self
            .current()
            .as_ref()
            .map_or(NEVER, |s| s.config.global.grace);
        if grace == NEVER {
            return self.finish_now();
        }
        self.stopping.grace_ends = Some(self.clock.now().saturating_add(grace));
        self.say(
            level::WARNING,
            &format!("Scheduling a soft-stop in {grace} ms."),
        );
    }

    /// Begins the soft stop whose `grace` has passed, and ends the one that lasts too long.
    pub(super) fn go_on_stopping(&mut self) {
        let now = self.clock.now();
        if self.stopping.hard_stop.is_some_and(|due| due <= now) {
            self.stopping.hard_stop = None;
            self.stop_hard();
        }
        if self.stopping.grace_ends.is_some_and(|end| end <= now) {
            self.stopping.grace_ends = None;
            let message = "Grace period expired, proceeding with soft-stop now.";
            self.say(level::NOTICE, message);
            self.finish_now();
        }
    }

    fn finish_now(&mut self) {
        self.close_sockets();
        // A hard stop that came first stays one.
        self.stop.send_if_modified(|stop| {
            let begins = *stop == Stop::Not;
            if begins {
                *stop = Stop::Soft;
            }
            begins
        });
        let Some(shared) = self.current() else {
            return;
        };
        let limit = shared.config.global.hard_stop_after;
        if limit != NEVER {
            self.stopping.hard_stop = Some(self.clock.now().saturating_add(limit));
        }
        for proxy in proxies(&shared) {
            let message = proxy_stopped(&proxy.name, proxy.frontend_total, proxy.backend_total);
            self.say_of(proxy.frontend, level::WARNING, &message);
        }
    }

    fn stop_hard(&mut self) {
        let message = "soft-stop running for too long, performing a hard-stop.";
        self.say(level::WARNING, message);
        if let Some(shared) = self.current() {
            for proxy in proxies(&shared).filter(|proxy| proxy.open > 0) {
                let message = proxy_hard_stopped(&proxy.name, proxy.open);
                self.say_of(proxy.frontend, level::WARNING, &message);
            }
        }
        self.stop.send_replace(Stop::Now);
    }

    /// Stops accepting. Asking again changes nothing.
    pub(super) fn pause(&mut self) {
        if std::mem::replace(&mut self.paused, true) {
            return;
        }
        self.tell_workers(|done| Task::Pause { _done: done });
        self.sockets.suspend(None);
        self.say_of_accepting("Paused");
    }

    /// Accepts again.
    pub(super) fn resume(&mut self) {
        if !std::mem::replace(&mut self.paused, false) {
            return;
        }
        for message in self.sockets.resume(None) {
            self.say(level::WARNING, &message);
        }
        self.tell_workers(|done| Task::Resume { _done: done });
        self.say_of_accepting("Resumed");
    }

    /// Takes connections to a frontend in, or none; whether that is so then. One that was shut stays so
    /// until a reload, and one whose address was taken by others meanwhile stays paused.
    pub(super) fn frontend(&mut self, index: usize, door: Door) -> bool {
        let Some(shared) = self.current() else {
            return false;
        };
        let Some(limit) = shared
            .frontends
            .get(index)
            .filter(|limit| limit.door() != door && limit.door() != Door::Shut)
        else {
            return true;
        };
        if door == Door::Open {
            let failed = self.sockets.resume(Some(index));
            for message in &failed {
                self.say(level::WARNING, message);
            }
            if !failed.is_empty() {
                self.sockets.suspend(Some(index));
                return false;
            }
        }
        limit.set_door(door);
        let tell = |done| Task::Frontend {
            index,
            door,
            _done: done,
        };
        let what = match door {
            Door::Open => {
                self.tell_workers(tell);
                "Resumed"
            }
            Door::Paused => {
                self.tell_workers(tell);
                self.sockets.suspend(Some(index));
                "Paused"
            }
            Door::Shut => {
                self.tell_workers(tell);
                self.shut_sockets(index);
                "Stopped"
            }
        };
        let Some(proxy) = proxies(&shared).find(|proxy| proxy.frontend == Some(index)) else {
            return true;
        };
        let message = match door {
            Door::Shut => proxy_stopped(&proxy.name, proxy.frontend_total, proxy.backend_total),
            _ => accepting(what, &proxy),
        };
        self.say_of(Some(index), level::WARNING, &message);
        true
    }

    /// A new configuration opens what commands had closed.
    pub(super) fn reopen_frontends(&mut self) {
        let Some(shared) = self.current() else {
            return;
        };
        let closed = shared
            .frontends
            .iter()
            .filter(|limit| limit.door() != Door::Open);
        if closed.map(|limit| limit.set_door(Door::Open)).count() > 0 {
            for message in self.sockets.resume(None) {
                self.say(level::WARNING, &message);
            }
        }
    }

    fn say_of_accepting(&mut self, what: &str) {
        let Some(shared) = self.current() else {
            return;
        };
        for proxy in proxies(&shared).filter(|proxy| proxy.accepts) {
            let message = accepting(what, &proxy);
            self.say_of(proxy.frontend, level::WARNING, &message);
        }
    }
}

/// A frontend, a backend, or both halves of a `listen`.
struct Proxy {
    name: Arc<str>,
    /// Index of its front half.
    frontend: Option<usize>,
    is_listen: bool,
    /// Whether it has a socket.
    accepts: bool,
    /// Its connections now.
    open: u32,
    /// The connections it ever had on either side.
    frontend_total: u64,
    backend_total: u64,
}

/// What is said about a proxy that pauses or resumes.
fn accepting(what: &str, proxy: &Proxy) -> String {
    let kind = if proxy.is_listen { "proxy" } else { "frontend" };
    format!("{what} {kind} {}.", proxy.name)
}

/// The proxies that are not `disabled`, in the order of the configuration.
fn proxies(shared: &Shared) -> impl Iterator<Item = Proxy> {
    let mut all = BTreeMap::new();
    for (index, frontend) in shared.config.frontends.iter().enumerate() {
        if !frontend.disabled {
            let limit = shared.frontends.get(index);
            let proxy = Proxy {
                name: Arc::clone(&frontend.name),
                frontend: Some(index),
                is_listen: false,
                accepts: !frontend.binds.is_empty(),
                open: limit.map_or(0, |limit| limit.used()),
                frontend_total: total(shared.counters.frontend(index), Count::Connections),
                backend_total: 0,
            };
            all.insert(frontend.uuid, proxy);
        }
    }
    for (index, backend) in shared.config.backends.iter().enumerate() {
        let total = total(shared.counters.backend(index), Count::Sessions);
        match all.get_mut(&backend.uuid) {
            Some(proxy) => (proxy.is_listen, proxy.backend_total) = (true, total),
            None if backend.disabled => {}
            None => {
                let proxy = Proxy {
                    name: Arc::clone(&backend.name),
                    frontend: None,
                    is_listen: false,
                    accepts: false,
                    open: 0,
                    frontend_total: 0,
                    backend_total: total,
                };
                all.insert(backend.uuid, proxy);
            }
        }
    }
    all.into_values()
}

fn total(counters: Option<&Counters>, what: Count) -> u64 {
    counters.map_or(0, |counters| counters.count(what))
}
