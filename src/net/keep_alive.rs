//! TCP keep-alive: the kernel asks a silent peer whether it is still there.
//!
//! Deliberately absent: whether to do so, which is configured.

use super::Stream;
use rustix::net::sockopt;
use std::time::Duration;

/// When the kernel asks: `clitcpka-idle`, `-intvl` and `-cnt`, or `srvtcpka-…`. What is 0 is as the
/// system says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeepAlive {
    /// Seconds of silence before the first probe.
    pub idle_s: u32,
    /// Seconds between probes.
    pub interval_s: u32,
    /// Probes without an answer after which the connection is broken.
    pub count: u32,
}

impl KeepAlive {
    /// Has the kernel probe this connection. What a socket cannot do, such as a UNIX one, or a value
    /// the kernel has no room for, is left alone.
    pub fn start(&self, stream: &Stream) {
        let Ok(fd) = stream.fd() else { return };
        let _ = sockopt::set_socket_keepalive(fd, true);
        if self.count > 0 {
            let _ = sockopt::set_tcp_keepcnt(fd, self.count);
        }
        let seconds = |value: u32| Duration::from_secs(value.into());
        if self.idle_s > 0 {
            let _ = sockopt::set_tcp_keepidle(fd, seconds(self.idle_s));
        }
        if self.interval_s > 0 {
            let _ = sockopt::set_tcp_keepintvl(fd, seconds(self.interval_s));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Endpoint;
    use std::net::{TcpListener, TcpStream};
    use std::os::unix::net::UnixStream;

    fn tcp() -> Stream {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        Stream::accepted(socket.into(), Endpoint::Unix)
    }

    /// What the kernel says: whether it probes, and after how many seconds, how often, how many times.
    fn read(stream: &Stream) -> (bool, u64, u64, u32) {
        let fd = stream.fd().unwrap();
        (
            sockopt::socket_keepalive(fd).unwrap(),
            sockopt::tcp_keepidle(fd).unwrap().as_secs(),
            sockopt::tcp_keepintvl(fd).unwrap().as_secs(),
            sockopt::tcp_keepcnt(fd).unwrap(),
        )
    }

    #[tokio::test]
    async fn the_kernel_is_told() {
        let (_, idle, interval, count) = read(&tcp());
        let check = |idle_s, interval_s, count, expected| {
            let stream = tcp();
            KeepAlive {
                idle_s,
                interval_s,
                count,
            }
            .start(&stream);
            assert_eq!(read(&stream), expected);
        };
        check(0, 0, 0, (true, idle, interval, count));
        check(30, 5, 3, (true, 30, 5, 3));
        check(0, 7, 0, (true, idle, 7, count));
        check(u32::MAX, u32::MAX, u32::MAX, (true, idle, interval, count));
    }

    #[tokio::test]
    async fn other_sockets_are_left_alone() {
        let (one, _other) = UnixStream::pair().unwrap();
        let stream = Stream::accepted(one.into(), Endpoint::Unix);
        KeepAlive {
            idle_s: 1,
            interval_s: 1,
            count: 1,
        }
        .start(&stream);
    }
}
