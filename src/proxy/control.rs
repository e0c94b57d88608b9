//! The control thread, and what it sees of the process.
//!
//! One thread runs what is nobody's request: commands, checks, exporters. It never touches a
//! connection of a worker; it reads counts and changes state that is made to be shared. What must
//! hold: nothing here blocks for longer than one piece of an answer takes to make, since all tasks
//! of the thread share it. Deliberately absent: what commands mean (`runtime_api`).

use super::env::{Orders, Stop};
#[cfg(any(test, fuzzing))]
use super::estate::Estate;
use super::limit::Door;
use super::log_forward::Desk;
use super::outlier;
use super::protection;
use super::server_breakers;
use super::service::Service;
use super::shared::Shared;
use super::sockets::Socket;
use super::statistics::{StatQuery, process};
use super::streams::StreamWalk;
use crate::backend::BackendState;
use crate::cache::Cache;
use crate::clock::{Clock, Millis};
use crate::compile::config::{Backend, Config};
use crate::growing::Growing;
use crate::health::{Health, Place, Reports};
use crate::net::timer::sleep;
use crate::net::{Endpoint, Wheel};
use crate::observe::BadMessages;
use crate::observe::log::{LogHandle, LogQueue, Ring};
use crate::observe::stats::{Count, Counters, Process, SAMPLE_INTERVAL_MS};
use crate::protect::{Breaker, BreakerMode, News, Protections};
use crate::table::Table;
use crate::vocab::variable::ProcessVars;
use std::cell::RefCell;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::thread::{self, JoinHandle};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::{oneshot, watch};
use tokio::task::LocalSet;

/// How long a command waits for lines that were logged before it, where a receiver is stuck.
const SETTLE_MS: Millis = 20;

/// A look at the running process: its configuration, and all state beside it. Cheap to clone.
///
/// It shows the generation that was in force when it was last renewed, all of whose state lives for
/// as long as somebody looks at it.
#[derive(Clone, Debug)]
pub struct Control {
    shared: Arc<Shared>,
    stats: Arc<[StatsListener]>,
    in_force: watch::Receiver<Option<InForce>>,
    peers: super::peers::Sections,
    orders: Orders,
    /// The thread's own queue of lines; none in a process that serves nobody.
    log: Option<Rc<RefCell<LogQueue>>>,
    clock: Clock,
    started_us: u64,
    workers: usize,
}

/// What a worker does and has done.
#[derive(Clone, Copy, Debug)]
pub struct WorkerLoad {
    /// Its client connections.
    pub connections: u32,
    /// Percent of a core that it used lately.
    pub cpu_percent: u32,
    /// Connections it ever had.
    pub connections_total: u64,
    /// Requests it was sent.
    pub requests: u64,
    /// Bytes from clients.
    pub bytes_in: u64,
    /// Bytes to clients.
    pub bytes_out: u64,
}

/// The generation of the configuration that new connections get.
#[derive(Clone, Debug)]
pub(super) struct InForce {
    pub(super) shared: Arc<Shared>,
    /// The sockets of its `stats socket` lines, in their order.
    pub(super) stats: Arc<[StatsListener]>,
    /// The sockets of its `peers` sections, in their order.
    pub(super) peers: Arc<[Option<StatsListener>]>,
    /// The sockets of its `log-forward` sections, in their order.
    pub(super) forwards: Arc<[ForwardSockets]>,
    /// All its sockets.
    pub(super) sockets: Arc<[Arc<Socket>]>,
}

/// The sockets of a `log-forward` section.
#[derive(Clone, Debug)]
pub(super) struct ForwardSockets {
    /// Where connections come in.
    pub(super) streams: Vec<Weak<OwnedFd>>,
    /// Where datagrams come in.
    pub(super) datagrams: Vec<Weak<OwnedFd>>,
}

/// The socket of a `stats socket` line, or of a `peers` section.
#[derive(Clone, Debug)]
pub struct StatsListener {
    /// The listening socket, for as long as the process listens on it.
    pub socket: Weak<OwnedFd>,
    /// Where it listens.
    pub local: Endpoint,
}

impl Control {
    /// Looks at the generation that is in force now.
    pub fn renew(&mut self) {
        if let Some(now) = &*self.in_force.borrow_and_update() {
            (self.shared, self.stats) = (Arc::clone(&now.shared), Arc::clone(&now.stats));
        }
    }

