//! From a worker to the logger thread.
//!
//! Each worker owns one [`LogQueue`]. Sending copies the message behind the others under a lock
//! whose only other user, the logger thread, holds it for the swap of two vectors; capacity goes
//! back and forth between them, so the steady state allocates nothing. What must hold: a batch never
//! exceeds [`MAX_TEXT`] bytes and [`MAX_LINES`] lines; the worker enters the kernel only to wake a
//! logger thread that found every queue empty.

use parking_lot::{Mutex, MutexGuard};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::thread::Thread;

/// Most bytes of text one worker's queue holds.
pub(super) const MAX_TEXT: usize = 1 << 20;
/// Most lines one worker's queue holds.
pub(super) const MAX_LINES: usize = 1 << 14;

/// Where a kind of line goes: a `log-tag` and the targets of some `log` lines.
///
/// Made once per proxy by [`LogHandle::channel`](super::LogHandle::channel).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogChannel {
    pub(super) id: u32,
    /// The least important level any target takes; `None` without targets.
    pub(super) max_level: Option<u8>,
    /// The longest line any target takes.
    pub(super) max_len: usize,
}

impl LogChannel {
    /// A channel without targets: nothing sent to it is ever seen.
    pub const NONE: Self = Self {
        id: 0,
        max_level: None,
        max_len: 0,
    };

    /// Whether a line of this level goes anywhere; if not, formatting it is wasted.
    pub fn wants(&self, level: u8) -> bool {
        self.max_level.is_some_and(|max| level <= max)
    }
}

/// A queued line; its text ends at `end` and starts where the previous one ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) channel: u32,
    pub(super) level: u8,
    /// How much at the start of its text is structured data or, of a message that is passed on, the sender.
    pub(super) structured: usize,
    pub(super) end: usize,
    /// When it was logged, microseconds of the process clock.
    pub(super) at_us: u64,
}

/// Lines on their way.
#[derive(Debug, Default)]
pub(super) struct Batch {
    entries: Vec<Entry>,
    text: Vec<u8>,
}

impl Batch {
    /// With room for all it may ever hold, so that it never grows: pages that no line has
    /// touched yet are not resident.
    pub(super) fn new() -> Self {
        Self {
            entries: Vec::with_capacity(MAX_LINES),
            text: Vec::with_capacity(MAX_TEXT),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.text.clear();
    }

    /// The lines in the order they were sent.
    pub(super) fn lines(&self) -> impl Iterator<Item = (Entry, &[u8])> {
        let mut start = 0;
        self.entries.iter().map(move |&entry| {
            let text = self.text.get(start..entry.end).unwrap_or_default();
            start = entry.end;
            (entry, text)
        })
    }

    fn push(&mut self, entry: Entry, structured: &[u8], text: &[u8]) -> Result<(), Full> {
        let end = self.text.len() + structured.len() + text.len();
        if self.entries.len() >= MAX_LINES || end > MAX_TEXT {
            return Err(Full);
        }
        self.text.extend_from_slice(structured);
        self.text.extend_from_slice(text);
        self.entries.push(Entry { end, ..entry });
        Ok(())
    }
}

struct Full;

/// The part of a queue that the logger thread sees.
#[derive(Debug)]
pub(super) struct Slot {
    state: Mutex<SlotState>,
}

#[derive(Debug)]
struct SlotState {
    batch: Batch,
    /// The logger thread found nothing and may be parked: the next line wakes it.
    asleep: bool,
}

impl Slot {
    /// Takes what is queued in exchange for an empty batch; whether there was anything.
    pub(super) fn take(&self, empty: &mut Batch) -> bool {
        let mut state = self.state.lock();
        state.asleep = false;
        std::mem::swap(&mut state.batch, empty);
        !empty.is_empty()
    }

    /// Asks to be woken by the next line; `false` if one is already there.
    pub(super) fn sleep(&self) -> bool {
        let mut state = self.state.lock();
        state.asleep = state.batch.is_empty();
        state.asleep
    }
}

/// What queues and the logger thread share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    slots: Mutex<Vec<Arc<Slot>>>,
    /// The logger thread once it runs.
    pub(super) thread: OnceLock<Thread>,
    pub(super) dropped: AtomicU64,
    /// Messages that came to `log-forward` sections.
    pub(super) received: AtomicU64,
}

impl Shared {
    /// The queues that have an owner or still hold lines; the others are forgotten. Whoever copies
    /// them must let the copies go before this is asked again.
    pub(super) fn slots(&self) -> MutexGuard<'_, Vec<Arc<Slot>>> {
        let mut slots = self.slots.lock();
        slots.retain(|slot| Arc::strong_count(slot) > 1 || !slot.state.lock().batch.is_empty());
        slots
    }

    pub(super) fn wake(&self) {
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }

    pub(super) fn count_dropped(&self, lines: u64) {
        self.dropped.fetch_add(lines, Relaxed);
    }
}

/// A worker's way to the logger thread. One owner at a time; dropping it loses nothing.
#[derive(Debug)]
pub struct LogQueue {
    slot: Arc<Slot>,
    shared: Arc<Shared>,
}

