//! Moving bytes from one stream to another inside the kernel.
//!
//! A [`Splicer`] owns a pipe. It fills the pipe only when it is empty, so that `EAGAIN` always
//! speaks of a socket, and it takes nothing from the source while the destination is full. What
//! was read into a buffer before must be written by the caller first. Deliberately absent:
//! framing. `max` says where a body ends.

use super::stream::{Moved, Stream};
use rustix::io::Errno;
use rustix::pipe::{PipeFlags, SpliceFlags, fcntl_setpipe_size, pipe_with, splice};
use std::cell::RefCell;
use std::io;
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::task::{Context, Poll};

/// Most bytes asked for at once when `max` does not say less.
const CHUNK: usize = 1 << 20;
/// Most times the pipe is filled before the caller gets to look at other things.
const ROUNDS: usize = 2;

/// A worker's stock of empty pipes. Clones share the stock.
#[derive(Clone, Debug)]
pub struct PipePool {
    shared: Rc<Stock>,
}

#[derive(Debug)]
struct Stock {
    free: RefCell<Vec<Pipe>>,
    keep: usize,
    size: Option<usize>,
}

#[derive(Debug)]
struct Pipe {
    read: OwnedFd,
    write: OwnedFd,
}

impl PipePool {
    /// A pool that keeps at most `keep` free pipes (two descriptors each), made with `size` bytes
    /// (`tune.pipesize`) or the system's default.
    pub fn new(keep: usize, size: Option<usize>) -> Self {
        Self {
            shared: Rc::new(Stock {
                free: RefCell::new(Vec::new()),
                keep,
                size,
            }),
        }
    }

    /// A splicer with an empty pipe. Fails when descriptors run out: copy instead.
    pub fn splicer(&self) -> io::Result<Splicer> {
        let kept = self.shared.free.borrow_mut().pop();
        Ok(Splicer {
            pipe: Some(kept.map_or_else(|| self.open(), Ok)?),
            buffered: 0,
            pool: self.clone(),
        })
    }

    fn open(&self) -> io::Result<Pipe> {
        let (read, write) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
        if let Some(size) = self.shared.size {
            // The system's limit for unprivileged users may forbid it; any size works.
            let _ = fcntl_setpipe_size(&write, size);
        }
        Ok(Pipe { read, write })
    }

    fn give(&self, pipe: Pipe) {
        let mut free = self.shared.free.borrow_mut();
        if free.len() < self.shared.keep {
            free.push(pipe);
        }
    }
}

/// A pipe between two streams, in one direction. Dropping it returns an empty pipe to its pool.
#[derive(Debug)]
pub struct Splicer {
    /// Present until drop.
    pipe: Option<Pipe>,
    buffered: usize,
    pool: PipePool,
}

/// What one [`Splicer::poll_transfer`] moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Transfer {
    /// Bytes taken from the source.
    pub received: usize,
    /// Bytes given to the destination, those that waited in the pipe included.
    pub sent: usize,
    /// The source will send nothing more; nothing waits in the pipe.
    pub eof: bool,
}

impl Transfer {
    fn moved(&self) -> bool {
        self.received > 0 || self.sent > 0
    }
}

/// Whose fault it was.
#[derive(Debug)]
pub enum TransferError {
    /// Reading from the source failed. `InvalidInput` means it can't be spliced.
    Source(io::Error),
    /// Writing to the destination failed. `InvalidInput` means it can't be spliced.
    Destination(io::Error),
}

impl Splicer {
    /// Bytes taken from the source that the destination has not got. While there are any, a pending
    /// transfer waits for the destination, otherwise for the source.
    pub fn buffered(&self) -> usize {
        self.buffered
    }

