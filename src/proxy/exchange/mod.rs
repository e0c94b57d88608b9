//! Relaying one request and its response between a client and a server.
//!
//! Both directions advance together: a response may come while the request body is still being
//! sent, and each side is read only as fast as the other takes it. One poll reads and writes
//! until every socket would block; nothing is armed before a read or write was tried. Ends when
//! the response was handed to the client and the request to the server (or given up).
//! Deliberately absent: choosing the server, retries, tunnels (`tunnel` takes over after a switch).

mod response;
mod splice;
mod waiting;

use crate::backend::Slot;
use crate::clock::Millis;
use crate::compile::config::{Backend, BackendId, RetryOn};
use crate::net::{ReadOutcome, Splicer, Stream};
use crate::protect::bandwidth::Direction;
use crate::proxy::caching::Storing;
use crate::proxy::client::Client;
use crate::proxy::compress::Recoder;
use crate::proxy::connect::Target;
use crate::proxy::end::End;
use crate::proxy::place::Place;
use crate::proxy::rules;
use crate::proxy::transaction::{Throttled, Transaction, slices};
use crate::vocab::context::Wait;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, ready};

/// Interim (1xx) responses forwarded for one request; more is taken for an attack.
const MAX_INTERIM: u32 = 64;

/// A server that answers within this time, in milliseconds, is not worth watching the client
/// for: the watch costs a short connection two system calls.
const WATCH_DELAY: Millis = 10;

/// Bytes after which a transfer that never has to wait lets others have their turn. Without it
/// two bulk downloads delay everyone else by 20 to 70 ms.
pub(super) const FAIR_SHARE: u64 = 1 << 19;

/// Has the reactor look at all sockets, and whoever is ready run, before this task goes on.
pub(super) fn step_aside<T>(cx: &mut Context<'_>) -> Poll<T> {
    // Its first poll always defers the task until after the reactor's turn.
    let _ = pin!(tokio::task::yield_now()).poll(cx);
    Poll::Pending
}

/// Largest piece of a body that is copied to be written with its head: a plain write instead of a
/// vectored one saves 0.16 of 10.4 µs per keep-alive request of 12 bytes.
const JOIN_MAX: usize = 1024;

/// What the two connections are good for after an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct After {
    /// The client may send another request.
    pub(super) client_keeps: bool,
    /// The server connection may serve another request.
    pub(super) server_keeps: bool,
    /// The protocol was switched: both sides are a tunnel now.
    pub(super) tunnel: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Waiting for the final response head.
    Head,
    /// Its rules wait for something.
    Rules,
    /// Relaying the response body.
    Body,
}

/// A response whose rules are not through.
#[derive(Debug)]
struct Held {
    by: HeldBy,
    /// Until when.
    due: Millis,
    facts: Facts,
}

#[derive(Debug)]
enum HeldBy {
    /// Rules on content, which have not seen enough.
    Content,
    /// Rules on responses that have come this far, and wait for this.
    Rules(rules::Progress, Wait),
}

/// What a response head said before rules changed it.
#[derive(Clone, Copy, Debug)]
struct Facts {
    tunnel: bool,
    /// The client won't get the body that the head announces.
    withheld: bool,
    delimited: bool,
    server_keeps: bool,
    /// The client gets the data of chunks alone.
    unframe: bool,
}

/// A request being relayed.
pub(super) struct Exchange<'a> {
    pub(super) at: Place<'a>,
    pub(super) backend: &'a Backend,
    id: BackendId,
    pub(super) slot: &'a Slot,
    pub(super) client: &'a mut Client,
    pub(super) server: &'a mut Stream,
    pub(super) tx: &'a mut Transaction,
    /// The server connection has served a request before.
    pub(super) reused: bool,
    phase: Phase,
    interim: u32,
    /// The server takes no more of the request body.
    upload_broken: bool,
    /// The client will send nothing more.
    client_closed: bool,
    /// From when on a client that has sent its request is watched for leaving.
    watch_from: Millis,
    client_active: Millis,
    server_active: Millis,
    after: After,
    /// Moves a large response body.
    /// Pipes for large bodies: of the request, and of the response.
    up_pipe: Option<Splicer>,
    down_pipe: Option<Splicer>,
    held: Option<Held>,
    /// The server sends a body that the client does not get: a rule made another method of HEAD, or
    /// another status.
    drops_body: bool,
    /// Keeps the response.
    storing: Option<Storing>,
    /// Codes a response body.
    recoder: Option<Recoder>,
    /// After which answers the request goes out again.
    retry_on: RetryOn,
}

