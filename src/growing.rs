//! A list that grows while others read it, for what commands add to a configuration in force.
//!
//! What it was made with lies in one piece, so that reading costs what reading a vector costs; what
//! comes later goes to further pieces, each twice as large as the one before. What must hold: a place
//! never moves and is never given to anything else, so an index stays valid for as long as the list;
//! what is taken out is only passed over by those who ask for it. Its memory comes back with the
//! list, which is when the configuration is replaced.

use parking_lot::Mutex;
use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Places in the first further piece.
const FIRST: usize = 8;
/// Further pieces.
const PIECES: usize = 13;
/// Most that can be added.
pub const MOST_ADDED: usize = FIRST * ((1 << PIECES) - 1);

/// Such a list.
pub struct Growing<T> {
    first: Vec<Place<T>>,
    more: OnceLock<Box<More<T>>>,
}

struct Place<T> {
    thing: T,
    gone: AtomicBool,
}

struct More<T> {
    pieces: [OnceLock<Piece<T>>; PIECES],
    len: AtomicUsize,
    growing: Mutex<()>,
}

type Piece<T> = Box<[OnceLock<Place<T>>]>;

impl<T> Place<T> {
    fn new(thing: T) -> Self {
        Self {
            thing,
            gone: AtomicBool::new(false),
        }
    }
}

impl<T> More<T> {
    fn new() -> Box<Self> {
        Box::new(Self {
            pieces: [const { OnceLock::new() }; PIECES],
            len: AtomicUsize::new(0),
            growing: Mutex::new(()),
        })
    }

    fn get(&self, index: usize) -> Option<&Place<T>> {
        let (piece, at) = split(index);
        self.pieces.get(piece)?.get()?.get(at)?.get()
    }

    fn push(&self, thing: T) -> Option<usize> {
        let _one_at_a_time = self.growing.lock();
        let index = self.len.load(Ordering::Relaxed);
        let (piece, at) = split(index);
        let size = FIRST << piece;
        let empty = || (0..size).map(|_| OnceLock::new()).collect();
        let place = self.pieces.get(piece)?.get_or_init(empty).get(at)?;
        // Nobody else writes here, the lock is held.
        place.set(Place::new(thing)).ok()?;
        self.len.store(index + 1, Ordering::Release);
        Some(index)
    }
}

/// The piece of a further place, and the place in there.
fn split(index: usize) -> (usize, usize) {
    let piece = (index / FIRST + 1).ilog2() as usize;
    (piece, index - FIRST * ((1 << piece) - 1))
}

impl<T> Growing<T> {
    /// How many places there are, those of what was taken out included.
    pub fn len(&self) -> usize {
        let more = self.more.get();
        self.first.len() + more.map_or(0, |more| more.len.load(Ordering::Acquire))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many it was made with.
    pub fn original(&self) -> usize {
        self.first.len()
    }

    /// What is at a place, taken out or not.
    pub fn get(&self, index: usize) -> Option<&T> {
        match self.first.get(index) {
            Some(place) => Some(&place.thing),
            None => self.place(index).map(|place| &place.thing),
        }
    }

    #[cold]
    fn place(&self, index: usize) -> Option<&Place<T>> {
        match index.checked_sub(self.first.len()) {
            Some(index) => self.more.get()?.get(index),
            None => self.first.get(index),
        }
    }

    /// Everything in order, what was taken out included.
    pub fn iter(&self) -> Iter<'_, T> {
        Iter {
            list: self,
            places: 0..self.len(),
        }
    }

    /// Index and thing of all that is in the list.
    pub fn present(&self) -> impl Iterator<Item = (usize, &T)> {
        (self.iter().enumerate()).filter(|(index, _)| self.has(*index))
    }

    /// The same of what was added.
    pub fn added(&self) -> impl Iterator<Item = (usize, &T)> {
        let added = (self.original()..self.len()).filter(|index| self.has(*index));
        added.filter_map(|index| Some((index, self.get(index)?)))
    }

    /// The first thing in the list for which that holds.
    pub fn find(&self, mut wanted: impl FnMut(&T) -> bool) -> Option<usize> {
        let mut present = self.present();
        present.find(|(_, thing)| wanted(thing)).map(|(at, _)| at)
    }

    /// Whether there is something at a place that was not taken out.
    pub fn has(&self, index: usize) -> bool {
        let place = match self.first.get(index) {
            Some(place) => Some(place),
            None => self.place(index),
        };
        place.is_some_and(|place| !place.gone.load(Ordering::Acquire))
    }

