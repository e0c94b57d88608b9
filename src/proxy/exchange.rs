//! Relaying one request and its response between a client and a server.
//!
//! Both directions advance together: a response may come while the request body is still being
//! sent, and each side is read only as fast as the other takes it. One poll reads and writes
//! until every socket would block; nothing is armed before a read or write was tried. Ends when
//! the response was handed to the client and the request to the server (or given up).
//! Deliberately absent: choosing the server, retries, tunnels (`tunnel` takes over after a switch).

use super::caching::{self, Storing};
use super::client::Client;
use super::compress::{self, Recoder};
use super::connect::{self, Target};
use super::content::{self, Passed};
use super::end::End;
use super::place::Place;
use super::transaction::{Transaction, is_http11, slices};
use super::{count, log, outlier, persistence, retry, rules, stick, tracking};
use crate::backend::Slot;
use crate::clock::{Millis, NEVER};
use crate::compile::config::{Backend, BackendId, RetryOn, RetryReason};
use crate::health::Event;
use crate::http1::{Body, Connection, Framing, WriteOptions};
use crate::net::{ReadOutcome, Splicer, Stream, TransferError};
use crate::observe::{LogStep, StreamTimeout};
use crate::protect::outlier::Outcome;
use crate::settings::Coding;
use crate::vocab::context::Wait;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, ready};

/// Interim (1xx) responses forwarded for one request; more is taken for an attack.
const MAX_INTERIM: u32 = 64;

/// A server that answers within this time, in milliseconds, is not worth watching the client
/// for: the watch costs a short connection two system calls.
const WATCH_DELAY: Millis = 10;