    /// Waits for another generation and looks at that; `false` if there will be none.
    pub async fn next_generation(&mut self) -> bool {
        let changed = self.in_force.changed().await.is_ok();
        self.renew();
        changed
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Everything the process listens on.
    pub fn listeners(&self) -> Arc<[Arc<Socket>]> {
        let in_force = self.in_force.borrow();
        let now = in_force.as_ref();
        now.map_or_else(Arc::default, |now| Arc::clone(&now.sockets))
    }

    /// Sends a line to the process's log, unless it serves nobody.
    pub fn log(&self, level: u8, line: &[u8]) {
        if let (Some(queue), Some(channel)) = (&self.log, self.shared.process_channel()) {
            let now = self.clock.now_us();
            queue.borrow_mut().send(channel, level, now, line);
        }
    }

    /// Tells the log of a breaker's server or frontend, or the process's, what became of it.
    fn log_breaker(&self, news: &News) {
        let spec = news.breaker.spec();
        if let Some((backend, _)) = spec.server {
            let severity = protection::severity(news);
            return (self.shared.reporter).log(backend, severity, &news.to_string());
        }
        let proxy = spec.name.split('/').next().unwrap_or_default();
        let mut frontends = self.config().frontends.iter();
        let frontend = frontends.position(|frontend| *frontend.name == *proxy);
        let own = frontend.and_then(|index| Some(self.shared.log_channels(index)?.plain));
        let channel = own.or_else(|| self.shared.process_channel());
        if let (Some(queue), Some(channel)) = (&self.log, channel) {
            let (level, line) = (protection::severity(news), news.to_string());
            let now = self.clock.now_us();
            queue
                .borrow_mut()
                .send(channel, level, now, line.as_bytes());
        }
    }

    /// The rings of log lines; none in a process that serves nobody.
    pub fn rings(&self) -> Vec<Arc<Ring>> {
        self.shared.log().map_or_else(Vec::new, LogHandle::rings)
    }

    /// Waits, not for long, until lines that were logged before have gone to rings and log
    /// backends: a command sees the first and must not change the way of the others.
    pub async fn settle_log(&self, wheel: &Wheel) {
        let is_log = |backend: &Backend| backend.log_servers.is_some();
        let config = self.config();
        let matters = !config.rings.is_empty() || config.backends.iter().any(is_log);
        let Some(log) = self.shared.log().filter(|_| matters) else {
            return;
        };
        let deadline = self.clock.now().saturating_add(SETTLE_MS);
        tokio::select! {
            () = log.settle() => {}
            () = sleep(wheel, deadline) => {}
        }
    }

    /// Asks the process for something.
    pub fn orders(&self) -> &Orders {
        &self.orders
    }

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
    pub fn backends(&self) -> &Growing<Arc<BackendState>> {
        &self.shared.backends
    }

    /// The health of all servers.
    pub fn health(&self) -> &Arc<Health> {
        &self.shared.health
    }

    /// What happened to a server.
    pub fn server_counters(&self, place: Place) -> Option<Arc<Counters>> {
        let counters = &self.shared.counters;
        counters.server_to_keep(place.backend, place.server)
    }

    /// Limits and breakers.
    pub fn protections(&self) -> &Protections {
        &self.shared.protections
    }

    /// `peers` sections at work, the last one first.
    pub fn peers(&self) -> Vec<Rc<crate::peers::Section>> {
        self.peers.list()
    }

    /// Stick tables, in the order of [`Config::tables`].
    pub fn tables(&self) -> &[Arc<Table>] {
        &self.shared.tables
    }

    /// What was found in the configuration the process started with, for people.
    pub fn findings(&self) -> &str {
        &self.shared.estate.findings
    }

    /// Its caches, in the order of the configuration.
    pub fn caches(&self) -> &[Arc<Cache>] {
        &self.shared.caches
    }

    /// Variables of the process.
    pub fn variables(&self) -> &ProcessVars {
        &self.shared.variables
    }

    /// All client connections, to be walked through.
    pub fn streams(&self) -> StreamWalk {
        StreamWalk::new(&self.shared)
    }

    /// Opens or closes a breaker by hand, or lets it decide again.
    pub fn set_breaker(&self, breaker: &Arc<Breaker>, mode: BreakerMode) {
        let news = breaker.set_mode(mode);
        server_breakers::follow(
            &self.shared,
            breaker,
            news.as_ref().map(|news| &news.change),
        );
        if let Some(news) = news {
            self.log_breaker(&news);
        }
    }

    /// What each worker does and has done.
    pub fn load(&self) -> Vec<WorkerLoad> {
        let counters = &self.shared.counters;
        let streams = self.shared.streams();
        let each = counters.cpu_percents().enumerate();
        each.map(|(worker, cpu_percent)| {
            let sum = |what| {
                counters
                    .fronts()
                    .map(|front| front.count_of(worker, what))
                    .sum()
            };
            WorkerLoad {
                connections: streams.count_of(worker),
                cpu_percent,
                connections_total: sum(Count::Connections),
                requests: sum(Count::Requests),
                bytes_in: sum(Count::RequestIn),
                bytes_out: sum(Count::ResponseOut),
            }
        })
        .collect()
    }

    /// Idle connections to servers.
    pub fn idle_connections(&self) -> u64 {
        let health = self.health();
        let counters = health
            .places()
            .filter_map(|place| self.server_counters(place));
        let idle = counters.map(|counters| counters.idle());
        idle.map(|(fresh, safe, _)| u64::from(fresh + safe)).sum()
    }

    /// Messages that were refused.
    pub fn bad_messages(&self) -> &BadMessages {
        self.shared.bad_messages()
    }

    /// Closes the connections of all streams that are on a server.
    pub fn shut_down_streams(&self, place: Place) {
        self.shared.shut_down_streams(place);
    }

    /// Client connections of the process.
    pub fn connections(&self) -> u32 {
        self.shared.process.used()
    }

    /// Sets the most new connections of the process per second; 0 = no limit.
    pub fn set_connection_rate(&self, most: u32) {
        if let Some(paces) = self.shared.paces(0) {
            paces.connections.set_most(most);
        }
    }

    /// Sets the most new sessions of the process per second; 0 = no limit.
    pub fn set_session_rate(&self, most: u32) {
        if let Some(paces) = self.shared.paces(0) {
            let [process, _] = &paces.sessions;
            process.set_most(most);
        }
    }

    /// Sets the most bytes per second that compression is given; 0 = no limit.
    pub fn set_compression_rate(&self, most: u32) {
        self.shared.compress_rate.store(most, Ordering::Relaxed);
    }

    /// What names are hidden with in sessions that ask for it and give no key; 0 = each chooses one.
    pub fn anon_key(&self) -> u32 {
        self.shared.anon_key.load(Ordering::Relaxed)
    }

    /// Sets that.
    pub fn set_anon_key(&self, key: u32) {
        self.shared.anon_key.store(key, Ordering::Relaxed);
    }

    /// Sets the most client connections of the process.
    pub fn set_maxconn(&self, most: u32) {
        self.shared.process.set_max(most);
    }

    /// Sets the most connections of the frontend at `index`; 0 = the process's limit only.
    pub fn set_frontend_maxconn(&self, index: usize, most: u32) {
        if let Some(limit) = self.shared.frontends.get(index) {
            limit.set_max(most);
        }
    }

    /// Moves a server to another address. Connections that exist stay where they are.
    pub fn move_server(&self, place: Place, addr: SocketAddr) {
        self.shared.move_server(place, addr);
    }

    /// Whether connections to the frontend at `index` are taken in.
    pub fn frontend_door(&self, index: usize) -> Door {
        let limit = self.shared.frontends.get(index);
        limit.map_or(Door::Shut, |limit| limit.door())
    }

    /// Statistics of proxies, piece by piece.
    pub fn statistics(&self, query: StatQuery) -> impl FnMut(&mut Vec<u8>) -> bool + use<> {
        let mut dump = Service::Lines(query).dump(Arc::clone(&self.shared), self.clock.clone());
        move |out| dump.next(out)
    }

    /// Shows the process to `visit`.
    pub fn with_process(&self, visit: impl FnOnce(&Process<'_>)) {
        visit(&process(&self.shared, &self.clock));
    }

    /// Forgets the maxima of statistics, or `all` counts.
    pub fn clear_counters(&self, all: bool) {
        self.shared.counters.clear(all);
    }

    /// The sockets of `stats socket` lines, in the order of
    /// [`Global::stats_sockets`](crate::settings::Global::stats_sockets).
    pub fn stats_listeners(&self) -> &[StatsListener] {
        &self.stats
    }
}

#[cfg(any(test, fuzzing))]
impl Control {
    /// A process that serves nobody.
    pub(crate) fn idle(config: Config, clock: Clock) -> Self {
        let estate = Arc::new(Estate::new(clock.clone()));
        Self {
            shared: Shared::new(config, &estate, 1, false),
            stats: Arc::default(),
            in_force: watch::channel(None).1,
            peers: super::peers::Sections::default(),
            orders: super::env::orders().0,
            log: None,
            started_us: clock.now_us(),
            clock,
            workers: 1,
        }
    }
}

/// What runs on the control thread, given what it needs: a future that serves until it is dropped.
pub type ControlTask = fn(ControlThread) -> Pin<Box<dyn Future<Output = ()>>>;

/// A connection on which commands are taken, with every right.
#[derive(Debug)]
pub struct Visitor {
    /// The connection.
    pub socket: OwnedFd,
    /// Whether the session is in expert mode.
    pub expert: bool,
}

/// What the control thread has.
#[derive(Debug)]
pub struct ControlThread {
    /// The process.
    pub control: Control,
    /// The thread's timers.
    pub wheel: Wheel,
    /// Whether the process goes on.
    pub stop: watch::Receiver<Stop>,
    /// Connections to serve beside those that are accepted.
    pub visitors: UnboundedReceiver<Visitor>,
}

/// The thread before it is started.
pub(super) struct Start {
    pub(super) clock: Clock,
    pub(super) workers: usize,
    pub(super) orders: Orders,
    pub(super) queue: LogQueue,
    pub(super) stop: watch::Receiver<Stop>,
    /// See [`Legacy::has_lessons`](super::env::Legacy::has_lessons).
    pub(super) has_lessons: bool,
    pub(super) visitors: UnboundedReceiver<Visitor>,
    pub(super) task: ControlTask,
}

/// Takes samples of rates, in whatever generation is in force.
async fn sample(in_force: watch::Receiver<Option<InForce>>, clock: Clock, wheel: Wheel) {
    loop {
        sleep(&wheel, clock.now() + SAMPLE_INTERVAL_MS).await;
        let shared = in_force.borrow().as_ref().map(|now| now.shared.clone());
        if let Some(shared) = shared {
            shared.counters.sample(clock.now());
        }
    }
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
    /// Starts the thread; there is a generation in force.
    pub(super) fn spawn(self, in_force: watch::Receiver<Option<InForce>>) -> io::Result<Running> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (end, ended) = oneshot::channel::<()>();
        let body = move || {
            LocalSet::new().block_on(&runtime, async move {
                let Self {
                    clock,
                    workers,
                    orders,
                    queue,
                    stop,
                    has_lessons,
                    visitors,
                    task,
                } = self;
                let wheel = Wheel::new(clock.now());
                let driver = wheel.clone();
                let intervals = outlier::keep_time(in_force.clone(), clock.clone(), wheel.clone());
                tokio::task::spawn_local(intervals);
                let samples = sample(in_force.clone(), clock.clone(), wheel.clone());
                tokio::task::spawn_local(samples);
                let now = in_force.borrow().clone();
                let peers = super::peers::Sections::default();
                let keeper = super::peers::Keeper {
                    sections: peers.clone(),
                    clock: clock.clone(),
                    wheel: wheel.clone(),
                };
                let keeping = keeper.keep(in_force.clone(), stop.clone(), has_lessons);
                let keeping = tokio::task::spawn_local(keeping);
                tokio::task::spawn_local(super::health::keep(in_force.clone(), wheel.clone()));
                let queue = Rc::new(RefCell::new(queue));
                let desk = Desk {
                    clock: clock.clone(),
                    wheel: wheel.clone(),
                    queue: Rc::clone(&queue),
                };
                tokio::task::spawn_local(desk.keep(in_force.clone(), stop.clone()));
                let control = now.map(|now| Control {
                    shared: now.shared,
                    stats: now.stats,
                    in_force,
                    peers,
                    orders,
                    log: Some(queue),
                    started_us: clock.now_us(),
                    clock: clock.clone(),
                    workers,
                });
                tokio::task::spawn_local(async move { driver.run(&clock).await });
                let ends_softly = stop.clone();
                if let Some(control) = control {
                    tokio::task::spawn_local(task(ControlThread {
                        control,
                        wheel,
                        stop,
                        visitors,
                    }));
                }
                // The other end is dropped when the workers have ended.
                let _ = ended.await;
                if *ends_softly.borrow() == Stop::Soft {
                    // The process that takes our place may still be learning.
                    let _ = keeping.await;
                }
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
