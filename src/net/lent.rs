//! A connection on its way from one thread to another.
//!
//! What it was tied to stays behind, and neither side reads or writes meanwhile.

use super::{Endpoint, Stream};
use rustix::io::fcntl_dupfd_cloexec;
use std::io;
use std::os::fd::OwnedFd;

/// A connected socket that no thread watches.
#[derive(Debug)]
pub struct Lent {
    fd: OwnedFd,
    peer: Endpoint,
}

impl Lent {
    /// Takes a connection from the thread it belongs to.
    ///
    /// # Errors
    /// When the process has no descriptor left; the connection is closed then.
    pub fn of(stream: Stream) -> io::Result<Self> {
        Ok(Self {
            fd: fcntl_dupfd_cloexec(stream.fd()?, 0)?,
            peer: stream.peer(),
        })
    }

    /// Gives it to this thread.
    pub fn into_stream(self) -> Stream {
        Stream::accepted(self.fd, self.peer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Buffer;
    use std::future::poll_fn;
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};

    #[tokio::test]
    async fn a_connection_goes_on_in_another_thread() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let ours = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        ours.set_nonblocking(true).unwrap();
        let (mut peer, address) = listener.accept().unwrap();
        let lent = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let stream = Stream::accepted(ours.into(), Endpoint::Inet(address));
                assert!(stream.is_quiet());
                Lent::of(stream).unwrap()
            })
        });
        let mut stream = lent.join().unwrap().into_stream();
        assert_eq!(stream.peer(), Endpoint::Inet(address));
        poll_fn(|cx| stream.poll_write(cx, b"ping")).await.unwrap();
        let mut got = [0; 4];
        peer.read_exact(&mut got).unwrap();
        peer.write_all(b"pong").unwrap();
        let mut buffer = Buffer::new(16);
        poll_fn(|cx| stream.poll_read(cx, &mut buffer))
            .await
            .unwrap();
        assert_eq!((&got, buffer.data()), (b"ping", &b"pong"[..]));
    }
}
