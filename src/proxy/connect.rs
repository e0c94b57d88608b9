//! Getting a connection to a server: choose, queue, reuse, connect, retry.
//!
//! Follows SEMANTICS 1.10: `retries` attempts after the first; the delay before a retry on the
//! same server; `option redispatch`. The client leaving is noticed during every wait when
//! `abortonclose` is on.

use super::admission;
use super::client::{Client, OwnServer};
use super::cookie;
use super::count;
use super::end::End;
use super::hash_key;
use super::lend;
use super::outlier;
use super::place::Place;
use super::retry;
use super::rules;
use super::server_breakers;
use super::transaction::Transaction;
use crate::backend::{BackendState, Choice, ReusePolicy, ServerState, Slot, Standing, Turn, Wish};
use crate::clock::{Millis, NEVER};
use crate::compile::config::{Backend, BackendId, Balance, RetryReason, Reuse, Server};
use crate::health::{self, Event};
use crate::net::proxy_protocol::{self, Extra};
use crate::net::socks4::Socks4;
use crate::net::{ConnectOptions, Endpoint, ReadOutcome, ServerAddr, Stream};
use crate::observe::StreamTimeout;
use crate::observe::stats::Count;
use crate::protect::circuit_limits::ConnectionPermit;
use crate::protect::outlier::Outcome;
use std::future::Future;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// A connection to a server, taken for one request.
#[derive(Debug)]
pub(super) struct ServerConn {
    pub(super) stream: Stream,
    /// Requests it has served before.
    pub(super) uses: u32,
    /// The place on the server.
    pub(super) slot: Slot,
}

/// The backend being asked.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) id: BackendId,
    pub(super) backend: &'a Backend,
    pub(super) state: &'a Arc<BackendState>,
}

/// Tells the health of a server what happened.
pub(super) fn observe(at: Place<'_>, backend: BackendId, server: usize, event: Event) {
    let place = health::Place {
        backend: backend.0 as usize,
        server,
    };
    at.worker.shared.health.observe(place, event);
}

/// Opens or reuses a connection, to the server of `held` if there is a place already. `fresh`
/// forbids reuse: the request was already sent on one.
pub(super) async fn open(
    at: Place<'_>,
    to: Target<'_>,
    client: &mut Client,
    tx: &mut Transaction,
    held: Option<Slot>,
    fresh: bool,
) -> Result<ServerConn, End> {
    let mut slot = match held {
        Some(slot) => slot,
        None => choose(at, to, client, tx, None).await?,
    };
    loop {
        tx.record.server = Some(slot.server());
        client.view.reach(slot.server());
        tx.record.queued_us = at.worker.clock.now_us();
        let served = slot.state().map_or(0, ServerState::served);
        let now = tx.record.queued_us / 1000;
        count::attempt(at, to, slot.server(), served, now);
        let failure = match connect(at, to, client, tx, &slot, fresh).await {
            Ok((stream, uses)) => {
                tx.record.connected_us = match uses {
                    0 => at.worker.clock.now_us(),
                    _ => tx.record.queued_us,
                };
                observe(at, to.id, slot.server(), Event::Connected);
                tx.record.server_peer = stream.peer().inet();
                tx.record.reused = uses > 0;
                if at.worker.shared.config.wants_server_address {
                    tx.record.server_local = stream.local().inet();
                }
                return Ok(ServerConn { stream, uses, slot });
            }
            Err(Failure::Aborted) => return Err(End::ConnectAborted),
            Err(failure) => failure,
        };
        if failure != Failure::Resource {
            outlier::record(at, &slot, Outcome::Failed);
            observe(at, to.id, slot.server(), Event::ConnectFailed);
        }
        let retried = to.backend.retry_on.has(RetryReason::ConnFailure);
        if !retried || !retry::allow(at, to.backend, tx) {
            return Err(failure.end(to.backend));
        }
        let failed = (503, failure != Failure::Resource);
        // Rare and large: no room in the futures of all streams.
        let next = next_server(at, to, client, tx, slot, Some(failure), failed);
        slot = Box::pin(next).await?;
    }
}

