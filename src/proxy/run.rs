//! Starting, reloading and stopping: sockets first, then workers.
//!
//! Every socket is opened before anything else happens, so that a configuration that can't be
//! served changes nothing. Then one thread per worker serves, and this one follows orders until
//! they have ended. A configuration is a generation: a reload builds the next one beside the one
//! in force and gives it to the workers, which lead new connections to it; connections keep the
//! generation they began with. Deliberately absent: another number of workers while running.

use super::control::{self, InForce};
use super::doors::{Adoption, Done, Entrance, Task};
use super::env::{
    Legacy, Load, Order, OrderInbox, Orders, ReloadResult, Reloaded, RunEnvironment, StartError,
    Stop, Tell,
};
use super::estate::Estate;
use super::serve::{Inboxes, serve};
use super::server_breakers;
use super::server_state::{self, SavedStates};
use super::shared::Shared;
use super::sockets::{Plan, Sockets};
use super::stats_file;
use super::stopping::Stopping;
use super::thread::{Peers, Thread};
use super::worker::ServerPair;
use crate::backend::ServerPlace;
use crate::clock::Clock;
use crate::compile::config::{Config, Server};
use crate::memory::give_back;
use crate::observe::log::{LogHandle, LogQueue, level};
use crate::syntax::Code;
use std::collections::HashMap;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;

/// A thread or its reactor could not be started.
pub const WORKER_START: Code = Code("TG0951");
/// How often a configuration that is in force no more is looked at, until its last connection
/// has ended.
const LOOK_BACK: Duration = Duration::from_secs(1);

/// Serves a configuration until told to stop.
///
/// # Errors
/// All that kept it from starting: every socket that can't be opened is named, and nothing runs.
pub fn run(config: Config, env: RunEnvironment) -> Result<(), Vec<StartError>> {
    let workers = config.global.nbthread.unwrap_or_else(available_cores);
    let workers = workers.max(1);
    let Legacy {
        sockets,
        tables,
        has_lessons,
    } = env.legacy;
    let mut sockets = Sockets::new(workers, sockets);
    let plan = sockets.plan(&config)?;
    let saved = server_state::read(&config, &env.tell);
    let mut estate = Estate::new(env.clock.clone());
    estate.findings = env.findings;
    estate.warnings = Arc::new(AtomicU32::new(env.warnings));
    let estate = Arc::new(estate);
    let shared = Shared::new(config, &estate, workers, !env.no_splice);
    // Whoever left them serves until it is told to end, as we become bound.
    shared.fill_tables(&tables, &env.tell);
    drop(tables);
    (env.bound)(&shared.config.global).map_err(|error| vec![error])?;
    let OrderInbox { orders, own } = env.orders;
    let started = start_workers(workers, &env.clock, &env.log, &env.stop, &own);
    let workers = started.map_err(|error| cannot_start(&error))?;
    let control = control::Start {
        clock: env.clock.clone(),
        workers: workers.len(),
        orders: Orders::to(&own),
        queue: env.log.queue(),
        stop: env.stop.subscribe(),
        has_lessons,
        visitors: env.visitors,
        task: env.control,
    };
    let mut supervisor = Supervisor {
        estate,
        queue: env.log.queue(),
        clock: env.clock,
        log: env.log,
        load: env.load,
        tell: env.tell,
        stop: env.stop,
        splice: !env.no_splice,
        sockets,
        workers,
        generation: 0,
        in_force: watch::Sender::new(None),
        retired: Vec::new(),
        stopping: Stopping::default(),
        paused: false,
    };
    let counted = stats_file::load(&shared.config, &supervisor.tell);
    supervisor.adopt(shared, &plan, &saved);
    if let (Some(text), Some(shared)) = (counted, supervisor.current()) {
        shared.preload(&text);
    }
    // It must not keep sockets that are closed later.
    drop(plan);
    let control = control.spawn(supervisor.in_force.subscribe());
    let control = control.map_err(|error| cannot_start(&error))?;
    give_back();
    (env.ready)();
    supervisor.follow(&orders);
    drop(control);
    Ok(())
}

fn cannot_start(error: &io::Error) -> Vec<StartError> {
    let message = format!("cannot start a worker: {error}");
    vec![StartError::new(WORKER_START, message)]
}

fn available_cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// A worker thread as the supervisor sees it.
#[derive(Debug)]
struct WorkerThread {
    tasks: UnboundedSender<Task>,
    thread: thread::JoinHandle<()>,
}

/// Tells the supervisor when a worker ends, by a panic too.
struct Ended(mpsc::Sender<Order>);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.send(Order::WorkerEnded);
    }
}

