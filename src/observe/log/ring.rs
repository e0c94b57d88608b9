//! Rings: the last lines, in a bounded memory.
//!
//! The logger thread writes; servers and commands read, each from its own place. A new line pushes
//! out the oldest ones, except those that a server has not got yet: then the new one is lost, and
//! counted. Whoever reads for a command holds nothing up and misses what was pushed out. What must
//! hold: the lines take no more than the ring's size, their bookkeeping included.

use crate::net::ServerAddr;
use crate::settings::RingSpec;
use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;
use tokio::sync::watch;

/// What a ring keeps of each line beside its bytes.
const OVERHEAD: usize = 2;
/// Most bytes that are taken out at once.
const PIECE: usize = 16 * 1024;

/// A ring.
pub struct Ring {
    pub(super) spec: RingSpec,
    state: Mutex<State>,
    /// A line came, or the end.
    arrived: Condvar,
    /// The number of the next line, for those who wait without a thread.
    news: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    text: VecDeque<u8>,
    /// Where each line ends, in bytes since the first line ever.
    ends: VecDeque<u64>,
    /// The number of the oldest line.
    first: u64,
    /// Bytes that were pushed out.
    gone: u64,
    /// For each server the number of the line it gets next.
    readers: Vec<u64>,
    /// Where each server is now, if not where the configuration says.
    moved: Vec<Option<ServerAddr>>,
    /// Threads that send to servers.
    senders: usize,
    /// Lines that found no room since the last that did.
    dropped: u64,
    /// Nothing more comes.
    is_over: bool,
}

/// Lines on their way to a server.
#[derive(Debug, Default)]
pub(super) struct Parcel {
    pub(super) text: Vec<u8>,
    /// Where each line ends in `text`.
    pub(super) ends: Vec<usize>,
}

