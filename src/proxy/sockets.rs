//! The listening sockets of a process, across generations.
//!
//! A `bind` line keeps the socket that an earlier generation opened for the same address with
//! the same options: nothing happens to it, and whoever is about to connect notices nothing. All that is
//! new is opened before anything else changes, and if one fails nothing has changed.

use super::control::{ForwardSockets, StatsListener};
use super::env::StartError;
use super::limit::Limit;
use super::shared::{Listener, Shared};
use crate::compile::config::{Bind, Config, StatsSocket};
use crate::net::{
    BindError, Endpoint, Inherited, ListenAddr, ListenOptions, Offered, inherit, open,
    open_datagrams,
};
use crate::syntax::Code;
use rustix::net::Shutdown;
use std::collections::HashMap;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

/// A `bind` line's socket could not be opened.
pub const CANNOT_BIND: Code = Code("TG0950");

/// What the process listens on. Whoever accepts has the socket only for as long.
#[derive(Debug)]
pub(super) struct Sockets {
    open: Vec<Arc<Socket>>,
    /// The frontend of each that takes traffic, by its number.
    frontends: HashMap<u64, usize>,
    /// Those of the process before us that no line has taken.
    inherited: Vec<Inherited>,
    /// How many were ever opened.
    count: u64,
    workers: usize,
}

/// One address being listened on.
#[derive(Debug)]
pub struct Socket {
    /// Its number, never used again.
    pub(super) id: u64,
    addr: ListenAddr,
    options: ListenOptions,
    local: Endpoint,
    /// One for each worker.
    pub(super) fds: Vec<Arc<OwnedFd>>,
    /// Connections that came in on it.
    limit: Arc<Limit>,
    purpose: Purpose,
}

/// What a socket is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// What a frontend serves.
    Traffic,
    /// Commands.
    Stats,
    /// Peers.
    Peers,
    /// Log messages over connections.
    Messages,
    /// Log messages as datagrams.
    Datagrams,
}

/// The sockets of a configuration, in the order of its `bind` lines.
#[derive(Debug)]
pub(super) struct Plan {
    /// Each with the index of its frontend, and of its line there.
    sockets: Vec<(usize, usize, Arc<Socket>)>,
    /// Those of the `stats socket` lines.
    stats: Vec<Arc<Socket>>,
    /// Those of `peers` sections, in their order.
    peers: Vec<Option<Arc<Socket>>>,
    /// Those of each `log-forward` section: for connections, for datagrams.
    forwards: Vec<[Vec<Arc<Socket>>; 2]>,
    /// How many of them were not open before.
    pub(super) opened: usize,
    count: u64,
    /// What was open before and no line has taken yet.
    left: Vec<Arc<Socket>>,
    inherited: Vec<Inherited>,
}

impl Sockets {
    /// None yet, for so many workers; what a first plan needs may be among the `inherited`.
    pub(super) fn new(workers: usize, inherited: Vec<Inherited>) -> Self {
        Self {
            open: Vec::new(),
            frontends: HashMap::new(),
            inherited,
            count: 0,
            workers,
        }
    }

    /// Opens what `config` listens on and is not open yet.
    ///
    /// # Errors
    /// Every socket that can't be opened. Those that could are closed again.
    pub(super) fn plan(&mut self, config: &Config) -> Result<Plan, Vec<StartError>> {
        let mut errors = Vec::new();
        let mut plan = Plan {
            sockets: Vec::new(),
            stats: Vec::new(),
            peers: Vec::new(),
            forwards: Vec::new(),
            opened: 0,
            count: self.count,
            left: self.open.clone(),
            inherited: std::mem::take(&mut self.inherited),
        };
        let frontends = config.frontends.iter().enumerate();
        for (frontend, config) in frontends.filter(|(_, frontend)| !frontend.disabled) {
            for (line, bind) in config.binds.iter().enumerate() {
                match plan.socket(bind, options(bind), self.workers, Purpose::Traffic) {
                    Ok(socket) => plan.sockets.push((frontend, line, socket)),
                    Err(error) => errors.push(bind_failed(bind, &config.name, &error)),
                }
            }
        }
        for StatsSocket { bind, .. } in &config.global.stats_sockets {
            match plan.socket(bind, stats_options(bind), 1, Purpose::Stats) {
                Ok(socket) => plan.stats.push(socket),
                Err(error) => errors.push(bind_failed(bind, "GLOBAL", &error)),
            }
        }
        for section in &config.peers {
            let mut socket = None;
            if let Some(bind) = &section.bind {
                match plan.socket(bind, options(bind), 1, Purpose::Peers) {
                    Ok(opened) => socket = Some(opened),
                    Err(error) => errors.push(bind_failed(bind, &section.name, &error)),
                }
            }
            plan.peers.push(socket);
        }
        for forward in &config.log_forwards {
            let kinds = [
                (&forward.binds, Purpose::Messages),
                (&forward.datagram_binds, Purpose::Datagrams),
            ];
            let sockets = kinds.map(|(binds, purpose)| {
                let open = |bind: &Bind| match plan.socket(bind, options(bind), 1, purpose) {
                    Ok(socket) => Some(socket),
                    Err(error) => {
                        errors.push(bind_failed(bind, &forward.name, &error));
                        None
                    }
                };
                binds.iter().filter_map(open).collect()
            });
            plan.forwards.push(sockets);
        }
        if errors.is_empty() {
            Ok(plan)
        } else {
            Err(errors)
        }
    }

