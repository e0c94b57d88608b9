//! Health checks of this process: what they are made from, and where what they find goes.

use super::shared::Shared;
use crate::backend::BackendState;
use crate::clock::Clock;
use crate::compile::checks::CheckMemory;
use crate::compile::config::Config;
use crate::health::{BackendSpec, Health, Place, Reports, Shutdown, Spread};
use crate::net::Wheel;
use crate::observe::log::{LogChannel, LogHandle, LogQueue};
use crate::vocab::variable::ProcessVars;
use parking_lot::Mutex;
use std::any::Any;
use std::sync::{Arc, OnceLock};

/// The lines of backends, from whatever thread.
#[derive(Debug)]
pub(super) struct Reporter {
    clock: Clock,
    /// The process's variables as the configuration made them.
    variables: Arc<ProcessVars>,
    log: OnceLock<(Mutex<LogQueue>, Vec<LogChannel>)>,
}

impl Reporter {
    /// A reporter whose lines go nowhere yet.
    pub(super) fn new(config: &Config, clock: &Clock) -> Arc<Self> {
        Arc::new(Self {
            clock: clock.clone(),
            variables: Arc::new(config.variables.copy()),
            log: OnceLock::new(),
        })
    }

    /// Opens the channels to the targets of all backends.
    pub(super) fn open_log(&self, config: &Config, log: &LogHandle) {
        let channels = config.backends.iter();
        let channels = channels.map(|b| log.channel(&b.log_targets, b.log_tag.as_deref()));
        self.log
            .get_or_init(|| (Mutex::new(log.queue()), channels.collect()));
    }
}

impl Reports for Arc<Reporter> {
    fn log(&self, backend: usize, level: u8, line: &str) {
        let Some((queue, channels)) = self.log.get() else {
            return;
        };
        if let Some(&channel) = channels.get(backend)
            && channel.wants(level)
        {
            let now_us = self.clock.now_us();
            queue.lock().send(channel, level, now_us, line.as_bytes());
        }
    }

    fn shut_down(&self, _place: Place, _why: Shutdown) {}

    fn memory(&self) -> Box<dyn Any> {
        let variables = Arc::clone(&self.variables);
        Box::new(CheckMemory::new(variables, self.clock.clone()))
    }
}

/// The health of the configured servers.
pub(super) fn of(
    config: &Config,
    states: &[Arc<BackendState>],
    clock: &Clock,
    reporter: &Arc<Reporter>,
) -> Arc<Health> {
    let specs = config.backends.iter().map(|backend| BackendSpec {
        name: Arc::clone(&backend.name),
        noun: backend.noun,
        logs_checks: backend.logs_checks,
        disabled: backend.disabled,
        servers: backend.servers.iter().map(|s| s.health.clone()).collect(),
    });
    Health::new(
        specs.collect(),
        states,
        clock,
        Box::new(Arc::clone(reporter)),
    )
}

/// Begins all checks on the control thread.
pub(super) fn begin(shared: &Shared, wheel: &Wheel) {
    let global = &shared.config.global;
    let spread = Spread {
        percent: global.spread_checks,
        max: global.max_spread_checks,
    };
    crate::health::run(&shared.health, wheel, spread);
}
