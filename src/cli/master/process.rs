//! A worker as a child process.

use super::super::args::WORKER;
use super::super::channel::{Channel, ToWorker};
use super::Event;
use crate::proxy::Visitor;
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use rustix::process::{Pid, Signal, kill_process};
use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::sync::mpsc;
use std::thread;

/// What a worker is started from.
pub(super) struct Program {
    /// Found when the master started: an upgrade puts another program there.
    path: PathBuf,
    args: Vec<OsString>,
}

/// A worker, serving or about to.
pub(super) struct Worker {
    pub(super) pid: u32,
    pub(super) is_ready: bool,
    /// It was told to finish.
    pub(super) is_leaving: bool,
    /// When it was started, in milliseconds of the clock.
    pub(super) started: u64,
    /// How many reloads there had been then.
    pub(super) reloads: u32,
    child: Child,
    channel: Channel,
}

impl Program {
    pub(super) fn new(args: &[OsString]) -> io::Result<Self> {
        Ok(Self {
            path: std::env::current_exe()?,
            args: args.to_vec(),
        })
    }

    /// Starts a worker; `before` leads to the one whose sockets and tables it takes.
    pub(super) fn start(
        &self,
        before: Vec<OwnedFd>,
        now: u64,
        reloads: u32,
        events: &mpsc::Sender<Event>,
    ) -> io::Result<Worker> {
        let (channel, theirs) = Channel::pair()?;
        let child = Command::new(&self.path)
            .arg(WORKER)
            .args(&self.args)
            .env("HAPROXY_MWORKER", "1")
            .stdin(theirs)
            .spawn()?;
        let pid = child.id();
        // If it has ended already, its end is noticed below.
        let _ = channel.tell(&ToWorker::Start(before));
        let (own, events) = (channel.try_clone()?, events.clone());
        thread::Builder::new()
            .name("worker".to_owned())
            .spawn(move || {
                let is_ready = own.wait_ready().is_ok();
                if is_ready && events.send(Event::Ready(pid)).is_ok() {
                    own.wait_gone();
                }
                let _ = events.send(Event::Gone(pid));
            })?;
        Ok(Worker {
            pid,
            is_ready: false,
            is_leaving: false,
            started: now,
            reloads,
            child,
            channel,
        })
    }
}

impl Worker {
    pub(super) fn signal(&self, signal: Signal) {
        // One that has ended needs none.
        let _ = kill_process(Pid::from_child(&self.child), signal);
    }

    /// Lets somebody give it commands; whether it was told.
    pub(super) fn visit(&self, visitor: Visitor) -> bool {
        self.channel.tell(&ToWorker::Visit(visitor)).is_ok()
    }

    /// A connection on which it takes commands.
    pub(super) fn connect(&self) -> Option<OwnedFd> {
        let flags = SocketFlags::CLOEXEC;
        let (ours, theirs) =
            socketpair(AddressFamily::UNIX, SocketType::STREAM, flags, None).ok()?;
        let visitor = Visitor {
            socket: theirs,
            expert: false,
        };
        self.visit(visitor).then_some(ours)
    }

    /// Waits for the end of the process, whose channel has ended: its exit status as shells tell
    /// it, and what it means.
    pub(super) fn end(mut self) -> (u8, String) {
        let Ok(status) = self.child.wait() else {
            return (1, "Exit".to_owned());
        };
        match (status.code(), status.signal()) {
            (Some(code), _) => (code as u8, "Exit".to_owned()),
            (None, signal) => {
                let number = signal.unwrap_or_default();
                (128 + number as u8, format!("signal {number}"))
            }
        }
    }
}
