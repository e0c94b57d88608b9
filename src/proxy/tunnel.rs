//! Bytes both ways: TCP mode, and HTTP connections after CONNECT or 101.
//!
//! Each direction ends on its own: end of stream on one side becomes a shutdown on the other once
//! everything before it was delivered. What must hold: a side is read only when the other has
//! taken what came before. Timeouts count from the last activity of a side in either direction.

use super::client::Client;
use super::connect::{self, Target};
use super::content::{self, Gate, Onward, Passed};
use super::end::End;
use super::exchange::{FAIR_SHARE, step_aside};
use super::health;
use super::place::Place;
use super::transaction::{Outgoing, Source, Switched, Throttled, Transaction, slices};
use super::{cookie, count, log, rules, stick};
use crate::clock::{Millis, NEVER};
use crate::compile::config::{Backend, BackendId, Mode};
use crate::http1::Body;
use crate::net::{BufferPool, PipePool, ReadOutcome, Splicer, Stream, Transfer, TransferError};
use crate::observe::{LogStep, StreamTimeout};
use crate::protect::bandwidth::Direction;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// Serves a connection of a TCP frontend, unless it turns out to be one of HTTP: its first request
/// is then pending.
pub(super) async fn serve(at: Place<'_>, client: &mut Client) -> Onward {
    let mut tx = client
        .pending
        .take()
        .unwrap_or_else(|| at.worker.take_transaction());
    tx.record.accepted_us = client.facts.accepted_us;
    tx.record.handshake_us = client.handshake_us;
    tx.record.request_start_us = client.handshake_us;
    tx.record.request_counter = at.worker.shared.next_request();
    let mut chosen = None;
    let view = Arc::clone(client.view.view());
    let processed = {
        let stream = pin!(process(at, client, &mut tx, &mut chosen));
        view.unless_killed(stream).await
    };
    let end = processed.unwrap_or(Err(End::Killed { answered: true }));
    if let Ok(Some(switched)) = end {
        tx.switched = Some(switched);
        client.pending = Some(tx);
        return Onward::Http;
    }
    if let Err(end) = &end {
        log::note_fate(&mut tx, end.fate());
    }
    tx.traces.leave(at.worker.clock.now());
    log::finish(at, chosen, client, &mut tx);
    count::end(at, chosen, &tx, end.as_ref().err());
    at.end_stream(client, &mut tx);
    at.worker.give_transaction(tx);
    Onward::Same
}

async fn process(
    at: Place<'_>,
    client: &mut Client,
    tx: &mut Transaction,
    chosen: &mut Option<BackendId>,
) -> Result<Option<Switched>, End> {
    log::accept(at, client, tx);
    let clock = &at.worker.clock;
    (tx.traces).enter(&at.frontend.traces, tx.record.request_counter, clock);
    if content::of_frontend(at, client, tx).await? == Onward::Http {
        return match at.listener.keeps_tcp {
            true => Err(End::CannotSwitch { by_rule: true }),
            false => Ok(Some(Switched::ByRule)),
        };
    }
    let id = rules::backend(at, client, tx).ok_or(End::NoBackend)?;
    let backend = at.worker.backend(id).ok_or(End::NoBackend)?;
    if backend.mode == Mode::Http {
        if at.listener.keeps_tcp {
            *chosen = Some(id);
            return Err(End::CannotSwitch { by_rule: false });
        }
        return Ok(Some(Switched::ByBackend(id)));
    }
    let state = at.worker.backend_state(id).ok_or(End::NoBackend)?;
    *chosen = Some(id);
    client.view.enter(id.0);
    let _counted = state.enter();
    count::backend(at, id, state.conns(), at.worker.clock.now());
    (tx.traces).enter(&backend.traces, tx.record.request_counter, clock);
    cookie::enter(at, backend, client, tx);
    content::of_backend(at, backend, client, tx).await?;
    let to = Target { id, backend, state };
    rules::server(at, to, client, tx);
    stick::request(at, backend, state, client, tx);
    let mut server = connect::open(at, to, client, tx, None, true).await?;
    stick::response(at, backend, &server.slot, client, tx);
    log::step(at, LogStep::Connect, Some(id), client, tx);
    let gate = Gate::new(at, backend, &server.slot);
    let outcome = {
        let relayed = pin!(relay(at, backend, client, &mut server.stream, gate, tx));
        health::unless_cut(at, to, server.slot.server(), relayed).await
    };
    connect::leave(server.slot, tx);
    let outcome = outcome.unwrap_or_else(|why| {
        Err(End::Cut {
            why,
            answered: true,
        })
    });
    outcome.map(|()| None)
}

