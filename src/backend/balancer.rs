//! Which server comes next: one state per algorithm.
//!
//! A [`Balancer`] is made for the servers that may be chosen: the active ones, else the first
//! backup, or all of them with `option allbackups`. Deliberately absent: slots and the queue, and
//! where a request's hash comes from.

use super::balance::RoundRobin;
use super::least::Least;
use super::map::{Map, common_divisor};
use super::ring::Ring;
use super::server::{Affinity, Algorithm, BackendSpec, ServerSpec, ServerState};
use crate::random;
use parking_lot::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

/// Sixteenths of a weight, which bounded loads are computed with.
const SCALE: u64 = 16;

/// What a choice goes by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// The request's hash, for algorithms that hash; `None` if it has no such key.
    pub hash: Option<u32>,
    /// A server that failed: another one is better.
    pub avoid: Option<usize>,
}

/// A choice before a slot is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pick {
    /// One that had room.
    WithRoom(usize),
    /// Whoever waits, waits for this one.
    This(usize),
    /// All are full.
    Full,
    /// None is usable.
    Nobody,
}

/// The state of an algorithm.
#[derive(Debug)]
enum Turn {
    Nobody,
    /// `sticky`, or a single backup.
    Always(usize),
    RoundRobin(Mutex<RoundRobin>),
    StaticRr(Map, Mutex<usize>),
    Least(Mutex<Least>),
    /// In the order of their ids.
    First(Vec<usize>),
    Random(Ring, u32),
    Map(Map, Mutex<usize>),
    /// The place on the ring where requests without a key stand.
    Ring(Ring, Mutex<Option<usize>>),
}

/// Chooses among the servers of one backend.
#[derive(Debug)]
pub(super) struct Balancer {
    turn: Turn,
    /// Whether each server may be chosen, and the weights of those before it.
    members: Vec<Option<u64>>,
    count: usize,
    /// The sum of the weights.
    weight: u64,
    affinity: Affinity,
    /// Percentage of the average load; 0 = no bound.
    balance_factor: u32,
    /// Requests on all servers, counted if there is such a bound.
    served: AtomicU32,
}

impl Balancer {
    pub(super) fn new(spec: &BackendSpec) -> Self {
        let group = group(spec);
        let mut members = vec![None; spec.servers.len()];
        let mut weight = 0;
        for &(index, server) in &group {
            if let Some(member) = members.get_mut(index) {
                *member = Some(weight);
            }
            weight += u64::from(server.weight) * SCALE;
        }
        Self {
            turn: turn(spec, &group),
            count: group.len(),
            members,
            weight,
            affinity: spec.affinity,
            balance_factor: spec.balance_factor,
            served: AtomicU32::new(0),
        }
    }

    /// How many servers may be chosen.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Whether this server may be chosen.
    pub(super) fn has(&self, server: usize) -> bool {
        matches!(self.members.get(server), Some(Some(_)))
    }

    /// Notes that a server's load changed, by `by` requests.
    pub(super) fn moved(&self, index: usize, servers: &[ServerState], by: i32) {
        if self.balance_factor > 0 {
            self.served.fetch_add(by.cast_unsigned(), Ordering::Relaxed);
        }
        if let Turn::Least(least) = &self.turn
            && self.has(index)
            && let Some(server) = servers.get(index)
        {
            let mut least = least.lock();
            least.put(index, (!server.is_full()).then(|| server.load()));
        }
    }

    pub(super) fn pick(&self, wish: Wish, servers: &[ServerState]) -> Pick {
        let avoid = wish.avoid;
        let full = |index: usize| servers.get(index).is_none_or(ServerState::is_full);
        let found = match (&self.turn, wish.hash) {
            (Turn::Nobody, _) => return Pick::Nobody,
            (Turn::Always(server), _) => return Pick::This(*server),
            (Turn::Map(map, _), Some(hash)) => {
                return map.of(hash).map_or(Pick::Nobody, Pick::This);
            }
            (Turn::Ring(ring, _), Some(hash)) => {
                let found = ring.nearest(hash, |server| self.is_passed(server, avoid, servers));
                return found.map_or(Pick::Nobody, Pick::This);
            }
            (Turn::RoundRobin(turn), _) => turn.lock().take(avoid, full),
            (Turn::StaticRr(map, next) | Turn::Map(map, next), _) => {
                map.turn(&mut next.lock(), avoid, full)
            }
            (Turn::Least(least), _) => least.lock().best(avoid),
            (Turn::First(order), _) => {
                let with_room = || order.iter().copied().filter(|&server| !full(server));
                let other = with_room().find(|&server| Some(server) != avoid);
                other.or_else(|| with_room().next())
            }
            (Turn::Random(ring, draws), _) => self.draw(ring, *draws, avoid, servers),
            (Turn::Ring(ring, last), None) => {
                let mut last = last.lock();
                let found = ring.after(*last, avoid, full);
                *last = found.map(|(_, place)| place).or(*last);
                found.map(|(server, _)| server)
            }
        };
        found.map_or(Pick::Full, Pick::WithRoom)
    }

