//! One client connection played from a script, for fuzzing and for tests of what is forwarded.
//!
//! A [`Sandbox`] is a worker without thread, listener and time of its own: the calling thread runs its
//! tasks, the client is one end of a socket pair, the origin listens at a UNIX socket that the
//! configuration names. The clock stands still unless the script moves it. What must hold, and is
//! checked here: every connection ends, and gives back what it counted. Deliberately absent: what
//! the bytes on either side must look like, which the callers judge.

use super::accept::{self, Handover};
use super::estate::Estate;
use super::limit::{Limit, Permit};
use super::shared::{Listener, Shared};
use super::thread::{Peers, Thread};
use super::worker::Worker;
use crate::clock::{Clock, Millis};
use crate::compile::config::Config;
use crate::net::{Accepted, Endpoint};
use crate::observe::log::{LogIdentity, Logger};
use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::rc::Rc;
use std::sync::Arc;
use tokio::runtime::Runtime;
use tokio::task::LocalSet;

/// In a script: the other side acts from here on; the client begins.
pub const OTHER_SIDE: u8 = 0xff;
/// In a script: the proxy gets what was sent so far, before any more is.
pub const PAUSE: u8 = 0xfe;
/// In a script: who acts sends nothing more.
pub const SHUT: u8 = 0xfd;
/// In a script: who acts closes.
pub const CLOSE: u8 = 0xfc;
/// In a script: a second passes.
pub const SECOND: u8 = 0xfb;

/// Longest script that is played, in bytes: all of it fits into the sockets.
const LONGEST: usize = 16_384;

/// Turns of the reactor in which nothing comes out before the proxy is taken to have nothing to do.
const QUIET_TURNS: u32 = 4;

/// Seconds that any timeout of the configuration may take.
const PATIENCE_S: u32 = 1000;

/// A proxy for one connection at a time.
#[derive(Debug)]
pub struct Sandbox {
    worker: Rc<Worker>,
    listener: Arc<Listener>,
    origin: UnixListener,
    clock: Clock,
    runtime: Runtime,
}

/// What the peers of the proxy sent and received.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The number (`%rt`) of the connection's first request.
    pub first_request: u32,
    /// What the client sent.
    pub sent: Vec<u8>,
    /// What the client received.
    pub received: Vec<u8>,
    /// What each server connection received, in the order they were made.
    pub forwarded: Vec<Vec<u8>>,
}

impl Sandbox {
    /// A proxy that serves the first frontend of `config`, whose servers are all at `origin`.
    ///
    /// # Panics
    /// When the system has no reactor to give.
    pub fn new(config: Config, origin: UnixListener) -> Self {
        let clock = Clock::manual(1_000_000);
        let identity = LogIdentity {
            tag: b"sandbox".as_slice().into(),
            hostname: None,
            pid: 1,
        };
        // Its thread is never started: lines are made and go nowhere.
        let log = Logger::new(clock.clone(), identity).handle();
        let shared = Shared::new(config, &Arc::new(Estate::new(clock.clone())), 1, false);
        shared.open_log(&log);
        let (peers, _) = Peers::new(1);
        let thread = Rc::new(Thread::new(clock.clone(), log.queue(), peers, 0));
        let of_frontend = shared.frontends.first().map(Arc::clone);
        let listener = Listener {
            name: "sandbox".into(),
            is_named: true,
            id: 1,
            accept_proxy: false,
            keeps_tcp: false,
            frontend: 0,
            bind: 0,
            local: Endpoint::Unix,
            fixed_dst: None,
            limits: [
                Limit::new(0),
                of_frontend.expect("a frontend"),
                Arc::clone(&shared.process),
            ],
            paces: shared.paces(0).expect("a frontend").clone(),
        };
        origin.set_nonblocking(true).expect("a socket option");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        Self {
            worker: thread.worker(&shared),
            listener: Arc::new(listener),
            origin,
            clock,
            runtime: runtime.expect("a reactor"),
        }
    }

    /// Plays `script`: bytes to send, and the marks above.
    ///
    /// # Panics
    /// When the connection does not end, or leaves something counted.
    pub fn play(&self, script: &[u8]) -> Seen {
        let script = script.get(..LONGEST).unwrap_or(script);
        LocalSet::new().block_on(&self.runtime, async {
            let mut play = self.begin();
            for part in script.split_inclusive(|byte| *byte >= SECOND) {
                play.part(part).await;
            }
            play.settle().await;
            for _ in 0..PATIENCE_S {
                if self.worker.shared.process.used() == 0 {
                    break;
                }
                play.pass(1000).await;
            }
            self.check_nothing_is_left();
            self.worker.idle.borrow_mut().close_if(|_| true);
            play.settle().await;
            play.seen
        })
    }