/// Gives the place on a server back, and notes whom it leaves there.
pub(super) fn leave(slot: Slot, tx: &mut Transaction) {
    let served = slot.state().map(ServerState::served);
    tx.record.left_at_server = served.map(|served| served.saturating_sub(1));
}

/// Counts a retry of a request that a server has seen, and takes a place for it.
pub(super) async fn retry(
    at: Place<'_>,
    to: Target<'_>,
    client: &mut Client,
    tx: &mut Transaction,
    slot: Slot,
    failed: (u16, bool),
) -> Result<Slot, End> {
    Box::pin(next_server(at, to, client, tx, slot, None, failed)).await
}

/// Counts a retry. The server for it: the same one, after a pause if it refused, or another one.
async fn next_server(
    at: Place<'_>,
    to: Target<'_>,
    client: &mut Client,
    tx: &mut Transaction,
    slot: Slot,
    failure: Option<Failure>,
    failed: (u16, bool),
) -> Result<Slot, End> {
    retry::count(tx);
    let usable = to.state.usable_servers();
    let is_its_own = matches!(to.backend.balance, Balance::Hash(_)) || tx.affinity.server.is_some();
    let redispatch = !tx.affinity.force
        && Redispatch {
            interval: to.backend.redispatch,
            most: retry::most(to.backend, tx),
            belongs: is_its_own,
            down: slot.state().is_some_and(|server| !server.is_up()),
            usable,
        }
        .comes(tx.record.retries);
    let same = !redispatch || usable <= 1;
    let pause = retry::pause(to.backend, tx, same && failure == Some(Failure::Refused));
    if let Some(pause) = pause {
        match unless_client_leaves(at, to, client, tx, NEVER, pin!(pause)).await {
            Err(Interrupted::Left) => return Err(End::ConnectAborted),
            Err(Interrupted::Deadline) | Ok(()) => {}
        }
    }
    if !redispatch {
        count::with_server(at, to, slot.server(), Count::Retries);
        return Ok(slot);
    }
    let before = slot.server();
    drop(slot);
    tx.affinity.server = None;
    server_breakers::leave(at, tx, failed);
    let slot = choose(at, to, client, tx, Some(before)).await?;
    Ok(moved_from(Some(before), slot, (at, to), tx))
}

/// What decides whether a retry chooses a server again (`option redispatch [n]`).
struct Redispatch {
    interval: Option<i32>,
    /// Most retries.
    most: u32,
    /// The request belongs to this server: by persistence, `use-server`, or its hash.
    belongs: bool,
    /// It is out of service.
    down: bool,
    /// How many servers may be chosen.
    usable: usize,
}

impl Redispatch {
    /// Whether retry number `attempt` does. A request that belongs nowhere is served by any other as
    /// well, so with several usable servers every retry does.
    fn comes(&self, attempt: u32) -> bool {
        let Some(interval) = self.interval.map(i64::from) else {
            return false;
        };
        let every = if interval > 0 {
            interval
        } else {
            i64::from(self.most) + 1 + interval
        };
        self.down
            || !self.belongs && self.usable > 1
            || every > 0 && i64::from(attempt) % every == 0
    }
}