/// Smallest rest of a body that is spliced rather than copied: below, a pipe costs more system
/// calls than the copies it saves.
const SPLICE_MIN: u64 = 32 * 1024;

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
    progress: rules::Progress,
    wait: Wait,
    /// Until when.
    due: Millis,
    facts: Facts,
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
    /// The data of chunks alone are here, and the client gets others.
    rechunk: bool,
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
    splicer: Option<Splicer>,
    held: Option<Held>,
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
        let now = at.worker.clock.now();
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
            splicer: None,
            held: None,
            storing: None,
            recoder: None,
            retry_on: RetryOn::NONE,
        }
    }

    /// Gives up on a response whose status is among these.
    pub(super) fn refusing(self, retry_on: RetryOn) -> Self {
        Self { retry_on, ..self }
    }

    /// Relays until done.
    pub(super) async fn run(mut self) -> Result<After, End> {
        std::future::poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<After, End>> {
        loop {
            let now = self.at.worker.clock.now();
            let share = self.tx.record.bytes().saturating_add(FAIR_SHARE);
            loop {
                if self.tx.record.bytes() > share {
                    return step_aside(cx);
                }
                let progress = self.send_to_server(cx, now)?
                    | self.read_client(cx, now)?
                    | self.read_server(cx, now)?
                    | (self.phase == Phase::Rules && self.resume_rules(now)?)
                    | self.send_to_client(cx, now)?;
                if self.is_finished() {
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
        if self.upload_broken || (tx.to_server.is_sent() && tx.upload.ready().is_empty()) {
            return Ok(false);
        }
        let written = if tx.upload.ready().is_empty() {
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
                // It may have answered before it closed: what it says is still to be read.
                self.upload_broken = true;
                Ok(true)
            }
        }
    }

    /// Reads more of the request body, or, once that is complete, watches for the client leaving.
    fn read_client(&mut self, cx: &mut Context<'_>, now: Millis) -> Result<bool, End> {
        let tx = &mut *self.tx;
        if self.upload_broken && !tx.upload.is_done() {
            tx.upload.discard();
        }
        let early = tx.upload.is_done() && now < self.watch_from;
        if !tx.upload.is_done() && tx.upload.ready().is_empty() && tx.upload.is_full() {
            // Full of one line of chunked framing: no such line is acceptable.
            return Err(End::BadRequestBody);
        }
        if early || self.client_closed || !tx.upload.ready().is_empty() || tx.upload.is_full() {
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
                Phase::Body => End::DataClientClosed,
            });
        }
        match self.phase {
            Phase::Body if broken => Err(End::DataClientClosed),
            Phase::Head | Phase::Rules if broken => Err(End::ResponseReset),
            Phase::Head | Phase::Rules if self.backend.abort_on_close => Err(End::ResponseAborted),
            Phase::Head | Phase::Rules | Phase::Body => Ok(()),
        }
    }

    fn read_server(&mut self, cx: &mut Context<'_>, now: Millis) -> Result<bool, End> {
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
        if relaying && self.splices() {
            return self.splice(cx, now);
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
                    Phase::Head => self.read_response_head()?,
                    Phase::Rules | Phase::Body => self.decode_body()?,
                }
                Ok(true)
            }
            // Full of one line of chunked framing: no such line is acceptable.
            Poll::Ready(Ok(ReadOutcome::Full)) => Err(End::BadResponseBody),
            Poll::Ready(Ok(ReadOutcome::Eof) | Err(_)) => self.server_left().map(|()| true),
        }
    }

    /// Whether the response body can be, and is worth being, moved within the kernel.
    fn splices(&mut self) -> bool {
        if self.tx.request.is_head() || self.recoder.is_some() || self.storing.is_some() {
            return false;
        }
        let left = self.tx.download.unread_raw();
        if self.splicer.is_none() && left >= SPLICE_MIN && self.at.may_splice() {
            // Without descriptors for a pipe the bytes are copied.
            self.splicer = self.at.worker.pipes.splicer().ok();
        }
        self.splicer
            .as_ref()
            .is_some_and(|splicer| left > 0 || splicer.buffered() > 0)
    }

    fn splice(&mut self, cx: &mut Context<'_>, now: Millis) -> Result<bool, End> {
        let Some(splicer) = &mut self.splicer else {
            return Ok(false);
        };
        let tx = &mut *self.tx;
        let most = usize::try_from(tx.download.unread_raw()).unwrap_or(usize::MAX);
        match splicer.poll_transfer(cx, self.server, &mut self.client.stream, most) {
            Poll::Pending => Ok(false),
            Poll::Ready(Ok(moved)) => {
                self.server_active = now;
                if moved.sent > 0 {
                    self.client_active = now;
                }
                tx.download.moved_raw(moved.received);
                tx.record.bytes_out += moved.sent as u64;
                tx.record.spliced += moved.sent as u64;
                if moved.eof {
                    self.server_left()?;
                }
                Ok(true)
            }
            Poll::Ready(Err(TransferError::Source(_))) => self.server_left().map(|()| true),
            Poll::Ready(Err(TransferError::Destination(_))) => Err(End::DataClientClosed),
        }
    }

    /// Bytes taken from the server that wait in the kernel for the client.
    fn in_pipe(&self) -> usize {
        self.splicer.as_ref().map_or(0, Splicer::buffered)
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

    /// Reads interim heads and the final one from what has arrived.
    fn read_response_head(&mut self) -> Result<(), End> {
        loop {
            let limits = self.at.worker.shared.head_limits;
            let tx = &mut *self.tx;
            let parsed = tx.response.parse(tx.download.buffer.data(), limits);
            let Some(length) = parsed.map_err(|_| End::BadResponse)? else {
                return Ok(());
            };
            tx.download.buffer.consume(length);
            let status = tx.response.status();
            let is_final = !(100..200).contains(&status) || status == 101;
            if is_final {
                outlier::record(self.at, self.slot, Outcome::Answered(status));
            }
            let event = Event::Status(status);
            connect::observe(self.at, self.id, self.slot.server(), event);
            let unwanted = self.retry_on.has(RetryReason::Status(status));
            if unwanted && retry::allow(self.at, self.backend, self.tx) {
                return Err(End::UnwantedStatus(status));
            }
            if is_final {
                return self.accept_response();
            }
            self.forward_interim()?;
        }
    }

    fn forward_interim(&mut self) -> Result<(), End> {
        self.interim += 1;
        if self.interim > MAX_INTERIM {
            return Err(End::BadResponse);
        }
        let tx = &mut *self.tx;
        if is_http11(&tx.request) {
            tx.response
                .write_to(tx.to_client.append(), &WriteOptions::default());
        }
        Ok(())
    }

    /// The final head is there: apply the rules, decide about both connections, write it out.
    fn accept_response(&mut self) -> Result<(), End> {
        let clock = &self.at.worker.clock;
        let tx = &mut *self.tx;
        tx.record.response_us = clock.now_us();
        tx.record.bytes_out += log::response_size(&tx.response);
        let status = tx.response.status();
        tx.record.server_status = status;
        count::server_response(self.at, self.id, self.slot.server(), status);
        if let Some(captures) = &self.at.frontend.captures {
            captures.take_response(&tx.response, &tx.record);
        }
        let tunnel = match status {
            // No switch before the server has the whole request (RFC 9110 §7.8).
            101 if tx.request.upgrade().is_some()
                && tx.response.upgrade().is_some()
                && tx.to_server.is_sent()
                && tx.upload.is_finished() =>
            {
                true
            }
            101 => {
                tx.record.response_us = 0;
                return Err(End::BadResponse);
            }
            _ => tx.request.is_connect() && (200..300).contains(&status),
        };
        let body = tx
            .response
            .body_for(tx.request.asks_head(), tx.request.is_connect());
        // A rule made HEAD of it: the client won't get the body that the head announces.
        let withheld =
            !tx.request.is_head() && body != tx.response.body_for(false, tx.request.is_connect());
        let delimited = body != Body::UntilClose;
        let server_keeps = tx.response.keep_alive() && delimited && !tunnel;
        tracking::response(self.at, self.client, tx, status);
        stick::response(self.at, self.backend, self.slot, self.client, tx);
        // Who reads no chunks gets the data alone, and the close as its end.
        let is_chunked = matches!(body, Body::Chunked(_));
        let unframe = !is_http11(&tx.request) && is_chunked;
        let coded = compress::may_compress(tx) || caching::may_store(tx);
        let rechunk = is_chunked && !unframe && coded;
        tx.download.expect(match unframe || rechunk {
            true => body.unframed(),
            false => body,
        });
        self.decode_body()?;
        self.at
            .vars(&self.client.vars, &self.tx.vars)
            .begin_response();
        let passed =
            content::of_response_head(self.at, self.backend, self.slot, self.client, self.tx)?;
        self.go_through_rules(
            rules::Progress::default(),
            Facts {
                tunnel,
                withheld,
                delimited,
                server_keeps: server_keeps && passed == Passed::On,
                unframe,
                rechunk,
            },
        )
    }

    /// Runs the rules from where they have come to, and goes on once they are through.
    fn go_through_rules(&mut self, mut progress: rules::Progress, facts: Facts) -> Result<(), End> {
        let outcome = rules::response(
            self.at,
            self.backend,
            Some(self.slot),
            self.client,
            self.tx,
            &mut progress,
        );
        let Some(wait) = outcome? else {
            return self.answer(facts);
        };
        let now = self.at.worker.clock.now();
        let (Wait::Pause(time)
        | Wait::Body {
            timeout_ms: time, ..
        }) = wait;
        self.phase = Phase::Rules;
        self.held = Some(Held {
            progress,
            wait,
            due: now.saturating_add(time),
            facts,
        });
        Ok(())
    }

    /// Goes on with the rules if what they wait for is over; whether it is.
    fn resume_rules(&mut self, now: Millis) -> Result<bool, End> {
        let Some(held) = self.held.take() else {
            return Ok(false);
        };
        let is_over = match held.wait {
            Wait::Pause(_) => now >= held.due,
            Wait::Body { at_least, .. } => {
                let download = &self.tx.download;
                let enough = at_least > 0 && download.payload().len() >= at_least;
                download.is_done() || download.is_full() || enough
            }
        };
        if is_over {
            return self
                .go_through_rules(held.progress, held.facts)
                .map(|()| true);
        }
        if now >= held.due {
            return Err(End::ResponseTimeout);
        }
        self.held = Some(held);
        Ok(false)
    }

    /// The rules are through: decide about both connections, write the head out.
    fn answer(&mut self, facts: Facts) -> Result<(), End> {
        let client_goes_on = self.client_goes_on();
        let tx = &mut *self.tx;
        let Facts {
            tunnel,
            withheld,
            delimited,
            server_keeps,
            unframe,
            rechunk,
        } = facts;
        let client_keeps = tx.request.keep_alive()
            && delimited
            && !unframe
            && !withheld
            && client_goes_on
            && persistence::of_client(self.at);
        self.after = After {
            client_keeps: client_keeps && !tunnel,
            server_keeps: server_keeps && persistence::of_server(self.at, self.backend),
            tunnel,
        };
        let connection = match tunnel {
            true if tx.record.server_status == 101 => Connection::Upgrade,
            true => Connection::Absent,
            false => persistence::to_client(client_keeps, tx.request.version()),
        };
        if !tunnel && delimited && !withheld {
            self.storing = Storing::begun(tx);
        }
        if rechunk || !tunnel && !withheld && tx.coding.is_some() {
            let coding = compress::response(self.at, self.backend, tx);
            tx.record.coding = coding.map(Coding::token);
            let coding = coding.or(rechunk.then_some(Coding::Identity));
            let mut shelf = self.at.worker.compressors.borrow_mut();
            self.recoder = coding.map(|coding| Recoder::new(coding, &mut shelf));
        }
        let framing = match self.recoder {
            Some(_) => Some(Framing::Chunked),
            None => unframe.then_some(Framing::Nothing),
        };
        let options = WriteOptions {
            connection,
            framing,
            ..WriteOptions::default()
        };
        tx.response.write_to(tx.to_client.append(), &options);
        tx.record.status = tx.response.status();
        let chosen = Some(self.id);
        log::step(self.at, LogStep::Response, chosen, self.client, self.tx);
        self.phase = Phase::Body;
        self.withhold_body();
        self.store(0);
        if self.recoder.is_some() {
            self.recode();
        } else {
            self.join_small_body();
        }
        Ok(())
    }

    /// Puts a small body behind its head: one plain write costs less than a vectored one.
    fn join_small_body(&mut self) {
        let tx = &mut *self.tx;
        let ready = tx.download.ready();
        if ready.len() <= JOIN_MAX {
            tx.to_client.append().extend_from_slice(ready);
            tx.record.bytes_out += ready.len() as u64;
            tx.download.discard();
        }
    }

    fn decode_body(&mut self) -> Result<(), End> {
        let tx = &mut *self.tx;
        let before = tx.download.ready().len();
        tx.download.decode().map_err(|_| End::BadResponseBody)?;
        if self.phase == Phase::Body {
            self.withhold_body();
            self.store(before);
            self.recode();
        }
        Ok(())
    }

    /// Keeps what has arrived of the body after the first `before` bytes at hand.
    fn store(&mut self, before: usize) {
        let Some(storing) = self.storing.take() else {
            return;
        };
        let data = self.tx.download.ready().get(before..).unwrap_or_default();
        let storing = storing.add(data);
        match storing {
            Some(whole) if self.tx.download.is_done() => {
                let clock = &self.at.worker.clock;
                let now_s = clock.wall_us(clock.now_us()) / 1_000_000;
                whole.finish(i64::try_from(now_s).unwrap_or(i64::MAX));
            }
            part => self.storing = part,
        }
    }

    /// Puts what has arrived of the body behind the head, in its coding.
    fn recode(&mut self) {
        if let Some(recoder) = &mut self.recoder {
            let tx = &mut *self.tx;
            tx.record.bytes_out += tx.download.ready().len() as u64;
            recoder.pump(&mut tx.download, tx.to_client.append());
        }
    }

    fn withhold_body(&mut self) {
        if self.tx.request.is_head() {
            // A rule made another method of it, and the server sends a body.
            self.tx.download.discard();
        }
    }

    fn send_to_client(&mut self, cx: &mut Context<'_>, now: Millis) -> Result<bool, End> {
        let tx = &mut *self.tx;
        let body_ready = self.phase == Phase::Body && !tx.download.ready().is_empty();
        if tx.to_client.is_sent() && !body_ready {
            return Ok(false);
        }
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
            Poll::Ready(Err(_)) => Err(End::DataClientClosed),
        }
    }

    fn is_finished(&self) -> bool {
        self.phase == Phase::Body
            && self.tx.to_client.is_sent()
            && self.in_pipe() == 0
            && (self.after.tunnel || self.tx.download.is_finished() && self.upload_is_over())
    }

    fn upload_is_over(&self) -> bool {
        self.upload_broken || (self.tx.to_server.is_sent() && self.tx.upload.is_finished())
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

    /// Whether the client is expected to send or to take something.
    fn waits_for_client(&self) -> bool {
        let uploading = !self.upload_broken && !self.tx.upload.is_done();
        uploading && self.tx.upload.ready().is_empty()
            || !self.tx.to_client.is_sent()
            || self.phase == Phase::Body && self.holds_response()
    }

    /// Whether the server is expected to send or to take something.
    fn waits_for_server(&self) -> bool {
        let sending = !self.tx.to_server.is_sent() || !self.tx.upload.ready().is_empty();
        let read =
            self.phase == Phase::Head || !self.tx.download.is_done() && !self.holds_response();
        !self.upload_broken && sending || self.upload_is_over() && read
    }

    /// Whether bytes of the response wait for the client to take them.
    fn holds_response(&self) -> bool {
        let head = self.phase == Phase::Body && !self.tx.to_client.is_sent();
        head || !self.tx.download.ready().is_empty() || self.in_pipe() > 0
    }

    fn deadline(&self, now: Millis) -> Millis {
        let watch = if now < self.watch_from && !self.client_closed {
            self.watch_from
        } else {
            NEVER
        };
        let held = self.held.as_ref().map_or(NEVER, |held| held.due);
        self.client_due()
            .min(self.server_due())
            .min(watch)
            .min(held)
    }

    fn client_due(&self) -> Millis {
        let configured = self.at.frontend.timeouts.client;
        let by_rules = &self.tx.record.by_rules;
        let timeout = by_rules.timeout(StreamTimeout::Client, configured);
        if self.waits_for_client() {
            self.client_active.saturating_add(timeout)
        } else {
            NEVER
        }
    }

    fn server_due(&self) -> Millis {
        let configured = self.backend.timeouts.server;
        let by_rules = &self.tx.record.by_rules;
        let timeout = by_rules.timeout(StreamTimeout::Server, configured);
        if self.waits_for_server() {
            self.server_active.saturating_add(timeout)
        } else {
            NEVER
        }
    }

    fn timed_out(&self, now: Millis) -> Option<End> {
        match (
            now >= self.client_due(),
            now >= self.server_due(),
            self.phase,
        ) {
            (true, _, Phase::Head | Phase::Rules) => Some(End::UploadTimeout),
            (true, _, Phase::Body) => Some(End::DataClientTimeout),
            (false, true, Phase::Head | Phase::Rules) => Some(End::ResponseTimeout),
            (false, true, Phase::Body) => Some(End::DataServerTimeout),
            (false, false, _) => None,
        }
    }
}
