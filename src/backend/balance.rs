//! `balance roundrobin`: weighted, smooth, and in HAProxy's exact order.
//!
//! Servers stand on a line of positions, one turn of which is as long as the sum of the weights.
//! Each time a server is taken it moves on by (sum / its weight), remainders carried over, so
//! that its turns are spread evenly. Three queues: `current` by position, `init` holding servers
//! not yet placed in this turn, heaviest first, and `next` for those whose position falls into
//! the following turn. When nothing is left, `next` becomes `init` and a new turn starts.
//!
//! Weights are in sixteenths of the user's weight, so that a slow start moves in steps. A server
//! that comes, goes or changes leaves the others where they stand. Deliberately absent: which
//! servers are usable; one that is not has a weight of 0.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Weight units per unit of the user's weight.
const SCALE: u32 = 16;
/// Largest user weight.
const USER_MAX: u32 = 256;
/// Largest weight.
const WEIGHT_MAX: u32 = USER_MAX * SCALE;

/// Ordered by key, then first come first served.
type Queue = BinaryHeap<Reverse<(u64, u64, usize)>>;

/// Where a server waits for its turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Line {
    #[default]
    Out,
    Current,
    Init,
    Next,
}

#[derive(Clone, Copy, Debug, Default)]
struct Place {
    weight: u32,
    position: u32,
    remainder: u32,
    line: Line,
}

/// The state of one round robin group.
#[derive(Debug, Default)]
pub struct RoundRobin {
    places: Vec<Place>,
    current: Queue,
    init: Queue,
    next: Queue,
    /// Where the turn stands, and how long it is.
    position: u32,
    turn: u32,
    /// The sum of all weights: the length of the next turn.
    total: u32,
    arrivals: u64,
    /// Servers passed over in one choice; kept to avoid an allocation.
    passed: Vec<usize>,
}

impl RoundRobin {
    /// A group of servers by their weights in sixteenths (0..=4096); 0 takes no part.
    pub fn new(weights: impl IntoIterator<Item = u32>) -> Self {
        let mut group = Self::default();
        group.places.extend(weights.into_iter().map(|weight| Place {
            weight: weight.min(WEIGHT_MAX),
            ..Place::default()
        }));
        group.total = group.places.iter().map(|p| p.weight).sum();
        group.turn = group.total;
        group.position = group.total;
        for index in 0..group.places.len() {
            group.queue_by_weight(index, Line::Init);
        }
        group
    }

    /// Gives a server another weight in sixteenths. It waits for about its share of what is left of
    /// this turn.
    pub fn set_weight(&mut self, index: usize, weight: u32) {
        let weight = weight.min(WEIGHT_MAX);
        let place = self.place(index);
        if place.weight == weight {
            return;
        }
        self.total = self.total - place.weight + weight;
        self.withdraw(index, place.line);
        let (turn, total, now) = (self.turn, self.total, self.position);
        let Some(kept) = self.places.get_mut(index) else {
            return;
        };
        kept.weight = weight;
        if weight == 0 {
            return;
        }
        if place.line == Line::Init {
            kept.remainder = 0;
        }
        kept.position = now + (total + turn).saturating_sub(now) / weight;
        self.requeue(index);
    }

    /// Takes the next server for which `full` is false, preferring another than `avoid`.
    pub fn take(&mut self, avoid: Option<usize>, full: impl Fn(usize) -> bool) -> Option<usize> {
        let mut turned = false;
        let mut avoided = None;
        if self.turn == 0 {
            self.turn = self.total;
            self.position = self.total;
        }
        self.passed.clear();
        let chosen = loop {
            let Some(index) = self.first() else {
                if turned {
                    break avoided;
                }
                turned = true;
                self.start_turn();
                continue;
            };
            self.move_on(index);
            self.position = self.position.wrapping_add(1);
            if !full(index) {
                if Some(index) != avoid || avoided.is_some() {
                    break Some(index);
                }
                avoided = Some(index);
            }
            self.passed.push(index);
        };
        if let Some(index) = chosen {
            self.requeue(index);
        }
        // Passed-over servers go back last first, as if they had been consumed; after a new turn
        // their place is lost and only their weight matters.
        while let Some(index) = self.passed.pop() {
            if Some(index) == chosen {
                continue;
            }
            if turned {
                self.queue_by_weight(index, Line::Init);
            } else {
                self.requeue(index);
            }
        }
        chosen
    }

    /// Removes and returns the server whose turn it is.
    fn first(&mut self) -> Option<usize> {
        let due = self.current.peek().map(|Reverse((_, _, index))| *index);
        if let Some(index) = due
            && self.place(index).position <= self.position
        {
            self.current.pop();
            return Some(index);
        }
        if let Some(Reverse((_, _, index))) = self.init.pop() {
            if let Some(place) = self.places.get_mut(index) {
                place.position = 0;
                place.remainder = 0;
            }
            return Some(index);
        }
        self.current.pop().map(|Reverse((_, _, index))| index)
    }

    /// Adds a server that has no weight yet.
    pub fn add(&mut self) {
        self.places.push(Place::default());
    }

    fn place(&self, index: usize) -> Place {
        self.places.get(index).copied().unwrap_or_default()
    }

