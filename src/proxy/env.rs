//! What a running proxy gets from whoever starts it, and what it can be asked for.

use super::control::{ControlTask, Visitor};
use super::limit::Door;
use crate::clock::Clock;
use crate::compile::config::{Config, Global};
use crate::net::Inherited;
use crate::observe::log::LogHandle;
use crate::syntax::Code;
use std::fmt;
use std::sync::Arc;
use std::sync::mpsc;
use tokio::sync::watch;

/// Whether to go on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// Serve.
    #[default]
    Not,
    /// Accept nothing more, finish what is in flight, then return.
    Soft,
    /// Return at once.
    Now,
}

/// See [`RunEnvironment::load`].
pub type Load = Box<dyn FnMut() -> Result<Config, String> + Send>;
/// See [`RunEnvironment::tell`].
pub type Tell = Box<dyn Fn(u8, &str) + Send>;
/// See [`RunEnvironment::bound`].
pub type BoundStep = Box<dyn FnOnce(&Global) -> Result<(), StartError> + Send>;

/// What a process leaves to the one that takes its place.
#[derive(Debug, Default)]
pub struct Legacy {
    /// Its listening sockets (`-x`).
    pub sockets: Vec<Inherited>,
    /// What is in its stick tables, as `table::dump` writes it.
    pub tables: Vec<u8>,
    /// It is told to end once our sockets are open (`-sf`), and may then teach us as our local peer.
    pub has_lessons: bool,
}

/// Time, logs and orders of a process that serves.
pub struct RunEnvironment {
    /// The clock everything reads.
    pub clock: Clock,
    /// Where lines go; its thread starts in `bound`.
    pub log: LogHandle,
    /// Changes when the process should end; only ever towards [`Stop::Now`].
    pub stop: Arc<watch::Sender<Stop>>,
    /// What it is asked for while it serves.
    pub orders: OrderInbox,
    /// Reads the configuration again, for a reload; fails with what is to be shown to people.
    pub load: Load,
    /// Tells the person or script that started the process; levels are those of syslog.
    pub tell: Tell,
    /// What the process before this one leaves to it.
    pub legacy: Legacy,
    /// What was found in the configuration it starts with, for people.
    pub findings: String,
    /// How many of them are warnings.
    pub warnings: u32,
    /// Who is to be served as if connected to a stats socket, by way of a master process.
    pub visitors: tokio::sync::mpsc::UnboundedReceiver<Visitor>,
    /// `-dS`: no splice.
    pub no_splice: bool,
    /// `-dR`: no `SO_REUSEPORT`.
    pub no_reuse_port: bool,
    /// What the control thread does.
    pub control: ControlTask,
    /// Called once all sockets are bound and before any thread is started: changes root, user and
    /// group, which Linux keeps per thread, and starts the threads of logs and signals.
    pub bound: BoundStep,
    /// Called once the workers accept.
    pub ready: Box<dyn FnOnce() + Send>,
}

impl fmt::Debug for RunEnvironment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunEnvironment").finish_non_exhaustive()
    }
}

/// Asks a running proxy for something. Clones ask the same one; any thread may.
#[derive(Clone, Debug)]
pub struct Orders(mpsc::Sender<Order>);

/// Where a proxy finds what it is asked for.
#[derive(Debug)]
pub struct OrderInbox {
    pub(super) orders: mpsc::Receiver<Order>,
    pub(super) own: mpsc::Sender<Order>,
}

/// A way to ask a proxy, and the proxy's end of it.
pub fn orders() -> (Orders, OrderInbox) {
    let (own, orders) = mpsc::channel();
    (Orders(own.clone()), OrderInbox { orders, own })
}

/// What a reload did, or, in words for people, why it did nothing.
pub type ReloadResult = Result<Reloaded, String>;

/// What a proxy may be asked for.
pub(super) enum Order {
    /// Load the configuration again and say what came of it.
    Reload(Box<dyn FnOnce(ReloadResult) + Send>),
    /// Stop softly, after `grace`.
    Finish,
    /// Stop accepting, and let others listen on our addresses.
    Pause,
    /// Accept again.
    Resume,
    /// Take connections to a frontend in, or none; then say whether that is so.
    Frontend(usize, Door, Box<dyn FnOnce(bool) + Send>),
    /// A worker's thread has ended.
    WorkerEnded,
}

impl fmt::Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reload(_) => "Reload",
            Self::Finish => "Finish",
            Self::Pause => "Pause",
            Self::Resume => "Resume",
            Self::Frontend(..) => "Frontend",
            Self::WorkerEnded => "WorkerEnded",
        })
    }
}

impl Orders {
    pub(super) fn to(inbox: &mpsc::Sender<Order>) -> Self {
        Self(inbox.clone())
    }

    /// Loads the configuration again; `told` learns what came of it, later and on another thread.
    pub fn reload(&self, told: impl FnOnce(ReloadResult) + Send + 'static) {
        self.give(Order::Reload(Box::new(told)));
    }

    /// Stops softly, after `grace`.
    pub fn finish(&self) {
        self.give(Order::Finish);
    }

    /// Stops accepting, and lets others listen on our addresses.
    pub fn pause(&self) {
        self.give(Order::Pause);
    }

    /// Accepts again.
    pub fn resume(&self) {
        self.give(Order::Resume);
    }

    /// Takes connections to the frontend at `index` in, or none; `done` learns, on another thread, when that
    /// was tried and whether it is so.
    pub fn frontend(&self, index: usize, door: Door, done: impl FnOnce(bool) + Send + 'static) {
        self.give(Order::Frontend(index, door, Box::new(done)));
    }

    fn give(&self, order: Order) {
        // A proxy that has ended takes no orders, and who waits for an answer sees it dropped.
        let _ = self.0.send(order);
    }
}

/// What a reload changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reloaded {
    /// The number of the configuration now in force; the first is 1.
    pub generation: u64,
    /// Listening sockets that were opened.
    pub opened: usize,
    /// Listening sockets that were left alone.
    pub kept: usize,
    /// Listening sockets that were closed.
    pub closed: usize,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

impl fmt::Display for Reloaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            generation,
            opened,
            kept,
            closed,
            took_ms,
        } = self;
        write!(
            f,
            "configuration {generation} is in force \
             (sockets: {kept} kept, {opened} opened, {closed} closed; {took_ms} ms)"
        )
    }
}

/// Why serving could not start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartError {
    /// Which.
    pub code: Code,
    /// One line, without a final full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl StartError {
    /// An error without advice yet.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            help: None,
        }
    }

    /// Says what to do about it.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for StartError {}