    /// The less loaded of some servers drawn at random; none if it is full, for the queue is then
    /// the place to wait.
    fn draw(
        &self,
        ring: &Ring,
        draws: u32,
        avoid: Option<usize>,
        servers: &[ServerState],
    ) -> Option<usize> {
        let one = |_| {
            let index = ring.nearest((random::next() >> 32) as u32, |index| {
                self.is_passed(index, avoid, servers)
            })?;
            Some((index, servers.get(index)?))
        };
        let lighter = |best: (usize, &'_ ServerState), next: (usize, &'_ ServerState)| {
            next.1.lighter_than(best.1)
        };
        let mut best = one(0)?;
        for next in (1..draws).filter_map(one) {
            if lighter(best, next) {
                best = next;
            }
        }
        (!best.1.is_full()).then_some(best.0)
    }

    /// Whether a key goes on to the next server on the ring.
    fn is_passed(&self, index: usize, avoid: Option<usize>, servers: &[ServerState]) -> bool {
        let Some(server) = servers.get(index) else {
            return true;
        };
        Some(index) == avoid
            || self.balance_factor > 0 && self.has_its_share(index, server)
            || match self.affinity {
                Affinity::Always => false,
                Affinity::MaxConn => server.is_at_maxconn(),
                Affinity::MaxQueue => server.is_at_maxqueue(),
            }
    }

    /// Bounded loads (arXiv:1608.01350) with weights: whether a server already has as many requests
    /// as its share of all, the new one included, times the factor.
    fn has_its_share(&self, index: usize, server: &ServerState) -> bool {
        let Some(&Some(before)) = self.members.get(index) else {
            return true;
        };
        let own = u64::from(server.weight()) * SCALE;
        let requests = u64::from(self.served.load(Ordering::Relaxed)) + 1;
        let slots = (requests * u64::from(self.balance_factor)).div_ceil(100);
        let total = self.weight.max(1);
        let (each, rest) = (slots / total, slots % total);
        let of_rest = (before + own) * rest / total - before * rest / total;
        u64::from(server.served()) >= (own * each + of_rest).max(1)
    }
}

/// The servers that may be chosen, and their places.
fn group(spec: &BackendSpec) -> Vec<(usize, &ServerSpec)> {
    let of = |backup: bool| {
        let servers = spec.servers.iter().enumerate();
        servers.filter(move |(_, s)| !s.disabled && s.weight > 0 && s.backup == backup)
    };
    let backups = if spec.all_backups { usize::MAX } else { 1 };
    match of(false).next() {
        Some(_) => of(false).collect(),
        None => of(true).take(backups).collect(),
    }
}