impl Ring {
    pub(super) fn new(spec: RingSpec) -> Self {
        let state = State {
            readers: vec![0; spec.servers.len()],
            moved: vec![None; spec.servers.len()],
            ..State::default()
        };
        Self {
            spec,
            state: Mutex::new(state),
            arrived: Condvar::new(),
            news: watch::Sender::new(0),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.spec.name
    }

    /// What it is for.
    pub fn description(&self) -> &str {
        &self.spec.description
    }

    /// From the next connection on a server is here.
    pub fn move_server(&self, server: usize, addr: ServerAddr) {
        if let Some(moved) = self.state.lock().moved.get_mut(server) {
            *moved = Some(addr);
        }
    }

    /// Where a server is; `configured` unless it was moved.
    pub(super) fn addr(&self, server: usize, configured: &ServerAddr) -> ServerAddr {
        let state = self.state.lock();
        let moved = state.moved.get(server).and_then(Option::as_ref);
        moved.unwrap_or(configured).clone()
    }

    /// Lines lost since the last that found room.
    pub fn dropped(&self) -> u64 {
        self.state.lock().dropped
    }

    /// The number of the next line, and a signal of its coming.
    pub fn follow(&self) -> (u64, watch::Receiver<u64>) {
        let signal = self.news.subscribe();
        (self.state.lock().next(), signal)
    }

    /// Appends some of the lines from number `from` on, each followed by `end`; returns the number
    /// of the line that comes then, and whether it is there.
    pub fn copy(&self, from: u64, end: u8, out: &mut Vec<u8>) -> (u64, bool) {
        let state = self.state.lock();
        let start = out.len();
        let mut at = from.max(state.first);
        while let Some(line) = state.line(at) {
            out.extend(line);
            out.push(end);
            at += 1;
            if out.len() - start >= PIECE {
                break;
            }
        }
        (at, at < state.next())
    }

    /// Keeps a line; whether there was room.
    pub(super) fn write(&self, line: &[u8]) -> bool {
        let mut state = self.state.lock();
        let kept = state.make_room(line.len(), self.spec.size);
        if kept {
            state.text.extend(line);
            let end = state.gone + state.text.len() as u64;
            state.ends.push_back(end);
        } else {
            state.dropped += 1;
        }
        kept
    }

    /// The lines lost since the last time, which are told now.
    pub(super) fn forgive_dropped(&self) {
        self.state.lock().dropped = 0;
    }

    /// Tells readers of what was written.
    pub(super) fn announce(&self) {
        let next = self.state.lock().next();
        self.arrived.notify_all();
        self.news
            .send_if_modified(|known| std::mem::replace(known, next) != next);
    }

    /// Nothing more comes. Servers still get what is there.
    pub(super) fn end(&self) {
        self.state.lock().is_over = true;
        self.arrived.notify_all();
    }

    /// Waits until all that was written has been sent, or can't be.
    pub(super) fn wait_sent(&self, most: Duration) {
        let mut state = self.state.lock();
        let busy = |state: &mut State| state.senders > 0;
        self.arrived.wait_while_for(&mut state, busy, most);
    }

    /// A thread sends to a server from now on.
    pub(super) fn sender_begins(&self) {
        self.state.lock().senders += 1;
    }

    /// A thread sends no more; what its server did not get is lost.
    pub(super) fn sender_ends(&self, server: usize) -> u64 {
        let mut state = self.state.lock();
        state.senders = state.senders.saturating_sub(1);
        let next = state.next();
        let reader = state.readers.get_mut(server);
        let left = reader.map_or(0, |reader| {
            next.saturating_sub(std::mem::replace(reader, u64::MAX))
        });
        drop(state);
        self.arrived.notify_all();
        left
    }

    /// Waits for lines for a server and copies them, framed by `push`; `false` at the end.
    pub(super) fn take(
        &self,
        server: usize,
        parcel: &mut Parcel,
        push: impl Fn(&mut Vec<u8>, &[u8]),
    ) -> bool {
        parcel.text.clear();
        parcel.ends.clear();
        let mut state = self.state.lock();
        let waits =
            |state: &mut State| state.readers.get(server) == Some(&state.next()) && !state.is_over;
        self.arrived.wait_while(&mut state, waits);
        let mut at = state.readers.get(server).copied().unwrap_or(u64::MAX);
        let mut line = Vec::new();
        while let Some(bytes) = state.line(at)
            && parcel.text.len() < PIECE
        {
            line.clear();
            line.extend(bytes);
            push(&mut parcel.text, &line);
            parcel.ends.push(parcel.text.len());
            at += 1;
        }
        !parcel.ends.is_empty()
    }

    /// A server got so many lines.
    pub(super) fn sent(&self, server: usize, lines: usize) {
        let mut state = self.state.lock();
        if let Some(reader) = state.readers.get_mut(server) {
            *reader += lines as u64;
        }
    }

    /// Waits before another attempt; `false` if there is nothing to wait for any more.
    pub(super) fn pause(&self, long: Duration) -> bool {
        let mut state = self.state.lock();
        let waits = |state: &mut State| !state.is_over;
        self.arrived.wait_while_for(&mut state, waits, long);
        !state.is_over
    }
}

impl State {
    /// The number of the next line.
    fn next(&self) -> u64 {
        self.first + self.ends.len() as u64
    }

    /// The line of that number, if it is there.
    fn line(&self, number: u64) -> Option<impl Iterator<Item = &u8>> {
        let at = usize::try_from(number.checked_sub(self.first)?).ok()?;
        let end = self.ends.get(at)?;
        let start = match at.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => self.gone,
        };
        let place = |offset: u64| usize::try_from(offset - self.gone).unwrap_or(usize::MAX);
        Some(self.text.range(place(start)..place(*end)))
    }

    fn used(&self) -> usize {
        self.text.len() + self.ends.len() * OVERHEAD
    }

    /// Pushes out old lines until one of this length fits; `false` if that can't be.
    fn make_room(&mut self, length: usize, size: usize) -> bool {
        let needed = length + OVERHEAD;
        if needed > size {
            return false;
        }
        while self.used() + needed > size {
            let is_wanted = self.readers.iter().any(|&reader| reader <= self.first);
            let Some(&end) = self.ends.front().filter(|_| !is_wanted) else {
                return false;
            };
            let length = usize::try_from(end - self.gone).unwrap_or(usize::MAX);
            self.text.drain(..length.min(self.text.len()));
            self.ends.pop_front();
            self.first += 1;
            self.gone = end;
        }
        true
    }
}

