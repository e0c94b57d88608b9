//! Idle server connections of one worker, and who may reuse them.
//!
//! A connection that has served one request only is *idle*, one that was reused with success is
//! *safe*: `http-reuse` says which of the two a first or a later request of a client may take
//! (SEMANTICS and manual, `http-reuse`). As many stay as were ever in use at once lately, and one of
//! each kind in any case; a full pool refuses the newest, and each `pool-purge-delay` half of those that
//! nobody needed go, oldest first. What must hold: a connection on which anything happened
//! while idle is never handed out; all workers together keep no more than `pool-max-conn`. What is
//! not kept is aborted: after a complete response nobody
//! misses an orderly end, and the ports we connect from are not held in `TIME_WAIT`.
//! Deliberately absent: lending to other workers (`proxy::lend`).

use crate::clock::{Millis, NEVER};
use crate::net::{Endpoint, Stream};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// `http-reuse`, in the order of growing trust.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReusePolicy {
    /// Connections are never shared.
    Never,
    /// Only requests after a client's first.
    Safe,
    /// First requests too, on connections reused before.
    Aggressive,
    /// Any request on any connection.
    Always,
}

/// How many idle connections are asked whether they still live before one more is refused.
const LOOKED_AT: usize = 8;

/// Backend and server index.
pub type ServerPlace = (usize, usize);

/// What bounds the pool of one server.
#[derive(Clone, Copy, Debug)]
pub struct PoolRules<'a> {
    /// `pool-max-conn`: most idle connections of all workers; `None` = unlimited.
    pub max_idle: Option<(u32, &'a PoolCount)>,
    /// `pool-low-conn`: how many more are kept than are needed.
    pub low: u32,
    /// Most requests after the first on one connection; `None` = unlimited.
    pub max_reuse: Option<u32>,
    /// How often half of those that nobody needed are closed, milliseconds; 0 keeps none.
    pub purge_delay: Millis,
}

/// How many idle connections to a server all workers keep, counted where that has a bound.
#[derive(Clone, Debug, Default)]
pub struct PoolCount(Arc<AtomicU32>);

impl PoolCount {
    /// How many there are.
    pub fn now(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    fn enter(&self, most: u32) -> Option<PoolPlace> {
        let more = |count: u32| (count < most).then(|| count + 1);
        let entered = (self.0).fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        entered.is_ok().then(|| PoolPlace(self.clone()))
    }
}

/// One of those that are counted, given back when dropped.
#[derive(Debug)]
struct PoolPlace(PoolCount);

impl Drop for PoolPlace {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[derive(Debug)]
struct Idle {
    stream: Stream,
    uses: u32,
    /// Where their number has a bound.
    _place: Option<PoolPlace>,
}

impl Idle {
    fn is_safe(&self) -> bool {
        self.uses > 1
    }
}

/// The idle connections to one server.
#[derive(Debug)]
struct Kept {
    /// The one used last is at the back.
    idle: VecDeque<Idle>,
    /// How many connections the server needed at once lately.
    needed: u32,
    /// The most since the last purge.
    peak: u32,
    /// How many of `idle` were reused with success.
    safe: u32,
    /// How often those that are not needed are thinned out.
    purge_delay: Millis,
    /// When next; `NEVER` while there are none.
    purge_at: Millis,
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            idle: VecDeque::new(),
            needed: 0,
            peak: 0,
            safe: 0,
            purge_delay: 0,
            purge_at: NEVER,
        }
    }
}

impl Kept {
    fn len(&self) -> u32 {
        u32::try_from(self.idle.len()).unwrap_or(u32::MAX)
    }

    /// Whether one more stays beside `busy` ones, itself included, as it was used so often.
    fn has_use(&self, uses: u32, busy: u32, low: u32) -> bool {
        let lacks_kind = self.safe == 0 && (uses > 1 || self.idle.is_empty());
        let needed = self.peak.max(self.needed).saturating_add(low);
        lacks_kind || self.len().saturating_add(busy) <= needed
    }

    /// Lets go of those among the oldest that their peer closed; how many.
    fn forget_closed(&mut self) -> usize {
        let before = self.idle.len();
        for index in (0..before.min(LOOKED_AT)).rev() {
            if self
                .idle
                .get(index)
                .is_some_and(|idle| !idle.stream.is_quiet())
            {
                self.remove(index);
            }
        }
        before - self.idle.len()
    }