    fn begin(&self) -> Play<'_> {
        let (client, socket) = UnixStream::pair().expect("a pair of sockets");
        for socket in [&client, &socket] {
            socket.set_nonblocking(true).expect("a socket option");
        }
        let shared = &self.worker.shared;
        let from = Handover {
            accepted: Accepted {
                socket: socket.into(),
                peer: Endpoint::Unix,
            },
            permit: Permit::try_acquire(&self.listener.limits).expect("no limit is set"),
            arrival: (self.listener.paces.try_pass(self.clock.now())).expect("no limit is set"),
            listener: Arc::clone(&self.listener),
            shared: Arc::clone(shared),
        };
        accept::begin(&self.worker, from);
        Play {
            sandbox: self,
            client: Peer::new(client),
            servers: Vec::new(),
            is_clients_turn: true,
            seen: Seen {
                first_request: shared.next_request().wrapping_add(1),
                ..Seen::default()
            },
        }
    }

    fn check_nothing_is_left(&self) {
        let shared = &self.worker.shared;
        assert_eq!(shared.process.used(), 0, "the connection does not end");
        for backend in &shared.backends {
            assert_eq!((backend.conns(), backend.queue_len()), (0, 0));
            let served = backend.servers().iter().map(|server| server.served());
            assert_eq!(served.sum::<u32>(), 0, "a server is still counted");
        }
    }
}

/// A script being played.
struct Play<'a> {
    sandbox: &'a Sandbox,
    client: Peer,
    /// In the order of [`Seen::forwarded`]; the last one answers.
    servers: Vec<Peer>,
    is_clients_turn: bool,
    seen: Seen,
}

impl Play<'_> {
    /// Bytes, and usually a mark after them.
    async fn part(&mut self, part: &[u8]) {
        let (bytes, mark) = match part.split_last() {
            Some((mark, bytes)) if *mark >= SECOND => (bytes, *mark),
            _ => (part, PAUSE),
        };
        self.send(bytes);
        match mark {
            SHUT => self.acting(Peer::shut),
            CLOSE => self.acting(|peer| peer.stream = None),
            OTHER_SIDE => self.is_clients_turn = !self.is_clients_turn,
            SECOND => return self.pass(1000).await,
            _ => {}
        }
        self.settle().await;
    }

    /// Lets whose turn it is do something; a server that nobody has connected to does nothing.
    fn acting(&mut self, act: impl FnOnce(&mut Peer)) {
        match self.is_clients_turn {
            true => act(&mut self.client),
            false => self.servers.last_mut().map_or((), act),
        }
    }

    fn send(&mut self, bytes: &[u8]) {
        let mut sent = 0;
        self.acting(|peer| sent = peer.send(bytes));
        if self.is_clients_turn {
            let sent = bytes.get(..sent).unwrap_or(bytes);
            self.seen.sent.extend_from_slice(sent);
        }
    }

    async fn pass(&mut self, time: Millis) {
        self.sandbox.clock.advance(time);
        let now = self.sandbox.clock.now();
        self.sandbox.worker.wheel.advance(now);
        self.settle().await;
    }

    /// Lets the proxy run until it waits for its peers or for time.
    async fn settle(&mut self) {
        let mut quiet = 0;
        while quiet < QUIET_TURNS {
            tokio::task::yield_now().await;
            quiet = if self.take() { 0 } else { quiet + 1 };
        }
    }

    /// Takes what the proxy has sent and whom it has connected to; whether there was anything.
    fn take(&mut self) -> bool {
        let mut any = self.client.take(&mut self.seen.received);
        while let Ok((stream, _)) = self.sandbox.origin.accept() {
            stream.set_nonblocking(true).expect("a socket option");
            self.servers.push(Peer::new(stream));
            self.seen.forwarded.push(Vec::new());
            any = true;
        }
        let forwarded = self.servers.iter_mut().zip(&mut self.seen.forwarded);
        forwarded.fold(any, |any, (server, to)| server.take(to) || any)
    }
}

/// The other end of one of the proxy's connections.
struct Peer {
    /// `None` once this end was closed.
    stream: Option<UnixStream>,
    /// Nothing more will come.
    has_ended: bool,
}

impl Peer {
    fn new(stream: UnixStream) -> Self {
        Self {
            stream: Some(stream),
            has_ended: false,
        }
    }

    fn shut(&mut self) {
        // A connection that is over needs none.
        let _ = self
            .stream
            .as_ref()
            .map(|stream| stream.shutdown(Shutdown::Write));
    }

    /// How many of the bytes were sent; none if the proxy has closed.
    fn send(&mut self, bytes: &[u8]) -> usize {
        let stream = self.stream.as_mut();
        stream.map_or(0, |stream| stream.write(bytes).unwrap_or(0))
    }

    /// Takes what is there; whether anything was.
    fn take(&mut self, to: &mut Vec<u8>) -> bool {
        let Some(stream) = self.stream.as_mut().filter(|_| !self.has_ended) else {
            return false;
        };
        let before = to.len();
        match stream.read_to_end(to) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => to.len() > before,
            Ok(_) | Err(_) => {
                self.has_ended = true;
                true
            }
        }
    }
}
