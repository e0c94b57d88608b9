//! Idle server connections of one worker, and who may reuse them.
//!
//! A connection that has served one request only is *idle*, one that was reused with success is
//! *safe*: `http-reuse` says which of the two a first or a later request of a client may take
//! (SEMANTICS and manual, `http-reuse`). What must hold: a connection on which anything happened
//! while idle is never handed out. What is not kept is aborted: after a complete response nobody
//! misses an orderly end, and the ports we connect from are not held in `TIME_WAIT`.
//! Deliberately absent: sharing between workers.

use crate::clock::Millis;
use crate::net::{Endpoint, Stream};
use std::collections::VecDeque;

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

/// Backend and server index.
pub type ServerPlace = (usize, usize);

/// What bounds the pool of one server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolRules {
    /// Most idle connections per worker; `None` = unlimited.
    pub max_idle: Option<u32>,
    /// Most requests after the first on one connection; `None` = unlimited.
    pub max_reuse: Option<u32>,
    /// How long one may stay unused, milliseconds.
    pub purge_delay: Millis,
}

#[derive(Debug)]
struct Idle {
    stream: Stream,
    uses: u32,
    until: Millis,
}

impl Idle {
    fn is_safe(&self) -> bool {
        self.uses > 1
    }
}

/// The idle connections to one server.
#[derive(Debug, Default)]
struct Kept {
    /// The one used last is at the back.
    idle: VecDeque<Idle>,
    /// How many connections the server needed at once lately.
    needed: u32,
    /// The most since the last purge.
    peak: u32,
    /// How many of `idle` were reused with success.
    safe: u32,
}

impl Kept {
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
            let all = u32::try_from(kept.idle.len()).unwrap_or(u32::MAX);
            let unsafe_ones = all.saturating_sub(kept.safe);
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

    /// Keeps a connection to a server there is, which has served `uses` requests. The one unused for longest goes for it
    /// where a bound is reached, or as many are kept as are ever needed at once: the newest is
    /// the one its client, and the origin, expect to be used next. `busy` is how many requests
    /// the server is serving, the one that ends included.
    pub fn give(
        &mut self,
        (backend, server): ServerPlace,
        rules: PoolRules,
        stream: Stream,
        uses: u32,
        busy: u32,
        now: Millis,
    ) {
        let Some(kept) = room_for(&mut self.servers, backend, server) else {
            return;
        };
        kept.peak = kept.peak.max(busy);
        let idle = u32::try_from(kept.idle.len()).unwrap_or(u32::MAX);
        let worn = rules.max_reuse.is_some_and(|max| uses > max);
        let full = rules.max_idle.is_some_and(|max| idle >= max);
        let unneeded = idle.saturating_add(busy) > kept.peak.max(kept.needed);
        if !worn
            && (full || unneeded)
            && let Some(oldest) = kept.remove(0)
        {
            oldest.stream.abort();
            self.len -= 1;
        }
        if worn || rules.max_idle == Some(0) {
            stream.abort();
            return;
        }
        let until = now.saturating_add(rules.purge_delay);
        let fresh = Idle {
            stream,
            uses,
            until,
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
        let oldest = kept.and_then(|kept| kept.idle.pop_front());
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
            }
        }
    }

    /// Closes what has been unused for too long and what its peer closed.
    pub fn purge(&mut self, now: Millis) {
        for kept in self.servers.iter_mut().flatten() {
            kept.idle
                .retain(|idle| now < idle.until && idle.stream.is_quiet());
            kept.safe = kept.idle.iter().filter(|idle| idle.is_safe()).count() as u32;
            // A need fades slowly: an eighth per purge, so that a pause costs no reconnections.
            kept.needed = kept.peak.max(kept.needed - kept.needed.div_ceil(8));
            kept.peak = 0;
        }
        self.len = self
            .servers
            .iter()
            .flatten()
            .map(|kept| kept.idle.len())
            .sum();
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

    const RULES: PoolRules = PoolRules {
        max_idle: None,
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

    #[test]
    fn the_newest_stays_when_one_is_too_many() {
        let mut pool = IdlePool::new([1]);
        let (old, _old_peer) = connection();
        let (new, _new_peer) = connection();
        pool.give((0, 0), RULES, old, 1, 1, 0);
        pool.give((0, 0), RULES, new, 2, 1, 0);
        assert_eq!(pool.len(), 1);
        let taken = pool.take((0, 0), ReusePolicy::Always, true, None);
        assert_eq!(taken.map(|(_, uses)| uses), Some(2));
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

    #[test]
    fn bounds_and_age_are_kept() {
        let mut pool = IdlePool::new([2]);
        let rules = PoolRules {
            max_idle: Some(1),
            max_reuse: Some(3),
            ..RULES
        };
        let mut peers = Vec::new();
        for uses in [4, 3, 1] {
            let (stream, peer) = connection();
            peers.push(peer);
            pool.give((0, 1), rules, stream, uses, 3, 10);
        }
        assert_eq!(pool.len(), 1);
        pool.purge(5009);
        assert_eq!(pool.len(), 1);
        pool.purge(5010);
        assert!(pool.is_empty());
    }
}
