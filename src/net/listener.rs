//! Accepting connections on one worker.
//!
//! An [`Accepted`] socket belongs to no reactor yet: it may be sent to another worker before its
//! first read. Running out of descriptors or memory pauses the acceptor on a timer; it never
//! spins. Deliberately absent: connection limits. Who has reached one stops polling, and
//! connections wait in the kernel's backlog.

use super::address::Endpoint;
use super::stream::{Stream, endpoint, register};
use super::timer::{Timer, Wheel};
use crate::clock::{Clock, Millis, NEVER};
use rustix::io::Errno;
use rustix::net::SocketFlags;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::unix::AsyncFd;

/// How long accepting pauses after the system refused, in milliseconds.
const PAUSE_MS: Millis = 100;

/// A listening socket in a worker's reactor.
#[derive(Debug)]
pub struct Acceptor {
    socket: AsyncFd<Arc<OwnedFd>>,
    /// Set while paused.
    pause: Timer,
    clock: Clock,
}

/// A fresh connection that no worker owns yet.
#[derive(Debug)]
pub struct Accepted {
    /// The socket, non-blocking and close-on-exec.
    pub socket: OwnedFd,
    /// Who connected.
    pub peer: Endpoint,
}

impl Accepted {
    /// Makes it a connection of the worker that calls this.
    pub fn into_stream(self) -> Stream {
        Stream::accepted(self.socket, self.peer)
    }
}

impl Acceptor {
    /// Registers a listening socket of [`super::open`] with the current worker.
    pub fn new(socket: Arc<OwnedFd>, wheel: &Wheel, clock: Clock) -> io::Result<Self> {
        Ok(Self {
            socket: register(socket)?,
            pause: wheel.timer(),
            clock,
        })
    }

    /// A connection that already waits, without waiting for one.
    pub fn accept_now(&self) -> Option<Accepted> {
        loop {
            match self.accept() {
                Ok(accepted) => return Some(accepted),
                Err(Errno::INTR | Errno::CONNABORTED | Errno::PROTO) => {}
                Err(_) => return None,
            }
        }
    }

    fn accept(&self) -> rustix::io::Result<Accepted> {
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let (socket, from) = rustix::net::acceptfrom_with(self.socket.get_ref(), flags)?;
        let peer = from.map_or(Endpoint::Unix, endpoint);
        Ok(Accepted { socket, peer })
    }

    /// The next connection. An error (too many open files, no memory…) is reported once, to be
    /// counted and logged; nothing is accepted for the 100 ms after it. Connections that broke
    /// while they waited are passed over.
    pub fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Accepted>> {
        if self.pause.deadline() != NEVER {
            ready!(self.pause.poll_fired(cx));
            self.pause.clear();
        }
        loop {
            let mut event = ready!(self.socket.poll_read_ready(cx))?;
            match self.accept() {
                Ok(accepted) => return Poll::Ready(Ok(accepted)),
                Err(Errno::AGAIN) => event.clear_ready(),
                Err(Errno::INTR | Errno::CONNABORTED | Errno::PROTO) => {}
                Err(e) => {
                    let now = self.clock.now();
                    self.pause.set(now.saturating_add(PAUSE_MS));
                    return Poll::Ready(Err(e.into()));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::{Buffer, ListenAddr, ListenOptions, ReadOutcome, open};
    use std::future::poll_fn;
    use std::io::Write;
    use std::net::{SocketAddr, TcpStream};
    use std::task::Waker;

    struct Setup {
        acceptor: Acceptor,
        to: SocketAddr,
        wheel: Wheel,
        clock: Clock,
    }

    fn setup() -> Setup {
        let addr = ListenAddr::Tcp("127.0.0.1:0".parse().unwrap());
        let mut opened = open(&addr, &ListenOptions::default(), 1).unwrap();
        let Endpoint::Inet(to) = opened.local else {
            panic!("a TCP address");
        };
        let clock = Clock::manual(1000);
        let wheel = Wheel::new(clock.now());
        let socket = Arc::new(opened.sockets.remove(0));
        let acceptor = Acceptor::new(socket, &wheel, clock.clone()).unwrap();
        Setup {
            acceptor,
            to,
            wheel,
            clock,
        }
    }

    fn once(acceptor: &mut Acceptor) -> Poll<io::Result<Accepted>> {
        acceptor.poll_accept(&mut Context::from_waker(Waker::noop()))
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_accepted_socket_may_be_served_by_another_worker() {
        let mut setup = setup();
        let mut client = TcpStream::connect(setup.to).unwrap();
        let accepted = poll_fn(|cx| setup.acceptor.poll_accept(cx)).await.unwrap();
        assert_eq!(accepted.peer, Endpoint::Inet(client.local_addr().unwrap()));
        let other = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_io()
                .build();
            runtime.unwrap().block_on(async {
                let mut stream = accepted.into_stream();
                let mut buffer = Buffer::new(8);
                poll_fn(|cx| stream.poll_read(cx, &mut buffer))
                    .await
                    .unwrap()
            })
        });
        client.write_all(b"hello").unwrap();
        assert_eq!(other.join().unwrap(), ReadOutcome::Data(5));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn several_connections_are_taken_after_one_event() {
        let mut setup = setup();
        let _clients = [(); 3].map(|()| TcpStream::connect(setup.to).unwrap());
        poll_fn(|cx| setup.acceptor.poll_accept(cx)).await.unwrap();
        assert!(once(&mut setup.acceptor).is_ready());
        assert!(once(&mut setup.acceptor).is_ready());
        assert!(once(&mut setup.acceptor).is_pending());
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_refusal_of_the_system_pauses_and_is_reported_once() {
        let mut setup = setup();
        // A listener that was shut answers EINVAL.
        let socket = setup.acceptor.socket.get_ref();
        rustix::net::shutdown(socket, rustix::net::Shutdown::Read).unwrap();
        assert!(poll_fn(|cx| setup.acceptor.poll_accept(cx)).await.is_err());
        assert!(once(&mut setup.acceptor).is_pending());
        setup.clock.advance(PAUSE_MS + 8);
        setup.wheel.advance(setup.clock.now());
        assert!(matches!(once(&mut setup.acceptor), Poll::Ready(Err(_))));
    }
}
