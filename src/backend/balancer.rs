//! Which server comes next: one state per algorithm.
//!
//! A [`Balancer`] chooses among the servers that may be chosen: the active ones, else the first
//! backup, or all of them with `option allbackups`. When one of them changes another [`Group`] is
//! swapped in, so that choosing takes no lock but that of turns. Deliberately absent: slots and
//! the queue, and where a request's hash comes from.

use super::balance::RoundRobin;
use super::least::Least;
use super::map::{Map, common_divisor};
use super::ring::Ring;
use super::server::{ServerState, WEIGHT_SCALE};
use super::state::{Affinity, Algorithm, BackendSpec};
use crate::growing::Growing;
use crate::protect::circuit_limits::Priority;
use crate::random;
use arc_swap::ArcSwap;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// What a choice goes by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// The request's hash, for algorithms that hash; `None` if it has no such key.
    pub hash: Option<u32>,
    /// A server that failed: another one is better.
    pub avoid: Option<usize>,
    /// Whose limits apply.
    pub priority: Priority,
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
#[derive(Clone, Debug)]
enum Turn {
    Nobody,
    /// `sticky`, or a single backup.
    Always(usize),
    RoundRobin(Arc<Mutex<RoundRobin>>),
    StaticRr(Arc<(Map, Mutex<usize>)>),
    Least(Arc<Mutex<Least>>),
    /// In the order of their ids.
    First(Arc<[usize]>),
    Random(Arc<Ring>, u32),
    Map(Arc<(Map, Mutex<usize>)>),
    /// The place on the ring where requests without a key stand.
    Ring(Arc<(Ring, Mutex<Option<usize>>)>),
}

/// Which servers may be chosen, of those with a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Members {
    Active,
    Backups,
    /// The first backup.
    One(usize),
    Nobody,
}

/// The servers that may be chosen, until one of them changes.
#[derive(Debug)]
struct Group {
    turn: Turn,
    members: Members,
    count: usize,
    /// The weights before each server, in sixteenths, if loads are bounded.
    before: Vec<u64>,
    /// The sum of the weights.
    weight: u64,
}

/// Chooses among the servers of one backend.
#[derive(Debug)]
pub(super) struct Balancer {
    algorithm: Algorithm,
    all_backups: bool,
    /// What the configured weights have in common, which tables are divided by.
    divisor: u32,
    /// Turns of active servers and of backups, which outlive a group.
    turns: [Arc<Mutex<RoundRobin>>; 2],
    group: ArcSwap<Group>,
    affinity: Affinity,
    /// Percentage of the average load; 0 = no bound.
    balance_factor: u32,
    /// Requests on all servers, counted if there is such a bound.
    served: AtomicU32,
}

impl Balancer {
    pub(super) fn new(spec: &BackendSpec, servers: &Growing<ServerState>) -> Self {
        let of = |backup: bool| {
            let share = |server: &ServerState| match spec.algorithm {
                Algorithm::RoundRobin if server.is_backup() == backup => server.share(),
                _ => 0,
            };
            Arc::new(Mutex::new(RoundRobin::new(servers.iter().map(share))))
        };
        let balancer = Self {
            algorithm: spec.algorithm,
            all_backups: spec.all_backups,
            divisor: common_divisor(spec.servers.iter().map(|server| server.weight)),
            turns: [of(false), of(true)],
            group: ArcSwap::from_pointee(Group {
                turn: Turn::Nobody,
                members: Members::Nobody,
                count: 0,
                before: Vec::new(),
                weight: 0,
            }),
            affinity: spec.affinity,
            balance_factor: spec.balance_factor,
            served: AtomicU32::new(0),
        };
        balancer.rebuild(servers);
        balancer
    }

    /// Takes in a server that was added as the last one and has no share yet. One caller at a time.
    pub(super) fn added(&self, servers: &Growing<ServerState>) {
        self.turns.iter().for_each(|turns| turns.lock().add());
        if self.algorithm == Algorithm::LeastConn {
            self.rebuild(servers);
        }
    }