/// Takes a place on a server, waiting in the queue if all are full.
async fn choose(
    at: Place<'_>,
    to: Target<'_>,
    client: &mut Client,
    tx: &mut Transaction,
    mut avoid: Option<usize>,
) -> Result<Slot, End> {
    let mut left = None;
    let mut refusals = 0;
    server_breakers::mend(at, to);
    let priority = admission::priority(tx);
    admission::pretend(to, tx);
    loop {
        let choice = match tx.affinity.server {
            // Whoever decided on it knows whether it may be down.
            Some(server) => to.state.choose_server(server, true, priority),
            None => match last_server(to, client).filter(|_| avoid.is_none()) {
                Some(server) => to.state.choose_server(server, false, priority),
                None => to.state.choose(Wish {
                    hash: hash_key::of(at, to.backend, client, tx),
                    avoid,
                    priority,
                }),
            },
        };
        let only = match choice {
            Choice::Server(slot) if !server_breakers::admit(at, to, &slot, tx) => {
                // The others are asked before the request is given up.
                refusals += 1;
                if refusals > to.state.servers().len() {
                    server_breakers::blame(at, to, tx);
                    return Err(End::NoServer);
                }
                avoid = Some(slot.server());
                tx.affinity.server = None;
                continue;
            }
            Choice::Server(slot) => {
                if tx.affinity.server.is_none() && avoid != Some(slot.server()) {
                    count::with_server(at, to, slot.server(), Count::Balanced);
                }
                return Ok(moved_from(left, slot, (at, to), tx));
            }
            Choice::NoServer => {
                server_breakers::blame(at, to, tx);
                return Err(End::NoServer);
            }
            Choice::Full => None,
            Choice::Busy(server) => Some(server),
        };
        let standing = Standing {
            insists: tx.affinity.force,
            priority,
            class: tx.record.by_rules.priority_class.get(),
            offset_ms: tx.record.by_rules.priority_offset.get(),
        };
        let mut waiting = match to.state.wait(only, standing) {
            Ok(waiting) => waiting,
            Err(overflow) => return Err(admission::refuse(at, to, client, tx, overflow)),
        };
        count::queued(at, to, only, waiting.position());
        let limit = limit(tx, StreamTimeout::Queue, to.backend.timeouts.queue);
        let until = at.worker.clock.now().saturating_add(limit);
        let outcome = unless_client_leaves(at, to, client, tx, until, &mut waiting).await;
        tx.record.queued_us = at.worker.clock.now_us();
        match only {
            Some(_) => add(&mut tx.record.server_queue, waiting.turns()),
            None => add(&mut tx.record.backend_queue, waiting.turns()),
        }
        drop(waiting);
        match outcome {
            Ok(Turn::Served(slot)) if !server_breakers::admit(at, to, &slot, tx) => {
                avoid = Some(slot.server());
                tx.affinity.server = None;
            }
            Ok(Turn::Served(slot)) => return Ok(moved_from(left, slot, (at, to), tx)),
            Ok(Turn::ChooseAgain) => left = tx.affinity.server.take().or(left),
            Err(Interrupted::Deadline) => return Err(End::QueueTimeout),
            Err(Interrupted::Left) => return Err(End::QueueAborted),
        }
    }
}

fn add(turns: &mut u32, more: u32) {
    *turns = turns.saturating_add(more);
}

/// Notes whether a request is served by another server than the one it belonged to.
fn moved_from(
    before: Option<usize>,
    slot: Slot,
    (at, to): (Place<'_>, Target<'_>),
    tx: &mut Transaction,
) -> Slot {
    let Some(before) = before else {
        return slot;
    };
    if slot.server() == before {
        count::with_server(at, to, before, Count::Retries);
    } else {
        count::with_server(at, to, before, Count::Redispatches);
        tx.record.redispatched = true;
        cookie::moved(tx);
    }
    slot
}

/// A timeout, as rules may have changed it.
fn limit(tx: &Transaction, which: StreamTimeout, configured: Millis) -> Millis {
    tx.record.by_rules.timeout(which, configured)
}

/// Why an attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failure {
    /// Refused, reset, unreachable.
    Refused,
    /// `timeout connect`.
    TimedOut,
    /// Out of descriptors, ports or memory here.
    Resource,
    /// The client left meanwhile.
    Aborted,
}

impl From<Interrupted> for Failure {
    fn from(why: Interrupted) -> Self {
        match why {
            Interrupted::Deadline => Self::TimedOut,
            Interrupted::Left => Self::Aborted,
        }
    }
}