    /// Advances a server by one share of the turn.
    fn move_on(&mut self, index: usize) {
        let (position, total) = (self.position, self.total);
        let Some(place) = self.places.get_mut(index) else {
            return;
        };
        if place.weight == 0 {
            return;
        }
        if place.position == 0 {
            place.position = position;
        }
        place.position = place.position.wrapping_add(total / place.weight);
        place.remainder += total % place.weight;
        if place.remainder >= place.weight {
            place.remainder -= place.weight;
            place.position = place.position.wrapping_add(1);
        }
    }

    /// Puts a server back where its position says.
    fn requeue(&mut self, index: usize) {
        let (turn, total) = (self.turn, self.total);
        let Some(place) = self.places.get_mut(index) else {
            return;
        };
        if place.position >= 2 * turn || place.position >= turn + total {
            place.position = place.position.wrapping_sub(turn);
            self.queue_by_weight(index, Line::Next);
            return;
        }
        place.line = Line::Current;
        let tie = (WEIGHT_MAX + place.remainder - place.weight) / SCALE;
        let key = u64::from(USER_MAX) * u64::from(place.position) + u64::from(tie);
        let arrival = self.arrival();
        self.current.push(Reverse((key, arrival, index)));
    }

    /// Queues a server heaviest first, in `next` or in `init`.
    fn queue_by_weight(&mut self, index: usize, line: Line) {
        let arrival = self.arrival();
        let Some(place) = self.places.get_mut(index).filter(|place| place.weight > 0) else {
            return;
        };
        place.line = line;
        let entry = Reverse((u64::from(WEIGHT_MAX - place.weight), arrival, index));
        match line {
            Line::Next => self.next.push(entry),
            _ => self.init.push(entry),
        }
    }

    /// Takes a server out of its line.
    fn withdraw(&mut self, index: usize, line: Line) {
        let stays = |entry: &Reverse<(u64, u64, usize)>| entry.0.2 != index;
        match line {
            Line::Out => {}
            Line::Current => self.current.retain(stays),
            Line::Init => self.init.retain(stays),
            Line::Next => self.next.retain(stays),
        }
        if let Some(place) = self.places.get_mut(index) {
            place.line = Line::Out;
        }
    }

    fn start_turn(&mut self) {
        std::mem::swap(&mut self.init, &mut self.next);
        for Reverse((_, _, index)) in &self.init {
            if let Some(place) = self.places.get_mut(*index) {
                place.line = Line::Init;
            }
        }
        self.turn = self.total;
        self.position = self.turn;
    }

    fn arrival(&mut self) -> u64 {
        self.arrivals += 1;
        self.arrivals
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The order of the first choices, as letters.
    fn order(weights: &[u32], count: usize) -> String {
        let mut group = RoundRobin::new(weights.iter().map(|weight| weight * SCALE));
        (0..count)
            .map(|_| letter(group.take(None, |_| false)))
            .collect()
    }

    fn letter(index: Option<usize>) -> char {
        index.map_or('-', |i| char::from(b'a' + i as u8))
    }

    #[test]
    fn the_order_is_haproxys() {
        // Observed with HAProxy 3.4.0, nbthread 1, one request after the other.
        let check = |weights: &[u32], expected: &str| {
            assert_eq!(order(weights, expected.len()), expected, "{weights:?}");
        };
        check(&[1, 1], "abababab");
        check(&[1, 1, 1], "abcabcabc");
        check(&[0, 1], "bbbb");
        check(&[], "--");
    }

    #[test]
    fn shares_follow_the_weights() {
        for weights in [&[3, 1][..], &[5, 3, 2], &[256, 1], &[7, 7, 1, 1]] {
            let turn: u32 = weights.iter().sum();
            let taken = order(weights, turn as usize * 10);
            for (index, &weight) in weights.iter().enumerate() {
                let got = taken.chars().filter(|&c| c == letter(Some(index))).count();
                assert_eq!(got, weight as usize * 10, "{weights:?} {index}");
            }
        }
    }

    #[test]
    fn full_servers_are_passed_and_the_avoided_one_is_the_last_resort() {
        let mut group = RoundRobin::new([SCALE; 2]);
        assert_eq!(group.take(None, |i| i == 0), Some(1));
        assert_eq!(group.take(None, |_| true), None);
        assert_eq!(group.take(Some(0), |_| false), Some(1));
        assert_eq!(group.take(Some(0), |i| i == 1), Some(0));
    }

    #[test]
    fn servers_come_and_go_in_haproxys_order() {
        // Observed with HAProxy 3.4.0, nbthread 1, states and weights set through its CLI.
        let mut group = RoundRobin::new([SCALE, SCALE, 2 * SCALE]);
        let mut check = |expected: &str, then: &[(usize, u32)]| {
            let next = |_| letter(group.take(None, |_| false));
            let taken: String = (0..expected.len()).map(next).collect();
            assert_eq!(taken, expected);
            for &(index, weight) in then {
                group.set_weight(index, weight * SCALE);
            }
        };
        check("cacbcacbca", &[(1, 0)]);
        check("cccacca", &[(1, 1)]);
        check("cabccabccabc", &[(0, 3)]);
        check("cabacacabacaca", &[(2, 1)]);
        check("baacabaacab", &[(0, 0)]);
        check("cbcbc", &[(1, 0)]);
        check("ccc", &[(0, 3)]);
        check("acaaac", &[(1, 1)]);
        check("aacabaaca", &[]);
    }
}
