//! The two sides of the proxy, blocking, and silent on the heap once they run.
//!
//! A message is known by how it ends, so that neither side parses anything.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// How long a side may stay silent before the test fails.
const PATIENCE: Duration = Duration::from_secs(8);

/// One request and its response; the ends are as each receiver sees them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traffic {
    pub(crate) request: &'static str,
    pub(crate) request_end: &'static str,
    pub(crate) response: &'static str,
    pub(crate) response_end: &'static str,
}

/// A connection and room for what comes on it.
pub(crate) struct Peer {
    stream: TcpStream,
    room: Box<[u8]>,
}

impl Peer {
    fn new(stream: TcpStream) -> Self {
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a socket option");
        stream.set_nodelay(true).expect("a socket option");
        Self {
            stream,
            room: vec![0; 4096].into(),
        }
    }

    pub(crate) fn connect(to: SocketAddr) -> Self {
        Self::new(TcpStream::connect(to).expect("the proxy listens"))
    }

    pub(crate) fn send(&mut self, message: &str) {
        self.stream
            .write_all(message.as_bytes())
            .expect("an open connection");
    }

    /// Reads one message; `false` if the connection ended instead.
    pub(crate) fn received(&mut self, end: &str) -> bool {
        let mut len = 0;
        while !self.room[..len].ends_with(end.as_bytes()) {
            let read = self.stream.read(&mut self.room[len..]);
            match read {
                Ok(0) => return false,
                Ok(more) => len += more,
                // An idle connection that the proxy no longer needs.
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return false,
                Err(error) => panic!("no answer in time: {error}"),
            }
        }
        true
    }

    pub(crate) fn exchange(&mut self, traffic: &Traffic) {
        self.send(traffic.request);
        assert!(self.received(traffic.response_end), "closed too early");
    }

    /// The connection without the room.
    pub(crate) fn into_stream(self) -> TcpStream {
        self.stream
    }
}

/// Connections that all origins of this process have accepted.
pub(crate) static ACCEPTED: AtomicU64 = AtomicU64::new(0);

/// Answers every request with the same response, for as long as the process lives.
pub(crate) fn origin(traffic: Traffic) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            ACCEPTED.fetch_add(1, Ordering::Relaxed);
            thread::spawn(move || {
                stream.set_nodelay(true).expect("a socket option");
                let mut peer = Peer {
                    stream,
                    room: vec![0; 4096].into(),
                };
                while peer.received(traffic.request_end) {
                    peer.send(traffic.response);
                }
            });
        }
    });
    address
}

/// Counts datagrams, for as long as the process lives.
pub(crate) fn log_receiver() -> (SocketAddr, Arc<AtomicU64>) {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let address = socket.local_addr().expect("its address");
    let count = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&count);
    thread::spawn(move || {
        let mut room = [0; 2048];
        while socket.recv(&mut room).is_ok() {
            counted.fetch_add(1, Ordering::Relaxed);
        }
    });
    (address, count)
}