impl Failure {
    fn of(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::AddrInUse
            | io::ErrorKind::AddrNotAvailable
            | io::ErrorKind::OutOfMemory
            | io::ErrorKind::PermissionDenied => Self::Resource,
            _ if matches!(error.raw_os_error(), Some(23 | 24)) => Self::Resource,
            _ => Self::Refused,
        }
    }

    fn end(self, backend: &Backend) -> End {
        let status = backend.retry.failure_status;
        match self {
            Self::Refused => End::ConnectFailed(status),
            Self::TimedOut => End::ConnectTimeout(status),
            Self::Resource => End::ConnectResource(status),
            Self::Aborted => End::ConnectAborted,
        }
    }
}

/// One attempt on one server: an idle connection if the rules allow, else a new one.
async fn connect(
    at: Place<'_>,
    to: Target<'_>,
    client: &mut Client,
    tx: &mut Transaction,
    slot: &Slot,
    fresh: bool,
) -> Result<(Stream, u32), Failure> {
    let Some(server) = to.backend.servers.get(slot.server()) else {
        return Err(Failure::Refused);
    };
    if server.proxy_options.unique_id {
        let names = at.names(Some(to.backend), Some(slot));
        rules::view(at, names, client, tx).unique_id();
    }
    if let Some(name) = &to.backend.send_name_header {
        tx.to_server.set_last_header(name, server.name.as_bytes());
    }
    let limits = admission::limits(to, tx);
    if !fresh && let Some(reused) = reused(at, to, client, server, slot, tx) {
        count::with_server(at, to, slot.server(), Count::Reuses);
        return Ok(reused);
    }
    if !fresh
        && limits.is_none()
        && let Some(wanted) = wanted_of_others(at, to, client, server, slot)
    {
        // Rare, so it takes no room in the futures of all streams.
        let reporter = Arc::clone(&at.worker.shared.reporter);
        if let Some(lent) = Box::pin(lend::borrow(reporter, wanted)).await {
            count::with_server(at, to, slot.server(), Count::Reuses);
            return Ok(lent);
        }
    }
    count::with_server(at, to, slot.server(), Count::Connects);
    greet(server, client, tx);
    let Some(addr) = address(server, slot.state(), client.facts.dst) else {
        return Err(Failure::Refused);
    };
    let options = ConnectOptions {
        source: server.source,
        sends_first: !tx.to_server.is_sent(),
    };
    let until = at.worker.clock.now().saturating_add(limit(
        tx,
        StreamTimeout::Connect,
        to.backend.timeouts.connect,
    ));
    let permit = match limits {
        Some(limits) => {
            let taken = async {
                let place = admission::place(at, to.id.0 as usize, slot.server(), limits);
                unless_client_leaves(at, to, client, tx, until, pin!(place)).await
            };
            // A new connection under a limit pays for it, not the futures of all streams.
            Some(Box::pin(taken).await?)
        }
        None => None,
    };
    let via = server.socks4.map(ServerAddr::Tcp);
    let next = via.as_ref().unwrap_or(&addr);
    let mut stream = Stream::connect(next, options).map_err(|error| Failure::of(&error))?;
    if let Some(permit) = permit {
        stream.tie(permit);
    }
    if to.backend.no_linger {
        stream.linger_none();
    }
    if let Some(keep_alive) = &to.backend.keep_alive {
        keep_alive.start(&stream);
    }
    if let (Some(_), ServerAddr::Tcp(server)) = (via, addr) {
        // Rare, so it takes no room in the futures of all streams.
        let asked = through_socks4(at, to, client, tx, stream, server, until);
        stream = Box::pin(asked).await?;
    }
    poll_fn(|cx| poll_established(at, to, client, tx, &mut stream, cx, until)).await?;
    Ok((stream, 0))
}

