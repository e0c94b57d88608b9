//! An origin that does what the last part of the path but one says, well or badly.

use crate::support::message::Message;
use crate::support::peer::Peer;
use std::net::TcpListener;
use std::thread;

/// What a path can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Length,
    Chunked,
    UntilClose,
    Drip,
    Echo,
    Early,
    Interim,
    Upgrade,
    Silent,
    Eof,
    Reset,
    HalfHead,
    Garbage,
    HugeHead,
    Cut,
    BadChunk,
    Flood,
}

impl Kind {
    /// All, so that a path can name one by its number.
    pub(crate) const ALL: [Self; 17] = [
        Self::Length,
        Self::Chunked,
        Self::UntilClose,
        Self::Drip,
        Self::Echo,
        Self::Early,
        Self::Interim,
        Self::Upgrade,
        Self::Silent,
        Self::Eof,
        Self::Reset,
        Self::HalfHead,
        Self::Garbage,
        Self::HugeHead,
        Self::Cut,
        Self::BadChunk,
        Self::Flood,
    ];
}

/// The body of the answer to the request `id`: nobody else's.
pub(crate) fn body(id: &str, len: usize) -> Vec<u8> {
    id.bytes().chain([b' ']).cycle().take(len).collect()
}

/// Serves for as long as the test lasts.
pub(crate) fn serve(listener: TcpListener) {
    thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            thread::spawn(move || converse(Peer::new(stream)));
        }
    });
}

fn converse(mut peer: Peer) {
    while let Ok(request) = peer.head() {
        if !answer(&mut peer, &request).unwrap_or(false) {
            return;
        }
        if let Some((Kind::Reset, _)) = asked(&request) {
            return peer.abort();
        }
    }
}

/// `METHOD /place/kind/length HTTP/1.1`.
fn asked(request: &Message) -> Option<(Kind, usize)> {
    let mut parts = request.start.split(' ').nth(1)?.split('/').skip(2);
    let kind = Kind::ALL.get(parts.next()?.parse::<usize>().ok()?)?;
    Some((*kind, parts.next()?.parse().ok()?))
}

/// Whether the connection goes on; no value if the proxy ended it.
fn answer(peer: &mut Peer, request: &Message) -> Option<bool> {
    let (kind, len) = asked(request)?;
    let id = request.header("x-id")?;
    let head = |fields: &str| format!("HTTP/1.1 200 OK\r\nx-id: {id}\r\n{fields}\r\n").into_bytes();
    if kind != Kind::Early {
        let upload = match request.header("content-length") {
            Some(len) => peer.raw(len.parse().ok()?).ok()?,
            None if request.is_chunked() => peer.rest_of_chunks().ok()?,
            None => Vec::new(),
        };
        if kind == Kind::Echo {
            assert_eq!(upload, body(id, len), "another upload arrived");
        }
    }
    let with_length = |fields: &str| {
        let mut all = head(&format!("content-length: {len}\r\n{fields}"));
        all.extend(body(id, len));
        all
    };
    let sent = match kind {
        Kind::Length | Kind::Echo => with_length(""),
        Kind::Chunked | Kind::BadChunk => {
            let mut all = head("transfer-encoding: chunked\r\n");
            for chunk in body(id, len).chunks(7000) {
                all.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
                all.extend(chunk);
                all.extend(b"\r\n");
            }
            all.extend(if kind == Kind::Chunked {
                &b"0\r\n\r\n"[..]
            } else {
                b"zz\r\n"
            });
            all
        }
        Kind::UntilClose => [head("connection: close\r\n"), body(id, len)].concat(),
        Kind::Interim => {
            let interim = b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n".repeat(3);
            [interim, with_length("")].concat()
        }
        Kind::Drip => {
            for byte in with_length("") {
                peer.send(vec![byte]);
                thread::yield_now();
            }
            return Some(true);
        }
        Kind::Early => with_length("connection: close\r\n"),
        Kind::Upgrade => return tunnel(peer),
        Kind::Silent => {
            let _ = peer.end();
            return None;
        }
        Kind::Eof => return None,
        Kind::Reset => return Some(true),
        Kind::HalfHead => b"HTTP/1.1 200 OK\r\ncontent-le".to_vec(),
        Kind::Garbage => b"\x16\x03\x01 not HTTP at all\r\n\r\n".to_vec(),
        Kind::HugeHead => head(&format!("x: {}\r\n", "y".repeat(40_000))),
        Kind::Cut => [
            head(&format!("content-length: {}\r\n", len + 1)),
            body(id, len),
        ]
        .concat(),
        Kind::Flood => b"HTTP/1.1 100 Continue\r\n\r\n".repeat(5000),
    };
    peer.send(sent);
    match kind {
        Kind::Length | Kind::Echo | Kind::Chunked | Kind::Interim => Some(true),
        Kind::Early => {
            // What the client still sends is read, so that no reset overtakes the answer.
            peer.shut();
            let _ = peer.rest();
            None
        }
        _ => None,
    }
}

/// Sends everything back until the other side ends.
fn tunnel(peer: &mut Peer) -> Option<bool> {
    let head = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n";
    peer.send(head.into());
    while let Ok(byte) = peer.raw(1) {
        peer.send(byte);
    }
    None
}