    /// Adds something; its index, or `None` once [`MOST_ADDED`] were added.
    pub fn add(&self, thing: T) -> Option<usize> {
        let index = self.more.get_or_init(More::new).push(thing)?;
        Some(self.first.len() + index)
    }

    /// Takes something out: those who hold its index still find it.
    pub fn remove(&self, index: usize) {
        if let Some(place) = self.place(index) {
            place.gone.store(true, Ordering::Release);
        }
    }
}

/// While nobody else reads it.
impl<T> Growing<T> {
    /// Adds something to what the list is made with.
    pub fn push(&mut self, thing: T) {
        self.first.push(Place::new(thing));
    }

    /// What is at a place, of what the list was made with.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        self.first.get_mut(index).map(|place| &mut place.thing)
    }

    /// Takes what the list was made with.
    pub fn take_original(&mut self) -> Vec<T> {
        let first = std::mem::take(&mut self.first);
        first.into_iter().map(|place| place.thing).collect()
    }

    /// All that the list was made with.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.first.iter_mut().map(|place| &mut place.thing)
    }
}

impl<T> Default for Growing<T> {
    fn default() -> Self {
        Self {
            first: Vec::new(),
            more: OnceLock::new(),
        }
    }
}

/// Everything in a list, what was taken out included.
#[derive(Debug)]
pub struct Iter<'l, T> {
    list: &'l Growing<T>,
    places: Range<usize>,
}

impl<'l, T> Iterator for Iter<'l, T> {
    type Item = &'l T;

    fn next(&mut self) -> Option<&'l T> {
        self.list.get(self.places.next()?)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.places.size_hint()
    }
}

impl<'l, T> IntoIterator for &'l Growing<T> {
    type Item = &'l T;
    type IntoIter = Iter<'l, T>;

    fn into_iter(self) -> Iter<'l, T> {
        self.iter()
    }
}

impl<T> FromIterator<T> for Growing<T> {
    fn from_iter<I: IntoIterator<Item = T>>(things: I) -> Self {
        Self {
            first: things.into_iter().map(Place::new).collect(),
            more: OnceLock::new(),
        }
    }
}

impl<T, const N: usize> From<[T; N]> for Growing<T> {
    fn from(things: [T; N]) -> Self {
        things.into_iter().collect()
    }
}

impl<T> From<Vec<T>> for Growing<T> {
    fn from(things: Vec<T>) -> Self {
        things.into_iter().collect()
    }
}

impl<T: fmt::Debug> fmt::Debug for Growing<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
impl<T> std::ops::Index<usize> for Growing<T> {
    type Output = T;

    fn index(&self, index: usize) -> &T {
        self.get(index).expect("the test knows what there is")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(first: usize, added: usize) -> Growing<usize> {
        let list: Growing<usize> = (0..first).collect();
        for number in first..first + added {
            assert_eq!(list.add(number), Some(number));
        }
        list
    }

    #[test]
    fn places_keep_their_numbers() {
        for (first, added) in [(0, 0), (3, 0), (0, 1), (2, 8), (2, 9), (5, 1000)] {
            let list = made(first, added);
            assert_eq!((list.len(), list.original()), (first + added, first));
            assert!(list.iter().copied().eq(0..first + added), "{first} {added}");
            assert_eq!(list.get(first + added), None);
        }
    }

    #[test]
    fn what_is_taken_out_is_passed_over_and_stays_readable() {
        let list = made(2, 2);
        for index in [1, 3, 9] {
            list.remove(index);
        }
        assert_eq!(list.present().collect::<Vec<_>>(), [(0, &0), (2, &2)]);
        assert_eq!(
            (list.find(|n| *n == 3), list.find(|n| *n == 2)),
            (None, Some(2))
        );
        assert_eq!((list.get(3), list.has(3), list.len()), (Some(&3), false, 4));
    }

    #[test]
    fn it_has_an_end() {
        let list = Growing::<u8>::default();
        let added = std::iter::from_fn(|| list.add(0)).count();
        assert_eq!(added, MOST_ADDED);
    }

    #[test]
    fn who_reads_meanwhile_sees_what_is_there() {
        let list = made(1, 0);
        std::thread::scope(|threads| {
            threads
                .spawn(|| (1..5000).for_each(|number| assert_eq!(list.add(number), Some(number))));
            while list.len() < 5000 {
                assert!(
                    list.iter()
                        .enumerate()
                        .all(|(index, number)| index == *number)
                );
            }
        });
    }
}