    /// Moves as much as both sides allow, taking at most `max` bytes from `from`. Ready with what
    /// was moved (possibly more can be: call again), with nothing moved only at `max` 0 or at the
    /// end of the source; pending when nothing could be moved. After an error the streams are of
    /// no more use to it.
    pub fn poll_transfer(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut Stream,
        to: &mut Stream,
        max: usize,
    ) -> Poll<Result<Transfer, TransferError>> {
        let mut done = Transfer::default();
        for _ in 0..ROUNDS {
            while self.buffered > 0 {
                match self.poll_out(cx, to) {
                    Poll::Ready(Ok(n)) => done.sent += n,
                    Poll::Ready(Err(e)) => return Poll::Ready(Err(TransferError::Destination(e))),
                    Poll::Pending if done.moved() => return Poll::Ready(Ok(done)),
                    Poll::Pending => return Poll::Pending,
                }
            }
            let wanted = max.saturating_sub(done.received);
            if wanted == 0 {
                break;
            }
            match self.poll_in(cx, from, wanted) {
                Poll::Ready(Ok(0)) => {
                    done.eof = true;
                    break;
                }
                Poll::Ready(Ok(n)) => done.received += n,
                Poll::Ready(Err(e)) => return Poll::Ready(Err(TransferError::Source(e))),
                Poll::Pending if done.moved() => break,
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(Ok(done))
    }

    /// Fills the empty pipe; 0 is the end of the source.
    fn poll_in(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut Stream,
        wanted: usize,
    ) -> Poll<io::Result<usize>> {
        debug_assert_eq!(
            self.buffered, 0,
            "a full pipe would look like a silent socket"
        );
        let Some(pipe) = &self.pipe else {
            return Poll::Ready(Ok(0));
        };
        let polled = from.poll_read_with(cx, |fd| {
            let n = splice(fd, None, &pipe.write, None, wanted.min(CHUNK), flags())?;
            Ok(Moved {
                bytes: n,
                more: true,
            })
        });
        if let Poll::Ready(Ok(n)) = polled {
            self.buffered = n;
        }
        polled
    }

    /// Empties the pipe as far as the destination allows.
    fn poll_out(&mut self, cx: &mut Context<'_>, to: &mut Stream) -> Poll<io::Result<usize>> {
        let Some(pipe) = &self.pipe else {
            return Poll::Ready(Ok(0));
        };
        let wanted = self.buffered;
        let polled = to.poll_write_with(cx, |fd| {
            match splice(&pipe.read, None, fd, None, wanted, flags())? {
                // The pipe can't be at its end while it holds bytes.
                0 => Err(Errno::PIPE),
                bytes => Ok(Moved {
                    bytes,
                    more: bytes == wanted,
                }),
            }
        });
        if let Poll::Ready(Ok(n)) = polled {
            self.buffered = self.buffered.saturating_sub(n);
        }
        polled
    }
}

impl Drop for Splicer {
    fn drop(&mut self) {
        if let (Some(pipe), 0) = (self.pipe.take(), self.buffered) {
            self.pool.give(pipe);
        }
    }
}

fn flags() -> SpliceFlags {
    SpliceFlags::MOVE | SpliceFlags::NONBLOCK
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Endpoint;
    use std::future::poll_fn;
    use std::io::{Read, Write};
    use std::net::{Shutdown, TcpListener, TcpStream};
    use std::os::unix::net::UnixStream;
    use std::task::Waker;

    fn tcp_pair() -> (Stream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let peer = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (ours, _) = listener.accept().unwrap();
        ours.set_nonblocking(true).unwrap();
        (Stream::accepted(ours.into(), Endpoint::Unknown), peer)
    }

    fn unix_pair() -> (Stream, UnixStream) {
        let (ours, peer) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        (Stream::accepted(ours.into(), Endpoint::Unix), peer)
    }

    async fn transfer(
        splicer: &mut Splicer,
        from: &mut Stream,
        to: &mut Stream,
        max: usize,
    ) -> Transfer {
        poll_fn(|cx| splicer.poll_transfer(cx, from, to, max))
            .await
            .unwrap()
    }

    #[tokio::test(flavor = "current_thread")]
    async fn takes_no_more_than_asked_for() {
        let pool = PipePool::new(1, None);
        let mut splicer = pool.splicer().unwrap();
        let ((mut from, mut client), (mut to, mut server)) = (tcp_pair(), tcp_pair());
        client.write_all(b"body|next").unwrap();
        let moved = transfer(&mut splicer, &mut from, &mut to, 4).await;
        assert_eq!(
            moved,
            Transfer {
                received: 4,
                sent: 4,
                eof: false
            }
        );
        let nothing = transfer(&mut splicer, &mut from, &mut to, 0).await;
        assert_eq!(nothing, Transfer::default());
        let mut seen = [0; 4];
        server.read_exact(&mut seen).unwrap();
        assert_eq!(&seen, b"body");
        client.shutdown(Shutdown::Write).unwrap();
        let rest = transfer(&mut splicer, &mut from, &mut to, usize::MAX).await;
        assert_eq!((rest.received, rest.sent), (5, 5));
        let end = Transfer {
            eof: true,
            ..Transfer::default()
        };
        if !rest.eof {
            assert_eq!(
                transfer(&mut splicer, &mut from, &mut to, usize::MAX).await,
                end
            );
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_full_destination_holds_the_source_back_and_nothing_is_lost() {
        let pool = PipePool::new(1, Some(1 << 18));
        let mut splicer = pool.splicer().unwrap();
        let ((mut from, mut client), (mut to, mut server)) = (tcp_pair(), tcp_pair());
        let total = 32 << 20;
        let sender = std::thread::spawn(move || {
            let block: Vec<u8> = (0..=255).cycle().take(1 << 16).collect();
            for _ in 0..total / block.len() {
                client.write_all(&block).unwrap();
            }
        });
        let (mut received, mut sent) = (0, 0);
        let mut cx = Context::from_waker(Waker::noop());
        loop {
            match splicer.poll_transfer(&mut cx, &mut from, &mut to, usize::MAX) {
                Poll::Ready(moved) => {
                    let moved = moved.unwrap();
                    (received, sent) = (received + moved.received, sent + moved.sent);
                }
                Poll::Pending if splicer.buffered() > 0 => break,
                Poll::Pending => tokio::task::yield_now().await,
            }
        }
        assert_eq!(received - sent, splicer.buffered());
        let receiver = std::thread::spawn(move || {
            let mut seen = Vec::new();
            server.read_to_end(&mut seen).unwrap();
            seen
        });
        loop {
            let moved = transfer(&mut splicer, &mut from, &mut to, usize::MAX).await;
            sent += moved.sent;
            if moved.eof {
                break;
            }
        }
        drop(to);
        sender.join().unwrap();
        let seen = receiver.join().unwrap();
        assert_eq!((sent, seen.len()), (total, total));
        assert!(seen.iter().zip((0..=255).cycle()).all(|(a, b)| *a == b));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn unix_sockets_splice_too() {
        let pool = PipePool::new(1, None);
        let mut splicer = pool.splicer().unwrap();
        let ((mut from, mut client), (mut to, mut server)) = (unix_pair(), tcp_pair());
        client.write_all(b"hello").unwrap();
        drop(client);
        while !transfer(&mut splicer, &mut from, &mut to, usize::MAX)
            .await
            .eof
        {}
        drop(to);
        let mut seen = String::new();
        server.read_to_string(&mut seen).unwrap();
        assert_eq!(seen, "hello");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn the_side_that_failed_is_named() {
        let pool = PipePool::new(1, None);
        let mut splicer = pool.splicer().unwrap();
        let ((mut from, mut client), (mut to, _server)) = (tcp_pair(), tcp_pair());
        client.write_all(b"x").unwrap();
        to.shutdown_write().unwrap();
        let failed = poll_fn(|cx| splicer.poll_transfer(cx, &mut from, &mut to, 1)).await;
        assert!(matches!(failed, Err(TransferError::Destination(_))));
        drop(splicer);
        assert!(
            pool.shared.free.borrow().is_empty(),
            "its pipe is not empty"
        );
    }

    #[test]
    fn empty_pipes_are_kept_up_to_a_bound() {
        let pool = PipePool::new(1, None);
        let two = (pool.splicer().unwrap(), pool.splicer().unwrap());
        drop(two);
        assert_eq!(pool.shared.free.borrow().len(), 1);
    }
}
