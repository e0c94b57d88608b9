//! Fixed-size byte buffers and the per-worker pool they come from.
//!
//! A [`Buffer`] is allocated and zeroed once, then only its bounds move. It never grows: what
//! does not fit is the caller's decision (`413`, `431`, back-pressure). An idle connection holds
//! [`Buffer::empty`], which owns no memory. Deliberately absent: reference counting and sharing.

use std::cell::RefCell;
use std::rc::Rc;

/// A fixed amount of memory of which `start..end` holds unread bytes.
///
/// Invariant: `start <= end <= capacity`.
#[derive(Debug, Default)]
pub struct Buffer {
    memory: Box<[u8]>,
    start: usize,
    end: usize,
}

impl Buffer {
    /// A buffer of `capacity` bytes.
    pub fn new(capacity: usize) -> Self {
        Self {
            memory: vec![0; capacity].into_boxed_slice(),
            start: 0,
            end: 0,
        }
    }

    /// A buffer of no capacity, the placeholder while a connection idles. Allocates nothing.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Whether it owns memory, i.e. is not the placeholder.
    pub fn is_allocated(&self) -> bool {
        !self.memory.is_empty()
    }

    /// The total size in bytes.
    pub fn capacity(&self) -> usize {
        self.memory.len()
    }

    /// The unread bytes.
    pub fn data(&self) -> &[u8] {
        self.memory.get(self.start..self.end).unwrap_or_default()
    }

    /// The unread bytes, to be edited in place.
    pub fn data_mut(&mut self) -> &mut [u8] {
        self.memory
            .get_mut(self.start..self.end)
            .unwrap_or_default()
    }

    /// How many bytes are unread.
    pub fn len(&self) -> usize {
        self.end - self.start
    }

    /// Whether nothing is unread.
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Whether not one byte more fits, even after [`Buffer::compact`].
    pub fn is_full(&self) -> bool {
        self.len() == self.memory.len()
    }

    /// Takes the first `n` unread bytes away; more than there are takes all.
    pub fn consume(&mut self, n: usize) {
        if n >= self.len() {
            self.clear();
        } else {
            self.start += n;
        }
    }

    /// The free bytes behind the data, to be filled and then [committed](Buffer::commit).
    pub fn space(&mut self) -> &mut [u8] {
        self.memory.get_mut(self.end..).unwrap_or_default()
    }

    /// How many bytes [`Buffer::space`] has.
    pub fn space_len(&self) -> usize {
        self.memory.len() - self.end
    }

    /// Makes the first `n` bytes of [`Buffer::space`] data; at most all of it.
    pub fn commit(&mut self, n: usize) {
        debug_assert!(n <= self.space_len(), "more committed than there was room");
        self.end += n.min(self.space_len());
    }

    /// Moves the data to the front so that all free bytes are behind it.
    pub fn compact(&mut self) {
        if self.start > 0 {
            self.memory.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
    }

    /// Appends as much of `bytes` as fits behind the data without moving it; returns how much.
    pub fn append(&mut self, bytes: &[u8]) -> usize {
        let n = bytes.len().min(self.space_len());
        if let (Some(to), Some(from)) = (self.space().get_mut(..n), bytes.get(..n)) {
            to.copy_from_slice(from);
        }
        self.end += n;
        n
    }

    /// Forgets the data; the memory stays.
    pub fn clear(&mut self) {
        self.start = 0;
        self.end = 0;
    }
}

/// A worker's stock of [`Buffer`]s of one size. Clones share the stock.
#[derive(Clone, Debug)]
pub struct BufferPool {
    shared: Rc<Stock>,
}

#[derive(Debug)]
struct Stock {
    free: RefCell<Vec<Buffer>>,
    buffer_size: usize,
    keep: usize,
}

impl BufferPool {
    /// A pool of buffers of `buffer_size` bytes (`tune.bufsize`) that keeps at most `keep` free
    /// ones.
    pub fn new(buffer_size: usize, keep: usize) -> Self {
        Self {
            shared: Rc::new(Stock {
                free: RefCell::new(Vec::new()),
                buffer_size,
                keep,
            }),
        }
    }

    /// The size of every buffer of this pool, in bytes.
    pub fn buffer_size(&self) -> usize {
        self.shared.buffer_size
    }

    /// How many buffers wait to be taken.
    pub fn available(&self) -> usize {
        self.shared.free.borrow().len()
    }

    /// An empty buffer: the one given back last (its memory is likely still cached), or a new one.
    pub fn take(&self) -> Buffer {
        let kept = self.shared.free.borrow_mut().pop();
        kept.unwrap_or_else(|| Buffer::new(self.shared.buffer_size))
    }

    /// Gives memory to `buffer` if it is only a placeholder.
    pub fn fill(&self, buffer: &mut Buffer) {
        if !buffer.is_allocated() {
            *buffer = self.take();
        }
    }

    /// Takes a buffer back; its data is forgotten. Placeholders, foreign sizes and what is more
    /// than the pool keeps are dropped.
    pub fn give(&self, mut buffer: Buffer) {
        let mut free = self.shared.free.borrow_mut();
        if buffer.capacity() == self.shared.buffer_size && free.len() < self.shared.keep {
            buffer.clear();
            free.push(buffer);
        }
    }

    /// Takes the memory out of `buffer` if nothing is unread in it, leaving the placeholder.
    pub fn reclaim(&self, buffer: &mut Buffer) {
        if buffer.is_empty() && buffer.is_allocated() {
            self.give(std::mem::take(buffer));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_moves_through_the_buffer() {
        let mut buffer = Buffer::new(8);
        assert_eq!(buffer.append(b"abcdef"), 6);
        buffer.consume(4);
        assert_eq!((buffer.data(), buffer.space_len()), (&b"ef"[..], 2));
        buffer.compact();
        assert_eq!((buffer.data(), buffer.space_len()), (&b"ef"[..], 6));
        assert_eq!(buffer.append(b"ghijklmn"), 6);
        assert!(buffer.is_full());
        buffer.data_mut()[0] = b'E';
        assert_eq!(buffer.data(), b"Efghijkl");
    }

    #[test]
    fn consuming_everything_frees_all_space_without_a_copy() {
        let mut buffer = Buffer::new(4);
        buffer.space()[..3].copy_from_slice(b"xyz");
        buffer.commit(3);
        buffer.consume(99);
        assert_eq!((buffer.len(), buffer.space_len()), (0, 4));
    }

    #[test]
    fn the_placeholder_has_no_room() {
        let mut buffer = Buffer::empty();
        assert_eq!(buffer.append(b"x"), 0);
        assert!(buffer.is_full() && buffer.is_empty() && !buffer.is_allocated());
        buffer.compact();
        buffer.consume(1);
    }

    #[test]
    fn the_pool_keeps_a_bounded_number_of_its_own_size() {
        let pool = BufferPool::new(16, 1);
        let (mut a, b) = (pool.take(), pool.take());
        a.append(b"old");
        pool.give(a);
        pool.give(b);
        pool.give(Buffer::new(8));
        pool.give(Buffer::empty());
        assert_eq!(pool.available(), 1);
        assert!(pool.take().is_empty());
    }

    #[test]
    fn only_a_drained_buffer_is_reclaimed() {
        let pool = BufferPool::new(16, 4);
        let mut buffer = Buffer::empty();
        pool.fill(&mut buffer);
        buffer.append(b"x");
        pool.reclaim(&mut buffer);
        assert_eq!(buffer.data(), b"x");
        buffer.consume(1);
        pool.reclaim(&mut buffer);
        assert!(!buffer.is_allocated());
        assert_eq!(pool.available(), 1);
    }
}