/// Has the proxy at the other end connect to the server.
async fn through_socks4(
    at: Place<'_>,
    to: Target<'_>,
    client: &mut Client,
    tx: &mut Transaction,
    mut stream: Stream,
    server: SocketAddr,
    until: Millis,
) -> Result<Stream, Failure> {
    let mut asked = Socks4::new(server).map_err(|error| Failure::of(&error))?;
    poll_fn(|cx| match asked.poll(&mut stream, cx) {
        Poll::Ready(done) => Poll::Ready(done.map_err(|error| Failure::of(&error))),
        Poll::Pending => poll_interrupted(at, to, client, tx, cx, until).map(|why| Err(why.into())),
    })
    .await
    .map(|()| stream)
}

/// A connection that served a request before, if it has its place under a limit of connections.
fn reused(
    at: Place<'_>,
    to: Target<'_>,
    client: &mut Client,
    server: &Server,
    slot: &Slot,
    tx: &Transaction,
) -> Option<(Stream, u32)> {
    let (stream, uses) = kept(at, to, client, server, slot, tx)?;
    let stream = admission::adopt(admission::limits(to, tx), slot.server(), stream)?;
    Some((stream, uses))
}

/// The client's own, or an idle one of the worker.
fn kept(
    at: Place<'_>,
    to: Target<'_>,
    client: &mut Client,
    server: &Server,
    slot: &Slot,
    tx: &Transaction,
) -> Option<(Stream, u32)> {
    let key = (to.id.0 as usize, slot.server());
    let wanted = moving_peer(server, slot.state(), client.facts.dst);
    if is_private(to.backend, server) {
        let told = (client.facts.src, client.facts.dst);
        let told = (server.send_proxy != 0).then_some(told);
        return client.take_own(key, |own| {
            wanted.is_none_or(|peer| own.stream.peer() == peer)
                && told.is_none_or(|told| own.told == told)
                && own.unique_id.as_deref() == told_id(server, tx)
        });
    }
    let is_first = is_first(to.backend, client);
    let mut idle = at.worker.idle.borrow_mut();
    let taken = idle.take(key, policy(to.backend.reuse), is_first, wanted);
    drop(idle);
    if taken.is_some() {
        at.worker.count_idle(key);
    }
    taken
}

/// Which connection other workers are asked for: where they keep as many as `pool-max-conn` allows,
/// a new one could not be kept, and this worker would never have any.
fn wanted_of_others(
    at: Place<'_>,
    to: Target<'_>,
    client: &Client,
    server: &Server,
    slot: &Slot,
) -> Option<lend::Wanted> {
    let most = server
        .pool_max_conn
        .filter(|_| !is_private(to.backend, server))?;
    let is_first = is_first(to.backend, client);
    if is_first && to.backend.reuse == Reuse::Safe {
        return None;
    }
    let place = health::Place {
        backend: to.id.0 as usize,
        server: slot.server(),
    };
    let pooled = slot.state()?.pooled().now();
    let [fresh, safe, _] = at
        .worker
        .idle
        .borrow()
        .counts((place.backend, place.server));
    let have_all = pooled >= most && pooled >= server.pool_low_conn && pooled > fresh + safe;
    have_all.then(|| lend::Wanted {
        place,
        is_first,
        peer: moving_peer(server, slot.state(), client.facts.dst),
        by: Some(at.worker.index()),
    })
}

/// Whether a closed connection may not be risked. A request that is repeated after every failure may meet
/// one.
fn is_first(backend: &Backend, client: &Client) -> bool {
    client.served == 0 && !is_repeated(backend)
}

fn is_repeated(backend: &Backend) -> bool {
    use RetryReason::{ConnFailure, EmptyResponse, ResponseTimeout};
    [ConnFailure, EmptyResponse, ResponseTimeout]
        .into_iter()
        .all(|reason| backend.retry_on.has(reason))
}