impl LogQueue {
    pub(super) fn new(shared: &Arc<Shared>) -> Self {
        let slot = Arc::new(Slot {
            state: Mutex::new(SlotState {
                batch: Batch::new(),
                asleep: true,
            }),
        });
        shared.slots().push(Arc::clone(&slot));
        Self {
            slot,
            shared: Arc::clone(shared),
        }
    }

    /// Queues one line, logged at `at_us` (microseconds of the process clock).
    ///
    /// Trailing line feeds and NULs are removed; empty messages and levels no target wants are
    /// discarded silently. A line that finds the queue full is counted as dropped.
    pub fn send(&mut self, channel: LogChannel, level: u8, at_us: u64, message: &[u8]) {
        self.send_structured(channel, level, at_us, b"", message);
    }

    /// Queues a message that came from `sender`, to be sent on.
    pub fn pass_on(&mut self, channel: LogChannel, at_us: u64, sender: &[u8], message: &[u8]) {
        self.shared.received.fetch_add(1, Relaxed);
        self.send_structured(channel, 0, at_us, sender, message);
    }

    /// As [`LogQueue::send`], with structured data for RFC 5424 targets.
    pub fn send_structured(
        &mut self,
        channel: LogChannel,
        level: u8,
        at_us: u64,
        structured: &[u8],
        message: &[u8],
    ) {
        if !channel.wants(level) || message.is_empty() {
            return;
        }
        let text = trimmed(message);
        let text = text.get(..channel.max_len).unwrap_or(text);
        let entry = Entry {
            channel: channel.id,
            level,
            structured: structured.len(),
            end: 0,
            at_us,
        };
        let mut state = self.slot.state.lock();
        let queued = state.batch.push(entry, structured, text);
        let asleep = std::mem::take(&mut state.asleep);
        drop(state);
        if queued.is_err() {
            self.shared.count_dropped(1);
        }
        if asleep {
            self.shared.wake();
        }
    }
}

fn trimmed(message: &[u8]) -> &[u8] {
    let end = message
        .iter()
        .rposition(|&b| b != b'\n' && b != 0)
        .map_or(0, |last| last + 1);
    message.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: LogChannel = LogChannel {
        id: 3,
        max_level: Some(7),
        max_len: 1024,
    };

    fn taken(queue: &LogQueue) -> Vec<(u8, String)> {
        let mut batch = Batch::default();
        queue.slot.take(&mut batch);
        batch
            .lines()
            .map(|(entry, text)| (entry.level, String::from_utf8_lossy(text).into_owned()))
            .collect()
    }

    #[track_caller]
    fn check(channel: LogChannel, sent: &[(u8, &str)], expected: &[(u8, &str)]) {
        let mut queue = LogQueue::new(&Arc::default());
        for (level, message) in sent {
            queue.send(channel, *level, 0, message.as_bytes());
        }
        let seen = taken(&queue);
        let seen: Vec<_> = seen.iter().map(|(l, t)| (*l, t.as_str())).collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn lines_keep_their_order_and_lose_their_line_feed() {
        check(
            ALL,
            &[(6, "one"), (5, "two\n\0\n"), (4, "\n"), (6, "")],
            &[(6, "one"), (5, "two"), (4, "")],
        );
    }

    #[test]
    fn what_no_target_wants_is_not_queued() {
        let notice = LogChannel {
            max_level: Some(5),
            ..ALL
        };
        check(notice, &[(6, "a"), (5, "b")], &[(5, "b")]);
        check(LogChannel::NONE, &[(0, "a")], &[]);
    }

    #[test]
    fn no_more_text_is_queued_than_a_target_takes() {
        let short = LogChannel { max_len: 3, ..ALL };
        check(short, &[(6, "abcdef")], &[(6, "abc")]);
    }

    #[test]
    fn a_full_queue_drops_and_counts() {
        let shared = Arc::<Shared>::default();
        let mut queue = LogQueue::new(&shared);
        for _ in 0..MAX_LINES + 3 {
            queue.send(ALL, 6, 0, b"x");
        }
        assert_eq!(taken(&queue).len(), MAX_LINES);
        assert_eq!(shared.dropped.load(Relaxed), 3);
        let line = vec![b'x'; 1024];
        for _ in 0..MAX_TEXT / line.len() + 2 {
            queue.send(ALL, 6, 0, &line);
        }
        assert_eq!(taken(&queue).len(), MAX_TEXT / line.len());
        assert_eq!(shared.dropped.load(Relaxed), 5);
    }

    #[test]
    fn a_queue_without_owner_goes_once_it_is_empty() {
        let shared = Arc::<Shared>::default();
        let (mut one, two) = (LogQueue::new(&shared), LogQueue::new(&shared));
        one.send(ALL, 6, 0, b"x");
        drop((one, two));
        assert_eq!(shared.slots().len(), 1);
        shared.slots()[0].take(&mut Batch::default());
        assert_eq!(shared.slots().len(), 0);
    }

    #[test]
    fn sleep_is_refused_while_a_line_waits() {
        let mut queue = LogQueue::new(&Arc::default());
        assert!(queue.slot.sleep());
        queue.send(ALL, 6, 0, b"x");
        assert!(!queue.slot.sleep());
        assert_eq!(taken(&queue).len(), 1);
        assert!(queue.slot.sleep());
    }
}