    /// Closes half of those that were not needed since the last time, if it is time, with `busy` in
    /// use now. What is needed fades by half.
    fn thin_out(&mut self, now: Millis, busy: u32) {
        if now < self.purge_at {
            return;
        }
        let peak = self.peak.max(busy);
        let excess = (self.len().saturating_add(busy)).saturating_sub(peak.max(self.needed));
        for _ in 0..excess.div_ceil(2) {
            if let Some(oldest) = self.remove(0) {
                oldest.stream.abort();
            }
        }
        self.needed = self.needed.midpoint(peak).max(peak);
        self.peak = busy;
        self.purge_at = now.saturating_add(self.purge_delay);
    }

    fn remove(&mut self, index: usize) -> Option<Idle> {
        let idle = self.idle.remove(index)?;
        self.safe -= u32::from(idle.is_safe());
        Some(idle)
    }
}

/// All idle connections of a worker, by backend and server index.
#[derive(Debug, Default)]
pub struct IdlePool {
    servers: Vec<Vec<Kept>>,
    len: usize,
}

impl IdlePool {
    /// A pool for backends with these numbers of servers.
    pub fn new(servers: impl IntoIterator<Item = usize>) -> Self {
        let slots = |count| std::iter::repeat_with(Kept::default).take(count).collect();
        Self {
            servers: servers.into_iter().map(slots).collect(),
            len: 0,
        }
    }

    /// Closes the connections to servers of which that holds.
    pub fn close_if(&mut self, is_left: impl Fn(ServerPlace) -> bool) {
        for (backend, servers) in self.servers.iter_mut().enumerate() {
            for (server, kept) in servers.iter_mut().enumerate() {
                if !kept.idle.is_empty() && is_left((backend, server)) {
                    self.len -= kept.idle.len();
                    kept.safe = 0;
                    kept.idle.drain(..).for_each(|idle| idle.stream.abort());
                }
            }
        }
    }

    /// How many connections are kept.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Of a server: connections that served one request, those that were reused with success, and
    /// how many are thought to be needed.
    pub fn counts(&self, (backend, server): (usize, usize)) -> [u32; 3] {
        let kept = self.servers.get(backend).and_then(|b| b.get(server));
        kept.map_or([0; 3], |kept| {
            let unsafe_ones = kept.len().saturating_sub(kept.safe);
            [unsafe_ones, kept.safe, kept.needed.max(kept.peak)]
        })
    }

    /// The backend and server indices there are.
    pub fn keys(&self) -> impl Iterator<Item = (usize, usize)> {
        let servers = self.servers.iter().enumerate();
        servers.flat_map(|(backend, servers)| (0..servers.len()).map(move |at| (backend, at)))
    }

    /// Takes a quiet connection to a server, and says how many requests it has served. The one
    /// used last is preferred: its peer is the least likely to be about to close it. `peer` is
    /// where it must lead to, for a server that is not always at one place.
    pub fn take(
        &mut self,
        (backend, server): ServerPlace,
        policy: ReusePolicy,
        first_request: bool,
        peer: Option<Endpoint>,
    ) -> Option<(Stream, u32)> {
        let kept = self.servers.get_mut(backend)?.get_mut(server)?;
        let allowed = |idle: &Idle| match policy {
            ReusePolicy::Never => false,
            ReusePolicy::Safe => !first_request,
            ReusePolicy::Aggressive => !first_request || idle.is_safe(),
            ReusePolicy::Always => true,
        };
        let leads_there = |idle: &Idle| peer.is_none_or(|peer| idle.stream.peer() == peer);
        let fits = |idle: &Idle| allowed(idle) && leads_there(idle);
        while let Some(index) = kept.idle.iter().rposition(fits) {
            let idle = kept.remove(index)?;
            self.len -= 1;
            if idle.stream.is_quiet() {
                return Some((idle.stream, idle.uses));
            }
        }
        None
    }

    /// Keeps a connection to a server there is, which has served `uses` requests, or closes it where a
    /// bound is reached or nobody is thought to need it. `busy` is how many requests
    /// the server is serving, the one that ends included.
    pub fn give(
        &mut self,
        (backend, server): ServerPlace,
        rules: PoolRules<'_>,
        stream: Stream,
        uses: u32,
        busy: u32,
        now: Millis,
    ) {
        let Some(kept) = room_for(&mut self.servers, backend, server) else {
            return;
        };
        kept.peak = kept.peak.max(busy);
        let worn = rules.max_reuse.is_some_and(|max| uses > max);
        let is_full = (rules.max_idle).is_some_and(|(most, count)| count.now() >= most);
        if is_full || !kept.has_use(uses, busy, rules.low) {
            self.len -= kept.forget_closed();
        }
        if worn || rules.purge_delay == 0 || !kept.has_use(uses, busy, rules.low) {
            return stream.abort();
        }
        let place = match rules.max_idle {
            Some((most, count)) => match count.enter(most) {
                Some(place) => Some(place),
                None => return stream.abort(),
            },
            None => None,
        };
        kept.purge_delay = rules.purge_delay;
        if kept.purge_at == NEVER {
            kept.purge_at = now.saturating_add(rules.purge_delay);
        }
        let fresh = Idle {
            stream,
            uses,
            _place: place,
        };
        kept.safe += u32::from(fresh.is_safe());
        kept.idle.push_back(fresh);
        self.len += 1;
    }

