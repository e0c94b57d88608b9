//! `-D`: going to the background without `fork`.
//!
//! The process starts a copy of itself (first argument [`DETACHED`](super::args::DETACHED)) whose standard
//! output is a pipe. The copy leaves the terminal's session, does everything a foreground process does, and
//! writes one byte once it accepts connections. The first process waits for that byte, so that
//! its exit status is right, or for the copy's end, whose status it then returns.

use super::args::DETACHED;
use super::codes;
use super::console::cause;
use crate::proxy::StartError;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Command, ExitCode, Stdio};

/// Starts the detached copy with the same arguments; returns when it serves or has failed.
pub(super) fn detach(args: &[OsString]) -> Result<ExitCode, StartError> {
    let failed = |error: io::Error| {
        let message = format!("cannot start in the background: {}", cause(&error));
        StartError::new(codes::DETACH, message).help("'-db' stays in the foreground")
    };
    let executable = std::env::current_exe().map_err(failed)?;
    let mut copy = Command::new(executable)
        .arg(DETACHED)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let mut ready = [0];
    let report = copy.stdout.take();
    if report.is_some_and(|mut pipe| pipe.read_exact(&mut ready).is_ok()) {
        return Ok(ExitCode::SUCCESS);
    }
    let status = copy.wait().map_err(failed)?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.filter(|&code| code != 0).unwrap_or(1)))
}

/// The detached copy's way to say that it serves.
#[derive(Debug)]
pub(super) struct Detached {
    report: File,
    /// Opened before any `chroot`.
    null: File,
}

impl Detached {
    /// Leaves the session and takes the pipe from standard output, which becomes `/dev/null`:
    /// whatever is logged there must not look like the report.
    pub(super) fn begin() -> io::Result<Self> {
        let report: OwnedFd = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdout(), 3)?;
        let null = File::options().read(true).write(true).open("/dev/null")?;
        rustix::stdio::dup2_stdout(&null)?;
        // Fails only for a session's leader, which is where this leads to.
        let _ = rustix::process::setsid();
        Ok(Self {
            report: report.into(),
            null,
        })
    }

    /// Reports, and lets go of the terminal: standard error becomes `/dev/null` too.
    pub(super) fn ready(mut self) {
        let _ = self.report.write_all(b"\n");
        let _ = rustix::stdio::dup2_stderr(&self.null);
    }
}