/// Keeps a connection for a further request.
pub(super) fn keep(
    at: Place<'_>,
    to: Target<'_>,
    client: &mut Client,
    slot: &Slot,
    (stream, uses): (Stream, u32),
    tx: &Transaction,
) {
    let (Some(server), Some(state)) = (to.backend.servers.get(slot.server()), slot.state()) else {
        return;
    };
    let key = (to.id.0 as usize, slot.server());
    if at.worker.is_ending() {
        return;
    }
    if is_private(to.backend, server) {
        if stream.tied::<ConnectionPermit>().is_some() {
            // Nobody else could make it give way.
            return;
        }
        let told = (client.facts.src, client.facts.dst);
        client.keep_own(OwnServer {
            key,
            stream,
            uses,
            told,
            unique_id: told_id(server, tx).map(Into::into),
        });
    } else {
        at.worker.keep_idle(key, server, state, stream, uses);
    }
}

/// Whether a connection to this server is of use to the client it was made for only.
fn is_private(backend: &Backend, server: &Server) -> bool {
    backend.reuse == Reuse::Never || server.send_proxy != 0
}

/// Waits for the connection by sending the head, or, if there is nothing to send, for itself.
/// A connection that is there at once, as on a local network, costs no extra wake-up that way.
fn poll_established(
    at: Place<'_>,
    to: Target<'_>,
    client: &mut Client,
    tx: &mut Transaction,
    stream: &mut Stream,
    cx: &mut Context<'_>,
    until: Millis,
) -> Poll<Result<(), Failure>> {
    let connected = if tx.to_server.is_sent() {
        stream.poll_connected(cx)
    } else {
        let sent = stream.poll_write(cx, tx.to_server.pending());
        sent.map_ok(|count| {
            tx.to_server.advance(count);
        })
    };
    match connected {
        Poll::Ready(connected) => Poll::Ready(connected.map_err(|error| Failure::of(&error))),
        Poll::Pending => poll_interrupted(at, to, client, tx, cx, until).map(|why| Err(why.into())),
    }
}

pub(super) fn policy(reuse: Reuse) -> ReusePolicy {
    match reuse {
        Reuse::Never => ReusePolicy::Never,
        Reuse::Safe => ReusePolicy::Safe,
        Reuse::Aggressive => ReusePolicy::Aggressive,
        Reuse::Always => ReusePolicy::Always,
    }
}

/// The server's address; `0.0.0.0` and ports without a number are those the client connected to.
fn address(server: &Server, state: Option<&ServerState>, dst: Endpoint) -> Option<ServerAddr> {
    match state?.addr().as_deref()? {
        ServerAddr::Tcp(addr) if follows_client(server, addr) => {
            let ip = match addr.ip() {
                ip if ip.is_unspecified() => dst.ip()?,
                ip => ip,
            };
            let port = match server.port_from_client {
                true => u16::try_from(i32::from(dst.port()?) + server.port_offset).ok()?,
                false => addr.port(),
            };
            Some(ServerAddr::Tcp(SocketAddr::new(ip, port)))
        }
        addr => Some(addr.clone()),
    }
}

/// Whether a server's address depends on what the client connected to.
fn follows_client(server: &Server, addr: &SocketAddr) -> bool {
    server.port_from_client || addr.ip().is_unspecified()
}

/// Where a connection must lead to, if that is not always the same.
fn moving_peer(server: &Server, state: Option<&ServerState>, dst: Endpoint) -> Option<Endpoint> {
    let written =
        |addr: &ServerAddr| matches!(addr, ServerAddr::Tcp(addr) if follows_client(server, addr));
    if !state?.is_moved() && !server.addr.as_ref().is_some_and(written) {
        return None;
    }
    match address(server, state, dst)? {
        ServerAddr::Tcp(addr) => Some(Endpoint::Inet(addr)),
        _ => None,
    }
}

/// The unique id that a PROXY header tells this server.
fn told_id<'t>(server: &Server, tx: &'t Transaction) -> Option<&'t [u8]> {
    let id = tx.record.unique_id.get().map(|id| &**id);
    id.filter(|_| server.proxy_options.unique_id)
}

