//! `balance leastconn`: the server with the least load, found without looking at the others.
//!
//! A tournament over all servers: each inner node holds the better of the two below it, so that
//! the winner stands at the top and a server that changes plays once per level.

/// A server's load, when it came to it, and its number, so that the least is the best: one comparison
/// tells of two who stands before the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Standing(u128);

/// Bits of a server's number, and of when it came: at a million requests a second that is enough for
/// half a year, after which equals may for once stand in another order.
const SERVER_BITS: u32 = 20;
const ARRIVAL_BITS: u32 = 44;

impl Standing {
    /// Of who can't be chosen.
    const OUT: Self = Self(u128::MAX);

    fn new(load: u64, arrival: u64, server: usize) -> Self {
        let arrival = arrival & ((1 << ARRIVAL_BITS) - 1);
        Self(u128::from(load) << 64 | u128::from(arrival << SERVER_BITS | server as u64))
    }

    fn server(self) -> Option<usize> {
        let server = self.0 as usize & ((1 << SERVER_BITS) - 1);
        (self != Self::OUT).then_some(server)
    }
}

/// The standings of one group.
#[derive(Debug, Default)]
pub(super) struct Least {
    /// Node 1 is the top, the two below node n are 2n and 2n + 1, the servers are the second half.
    nodes: Vec<Standing>,
    arrivals: u64,
}

impl Least {
    /// Standings of this many servers, none of which can be chosen yet.
    pub(super) fn new(count: usize) -> Self {
        let half = count.next_power_of_two();
        Self {
            nodes: vec![Standing::OUT; 2 * half],
            arrivals: 0,
        }
    }

    /// Gives a server a load, `None` while it can't be chosen. Of equals it comes last.
    pub(super) fn put(&mut self, server: usize, load: Option<u64>) {
        self.arrivals += 1;
        let standing = load.map(|load| Standing::new(load, self.arrivals, server));
        self.set(server, standing.unwrap_or(Standing::OUT));
    }

    /// The server with the least load; `avoid` only if there is no other.
    pub(super) fn best(&mut self, avoid: Option<usize>) -> Option<usize> {
        let best = self.top();
        let Some(avoid) = avoid.filter(|&avoid| best == Some(avoid)) else {
            return best;
        };
        let standing = self.nodes.get(self.nodes.len() / 2 + avoid).copied()?;
        self.set(avoid, Standing::OUT);
        let other = self.top();
        self.set(avoid, standing);
        other.or(best)
    }

    fn top(&self) -> Option<usize> {
        self.nodes.get(1)?.server()
    }

    /// Plays as far up as the result changes something.
    fn set(&mut self, server: usize, standing: Standing) {
        let mut at = self.nodes.len() / 2 + server;
        let mut best = standing;
        while let Some(node) = self.nodes.get_mut(at)
            && *node != best
        {
            *node = best;
            let Some(&other) = self.nodes.get(at ^ 1).filter(|_| at > 1) else {
                return;
            };
            best = best.min(other);
            at /= 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_loaded_and_among_equals_the_first_to_come() {
        let mut least = Least::new(3);
        assert_eq!(least.best(None), None);
        for server in 0..3 {
            least.put(server, Some(0));
        }
        assert_eq!(least.best(None), Some(0));
        assert_eq!(least.best(Some(0)), Some(1));
        least.put(0, Some(0));
        assert_eq!(least.best(None), Some(1));
        least.put(1, Some(9));
        least.put(2, None);
        least.put(0, Some(10));
        assert_eq!(least.best(None), Some(1));
        assert_eq!(least.best(Some(1)), Some(0));
        least.put(0, None);
        assert_eq!(least.best(Some(1)), Some(1));
    }
}
