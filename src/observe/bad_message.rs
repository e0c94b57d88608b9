//! Messages that were refused, kept for who looks after them: the last bad request and response of
//! each proxy (`show errors`).
//!
//! What must hold: keeping one costs a copy of what was received, and nobody waits for another: where
//! two come at once one is not kept, though counted. Deliberately absent: what is bad.

use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Widest line of a dump.
const WIDTH: usize = 79;

/// Somebody named in a report: name and number; `None` is nobody.
pub type Named = Option<(Arc<str>, u32)>;

/// A bad message, and whose it was.
#[derive(Clone, Debug)]
pub struct BadMessage {
    /// Whether a server sent it.
    pub is_response: bool,
    /// When, microseconds of the wall clock.
    pub wall_us: u64,
    /// The frontend.
    pub frontend: Named,
    /// The backend.
    pub backend: Named,
    /// The server.
    pub server: Named,
    /// The number of the bad message, from 0.
    pub event: u64,
    /// Who asked.
    pub client: String,
    /// The bytes that were there.
    pub bytes: Box<[u8]>,
    /// The first byte that should not be there.
    pub position: usize,
    /// Room that was left in the buffer.
    pub free: usize,
}

/// The last ones of all proxies.
#[derive(Debug, Default)]
pub struct BadMessages {
    count: AtomicU64,
    /// By the number of the proxy: of requests and of responses.
    last: Mutex<BTreeMap<u32, [Option<Arc<BadMessage>>; 2]>>,
}

impl BadMessages {
    /// Keeps what `capture` makes, given its number, as the last one of a proxy.
    pub fn keep(&self, proxy: u32, capture: impl FnOnce(u64) -> BadMessage) {
        let event = self.count.fetch_add(1, Ordering::Relaxed);
        let Some(mut last) = self.last.try_lock() else {
            return;
        };
        let message = capture(event);
        let [request, response] = last.entry(proxy).or_default();
        let place = match message.is_response {
            true => response,
            false => request,
        };
        *place = Some(Arc::new(message));
    }

    /// How many there were.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// The last ones, by proxy, of requests first.
    pub fn last(&self) -> Vec<(u32, Arc<BadMessage>)> {
        let last = self.last.lock();
        let each = last.iter().flat_map(|(proxy, kinds)| {
            let kept = kinds.iter().flatten();
            kept.map(|message| (*proxy, Arc::clone(message)))
        });
        each.collect()
    }
}

impl BadMessage {
    /// Writes it for people; `date` is when it came.
    pub fn write(&self, date: &str, out: &mut Vec<u8>) {
        let (frontend, backend) = (shown(&self.frontend), shown(&self.backend));
        // A vector takes everything.
        let _ = match self.is_response {
            false => writeln!(
                out,
                " \n[{}] frontend {frontend}: invalid request\n  backend {backend}, server {}, event #{}, src {}",
                date,
                shown(&self.server),
                self.event,
                self.client
            ),
            true => writeln!(
                out,
                " \n[{}] backend {backend}: invalid response\n  frontend {frontend}, server {}, event #{}, src {}",
                date,
                shown(&self.server),
                self.event,
                self.client
            ),
        };
        let length = self.bytes.len();
        let _ = writeln!(
            out,
            "  buffer starts at 0 (including 0 out), {} free,\n  len {length}, wraps at {}, error at position {} :\n  ",
            self.free,
            self.free + length,
            self.position
        );
        dump(&self.bytes, out);
    }
}

fn shown(named: &Named) -> String {
    match named {
        Some((name, id)) => format!("{name} (#{id})"),
        None => "<NONE> (#-1)".to_owned(),
    }
}

/// Bytes in lines, each with the position it begins at; a line that goes on has a `+`.
fn dump(bytes: &[u8], out: &mut Vec<u8>) {
    let mut goes_on = false;
    let mut at = 0;
    while at < bytes.len() {
        let begun = out.len();
        let mark = if goes_on { '+' } else { ' ' };
        let _ = write!(out, "  {at:05}{mark} ");
        goes_on = true;
        while let Some(&byte) = bytes.get(at) {
            let mut shown = Vec::with_capacity(4);
            escape(byte, &mut shown);
            if out.len() - begun + shown.len() > WIDTH {
                break;
            }
            out.append(&mut shown);
            at += 1;
            if byte == b'\n' {
                goes_on = false;
                break;
            }
        }
        out.push(b'\n');
    }
}

fn escape(byte: u8, out: &mut Vec<u8>) {
    let short = match byte {
        b'\t' => b't',
        b'\n' => b'n',
        b'\r' => b'r',
        0x1b => b'e',
        b'\\' => b'\\',
        b' '..=b'~' => return out.push(byte),
        _ => {
            let _ = write!(out, "\\x{byte:02X}");
            return;
        }
    };
    out.extend([b'\\', short]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(event: u64) -> BadMessage {
        BadMessage {
            is_response: false,
            wall_us: 0,
            frontend: Some(("fx".into(), 3)),
            backend: None,
            server: None,
            event,
            client: "192.0.2.1:5".to_owned(),
            bytes: b"GET / HTTP/1.1\r\nho st: x\r\n\r\n"[..].into(),
            position: 18,
            free: 100,
        }
    }

    #[test]
    fn the_last_of_each_kind_is_kept() {
        let bad = BadMessages::default();
        bad.keep(3, message);
        bad.keep(3, message);
        bad.keep(3, |event| BadMessage {
            is_response: true,
            ..message(event)
        });
        let events: Vec<_> = bad.last().iter().map(|(_, one)| one.event).collect();
        assert_eq!((events, bad.count()), (vec![1, 2], 3));
    }

    #[test]
    fn people_read_where_the_error_is() {
        let mut out = Vec::new();
        message(0).write("23/Nov/2026:03:14:18.450", &mut out);
        assert_eq!(
            String::from_utf8_lossy(&out),
            " \n[23/Nov/2026:03:14:18.450] frontend fx (#3): invalid request\n  \
             backend <NONE> (#-1), server <NONE> (#-1), event #0, src 192.0.2.1:5\n  \
             buffer starts at 0 (including 0 out), 100 free,\n  \
             len 28, wraps at 128, error at position 18 :\n  \n  \
             00000  GET / HTTP/1.1\\r\\n\n  00016  ho st: x\\r\\n\n  00026  \\r\\n\n"
        );
    }

    #[test]
    fn long_lines_are_broken_and_bytes_escaped() {
        let check = |bytes: &[u8], expected: &str| {
            let mut out = Vec::new();
            dump(bytes, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), expected);
        };
        check(b"\x00\x1b\\\xff", "  00000  \\x00\\e\\\\\\xFF\n");
        let long = format!("  00000  {}\n  00070+ {}\n", "x".repeat(70), "x".repeat(5));
        check(&[b'x'; 75], &long);
    }
}
