//! Established (or connecting) sockets, TCP and UNIX alike, polled by hand-written state machines.
//!
//! A stream starts *direct*: reads and writes go straight to the socket. Only when one would block
//! (or there is nothing left to read) is it registered with the worker's reactor, so that a
//! connection that lives for one request may never cost an `epoll_ctl` (a proxied request on two
//! fresh connections makes 2 of them instead of 4). A read that leaves room
//! in the buffer has drained the socket: the next one waits for an event instead of asking again.
//! Until it is registered a stream may be handed to another worker. Deliberately absent: buffering
//! of writes, timeouts, TLS.

use super::address::{Endpoint, ServerAddr, abns_name};
use super::buffer::Buffer;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvFlags, SendAncillaryBuffer, SendFlags, Shutdown, SocketAddrAny,
    SocketAddrUnix, SocketFlags, SocketType, sockopt,
};
use socket2::SockRef;
use std::any::Any;
use std::cell::Cell;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// A connection.
#[derive(Debug)]
pub struct Stream {
    io: Io,
    /// The reactor watches for room to send too, since there was none once: most sockets always have it.
    awaits_room: bool,
    peer: Endpoint,
    local: Cell<Option<Endpoint>>,
    /// The next read asks the socket without waiting for an event.
    read_at_once: bool,
    next_write: NextWrite,
    /// What is to be dropped when the connection ends.
    tied: Option<Box<dyn Any + Send + Sync>>,
}

/// Who waits for the socket's events.
#[derive(Debug)]
enum Io {
    /// Nobody yet.
    Direct(OwnedFd),
    /// The worker's reactor.
    Registered(AsyncFd<OwnedFd>),
    /// Registration failed and the socket is closed.
    Gone,
}

/// What the next write is to the connection. The first segment of one is never held back, so
/// `TCP_NODELAY` is set before the second: one system call less per short connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NextWrite {
    /// The first, and nothing has proved `connect` complete.
    Connecting,
    First,
    Second,
    /// One of many, or of an accepted connection.
    Another,
    /// The last: our direction ends with it.
    Last,
}

/// What [`Stream::poll_read`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadOutcome {
    /// This many bytes (at least one) were added to the buffer.
    Data(usize),
    /// The peer will send nothing more.
    Eof,
    /// The buffer has no room; the socket was not asked.
    Full,
}

/// What happened on a connection that should be silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// Unread bytes wait.
    Data,
    /// The peer closed, or the connection broke.
    Closed,
}

/// How to connect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConnectOptions {
    /// The local address to connect from; port 0 leaves the port to the kernel.
    pub source: Option<SocketAddr>,
    /// Something will be sent as soon as the connection is there: it takes the handshake's last
    /// acknowledgement along, a packet less.
    pub sends_first: bool,
}

/// What one system call moved, and whether the socket may have more of the same to offer.
/// `more: false` waits for the next event before another attempt.
pub(super) struct Moved {
    pub(super) bytes: usize,
    pub(super) more: bool,
}

/// Connects and waits until the connection is established. See [`Stream::connect`].
pub async fn connect(addr: &ServerAddr, options: ConnectOptions) -> io::Result<Stream> {
    let mut stream = Stream::connect(addr, options)?;
    poll_fn(|cx| stream.poll_connected(cx)).await?;
    Ok(stream)
}

impl Stream {
    /// An accepted socket, already non-blocking. `TCP_NODELAY` is inherited from the listener.
    pub fn accepted(fd: OwnedFd, peer: Endpoint) -> Self {
        Self {
            io: Io::Direct(fd),
            awaits_room: false,
            peer,
            local: Cell::new(None),
            read_at_once: true,
            next_write: NextWrite::Another,
            tied: None,
        }
    }

    /// Starts connecting. The stream may still be [connecting](Stream::is_connecting) when this
    /// returns: either wait with [`Stream::poll_connected`] or write at once, which waits too and
    /// costs one wake-up less when the handshake is already over (always so on loopback). An
    /// error of a write while `is_connecting` is a failure to connect.
    ///
    /// Errors: those of connect(2); a UNIX socket whose backlog is full gives `WouldBlock`.
    pub fn connect(addr: &ServerAddr, options: ConnectOptions) -> io::Result<Self> {
        match addr {
            ServerAddr::Tcp(to) => connect_tcp(*to, options),
            ServerAddr::Unix(path) => connect_unix(&SocketAddrUnix::new(path.as_path())?),
            ServerAddr::Abstract(name) => {
                connect_unix(&SocketAddrUnix::new_abstract_name(&abns_name(name))?)
            }
        }
    }