    /// How many servers may be chosen.
    pub(super) fn count(&self) -> usize {
        self.group.load().count
    }

    /// Whether this server may be chosen.
    pub(super) fn has(&self, index: usize, servers: &Growing<ServerState>) -> bool {
        let members = self.group.load().members;
        servers
            .get(index)
            .is_some_and(|server| belongs(members, index, server))
    }

    /// Notes that a server's load changed, by `by` requests.
    pub(super) fn moved(&self, index: usize, servers: &Growing<ServerState>, by: i32) {
        if self.balance_factor > 0 {
            self.served.fetch_add(by.cast_unsigned(), Ordering::Relaxed);
        }
        if self.algorithm != Algorithm::LeastConn {
            return;
        }
        let group = self.group.load();
        if let Turn::Least(least) = &group.turn
            && let Some(server) = servers.get(index)
        {
            stand(&mut least.lock(), group.members, index, server);
        }
    }

    /// Notes that a server's share changed. One caller at a time.
    pub(super) fn changed(&self, index: usize, servers: &Growing<ServerState>) {
        let Some(server) = servers.get(index) else {
            return;
        };
        if self.algorithm == Algorithm::RoundRobin {
            let [active, backups] = &self.turns;
            let turns = if server.is_backup() { backups } else { active };
            turns.lock().set_weight(index, server.share());
        }
        let members = self.members(servers);
        let group = self.group.load();
        match &group.turn {
            // What turns have come to is kept.
            Turn::Least(least) if members == group.members => {
                stand(&mut least.lock(), members, index, server);
                let turn = group.turn.clone();
                self.group
                    .store(Arc::new(self.group(servers, members, turn)));
            }
            _ => self.rebuild(servers),
        }
    }

    /// Looks at all servers again. One caller at a time.
    pub(super) fn rebuild(&self, servers: &Growing<ServerState>) {
        let members = self.members(servers);
        let turn = self.turn(servers, members);
        self.group
            .store(Arc::new(self.group(servers, members, turn)));
    }

    fn members(&self, servers: &Growing<ServerState>) -> Members {
        let has_share = |backup: bool| {
            let mut servers = servers.iter();
            servers.position(|server| server.share() > 0 && server.is_backup() == backup)
        };
        match (has_share(false), has_share(true)) {
            (Some(_), _) => Members::Active,
            (None, Some(_)) if self.all_backups => Members::Backups,
            (None, Some(first)) => Members::One(first),
            (None, None) => Members::Nobody,
        }
    }

    fn group(&self, servers: &Growing<ServerState>, members: Members, turn: Turn) -> Group {
        let (mut count, mut weight) = (0, 0);
        let mut before = Vec::new();
        for (index, server) in servers.iter().enumerate() {
            if self.balance_factor > 0 {
                before.push(weight);
            }
            if belongs(members, index, server) {
                count += 1;
                weight += u64::from(server.share());
            }
        }
        Group {
            turn,
            members,
            count,
            before,
            weight,
        }
    }

