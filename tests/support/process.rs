//! A proxy as a child process.

use super::PATIENCE;
use rustix::io::{FdFlags, fcntl_setfd};
use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, setrlimit};
use std::fs::File;
use std::net::TcpListener;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::Mutex;
use std::time::Duration;

/// Descriptors are inheritable only while this is held, so that no child gets another's sockets.
static SPAWNING: Mutex<()> = Mutex::new(());

/// What a process holds, as Linux counts it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Vitals {
    /// Descriptors that are sockets.
    pub(crate) sockets: usize,
    /// Memory in use, kB; pages are 4 kB.
    pub(crate) resident_kb: u64,
    /// Time on a processor so far, in steps of 10 ms.
    pub(crate) cpu_ms: u64,
}

/// A running proxy; dropping it kills it.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    output: PathBuf,
}

impl Process {
    /// Starts `binary` with `args` in `dir`, handing over `sockets` as `NAME=<descriptor>`.
    pub(crate) fn start(
        binary: &Path,
        args: &[&str],
        dir: &Path,
        sockets: &[(String, TcpListener)],
    ) -> Self {
        let output = dir.join("output");
        let stdout = File::create(&output).expect("a file for the output");
        let stderr = stdout.try_clone().expect("a second handle");
        let mut command = Command::new(binary);
        command.args(args).current_dir(dir);
        command.stdin(Stdio::null()).stdout(stdout).stderr(stderr);
        for (name, socket) in sockets {
            command.env(name, socket.as_raw_fd().to_string());
        }
        let guard = SPAWNING
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        inherit(sockets, FdFlags::empty());
        let child = command.spawn();
        inherit(sockets, FdFlags::CLOEXEC);
        drop(guard);
        let child = child.unwrap_or_else(|error| panic!("{}: {error}", binary.display()));
        Self { child, output }
    }

    /// What it printed so far, both streams in one.
    pub(crate) fn output(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.output).unwrap_or_default()).into_owned()
    }

    /// Process id, as in log lines.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The numbers of its sockets.
    fn socket_numbers(&self) -> Vec<String> {
        let fds = std::fs::read_dir(format!("/proc/{}/fd", self.id()));
        let targets = fds
            .expect("the proxy still runs")
            .filter_map(|fd| std::fs::read_link(fd.ok()?.path()).ok());
        let number = |target: PathBuf| {
            let number = target.to_str()?.strip_prefix("socket:[")?;
            Some(number.strip_suffix(']')?.to_owned())
        };
        targets.filter_map(number).collect()
    }

    /// The kernel's lines of its sockets.
    pub(crate) fn sockets(&self) -> String {
        let own = self.socket_numbers();
        let is_own = |line: &&str| {
            let mut words = line.split_whitespace();
            words.any(|word| own.iter().any(|number| number == word))
        };
        let tables = ["tcp", "tcp6", "udp", "unix"]
            .map(|table| std::fs::read_to_string(format!("/proc/net/{table}")).unwrap_or_default());
        let lines = tables.iter().flat_map(|table| table.lines());
        lines.filter(is_own).collect::<Vec<_>>().join("\n")
    }

    /// What it holds at this moment.
    pub(crate) fn vitals(&self) -> Vitals {
        let proc = PathBuf::from(format!("/proc/{}", self.id()));
        let stat = std::fs::read_to_string(proc.join("stat")).expect("the proxy still runs");
        let after_name = stat.rsplit_once(')').expect("a name").1;
        let number = |at: usize| -> u64 {
            let field = after_name.split_whitespace().nth(at);
            field.and_then(|n| n.parse().ok()).expect("a number")
        };
        Vitals {
            sockets: self.socket_numbers().len(),
            resident_kb: number(21) * 4,
            cpu_ms: (number(11) + number(12)) * 10,
        }
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("the proxy still runs");
    }

    /// Waits for the end of the process.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        assert!(
            self.ends_within(PATIENCE),
            "the process goes on; it printed: {}",
            self.output()
        );
        self.child.wait().expect("an exit status")
    }

    /// Whether the process ends before `limit`.
    pub(crate) fn ends_within(&self, limit: Duration) -> bool {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        use rustix::process::{PidfdFlags, pidfd_open};
        let handle: OwnedFd = pidfd_open(self.pid(), PidfdFlags::empty()).expect("a pid handle");
        let limit = Timespec::try_from(limit).expect("a short time");
        poll(&mut [PollFd::new(&handle, PollFlags::IN)], Some(&limit)).expect("poll") > 0
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Runs `binary` to its end.
pub(crate) fn run(binary: &Path, args: &[&str], dir: &Path) -> Output {
    let guard = SPAWNING
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    let child = Command::new(binary)
        .args(args)
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    drop(guard);
    let child = child.unwrap_or_else(|error| panic!("{}: {error}", binary.display()));
    child.wait_with_output().expect("the output")
}

fn inherit(sockets: &[(String, TcpListener)], flags: FdFlags) {
    for (_, socket) in sockets {
        fcntl_setfd(socket, flags).expect("descriptor flags");
    }
}

/// As many connections as descriptors allow; the proxy inherits the limit.
pub(crate) fn affordable(wanted: usize) -> usize {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    setrlimit(Resource::Nofile, raised).expect("a limit that is allowed");
    let allowed = maximum.map_or(wanted, |n| (n as usize).saturating_sub(300) / 2);
    wanted.min(allowed)
}
