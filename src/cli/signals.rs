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
use std::future::Future;
use std::io;
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

const SIGINT: u8 = 2;
const SIGTERM: u8 = 15;

/// How long the proxy may take to return after [`Stop::Now`].
const PATIENCE: Duration = Duration::from_millis(500);

/// What a signal may change.
pub(super) struct Effects {
    pub(super) stop: Arc<watch::Sender<Stop>>,
    pub(super) orders: Orders,
    pub(super) log: LogHandle,
    pub(super) console: Console,
}

/// Starts the thread that waits for signals; returns once they are caught.
pub(super) fn start(effects: Effects) -> Result<(), StartError> {
    spawn(|signals| effects.follow(signals))
}

/// The same for somebody who follows them himself, until he wants no more.
pub(super) fn forward(
    mut to: impl FnMut(Caught) -> bool + Send + 'static,
) -> Result<(), StartError> {
    spawn(|mut signals| async move { while to(signals.next().await) {} })
}

fn spawn<F>(follow: impl FnOnce(Signals) -> F + Send + 'static) -> Result<(), StartError>
where
    F: Future<Output = ()>,
{
    let failed = |error: io::Error| {
        StartError::new(
            codes::THREADS,
            format!("cannot catch signals: {}", cause(&error)),
        )
    };
    let (caught, wait) = mpsc::channel();
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(move || run(follow, &caught))
        .map_err(failed)?;
    let result = wait
        .recv()
        .unwrap_or_else(|_| Err(io::ErrorKind::Other.into()));
    result.map_err(failed)
}

fn run<F>(follow: impl FnOnce(Signals) -> F, caught: &mpsc::Sender<io::Result<()>>)
where
    F: Future<Output = ()>,
{
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
                follow(signals).await;
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

/// A signal.
#[derive(Clone, Copy)]
pub(super) enum Caught {
    /// SIGINT or SIGTERM, by number.
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
        loop {
            match signals.next().await {
                Caught::Hard(_) => break,
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
        }
        self.stop.send_replace(Stop::Now);
        let _ = tokio::time::timeout(PATIENCE, signals.next()).await;
        self.log.shutdown();
        std::process::exit(0);
    }
}