/// Goes on with an HTTP connection that is no longer HTTP.
pub(super) async fn after_switch(
    at: Place<'_>,
    backend: &Backend,
    client: &mut Client,
    server: &mut Stream,
    tx: &mut Transaction,
) -> Result<(), End> {
    relay(at, backend, client, server, None, tx).await
}

async fn relay(
    at: Place<'_>,
    backend: &Backend,
    client: &mut Client,
    server: &mut Stream,
    gate: Option<Gate<'_>>,
    tx: &mut Transaction,
) -> Result<(), End> {
    for source in [&mut tx.upload, &mut tx.download] {
        source.expect(Body::UntilClose);
        source.decode().map_err(|_| End::BadRequestBody)?;
    }
    let now = at.worker.clock.now();
    let mut tunnel = Tunnel {
        at,
        backend,
        client,
        server,
        up: Flow::default(),
        down: Flow::default(),
        client_active: now,
        server_active: now,
        gate,
        tx,
    };
    std::future::poll_fn(|cx| tunnel.poll(cx)).await
}

/// The state of one direction.
#[derive(Debug, Default)]
struct Flow {
    /// The sender will send nothing more.
    ended: bool,
    /// The receiver was told so.
    shut: bool,
    /// Moves bytes within the kernel while they come in bulk.
    splicer: Option<Splicer>,
}

/// Where a direction takes memory from: buffers, and pipes if it may splice.
#[derive(Clone, Copy)]
struct Room<'a> {
    buffers: &'a BufferPool,
    pipes: Option<&'a PipePool>,
}

/// What one turn of a direction did.
#[derive(Clone, Copy, Debug, Default)]
struct Moved {
    read: bool,
    written: usize,
}

/// Whose socket failed.
enum Broken {
    Sender,
    Receiver,
}

struct Tunnel<'a> {
    at: Place<'a>,
    backend: &'a Backend,
    client: &'a mut Client,
    server: &'a mut Stream,
    tx: &'a mut Transaction,
    up: Flow,
    down: Flow,
    client_active: Millis,
    server_active: Millis,
    /// Rules that the server's first bytes wait for.
    gate: Option<Gate<'a>>,
}

