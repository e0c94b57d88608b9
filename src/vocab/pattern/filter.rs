//! Which hashes are certainly not there: bits small enough to stay in the cache.
//!
//! Most parts of a value that are looked up are no pattern. Asking here first costs about 5 ns
//! where the table would cost a memory access each (70 ns and more).

/// One bit for each hash, and sixteen times as many in all.
#[derive(Clone, Debug, Default)]
pub(in crate::vocab) struct Filter {
    /// A power of two of words, or none.
    words: Vec<u64>,
    /// Hashes that were taken out and still have their bit.
    stale: usize,
}

impl Filter {
    /// For that many hashes; a quarter more make it no worse.
    pub(in crate::vocab) fn with_room(hashes: usize) -> Self {
        Self {
            words: vec![0; (hashes / 4 + 1).next_power_of_two()],
            stale: 0,
        }
    }

    pub(in crate::vocab) fn add(&mut self, hash: u32) {
        let (word, bit) = self.place(hash);
        if let Some(word) = self.words.get_mut(word) {
            *word |= bit;
        }
    }

    /// Notes that a hash is gone; whether it is time to make another filter.
    pub(in crate::vocab) fn outdated_by_one_more(&mut self) -> bool {
        self.stale += 1;
        self.stale > 4 * self.words.len()
    }

    /// Whether it may be there.
    pub(in crate::vocab) fn may_have(&self, hash: u32) -> bool {
        let (word, bit) = self.place(hash);
        self.words.get(word).is_some_and(|word| word & bit != 0)
    }

    /// How many hashes it was made for.
    pub(in crate::vocab) fn room(&self) -> usize {
        4 * self.words.len()
    }

    fn place(&self, hash: u32) -> (usize, u64) {
        let word = (u64::from(hash) * self.words.len() as u64) >> 32;
        (word as usize, 1 << (hash & 63))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_may_be_there_and_most_else_is_not() {
        let mut filter = Filter::with_room(1000);
        let hash = |n: u32| n.wrapping_mul(0x9e37_79b9) ^ n.wrapping_mul(0x85eb_ca6b) >> 13;
        assert!(!filter.may_have(hash(1)));
        (0..1000).for_each(|n| filter.add(hash(n)));
        assert!((0..1000).all(|n| filter.may_have(hash(n))));
        let wrong = (1000..11_000).filter(|n| filter.may_have(hash(*n))).count();
        assert!(wrong < 1500, "{wrong}");
    }
}
