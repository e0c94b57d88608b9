//! One end of a TCP connection, driven step by step.

use super::PATIENCE;
use super::message::{Message, head_len, show};
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

/// Sends above this go out on a thread of their own, so that a script can read meanwhile.
const INLINE_SEND: usize = 64 * 1024;

/// How a wait for bytes ended without bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Eof,
    Reset,
    TimedOut,
}

/// A connection and what was received on it but not yet taken.
#[derive(Debug)]
pub(crate) struct Peer {
    stream: TcpStream,
    received: Vec<u8>,
    in_chunks: bool,
    chunk_left: usize,
}

impl Peer {
    /// Takes over a connected stream.
    pub(crate) fn new(stream: TcpStream) -> Self {
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a read timeout");
        stream
            .set_write_timeout(Some(PATIENCE))
            .expect("a write timeout");
        stream.set_nodelay(true).expect("no delay");
        Self {
            stream,
            received: Vec::new(),
            in_chunks: false,
            chunk_left: 0,
        }
    }

    /// The port on this side.
    pub(crate) fn port(&self) -> u16 {
        self.stream.local_addr().expect("a local address").port()
    }

    /// Waits at most `limit` for bytes instead of [`PATIENCE`].
    pub(crate) fn set_patience(&self, limit: Duration) {
        self.stream
            .set_read_timeout(Some(limit))
            .expect("a read timeout");
    }

    /// Sends everything; a peer that went away meanwhile is seen by the next read.
    pub(crate) fn send(&mut self, bytes: Vec<u8>) {
        let mut stream = self.stream.try_clone().expect("a second handle");
        let long = bytes.len() > INLINE_SEND;
        let mut write = move || drop(stream.write_all(&bytes));
        if long {
            std::thread::spawn(write);
        } else {
            write();
        }
    }

    /// Half-closes.
    pub(crate) fn shut(&self) {
        drop(self.stream.shutdown(Shutdown::Write));
    }

    /// Closes with a reset instead of the orderly end.
    pub(crate) fn abort(self) {
        let socket = socket2::SockRef::from(&self.stream);
        socket
            .set_linger(Some(Duration::ZERO))
            .expect("a zero linger time");
    }

    fn fill(&mut self) -> Result<(), End> {
        let mut chunk = [0; 16 * 1024];
        loop {
            return match self.stream.read(&mut chunk) {
                Ok(0) => Err(End::Eof),
                Ok(n) => {
                    self.received.extend_from_slice(&chunk[..n]);
                    Ok(())
                }
                Err(error) => match error.kind() {
                    ErrorKind::Interrupted => continue,
                    ErrorKind::WouldBlock | ErrorKind::TimedOut => Err(End::TimedOut),
                    _ => Err(End::Reset),
                },
            };
        }
    }

    fn take(&mut self, len: usize) -> Result<Vec<u8>, End> {
        while self.received.len() < len {
            self.fill()?;
        }
        Ok(self.received.drain(..len).collect())
    }

    /// Takes exactly `len` bytes.
    pub(crate) fn raw(&mut self, len: usize) -> Result<Vec<u8>, String> {
        self.take(len).map_err(|end| self.explain(end))
    }

    /// Takes everything up to the orderly end.
    pub(crate) fn rest(&mut self) -> Result<Vec<u8>, String> {
        loop {
            match self.fill() {
                Ok(()) => {}
                Err(End::Eof) => return Ok(std::mem::take(&mut self.received)),
                Err(end) => return Err(self.explain(end)),
            }
        }
    }

    /// Takes one head.
    pub(crate) fn head(&mut self) -> Result<Message, String> {
        let len = loop {
            if let Some(len) = head_len(&self.received) {
                break len;
            }
            self.fill().map_err(|end| self.explain(end))?;
        };
        let message = Message::read(&self.raw(len)?);
        self.in_chunks = message.is_chunked();
        self.chunk_left = 0;
        Ok(message)
    }

    /// Takes one head and its body: all chunks, or `plain_len` bytes when it isn't chunked.
    pub(crate) fn message(&mut self, plain_len: usize) -> Result<Message, String> {
        let mut message = self.head()?;
        message.body = if self.in_chunks && plain_len > 0 {
            self.rest_of_chunks()?
        } else {
            self.raw(plain_len)?
        };
        Ok(message)
    }

    /// Takes `len` bytes of body, whatever the chunks they come in.
    pub(crate) fn body(&mut self, len: usize) -> Result<Vec<u8>, String> {
        if !self.in_chunks {
            return self.raw(len);
        }
        let mut body = Vec::new();
        while body.len() < len {
            if self.chunk_left == 0 {
                self.chunk_left = self.chunk_size()?;
            }
            if self.chunk_left == 0 {
                return Err(format!("the chunks end after {:?}", show(&body)));
            }
            let part = self.raw(self.chunk_left.min(len - body.len()))?;
            self.chunk_left -= part.len();
            body.extend(part);
            if self.chunk_left == 0 {
                self.line()?;
            }
        }
        Ok(body)
    }

    /// Takes all remaining chunks, then the trailers, each with its CRLF.
    pub(crate) fn rest_of_chunks(&mut self) -> Result<Vec<u8>, String> {
        let mut body = Vec::new();
        loop {
            if self.chunk_left == 0 {
                self.chunk_left = self.chunk_size()?;
            }
            if self.chunk_left == 0 {
                break;
            }
            let left = self.chunk_left;
            body.extend(self.body(left)?);
        }
        loop {
            let line = self.line()?;
            if line.is_empty() {
                return Ok(body);
            }
            body.extend(line);
            body.extend(b"\r\n");
        }
    }

    fn chunk_size(&mut self) -> Result<usize, String> {
        let line = String::from_utf8_lossy(&self.line()?).into_owned();
        usize::from_str_radix(&line, 16).map_err(|_| format!("bad chunk size {line:?}"))
    }

    fn line(&mut self) -> Result<Vec<u8>, String> {
        loop {
            if let Some(at) = memchr::memmem::find(&self.received, b"\r\n") {
                let line = self.raw(at)?;
                self.raw(2)?;
                return Ok(line);
            }
            self.fill().map_err(|end| self.explain(end))?;
        }
    }

    /// Waits until more bytes are there; `false` if the connection ended instead.
    pub(crate) fn has_bytes(&mut self) -> bool {
        !self.received.is_empty() || self.fill().is_ok()
    }

    /// The connection; what was received and not taken is lost.
    pub(crate) fn into_stream(self) -> TcpStream {
        self.stream
    }

    /// Waits for the end; bytes before it are a failure.
    pub(crate) fn end(&mut self) -> Result<End, String> {
        if self.received.is_empty() {
            match self.fill() {
                Err(End::TimedOut) => return Err(self.explain(End::TimedOut)),
                Err(end) => return Ok(end),
                Ok(()) => {}
            }
        }
        Err(format!(
            "more bytes instead of the end: {:?}",
            show(&self.received)
        ))
    }

    fn explain(&self, end: End) -> String {
        let what = match end {
            End::Eof => "the connection ended",
            End::Reset => "the connection was reset",
            End::TimedOut => "nothing came",
        };
        format!("{what}; received so far: {:?}", show(&self.received))
    }
}