impl Tunnel<'_> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), End>> {
        loop {
            self.poll_gate(cx)?;
            ready!(self.poll_relay(cx)?);
            if self.is_over() {
                return Poll::Ready(Ok(()));
            }
            let (client, server) = self.deadlines();
            let inspection = self.gate.as_ref().map_or(NEVER, Gate::due);
            let progress = inspection.min(self.tx.throttled_until());
            let due = client.min(server).min(progress);
            ready!(self.client.poll_deadline(cx, due));
            if progress > due {
                return Poll::Ready(Err(if client <= server {
                    End::DataClientTimeout
                } else {
                    End::DataServerTimeout
                }));
            }
        }
    }

    /// Lets the server's bytes through once the rules have seen enough of them.
    fn poll_gate(&mut self, cx: &mut Context<'_>) -> Result<(), End> {
        let Some(gate) = &self.gate else {
            return Ok(());
        };
        let Poll::Ready(passed) = gate.poll(self.at, self.client, self.server, self.tx, cx) else {
            return Ok(());
        };
        self.gate = None;
        self.server_active = self.at.worker.clock.now();
        if !matches!(passed, Ok(Passed::On)) {
            // The log counts what came, though nobody gets it.
            self.tx.record.bytes_out += self.tx.download.buffer.data().len() as u64;
        }
        if passed? == Passed::AndClose {
            self.server.linger_none();
            self.up.close();
            self.down.close();
        }
        // A body that lasts until the close has no framing that could be wrong.
        let _ = self.tx.download.decode();
        Ok(())
    }

    /// An HTTP client has nothing to say to a server that is gone; a TCP one may.
    fn is_over(&self) -> bool {
        self.down.shut && (self.up.shut || self.at.mode == Mode::Http)
    }

    /// Moves bytes until every socket would block or all is over.
    fn poll_relay(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), End>> {
        let now = self.at.worker.clock.now();
        let at = self.at;
        let room = |direction, throttled| Room {
            buffers: &at.worker.buffers,
            pipes: (at.may_splice(direction) && throttled == Throttled::Not)
                .then_some(&at.worker.pipes),
        };
        let share = self.tx.record.bytes().saturating_add(FAIR_SHARE);
        loop {
            if self.tx.record.bytes() > share {
                return step_aside(cx);
            }
            let tx = &mut *self.tx;
            let [uploads, downloads] =
                [Direction::Up, Direction::Down].map(|direction| tx.throttle(direction, now));
            if uploads == Throttled::Passing {
                self.server_active = now;
            }
            if downloads == Throttled::Passing {
                self.client_active = now;
            }
            let client = &mut self.client.stream;
            let up = self
                .up
                .turn(
                    cx,
                    client,
                    self.server,
                    &mut tx.to_server,
                    &mut tx.upload,
                    room(Direction::Up, uploads),
                )
                .map_err(|broken| match broken {
                    Broken::Sender => End::DataClientClosed,
                    Broken::Receiver => End::DataServerClosed,
                })?;
            let down = match &self.gate {
                Some(_) => Moved::default(),
                None => self
                    .down
                    .turn(
                        cx,
                        self.server,
                        client,
                        &mut tx.to_client,
                        &mut tx.download,
                        room(Direction::Down, downloads),
                    )
                    .map_err(|broken| match broken {
                        Broken::Sender => End::DataServerClosed,
                        Broken::Receiver => End::DataClientClosed,
                    })?,
            };
            tx.record.bytes_in += up.written as u64;
            tx.record.bytes_out += down.written as u64;
            // Who had to wait for the other is asked for more only now.
            let written = up.written + down.written > 0;
            if up.read || written {
                self.client_active = now;
            }
            if down.read || written {
                self.server_active = now;
            }
            let idle = !(up.read || down.read) && up.written + down.written == 0;
            if idle || self.is_over() {
                return Poll::Ready(Ok(()));
            }
        }
    }

    /// When each side has been silent for too long.
    fn deadlines(&self) -> (Millis, Millis) {
        let (front, back) = (&self.at.frontend.timeouts, &self.backend.timeouts);
        let by_rules = &self.tx.record.by_rules;
        let tunnel = by_rules.timeout(StreamTimeout::Tunnel, back.tunnel);
        if tunnel != NEVER && !self.up.ended && !self.down.ended {
            let last = self.client_active.max(self.server_active);
            let due = last.saturating_add(tunnel);
            return (due, due);
        }
        // A side that was told the end has its own timeout for ending as well; one that has
        // ended, or is not read until the other takes something, is waited for only while it has
        // something to take itself.
        let side =
            |told: bool, unread: bool, owes: bool, since: Millis, full: Millis, fin: Millis| {
                let timeout = if told && fin != NEVER { fin } else { full };
                if unread && !owes {
                    NEVER
                } else {
                    since.saturating_add(timeout)
                }
            };
        let (upload, download) = (&self.tx.upload, &self.tx.download);
        let to_client =
            !download.sendable().is_empty() || !self.tx.to_client.is_sent() || self.down.in_pipe();
        let to_server =
            !upload.sendable().is_empty() || !self.tx.to_server.is_sent() || self.up.in_pipe();
        let (up, down) = (&self.up, &self.down);
        (
            side(
                down.shut,
                up.ended || to_server || upload.is_held(),
                to_client,
                self.client_active,
                front.client,
                front.client_fin,
            ),
            side(
                up.shut,
                down.ended || to_client || download.is_held(),
                to_server,
                self.server_active,
                back.server,
                back.server_fin,
            ),
        )
    }
}

