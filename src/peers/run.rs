//! Sections over real sockets: accepting, connecting, and the exchange of bytes.
//!
//! What must hold: nothing here waits for a peer without a limit; one who is not known, or talks
//! nonsense, costs a bounded buffer for a bounded time.

use super::hello::{self, Hello, Status};
use super::message::LONGEST;
use super::section::{PeerState, RESYNC_TIMEOUT, Resync, Section};
use super::session::Session;
use crate::clock::Millis;
use crate::net::timer::sleep;
use crate::net::{
    Acceptor, Buffer, ConnectOptions, Endpoint, ReadOutcome, ServerAddr, Stream, Timer, Wheel,
    connect,
};
use crate::random;
use std::future::{Future, poll_fn};
use std::io;
use std::os::fd::OwnedFd;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;
use tokio::task::{JoinHandle, JoinSet};

/// How long connecting and a handshake may take.
const HANDSHAKE: Millis = 5_000;
/// Between two attempts to connect.
const RECONNECT: Millis = 5_000;
/// How often in a tick changes are told at once; then they are gathered until the tick is over, so that
/// a key that is always used does not keep both sides busy.
const AT_ONCE: u32 = 16;
const TICK: Millis = 8;
/// Between two attempts to reach the process that takes our place.
const RECONNECT_LOCAL: Millis = 500;
/// Connections that may be accepted at once, for each peer.
const ACCEPTED_PER_PEER: usize = 3;

/// A section being served; dropping it ends all its sessions.
#[derive(Debug)]
pub struct Served {
    /// The section.
    pub section: Rc<Section>,
    wheel: Wheel,
    tasks: Vec<JoinHandle<()>>,
}