fn turn(spec: &BackendSpec, group: &[(usize, &ServerSpec)]) -> Turn {
    let Some(&(first, server)) = group.first() else {
        return Turn::Nobody;
    };
    if spec.algorithm == Algorithm::Sticky || server.backup && !spec.all_backups {
        return Turn::Always(first);
    }
    let map = || {
        let divisor = common_divisor(spec.servers.iter().map(|server| server.weight));
        let shares: Vec<_> = group
            .iter()
            .map(|&(index, server)| (index, server.weight / divisor))
            .collect();
        Map::new(&shares)
    };
    let ring = || Ring::new(group.iter().map(|&(at, s)| (at, s.ring_key, s.weight)));
    match spec.algorithm {
        Algorithm::Sticky => Turn::Always(first),
        Algorithm::RoundRobin => {
            let mut weights = vec![0; spec.servers.len()];
            for &(index, server) in group {
                if let Some(weight) = weights.get_mut(index) {
                    *weight = server.weight;
                }
            }
            Turn::RoundRobin(Mutex::new(RoundRobin::new(weights)))
        }
        Algorithm::StaticRr => Turn::StaticRr(map(), Mutex::default()),
        Algorithm::LeastConn => {
            let mut least = Least::new(spec.servers.len());
            for &(index, _) in group {
                least.put(index, Some(0));
            }
            Turn::Least(Mutex::new(least))
        }
        Algorithm::First => {
            let mut order: Vec<_> = group.to_vec();
            order.sort_by_key(|(_, server)| server.id);
            Turn::First(order.into_iter().map(|(index, _)| index).collect())
        }
        Algorithm::Random(draws) => Turn::Random(ring(), draws),
        Algorithm::Hash { consistent: false } => Turn::Map(map(), Mutex::default()),
        Algorithm::Hash { consistent: true } => Turn::Ring(ring(), Mutex::default()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::hash::id_key;
    use super::super::server::{BackendState, Choice, Slot};
    use super::*;
    use std::sync::Arc;

    fn backend(maxconn: u32, spec: impl FnOnce(&mut BackendSpec)) -> Arc<BackendState> {
        let server = |id| ServerSpec {
            id,
            ring_key: id_key(id),
            weight: 1,
            maxconn,
            maxqueue: 1,
            ..ServerSpec::default()
        };
        let mut made = BackendSpec {
            algorithm: Algorithm::Hash { consistent: true },
            servers: vec![server(1), server(2)],
            all_backups: false,
            affinity: Affinity::Always,
            balance_factor: 0,
        };
        spec(&mut made);
        BackendState::new(&made)
    }

    /// The servers that requests of one key go to one after the other, none of which ends.
    fn of_one_key(backend: &Arc<BackendState>, count: usize) -> Vec<Result<Slot, usize>> {
        let wish = Wish {
            hash: Some(7),
            avoid: None,
        };
        let chosen = || match backend.choose(wish) {
            Choice::Server(slot) => Ok(slot),
            Choice::Busy(server) => Err(server),
            Choice::Full | Choice::NoServer => panic!("nothing chosen"),
        };
        (0..count).map(|_| chosen()).collect()
    }

    fn others(backend: &Arc<BackendState>, count: usize) -> usize {
        let taken = of_one_key(backend, count);
        let servers: Vec<_> = taken
            .iter()
            .map(|taken| taken.as_ref().map_or_else(|&busy| busy, Slot::server))
            .collect();
        servers
            .iter()
            .filter(|&server| servers.first() != Some(server))
            .count()
    }

    #[test]
    fn bounded_loads_spill_over() {
        assert_eq!(others(&backend(0, |_| {}), 4), 0);
        assert_eq!(others(&backend(0, |spec| spec.balance_factor = 1000), 4), 0);
        // The key's own server is the second, which gets the odd one of 3 and of 5 slots.
        assert_eq!(others(&backend(0, |spec| spec.balance_factor = 101), 4), 1);
    }

    #[test]
    fn affinity_ends_where_it_was_said_to() {
        assert_eq!(others(&backend(1, |_| {}), 2), 0);
        assert_eq!(
            others(&backend(1, |spec| spec.affinity = Affinity::MaxConn), 2),
            1
        );
        let queueing = backend(1, |spec| spec.affinity = Affinity::MaxQueue);
        let taken = of_one_key(&queueing, 2);
        let [Ok(first), Err(busy)] = &taken[..] else {
            panic!("{taken:?}")
        };
        assert_eq!(first.server(), *busy);
        let _waiting = queueing.wait(Some(*busy));
        let next = of_one_key(&queueing, 1);
        assert!(next.iter().flatten().all(|slot| slot.server() != *busy));
        assert!(next.iter().all(Result::is_ok));
    }

    #[test]
    fn who_waits_for_one_server_holds_up_nobody_else() {
        let turns = backend(1, |spec| spec.algorithm = Algorithm::LeastConn);
        let Choice::Server(slot) = turns.choose_server(0, false) else {
            panic!("no slot")
        };
        assert!(matches!(turns.choose_server(0, false), Choice::Busy(0)));
        let waiting = turns.wait(Some(0));
        let Choice::Server(other) = turns.choose(Wish::default()) else {
            panic!("no other")
        };
        assert_eq!(other.server(), 1);
        assert!(matches!(turns.choose(Wish::default()), Choice::Full));
        drop(slot);
        // The freed slot went to who waited for it.
        assert!(matches!(turns.choose(Wish::default()), Choice::Full));
        drop(waiting);
        assert!(matches!(turns.choose(Wish::default()), Choice::Server(_)));
    }
}
