//! `option external-check`: a program that says by how it ends whether a server is fit.
//!
//! It gets addresses as arguments, names and counts as variables (manual, `external-check command`),
//! and no longer than a check may take. What must hold: no child outlives its check; it is waited
//! for by its descriptor, so that the thread goes on. Deliberately absent: limits of what it
//! may do.

use super::counter::Outcome;
use super::registry::Health;
use super::spec::{CheckSpec, Place};
use super::status::CheckStatus;
use crate::clock::Millis;
use crate::net::timer::sleep;
use crate::net::{ServerAddr, Wheel, register};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};
use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::process::{Child, Command, Stdio};
use tokio::io::unix::AsyncFd;

/// What HAProxy writes where an address has no port, or a proxy no address.
pub const NOT_USED: &str = "NOT_USED";
/// How long a program that takes too long has between SIGTERM and SIGKILL.
const LAST_MOMENTS_MS: Millis = 100;

/// A program, and what it is told of its proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// `external-check command`.
    pub command: OsString,
    /// `external-check path`: its PATH.
    pub path: OsString,
    /// The proxy's numeric id.
    pub proxy_id: u32,
    /// Where the proxy listens first, if anywhere: address and port.
    pub proxy_addr: Option<(String, String)>,
    /// The server's numeric id.
    pub server_id: u32,
    /// `h1` or `tcp`.
    pub protocol: &'static str,
    /// `external-check preserve-env`: it sees our environment too.
    pub keeps_env: bool,
    /// `insecure-fork-wanted`: without it nothing is started.
    pub may_run: bool,
}

/// Runs the program once.
pub(super) async fn run(
    health: &Health,
    place: Place,
    spec: &CheckSpec,
    program: &Program,
    wheel: &Wheel,
) -> Outcome {
    if !program.may_run {
        return refused(Errno::AGAIN.into());
    }
    let Some(mut command) = program.command(health, place) else {
        return Outcome::of(CheckStatus::SocketError);
    };
    let started = command.spawn().and_then(Running::watch);
    let mut running = match started {
        Ok(running) => running,
        // As a child that could not execute it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return ended(Some(255)),
        Err(error) => return refused(error),
    };
    let limit = match spec.timeout {
        Some(_) => spec.intervals.inter.min(spec.connect_timeout),
        None => spec.intervals.inter,
    };
    let until = health.clock().now().saturating_add(limit);
    tokio::select! {
        code = running.end() => return ended(code),
        () = sleep(wheel, until) => {}
    }
    running.stop(wheel, health.clock().now()).await;
    Outcome::of(CheckStatus::ProcessTimeout)
}

/// A program could not be started.
fn refused(error: io::Error) -> Outcome {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    Outcome::with(CheckStatus::SocketError, text)
}

/// A program ended with a status, or by a signal, which is shown as 255 (by HAProxy as -1).
fn ended(code: Option<i32>) -> Outcome {
    let status = match code {
        Some(0) => CheckStatus::ProcessOk,
        _ => CheckStatus::ProcessError,
    };
    Outcome {
        status,
        number: code.and_then(|code| code.try_into().ok()).unwrap_or(255),
        info: String::new(),
    }
}

impl Program {
    /// The command line and the environment; `None` of a server without an address.
    fn command(&self, health: &Health, place: Place) -> Option<Command> {
        let state = health.state(place)?;
        let (addr, port) = match state.addr().as_deref()? {
            ServerAddr::Tcp(addr) => (addr.ip().to_string().into(), addr.port().to_string()),
            ServerAddr::Unix(path) => (path.clone().into_os_string(), NOT_USED.to_owned()),
            ServerAddr::Abstract(name) => (OsString::from_vec(name.to_vec()), NOT_USED.to_owned()),
        };
        let none = || (NOT_USED.to_owned(), NOT_USED.to_owned());
        let (proxy_addr, proxy_port) = self.proxy_addr.clone().unwrap_or_else(none);
        let shown = |text: &str| match text {
            NOT_USED => OsString::new(),
            text => text.into(),
        };
        let backend = health.backend(place).map_or("", |backend| &backend.name);
        let server = health.spec(place).map_or("", |server| &server.name);
        let variables: [(&str, OsString); 13] = [
            ("PATH", self.path.clone()),
            ("HAPROXY_PROXY_NAME", backend.into()),
            ("HAPROXY_PROXY_ID", self.proxy_id.to_string().into()),
            ("HAPROXY_PROXY_ADDR", shown(&proxy_addr)),
            ("HAPROXY_PROXY_PORT", shown(&proxy_port)),
            ("HAPROXY_SERVER_NAME", server.into()),
            ("HAPROXY_SERVER_ID", self.server_id.to_string().into()),
            ("HAPROXY_SERVER_ADDR", addr.clone()),
            ("HAPROXY_SERVER_PORT", shown(&port)),
            ("HAPROXY_SERVER_MAXCONN", state.maxconn().to_string().into()),
            ("HAPROXY_SERVER_CURCONN", state.served().to_string().into()),
            ("HAPROXY_SERVER_SSL", "0".into()),
            ("HAPROXY_SERVER_PROTO", self.protocol.into()),
        ];
        let mut command = Command::new(&self.command);
        command.args([proxy_addr.into(), proxy_port.into(), addr, port.into()] as [OsString; 4]);
        if !self.keeps_env {
            command.env_clear();
        }
        command.envs(variables).stdin(Stdio::null());
        Some(command)
    }
}

/// A child that is killed when nobody waits for it any more.
struct Running {
    child: Child,
    end: AsyncFd<OwnedFd>,
}

impl Running {
    fn watch(mut child: Child) -> io::Result<Self> {
        let watched = pidfd_open(Pid::from_child(&child), PidfdFlags::NONBLOCK)
            .map_err(io::Error::from)
            .and_then(register);
        match watched {
            Ok(end) => Ok(Self { child, end }),
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                Err(error)
            }
        }
    }

    /// Waits for its end; its exit status, `None` after a signal.
    async fn end(&mut self) -> Option<i32> {
        self.end.readable().await.ok()?.retain_ready();
        self.child.try_wait().ok().flatten()?.code()
    }

    /// Asks it to end, and gives it a moment.
    async fn stop(mut self, wheel: &Wheel, now: Millis) {
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        tokio::select! {
            _ = self.end() => {}
            () = sleep(wheel, now + LAST_MOMENTS_MS) => {}
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both only fail when it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
