//! `balance leastconn`: the server with the least load, found without looking at the others.
//!
//! A tournament over all servers: each inner node holds the better of the two below it, so that
//! the winner stands at the top and a server that changes plays once per level.

/// Load, then who came first.
type Standing = (u64, u64, u32);

/// Who can't be chosen.
const OUT: u64 = u64::MAX;

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
            nodes: vec![(OUT, 0, 0); 2 * half],
            arrivals: 0,
        }
    }

    /// Gives a server a load, `None` while it can't be chosen. Of equals it comes last.
    pub(super) fn put(&mut self, server: usize, load: Option<u64>) {
        self.arrivals += 1;
        self.set(server, (load.unwrap_or(OUT), self.arrivals, server as u32));
    }

    /// The server with the least load; `avoid` only if there is no other.
    pub(super) fn best(&mut self, avoid: Option<usize>) -> Option<usize> {
        let best = self.top();
        let Some(avoid) = avoid.filter(|&avoid| best == Some(avoid)) else {
            return best;
        };
        let standing = self.nodes.get(self.nodes.len() / 2 + avoid).copied()?;
        self.set(avoid, (OUT, 0, 0));
        let other = self.top();
        self.set(avoid, standing);
        other.or(best)
    }

    fn top(&self) -> Option<usize> {
        let &(load, _, server) = self.nodes.get(1)?;
        (load != OUT).then_some(server as usize)
    }

    fn set(&mut self, server: usize, standing: Standing) {
        let mut at = self.nodes.len() / 2 + server;
        if let Some(node) = self.nodes.get_mut(at) {
            *node = standing;
        }
        while at > 1 {
            at /= 2;
            let pair = (self.nodes.get(2 * at), self.nodes.get(2 * at + 1));
            let (Some(&left), Some(&right)) = pair else {
                return;
            };
            if let Some(node) = self.nodes.get_mut(at) {
                *node = left.min(right);
            }
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