impl Served {
    /// Ends all sessions and, once nothing of them is left, teaches the process that takes our place
    /// everything. It is looked for where the local peer is, or else where our own socket is bound.
    pub fn teach_successor(&mut self, own: Option<Endpoint>) -> impl Future<Output = ()> + use<> {
        let tasks = std::mem::take(&mut self.tasks);
        let at = At {
            section: Rc::clone(&self.section),
            wheel: self.wheel.clone(),
        };
        async move {
            for task in tasks {
                task.abort();
                // That it was aborted is what is wanted.
                let _ = task.await;
            }
            if let Some((local, addr)) = at.section.successor(own) {
                teach(&at, local, &addr).await;
            }
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// Serves a section on the thread that calls this: accepts on its socket, if it has one, and connects
/// to its peers.
pub fn serve(section: Section, socket: Option<Arc<OwnedFd>>, wheel: &Wheel) -> Served {
    let at = At {
        section: Rc::new(section),
        wheel: wheel.clone(),
    };
    let mut tasks = vec![spawn(gather(at.clone()))];
    for (peer, config) in at.section.config.peers.iter().enumerate() {
        if let (false, Some(addr)) = (config.is_local, &config.addr) {
            tasks.push(spawn(keep_connected(at.clone(), peer, addr.clone())));
        }
    }
    if let Some(socket) = socket {
        tasks.push(spawn(accept(at.clone(), socket)));
    }
    Served {
        section: at.section,
        wheel: at.wheel,
        tasks,
    }
}

fn spawn(task: impl Future<Output = ()> + 'static) -> JoinHandle<()> {
    tokio::task::spawn_local(task)
}

/// Where a task works.
#[derive(Clone, Debug)]
struct At {
    section: Rc<Section>,
    wheel: Wheel,
}

impl At {
    fn now(&self) -> Millis {
        self.section.clock.now()
    }

    async fn pause(&self, time: Millis) {
        sleep(&self.wheel, self.now().saturating_add(time)).await;
    }

    fn with_state(&self, peer: usize, change: impl FnOnce(&mut PeerState)) {
        if let Some(peer) = self.section.peers.get(peer) {
            change(&mut peer.state.borrow_mut());
        }
    }
}

/// Takes in what has changed.
async fn gather(at: At) {
    let (mut tick, mut told) = (0, 0);
    loop {
        at.section.changed.notified().await;
        if at.now() >= tick + TICK {
            (tick, told) = (at.now(), 0);
        } else if told >= AT_ONCE {
            sleep(&at.wheel, tick + TICK).await;
        }
        told += 1;
        at.section.take_in();
    }
}

/// Has a session with a peer whenever there is none.
async fn keep_connected(at: At, peer: usize, addr: ServerAddr) {
    loop {
        let wait = match at.section.peers.get(peer) {
            None => return,
            Some(known) if known.is_active() => RECONNECT / 10,
            Some(known) => {
                let due = known.state.borrow().reconnect_at.unwrap_or(0);
                due.saturating_sub(at.now())
            }
        };
        if wait > 0 {
            at.pause(wait.min(RECONNECT)).await;
            continue;
        }
        call(&at, peer, &addr).await;
    }
}

/// Has a session with the process that takes our place until that knows everything. Gives up when
/// nobody listens there, or somebody else; one that knows not everything teaches nobody.
async fn teach(at: &At, local: usize, addr: &ServerAddr) {
    let until = at.now().saturating_add(RESYNC_TIMEOUT);
    while at.section.resync() == Resync::Done && at.now() < until {
        let end = call(at, local, addr).await;
        let peer = at.section.peers.get(local);
        let status = peer.map(|peer| peer.state.borrow().status);
        let may_return = matches!(
            status,
            Some(Status::Established | Status::TryAgain | Status::Handshake)
        );
        if end == Some(End::Taught) || !may_return {
            return;
        }
        at.pause(RECONNECT_LOCAL).await;
    }
}

/// Connects to a peer and stays until the session ends; nothing if there was none.
async fn call(at: &At, peer: usize, addr: &ServerAddr) -> Option<End> {
    let section = &at.section;
    let (own, config) = (section.peers.get(peer)?, section.config.peers.get(peer)?);
    let _active = Counted::new(&section.counts.active);
    let due = at.now().saturating_add(RECONNECT);
    at.with_state(peer, |state| {
        state.connections += 1;
        state.status = Status::Connecting;
        state.reconnect_at = Some(due);
    });
    own.is_calling.set(true);
    let meeting = introduce(at, peer, connect(addr, ConnectOptions::default()));
    let met = within(at, HANDSHAKE, meeting).await;
    own.is_calling.set(false);
    let (stream, buffer) = met?.ok()?;
    // The peer has answered last and so let go of any other session.
    let session = Session::new(section, peer, config.is_local);
    Some(exchange(at, peer, stream, buffer, session).await)
}

/// Says who we are; what came after the answer is in the buffer.
async fn introduce(
    at: &At,
    peer: usize,
    connecting: impl Future<Output = io::Result<Stream>>,
) -> io::Result<(Stream, Buffer)> {
    let mut stream = connecting.await?;
    at.with_state(peer, |state| state.status = Status::Handshake);
    let config = at.section.config.peers.get(peer);
    let is_old = at
        .section
        .peers
        .get(peer)
        .is_some_and(|peer| peer.state.borrow().is_old);
    let hello = Hello {
        minor: if is_old { 0 } else { hello::MINOR },
        target: config.map_or_else(String::new, |config| config.name.to_string()),
        caller: at.section.config.local.to_string(),
    };
    write_all(&mut stream, &hello.lines()).await?;
    let mut buffer = buffer();
    loop {
        let read = hello::status(buffer.data()).unwrap_or(Some((Status::Protocol, 0)));
        if let Some((status, used)) = read {
            buffer.consume(used);
            let now = at.now();
            at.with_state(peer, |state| {
                state.status = status;
                state.last_handshake = Some(now);
                // Next time in the older version, which it may know.
                state.is_old |= status == Status::Version;
            });
            return match status {
                Status::Established => Ok((stream, buffer)),
                _ => Err(io::ErrorKind::ConnectionRefused.into()),
            };
        }
        read_some(&mut stream, &mut buffer).await?;
    }
}

/// Accepts those who call, and ends with their sessions.
async fn accept(at: At, socket: Arc<OwnedFd>) {
    let Ok(mut acceptor) = Acceptor::new(socket, &at.wheel, at.section.clock.clone()) else {
        return;
    };
    let most = ACCEPTED_PER_PEER * at.section.peers.len().max(1);
    let mut callers = JoinSet::new();
    loop {
        // After an error the acceptor pauses by itself.
        let Ok(accepted) = poll_fn(|cx| acceptor.poll_accept(cx)).await else {
            continue;
        };
        while callers.try_join_next().is_some() {}
        if callers.len() < most {
            let (at, stream) = (at.clone(), accepted.into_stream());
            callers.spawn_local(async move { answer(&at, stream).await });
        }
    }
}

/// One more of something, for as long as it lives.
struct Counted<'c>(&'c AtomicU32);

impl<'c> Counted<'c> {
    fn new(count: &'c AtomicU32) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Serves whoever has called.
async fn answer(at: &At, mut stream: Stream) {
    let mut buffer = buffer();
    let listening = listen(&mut stream, &mut buffer);
    let Some(Ok(hello)) = within(at, HANDSHAKE, listening).await else {
        return;
    };
    let greeted = hello.and_then(|hello| greet(at, &hello));
    let peer = match greeted {
        Ok(peer) => peer,
        Err(status) => {
            // Whoever is gone needs no answer.
            let refusing = async { write_all(&mut stream, &status.line()).await };
            let _ = within(at, HANDSHAKE, refusing).await;
            return;
        }
    };
    let _active = Counted::new(&at.section.counts.active);
    let session = Session::new(&at.section, peer, false);
    let saying = async { write_all(&mut stream, &Status::Established.line()).await };
    if matches!(within(at, HANDSHAKE, saying).await, Some(Ok(()))) {
        exchange(at, peer, stream, buffer, session).await;
    }
}

/// Reads what a caller says first.
async fn listen(stream: &mut Stream, buffer: &mut Buffer) -> io::Result<Result<Hello, Status>> {
    loop {
        match Hello::read(buffer.data()) {
            Ok(Some((hello, used))) => {
                buffer.consume(used);
                return Ok(Ok(hello));
            }
            Ok(None) => read_some(stream, buffer).await?,
            Err(status) => return Ok(Err(status)),
        }
    }
}

/// Whether a caller is who it should be, and which peer that is.
fn greet(at: &At, hello: &Hello) -> Result<usize, Status> {
    let section = &at.section;
    let local = &*section.config.local;
    if hello.target != local {
        return Err(Status::Host);
    }
    let peer = section.find(&hello.caller).ok_or(Status::Peer)?;
    let known = section.peers.get(peer).ok_or(Status::Peer)?;
    let is_local = hello.caller == local;
    // When both call each other at once, the call of the one that comes first in the alphabet is
    // taken; HAProxy ends both and lets chance decide which comes again first.
    let is_ours = known.is_calling.get() && local < &*hello.caller;
    if is_local && known.is_active() || is_ours {
        return Err(Status::TryAgain);
    }
    let (now, has_one) = (at.now(), known.is_active());
    at.with_state(peer, |state| {
        if has_one {
            state.collisions += 1;
        }
        state.is_old = hello.minor < hello::MINOR;
        state.last_handshake = Some(now);
    });
    Ok(peer)
}

/// Carries a session until it ends.
async fn exchange(
    at: &At,
    peer: usize,
    mut stream: Stream,
    input: Buffer,
    session: Session,
) -> End {
    let _connected = Counted::new(&at.section.counts.connected);
    at.with_state(peer, |state| {
        state.status = Status::Established;
        state.ends = Some((stream.peer(), stream.local()));
    });
    let mut carried = Carried {
        session,
        input,
        output: Vec::new(),
        written: 0,
        timer: at.wheel.timer(),
    };
    let end = carried.run(at, peer, &mut stream).await;
    let now = at.now();
    // Not at once, and not both at the same time.
    let wait = 50 + random::next() % 2_000;
    let config = at.section.config.peers.get(peer);
    let is_remote = config.is_some_and(|config| !config.is_local);
    at.with_state(peer, |state| {
        match end {
            End::Fault => state.faults += 1,
            End::Silence => state.silences += 1,
            End::Closed | End::Replaced | End::Taught => {}
        }
        if end != End::Replaced {
            state.reconnect_at = is_remote.then_some(now.saturating_add(wait));
        }
    });
    end
}

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The connection is closed.
    Closed,
    /// The peer broke the protocol.
    Fault,
    /// Nothing was heard.
    Silence,
    /// There is a newer one.
    Replaced,
    /// An own new process knows everything.
    Taught,
}

/// A session with its bytes.
struct Carried {
    session: Session,
    input: Buffer,
    output: Vec<u8>,
    /// How much of the output is written.
    written: usize,
    timer: Timer,
}

impl Carried {
    async fn run(&mut self, at: &At, peer: usize, stream: &mut Stream) -> End {
        loop {
            if self.session.is_replaced() {
                return End::Replaced;
            }
            match self.session.receive(self.input.data()) {
                Ok(used) => self.input.consume(used),
                Err(fault) => {
                    let telling = async { write_all(stream, &fault.message()).await };
                    let _ = within(at, HANDSHAKE, telling).await;
                    return End::Fault;
                }
            }
            if self.session.is_complete() {
                return End::Taught;
            }
            if self.written == self.output.len() {
                self.output.clear();
                self.written = 0;
                self.session.fill(&mut self.output);
            }
            let (due, is_dead) = self.session.deadline();
            if is_dead {
                return End::Silence;
            }
            self.timer.set(due);
            if self.proceed(at, peer, stream).await.is_err() {
                return End::Closed;
            }
        }
    }

    /// Waits until something happens: bytes come or go, a table changes, time passes.
    async fn proceed(&mut self, at: &At, peer: usize, stream: &mut Stream) -> io::Result<()> {
        let Some(peer) = at.section.peers.get(peer) else {
            return Err(io::ErrorKind::NotFound.into());
        };
        let mut woken = pin!(peer.wake.notified());
        poll_fn(|cx| {
            let mut has_moved = woken.as_mut().poll(cx).is_ready();
            has_moved |= self.timer.poll_fired(cx).is_ready();
            if self.written < self.output.len() {
                let rest = self.output.get(self.written..).unwrap_or_default();
                if let Poll::Ready(written) = stream.poll_write(cx, rest) {
                    self.written += written?;
                    has_moved = true;
                }
            }
            match stream.poll_read(cx, &mut self.input) {
                Poll::Ready(Ok(ReadOutcome::Data(_))) => has_moved = true,
                Poll::Ready(Ok(ReadOutcome::Eof | ReadOutcome::Full)) => {
                    return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {}
            }
            match has_moved {
                true => Poll::Ready(Ok(())),
                false => Poll::Pending,
            }
        })
        .await
    }
}

/// Room for the longest message.
fn buffer() -> Buffer {
    Buffer::new(LONGEST as usize + 16)
}

async fn read_some(stream: &mut Stream, buffer: &mut Buffer) -> io::Result<()> {
    match poll_fn(|cx| stream.poll_read(cx, buffer)).await? {
        ReadOutcome::Data(_) => Ok(()),
        ReadOutcome::Eof | ReadOutcome::Full => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

async fn write_all(stream: &mut Stream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = poll_fn(|cx| stream.poll_write(cx, bytes)).await?;
        bytes = bytes.get(written..).unwrap_or_default();
    }
    Ok(())
}

/// What the work comes to, unless it takes longer than that.
async fn within<T>(at: &At, time: Millis, work: impl Future<Output = T>) -> Option<T> {
    let timer = at.wheel.timer();
    timer.set(at.now().saturating_add(time));
    let mut work = pin!(work);
    poll_fn(|cx| {
        if let Poll::Ready(done) = work.as_mut().poll(cx) {
            return Poll::Ready(Some(done));
        }
        timer.poll_fired(cx).map(|()| None)
    })
    .await
}
