//! Signals of the process, as HAProxy understands them.
//!
//! SIGINT and SIGTERM stop at once, SIGUSR1 softly. SIGUSR2 and SIGHUP load the configuration again
//! (HAProxy's worker dumps its state at SIGHUP, its master reloads), SIGTTOU pauses, SIGTTIN
//! resumes. SIGQUIT, which makes HAProxy dump its memory pools, is only noted. Handlers are installed
//! even where the parent left SIGINT ignored. A stop that the proxy doesn't follow within
//! [`PATIENCE`] ends the process anyway.

use super::codes;
use super::console::{Console, cause};
use crate::observe::log::LogHandle;
use crate::proxy::{Orders, StartError, Stop};
use std::io;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

const SIGINT: u8 = 2;
const SIGTERM: u8 = 15;

/// How long the proxy may take to return after [`Stop::Now`].
const PATIENCE: Duration = Duration::from_millis(500);

/// The signal that stopped the process, if any, and what exit status that makes.
#[derive(Clone, Debug)]
pub(super) struct StoppedBy {
    signal: Arc<AtomicU8>,
    as_master: bool,
}

impl StoppedBy {
    /// Nothing yet. `as_master` (`-W`) makes the status tell the signal, 128 + number, as a
    /// master process's would.
    pub(super) fn new(as_master: bool) -> Self {
        Self {
            signal: Arc::default(),
            as_master,
        }
    }

    /// The exit status of a process whose proxy ended without an error.
    pub(super) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.status())
    }

    fn status(&self) -> u8 {
        match self.signal.load(Ordering::Acquire) {
            signal if self.as_master && signal != 0 => 128 + signal,
            _ => 0,
        }
    }
}

/// What a signal may change.
pub(super) struct Effects {
    pub(super) stop: Arc<watch::Sender<Stop>>,
    pub(super) orders: Orders,
    pub(super) stopped_by: StoppedBy,
    pub(super) log: LogHandle,
    pub(super) console: Console,
}

/// Starts the thread that waits for signals; returns once they are caught.
pub(super) fn start(effects: Effects) -> Result<(), StartError> {
    let failed = |error: io::Error| {
        StartError::new(
            codes::THREADS,
            format!("cannot catch signals: {}", cause(&error)),
        )
    };
    let (caught, wait) = mpsc::channel();
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(move || run(effects, &caught))
        .map_err(failed)?;
    let result = wait
        .recv()
        .unwrap_or_else(|_| Err(io::ErrorKind::Other.into()));
    result.map_err(failed)
}

fn run(effects: Effects, caught: &mpsc::Sender<io::Result<()>>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return drop(caught.send(Err(error))),
    };
    runtime.block_on(async {
        match Signals::new() {
            Ok(signals) => {
                let _ = caught.send(Ok(()));
                effects.follow(signals).await;
            }
            Err(error) => drop(caught.send(Err(error))),
        }
    });
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
    soft: Signal,
    hangup: Signal,
    reload: Signal,
    pause: Signal,
    resume: Signal,
    dump: Signal,
}

/// Numbers of signals that tokio has no name for.
const SIGTTIN: i32 = 21;
const SIGTTOU: i32 = 22;

#[derive(Clone, Copy)]
enum Caught {
    Hard(u8),
    Soft,
    Reload,
    Pause,
    Resume,
    Dump,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            soft: signal(SignalKind::user_defined1())?,
            hangup: signal(SignalKind::hangup())?,
            reload: signal(SignalKind::user_defined2())?,
            pause: signal(SignalKind::from_raw(SIGTTOU))?,
            resume: signal(SignalKind::from_raw(SIGTTIN))?,
            dump: signal(SignalKind::quit())?,
        })
    }

    async fn next(&mut self) -> Caught {
        tokio::select! {
            _ = self.interrupt.recv() => Caught::Hard(SIGINT),
            _ = self.terminate.recv() => Caught::Hard(SIGTERM),
            _ = self.soft.recv() => Caught::Soft,
            _ = self.hangup.recv() => Caught::Reload,
            _ = self.reload.recv() => Caught::Reload,
            _ = self.pause.recv() => Caught::Pause,
            _ = self.resume.recv() => Caught::Resume,
            _ = self.dump.recv() => Caught::Dump,
        }
    }
}

impl Effects {
    async fn follow(self, mut signals: Signals) {
        let signal = loop {
            match signals.next().await {
                Caught::Hard(signal) => break signal,
                Caught::Soft => self.orders.finish(),
                Caught::Reload => {
                    self.console.notice("Reloading the configuration");
                    // What comes of it the proxy says itself.
                    self.orders.reload(drop);
                }
                Caught::Pause => self.orders.pause(),
                Caught::Resume => self.orders.resume(),
                Caught::Dump => {
                    let notice = "SIGQUIT received: dumping the memory pools is not supported yet";
                    self.console.notice(notice);
                }
            }
        };
        self.stopped_by.signal.store(signal, Ordering::Release);
        self.stop.send_replace(Stop::Now);
        let _ = tokio::time::timeout(PATIENCE, signals.next()).await;
        self.log.shutdown();
        std::process::exit(self.stopped_by.status().into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(as_master: bool, signal: u8, expected: u8) {
        let stopped_by = StoppedBy::new(as_master);
        stopped_by.signal.store(signal, Ordering::Release);
        assert_eq!(stopped_by.status(), expected);
    }

    #[test]
    fn exit_statuses() {
        check(false, 0, 0);
        check(false, SIGINT, 0);
        check(true, 0, 0);
        check(true, SIGINT, 130);
        check(true, SIGTERM, 143);
    }
}
