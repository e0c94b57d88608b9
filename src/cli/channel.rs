//! What a master process and its worker say to each other, one message at a time.
//!
//! The channel is a pair of UNIX `SOCK_SEQPACKET` sockets: a message arrives whole, with the descriptor
//! that belongs to it, and the end of a process is the end of the channel. The worker gets its
//! end as its standard input.

use crate::net::{receive_fds, send_fds};
use crate::proxy::Visitor;
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

const START: &[u8] = b"start";
const READY: &[u8] = b"ready";
const VISIT: &[u8] = b"visit";
const VISIT_EXPERT: &[u8] = b"visit expert";

/// Longest message.
const MAX: usize = 64;

/// One end of the channel.
#[derive(Debug)]
pub(super) struct Channel(OwnedFd);

/// What a worker is told.
#[derive(Debug)]
pub(super) enum ToWorker {
    /// Begin. With it come two connections to the stats socket of the worker before, if there is one,
    /// to take its listening sockets and what is in its tables.
    Start(Vec<OwnedFd>),
    /// Take commands on this connection.
    Visit(Visitor),
}

/// What came instead of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gone;

impl Channel {
    /// Both ends: the master's, and what becomes the worker's standard input.
    pub(super) fn pair() -> io::Result<(Self, OwnedFd)> {
        let flags = SocketFlags::CLOEXEC;
        let (ours, theirs) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, flags, None)?;
        Ok((Self(ours), theirs))
    }

    /// A worker's own end, which is its standard input until now.
    pub(super) fn of_worker() -> io::Result<Self> {
        let own = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?;
        let null = File::open("/dev/null")?;
        rustix::stdio::dup2_stdin(&null)?;
        Ok(Self(own))
    }

    /// Another handle of the same end.
    pub(super) fn try_clone(&self) -> io::Result<Self> {
        self.0.try_clone().map(Self)
    }

    /// Tells a worker something.
    pub(super) fn tell(&self, message: &ToWorker) -> io::Result<()> {
        let (text, fds) = match message {
            ToWorker::Start(before) => (START, before.as_slice()),
            ToWorker::Visit(Visitor { socket, expert }) => {
                let text = if *expert { VISIT_EXPERT } else { VISIT };
                (text, std::slice::from_ref(socket))
            }
        };
        let fds: Vec<BorrowedFd<'_>> = fds.iter().map(AsFd::as_fd).collect();
        send_fds(self.0.as_fd(), text, &fds)
    }

    /// The next thing a worker is told.
    pub(super) fn told(&self) -> Result<ToWorker, Gone> {
        loop {
            let (text, mut fds) = self.receive()?;
            match &*text {
                START => return Ok(ToWorker::Start(fds)),
                VISIT | VISIT_EXPERT => {
                    let Some(socket) = fds.pop() else {
                        continue;
                    };
                    let expert = text == VISIT_EXPERT;
                    return Ok(ToWorker::Visit(Visitor { socket, expert }));
                }
                // Of a master that is newer than we are.
                _ => {}
            }
        }
    }

    /// The worker serves.
    pub(super) fn say_ready(&self) {
        // A master that has ended is noticed elsewhere.
        let _ = send_fds(self.0.as_fd(), READY, &[]);
    }

    /// Waits until the worker serves.
    pub(super) fn wait_ready(&self) -> Result<(), Gone> {
        while self.receive()?.0 != READY {}
        Ok(())
    }

    /// Waits until the worker has ended.
    pub(super) fn wait_gone(&self) {
        while self.receive().is_ok() {}
    }

    fn receive(&self) -> Result<(Vec<u8>, Vec<OwnedFd>), Gone> {
        let mut buffer = [0; MAX];
        match receive_fds(self.0.as_fd(), &mut buffer) {
            Ok((0, _)) | Err(_) => Err(Gone),
            Ok((len, fds)) => {
                let text = buffer.get(..len).unwrap_or_default().to_vec();
                Ok((text, fds))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_arrive_whole_with_their_descriptors() {
        let (master, worker) = Channel::pair().unwrap();
        let worker = Channel(worker);
        let fd = || OwnedFd::from(File::open("/dev/null").unwrap());
        master.tell(&ToWorker::Start(Vec::new())).unwrap();
        master.tell(&ToWorker::Start(vec![fd(), fd()])).unwrap();
        let visitor = Visitor {
            socket: fd(),
            expert: true,
        };
        master.tell(&ToWorker::Visit(visitor)).unwrap();
        send_fds(master.0.as_fd(), b"news", &[]).unwrap();
        let told = || worker.told();
        let count = |told| match told {
            Ok(ToWorker::Start(before)) => Some(before.len()),
            _ => None,
        };
        assert_eq!([count(told()), count(told())], [Some(0), Some(2)]);
        let visit = told();
        assert!(matches!(
            visit,
            Ok(ToWorker::Visit(Visitor { expert: true, .. }))
        ));
        worker.say_ready();
        assert_eq!(master.wait_ready(), Ok(()));
        drop(master);
        assert!(matches!(worker.told(), Err(Gone)));
    }
}
