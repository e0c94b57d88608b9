//! `balance static-rr` and `hash-type map-based`: a fixed table of servers by weight.
//!
//! The table has one entry per unit of weight, once weights are divided by what they have in
//! common. A key's entry is its hash modulo the size; turns go through the table in order.

/// The table of one group.
#[derive(Debug, Default)]
pub(super) struct Map {
    servers: Vec<u32>,
}

/// What all weights can be divided by.
pub(super) fn common_divisor(weights: impl Iterator<Item = u32>) -> u32 {
    let divide = |mut a: u32, mut b: u32| {
        while b != 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    weights.fold(0, divide).max(1)
}

impl Map {
    /// A table of servers: index and weight.
    pub(super) fn new(servers: &[(usize, u32)]) -> Self {
        let total: u32 = servers.iter().map(|&(_, weight)| weight).sum();
        let mut scores = vec![0_i64; servers.len()];
        let entry = |_| {
            // In each step every server gains its weight, and who then stands highest, as a whole
            // multiple of the total, pays the total; the first of equals.
            let mut best: Option<(usize, i64)> = None;
            for (at, (score, &(_, weight))) in scores.iter_mut().zip(servers).enumerate() {
                *score += i64::from(weight);
                let rank = (*score + i64::from(total)) / i64::from(total);
                if best.is_none_or(|(_, most)| rank > most) {
                    best = Some((at, rank));
                }
            }
            let (at, _) = best?;
            *scores.get_mut(at)? -= i64::from(total);
            servers.get(at).map(|&(server, _)| server as u32)
        };
        Self {
            servers: (0..total).filter_map(entry).collect(),
        }
    }

    /// The server a hash belongs to.
    pub(super) fn of(&self, hash: u32) -> Option<usize> {
        let at = (hash as usize).checked_rem(self.servers.len())?;
        self.servers.get(at).map(|&server| server as usize)
    }

    /// The next server that is not `full`, in turn, where `next` says the turn stands; `avoid`
    /// only if there is no other.
    pub(super) fn turn(
        &self,
        next: &mut usize,
        avoid: Option<usize>,
        full: impl Fn(usize) -> bool,
    ) -> Option<usize> {
        let count = self.servers.len();
        let start = if *next < count { *next } else { 0 };
        let mut avoided = None;
        for at in (start..count).chain(0..start) {
            let server = *self.servers.get(at)? as usize;
            if full(server) {
                continue;
            }
            if Some(server) != avoid {
                *next = at + 1;
                return Some(server);
            }
            avoided = Some(at);
        }
        *next = avoided? + 1;
        avoid
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns(weights: &[u32], count: usize) -> String {
        let divisor = common_divisor(weights.iter().copied());
        let servers: Vec<_> = weights.iter().map(|w| w / divisor).enumerate().collect();
        let map = Map::new(&servers);
        let mut next = 0;
        (0..count)
            .filter_map(|_| map.turn(&mut next, None, |_| false))
            .map(|server| char::from(b'a' + server as u8))
            .collect()
    }

    #[test]
    fn entries_are_spread_by_weight() {
        let check = |weights: &[u32], expected: &str| {
            assert_eq!(turns(weights, expected.len()), expected, "{weights:?}");
        };
        check(&[1, 1], "abab");
        check(&[10, 20], "abbabb");
        check(&[0, 1], "bb");
        check(&[0], "");
    }

    #[test]
    fn full_servers_are_passed_and_the_avoided_one_is_the_last_resort() {
        let map = Map::new(&[(0, 1), (1, 1)]);
        let mut next = 0;
        assert_eq!(map.turn(&mut next, None, |server| server == 0), Some(1));
        assert_eq!(map.turn(&mut next, Some(0), |_| false), Some(1));
        assert_eq!(map.turn(&mut next, Some(0), |server| server == 1), Some(0));
        assert_eq!(map.turn(&mut next, None, |_| true), None);
        assert_eq!(
            (map.of(0), map.of(5), Map::default().of(5)),
            (Some(0), Some(1), None)
        );
    }
}