    fn turn(&self, servers: &Growing<ServerState>, members: Members) -> Turn {
        let all = servers.iter().enumerate();
        let group: Vec<_> = all
            .filter(|(index, server)| belongs(members, *index, server))
            .collect();
        let Some(&(first, _)) = group.first() else {
            return Turn::Nobody;
        };
        if self.algorithm == Algorithm::Sticky || matches!(members, Members::One(_)) {
            // Who comes back waits until the server that has everything goes.
            let is_there = |server: &usize| group.iter().any(|(index, _)| index == server);
            let current = match self.group.load().turn {
                Turn::Always(server) => Some(server).filter(is_there),
                _ => None,
            };
            return Turn::Always(current.unwrap_or(first));
        }
        let map = || {
            let weight = |server: &ServerState| server.share() / WEIGHT_SCALE / self.divisor;
            let shares: Vec<_> = group.iter().map(|&(at, s)| (at, weight(s))).collect();
            Arc::new((Map::new(&shares), Mutex::default()))
        };
        let ring = || Ring::new(group.iter().map(|&(at, s)| (at, s.ring_key(), s.share())));
        match self.algorithm {
            Algorithm::Sticky => Turn::Always(first),
            Algorithm::RoundRobin => {
                let [active, backups] = &self.turns;
                let is_backup = members == Members::Backups;
                Turn::RoundRobin(Arc::clone(if is_backup { backups } else { active }))
            }
            Algorithm::StaticRr => Turn::StaticRr(map()),
            Algorithm::LeastConn => {
                let mut least = Least::new(servers.len());
                for &(index, server) in &group {
                    stand(&mut least, members, index, server);
                }
                Turn::Least(Arc::new(Mutex::new(least)))
            }
            Algorithm::First => {
                let mut order = group.clone();
                order.sort_by_key(|(_, server)| server.id());
                Turn::First(order.into_iter().map(|(index, _)| index).collect())
            }
            Algorithm::Random(draws) => Turn::Random(Arc::new(ring()), draws),
            Algorithm::Hash { consistent: false } => Turn::Map(map()),
            Algorithm::Hash { consistent: true } => {
                Turn::Ring(Arc::new((ring(), Mutex::default())))
            }
        }
    }

    pub(super) fn pick(&self, wish: Wish, servers: &Growing<ServerState>) -> Pick {
        let avoid = wish.avoid;
        let full = |index: usize| servers.get(index).is_none_or(ServerState::is_full);
        let group = self.group.load();
        let passed = |server| self.is_passed(&group, server, avoid, servers);
        let found = match (&group.turn, wish.hash) {
            (Turn::Nobody, _) => return Pick::Nobody,
            (Turn::Always(server), _) => return Pick::This(*server),
            (Turn::Map(map), Some(hash)) => {
                return map.0.of(hash).map_or(Pick::Nobody, Pick::This);
            }
            (Turn::Ring(ring), Some(hash)) => {
                let found = ring.0.nearest(hash, passed);
                return found.map_or(Pick::Nobody, Pick::This);
            }
            (Turn::RoundRobin(turn), _) => turn.lock().take(avoid, full),
            (Turn::StaticRr(turns) | Turn::Map(turns), _) => {
                let (map, next) = &**turns;
                map.turn(&mut next.lock(), avoid, full)
            }
            (Turn::Least(least), _) => least.lock().best(avoid),
            (Turn::First(order), _) => {
                let with_room = || order.iter().copied().filter(|&server| !full(server));
                let other = with_room().find(|&server| Some(server) != avoid);
                other.or_else(|| with_room().next())
            }
            (Turn::Random(ring, draws), _) => draw(ring, *draws, passed, servers),
            (Turn::Ring(turns), None) => {
                let (ring, last) = &**turns;
                let mut last = last.lock();
                let found = ring.after(*last, avoid, full);
                *last = found.map(|(_, place)| place).or(*last);
                found.map(|(server, _)| server)
            }
        };
        found.map_or(Pick::Full, Pick::WithRoom)
    }

    /// Whether a key goes on to the next server on the ring.
    fn is_passed(
        &self,
        group: &Group,
        index: usize,
        avoid: Option<usize>,
        servers: &Growing<ServerState>,
    ) -> bool {
        let Some(server) = servers.get(index) else {
            return true;
        };
        Some(index) == avoid
            || self.balance_factor > 0 && self.has_its_share(group, index, server)
            || match self.affinity {
                Affinity::Always => false,
                Affinity::MaxConn => server.is_at_maxconn(),
                Affinity::MaxQueue => server.is_at_maxqueue(),
            }
    }

