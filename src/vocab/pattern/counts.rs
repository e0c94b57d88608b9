//! Which numbers occur, and how often: the lengths of patterns, the bits of networks.

/// Numbers in ascending order, each with how often it was added.
#[derive(Clone, Debug, Default)]
pub(in crate::vocab) struct Counts(Vec<(usize, usize)>);

impl Counts {
    pub(in crate::vocab) fn add(&mut self, number: usize) {
        match self.0.binary_search_by_key(&number, |known| known.0) {
            Ok(at) => self
                .0
                .get_mut(at)
                .into_iter()
                .for_each(|known| known.1 += 1),
            Err(at) => self.0.insert(at, (number, 1)),
        }
    }

    pub(in crate::vocab) fn remove(&mut self, number: usize) {
        if let Ok(at) = self.0.binary_search_by_key(&number, |known| known.0) {
            match self.0.get_mut(at) {
                Some((_, count)) if *count > 1 => *count -= 1,
                _ => drop(self.0.remove(at)),
            }
        }
    }

    /// Those that occur, ascending.
    pub(in crate::vocab) fn iter(&self) -> impl DoubleEndedIterator<Item = usize> + '_ {
        self.0.iter().map(|(number, _)| *number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_as_long_as_they_occur() {
        let mut counts = Counts::default();
        [5, 3, 5, 9]
            .into_iter()
            .for_each(|number| counts.add(number));
        [5, 9, 7]
            .into_iter()
            .for_each(|number| counts.remove(number));
        assert_eq!(counts.iter().collect::<Vec<_>>(), [3, 5]);
        counts.remove(5);
        assert_eq!(counts.iter().next_back(), Some(3));
    }
}