fn start_workers(
    count: usize,
    clock: &Clock,
    log: &LogHandle,
    stop: &watch::Sender<Stop>,
    supervisor: &mpsc::Sender<Order>,
) -> io::Result<Vec<WorkerThread>> {
    let (peers, inboxes) = Peers::new(count);
    let (started, starts) = mpsc::channel();
    let mut workers = Vec::new();
    for (index, handovers) in inboxes.into_iter().enumerate() {
        let (tasks, given) = tokio::sync::mpsc::unbounded_channel();
        let (clock, queue, peers) = (clock.clone(), log.queue(), Arc::clone(&peers));
        let inboxes = Inboxes {
            handovers,
            tasks: given,
            stop: stop.subscribe(),
        };
        let (started, ended) = (started.clone(), Ended(supervisor.clone()));
        let body = move || {
            let _ended = ended;
            serve(
                Rc::new(Thread::new(clock, queue, peers, index)),
                inboxes,
                &started,
            );
        };
        let thread = thread::Builder::new()
            .name(format!("worker/{index}"))
            .spawn(body)?;
        workers.push(WorkerThread { tasks, thread });
    }
    for _ in 0..count {
        if let Ok(Err(error)) = starts.recv() {
            return Err(error);
        }
    }
    Ok(workers)
}

/// The process beside its workers.
pub(super) struct Supervisor {
    estate: Arc<Estate>,
    pub(super) clock: Clock,
    log: LogHandle,
    pub(super) queue: LogQueue,
    load: Load,
    tell: Tell,
    pub(super) stop: Arc<watch::Sender<Stop>>,
    splice: bool,
    pub(super) sockets: Sockets,
    workers: Vec<WorkerThread>,
    generation: u64,
    /// The generation in force, for other threads too.
    in_force: watch::Sender<Option<InForce>>,
    /// Those before it that still have connections. They are dropped here, since freeing a large
    /// configuration takes longer than a worker may be kept from its connections.
    retired: Vec<Arc<Shared>>,
    pub(super) stopping: Stopping,
    pub(super) paused: bool,
}

