//! Starting and stopping: sockets first, then workers.
//!
//! Every socket is opened before anything else happens, so that a configuration that can't be
//! served changes nothing. Then one thread per worker serves until all are told to stop.

use super::accept::{self, Handover};
use super::admission;
use super::control::{self, ControlTask};
use super::env::{RunEnvironment, StartError, Stop};
use super::limit::Limit;
use super::shared::{Listener, Shared};
use super::worker::{Peers, Worker};
use crate::clock::Clock;
use crate::compile::config::{Bind, Config, StatsSocket};
use crate::net::timer::sleep;
use crate::net::{BindError, Endpoint, ListenOptions, Opened, open};
use crate::observe::log::LogHandle;
use crate::syntax::Code;
use std::io;
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::sync::Arc;
use std::thread;
use tokio::sync::{mpsc, watch};
use tokio::task::LocalSet;

/// A `bind` line's socket could not be opened.
pub const CANNOT_BIND: Code = Code("TG0950");
/// A thread or its reactor could not be started.
pub const WORKER_START: Code = Code("TG0951");
/// How often idle server connections and unused memory are looked at, milliseconds.
const PURGE_INTERVAL: u64 = 1000;
/// How often expired entries of stick tables are looked for, and how soon again when there were
/// more than the budget of one turn, milliseconds.
const SWEEP_INTERVAL: u64 = 100;
const SWEEP_ON: u64 = 5;
/// Entries of each lane of a table that one turn looks at: half a millisecond for 64 lanes.
const SWEEP_BUDGET: usize = 64;

/// A configuration whose sockets are open.
#[derive(Debug)]
struct Bound {
    shared: Arc<Shared>,
    workers: usize,
    sockets: Vec<(Arc<Listener>, Opened)>,
    /// Those of `stats socket` lines, in their order.
    stats: Vec<(OwnedFd, Endpoint)>,
}

/// Serves a configuration until told to stop.
///
/// # Errors
/// All that kept it from starting: every socket that can't be opened is named, and nothing runs.
pub fn run(config: &Arc<Config>, env: RunEnvironment) -> Result<(), Vec<StartError>> {
    let bound = bind(config, &env)?;
    (env.bound)().map_err(|error| vec![error])?;
    bound.shared.open_log(&env.log);
    bound
        .serve(&env.clock, &env.log, &env.stop, env.control, env.ready)
        .map_err(|error| {
            vec![StartError::new(
                WORKER_START,
                format!("cannot start a worker: {error}"),
            )]
        })
}

fn bind(config: &Arc<Config>, env: &RunEnvironment) -> Result<Bound, Vec<StartError>> {
    let workers = config
        .global
        .nbthread
        .unwrap_or_else(available_cores)
        .max(1);
    let tables = config.tables.iter();
    let tables = tables.map(|spec| env.tables.attach(spec, &env.clock));
    let shared = Shared::new(
        Arc::clone(config),
        tables.collect(),
        workers,
        !env.no_splice,
        &env.clock,
    );
    let mut sockets = Vec::new();
    let mut errors = Vec::new();
    let enabled = config
        .frontends
        .iter()
        .enumerate()
        .filter(|(_, frontend)| !frontend.disabled);
    for (index, frontend) in enabled {
        for bind in &frontend.binds {
            match open(&bind.addr, &options(bind), workers) {
                Ok(opened) => {
                    sockets.push((Arc::new(listener(&shared, index, bind, &opened)), opened))
                }
                Err(error) => errors.push(bind_failed(bind, &frontend.name, &error)),
            }
        }
    }
    let mut stats = Vec::new();
    for socket in &config.global.stats_sockets {
        match open(&socket.bind.addr, &stats_options(socket), 1) {
            Ok(opened) => stats.extend(opened.sockets.into_iter().map(|fd| (fd, opened.local))),
            Err(error) => errors.push(bind_failed(&socket.bind, "GLOBAL", &error)),
        }
    }
    if errors.is_empty() {
        Ok(Bound {
            shared,
            workers,
            sockets,
            stats,
        })
    } else {
        Err(errors)
    }
}

fn bind_failed(bind: &Bind, proxy: &str, error: &BindError) -> StartError {
    let message = format!("{}: proxy '{proxy}': {}", bind.location, error.message);
    StartError::new(CANNOT_BIND, message).help(error.help.as_str())
}

fn available_cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn options(bind: &Bind) -> ListenOptions {
    ListenOptions {
        backlog: bind.backlog,
        interface: bind.interface.clone(),
        v6only: bind.v6only,
        transparent: bind.transparent,
        unix_mode: bind.unix_mode,
        unix_uid: bind.unix_uid,
        unix_gid: bind.unix_gid,
    }
}

/// Unless its line says more, a socket that takes commands is its owner's only.
fn stats_options(socket: &StatsSocket) -> ListenOptions {
    let options = options(&socket.bind);
    ListenOptions {
        unix_mode: options.unix_mode.or(Some(0o600)),
        ..options
    }
}

fn listener(shared: &Shared, frontend: usize, bind: &Bind, opened: &Opened) -> Listener {
    let of_frontend = shared.frontends.get(frontend).cloned();
    Listener {
        name: Arc::clone(&bind.name),
        is_named: bind.is_named,
        id: bind.id,
        accept_proxy: bind.accept_proxy,
        frontend,
        fixed_dst: fixed(opened.local),
        limits: [
            Limit::new(bind.maxconn),
            of_frontend.unwrap_or_else(|| Limit::new(0)),
            Arc::clone(&shared.process),
        ],
    }
}

