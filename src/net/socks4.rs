//! Asking a SOCKS4 proxy for a connection, as HAProxy does: user `HAProxy`, no host names.

use super::{Buffer, ReadOutcome, Stream};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::task::{Context, Poll, ready};

/// Length of an answer.
const ANSWER_LEN: usize = 8;
/// What an answer says that grants the request.
const GRANTED: u8 = 90;

/// A request under way on a connection to a proxy.
#[derive(Debug)]
pub struct Socks4 {
    request: [u8; 16],
    sent: usize,
    answer: Buffer,
}

impl Socks4 {
    /// Asks for a connection to `to`.
    ///
    /// # Errors
    /// The protocol knows no IPv6 addresses but those that stand for IPv4 ones.
    pub fn new(to: SocketAddr) -> io::Result<Self> {
        let IpAddr::V4(ip) = to.ip().to_canonical() else {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "a SOCKS4 proxy cannot connect to IPv6 addresses",
            ));
        };
        let [high, low] = to.port().to_be_bytes();
        let [a, b, c, d] = ip.octets();
        let mut request = *b"\x04\x01......HAProxy\0";
        let (_, rest) = request.split_at_mut(2);
        rest.iter_mut()
            .zip([high, low, a, b, c, d])
            .for_each(|(place, byte)| *place = byte);
        Ok(Self {
            request,
            sent: 0,
            answer: Buffer::new(ANSWER_LEN),
        })
    }

    /// Connects, asks, and goes on until the proxy has connected; what follows on `stream` is from the server.
    ///
    /// # Errors
    /// Those of the connection, and what the proxy refuses.
    pub fn poll(&mut self, stream: &mut Stream, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(stream.poll_connected(cx))?;
        while let Some(rest) = self
            .request
            .get(self.sent..)
            .filter(|rest| !rest.is_empty())
        {
            self.sent += ready!(stream.poll_write(cx, rest))?;
        }
        while self.answer.data().len() < ANSWER_LEN {
            match ready!(stream.poll_read(cx, &mut self.answer))? {
                ReadOutcome::Data(_) => {}
                ReadOutcome::Eof | ReadOutcome::Full => {
                    let why = "SOCKS4 Proxy read error during handshake";
                    return Poll::Ready(Err(io::Error::new(io::ErrorKind::UnexpectedEof, why)));
                }
            }
        }
        Poll::Ready(match self.answer.data() {
            [0, GRANTED, ..] => Ok(()),
            _ => Err(io::Error::new(
                io::ErrorKind::ConnectionRefused,
                "SOCKS4 Proxy deny the request",
            )),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_name_port_and_address() {
        let check = |to: &str, expected: Option<&[u8]>| {
            let made = Socks4::new(to.parse().unwrap()).ok();
            assert_eq!(made.as_ref().map(|s| &s.request[..]), expected, "{to}");
        };
        check(
            "1.2.3.4:80",
            Some(b"\x04\x01\x00\x50\x01\x02\x03\x04HAProxy\0"),
        );
        check(
            "[::ffff:1.2.3.4]:258",
            Some(b"\x04\x01\x01\x02\x01\x02\x03\x04HAProxy\0"),
        );
        check("[::1]:80", None);
    }
}
