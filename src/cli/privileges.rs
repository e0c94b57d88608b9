//! What happens once, between binding and serving: pid file, root directory, user and group, end of
//! the processes we replace.
//!
//! Must run while there is one thread only: Linux keeps users and groups per thread, and new
//! threads inherit them.

use super::args::Replace;
use super::codes;
use super::console::{Console, cause};
use crate::compile::config::Global;
use crate::proxy::StartError;
use rustix::io::Errno;
use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process};
use rustix::thread::{Gid, Uid, set_thread_groups, set_thread_res_gid, set_thread_res_uid};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A pid file, opened while we may and filled when everything works.
pub(super) struct PidFile {
    path: PathBuf,
    file: File,
}

impl PidFile {
    /// Creates it, or empties the one that is there.
    pub(super) fn create(path: &Path) -> Result<Self, StartError> {
        match File::create(path) {
            Ok(file) => Ok(Self {
                path: path.to_owned(),
                file,
            }),
            Err(error) => Err(no_pid_file(path, &error)),
        }
    }

    /// Writes our process id and a line feed.
    pub(super) fn fill(mut self) -> Result<(), StartError> {
        writeln!(self.file, "{}", std::process::id())
            .map_err(|error| no_pid_file(&self.path, &error))
    }
}

fn no_pid_file(path: &Path, error: &io::Error) -> StartError {
    let message = format!(
        "cannot create pid file {} : {}",
        path.display(),
        cause(error)
    );
    StartError::new(codes::PID_FILE, message)
        .help("its directory must exist and be writable for the user that starts tidegate")
}

/// `chroot`, then `gid`, then `uid`: each needs the rights the next one gives up.
pub(super) fn give_up(global: &Global) -> Result<(), StartError> {
    if let Some(root) = &global.chroot {
        enter_root(root)
            .map_err(|error| failed(&format!("cannot chroot to {}", root.display()), error))?;
    }
    if let Some(gid) = global.gid {
        become_group(Gid::from_raw(gid))
            .map_err(|error| failed(&format!("cannot set gid {gid}"), error))?;
    }
    if let Some(uid) = global.uid {
        become_user(Uid::from_raw(uid))
            .map_err(|error| failed(&format!("cannot set uid {uid}"), error))?;
    }
    Ok(())
}

fn failed(what: &str, error: Errno) -> StartError {
    let message = format!("{what} : {}", cause(&error.into()));
    StartError::new(codes::PRIVILEGES, message).help(
        "start tidegate as root, or remove 'chroot', 'user', 'uid', 'group' and 'gid' \
         from the global section",
    )
}

fn enter_root(root: &Path) -> rustix::io::Result<()> {
    rustix::process::chroot(root)?;
    rustix::process::chdir("/")
}

/// Somebody who already is this group, and no root, needs no right to stay so.
fn become_group(gid: Gid) -> rustix::io::Result<()> {
    if rustix::process::getgid() == gid && rustix::process::getegid() == gid {
        let _ = set_thread_groups(&[gid]);
        return Ok(());
    }
    set_thread_groups(&[gid])?;
    set_thread_res_gid(gid, gid, gid)
}

fn become_user(uid: Uid) -> rustix::io::Result<()> {
    if rustix::process::getuid() == uid && rustix::process::geteuid() == uid {
        return Ok(());
    }
    set_thread_res_uid(uid, uid, uid)
}

/// `-sf`, `-st`: tells the old processes to end. One that is gone already is no failure.
pub(super) fn end_old_processes(replace: &Replace, console: Console) {
    let signal = if replace.softly {
        Signal::USR1
    } else {
        Signal::TERM
    };
    for pid in replace.pids.iter().filter_map(|&pid| Pid::from_raw(pid)) {
        if let Err(error) = kill_process(pid, signal) {
            let pid = pid.as_raw_nonzero();
            let cause = cause(&error.into());
            console.notice(&format!("process {pid} could not be told to end: {cause}"));
        }
    }
}

/// Descriptors kept for anything but connections.
const RESERVED: u64 = 100;

/// Asks for as many descriptors as the system lets us have and returns how many client
/// connections they suffice for: each may need one more to a server.
pub(super) fn raise_descriptor_limit() -> u32 {
    let limit = rustix::process::getrlimit(Resource::Nofile);
    let most = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    // Refused only by a sandbox; the lower limit then stands.
    let raised = rustix::process::setrlimit(Resource::Nofile, most);
    let granted = if raised.is_ok() {
        limit.maximum
    } else {
        limit.current
    };
    let connections = granted.map_or(u64::MAX, |granted| granted.saturating_sub(RESERVED) / 2);
    u32::try_from(connections.max(1)).unwrap_or(u32::MAX)
}
