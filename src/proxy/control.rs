//! The control thread, and what it sees of the process.
//!
//! One thread runs what is nobody's request: commands, checks, exporters. It never touches a
//! connection of a worker; it reads counts and changes state that is made to be shared. What must
//! hold: nothing here blocks for longer than one piece of an answer takes to make, since all tasks
//! of the thread share it. Deliberately absent: what commands mean (`runtime_api`).

use super::env::Stop;
use super::shared::Shared;
use crate::backend::BackendState;
use crate::clock::{Clock, Millis};
use crate::compile::config::Config;
use crate::net::{Endpoint, Wheel};
#[cfg(test)]
use crate::protect::ProtectionRegistry;
use crate::table::Table;
use crate::vocab::variable::ProcessVars;
use std::future::Future;
use std::io;
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use tokio::sync::{oneshot, watch};
use tokio::task::LocalSet;

/// A look at the running process: its configuration, and all state beside it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Control {
    shared: Arc<Shared>,
    clock: Clock,
    started_us: u64,
    workers: usize,
    /// Where each socket of `stats socket` lines listens.
    stats_addresses: Arc<[Endpoint]>,
}

impl Control {
    /// The configuration.
    pub fn config(&self) -> &Arc<Config> {
        &self.shared.config
    }

    /// The process's clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Milliseconds since the process began to serve.
    pub fn uptime(&self) -> Millis {
        self.clock.now_us().saturating_sub(self.started_us) / 1000
    }

    /// How many workers there are.
    pub fn threads(&self) -> usize {
        self.workers
    }

    /// Servers and queue of each backend, in the order of [`Config::backends`].
    pub fn backends(&self) -> &[Arc<BackendState>] {
        &self.shared.backends
    }

    /// Stick tables, in the order of [`Config::tables`].
    pub fn tables(&self) -> &[Arc<Table>] {
        &self.shared.tables
    }

    /// Variables of the process.
    pub fn variables(&self) -> &ProcessVars {
        &self.shared.variables
    }

    /// Client connections of the process.
    pub fn connections(&self) -> u32 {
        self.shared.process.used()
    }

    /// Where the sockets of `stats socket` lines listen, in the order of
    /// [`Global::stats_sockets`](crate::settings::Global::stats_sockets).
    pub fn stats_addresses(&self) -> &[Endpoint] {
        &self.stats_addresses
    }
}

#[cfg(test)]
impl Control {
    /// A process that serves nobody.
    pub(crate) fn idle(config: Config, clock: Clock) -> Self {
        let config = Arc::new(config);
        let tables = config.tables.iter();
        let tables = tables.map(|spec| Table::new(spec.clone(), clock.clone()));
        let protections = ProtectionRegistry::default().attach(&config.protections, &clock);
        let shared = Arc::clone(&config);
        Self {
            shared: Shared::new(shared, tables.collect(), protections, 1, false, &clock),
            started_us: clock.now_us(),
            clock,
            workers: 1,
            stats_addresses: Arc::default(),
        }
    }
}

/// What runs on the control thread, given what it needs: a future that serves until it is dropped.
pub type ControlTask = fn(ControlThread) -> Pin<Box<dyn Future<Output = ()>>>;

/// What the control thread has.
#[derive(Debug)]
pub struct ControlThread {
    /// The process.
    pub control: Control,
    /// The thread's timers.
    pub wheel: Wheel,
    /// The listening sockets of `stats socket` lines, in their order.
    pub sockets: Vec<OwnedFd>,
    /// Whether the process goes on.
    pub stop: watch::Receiver<Stop>,
}

/// The thread before it is started.
pub(super) struct Start {
    pub(super) shared: Arc<Shared>,
    pub(super) clock: Clock,
    pub(super) workers: usize,
    pub(super) sockets: Vec<(OwnedFd, Endpoint)>,
    pub(super) stop: watch::Receiver<Stop>,
    pub(super) task: ControlTask,
}

/// The running thread; dropping it ends it.
pub(super) struct Running {
    thread: Option<JoinHandle<()>>,
    end: Option<oneshot::Sender<()>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            // A panic was reported by the panic hook.
            let _ = thread.join();
        }
    }
}

impl Start {
    /// Starts the thread.
    pub(super) fn spawn(self) -> io::Result<Running> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (end, ended) = oneshot::channel::<()>();
        let body = move || {
            LocalSet::new().block_on(&runtime, async move {
                let Self {
                    shared,
                    clock,
                    workers,
                    sockets,
                    stop,
                    task,
                } = self;
                let (sockets, addresses): (Vec<_>, Vec<_>) = sockets.into_iter().unzip();
                let wheel = Wheel::new(clock.now());
                let driver = wheel.clone();
                let control = Control {
                    shared,
                    started_us: clock.now_us(),
                    clock: clock.clone(),
                    workers,
                    stats_addresses: addresses.into(),
                };
                tokio::task::spawn_local(async move { driver.run(&clock).await });
                tokio::task::spawn_local(task(ControlThread {
                    control,
                    wheel,
                    sockets,
                    stop,
                }));
                // The other end is dropped when the workers have ended.
                let _ = ended.await;
            });
        };
        let thread = thread::Builder::new()
            .name("control".to_owned())
            .spawn(body)?;
        Ok(Running {
            thread: Some(thread),
            end: Some(end),
        })
    }
}