impl Flow {
    /// Nothing more is taken from the sender or given to the receiver.
    fn close(&mut self) {
        self.ended = true;
        self.shut = true;
    }

    /// Moves what can be moved from one socket to the other.
    fn turn(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut Stream,
        to: &mut Stream,
        before: &mut Outgoing,
        source: &mut Source,
        room: Room<'_>,
    ) -> Result<Moved, Broken> {
        let mut moved = Moved::default();
        if self.shut {
            return Ok(moved);
        }
        if !before.is_sent() || !source.sendable().is_empty() {
            match to.poll_write_vectored(cx, &slices(before, source)) {
                Poll::Pending => return Ok(moved),
                Poll::Ready(Ok(count)) => {
                    moved.written = before.advance(count);
                    source.forwarded(moved.written);
                }
                Poll::Ready(Err(_)) => return Err(Broken::Receiver),
            }
        }
        if !before.is_sent() || !source.ready().is_empty() {
            return Ok(moved);
        }
        if self.splicer.is_some() {
            return self.splice(cx, from, to, moved);
        }
        if self.ended {
            self.shut = true;
            // It may be gone already, which is as good.
            let _ = to.shutdown_write();
            return Ok(Moved {
                read: true,
                ..moved
            });
        }
        match from.poll_read(cx, source.room(room.buffers)) {
            // A silent direction holds no memory.
            Poll::Pending => source.rest(room.buffers),
            Poll::Ready(Ok(ReadOutcome::Data(count))) => {
                moved.read = true;
                if count == source.buffer.capacity() {
                    // Without descriptors for a pipe the bytes are copied.
                    self.splicer = room.pipes.and_then(|pipes| pipes.splicer().ok());
                }
                // A body that lasts until the close has no framing that could be wrong.
                let _ = source.decode();
            }
            Poll::Ready(Ok(ReadOutcome::Eof)) => {
                moved.read = true;
                self.ended = true;
            }
            Poll::Ready(Ok(ReadOutcome::Full)) => {}
            Poll::Ready(Err(_)) => return Err(Broken::Sender),
        }
        Ok(moved)
    }

    /// A turn without buffers. Goes back to them when the bulk is over: a pipe is of no use to
    /// small messages.
    fn splice(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut Stream,
        to: &mut Stream,
        before: Moved,
    ) -> Result<Moved, Broken> {
        let Some(splicer) = &mut self.splicer else {
            return Ok(before);
        };
        let outcome = splicer.poll_transfer(cx, from, to, usize::MAX);
        if splicer.buffered() == 0
            && !matches!(outcome, Poll::Ready(Ok(Transfer { received: 1.., .. })))
        {
            self.splicer = None;
        }
        match outcome {
            Poll::Pending => Ok(before),
            Poll::Ready(Ok(moved)) => {
                self.ended |= moved.eof;
                Ok(Moved {
                    read: true,
                    written: before.written + moved.sent,
                })
            }
            Poll::Ready(Err(TransferError::Source(_))) => Err(Broken::Sender),
            Poll::Ready(Err(TransferError::Destination(_))) => Err(Broken::Receiver),
        }
    }

    /// Whether the kernel holds bytes for the receiver.
    fn in_pipe(&self) -> bool {
        self.splicer
            .as_ref()
            .is_some_and(|splicer| splicer.buffered() > 0)
    }
}
