//! Sockets that datagrams arrive on.

use super::address::Endpoint;
use super::stream::{endpoint, register};
use rustix::io::Errno;
use rustix::net::RecvFlags;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::unix::AsyncFd;

/// A datagram socket in a thread's reactor.
#[derive(Debug)]
pub struct DatagramSocket {
    socket: AsyncFd<Arc<OwnedFd>>,
}

impl DatagramSocket {
    /// Registers a socket of [`super::open_datagrams`] with the current thread.
    pub fn new(socket: Arc<OwnedFd>) -> io::Result<Self> {
        Ok(Self {
            socket: register(socket)?,
        })
    }

    /// The next datagram, as far as it fits `room`: its length and its sender.
    pub fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
        room: &mut [u8],
    ) -> Poll<io::Result<(usize, Endpoint)>> {
        loop {
            let mut event = ready!(self.socket.poll_read_ready(cx))?;
            let received =
                rustix::net::recvfrom(self.socket.get_ref(), &mut *room, RecvFlags::DONTWAIT);
            match received {
                Ok((length, _, from)) => {
                    let from = from.map_or(Endpoint::Unknown, endpoint);
                    return Poll::Ready(Ok((length.min(room.len()), from)));
                }
                Err(Errno::AGAIN) => event.clear_ready(),
                Err(Errno::INTR) => {}
                Err(error) => return Poll::Ready(Err(error.into())),
            }
        }
    }
}