impl<'a> Exchange<'a> {
    pub(super) fn new(
        at: Place<'a>,
        to: Target<'a>,
        slot: &'a Slot,
        client: &'a mut Client,
        server: &'a mut Stream,
        tx: &'a mut Transaction,
        reused: bool,
    ) -> Self {
        let now = tx.record.connected_us / 1000;
        Self {
            at,
            backend: to.backend,
            id: to.id,
            slot,
            client,
            server,
            tx,
            reused,
            phase: Phase::Head,
            interim: 0,
            upload_broken: false,
            client_closed: false,
            watch_from: now.saturating_add(WATCH_DELAY),
            client_active: now,
            server_active: now,
            after: After {
                client_keeps: false,
                server_keeps: false,
                tunnel: false,
            },
            up_pipe: None,
            down_pipe: None,
            held: None,
            drops_body: false,
            storing: None,
            recoder: None,
            retry_on: RetryOn::NONE,
        }
    }

    /// Gives up on a response whose status is among these.
    pub(super) fn refuse(&mut self, retry_on: RetryOn) {
        self.retry_on = retry_on;
    }

    /// Relays until done.
    pub(super) fn run(&mut self) -> impl Future<Output = Result<After, End>> {
        std::future::poll_fn(|cx| self.poll(cx))
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<After, End>> {
        loop {
            let now_us = self.at.worker.clock.now_us();
            let now = now_us / 1000;
            let share = self.tx.record.bytes().saturating_add(FAIR_SHARE);
            loop {
                if self.tx.record.bytes() > share {
                    return step_aside(cx);
                }
                let progress = self.send_to_server(cx, now)?
                    | self.read_client(cx, now)?
                    | self.read_server(cx, now_us)?
                    | (self.phase == Phase::Rules && self.resume_rules(now)?)
                    | self.send_to_client(cx, now)?;
                if self.is_finished() {
                    if self.upload_broken {
                        return Poll::Ready(Err(self.refused()));
                    }
                    if let Some(recoder) = self.recoder.take() {
                        recoder.finish(&mut self.at.worker.compressors.borrow_mut());
                    }
                    return Poll::Ready(Ok(self.conclude()));
                }
                if !progress {
                    break;
                }
            }
            ready!(self.client.poll_deadline(cx, self.deadline(now)));
            if let Some(end) = self.timed_out(self.at.worker.clock.now()) {
                return Poll::Ready(Err(end));
            }
        }
    }

    fn send_to_server(&mut self, cx: &mut Context<'_>, now: Millis) -> Result<bool, End> {
        let tx = &mut *self.tx;
        if tx.throttle(Direction::Up, now) == Throttled::Passing {
            self.server_active = now;
        }
        if let Some(recoder) = &mut tx.recoder {
            tx.record.bytes_in += tx.upload.sendable().len() as u64;
            recoder.pump(&mut tx.upload, tx.to_server.append());
            if let Some(done) = tx.recoder.take_if(|recoder| recoder.is_done()) {
                done.finish(&mut self.at.worker.compressors.borrow_mut());
            }
        }
        if self.upload_broken || (tx.to_server.is_sent() && tx.upload.sendable().is_empty()) {
            return Ok(false);
        }
        let written = if tx.upload.sendable().is_empty() {
            self.server.poll_write(cx, tx.to_server.pending())
        } else {
            self.server
                .poll_write_vectored(cx, &slices(&tx.to_server, &tx.upload))
        };
        match written {
            Poll::Pending => Ok(false),
            Poll::Ready(Ok(count)) => {
                // Only now is the client asked for more.
                self.client_active = now;
                self.server_active = now;
                let of_body = tx.to_server.advance(count);
                tx.record.bytes_in += of_body as u64;
                tx.upload.forwarded(of_body);
                tx.upload.rest(&self.at.worker.buffers);
                // Nothing else can follow from the last byte of a request.
                Ok(!tx.to_server.is_sent() || !tx.upload.is_finished())
            }
            Poll::Ready(Err(_)) => {
                self.give_up_upload();
                Ok(true)
            }
        }
    }

    /// The server takes no more. It may have answered before it closed: what it says is still to be read.
    fn give_up_upload(&mut self) {
        self.upload_broken = true;
        self.up_pipe = None;
    }

    /// Reads more of the request body, or, once that is complete, watches for the client leaving.
    fn read_client(&mut self, cx: &mut Context<'_>, now: Millis) -> Result<bool, End> {
        if let Some(most) = self.spliced_request() {
            return self.splice_request(cx, now, most);
        }
        let tx = &mut *self.tx;
        if self.upload_broken && !tx.upload.is_done() {
            tx.upload.discard();
        }
        let early = tx.upload.is_done() && now < self.watch_from;
        if !tx.upload.is_done() && tx.upload.ready().is_empty() && tx.upload.is_full() {
            // Full of one line of chunked framing: no such line is acceptable.
            return Err(End::BadRequestBody);
        }
        let is_coding = tx.recoder.is_some() && !tx.to_server.is_sent();
        let is_held = is_coding || !tx.upload.ready().is_empty() || tx.upload.is_full();
        if early || self.client_closed || is_held {
            return Ok(false);
        }
        match self
            .client
            .stream
            .poll_read(cx, tx.upload.room(&self.at.worker.buffers))
        {
            Poll::Pending => {
                tx.upload.rest(&self.at.worker.buffers);
                Ok(false)
            }
            Poll::Ready(Ok(ReadOutcome::Data(_))) => {
                self.client_active = now;
                match (tx.upload.decode(), self.phase) {
                    (Ok(()), _) => Ok(true),
                    (Err(_), Phase::Head | Phase::Rules) => Err(End::BadRequestBody),
                    (Err(_), Phase::Body) => Err(End::DataBadRequest),
                }
            }
            Poll::Ready(Ok(ReadOutcome::Full)) => Ok(false),
            Poll::Ready(Ok(ReadOutcome::Eof)) => {
                self.client_closed = true;
                self.client_left(false).map(|()| true)
            }
            Poll::Ready(Err(_)) => {
                self.client_closed = true;
                self.client_left(true).map(|()| true)
            }
        }
    }

    /// The client closed its side (`broken`: both sides) before the exchange was over.
    fn client_left(&mut self, broken: bool) -> Result<(), End> {
        if !self.tx.upload.is_done() {
            return Err(match self.phase {
                Phase::Head | Phase::Rules => End::UploadClosed,
                Phase::Body => self.broken_off(),
            });
        }
        match self.phase {
            Phase::Body if broken => Err(self.broken_off()),
            Phase::Head | Phase::Rules if broken => Err(End::ResponseReset),
            Phase::Head | Phase::Rules if self.backend.abort_on_close => Err(End::ResponseAborted),
            Phase::Head | Phase::Rules | Phase::Body => Ok(()),
        }
    }

    fn read_server(&mut self, cx: &mut Context<'_>, now_us: u64) -> Result<bool, End> {
        let now = now_us / 1000;
        let tx = &mut *self.tx;
        if tx.download.is_full() && self.phase == Phase::Head {
            return Err(End::BadResponse);
        }
        let relaying = self.phase == Phase::Body;
        if self.phase == Phase::Rules && (tx.download.is_done() || tx.download.is_full()) {
            return Ok(false);
        }
        // What the client has not taken would be lost if the server turned out to have left.
        if relaying && !(tx.download.ready().is_empty() && tx.to_client.is_sent()) {
            return Ok(false);
        }
        if relaying && let Some(most) = self.spliced_response() {
            return self.splice_response(cx, now, most);
        }
        let tx = &mut *self.tx;
        if relaying && tx.download.is_done() {
            return Ok(false);
        }
        match self
            .server
            .poll_read(cx, tx.download.room(&self.at.worker.buffers))
        {
            Poll::Pending => {
                tx.download.rest(&self.at.worker.buffers);
                Ok(false)
            }
            Poll::Ready(Ok(ReadOutcome::Data(_))) => {
                self.server_active = now;
                match self.phase {
                    Phase::Head => self.read_response_head(now_us)?,
                    Phase::Rules | Phase::Body => self.decode_body()?,
                }
                Ok(true)
            }
            // Full of one line of chunked framing: no such line is acceptable.
            Poll::Ready(Ok(ReadOutcome::Full)) => Err(End::BadResponseBody),
            Poll::Ready(Ok(ReadOutcome::Eof) | Err(_)) => self.server_left().map(|()| true),
        }
    }

    fn server_left(&mut self) -> Result<(), End> {
        self.after.server_keeps = false;
        match self.phase {
            Phase::Head if self.reused && self.tx.download.buffer.is_empty() => {
                Err(End::ReuseFailed)
            }
            Phase::Head if self.client_closed => Err(End::ResponseAborted),
            Phase::Head if self.tx.download.buffer.is_empty() => Err(End::ResponseClosed),
            Phase::Head => Err(End::BadResponse),
            Phase::Rules | Phase::Body if self.tx.download.end_of_stream() => Ok(()),
            Phase::Rules => Err(End::ResponseClosed),
            Phase::Body => Err(End::DataServerClosed),
        }
    }

    fn send_to_client(&mut self, cx: &mut Context<'_>, now: Millis) -> Result<bool, End> {
        if self.phase == Phase::Body && self.let_body_pass(now) {
            self.client_active = now;
        }
        let tx = &mut *self.tx;
        let body_ready = self.phase == Phase::Body && !tx.download.sendable().is_empty();
        if tx.to_client.is_sent() && !body_ready {
            return Ok(false);
        }
        if self.ends_client() {
            self.client.stream.end_with_next_write();
        }
        let tx = &mut *self.tx;
        let written = if body_ready {
            self.client
                .stream
                .poll_write_vectored(cx, &slices(&tx.to_client, &tx.download))
        } else {
            self.client.stream.poll_write(cx, tx.to_client.pending())
        };
        match written {
            Poll::Pending => Ok(false),
            Poll::Ready(Ok(count)) => {
                // Only now is the server asked for more.
                self.server_active = now;
                self.client_active = now;
                let of_body = tx.to_client.advance(count);
                tx.record.bytes_out += of_body as u64;
                tx.download.forwarded(of_body);
                Ok(true)
            }
            Poll::Ready(Err(_)) if self.phase != Phase::Body => Err(End::ResponseAborted),
            Poll::Ready(Err(_)) => Err(self.broken_off()),
        }
    }

    /// Whether the client's connection ends with what is ready for it.
    fn ends_client(&self) -> bool {
        let download = &self.tx.download;
        self.phase == Phase::Body
            && !self.after.client_keeps
            && !self.after.tunnel
            && download.is_done()
            && !download.is_held()
            && self.recoder.is_none()
            && self.in_pipe() == 0
            && self.has_sent_request()
            && !self.upload_broken
    }

    fn is_finished(&self) -> bool {
        self.phase == Phase::Body
            && self.tx.to_client.is_sent()
            && self.in_pipe() == 0
            && (self.after.tunnel || self.tx.download.is_finished() && self.upload_is_over())
    }

    fn upload_is_over(&self) -> bool {
        self.upload_broken || self.has_sent_request()
    }

    /// Whether the server was sent all of the request.
    fn has_sent_request(&self) -> bool {
        self.tx.to_server.is_sent() && self.tx.upload.is_finished() && self.owed_to_server() == 0
    }

    fn conclude(&self) -> After {
        let whole = !self.upload_broken && self.tx.upload.is_finished();
        After {
            client_keeps: self.after.client_keeps && whole && self.client_goes_on(),
            server_keeps: self.after.server_keeps
                && whole
                && self.tx.download.buffer.is_empty()
                && self.client_goes_on(),
            tunnel: self.after.tunnel,
        }
    }

    /// Whether the client can send another request, or has before it closed its side.
    fn client_goes_on(&self) -> bool {
        !self.client_closed || self.tx.upload.has_more()
    }
}