    /// Bounded loads (arXiv:1608.01350) with weights: whether a server already has as many requests
    /// as its share of all, the new one included, times the factor.
    fn has_its_share(&self, group: &Group, index: usize, server: &ServerState) -> bool {
        let (own, Some(&before)) = (u64::from(server.share()), group.before.get(index)) else {
            return true;
        };
        let requests = u64::from(self.served.load(Ordering::Relaxed)) + 1;
        let slots = (requests * u64::from(self.balance_factor)).div_ceil(100);
        let total = group.weight.max(1);
        let (each, rest) = (slots / total, slots % total);
        let of_rest = (before + own) * rest / total - before * rest / total;
        u64::from(server.served()) >= (own * each + of_rest).max(1)
    }
}

/// The less loaded of some servers drawn at random; none if it is full, for the queue is then
/// the place to wait.
fn draw(
    ring: &Ring,
    draws: u32,
    passed: impl Fn(usize) -> bool,
    servers: &Growing<ServerState>,
) -> Option<usize> {
    let one = |_| {
        let index = ring.nearest((random::next() >> 32) as u32, &passed)?;
        Some((index, servers.get(index)?))
    };
    let mut best = one(0)?;
    for next in (1..draws).filter_map(one) {
        if next.1.lighter_than(best.1) {
            best = next;
        }
    }
    (!best.1.is_full()).then_some(best.0)
}

/// Whether a server is one of those that may be chosen.
fn belongs(members: Members, index: usize, server: &ServerState) -> bool {
    server.share() > 0
        && match members {
            Members::Active => !server.is_backup(),
            Members::Backups => server.is_backup(),
            Members::One(one) => index == one,
            Members::Nobody => false,
        }
}

/// Gives a server its place among those of `leastconn`.
fn stand(least: &mut Least, members: Members, index: usize, server: &ServerState) {
    let has_room = belongs(members, index, server) && !server.is_full();
    least.put(index, has_room.then(|| server.load()));
}

#[cfg(test)]
mod tests {
    use super::super::hash::id_key;
    use super::super::queue::Standing;
    use super::super::server::ServerSpec;
    use super::super::state::{BackendState, Choice, Slot};
    use super::*;
    use crate::clock::Clock;
    use crate::net::ServerAddr;

    fn backend(maxconn: u32, spec: impl FnOnce(&mut BackendSpec)) -> Arc<BackendState> {
        let server = |id| ServerSpec {
            id,
            ring_key: id_key(id),
            weight: 1,
            maxconn,
            maxqueue: 1,
            addr: Some(ServerAddr::Unix("/s".into())),
            ..ServerSpec::default()
        };
        let mut made = BackendSpec {
            algorithm: Algorithm::Hash { consistent: true },
            servers: vec![server(1), server(2)],
            ..BackendSpec::default()
        };
        spec(&mut made);
        BackendState::new(&made, &Clock::manual(0))
    }

    /// The servers that requests of one key go to one after the other, none of which ends.
    fn of_one_key(backend: &Arc<BackendState>, count: usize) -> Vec<Result<Slot, usize>> {
        let wish = Wish {
            hash: Some(7),
            ..Wish::default()
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
        let _waiting = queueing.wait(Some(*busy), Standing::default()).unwrap();
        let next = of_one_key(&queueing, 1);
        assert!(next.iter().flatten().all(|slot| slot.server() != *busy));
        assert!(next.iter().all(Result::is_ok));
    }

    #[test]
    fn who_waits_for_one_server_holds_up_nobody_else() {
        let turns = backend(1, |spec| spec.algorithm = Algorithm::LeastConn);
        let Choice::Server(slot) = turns.choose_server(0, false, Priority::Default) else {
            panic!("no slot")
        };
        assert!(matches!(
            turns.choose_server(0, false, Priority::Default),
            Choice::Busy(0)
        ));
        let waiting = turns.wait(Some(0), Standing::default()).unwrap();
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
