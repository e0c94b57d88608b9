//! Heads to bytes, in one form only.

use super::class::elements;
use super::framing::{Decimal, Framing};
use super::head::Version;
use super::headers::{Headers, Kind, Slot};

/// What the head being written says about the connection it goes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connection {
    /// Nothing: the version's default holds.
    #[default]
    Absent,
    /// `connection: close`.
    Close,
    /// `connection: keep-alive`.
    KeepAlive,
    /// `connection: upgrade`, and the Upgrade headers go along.
    Upgrade,
}

/// How a head is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WriteOptions {
    /// The version in the start line.
    pub version: Version,
    /// The Connection header.
    pub connection: Connection,
    /// How the body that really follows is delimited; `None` is as it was received.
    pub framing: Option<Framing>,
}

impl Version {
    pub(super) const fn as_bytes(self) -> &'static [u8] {
        match self {
            Self::Http10 => b"HTTP/1.0",
            Self::Http11 => b"HTTP/1.1",
        }
    }
}

/// A stretch of text waiting to be copied: neighbouring lines go out in one piece.
struct Run<'a> {
    text: &'a [u8],
    start: usize,
    end: usize,
}

impl Run<'_> {
    fn flush(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.text.get(self.start..self.end).unwrap_or(&[]));
        (self.start, self.end) = (0, 0);
    }

    #[inline]
    fn line(&mut self, slot: &Slot, out: &mut Vec<u8>) {
        if !slot.canonical {
            self.flush(out);
            write_line(out, slot.name.of(self.text), slot.value.of(self.text));
            return;
        }
        if slot.name.start() != self.end {
            self.flush(out);
            self.start = slot.name.start();
        }
        self.end = slot.value.end() + b"\r\n".len();
    }
}

pub(super) fn write_line(out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    out.extend_from_slice(name);
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

/// What [`Headers::write_fields`] decides by.
pub(super) struct Fields<'a> {
    /// How the body that follows is delimited.
    pub(super) framing: Framing,
    /// How the headers, as received, say it is.
    pub(super) received: Framing,
    pub(super) connection: Connection,
    /// Written instead of the Host header's own value.
    pub(super) host: Option<&'a [u8]>,
}

impl Headers {
    /// Writes all that may be forwarded, the framing and connection headers, and the empty line.
    pub(super) fn write_fields(&self, out: &mut Vec<u8>, fields: &Fields<'_>) {
        let mut run = Run {
            text: &self.text,
            start: 0,
            end: 0,
        };
        let mut framed = false;
        let as_received = fields.framing == fields.received;
        for slot in &self.slots {
            match slot.kind {
                Kind::Plain | Kind::Expect => run.line(slot, out),
                Kind::Host => match fields.host {
                    None => run.line(slot, out),
                    Some(host) => {
                        run.flush(out);
                        write_line(out, b"host", host);
                    }
                },
                Kind::ContentLength | Kind::TransferEncoding if as_received => {
                    framed = true;
                    run.line(slot, out);
                }
                Kind::Upgrade if fields.connection == Connection::Upgrade => run.line(slot, out),
                Kind::Te if allows_trailers(slot.value.of(&self.text)) => {
                    run.flush(out);
                    out.extend_from_slice(b"te: trailers\r\n");
                }
                _ => {}
            }
        }
        run.flush(out);
        if !framed {
            write_framing(out, fields.framing);
        }
        out.extend_from_slice(match fields.connection {
            Connection::Absent => b"\r\n".as_slice(),
            Connection::Close => b"connection: close\r\n\r\n",
            Connection::KeepAlive => b"connection: keep-alive\r\n\r\n",
            Connection::Upgrade => b"connection: upgrade\r\n\r\n",
        });
    }
}

/// `trailers` is the one member of TE that is not about this hop's transfer codings.
fn allows_trailers(value: &[u8]) -> bool {
    elements(value).any(|element| element.eq_ignore_ascii_case(b"trailers"))
}

fn write_framing(out: &mut Vec<u8>, framing: Framing) {
    match framing {
        Framing::Nothing => {}
        Framing::Length(length) => {
            write_line(out, b"content-length", Decimal::new(length).as_bytes())
        }
        Framing::Chunked => write_line(out, b"transfer-encoding", b"chunked"),
    }
}
