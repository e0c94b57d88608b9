//! Where lines go: one sink per destination, however many `log` lines name it.
//!
//! Lines are gathered and leave several per system call. Only the logger thread is here, so a
//! pipe nobody reads may block. A datagram socket never waits long: a receiver that stays full
//! costs lines, counted as dropped.

use super::queue::Shared;
use crate::settings::LogDestination;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::net::addr::SocketAddrArg;
use rustix::net::{
    AddressFamily, MMsgHdr, SendAncillaryBuffer, SendFlags, SocketAddrAny, SocketAddrUnix,
    SocketFlags, SocketType, sendmmsg, socket_with, sockopt,
};
use std::array;
use std::fmt;
use std::fs::File;
use std::io::{self, IoSlice, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

/// Datagrams sent by one system call.
const DATAGRAMS: usize = 64;
/// Bytes written to a descriptor by one system call: what a pipe takes without mixing it with
/// other writers' lines (`PIPE_BUF`).
const WRITE: usize = 4096;
/// Bytes gathered before sending.
const GATHERED: usize = 1 << 16;
/// How long a batch may wait, once, for a local receiver that is full.
const DATAGRAM_WAIT: Duration = Duration::from_millis(20);

/// A destination and the lines gathered for it.
pub(super) struct Sink {
    pub(super) destination: LogDestination,
    output: Result<Output, io::Error>,
    text: Vec<u8>,
    /// Where each line in `text` ends.
    ends: Vec<usize>,
    shared: Arc<Shared>,
    /// A failure was reported; it is told once.
    reported: bool,
}

enum Output {
    Datagram(OwnedFd, SocketAddrAny),
    Standard(BorrowedFd<'static>),
    Owned(OwnedFd),
}

/// What went wrong with some lines.
#[derive(Debug, Default)]
struct Losses {
    lines: u64,
    /// The first failure other than a full receiver.
    failure: Option<io::Error>,
}

impl Sink {
    pub(super) fn open(destination: LogDestination, shared: Arc<Shared>) -> Self {
        Self {
            output: open(&destination),
            destination,
            text: Vec::with_capacity(GATHERED),
            ends: Vec::with_capacity(DATAGRAMS),
            shared,
            reported: false,
        }
    }

    /// Gathers the line that `write` appends, and sends if enough are gathered.
    pub(super) fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.text);
        self.ends.push(self.text.len());
        if self.ends.len() >= DATAGRAMS || self.text.len() >= GATHERED {
            self.flush();
        }
    }

    /// Sends everything gathered.
    pub(super) fn flush(&mut self) {
        if self.ends.is_empty() {
            return;
        }
        let losses = match &self.output {
            Ok(Output::Datagram(socket, to)) => {
                send_datagrams(socket.as_fd(), to, &self.text, &self.ends)
            }
            Ok(Output::Standard(fd)) => write_lines(*fd, &self.text, &self.ends),
            Ok(Output::Owned(fd)) => write_lines(fd.as_fd(), &self.text, &self.ends),
            Err(error) => Losses {
                lines: self.ends.len() as u64,
                failure: Some(io::Error::new(error.kind(), error.to_string())),
            },
        };
        self.text.clear();
        self.ends.clear();
        self.account(losses);
    }

    fn account(&mut self, losses: Losses) {
        self.shared.count_dropped(losses.lines);
        let Some(failure) = losses.failure.filter(|_| !self.reported) else {
            return;
        };
        self.reported = true;
        // Nothing is left to tell when stderr is gone too.
        let _ = writeln!(
            io::stderr(),
            "[ALERT]    ({}) : sending logs to {} failed: {failure}; further failures are only counted",
            std::process::id(),
            Shown(&self.destination),
        );
    }
}

/// A destination as the configuration spells it.
struct Shown<'a>(&'a LogDestination);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            LogDestination::Udp(to) => to.fmt(f),
            LogDestination::Unix(path) => path.display().fmt(f),
            LogDestination::Fd(fd) => write!(f, "fd@{fd}"),
            LogDestination::Stream(addr) => addr.fmt(f),
            LogDestination::Ring(name) => write!(f, "ring@{name}"),
            LogDestination::Backend(name) => write!(f, "backend@{name}"),
        }
    }
}

