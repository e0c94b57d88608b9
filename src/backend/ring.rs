//! `hash-type consistent` and `balance random`: servers on a ring of hashes.
//!
//! A server stands on the ring once per sixteenth of its weight. A key belongs to the place nearest
//! to it, so that a server which comes or goes moves only its own share of the keys.

use super::hash::full_avalanche;

/// The servers of one group.
#[derive(Debug, Default)]
pub(super) struct Ring {
    /// Hash and server, by hash; of equal ones the server added first.
    places: Vec<(u32, u32)>,
    /// Where places begin whose hash has these first bits or higher ones, and the end: about one
    /// place is between two of them, so that a key is found without halving the whole ring.
    starts: Vec<u32>,
    /// How many bits of a hash follow those.
    shift: u32,
}

impl Ring {
    /// A ring of servers: index, key and weight in sixteenths.
    pub(super) fn new(servers: impl IntoIterator<Item = (usize, u32, u32)>) -> Self {
        let mut places: Vec<_> = servers
            .into_iter()
            .flat_map(|(server, key, weight)| {
                let place = move |at| (full_avalanche(key.wrapping_add(at)), server as u32);
                (0..weight).map(place)
            })
            .collect();
        places.sort_by_key(|&(hash, _)| hash);
        let first_bits = places
            .len()
            .next_power_of_two()
            .trailing_zeros()
            .clamp(1, 24);
        let shift = u32::BITS - first_bits;
        let mut at = 0;
        let starts = (0..=1 << first_bits).map(|bits: u32| {
            let before = |&&(hash, _): &&(u32, u32)| hash >> shift < bits;
            at += places.iter().skip(at).take_while(before).count();
            at as u32
        });
        Self {
            starts: starts.collect(),
            places,
            shift,
        }
    }

    /// The server nearest to `hash`, or the next one for which `passed` is false; the last one
    /// looked at if there is none.
    pub(super) fn nearest(&self, hash: u32, passed: impl Fn(usize) -> bool) -> Option<usize> {
        let at = self.nearest_place(hash)?;
        let turns = || self.places.iter().skip(at).chain(&self.places);
        let found = turns()
            .map(|&(_, server)| server as usize)
            .find(|&s| !passed(s));
        found.or_else(|| self.server(self.places.len() - 1))
    }

    /// The first server after the place `last`, in turn, that is not `full`, and its place; `avoid`
    /// only if there is no other.
    pub(super) fn after(
        &self,
        last: Option<usize>,
        avoid: Option<usize>,
        full: impl Fn(usize) -> bool,
    ) -> Option<(usize, usize)> {
        let start = last.map_or(0, |last| last + 1);
        let mut avoided = None;
        for at in (start..self.places.len()).chain(0..start.min(self.places.len())) {
            let server = self.server(at)?;
            if full(server) {
                continue;
            }
            if Some(server) != avoid {
                return Some((server, at));
            }
            avoided = Some((server, at));
        }
        avoided
    }

    fn server(&self, at: usize) -> Option<usize> {
        self.places.get(at).map(|&(_, server)| server as usize)
    }

    fn nearest_place(&self, hash: u32) -> Option<usize> {
        let count = self.places.len();
        let bits = (hash >> self.shift) as usize;
        let (&start, &end) = (self.starts.get(bits)?, self.starts.get(bits + 1)?);
        let alike = self.places.get(start as usize..end as usize)?;
        let at = start as usize + alike.partition_point(|&(place, _)| place < hash);
        let next = if at < count { at } else { 0 };
        let before = next.checked_sub(1).or_else(|| count.checked_sub(1))?;
        let distance_before = hash.wrapping_sub(self.places.get(before)?.0);
        let distance_next = self.places.get(next)?.0.wrapping_sub(hash);
        Some(match distance_before <= distance_next {
            true => before,
            false => next,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::hash::id_key;
    use super::*;

    fn ring(weights: &[u32]) -> Ring {
        let servers = weights.iter().zip(1..);
        Ring::new(servers.map(|(&weight, id)| (id as usize - 1, id_key(id), weight * 16)))
    }

    #[test]
    fn a_server_that_leaves_moves_its_keys_only() {
        let (all, fewer) = (ring(&[1, 1, 1]), ring(&[1, 0, 1]));
        for key in (0..1000).map(full_avalanche) {
            let before = all.nearest(key, |_| false);
            if before != Some(1) {
                assert_eq!(fewer.nearest(key, |_| false), before);
            }
        }
    }

    #[test]
    fn passed_servers_leave_their_keys_to_others() {
        let ring = ring(&[1, 1]);
        for key in (0..100).map(full_avalanche) {
            assert_eq!(ring.nearest(key, |server| server == 0), Some(1));
            assert!(ring.nearest(key, |_| true).is_some());
        }
        assert_eq!(Ring::default().nearest(7, |_| false), None);
    }

    #[test]
    fn without_a_key_places_take_turns() {
        let ring = ring(&[1, 1]);
        let mut last = None;
        let mut counts = [0, 0];
        for _ in 0..64 {
            let (server, at) = ring.after(last, None, |_| false).unwrap();
            counts[server] += 1;
            last = Some(at);
        }
        assert_eq!(counts, [32, 32]);
        assert_eq!(
            ring.after(None, Some(0), |server| server == 1).map(|f| f.0),
            Some(0)
        );
        assert_eq!(ring.after(None, None, |_| true), None);
    }
}
