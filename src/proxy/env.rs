//! What a running proxy gets from whoever starts it.

use super::control::ControlTask;
use crate::clock::Clock;
use crate::observe::log::LogHandle;
use crate::protect::ProtectionRegistry;
use crate::registry::Registry;
use crate::syntax::Code;
use crate::table::Table;
use std::fmt;
use std::sync::Arc;
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

/// Time, logs and signals of a process that serves.
pub struct RunEnvironment {
    /// The clock everything reads.
    pub clock: Clock,
    /// Where lines go; its thread starts in `bound`.
    pub log: LogHandle,
    /// Changes when the process should end; only ever towards [`Stop::Now`].
    pub stop: watch::Receiver<Stop>,
    /// The process's stick tables, those of earlier configurations among them.
    pub tables: Arc<Registry<Table>>,
    /// Its limits and breakers, likewise.
    pub protections: Arc<ProtectionRegistry>,
    /// `-dS`: no splice.
    pub no_splice: bool,
    /// `-dR`: no `SO_REUSEPORT`.
    pub no_reuse_port: bool,
    /// What the control thread does.
    pub control: ControlTask,
    /// Called once all sockets are bound and before any thread is started: changes root, user and
    /// group, which Linux keeps per thread, and starts the threads of logs and signals.
    pub bound: Box<dyn FnOnce() -> Result<(), StartError> + Send>,
    /// Called once the workers accept.
    pub ready: Box<dyn FnOnce() + Send>,
}

impl fmt::Debug for RunEnvironment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunEnvironment").finish_non_exhaustive()
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
