//! Starting and stopping: sockets first, then workers.
//!
//! [`bind`] opens every socket and starts nothing, so that a configuration that can't be served
//! changes nothing. [`Bound::run`] starts one thread per worker and returns when all have ended.

use super::accept::{self, Handover};
use super::limit::Limit;
use super::shared::{Listener, Shared};
use super::worker::{Peers, Worker};
use crate::clock::Clock;
use crate::compile::config::{Bind, Config};
use crate::net::{Acceptor, BindError, ListenSpec, ListenerSet, sleep};
use crate::observe::log::LogHandle;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::thread;
use tokio::sync::{mpsc, watch};
use tokio::task::LocalSet;

/// How often idle server connections are looked at, milliseconds.
const PURGE_INTERVAL: u64 = 1000;

/// Whether, and how, to stop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stop {
    /// Serve.
    #[default]
    Running,
    /// Accept nothing more, finish what is in flight.
    Soft,
    /// End at once.
    Now,
}

/// Why a process could not start.
#[derive(Debug)]
pub enum StartError {
    /// A `bind` line's socket could not be opened: the line's place, and why.
    Bind {
        /// File and line.
        location: String,
        /// The proxy's name.
        proxy: String,
        /// What went wrong.
        error: BindError,
    },
    /// A thread or its reactor could not be started.
    Worker(io::Error),
}

/// A configuration whose sockets are open.
#[derive(Debug)]
pub struct Bound {
    shared: Arc<Shared>,
    clock: Clock,
    workers: usize,
    sockets: Vec<(Arc<Listener>, ListenerSet)>,
}

/// Opens every socket of the configuration.
///
/// # Errors
/// All that failed, not only the first.
pub fn bind(config: Arc<Config>, clock: Clock) -> Result<Bound, Vec<StartError>> {
    let workers = config.global.nbthread.unwrap_or_else(available_cores).max(1);
    let shared = Shared::new(config);
    let mut sockets = Vec::new();
    let mut errors = Vec::new();
    for (index, frontend) in shared.config.frontends.iter().enumerate() {
        if frontend.disabled {
            continue;
        }
        for bind in &frontend.binds {
            match ListenerSet::open(&listen_spec(bind), workers) {
                Ok(set) => sockets.push((Arc::new(listener(&shared, index, bind, &set)), set)),
                Err(error) => errors.push(StartError::Bind {
                    location: bind.location.clone(),
                    proxy: frontend.name.to_string(),
                    error,
                }),
            }
        }
    }
    if errors.is_empty() { Ok(Bound { shared, clock, workers, sockets }) } else { Err(errors) }
}

fn available_cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn listen_spec(bind: &Bind) -> ListenSpec {
    ListenSpec {
        addr: bind.addr.clone(),
        backlog: bind.backlog,
        interface: bind.interface.clone(),
        v6only: bind.v6only,
        transparent: bind.transparent,
        tfo: bind.tfo,
        defer_accept: bind.defer_accept,
        unix_mode: bind.unix_mode,
        unix_uid: bind.unix_uid,
        unix_gid: bind.unix_gid,
    }
}

fn listener(shared: &Shared, frontend: usize, bind: &Bind, set: &ListenerSet) -> Listener {
    let of_frontend = shared.frontends.get(frontend).cloned();
    Listener {
        name: Arc::clone(&bind.name),
        id: bind.id,
        accept_proxy: bind.accept_proxy,
        frontend,
        fixed_dst: set.fixed_address(),
        limits: [
            Limit::new(bind.maxconn),
            of_frontend.unwrap_or_else(|| Limit::new(0)),
            Arc::clone(&shared.process),
        ],
    }
}

impl Bound {
    /// Serves until told to stop. Calls `ready` once every worker accepts.
    ///
    /// # Errors
    /// When a worker cannot be started; those already started end.
    pub fn run(
        self,
        log: &LogHandle,
        stop: &watch::Receiver<Stop>,
        ready: impl FnOnce(),
    ) -> Result<(), StartError> {
        let Self { shared, clock, workers, sockets } = self;
        shared.open_log(log);
        let mut acceptors: Vec<Vec<(Arc<Listener>, Acceptor)>> = Vec::new();
        acceptors.resize_with(workers, Vec::new);
        for (listener, set) in sockets {
            for (own, acceptor) in acceptors.iter_mut().zip(set.into_acceptors()) {
                own.push((Arc::clone(&listener), acceptor));
            }
        }
        let (peers, inboxes) = Peers::new(workers);
        let (started, starts) = std::sync::mpsc::channel();
        let mut threads = Vec::new();
        for (index, (acceptors, inbox)) in acceptors.into_iter().zip(inboxes).enumerate() {
            let (shared, clock, queue) = (Arc::clone(&shared), clock.clone(), log.queue());
            let (peers, stop, started) = (Arc::clone(&peers), stop.clone(), started.clone());
            let body = move || {
                let worker = Worker::new(shared, clock, queue, peers, index);
                work(Rc::new(worker), acceptors, inbox, stop, &started)
            };
            let thread = thread::Builder::new().name(format!("worker/{index}")).spawn(body);
            threads.push(thread.map_err(StartError::Worker)?);
        }
        for _ in 0..workers {
            if let Ok(Err(error)) = starts.recv() {
                return Err(StartError::Worker(error));
            }
        }
        ready();
        for thread in threads {
            // A worker's panic was reported by the panic hook; the others go on.
            let _ = thread.join();
        }
        Ok(())
    }
}

/// The body of a worker thread.
fn work(
    worker: Rc<Worker>,
    acceptors: Vec<(Arc<Listener>, Acceptor)>,
    inbox: mpsc::UnboundedReceiver<Handover>,
    stop: watch::Receiver<Stop>,
    started: &std::sync::mpsc::Sender<io::Result<()>>,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = started.send(Err(error));
            return;
        }
    };
    let tasks = LocalSet::new();
    tasks.block_on(&runtime, async move {
        let accepting: Vec<_> = acceptors
            .into_iter()
            .map(|(listener, acceptor)| {
                tokio::task::spawn_local(accept::run(Rc::clone(&worker), listener, acceptor))
            })
            .collect();
        tokio::task::spawn_local(keep_time(Rc::clone(&worker)));
        tokio::task::spawn_local(purge_idle(Rc::clone(&worker)));
        tokio::task::spawn_local(take_in(Rc::clone(&worker), inbox));
        let _ = started.send(Ok(()));
        let stopped = until(stop.clone(), |stop| stop != Stop::Running).await;
        accepting.iter().for_each(tokio::task::JoinHandle::abort);
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

async fn until(mut stop: watch::Receiver<Stop>, matches: impl Fn(Stop) -> bool) -> Stop {
    // When the sender is gone nobody can ask for anything gentler.
    stop.wait_for(|&stop| matches(stop)).await.map_or(Stop::Now, |stop| *stop)
}

async fn keep_time(worker: Rc<Worker>) {
    worker.wheel.run(&worker.clock).await;
}

async fn purge_idle(worker: Rc<Worker>) {
    loop {
        sleep(&worker.wheel, worker.clock.now() + PURGE_INTERVAL).await;
        worker.idle.borrow_mut().purge(worker.clock.now());
    }
}

/// Serves the connections other workers hand over.
async fn take_in(worker: Rc<Worker>, mut inbox: mpsc::UnboundedReceiver<Handover>) {
    while let Some(handover) = inbox.recv().await {
        accept::begin(&worker, handover);
    }
}
