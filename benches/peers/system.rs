//! The machine: programs, cores, processes, their accounts.

use anyhow::{Context, Result, bail};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

/// Finds a program as a shell would, and where Debian keeps daemons.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin"), PathBuf::from("/usr/local/sbin")])
        .map(|dir| dir.join(name))
        .find(|file| file.is_file())
}

/// The kernel's `USER_HZ`, a constant of its interface with user space.
const TICKS_PER_SECOND: f64 = 100.0;

/// Who runs where.
pub(crate) struct Cores {
    /// Every core this process may use.
    all: CpuSet,
    /// The proxy's.
    pub(crate) proxy: usize,
    /// The load generator's.
    pub(crate) load: usize,
    /// The origin's; the load generator's where there are only two.
    pub(crate) origin: usize,
}

impl Cores {
    /// Takes the first cores this process may use.
    pub(crate) fn split() -> Result<Self> {
        let all = sched_getaffinity(None).context("sched_getaffinity")?;
        let mut usable = (0..CpuSet::MAX_CPU).filter(|&core| all.is_set(core));
        let (Some(proxy), Some(load)) = (usable.next(), usable.next()) else {
            bail!("two cores are needed: one for the proxy, one for the load and the origin");
        };
        Ok(Self {
            all,
            proxy,
            load,
            origin: usable.next().unwrap_or(load),
        })
    }

    /// Binds the calling thread to one core; what it starts inherits that.
    pub(crate) fn pin_to(core: usize) -> Result<()> {
        let mut only = CpuSet::new();
        only.set(core);
        sched_setaffinity(None, &only).context("sched_setaffinity")
    }

    /// Starts a process bound to one core from its first instruction.
    pub(crate) fn spawn_on(&self, core: usize, command: &mut Command) -> Result<Process> {
        Self::pin_to(core)?;
        let child = command.spawn();
        sched_setaffinity(None, &self.all).context("sched_setaffinity")?;
        let child = child.with_context(|| format!("start {:?}", command.get_program()))?;
        Ok(Process(child))
    }
}

/// Lets this process and its children open as many files as it may.
pub(crate) fn raise_descriptor_limit() -> Result<()> {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(
        Resource::Nofile,
        Rlimit {
            current: limit.maximum,
            maximum: limit.maximum,
        },
    )
    .context("setrlimit(RLIMIT_NOFILE)")
}

/// A child that is killed when dropped.
pub(crate) struct Process(Child);

/// CPU time used so far.
#[derive(Clone, Copy, Default)]
pub(crate) struct CpuTime {
    /// In user space, seconds.
    pub(crate) user: f64,
    /// In the kernel, seconds.
    pub(crate) system: f64,
}

/// Resident memory.
#[derive(Clone, Copy)]
pub(crate) struct Memory {
    /// Now, `VmRSS`.
    pub(crate) now_kib: u64,
    /// At most since the start, `VmHWM`.
    pub(crate) peak_kib: u64,
}

impl Process {
    /// All threads' time, from `/proc/<pid>/stat` fields 14 and 15.
    pub(crate) fn cpu_time(&self) -> Result<CpuTime> {
        let stat = self.proc_file("stat")?;
        // The second field is the command in parentheses and may hold anything.
        let (_, fields) = stat.rsplit_once(')').context("/proc/<pid>/stat")?;
        let mut ticks = fields.split_ascii_whitespace().skip(11);
        let mut seconds = || -> Result<f64> {
            let ticks: f64 = ticks.next().context("/proc/<pid>/stat")?.parse()?;
            Ok(ticks / TICKS_PER_SECOND)
        };
        Ok(CpuTime {
            user: seconds()?,
            system: seconds()?,
        })
    }

    /// Resident memory, from `/proc/<pid>/status`.
    pub(crate) fn memory(&self) -> Result<Memory> {
        let status = self.proc_file("status")?;
        let field = |name: &str| -> Result<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let value = line.and_then(|line| line.split_ascii_whitespace().next());
            Ok(value.context("/proc/<pid>/status")?.parse()?)
        };
        Ok(Memory {
            now_kib: field("VmRSS:")?,
            peak_kib: field("VmHWM:")?,
        })
    }

    /// Everything it writes to its standard output, which must be piped, until it ends.
    pub(crate) fn output(mut self) -> Result<String> {
        let mut text = String::new();
        let stdout = self.0.stdout.as_mut().context("a piped output")?;
        stdout.read_to_string(&mut text)?;
        self.0.wait()?;
        Ok(text)
    }

    /// Whether it has ended.
    pub(crate) fn has_exited(&mut self) -> Result<bool> {
        Ok(self.0.try_wait()?.is_some())
    }

    fn proc_file(&self, name: &str) -> Result<String> {
        let path = Path::new("/proc").join(self.0.id().to_string()).join(name);
        std::fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already; there is nothing else to do about it here.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A TCP port of the loopback address that was free a moment ago.
pub(crate) fn free_port() -> Result<u16> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).context("find a free port")?;
    Ok(listener.local_addr()?.port())
}

/// Waits for things outside this process.
#[allow(
    clippy::disallowed_methods,
    reason = "processes that are not ours announce nothing that could be awaited"
)]
pub(crate) fn pause(duration: Duration) {
    std::thread::sleep(duration);
}