impl fmt::Debug for Ring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ring").field("spec", &self.spec).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{LogFraming, RingServer};

    fn ring(size: usize, servers: usize) -> Ring {
        let server = RingServer {
            addr: ServerAddr::Unix("/nonexistent".into()),
            framing: LogFraming::Lines,
        };
        Ring::new(RingSpec {
            name: "r".into(),
            description: "r".into(),
            format: None,
            max_len: usize::MAX,
            size,
            servers: vec![server; servers],
            connect_ms: 1000,
            server_ms: 1000,
        })
    }

    fn shown(ring: &Ring, from: u64) -> String {
        let mut out = Vec::new();
        ring.copy(from, b';', &mut out);
        String::from_utf8(out).unwrap()
    }

    fn taken(ring: &Ring, server: usize) -> String {
        let mut parcel = Parcel::default();
        ring.take(server, &mut parcel, |out, line| out.extend_from_slice(line));
        ring.sent(server, parcel.ends.len());
        String::from_utf8(parcel.text).unwrap()
    }

    /// What a ring of 20 bytes shows after these lines, and how many it lost.
    #[track_caller]
    fn check(lines: &[&str], expected: &str, dropped: u64) {
        let ring = ring(20, 0);
        for line in lines {
            ring.write(line.as_bytes());
        }
        assert_eq!(shown(&ring, 0), expected);
        assert_eq!(ring.dropped(), dropped);
    }

    #[test]
    fn old_lines_make_room() {
        check(&[], "", 0);
        check(&["a", "b", ""], "a;b;;", 0);
        check(&["12345678", "abcdefgh"], "12345678;abcdefgh;", 0);
        check(&["12345678", "abcdefgh", "x"], "abcdefgh;x;", 0);
        check(&["1", "2", "123456789012345678"], "123456789012345678;", 0);
        check(&["1", "2", "1234567890123456789"], "1;2;", 1);
    }

    #[test]
    fn readers_go_on_where_they_were() {
        let ring = ring(20, 0);
        for line in ["1234", "abcd", "5678"] {
            ring.write(line.as_bytes());
        }
        assert_eq!(shown(&ring, 1), "abcd;5678;");
        assert_eq!(ring.follow().0, 3);
        ring.write(b"efgh");
        assert_eq!(shown(&ring, 3), "efgh;");
        assert_eq!(shown(&ring, 0), "abcd;5678;efgh;");
        assert_eq!(shown(&ring, 9), "");
    }

    #[test]
    fn what_a_server_has_not_got_stays() {
        let ring = ring(20, 2);
        assert!(ring.write(b"12345678"));
        assert!(ring.write(b"abcdefgh"));
        assert_eq!(taken(&ring, 0), "12345678abcdefgh");
        assert!(!ring.write(b"lost"));
        assert!(!ring.write(b"lost"));
        assert_eq!(ring.dropped(), 2);
        assert_eq!(taken(&ring, 1), "12345678abcdefgh");
        assert!(ring.write(b"kept"));
        assert_eq!(taken(&ring, 0), "kept");
    }

    #[test]
    fn the_end_lets_servers_have_the_rest() {
        let ring = ring(20, 1);
        ring.sender_begins();
        ring.write(b"a");
        ring.end();
        assert_eq!(taken(&ring, 0), "a");
        assert!(!ring.take(0, &mut Parcel::default(), |_, _| {}));
        assert!(!ring.pause(Duration::from_secs(60)));
        assert_eq!(ring.sender_ends(0), 0);
        ring.wait_sent(Duration::from_secs(60));
    }

    #[test]
    fn news_come_to_those_who_wait() {
        let ring = ring(20, 0);
        let (_, mut signal) = ring.follow();
        assert!(!signal.has_changed().unwrap());
        ring.write(b"a");
        ring.announce();
        assert!(signal.has_changed().unwrap());
        signal.borrow_and_update();
        ring.announce();
        assert!(!signal.has_changed().unwrap());
    }
}
