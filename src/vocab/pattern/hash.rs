//! A keyed hash of texts that gives the hashes of all prefixes, or all suffixes, in one pass.
//!
//! Eight bytes at a time are mixed into the state by a 128-bit multiplication. Keys come from
//! peers (`set-map`), so that state and multiplier are this process's secret.

use super::text_index::Direction;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::LazyLock;

/// The secret of this process.
#[derive(Clone, Copy, Debug)]
pub(in crate::vocab) struct Seed {
    start: u64,
    factor: u64,
}

impl Seed {
    pub(in crate::vocab) fn of_process() -> Self {
        static SEED: LazyLock<Seed> = LazyLock::new(|| {
            let random = RandomState::new();
            Seed {
                start: random.hash_one(1_u8),
                factor: random.hash_one(2_u8) | 1,
            }
        });
        *SEED
    }

    fn mix(self, state: u64, word: u64) -> u64 {
        fold_product(state ^ word, self.factor)
    }

    /// The hash of a text whose whole words made `state`.
    fn finish(self, state: u64, tail: u64, length: usize) -> u32 {
        let last = self.mix(state, tail) ^ length as u64;
        (fold_product(last, self.factor.rotate_left(32) | 1) >> 32) as u32
    }
}

fn fold_product(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ (product >> 64) as u64
}

/// Hashes the parts of one text that start at one of its ends.
#[derive(Debug)]
pub(super) struct Parts<'t> {
    text: &'t [u8],
    direction: Direction,
    fold: bool,
    seed: Seed,
    state: u64,
    done: usize,
}

impl<'t> Parts<'t> {
    pub(super) fn new(text: &'t [u8], direction: Direction, fold: bool, seed: Seed) -> Self {
        Self {
            text,
            direction,
            fold,
            seed,
            state: seed.start,
            done: 0,
        }
    }

    /// The hash of the part of that length. Ask for lengths in ascending order, none longer than
    /// the text.
    pub(super) fn hash(&mut self, length: usize) -> u32 {
        while self.done + 8 <= length {
            self.state = self.seed.mix(self.state, self.word(self.done, 8));
            self.done += 8;
        }
        let tail = self.word(self.done, length - self.done);
        self.seed.finish(self.state, tail, length)
    }

    /// Up to eight bytes from `at`, counted from the end where parts start; the first byte is
    /// the lowest.
    fn word(&self, at: usize, count: usize) -> u64 {
        let word = match self.direction {
            Direction::Forward => word_at(self.text, at, count),
            Direction::Backward => word_before(self.text, self.text.len() - at, count),
        };
        match self.fold {
            true => lower(word),
            false => word,
        }
    }
}

fn low_bytes(word: u64, count: usize) -> u64 {
    match count {
        8.. => word,
        _ => word & ((1 << (8 * count)) - 1),
    }
}

fn word_at(text: &[u8], at: usize, count: usize) -> u64 {
    let rest = text.get(at..).unwrap_or_default();
    if let Some(chunk) = rest.first_chunk::<8>() {
        return low_bytes(u64::from_le_bytes(*chunk), count);
    }
    if let (Some(chunk), 1..8) = (text.last_chunk::<8>(), rest.len()) {
        let word = u64::from_le_bytes(*chunk) >> (8 * (8 - rest.len()));
        return low_bytes(word, count);
    }
    let bytes = rest.iter().take(count).rev();
    bytes.fold(0, |word, &byte| word << 8 | u64::from(byte))
}

fn word_before(text: &[u8], end: usize, count: usize) -> u64 {
    let rest = text.get(..end).unwrap_or_default();
    if let Some(chunk) = rest.last_chunk::<8>() {
        return low_bytes(u64::from_be_bytes(*chunk), count);
    }
    let bytes = rest.iter().skip(rest.len().saturating_sub(count));
    bytes.fold(0, |word, &byte| word << 8 | u64::from(byte))
}

/// Eight bytes with ASCII letters in lower case.
fn lower(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let low = word & (0x7f * ONES);
    let from_a = low + (0x80 - b'A' as u64) * ONES;
    let after_z = low + (0x7f - b'Z' as u64) * ONES;
    let upper = (from_a ^ after_z) & !word & (0x80 * ONES);
    word | upper >> 2
}

/// Hashes numbers with the same secret.
#[derive(Debug)]
pub(in crate::vocab) struct NumberHasher {
    seed: Seed,
    state: u64,
}

impl BuildHasher for Seed {
    type Hasher = NumberHasher;

    fn build_hasher(&self) -> NumberHasher {
        NumberHasher {
            seed: *self,
            state: self.start,
        }
    }
}

impl Hasher for NumberHasher {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(byte.into());
        }
    }

    fn write_u8(&mut self, value: u8) {
        self.write_u64(value.into());
    }

    fn write_u64(&mut self, value: u64) {
        self.state = self.seed.mix(self.state, value);
    }

    fn write_i64(&mut self, value: i64) {
        self.write_u64(value.cast_unsigned());
    }

    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }

    fn write_u128(&mut self, value: u128) {
        self.write_u64(value as u64);
        self.write_u64((value >> 64) as u64);
    }

    fn finish(&self) -> u64 {
        self.state
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &[u8], direction: Direction, fold: bool) -> u32 {
        Parts::new(text, direction, fold, Seed::of_process()).hash(text.len())
    }

    #[test]
    fn parts_hash_as_texts_of_their_own() {
        let text = b"The quick Brown fox jumps over the LAZY dog.";
        for fold in [false, true] {
            let seed = Seed::of_process();
            let mut forward = Parts::new(text, Direction::Forward, fold, seed);
            let mut backward = Parts::new(text, Direction::Backward, fold, seed);
            for length in 0..=text.len() {
                let (start, end) = (&text[..length], &text[text.len() - length..]);
                let expected = whole(start, Direction::Forward, fold);
                assert_eq!(forward.hash(length), expected, "{length}");
                let expected = whole(end, Direction::Backward, fold);
                assert_eq!(backward.hash(length), expected, "{length}");
            }
        }
    }

    #[test]
    fn case_is_ascii_only() {
        for byte in 0..=255_u8 {
            let word = u64::from_le_bytes([byte; 8]);
            let expected = u64::from_le_bytes([byte.to_ascii_lowercase(); 8]);
            assert_eq!(lower(word), expected, "{byte:#x}");
        }
        let same = whole(b"ABCdef", Direction::Forward, true);
        assert_eq!(same, whole(b"abcDEF", Direction::Forward, true));
        assert_ne!(same, whole(b"abcDEF", Direction::Forward, false));
    }
}
