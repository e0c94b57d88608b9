//! `-W` and `-Ws`: a master process that starts workers and replaces them.
//!
//! The master reads the configuration to find mistakes before it starts anything, keeps the rights and the
//! root directory it was started with, and serves nobody. A worker is this program started again with
//! a private first argument. A reload starts another one, which takes the listening sockets of the one
//! before; when it serves, the old one is told to finish. A newer program at the same
//! path is what the next reload starts. Deliberately absent: state that goes from worker to worker
//! (a reload in the process, without `-W`, keeps it).

mod process;
mod socket;

use super::args::{Flags, Master as Mode, Replace};
use super::codes;
use super::config;
use super::console::{Console, cause};
use super::daemon::Detached;
use super::privileges::{self, PidFile};
use super::signals::{self, Caught};
use crate::clock::Clock;
use crate::compile::config::Config;
use crate::proxy::StartError;
use process::{Program, Worker};
use rustix::process::Signal;
use sd_notify::NotifyState;
use socket::{Question, Target};
use std::ffi::OsString;
use std::io;
use std::process::ExitCode;
use std::sync::mpsc;

/// What happens to a master.
enum Event {
    Signal(Caught),
    /// The worker of this process id serves.
    Ready(u32),
    /// The worker of this process id has ended.
    Gone(u32),
    Asked(Question),
}

/// The master.
struct Master {
    flags: Flags,
    console: Console,
    clock: Clock,
    program: Program,
    events: mpsc::Sender<Event>,
    /// All that run, the newest last.
    workers: Vec<Worker>,
    started: u64,
    reloads: u32,
    failed_reloads: u32,
    /// Whether the old workers of the reload under way are cut off (`hard-reload`).
    is_hard: bool,
    /// Who waits for the end of the reload under way.
    waiting: Option<mpsc::Sender<String>>,
    /// What is done once the first worker serves.
    first: Option<First>,
    /// How the process is to end, once all workers have.
    leaving: Option<u8>,
}

struct First {
    pid_file: Option<PidFile>,
    detached: Option<Detached>,
    replace: Option<Replace>,
}

/// Runs until all workers have ended.
pub(super) fn run(
    config: Config,
    flags: &Flags,
    args: &[OsString],
    detached: Option<Detached>,
) -> Result<ExitCode, Vec<StartError>> {
    let failed = |error: io::Error| {
        let message = format!("cannot start a worker: {}", cause(&error));
        vec![StartError::new(codes::WORKER_PROCESS, message)]
    };
    let (events, happened) = mpsc::channel();
    let pid_file = flags.pidfile.as_ref().or(config.global.pidfile.as_ref());
    let pid_file = pid_file.map(|path| PidFile::create(path)).transpose();
    let first = First {
        pid_file: pid_file.map_err(|error| vec![error])?,
        detached,
        replace: flags.replace.clone(),
    };
    drop(config);
    let to = events.clone();
    signals::forward(move |caught| to.send(Event::Signal(caught)).is_ok()).map_err(|e| vec![e])?;
    if let Some(address) = &flags.master_socket {
        let to = events.clone();
        let ask = move |question| to.send(Event::Asked(question)).is_ok();
        socket::listen(address, ask).map_err(|error| vec![error])?;
    }
    let clock = Clock::system();
    let mut master = Master {
        console: Console { quiet: flags.quiet },
        flags: flags.clone(),
        started: clock.now(),
        clock,
        program: Program::new(args).map_err(failed)?,
        events,
        workers: Vec::new(),
        reloads: 0,
        failed_reloads: 0,
        is_hard: false,
        waiting: None,
        first: Some(first),
        leaving: None,
    };
    master.start_worker().map_err(failed)?;
    let status = loop {
        // The master holds a sender itself.
        let Ok(event) = happened.recv() else {
            break 1;
        };
        if let Some(status) = master.follow(event) {
            break status;
        }
    };
    Ok(ExitCode::from(status))
}

