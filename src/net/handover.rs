//! Listening sockets from one process to another, over a UNIX socket (`-x`, `_getsocks`).
//!
//! The bytes on the wire are HAProxy's, so that either program can take over from the other: the
//! asker sends `_getsocks` and a line feed; the answer is the number of sockets (an `int`),
//! then messages of at most 252 descriptors, each message acknowledged by an `int`. Its text
//! holds for each descriptor the length and name of a namespace, of an interface, and four
//! zeroes. A process of ours also gives what is in its tables, as `table::dump` writes it, to who asks
//! `_gettables` on another connection, and closes that. What must hold: whatever the other side sends is bounded, and waits a second at most.

use super::stream::Stream;
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketAddrUnix, SocketFlags, SocketType, recv, recvmsg, send,
    sendmsg, socket_with, sockopt,
};
use std::collections::VecDeque;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::Duration;

/// Most descriptors in one message (`SCM_MAX_FD` is 253).
const MAX_FDS: usize = 252;
/// Most sockets taken from another process.
const MAX_SOCKETS: usize = 65_536;
/// Longest text about one socket: two names of up to 255 bytes, their lengths, four zeroes.
const MAX_NAMES: usize = 2 * 256 + 4;
/// How long either side waits for the other.
const PATIENCE: Duration = Duration::from_secs(1);

/// What the asker sends, before a line feed.
pub const ASK: &[u8] = b"_getsocks";
/// What who asks for tables sends, before a line feed.
pub const ASK_TABLES: &[u8] = b"_gettables";
/// Most bytes of tables taken from another process.
const MAX_TABLES: usize = 1 << 30;

/// A listening socket on its way to another process.
#[derive(Clone, Copy, Debug)]
pub struct Offered<'a> {
    /// The socket.
    pub socket: BorrowedFd<'a>,
    /// `interface` of its line.
    pub interface: Option<&'a str>,
}

/// A listening socket of another process.
#[derive(Debug)]
pub struct Inherited {
    /// The socket, close-on-exec.
    pub socket: OwnedFd,
    /// The interface it accepts from.
    pub interface: Option<String>,
}

/// Sends bytes, and descriptors with them.
///
/// # Errors
/// The system's; a short write is one.
pub fn send_fds(to: BorrowedFd<'_>, bytes: &[u8], fds: &[BorrowedFd<'_>]) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_FDS))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !fds.is_empty() && !control.push(SendAncillaryMessage::ScmRights(fds)) {
        return Err(Errno::INVAL.into());
    }
    let sent = retry(|| {
        sendmsg(
            to,
            &[IoSlice::new(bytes)],
            &mut control,
            SendFlags::NOSIGNAL,
        )
    })?;
    if sent == bytes.len() {
        Ok(())
    } else {
        Err(Errno::PIPE.into())
    }
}

/// Receives bytes, and the descriptors that come with them. No bytes is the end.
///
/// # Errors
/// The system's.
pub fn receive_fds(from: BorrowedFd<'_>, bytes: &mut [u8]) -> io::Result<(usize, Vec<OwnedFd>)> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_FDS))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let flags = RecvFlags::CMSG_CLOEXEC;
    let received = retry(|| {
        let mut into = [IoSliceMut::new(&mut *bytes)];
        recvmsg(from, &mut into, &mut control, flags)
    })?;
    let mut fds = Vec::new();
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(more) = message {
            fds.extend(more);
        }
    }
    Ok((received.bytes, fds))
}

/// Gives sockets to the process that asked for them over `to`, which is left blocking.
///
/// # Errors
/// The other side's silence or disappearance.
fn give(to: BorrowedFd<'_>, offered: &[Offered<'_>]) -> io::Result<()> {
    rustix::io::ioctl_fionbio(to, false)?;
    be_patient(to)?;
    let count = i32::try_from(offered.len()).unwrap_or(i32::MAX);
    send_fds(to, &count.to_ne_bytes(), &[])?;
    for batch in offered.chunks(MAX_FDS) {
        let fds: Vec<_> = batch.iter().map(|one| one.socket).collect();
        send_fds(to, &names(batch), &fds)?;
        let mut acknowledged = [0; 4];
        if retry(|| recv(to, &mut acknowledged, RecvFlags::empty()))?.0 == 0 {
            return Err(Errno::PIPE.into());
        }
    }
    Ok(())
}