    /// Closes the connection to a server that is unused for longest, or to whichever has most;
    /// whether there was one.
    pub fn give_way(&mut self, backend: usize, server: Option<usize>) -> bool {
        let Some(servers) = self.servers.get_mut(backend) else {
            return false;
        };
        let kept = match server {
            Some(server) => servers.get_mut(server),
            None => servers.iter_mut().max_by_key(|kept| kept.idle.len()),
        };
        let oldest = kept.and_then(|kept| kept.remove(0));
        let found = oldest.is_some();
        if let Some(oldest) = oldest {
            oldest.stream.abort();
            self.len -= 1;
        }
        found
    }

    /// Takes over the idle connections of another pool: for each pair those of the first, a server
    /// of the other pool, become those of the second, one of ours.
    pub fn inherit(&mut self, other: &mut Self, pairs: &[(ServerPlace, ServerPlace)]) {
        for &((from_backend, from), (to_backend, to)) in pairs {
            let theirs = other.servers.get_mut(from_backend);
            let theirs = theirs.and_then(|backend| backend.get_mut(from));
            let ours = self.servers.get_mut(to_backend);
            let ours = ours.and_then(|backend| backend.get_mut(to));
            if let (Some(theirs), Some(ours)) = (theirs, ours) {
                self.len += theirs.idle.len();
                other.len -= theirs.idle.len();
                ours.idle.append(&mut theirs.idle);
                ours.safe += std::mem::take(&mut theirs.safe);
                (ours.needed, ours.peak) = (theirs.needed, theirs.peak);
                (ours.purge_delay, ours.purge_at) = (theirs.purge_delay, theirs.purge_at);
            }
        }
    }

    /// Closes what its peer closed and, where it is time, some of what nobody needed. `busy` tells how
    /// many requests a server is serving.
    pub fn purge(&mut self, now: Millis, busy: impl Fn(ServerPlace) -> u32) {
        self.len = 0;
        for (backend, servers) in self.servers.iter_mut().enumerate() {
            for (server, kept) in servers.iter_mut().enumerate() {
                if kept.idle.is_empty() {
                    kept.purge_at = NEVER;
                    continue;
                }
                kept.idle.retain(|idle| idle.stream.is_quiet());
                kept.safe = kept.idle.iter().filter(|idle| idle.is_safe()).count() as u32;
                kept.thin_out(now, busy((backend, server)));
                self.len += kept.idle.len();
            }
        }
    }
}