impl Master {
    /// Follows an event; `Some` is the exit status.
    fn follow(&mut self, event: Event) -> Option<u8> {
        match event {
            Event::Signal(caught) => self.signal(caught),
            Event::Ready(pid) => return self.ready(pid).err(),
            Event::Gone(pid) => return self.gone(pid),
            Event::Asked(Question::Processes(answer)) => drop(answer.send(self.processes())),
            Event::Asked(Question::Reload { hard, answer }) => self.reload(hard, Some(answer)),
            Event::Asked(Question::Visit {
                target,
                visitor,
                answer,
            }) => {
                let worker = self.find(target);
                let visited = worker.is_some_and(|worker| worker.visit(visitor));
                // Who asked may have gone.
                let _ = answer.send(visited);
            }
        }
        None
    }

    fn signal(&mut self, caught: Caught) {
        match caught {
            Caught::Hard(number) => {
                self.leaving = Some(128 + number);
                let signal = if number == 2 {
                    Signal::INT
                } else {
                    Signal::TERM
                };
                self.workers.iter().for_each(|worker| worker.signal(signal));
            }
            Caught::Soft => {
                self.leaving = self.leaving.or(Some(0));
                let ready = self.workers.iter().filter(|worker| worker.is_ready);
                ready.for_each(|worker| worker.signal(Signal::USR1));
            }
            Caught::Reload => self.reload(false, None),
            Caught::Pause => self.tell_current(Signal::TTOU),
            Caught::Resume => self.tell_current(Signal::TTIN),
            Caught::Dump => self.tell_current(Signal::QUIT),
        }
    }

    fn tell_current(&self, signal: Signal) {
        if let Some(worker) = self.workers.iter().rfind(|worker| worker.is_ready) {
            worker.signal(signal);
        }
    }

    fn start_worker(&mut self) -> io::Result<()> {
        let before = self.workers.last();
        let before = before.and_then(|worker| Some(vec![worker.connect()?, worker.connect()?]));
        let now = self.clock.now();
        let worker =
            self.program
                .start(before.unwrap_or_default(), now, self.reloads, &self.events)?;
        let pid = worker.pid;
        self.console
            .notice(&format!("Initializing new worker ({pid})"));
        self.workers.push(worker);
        Ok(())
    }

    fn reload(&mut self, hard: bool, answer: Option<mpsc::Sender<String>>) {
        let is_starting = self.workers.iter().any(|worker| !worker.is_ready);
        if is_starting || self.leaving.is_some() {
            let reason = if is_starting {
                "Another reload is still in progress."
            } else {
                "The process is stopping."
            };
            return tell(answer, &format!("Success=0\n--\n{reason}\n"));
        }
        let hardness = if hard { " (hard-reload)" } else { "" };
        self.console
            .notice(&format!("Reloading Tidegate{hardness}"));
        self.notify(&[
            NotifyState::Reloading,
            NotifyState::Status("Reloading Configuration..."),
        ]);
        self.reloads += 1;
        self.is_hard = hard;
        self.waiting = answer;
        let loaded = config::load_again(&self.flags).map(drop);
        let started = loaded.and_then(|()| {
            let started = self.start_worker();
            started.map_err(|error| format!("cannot start a worker: {}", cause(&error)))
        });
        if let Err(why) = started {
            self.console.err(&format!("{}\n", why.trim_end()));
            self.reload_failed(&why);
        }
    }

    fn reload_failed(&mut self, why: &str) {
        self.failed_reloads += 1;
        self.console
            .alert("Failed to load the new configuration, the worker in place stays.");
        self.notify(&[NotifyState::Ready, NotifyState::Status("Reload failed!")]);
        tell(
            self.waiting.take(),
            &format!("Success=0\n--\n{}\n", why.trim_end()),
        );
    }

    /// A worker serves: those before it are told to finish.
    fn ready(&mut self, pid: u32) -> Result<(), u8> {
        let Some(index) = self.workers.iter().position(|worker| worker.pid == pid) else {
            return Ok(());
        };
        let signal = if self.is_hard {
            Signal::TERM
        } else {
            Signal::USR1
        };
        for (at, worker) in self.workers.iter_mut().enumerate() {
            if at == index {
                worker.is_ready = true;
            } else if !worker.is_leaving {
                worker.is_leaving = true;
                worker.signal(signal);
            }
        }
        self.console.notice("Loading success.");
        tell(self.waiting.take(), "Success=1\n--\nLoading success.\n");
        let own = NotifyState::MainPid(std::process::id());
        self.notify(&[NotifyState::Ready, own, NotifyState::Status("Ready.")]);
        if let Some(first) = self.first.take() {
            if let Some(replace) = &first.replace {
                privileges::end_old_processes(replace, self.console);
            }
            if let Some(Err(error)) = first.pid_file.map(PidFile::fill) {
                self.console.alert(&error.to_string());
                self.workers
                    .iter()
                    .for_each(|worker| worker.signal(Signal::TERM));
                return Err(1);
            }
            if let Some(detached) = first.detached {
                detached.ready();
            }
        }
        Ok(())
    }

