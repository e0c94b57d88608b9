//! How a rate went in the last minutes, for people who look at the page.
//!
//! One writer adds a sample now and then; readers may see one sample half moved on, which nobody
//! notices. Deliberately absent: when samples are taken.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Samples that are kept.
pub(super) const SAMPLES: usize = 60;
/// Milliseconds between two of them.
pub const SAMPLE_INTERVAL_MS: u64 = 5000;

/// The last samples of one rate.
#[derive(Debug)]
pub(super) struct History {
    /// In a ring: the next one goes to `taken` modulo their number.
    samples: [AtomicU32; SAMPLES],
    taken: AtomicU32,
}

impl Default for History {
    fn default() -> Self {
        Self {
            samples: [const { AtomicU32::new(0) }; SAMPLES],
            taken: AtomicU32::new(0),
        }
    }
}

impl History {
    /// Adds a sample.
    pub(super) fn add(&self, sample: u32) {
        let taken = self.taken.load(Relaxed);
        if let Some(place) = self.samples.get(taken as usize % SAMPLES) {
            place.store(sample, Relaxed);
        }
        self.taken.store(taken.wrapping_add(1), Relaxed);
    }

    /// The samples from the oldest to the newest; zeros where there were none yet.
    pub(super) fn read(&self) -> [u32; SAMPLES] {
        let taken = self.taken.load(Relaxed) as usize;
        std::array::from_fn(|at| {
            let place = self.samples.get((taken + at) % SAMPLES);
            place.map_or(0, |sample| sample.load(Relaxed))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_last() {
        let history = History::default();
        (1..=70).for_each(|sample| history.add(sample));
        let read = history.read();
        assert_eq!((read.first(), read.last()), (Some(&11), Some(&70)));
        let fresh = History::default();
        fresh.add(5);
        let [.., before, last] = fresh.read();
        assert_eq!((before, last), (0, 5));
    }
}
