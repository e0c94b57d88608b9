//! Sending a ring's lines to its servers over connections (RFC 6587).
//!
//! One thread for each server of a ring, which connects when there is something to send, and again
//! a second after a failure. A line is sent again unless all of it was written before a connection
//! broke: a server may see one twice, cut the first time. What a server sends is never read: that
//! it closed is noticed before the next line. Deliberately absent: TLS.

use super::queue::Shared;
use super::ring::{Parcel, Ring};
use crate::clock::{Millis, NEVER};
use crate::net::{ServerAddr, abns_name};
use crate::settings::{LogFraming, RingServer, RingSpec};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::net::RecvFlags;
use std::io::{self, ErrorKind, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr as UnixAddr, UnixStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// Between attempts to connect.
const RETRY: Duration = Duration::from_secs(1);
/// For an address without `timeout connect`.
const CONNECT: Duration = Duration::from_secs(60);
/// What such a thread needs, many times over.
const STACK: usize = 256 * 1024;

/// Starts the threads of a ring.
pub(super) fn start(ring: &Arc<Ring>, shared: &Arc<Shared>) {
    for (index, server) in ring.spec.servers.iter().enumerate() {
        let sender = Sender {
            ring: Arc::clone(ring),
            shared: Arc::clone(shared),
            server: server.clone(),
            index,
        };
        ring.sender_begins();
        let thread = thread::Builder::new()
            .name("ring".to_owned())
            .stack_size(STACK)
            .spawn(move || sender.run());
        if thread.is_err() {
            // Its lines are lost and counted as they come.
            ring.sender_ends(index);
        }
    }
}

struct Sender {
    ring: Arc<Ring>,
    shared: Arc<Shared>,
    server: RingServer,
    index: usize,
}

enum Connection {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Sender {
    fn run(self) {
        let mut parcel = Parcel::default();
        let mut connection: Option<Connection> = None;
        let push = match self.server.framing {
            LogFraming::Lines => push_line,
            LogFraming::Counted => push_counted,
        };
        while self.ring.take(self.index, &mut parcel, push) {
            connection = connection.filter(Connection::is_open);
            let open = match connection.take() {
                Some(open) => Ok(open),
                None => {
                    let addr = self.ring.addr(self.index, &self.server.addr);
                    Connection::open(&addr, &self.ring.spec)
                }
            };
            let (written, result) = match open {
                Ok(mut open) => {
                    let (written, result) = open.write_all(&parcel.text);
                    (written, result.map(|()| connection = Some(open)))
                }
                Err(error) => (0, Err(error)),
            };
            let whole = parcel.ends.iter().take_while(|&&end| end <= written);
            self.ring.sent(self.index, whole.count());
            if result.is_err() && !self.ring.pause(RETRY) {
                break;
            }
        }
        self.shared.count_dropped(self.ring.sender_ends(self.index));
    }
}

fn push_line(out: &mut Vec<u8>, line: &[u8]) {
    // A line feed inside would make two of it.
    out.extend(line.iter().map(|&byte| match byte {
        b'\n' => b' ',
        byte => byte,
    }));
    out.push(b'\n');
}

fn push_counted(out: &mut Vec<u8>, line: &[u8]) {
    out.extend_from_slice(line.len().to_string().as_bytes());
    out.push(b' ');
    out.extend_from_slice(line);
}

impl Connection {
    fn open(addr: &ServerAddr, spec: &RingSpec) -> io::Result<Self> {
        let timeout = |ms: Millis| (ms != NEVER).then(|| Duration::from_millis(ms.max(1)));
        let opened = match addr {
            ServerAddr::Tcp(addr) => {
                let most = timeout(spec.connect_ms).unwrap_or(CONNECT);
                let stream = TcpStream::connect_timeout(addr, most)?;
                stream.set_write_timeout(timeout(spec.server_ms))?;
                Self::Tcp(stream)
            }
            ServerAddr::Unix(path) => Self::Unix(UnixStream::connect(path)?),
            ServerAddr::Abstract(name) => {
                let addr = UnixAddr::from_abstract_name(abns_name(name))?;
                Self::Unix(UnixStream::connect_addr(&addr)?)
            }
        };
        if let Self::Unix(stream) = &opened {
            stream.set_write_timeout(timeout(spec.server_ms))?;
        }
        Ok(opened)
    }

    fn fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Tcp(stream) => stream.as_fd(),
            Self::Unix(stream) => stream.as_fd(),
        }
    }

    /// Whether the server has not closed it; what it sent meanwhile is thrown away.
    fn is_open(&self) -> bool {
        let mut waste = [0; 1024];
        loop {
            let ready = &mut [PollFd::from_borrowed_fd(self.fd(), PollFlags::IN)];
            let nothing = rustix::event::Timespec::default();
            match poll(ready, Some(&nothing)) {
                Ok(0) => return true,
                Ok(_) => {}
                Err(_) => return false,
            }
            match rustix::net::recv(self.fd(), &mut waste, RecvFlags::DONTWAIT) {
                Ok((0, _)) | Err(_) => return false,
                Ok(_) => {}
            }
        }
    }

    /// Writes all; how much was written before an error.
    fn write_all(&mut self, text: &[u8]) -> (usize, io::Result<()>) {
        let mut written = 0;
        while let Some(rest) = text.get(written..).filter(|rest| !rest.is_empty()) {
            let wrote = match self {
                Self::Tcp(stream) => stream.write(rest),
                Self::Unix(stream) => stream.write(rest),
            };
            match wrote {
                Ok(0) => return (written, Err(ErrorKind::WriteZero.into())),
                Ok(wrote) => written += wrote,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return (written, Err(error)),
            }
        }
        (written, Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader, Read};
    use std::net::TcpListener;

    fn ring(listener: &TcpListener, framing: LogFraming) -> Arc<Ring> {
        let ring = Arc::new(Ring::new(RingSpec {
            name: "r".into(),
            description: "r".into(),
            format: None,
            max_len: usize::MAX,
            size: 1000,
            servers: vec![RingServer {
                addr: ServerAddr::Tcp(listener.local_addr().unwrap()),
                framing,
            }],
            connect_ms: 1000,
            server_ms: 1000,
        }));
        start(&ring, &Arc::default());
        ring
    }

    fn write(ring: &Ring, line: &str) {
        assert!(ring.write(line.as_bytes()));
        ring.announce();
    }

    /// What a server gets of these lines.
    #[track_caller]
    fn check(framing: LogFraming, lines: &[&str], expected: &str) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let ring = ring(&listener, framing);
        lines.iter().for_each(|line| write(&ring, line));
        let (mut server, _) = listener.accept().unwrap();
        ring.end();
        let mut seen = String::new();
        server.read_to_string(&mut seen).unwrap();
        assert_eq!(seen, expected);
    }

    #[test]
    fn framings() {
        check(
            LogFraming::Lines,
            &["one", "two\nlines"],
            "one\ntwo lines\n",
        );
        check(
            LogFraming::Counted,
            &["one", "two\nlines"],
            "3 one9 two\nlines",
        );
    }

    #[test]
    fn a_server_that_closed_is_connected_to_again() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let ring = ring(&listener, LogFraming::Lines);
        for line in ["one\n", "two\n", "three\n"] {
            write(&ring, line.trim_end());
            let (server, _) = listener.accept().unwrap();
            let mut seen = String::new();
            BufReader::new(server).read_line(&mut seen).unwrap();
            assert_eq!(seen, line);
        }
        ring.end();
        ring.wait_sent(Duration::from_secs(5));
    }
}