    /// A worker has ended; `Some` when the master ends too.
    fn gone(&mut self, pid: u32) -> Option<u8> {
        let index = self.workers.iter().position(|worker| worker.pid == pid)?;
        let worker = self.workers.remove(index);
        let (is_ready, is_leaving) = (worker.is_ready, worker.is_leaving);
        let (code, how) = worker.end();
        if !is_ready && !self.workers.is_empty() && self.leaving.is_none() {
            self.console.warning(&format!(
                "Failed to load worker ({pid}) exited with code {code} ({how})"
            ));
            self.reload_failed("The new worker failed, its messages are on the standard error.");
            return None;
        }
        if is_leaving {
            self.console.warning(&format!(
                "Former worker ({pid}) exited with code {code} ({how})"
            ));
        } else if self.leaving.is_none() {
            if is_ready {
                self.console.alert(&format!(
                    "Current worker ({pid}) exited with code {code} ({how})"
                ));
                self.console
                    .alert("exit-on-failure: killing every processes with SIGTERM");
            }
            self.leaving = Some(code.max(1));
            let others = self.workers.iter();
            others.for_each(|worker| worker.signal(Signal::TERM));
        }
        match self.leaving {
            Some(status) if self.workers.is_empty() => {
                self.console
                    .warning(&format!("All workers exited. Exiting... ({status})"));
                Some(status)
            }
            _ => None,
        }
    }

    fn find(&self, target: Target) -> Option<&Worker> {
        let mut workers = self.workers.iter();
        match target {
            Target::Pid(pid) => workers.find(|worker| worker.pid == pid),
            // Workers are threads of one process: there is a first one only.
            Target::Current => workers.rfind(|worker| worker.is_ready && !worker.is_leaving),
        }
    }

    /// What `show proc` shows.
    fn processes(&self) -> String {
        let now = self.clock.now();
        let row = |pid: u32, kind: &str, reloads: &str, since: u64| {
            let up = uptime(now.saturating_sub(since) / 1000);
            let version = crate::version::HAPROXY;
            format!("{pid:<15} {kind:<15} {reloads:<15} {up:<15} {version:<15}\n")
        };
        let workers = |leaving| {
            let some = self.workers.iter().filter(move |w| w.is_leaving == leaving);
            some.map(|w| {
                let reloads = self.reloads.saturating_sub(w.reloads);
                row(w.pid, "worker", &reloads.to_string(), w.started)
            })
        };
        let mut text = format!(
            "#{:<14} {:<15} {:<15} {:<15} {:<15}\n",
            "<PID>", "<type>", "<reloads>", "<uptime>", "<version>"
        );
        let reloads = format!("{} [failed: {}]", self.reloads, self.failed_reloads);
        text += &row(std::process::id(), "master", &reloads, self.started);
        text += "# workers\n";
        text.extend(workers(false));
        let old: String = workers(true).collect();
        if !old.is_empty() {
            text += "# old workers\n";
            text += &old;
        }
        text
    }

    fn notify(&self, states: &[NotifyState<'_>]) {
        if self.flags.master == Some(Mode::Systemd) {
            // Without a service manager there is nobody to tell.
            let _ = sd_notify::notify(false, states);
        }
    }
}

fn tell(answer: Option<mpsc::Sender<String>>, text: &str) {
    if let Some(answer) = answer {
        // Who asked may have gone.
        let _ = answer.send(text.to_owned());
    }
}

fn uptime(seconds: u64) -> String {
    let (days, hours) = (seconds / 86_400, seconds / 3600 % 24);
    format!(
        "{days}d{hours:02}h{:02}m{:02}s",
        seconds / 60 % 60,
        seconds % 60
    )
}