/// Whether the server of the client's last own connection is to be preferred (`option
/// prefer-last-server`), and which that is.
fn last_server(to: Target<'_>, client: &Client) -> Option<usize> {
    if !to.backend.prefer_last || matches!(to.backend.balance, Balance::Hash(_)) {
        return None;
    }
    let of_backend = |own: &&OwnServer| own.key.0 == to.id.0 as usize;
    let (_, server) = client.own.iter().rev().find(of_backend)?.key;
    let state = to.state.servers().get(server)?;
    let most = to.backend.max_keep_alive_queue;
    let is_near = most == 0 || !state.is_full() || state.queued() + 1 < most;
    (is_near && to.state.is_eligible(server)).then_some(server)
}

/// Puts the PROXY header, if any, before the request.
fn greet(server: &Server, client: &Client, tx: &mut Transaction) {
    let mut header = Vec::new();
    let (src, dst) = (client.facts.src, client.facts.dst);
    match server.send_proxy {
        1 => proxy_protocol::write_v1(src, dst, &mut header),
        2 => {
            let extra = Extra {
                checksum: server.proxy_options.checksum,
                unique_id: told_id(server, tx),
            };
            proxy_protocol::write_v2(src, dst, extra, &mut header);
        }
        _ => {}
    }
    tx.to_server.set_prefix(&header);
}

/// What cut a wait short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Interrupted {
    Deadline,
    Left,
}

/// Waits for `what` until a deadline, or until the client leaves if that matters. What is large is
/// passed by reference: what is moved into a future takes its room twice.
async fn unless_client_leaves<T>(
    at: Place<'_>,
    to: Target<'_>,
    client: &mut Client,
    tx: &mut Transaction,
    until: Millis,
    what: impl Future<Output = T>,
) -> Result<T, Interrupted> {
    let mut what = std::pin::pin!(what);
    poll_fn(|cx| match what.as_mut().poll(cx) {
        Poll::Ready(value) => Poll::Ready(Ok(value)),
        Poll::Pending => poll_interrupted(at, to, client, tx, cx, until).map(Err),
    })
    .await
}

fn poll_interrupted(
    at: Place<'_>,
    to: Target<'_>,
    client: &mut Client,
    tx: &mut Transaction,
    cx: &mut Context<'_>,
    until: Millis,
) -> Poll<Interrupted> {
    while to.backend.abort_on_close && tx.upload.is_done() && !tx.upload.is_full() {
        match client
            .stream
            .poll_read(cx, tx.upload.room(&at.worker.buffers))
        {
            Poll::Ready(Ok(ReadOutcome::Data(_))) => {}
            Poll::Ready(_) => return Poll::Ready(Interrupted::Left),
            Poll::Pending => {
                tx.upload.rest(&at.worker.buffers);
                break;
            }
        }
    }
    client
        .poll_deadline(cx, until)
        .map(|()| Interrupted::Deadline)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redispatch_comes_at_its_interval_or_at_once_with_several_servers() {
        let comes = |interval, usable, most, belongs: bool, down: bool| -> Vec<u32> {
            let redispatch = Redispatch {
                interval,
                most,
                belongs,
                down,
                usable,
            };
            (1..=most).filter(|&n| redispatch.comes(n)).collect()
        };
        let check = |interval: Option<i32>, usable: usize, most: u32, expected: &[u32]| {
            let at = comes(interval, usable, most, false, false);
            assert_eq!(at, expected, "{interval:?} of {most} with {usable}");
        };
        check(None, 2, 3, &[]);
        check(Some(-1), 1, 3, &[3]);
        check(Some(-1), 2, 3, &[1, 2, 3]);
        check(Some(1), 1, 3, &[1, 2, 3]);
        check(Some(2), 1, 4, &[2, 4]);
        check(Some(-4), 1, 3, &[]);
        assert_eq!(comes(Some(-1), 2, 3, true, false), [3]);
        assert_eq!(comes(Some(-1), 2, 3, true, true), [1, 2, 3]);
        assert_eq!(comes(None, 2, 3, true, true), [0; 0]);
    }
}