    /// Whether the connection is not known to be established.
    pub fn is_connecting(&self) -> bool {
        self.next_write == NextWrite::Connecting
    }

    /// Waits until the connection is established, without a system call on success.
    pub fn poll_connected(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.is_connecting() {
            return Poll::Ready(Ok(()));
        }
        let fd = self.io.writing(&mut self.awaits_room, cx)?;
        let event = ready!(fd.poll_write_ready(cx))?;
        if event.ready().is_write_closed() {
            let error = socket_error(fd.get_ref().as_fd());
            return Poll::Ready(Err(error.unwrap_or(Errno::CONNRESET.into())));
        }
        self.next_write = NextWrite::First;
        Poll::Ready(Ok(()))
    }

    /// Reads into the free space of `buffer`, which is compacted first only when there is none
    /// behind the data.
    pub fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut Buffer,
    ) -> Poll<io::Result<ReadOutcome>> {
        if buffer.space_len() == 0 {
            buffer.compact();
        }
        let space = buffer.space();
        if space.is_empty() {
            return Poll::Ready(Ok(ReadOutcome::Full));
        }
        let n = ready!(self.poll_read_with(cx, |fd| {
            let (_, bytes) = rustix::net::recv(fd, &mut *space, RecvFlags::empty())?;
            // End of stream is final, so there is no later event to wait for.
            let more = bytes == 0 || bytes == space.len();
            Ok(Moved { bytes, more })
        }))?;
        buffer.commit(n);
        Poll::Ready(Ok(match n {
            0 => ReadOutcome::Eof,
            n => ReadOutcome::Data(n),
        }))
    }

    /// Writes a prefix of `bytes` and returns its length.
    pub fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let flags = self.send_flags();
        self.poll_write_with(cx, |fd| {
            sent(rustix::net::send(fd, bytes, flags), bytes.len())
        })
    }

    /// Writes a prefix of the concatenated `slices` in one system call and returns its length.
    pub fn poll_write_vectored(
        &mut self,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let total = slices
            .iter()
            .fold(0usize, |n, slice| n.saturating_add(slice.len()));
        let flags = self.send_flags();
        self.poll_write_with(cx, |fd| {
            let mut control = SendAncillaryBuffer::default();
            sent(rustix::net::sendmsg(fd, slices, &mut control, flags), total)
        })
    }

    /// What the next write is given is the last: once all of it is written our direction ends, and
    /// the end leaves in one packet with those bytes.
    pub fn end_with_next_write(&mut self) {
        self.next_write = NextWrite::Last;
    }

    fn send_flags(&self) -> SendFlags {
        match self.next_write {
            NextWrite::Last => SendFlags::NOSIGNAL | SendFlags::MORE,
            _ => SendFlags::NOSIGNAL,
        }
    }

    /// Ends our direction: the peer reads end of stream after what was written.
    pub fn shutdown_write(&self) -> io::Result<()> {
        Ok(rustix::net::shutdown(self.fd()?, Shutdown::Write)?)
    }

    /// Closes abruptly: the peer sees a reset, nothing lingers in `TIME_WAIT`, and unsent bytes
    /// are dropped.
    pub fn abort(self) {
        self.linger_none();
    }

    /// Sets the type of service of packets sent, the low eight bits of `tos`. A socket that has
    /// none, such as a UNIX one, is left alone.
    pub fn set_tos(&self, tos: u32) {
        let Ok(fd) = self.fd() else { return };
        let _ = match self.peer.ip() {
            Some(IpAddr::V6(_)) => sockopt::set_ipv6_tclass(fd, tos & 0xff),
            _ => sockopt::set_ip_tos(fd, (tos & 0xff) as u8),
        };
    }

    /// Sets the firewall mark of packets sent, if this process may (`CAP_NET_ADMIN`).
    pub fn set_mark(&self, mark: u32) {
        if let Ok(fd) = self.fd() {
            let _ = SockRef::from(&fd).set_mark(mark);
        }
    }

    /// Makes a later drop send a reset that lives for this many hops only.
    pub fn drop_silently(&self, hops: u8) {
        let Ok(fd) = self.fd() else { return };
        // What was received is acknowledged, so that the peer does not send it again.
        let _ = sockopt::set_tcp_quickack(fd, true);
        let _ = match self.peer.ip() {
            Some(IpAddr::V6(_)) => sockopt::set_ipv6_unicast_hops(fd, Some(hops)),
            _ => sockopt::set_ip_ttl(fd, hops.into()),
        };
        self.linger_none();
    }

    /// Makes a later drop act like [`Stream::abort`].
    pub fn linger_none(&self) {
        if let Ok(fd) = self.fd() {
            // A UNIX socket ignores it, and a socket already broken needs none.
            let _ = sockopt::set_socket_linger(fd, Some(Duration::ZERO));
        }
    }

    /// Watches a connection that should be silent. Ready once bytes or an end have arrived; while
    /// pending the task is woken by either. A system call is made only after an event.
    pub fn poll_activity(&mut self, cx: &mut Context<'_>) -> Poll<Activity> {
        let seen = ready!(self.poll_read_with(cx, |fd| {
            peek(fd).map(|bytes| Moved { bytes, more: true })
        }));
        Poll::Ready(match seen {
            Ok(0) | Err(_) => Activity::Closed,
            Ok(_) => Activity::Data,
        })
    }

    /// Whether nothing has arrived on an idle connection: no bytes, no end. Once registered this
    /// is answered from the last events, without a system call unless there was one.
    pub fn is_quiet(&self) -> bool {
        match &self.io {
            Io::Registered(fd) if !self.read_at_once => {
                let seen = fd.try_io(Interest::READABLE, |fd| Ok(peek(fd.as_fd())?));
                matches!(seen, Err(e) if e.kind() == io::ErrorKind::WouldBlock)
            }
            Io::Registered(fd) => peek(fd.as_fd()) == Err(Errno::AGAIN),
            Io::Direct(fd) => peek(fd.as_fd()) == Err(Errno::AGAIN),
            Io::Gone => false,
        }
    }

    /// Watches for the peer closing its direction, or both, or the connection breaking, while
    /// unread bytes may wait: those stay unread and do not complete this.
    pub fn poll_hangup(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Ok(fd) = self.io.reading() else {
            return Poll::Ready(());
        };
        loop {
            match ready!(fd.poll_read_ready(cx)) {
                Ok(mut event) if !event.ready().is_read_closed() => {
                    // The event is used up while bytes remain: the next read has to ask.
                    self.read_at_once = true;
                    event.clear_ready();
                }
                Ok(_) | Err(_) => return Poll::Ready(()),
            }
        }
    }

    /// Watches for the peer resetting the connection. Unread bytes stay unread and do not complete this,
    /// nor does the peer closing its direction.
    pub fn poll_broken(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Ok(fd) = self.io.reading() else {
            return Poll::Ready(());
        };
        loop {
            match ready!(fd.poll_read_ready(cx)) {
                Ok(mut event) if matches!(sockopt::socket_error(fd), Ok(Ok(()))) => {
                    self.read_at_once = true;
                    event.clear_ready();
                }
                Ok(_) | Err(_) => return Poll::Ready(()),
            }
        }
    }

    /// Whether the connection is over on both sides, or broken. A TCP peer that closes says no more than that
    /// it sends nothing: it is seen here only once it refuses what we send.
    pub fn is_over(&self) -> bool {
        let Ok(fd) = self.fd() else { return true };
        let mut asked = [PollFd::from_borrowed_fd(fd, PollFlags::empty())];
        let told = poll(&mut asked, Some(&Timespec::default())).is_ok();
        let [asked] = asked;
        told && asked.revents().intersects(PollFlags::HUP | PollFlags::ERR)
    }

    /// The other end: as accepted, or as asked to connect to.
    pub fn peer(&self) -> Endpoint {
        self.peer
    }

    /// Has `guard` dropped when the connection ends, in place of an earlier one.
    pub fn tie(&mut self, guard: impl Any + Send + Sync) {
        self.tied = Some(Box::new(guard));
    }

    /// What [`Stream::tie`] was given, if it was of this type.
    pub fn tied<T: Any>(&self) -> Option<&T> {
        self.tied.as_ref()?.downcast_ref()
    }

    /// Our end; asked from the kernel the first time.
    pub fn local(&self) -> Endpoint {
        if let Some(known) = self.local.get() {
            return known;
        }
        let asked = self.fd().ok().and_then(local_endpoint);
        let local = asked.unwrap_or(Endpoint::Unknown);
        self.local.set(Some(local));
        local
    }

    /// Takes the socket's pending asynchronous error, if there is one.
    pub fn socket_error(&self) -> Option<io::Error> {
        self.fd().ok().and_then(socket_error)
    }

    /// The descriptor, unless registration failed.
    pub(super) fn fd(&self) -> io::Result<BorrowedFd<'_>> {
        match &self.io {
            Io::Direct(fd) => Ok(fd.as_fd()),
            Io::Registered(fd) => Ok(fd.get_ref().as_fd()),
            Io::Gone => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    /// Runs `op`, a reading system call, when the socket may be readable.
    pub(super) fn poll_read_with(
        &mut self,
        cx: &mut Context<'_>,
        mut op: impl FnMut(BorrowedFd<'_>) -> Result<Moved, Errno>,
    ) -> Poll<io::Result<usize>> {
        while self.read_at_once {
            match op(self.fd()?) {
                Ok(moved) => {
                    self.read_at_once = moved.more;
                    return Poll::Ready(Ok(moved.bytes));
                }
                Err(Errno::AGAIN) => self.read_at_once = false,
                Err(Errno::INTR) => {}
                Err(e) => return Poll::Ready(Err(e.into())),
            }
        }
        let fd = self.io.reading()?;
        loop {
            let mut event = ready!(fd.poll_read_ready(cx))?;
            match op(fd.get_ref().as_fd()) {
                Ok(moved) => {
                    if !moved.more {
                        event.clear_ready();
                    }
                    return Poll::Ready(Ok(moved.bytes));
                }
                Err(Errno::AGAIN) => event.clear_ready(),
                Err(Errno::INTR) => {}
                Err(e) => return Poll::Ready(Err(e.into())),
            }
        }
    }

    /// Runs `op`, a writing system call, when the socket may be writable.
    pub(super) fn poll_write_with(
        &mut self,
        cx: &mut Context<'_>,
        mut op: impl FnMut(BorrowedFd<'_>) -> Result<Moved, Errno>,
    ) -> Poll<io::Result<usize>> {
        if self.next_write == NextWrite::Second {
            sockopt::set_tcp_nodelay(self.fd()?, true)?;
            self.next_write = NextWrite::Another;
        }
        while !self.awaits_room {
            match op(self.fd()?) {
                Ok(moved) => {
                    if !moved.more {
                        self.io.writing(&mut self.awaits_room, cx)?;
                    }
                    self.has_sent(moved.more);
                    return Poll::Ready(Ok(moved.bytes));
                }
                Err(Errno::AGAIN) => {
                    self.io.writing(&mut self.awaits_room, cx)?;
                }
                Err(Errno::INTR) => {}
                Err(e) => return Poll::Ready(Err(e.into())),
            }
        }
        let fd = self.io.writing(&mut self.awaits_room, cx)?;
        loop {
            let mut event = ready!(fd.poll_write_ready(cx))?;
            match op(fd.get_ref().as_fd()) {
                Ok(moved) => {
                    if !moved.more {
                        event.clear_ready();
                    }
                    self.has_sent(moved.more);
                    return Poll::Ready(Ok(moved.bytes));
                }
                Err(Errno::AGAIN) => event.clear_ready(),
                Err(Errno::INTR) => {}
                Err(e) => return Poll::Ready(Err(e.into())),
            }
        }
    }

    /// Something was sent, or `all` that was to be.
    fn has_sent(&mut self, all: bool) {
        match self.next_write {
            NextWrite::Connecting | NextWrite::First => self.next_write = NextWrite::Second,
            NextWrite::Last if all => {
                // A peer that has left meanwhile needs no end.
                let _ = self.shutdown_write();
            }
            NextWrite::Second | NextWrite::Another | NextWrite::Last => {}
        }
    }
}

impl Io {
    /// The registration with the reactor of the current worker, made on first use.
    fn reading(&mut self) -> io::Result<&AsyncFd<OwnedFd>> {
        if matches!(self, Self::Direct(_)) {
            *self = Self::Registered(register_for(self.take()?, Interest::READABLE)?);
        }
        self.registration()
    }

    /// The same, for room to send too. Who waited for something to arrive is asked again.
    fn writing(
        &mut self,
        awaits_room: &mut bool,
        cx: &Context<'_>,
    ) -> io::Result<&AsyncFd<OwnedFd>> {
        if !*awaits_room {
            if matches!(self, Self::Registered(_)) {
                cx.waker().wake_by_ref();
            }
            *self = Self::Registered(register(self.take()?)?);
            *awaits_room = true;
        }
        self.registration()
    }

    /// The socket, which nobody waits for from here on.
    fn take(&mut self) -> io::Result<OwnedFd> {
        match std::mem::replace(self, Self::Gone) {
            Self::Direct(fd) => Ok(fd),
            Self::Registered(fd) => Ok(fd.into_inner()),
            Self::Gone => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    fn registration(&self) -> io::Result<&AsyncFd<OwnedFd>> {
        match self {
            Self::Registered(fd) => Ok(fd),
            Self::Direct(_) | Self::Gone => Err(io::ErrorKind::NotConnected.into()),
        }
    }
}

/// Adds a descriptor to the current worker's reactor, for reading and writing.
pub(crate) fn register<T: AsRawFd>(fd: T) -> io::Result<AsyncFd<T>> {
    register_for(fd, Interest::READABLE | Interest::WRITABLE)
}

#[allow(
    deprecated,
    reason = "newer tokio wants a promise, through an unsafe fn, that the descriptor stays open; all that is registered owns it"
)]
fn register_for<T: AsRawFd>(fd: T, interest: Interest) -> io::Result<AsyncFd<T>> {
    AsyncFd::with_interest(fd, interest)
}

/// The endpoint a socket address stands for.
pub(super) fn endpoint(addr: SocketAddrAny) -> Endpoint {
    match SocketAddr::try_from(addr.clone()) {
        Ok(inet) => Endpoint::Inet(inet),
        Err(_) if addr.address_family() == AddressFamily::UNIX => Endpoint::Unix,
        Err(_) => Endpoint::Unknown,
    }
}

fn local_endpoint(fd: BorrowedFd<'_>) -> Option<Endpoint> {
    rustix::net::getsockname(fd).ok().map(endpoint)
}

fn socket_error(fd: BorrowedFd<'_>) -> Option<io::Error> {
    match sockopt::socket_error(fd) {
        Ok(Ok(())) => None,
        Ok(Err(e)) | Err(e) => Some(e.into()),
    }
}

fn new_socket(family: AddressFamily) -> io::Result<OwnedFd> {
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    Ok(rustix::net::socket_with(
        family,
        SocketType::STREAM,
        flags,
        None,
    )?)
}

fn connect_tcp(to: SocketAddr, options: ConnectOptions) -> io::Result<Stream> {
    let family = match to {
        SocketAddr::V4(_) => AddressFamily::INET,
        SocketAddr::V6(_) => AddressFamily::INET6,
    };
    let socket = new_socket(family)?;
    if let Some(source) = options.source {
        sockopt::set_socket_reuseaddr(&socket, true)?;
        rustix::net::bind(&socket, &source)?;
    }
    if options.sends_first {
        // Only a packet is saved by it.
        let _ = sockopt::set_tcp_quickack(&socket, false);
    }
    let next_write = match rustix::net::connect(&socket, &to) {
        Ok(()) => NextWrite::First,
        Err(Errno::INPROGRESS | Errno::INTR) => NextWrite::Connecting,
        Err(e) => return Err(e.into()),
    };
    Ok(Stream {
        read_at_once: false,
        next_write,
        tied: None,
        ..Stream::accepted(socket, Endpoint::Inet(to))
    })
}

/// A UNIX socket connects at once or not at all.
fn connect_unix(to: &SocketAddrUnix) -> io::Result<Stream> {
    let socket = new_socket(AddressFamily::UNIX)?;
    rustix::net::connect(&socket, to)?;
    Ok(Stream {
        read_at_once: false,
        ..Stream::accepted(socket, Endpoint::Unix)
    })
}

/// A short send means the socket's buffer is full.
fn sent(result: Result<usize, Errno>, wanted: usize) -> Result<Moved, Errno> {
    result.map(|bytes| Moved {
        bytes,
        more: bytes == wanted,
    })
}

fn peek(fd: BorrowedFd<'_>) -> Result<usize, Errno> {
    let mut byte = [0];
    rustix::net::recv(fd, &mut byte, RecvFlags::PEEK).map(|(_, n)| n)
}

#[cfg(test)]
mod tests;