    /// Makes a plan what is open; returns how many sockets nobody listens on any more.
    pub(super) fn commit(&mut self, plan: &Plan) -> usize {
        let closed = self.open.len().saturating_sub(plan.kept());
        self.open = plan.all().cloned().collect();
        let owners = plan.sockets.iter();
        self.frontends = owners
            .map(|(owner, _, socket)| (socket.id, *owner))
            .collect();
        self.count = plan.count;
        closed
    }

    /// Takes our own TCP sockets for traffic, or those of a frontend, out of listening. Those that
    /// others gave us would stop listening for them too.
    pub(super) fn suspend(&self, frontend: Option<usize>) {
        for fd in self.suspendable(frontend) {
            // One that is not listening any more is what is wanted.
            let _ = rustix::net::shutdown(fd, Shutdown::Read);
        }
    }

    /// Listens again; returns what could not be done, in words.
    pub(super) fn resume(&self, frontend: Option<usize>) -> Vec<String> {
        let failed = |fd: &Arc<OwnedFd>| rustix::net::listen(fd, i32::from(u16::MAX)).err();
        let errors = self.suspendable(frontend).filter_map(failed);
        errors
            .map(|error| format!("Resuming listener: {}", io::Error::from(error)))
            .collect()
    }

    fn suspendable(&self, frontend: Option<usize>) -> impl Iterator<Item = &Arc<OwnedFd>> {
        let own = self.open.iter().filter(move |socket| {
            let is_tcp =
                matches!(socket.addr, ListenAddr::Tcp(_)) && socket.purpose == Purpose::Traffic;
            is_tcp && frontend.is_none_or(|of| self.frontends.get(&socket.id) == Some(&of))
        });
        own.flat_map(|socket| &socket.fds)
    }

    /// Lets go of those of a frontend, whose workers have.
    pub(super) fn shut(&mut self, frontend: usize) {
        let frontends = &self.frontends;
        self.open
            .retain(|socket| frontends.get(&socket.id) != Some(&frontend));
    }

    /// What is open.
    pub(super) fn all(&self) -> Vec<Arc<Socket>> {
        self.open.clone()
    }

    /// Lets go of all: they close when their workers have taken who waits there.
    pub(super) fn close(&mut self) {
        self.open.clear();
    }
}

impl Socket {
    /// Its descriptors, for another process. What was given to us by number is given on that way;
    /// addresses of datagrams are shared.
    pub fn offered(&self) -> impl Iterator<Item = Offered<'_>> {
        let given = !matches!(self.addr, ListenAddr::Fd(_)) && self.purpose != Purpose::Datagrams;
        let fds = self.fds.iter().filter(move |_| given);
        fds.map(|fd| Offered {
            socket: fd.as_fd(),
            interface: self.options.interface.as_deref(),
        })
    }
}

impl Plan {
    /// The socket of a line: one that is open already, or else a new one.
    fn socket(
        &mut self,
        bind: &Bind,
        options: ListenOptions,
        workers: usize,
        purpose: Purpose,
    ) -> Result<Arc<Socket>, BindError> {
        let fits = |known: &Arc<Socket>| {
            let same = (&known.addr, &known.options) == (&bind.addr, &options);
            same && known.purpose == purpose
        };
        if let Some(place) = self.left.iter().position(fits) {
            return Ok(self.left.swap_remove(place));
        }
        let inherited = &mut self.inherited;
        let opened = match purpose {
            Purpose::Datagrams => open_datagrams(&bind.addr, &options)?,
            _ => match inherit(inherited, &bind.addr, &options, workers) {
                Some(opened) => opened,
                None => open(&bind.addr, &options, workers)?,
            },
        };
        self.opened += 1;
        self.count += 1;
        Ok(Arc::new(Socket {
            id: self.count,
            addr: bind.addr.clone(),
            options,
            local: opened.local,
            fds: opened.sockets.into_iter().map(Arc::new).collect(),
            limit: Limit::new(bind.maxconn),
            purpose,
        }))
    }