impl Stream {
    /// Gives sockets to the process at the other end, which asked for them; the stream is of no other
    /// use then.
    ///
    /// # Errors
    /// The other side's silence or disappearance.
    pub fn give_sockets(&self, offered: &[Offered<'_>]) -> io::Result<()> {
        give(self.fd()?, offered)
    }
}

fn names(batch: &[Offered<'_>]) -> Vec<u8> {
    let mut text = Vec::new();
    for one in batch {
        let interface = one.interface.unwrap_or_default().as_bytes();
        let interface = interface.get(..255).unwrap_or(interface);
        text.push(0);
        text.push(interface.len() as u8);
        text.extend_from_slice(interface);
        text.extend_from_slice(&[0; 4]);
    }
    text
}

/// Takes the listening sockets of the process whose stats socket is at `path`.
///
/// # Errors
/// There is no such process, or it does not answer as it should.
pub fn take_from(path: &Path) -> io::Result<Vec<Inherited>> {
    take(connected(path)?.as_fd())
}

/// Takes what is in the tables of the process whose stats socket is at `path`.
///
/// # Errors
/// As [`take_tables`].
pub fn take_tables_from(path: &Path) -> io::Result<Vec<u8>> {
    take_tables(connected(path)?.as_fd())
}

fn connected(path: &Path) -> io::Result<OwnedFd> {
    let flags = SocketFlags::CLOEXEC;
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    rustix::net::connect(&socket, &SocketAddrUnix::new(path)?)?;
    Ok(socket)
}

/// Takes what is in the tables of the process at the other end of `from`. One that does not know the
/// question answers with something else, which is no dump.
///
/// # Errors
/// It falls silent, or never ends.
pub fn take_tables(from: BorrowedFd<'_>) -> io::Result<Vec<u8>> {
    be_patient(from)?;
    retry(|| send(from, &[ASK_TABLES, b"\n"].concat(), SendFlags::NOSIGNAL))?;
    let mut taken = Vec::new();
    let mut piece = vec![0; 1 << 16];
    loop {
        let (len, _) = retry(|| recv(from, &mut piece, RecvFlags::empty()))?;
        if len == 0 {
            return Ok(taken);
        }
        taken.extend_from_slice(piece.get(..len).unwrap_or_default());
        if taken.len() > MAX_TABLES {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
}

/// Takes the listening sockets of the process at the other end of `from`.
///
/// # Errors
/// It does not answer as it should.
pub fn take(from: BorrowedFd<'_>) -> io::Result<Vec<Inherited>> {
    be_patient(from)?;
    retry(|| send(from, &[ASK, b"\n"].concat(), SendFlags::NOSIGNAL))?;
    let mut count = [0; 4];
    let (len, _) = retry(|| recv(from, &mut count, RecvFlags::WAITALL))?;
    if len != count.len() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let count = usize::try_from(i32::from_ne_bytes(count)).unwrap_or(usize::MAX);
    if count > MAX_SOCKETS {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut names = Names::default();
    let mut sockets = VecDeque::new();
    let mut taken = Vec::new();
    let mut buffer = vec![0; MAX_FDS * MAX_NAMES];
    while taken.len() < count {
        let (len, fds) = receive_fds(from, &mut buffer)?;
        let silent = len == 0 || fds.is_empty() && sockets.is_empty();
        if silent || taken.len() + sockets.len() + fds.len() > count {
            return Err(io::ErrorKind::InvalidData.into());
        }
        retry(|| send(from, &[0; 4], SendFlags::NOSIGNAL))?;
        names.bytes.extend(buffer.get(..len).unwrap_or_default());
        sockets.extend(fds);
        while let Some(interface) = names.next_interface() {
            let Some(socket) = sockets.pop_front() else {
                return Err(io::ErrorKind::InvalidData.into());
            };
            taken.push(Inherited { socket, interface });
        }
    }
    Ok(taken)
}

/// What came of the texts about sockets and was not read yet.
#[derive(Debug, Default)]
struct Names {
    bytes: VecDeque<u8>,
}

impl Names {
    /// The interface of the next socket that is described completely; the outer `None` is none.
    fn next_interface(&mut self) -> Option<Option<String>> {
        let namespace = usize::from(*self.bytes.front()?);
        let interface = usize::from(*self.bytes.get(1 + namespace)?);
        let end = 2 + namespace + interface + 4;
        if self.bytes.len() < end {
            return None;
        }
        let text: Vec<u8> = self.bytes.drain(..end).collect();
        let name = text.get(2 + namespace..2 + namespace + interface)?;
        Some((!name.is_empty()).then(|| String::from_utf8_lossy(name).into_owned()))
    }
}

fn be_patient(socket: BorrowedFd<'_>) -> io::Result<()> {
    for which in [sockopt::Timeout::Recv, sockopt::Timeout::Send] {
        sockopt::set_socket_timeout(socket, which, Some(PATIENCE))?;
    }
    Ok(())
}

fn retry<T>(mut call: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    loop {
        match call() {
            Err(Errno::INTR) => {}
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::os::unix::net::UnixStream;
    use std::thread;

    /// Gives so many sockets, alternately with an interface, and looks at what arrives.
    #[track_caller]
    fn check(count: usize) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (old, new) = UnixStream::pair().unwrap();
        let taken = thread::scope(|scope| {
            scope.spawn(|| {
                let mut asked = [0; 10];
                io::Read::read_exact(&mut &old, &mut asked).unwrap();
                assert_eq!(&asked, b"_getsocks\n");
                let interface = |at| (at % 2 == 1).then_some("eth0");
                let offered: Vec<_> = (0..count)
                    .map(|at| Offered {
                        socket: listener.as_fd(),
                        interface: interface(at),
                    })
                    .collect();
                give(old.as_fd(), &offered).unwrap();
            });
            take(new.as_fd()).unwrap()
        });
        assert_eq!(taken.len(), count);
        for (at, one) in taken.into_iter().enumerate() {
            assert_eq!(one.interface.is_some(), at % 2 == 1);
            let socket = TcpListener::from(one.socket);
            assert_eq!(socket.local_addr().unwrap(), address);
        }
    }

    #[test]
    fn sockets_arrive_with_their_interfaces() {
        check(0);
        check(3);
        check(MAX_FDS);
        check(MAX_FDS + 1);
    }

    #[test]
    fn an_answer_that_makes_no_sense_is_an_error() {
        let check = |answer: &[u8]| {
            let (old, new) = UnixStream::pair().unwrap();
            io::Write::write_all(&mut &old, answer).unwrap();
            old.shutdown(std::net::Shutdown::Write).unwrap();
            assert!(take(new.as_fd()).is_err(), "{}", answer.escape_ascii());
        };
        check(b"");
        check(b"\x01");
        check(b"Unknown command: '_getsocks'\n");
        check(&1_i32.to_ne_bytes());
        check(&[1_i32.to_ne_bytes(), [0; 4]].concat());
        check(&i32::MIN.to_ne_bytes());
        let nobody = Path::new("/nonexistent/socket");
        assert!(take_from(nobody).is_err());
    }
}