impl Supervisor {
    /// Does what it is asked for until all workers have ended.
    fn follow(&mut self, orders: &mpsc::Receiver<Order>) {
        let mut running = self.workers.len();
        while running > 0 {
            let order = match orders.recv_timeout(self.patience()) {
                Ok(order) => order,
                Err(RecvTimeoutError::Timeout) => {
                    self.forget_ended();
                    self.go_on_stopping();
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => break,
            };
            match order {
                Order::Reload(told) => {
                    let result = self.reload();
                    self.report_reload(&result);
                    told(result);
                }
                Order::Finish => self.finish(),
                Order::Pause => self.pause(),
                Order::Resume => self.resume(),
                Order::Frontend(index, door, done) => {
                    done(self.frontend(index, door));
                }
                Order::WorkerEnded => running -= 1,
            }
        }
        for worker in self.workers.drain(..) {
            // A worker's panic was reported by the panic hook.
            let _ = worker.thread.join();
        }
    }

    /// The generation in force.
    pub(super) fn current(&self) -> Option<Arc<Shared>> {
        let in_force = self.in_force.borrow();
        in_force.as_ref().map(|now| Arc::clone(&now.shared))
    }

    /// How long to wait for an order before looking at what has to be done anyway.
    fn patience(&self) -> Duration {
        let look_back = match self.retired.is_empty() {
            true => Duration::MAX,
            false => LOOK_BACK,
        };
        look_back.min(self.stopping.left(self.clock.now()))
    }

    fn reload(&mut self) -> ReloadResult {
        let begun = self.clock.now();
        if *self.stop.borrow() != Stop::Not || self.stopping.has_begun() {
            return Err("the process is stopping".to_owned());
        }
        // What those before took is used again, rather than more.
        self.forget_ended();
        let config = (self.load)()?;
        self.resume();
        self.reopen_frontends();
        let plan = self.sockets.plan(&config).map_err(|errors| {
            let messages = errors.iter().map(|error| error.to_string());
            messages.collect::<Vec<_>>().join("\n")
        })?;
        let kept = plan.kept();
        let shared = Shared::new(config, &self.estate, self.workers.len(), self.splice);
        let closed = self.adopt(shared, &plan, &SavedStates::default());
        Ok(Reloaded {
            generation: self.generation,
            opened: plan.opened,
            kept,
            closed,
            took_ms: self.clock.now().saturating_sub(begun),
        })
    }

    /// Puts a configuration whose sockets are open into force; returns how many sockets it no
    /// longer listens on.
    fn adopt(&mut self, shared: Arc<Shared>, plan: &Plan, saved: &SavedStates) -> usize {
        shared.open_log(&self.log);
        saved.apply(&shared);
        server_breakers::settle_all(&shared);
        let before = self.current();
        let servers: Arc<[ServerPair]> = match &before {
            Some(before) => servers_that_stay(&before.config, &shared.config).into(),
            None => Arc::default(),
        };
        let closed = self.sockets.commit(plan);
        let listeners = plan.listeners(&shared);
        let workers = self.workers.iter().map(|worker| &worker.tasks);
        shared.reporter.lenders.are(workers);
        shared.opened(listeners.iter().map(|(_, listener)| Arc::clone(listener)));
        let mut indexes = 0..;
        self.tell_workers(|done| {
            let index = indexes.next().unwrap_or(0);
            let sockets = listeners.iter().filter_map(|(socket, listener)| {
                Some(Entrance {
                    id: socket.id,
                    listener: Arc::clone(listener),
                    fd: Arc::clone(socket.fds.get(index)?),
                })
            });
            Task::Adopt(Adoption {
                shared: Arc::clone(&shared),
                servers: Arc::clone(&servers),
                sockets: sockets.collect(),
                _done: done,
            })
        });
        self.generation += 1;
        self.in_force.send_replace(Some(InForce {
            shared,
            stats: plan.stats_listeners(),
            peers: plan.peers_listeners(),
            forwards: plan.forward_sockets(),
            sockets: self.sockets.all().into(),
        }));
        self.retired.extend(before);
        self.forget_ended();
        closed
    }

    /// Closes the sockets of a frontend, whose workers have let go of them. Nobody is told: it is
    /// still the same configuration.
    pub(super) fn shut_sockets(&mut self, frontend: usize) {
        self.sockets.shut(frontend);
        self.show_sockets();
    }

    /// Closes all sockets, as soon as those who accept on them let go.
    pub(super) fn close_sockets(&mut self) {
        self.sockets.close();
        self.show_sockets();
    }

    fn show_sockets(&self) {
        let open: Arc<[_]> = self.sockets.all().into();
        self.in_force.send_if_modified(|now| {
            if let Some(now) = now {
                now.sockets = open;
            }
            false
        });
    }

    /// Gives each worker a task, in their order, and waits until all are done.
    pub(super) fn tell_workers(&self, mut task: impl FnMut(Done) -> Task) {
        let (done, all_done) = mpsc::channel();
        for worker in &self.workers {
            // A worker that has ended takes nothing.
            let _ = worker.tasks.send(task(done.clone()));
        }
        drop(done);
        // Fails when every worker has dropped its end.
        let _ = all_done.recv();
    }

    /// Drops the generations whose last connection has ended, and what only they needed.
    fn forget_ended(&mut self) {
        let before = self.retired.len();
        self.retired.retain(|shared| Arc::strong_count(shared) > 1);
        if self.retired.len() < before {
            self.estate.forget_unused();
            give_back();
        }
    }

    fn report_reload(&mut self, result: &ReloadResult) {
        match result {
            Ok(reloaded) => self.say(level::NOTICE, &format!("Reloaded: {reloaded}.")),
            Err(why) => {
                (self.tell)(level::ALERT, why);
                self.say(
                    level::ALERT,
                    "Reload failed, the configuration in force stays.",
                );
            }
        }
    }

    /// Tells whoever started the process, and the process's log.
    pub(super) fn say(&mut self, level: u8, message: &str) {
        (self.tell)(level, message);
        if let Some(channel) = self.current().and_then(|s| s.process_channel()) {
            let now = self.clock.now_us();
            self.queue.send(channel, level, now, message.as_bytes());
        }
    }

    /// The same about a proxy, whose frontend's log learns it, if it has one.
    pub(super) fn say_of(&mut self, frontend: Option<usize>, level: u8, message: &str) {
        let Some(frontend) = frontend else {
            return self.say(level, message);
        };
        (self.tell)(level, message);
        if let Some(channel) = self
            .current()
            .and_then(|shared| Some(shared.log_channels(frontend)?.plain))
        {
            let now = self.clock.now_us();
            self.queue.send(channel, level, now, message.as_bytes());
        }
    }
}

/// The servers of `old` that are in `new` under the same names and are connected to alike.
fn servers_that_stay(old: &Config, new: &Config) -> Vec<ServerPair> {
    fn each(config: &Config) -> impl Iterator<Item = ((&str, &str), (ServerPlace, &Server))> {
        let backends = config.backends.present();
        backends.flat_map(|(b, backend)| {
            let servers = backend.servers.present();
            servers.map(move |(s, server)| ((&*backend.name, &*server.name), ((b, s), server)))
        })
    }
    let known: HashMap<_, _> = each(old).collect();
    let pair = |(name, (place, server)): (_, (_, &Server))| {
        let (old_place, old_server) = known.get(&name)?;
        connects_alike(old_server, server).then_some((*old_place, place))
    };
    each(new).filter_map(pair).collect()
}

/// Whether a connection made for one server serves the other as well.
fn connects_alike(one: &Server, other: &Server) -> bool {
    let how = |server: &Server| {
        (
            server.addr.clone(),
            server.port_from_client,
            server.port_offset,
            server.send_proxy,
            server.source,
        )
    };
    how(one) == how(other)
}