    /// How many of them stay as they are.
    pub(super) fn kept(&self) -> usize {
        self.all().count() - self.opened
    }

    fn all(&self) -> impl Iterator<Item = &Arc<Socket>> {
        let traffic = self.sockets.iter().map(|(_, _, socket)| socket);
        let forwards = self.forwards.iter().flatten().flatten();
        let peers = self.peers.iter().flatten();
        traffic.chain(&self.stats).chain(forwards).chain(peers)
    }

    /// Each socket, and what its connections need to know of it under this generation.
    pub(super) fn listeners(&self, shared: &Shared) -> Vec<(Arc<Socket>, Arc<Listener>)> {
        let listener = |(frontend, line, socket): &(usize, usize, Arc<Socket>)| {
            let bind = shared.config.frontends.get(*frontend)?.binds.get(*line)?;
            let listener = listener(shared, (*frontend, *line), bind, socket)?;
            Some((Arc::clone(socket), Arc::new(listener)))
        };
        self.sockets.iter().filter_map(listener).collect()
    }

    /// The sockets of the `log-forward` sections, in their order.
    pub(super) fn forward_sockets(&self) -> Arc<[ForwardSockets]> {
        let fds = |sockets: &[Arc<Socket>]| {
            let first = sockets.iter().filter_map(|socket| socket.fds.first());
            first.map(Arc::downgrade).collect()
        };
        let of = |[streams, datagrams]: &[Vec<Arc<Socket>>; 2]| ForwardSockets {
            streams: fds(streams),
            datagrams: fds(datagrams),
        };
        self.forwards.iter().map(of).collect()
    }

    /// The sockets of the `stats socket` lines, in their order.
    pub(super) fn stats_listeners(&self) -> Arc<[StatsListener]> {
        self.stats.iter().filter_map(control_listener).collect()
    }

    /// The sockets of `peers` sections, in their order.
    pub(super) fn peers_listeners(&self) -> Arc<[Option<StatsListener>]> {
        let listener = |socket: &Option<Arc<Socket>>| socket.as_ref().and_then(control_listener);
        self.peers.iter().map(listener).collect()
    }
}

fn control_listener(socket: &Arc<Socket>) -> Option<StatsListener> {
    Some(StatsListener {
        socket: Arc::downgrade(socket.fds.first()?),
        local: socket.local,
    })
}

/// Unless its line says more, a socket that takes commands is its owner's only.
fn stats_options(bind: &Bind) -> ListenOptions {
    let options = options(bind);
    ListenOptions {
        unix_mode: options.unix_mode.or(Some(0o600)),
        ..options
    }
}

fn bind_failed(bind: &Bind, proxy: &str, error: &BindError) -> StartError {
    let message = format!("{}: proxy '{proxy}': {}", bind.location, error.message);
    StartError::new(CANNOT_BIND, message).help(error.help.as_str())
}

fn options(bind: &Bind) -> ListenOptions {
    ListenOptions {
        backlog: bind.backlog,
        interface: bind.interface.clone(),
        v6only: bind.v6only,
        transparent: bind.transparent,
        unix_mode: bind.unix_mode,
        unix_uid: bind.unix_uid,
        unix_gid: bind.unix_gid,
    }
}

fn listener(
    shared: &Shared,
    (frontend, at): (usize, usize),
    bind: &Bind,
    socket: &Socket,
) -> Option<Listener> {
    socket.limit.set_max(bind.maxconn);
    Some(Listener {
        name: Arc::clone(&bind.name),
        is_named: bind.is_named,
        id: bind.id,
        accept_proxy: bind.accept_proxy,
        keeps_tcp: bind.keeps_tcp,
        frontend,
        bind: at,
        local: socket.local,
        fixed_dst: fixed(socket.local),
        limits: [
            Arc::clone(&socket.limit),
            Arc::clone(shared.frontends.get(frontend)?),
            Arc::clone(&shared.process),
        ],
        paces: shared.paces(frontend)?.clone(),
    })
}

/// An address that every connection to the socket has as its destination.
fn fixed(local: Endpoint) -> Option<Endpoint> {
    local
        .ip()
        .is_none_or(|ip| !ip.is_unspecified())
        .then_some(local)
}