/// Room for the connections to a server, which may have been added since.
fn room_for(servers: &mut Vec<Vec<Kept>>, backend: usize, server: usize) -> Option<&mut Kept> {
    if servers.len() <= backend {
        servers.resize_with(backend + 1, Vec::new);
    }
    let of_backend = servers.get_mut(backend)?;
    if of_backend.len() <= server {
        of_backend.resize_with(server + 1, Kept::default);
    }
    of_backend.get_mut(server)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};

    const RULES: PoolRules<'_> = PoolRules {
        max_idle: None,
        low: 0,
        max_reuse: None,
        purge_delay: 5000,
    };

    /// An idle connection and its peer.
    fn connection() -> (Stream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let ours = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        ours.set_nonblocking(true).unwrap();
        let (peer, _) = listener.accept().unwrap();
        (Stream::accepted(ours.into(), Endpoint::Unknown), peer)
    }

    #[test]
    fn the_policy_decides_who_may_reuse() {
        use ReusePolicy::{Aggressive, Always, Never, Safe};
        let check = |policy, first, uses, expected| {
            let (stream, _peer) = connection();
            let mut pool = IdlePool::new([1]);
            pool.give((0, 0), RULES, stream, uses, 1, 0);
            let taken = pool.take((0, 0), policy, first, None).is_some();
            assert_eq!(taken, expected, "{policy:?} first={first} uses={uses}");
        };
        check(Never, false, 2, false);
        check(Safe, true, 2, false);
        check(Safe, false, 1, true);
        check(Aggressive, true, 1, false);
        check(Aggressive, true, 2, true);
        check(Always, true, 1, true);
    }

    #[test]
    fn closed_and_talking_connections_are_not_handed_out() {
        let mut pool = IdlePool::new([1]);
        let (stream, peer) = connection();
        pool.give((0, 0), RULES, stream, 1, 1, 0);
        drop(peer);
        assert!(
            pool.take((0, 0), ReusePolicy::Always, false, None)
                .is_none()
        );
        assert!(pool.is_empty());
    }

    /// What becomes of connections that served so many requests, one after the other, with so many in use.
    fn kept(rules: PoolRules<'_>, given: &[(u32, u32)]) -> Vec<u32> {
        let mut pool = IdlePool::new([1]);
        let mut peers = Vec::new();
        for &(uses, busy) in given {
            let (stream, peer) = connection();
            peers.push(peer);
            pool.give((0, 0), rules, stream, uses, busy, 0);
        }
        let oldest = std::iter::from_fn(|| pool.servers[0][0].remove(0));
        oldest.map(|idle| idle.uses).collect()
    }

    #[test]
    fn as_many_stay_as_were_in_use_at_once_and_one_of_each_kind() {
        let check = |low, given: &[(u32, u32)], expected: &[u32]| {
            let rules = PoolRules { low, ..RULES };
            assert_eq!(kept(rules, given), expected, "{given:?} low={low}");
        };
        check(0, &[(1, 1), (1, 1)], &[1]);
        check(0, &[(1, 1), (2, 1), (3, 1)], &[1, 2]);
        check(0, &[(2, 1), (1, 1)], &[2]);
        check(0, &[(1, 3), (1, 2), (1, 1), (1, 1)], &[1, 1, 1]);
        check(1, &[(1, 1), (1, 1), (1, 1)], &[1, 1]);
    }

    #[test]
    fn a_full_pool_refuses_the_newest() {
        let count = PoolCount::default();
        let check = |most, given: &[(u32, u32)], expected: &[u32]| {
            let rules = PoolRules {
                max_idle: Some((most, &count)),
                ..RULES
            };
            let before = count.now();
            assert_eq!(kept(rules, given), expected, "at most {most} of {given:?}");
            assert_eq!(count.now(), before, "places come back");
        };
        check(0, &[(1, 1)], &[]);
        check(1, &[(1, 3), (2, 2), (3, 1)], &[1]);
        check(2, &[(1, 3), (2, 2), (3, 1)], &[1, 2]);
        let elsewhere = count.enter(2);
        check(2, &[(1, 2), (2, 1)], &[1]);
        drop(elsewhere);
    }

    #[test]
    fn none_stays_that_is_worn_or_where_none_is_wanted() {
        let worn = PoolRules {
            max_reuse: Some(3),
            ..RULES
        };
        assert_eq!(kept(worn, &[(4, 3), (3, 2), (5, 1)]), [3]);
        let unwanted = PoolRules {
            purge_delay: 0,
            ..RULES
        };
        assert!(kept(unwanted, &[(1, 1)]).is_empty());
    }

    #[test]
    fn half_of_what_nobody_needed_goes_at_each_interval() {
        let mut pool = IdlePool::new([1]);
        let mut peers = Vec::new();
        for busy in (1..=8).rev() {
            let (stream, peer) = connection();
            peers.push(peer);
            pool.give((0, 0), RULES, stream, busy, busy, 10);
        }
        let mut check = |now, busy, left: usize, needed: u32| {
            pool.purge(now, |_| busy);
            assert_eq!(pool.len(), left, "at {now}");
            assert_eq!(pool.counts((0, 0))[2], needed, "needed at {now}");
        };
        check(5009, 0, 8, 8);
        check(5010, 0, 8, 8);
        check(10_009, 0, 8, 8);
        check(10_010, 0, 8, 4);
        check(15_010, 1, 5, 2);
        check(20_010, 0, 3, 1);
        check(25_010, 0, 2, 0);
        check(30_010, 0, 1, 0);
        check(35_010, 0, 0, 0);
    }

    #[test]
    fn another_pool_takes_over_the_servers_it_continues() {
        let check = |pairs: &[(ServerPlace, ServerPlace)], expected: [bool; 2]| {
            let mut old = IdlePool::new([1, 2]);
            let mut new = IdlePool::new([2]);
            let (stream, _peer) = connection();
            old.give((1, 1), RULES, stream, 1, 1, 0);
            new.inherit(&mut old, pairs);
            assert_eq!(old.len() + new.len(), 1);
            let taken = [0, 1].map(|server| {
                let taken = new.take((0, server), ReusePolicy::Always, true, None);
                taken.is_some()
            });
            assert_eq!(taken, expected, "{pairs:?}");
        };
        check(&[((1, 1), (0, 0))], [true, false]);
        check(&[((0, 0), (0, 0)), ((1, 1), (0, 1))], [false, true]);
        check(&[((1, 0), (0, 1)), ((9, 9), (9, 9))], [false, false]);
    }
}
