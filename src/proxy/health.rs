//! Health checks of this process: what they are made from, and where what they find goes.

use super::check_state::Servers;
use super::connect::Target;
use super::control::InForce;
use super::lend::{self, Lenders};
use crate::backend::BackendState;
use crate::clock::Clock;
use crate::compile::checks::CheckMemory;
use crate::compile::config::{Backend, Config, Server};
use crate::growing::Growing;
use crate::health::{BackendSpec, Borrowing, Health, Place, Reports, Shutdown, Spread};
use crate::net::Wheel;
use crate::observe::log::{LogChannel, LogHandle, LogQueue, level};
use crate::vocab::variable::ProcessVars;
use parking_lot::Mutex;
use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use tokio::sync::{Notify, watch};

/// The lines of backends, from whatever thread.
#[derive(Debug)]
pub(super) struct Reporter {
    clock: Clock,
    /// The process's variables as the configuration made them.
    variables: Arc<ProcessVars>,
    servers: Arc<Servers>,
    log: OnceLock<Lines>,
    /// Of each backend in which streams may be ended, its servers.
    cuts: Growing<Growing<Cut>>,
    /// How often the process has warned.
    warnings: Arc<AtomicU32>,
    /// Who has idle connections.
    pub(super) lenders: Lenders,
}

/// Where lines go.
#[derive(Debug)]
struct Lines {
    queue: Mutex<LogQueue>,
    /// Of each backend.
    channels: Growing<LogChannel>,
    handle: LogHandle,
}

/// Ends the streams of one server.
#[derive(Debug, Default)]
struct Cut {
    why: AtomicBool,
    streams: Notify,
}

impl Reporter {
    /// A reporter whose lines go nowhere yet.
    pub(super) fn new(
        config: &Config,
        states: &Growing<Arc<BackendState>>,
        clock: &Clock,
        warnings: &Arc<AtomicU32>,
    ) -> Arc<Self> {
        Arc::new(Self {
            clock: clock.clone(),
            warnings: Arc::clone(warnings),
            variables: Arc::new(config.variables.copy()),
            servers: Arc::new(Servers(states.iter().cloned().collect())),
            log: OnceLock::new(),
            cuts: config.backends.iter().map(cuts).collect(),
            lenders: Lenders::default(),
        })
    }

    /// Opens the channels to the targets of all backends.
    pub(super) fn open_log(&self, config: &Config, log: &LogHandle) {
        let channels = config.backends.iter().map(|b| channel(log, b));
        self.log.get_or_init(|| Lines {
            queue: Mutex::new(log.queue()),
            channels: channels.collect(),
            handle: log.clone(),
        });
    }

    /// Takes in a backend that was added as the last one.
    pub(super) fn add_backend(&self, backend: &Backend) {
        self.cuts.add(cuts(backend));
        if let Some(lines) = self.log.get() {
            lines.channels.add(channel(&lines.handle, backend));
        }
    }

    /// Takes in a server that was added as the last one of its backend.
    pub(super) fn add_server(&self, place: Place, server: &Server) {
        let Some(cuts) = self.cuts.get(place.backend) else {
            return;
        };
        if !cuts.is_empty() || ends_streams(server) {
            while cuts.len() <= place.server && cuts.add(Cut::default()).is_some() {}
        }
    }
}

fn channel(log: &LogHandle, backend: &Backend) -> LogChannel {
    log.channel(&backend.log_targets, backend.log_tag.as_deref())
}

/// Room for the servers of a backend where something may end streams.
fn cuts(backend: &Backend) -> Growing<Cut> {
    match backend.servers.iter().any(ends_streams) {
        true => backend.servers.iter().map(|_| Cut::default()).collect(),
        false => Growing::default(),
    }
}

/// Whether a change of this server ends streams.
fn ends_streams(server: &Server) -> bool {
    server.health.shutdown_sessions || server.health.shutdown_backup_sessions
}

/// Does something for a stream on a server, unless the streams of that server are ended. The work is
/// passed by reference: what is moved into a future takes its room twice.
pub(super) async fn unless_cut<T>(
    at: super::place::Place<'_>,
    to: Target<'_>,
    server: usize,
    work: Pin<&mut impl Future<Output = T>>,
) -> Result<T, Shutdown> {
    let cuts = &at.worker.shared.reporter.cuts;
    let Some(cut) = cuts
        .get(to.id.0 as usize)
        .and_then(|servers| servers.get(server))
    else {
        return Ok(work.await);
    };
    tokio::select! {
        biased;
        done = work => Ok(done),
        () = cut.streams.notified() => Err(match cut.why.load(Ordering::Acquire) {
            true => Shutdown::Up,
            false => Shutdown::Down,
        }),
    }
}

impl Reports for Arc<Reporter> {
    fn log(&self, backend: usize, level: u8, line: &str) {
        if level > level::EMERG {
            self.warnings.fetch_add(1, Ordering::Relaxed);
        }
        let Some(lines) = self.log.get() else {
            return;
        };
        if let Some(&channel) = lines.channels.get(backend)
            && channel.wants(level)
        {
            let now_us = self.clock.now_us();
            lines
                .queue
                .lock()
                .send(channel, level, now_us, line.as_bytes());
        }
    }

    fn shut_down(&self, place: Place, why: Shutdown) {
        let of_backend = self.cuts.get(place.backend);
        if let Some(cut) = of_backend.and_then(|servers| servers.get(place.server)) {
            cut.why.store(why == Shutdown::Up, Ordering::Release);
            cut.streams.notify_waiters();
        }
    }

    fn memory(&self) -> Box<dyn Any> {
        let variables = Arc::clone(&self.variables);
        Box::new(CheckMemory::new(
            variables,
            self.clock.clone(),
            self.servers.clone(),
        ))
    }

    fn borrow(&self, place: Place) -> Borrowing {
        let wanted = lend::Wanted {
            place,
            is_first: true,
            peer: None,
            by: None,
        };
        let borrowed = lend::borrow(Arc::clone(self), wanted);
        Box::pin(async { Some(borrowed.await?.0) })
    }
}

/// The health of the configured servers.
pub(super) fn of(
    config: &Config,
    states: &Growing<Arc<BackendState>>,
    clock: &Clock,
    reporter: &Arc<Reporter>,
) -> Arc<Health> {
    Health::new(
        config.backends.iter().map(spec).collect(),
        states,
        clock,
        Box::new(Arc::clone(reporter)),
    )
}

/// The health of the servers of a backend.
pub(super) fn spec(backend: &Backend) -> BackendSpec {
    BackendSpec {
        name: Arc::clone(&backend.name),
        noun: backend.noun,
        logs_checks: backend.logs_checks,
        disabled: backend.disabled,
        servers: backend.servers.iter().map(|s| s.health.clone()).collect(),
    }
}

/// Checks the servers of the generation in force, on the control thread.
pub(super) async fn keep(mut in_force: watch::Receiver<Option<InForce>>, wheel: Wheel) {
    loop {
        let now = in_force.borrow_and_update().as_ref().map(|now| {
            let global = &now.shared.config.global;
            let spread = Spread {
                percent: global.spread_checks,
                max: global.max_spread_checks,
            };
            (Arc::clone(&now.shared.health), spread)
        });
        let checks = async {
            match now {
                Some((health, spread)) => crate::health::run(health, wheel.clone(), spread).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = checks => {}
            changed = in_force.changed() => if changed.is_err() {
                return;
            }
        }
    }
}