/// An address that every connection to the socket has as its destination.
fn fixed(local: Endpoint) -> Option<Endpoint> {
    local
        .ip()
        .is_none_or(|ip| !ip.is_unspecified())
        .then_some(local)
}

impl Bound {
    /// Starts the workers and waits for their end.
    fn serve(
        self,
        clock: &Clock,
        log: &LogHandle,
        stop: &watch::Receiver<Stop>,
        control: ControlTask,
        ready: impl FnOnce(),
    ) -> io::Result<()> {
        let Self {
            shared,
            workers,
            sockets,
            stats,
        } = self;
        let mut shares: Vec<Vec<(Arc<Listener>, OwnedFd)>> = Vec::new();
        shares.resize_with(workers, Vec::new);
        for (listener, opened) in sockets {
            for (share, socket) in shares.iter_mut().zip(opened.sockets) {
                share.push((Arc::clone(&listener), socket));
            }
        }
        let (peers, inboxes) = Peers::new(workers);
        let (started, starts) = std::sync::mpsc::channel();
        let mut threads = Vec::new();
        for (index, (share, inbox)) in shares.into_iter().zip(inboxes).enumerate() {
            let (shared, clock, queue) = (Arc::clone(&shared), clock.clone(), log.queue());
            let (peers, stop, started) = (Arc::clone(&peers), stop.clone(), started.clone());
            let body = move || {
                let worker = Worker::new(shared, clock, queue, peers, index);
                work(Rc::new(worker), share, inbox, stop, &started)
            };
            let thread = thread::Builder::new()
                .name(format!("worker/{index}"))
                .spawn(body);
            threads.push(thread?);
        }
        for _ in 0..workers {
            if let Ok(Err(error)) = starts.recv() {
                return Err(error);
            }
        }
        let control = control::Start {
            shared,
            clock: clock.clone(),
            workers,
            sockets: stats,
            stop: stop.clone(),
            task: control,
        };
        let control = control.spawn()?;
        ready();
        for thread in threads {
            // A worker's panic was reported by the panic hook; the others go on.
            let _ = thread.join();
        }
        drop(control);
        Ok(())
    }
}

/// The body of a worker thread.
fn work(
    worker: Rc<Worker>,
    sockets: Vec<(Arc<Listener>, OwnedFd)>,
    inbox: mpsc::UnboundedReceiver<Handover>,
    stop: watch::Receiver<Stop>,
    started: &std::sync::mpsc::Sender<io::Result<()>>,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = started.send(Err(error));
            return;
        }
    };
    let tasks = LocalSet::new();
    tasks.block_on(&runtime, async move {
        let accepting: Vec<_> = sockets
            .into_iter()
            .map(|(listener, socket)| {
                tokio::task::spawn_local(accept::run(
                    Rc::clone(&worker),
                    listener,
                    socket,
                    stop.clone(),
                ))
            })
            .collect();
        tokio::task::spawn_local(keep_time(Rc::clone(&worker)));
        tokio::task::spawn_local(purge_idle(Rc::clone(&worker)));
        tokio::task::spawn_local(sweep_tables(Rc::clone(&worker)));
        for (index, state) in worker.shared.backends.iter().enumerate() {
            let idle = admission::give_way(Rc::clone(&worker), index, Arc::clone(state));
            if state.places().is_some() {
                tokio::task::spawn_local(idle);
            }
        }
        tokio::task::spawn_local(take_in(Rc::clone(&worker), inbox));
        let _ = started.send(Ok(()));
        let stopped = until(stop.clone(), |stop| stop != Stop::Not).await;
        for task in accepting {
            // A panic was reported by the panic hook.
            let _ = task.await;
        }
        if stopped == Stop::Soft {
            worker.stop_softly();
            let deadline = worker.clock.now().saturating_add(worker.hard_stop_after());
            tokio::select! {
                () = worker.all_sessions_ended() => {}
                () = sleep(&worker.wheel, deadline) => {}
                _ = until(stop, |stop| stop == Stop::Now) => {}
            }
        }
    });
}

pub(super) async fn until(mut stop: watch::Receiver<Stop>, matches: impl Fn(Stop) -> bool) -> Stop {
    // When the sender is gone nobody can ask for anything gentler.
    stop.wait_for(|&stop| matches(stop))
        .await
        .map_or(Stop::Now, |stop| *stop)
}

async fn keep_time(worker: Rc<Worker>) {
    worker.wheel.run(&worker.clock).await;
}

async fn purge_idle(worker: Rc<Worker>) {
    loop {
        sleep(&worker.wheel, worker.clock.now() + PURGE_INTERVAL).await;
        worker.idle.borrow_mut().purge(worker.clock.now());
        worker.trim();
        worker.measure_cpu();
    }
}

/// Removes expired entries of stick tables: one worker does it for all.
async fn sweep_tables(worker: Rc<Worker>) {
    if worker.index() != 0 || worker.shared.tables.is_empty() {
        return;
    }
    loop {
        let has_more = worker
            .shared
            .tables
            .iter()
            .fold(false, |more, table| table.sweep(SWEEP_BUDGET) | more);
        let pause = if has_more { SWEEP_ON } else { SWEEP_INTERVAL };
        sleep(&worker.wheel, worker.clock.now() + pause).await;
    }
}

/// Serves the connections other workers hand over.
async fn take_in(worker: Rc<Worker>, mut inbox: mpsc::UnboundedReceiver<Handover>) {
    while let Some(handover) = inbox.recv().await {
        accept::begin(&worker, handover);
        worker.handed_over();
    }
}