fn open(destination: &LogDestination) -> io::Result<Output> {
    match destination {
        LogDestination::Udp(to) => {
            let family = if to.is_ipv4() {
                AddressFamily::INET
            } else {
                AddressFamily::INET6
            };
            Ok(Output::Datagram(datagram_socket(family)?, to.as_any()))
        }
        LogDestination::Unix(path) => {
            let to = SocketAddrUnix::new(path.as_path())?.as_any();
            let socket = datagram_socket(AddressFamily::UNIX)?;
            sockopt::set_socket_timeout(&socket, sockopt::Timeout::Send, Some(DATAGRAM_WAIT))?;
            Ok(Output::Datagram(socket, to))
        }
        LogDestination::Fd(1) => Ok(Output::Standard(rustix::stdio::stdout())),
        LogDestination::Fd(2) => Ok(Output::Standard(rustix::stdio::stderr())),
        LogDestination::Fd(fd) => Ok(Output::Owned(inherited(*fd)?)),
        // These have rings, and servers, instead.
        LogDestination::Stream(_) | LogDestination::Ring(_) | LogDestination::Backend(_) => {
            Err(io::ErrorKind::Unsupported.into())
        }
    }
}

fn datagram_socket(family: AddressFamily) -> io::Result<OwnedFd> {
    let socket = socket_with(family, SocketType::DGRAM, SocketFlags::CLOEXEC, None)?;
    // Nothing is ever received here.
    let _ = sockopt::set_socket_recv_buffer_size(&socket, 0);
    Ok(socket)
}

/// A duplicate of a descriptor that is known by number only. Reopening through `/proc` is what
/// is left where the kernel or a sandbox has no `pidfd_getfd`; it doesn't work for sockets.
fn inherited(fd: i32) -> io::Result<OwnedFd> {
    use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};
    if fd < 0 {
        return Err(Errno::BADF.into());
    }
    let duplicate = pidfd_open(getpid(), PidfdFlags::empty())
        .and_then(|own| pidfd_getfd(own, fd, PidfdGetfdFlags::empty()));
    match duplicate {
        Ok(fd) => Ok(fd),
        Err(Errno::BADF) => Err(Errno::BADF.into()),
        Err(_) => File::options()
            .append(true)
            .open(format!("/proc/self/fd/{fd}"))
            .map(OwnedFd::from),
    }
}

fn send_datagrams(
    socket: BorrowedFd<'_>,
    to: &SocketAddrAny,
    text: &[u8],
    ends: &[usize],
) -> Losses {
    let mut losses = Losses::default();
    let mut each = lines(text, ends);
    let lines: [_; DATAGRAMS] = array::from_fn(|_| [IoSlice::new(each.next().unwrap_or_default())]);
    let nothing = [IoSlice::new(&[])];
    let mut flags = SendFlags::NOSIGNAL;
    let mut rest = lines.get(..ends.len()).unwrap_or(&lines);
    while !rest.is_empty() {
        let mut controls: [_; DATAGRAMS] = array::from_fn(|_| SendAncillaryBuffer::default());
        let mut left = rest.iter();
        // Those behind the last line are not sent.
        let mut messages = controls
            .each_mut()
            .map(|control| MMsgHdr::new_with_addr(to, left.next().unwrap_or(&nothing), control));
        let messages = messages.get_mut(..rest.len()).unwrap_or_default();
        let done = match sendmmsg(socket, messages, flags) {
            Ok(sent) => sent.max(1),
            Err(Errno::INTR) => 0,
            Err(Errno::AGAIN) if !flags.contains(SendFlags::DONTWAIT) => {
                flags |= SendFlags::DONTWAIT;
                0
            }
            Err(Errno::AGAIN) => {
                losses.lines += rest.len() as u64;
                rest.len()
            }
            Err(error) => {
                losses.lines += 1;
                losses.failure.get_or_insert(error.into());
                1
            }
        };
        rest = rest.get(done..).unwrap_or_default();
    }
    losses
}

fn lines<'a>(text: &'a [u8], ends: &'a [usize]) -> impl Iterator<Item = &'a [u8]> {
    let mut start = 0;
    ends.iter().map(move |&end| {
        let line = text.get(start..end).unwrap_or_default();
        start = end;
        line
    })
}

/// Writes as many whole lines at once as fit [`WRITE`].
fn write_lines(fd: BorrowedFd<'_>, text: &[u8], ends: &[usize]) -> Losses {
    let mut start = 0;
    let mut ends = ends.iter().copied().peekable();
    while let Some(end) = ends.next() {
        if ends.peek().is_some_and(|&next| next - start <= WRITE) {
            continue;
        }
        if let Err(error) = write_all(fd, text.get(start..end).unwrap_or_default()) {
            return Losses {
                lines: (ends.count() + 1) as u64,
                failure: Some(error.into()),
            };
        }
        start = end;
    }
    Losses::default()
}

/// Waits as long as it takes, even where somebody made the descriptor non-blocking.
fn write_all(fd: BorrowedFd<'_>, mut rest: &[u8]) -> Result<(), Errno> {
    while !rest.is_empty() {
        match rustix::io::write(fd, rest) {
            Ok(written) => rest = rest.get(written..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {
                poll(&mut [PollFd::from_borrowed_fd(fd, PollFlags::OUT)], None)?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
