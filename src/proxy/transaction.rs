//! What one request works with: buffers, both heads, its record.
//!
//! A worker keeps a few of these; a connection borrows one from the first byte of a request to
//! the last byte of the response, so that an idle connection holds none. Vectors are cleared,
//! never rebuilt: in steady state a request allocates nothing.

use super::compress::Recoder;
use super::cookie::Affinity;
use super::retry::Retrying;
use super::trace::Traces;
use crate::clock::{Millis, NEVER};
use crate::compile::config::BackendId;
use crate::http1::{Body, BodyError, Chunked, RequestHead, ResponseHead, Version};
use crate::net::{Buffer, BufferPool};
use crate::observe::Record;
use crate::protect::Holds;
use crate::protect::bandwidth::Direction;
use crate::settings::Coding;
use crate::table::{Key, Slots, Table};
use crate::vocab::context::{Payload, Scratch};
use crate::vocab::variable::StreamVars;
use std::io::IoSlice;
use std::sync::Arc;

/// Whether the client understands HTTP/1.1: chunks, interim responses, persistence by default.
pub(super) fn is_http11(request: &RequestHead) -> bool {
    request.version() == Version::Http11
}

/// Why a TCP stream goes on as HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Switched {
    /// `switch-mode`
    ByRule,
    /// Its backend speaks HTTP.
    ByBackend(BackendId),
}

/// What bandwidth limits make of the bytes of a direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Throttled {
    /// There is no limit.
    Not,
    /// More may go on since the last time.
    Passing,
    /// No more than before.
    Waiting,
}

/// One request and its response.
#[derive(Debug)]
pub(super) struct Transaction {
    /// From the client.
    pub(super) upload: Source,
    /// From the server.
    pub(super) download: Source,
    /// The request head as sent to the server.
    pub(super) to_server: Outgoing,
    /// The response head, and any interim ones, as sent to the client.
    pub(super) to_client: Outgoing,
    /// The request.
    pub(super) request: RequestHead,
    /// The response.
    pub(super) response: ResponseHead,
    /// What happened.
    pub(super) record: Record,
    /// Variables of the stream.
    pub(super) vars: StreamVars,
    /// What the stream tracks.
    pub(super) tracks: Slots,
    /// What the stream holds of limits and breakers.
    pub(super) holds: Holds,
    /// `filter trace`
    pub(super) traces: Traces,
    /// The stream was TCP until its first request.
    pub(super) switched: Option<Switched>,
    /// Whether tracked entries have counted the request.
    pub(super) counted: bool,
    /// Where it is to go.
    pub(super) affinity: Affinity,
    /// Codes the request's body.
    pub(super) recoder: Option<Recoder>,
    /// What the response may be compressed with.
    pub(super) coding: Option<Coding>,
    /// How far its retries have come.
    pub(super) retrying: Retrying,
    /// What they will store, and where.
    pub(super) stick_keys: Vec<(Arc<Table>, Key)>,
    /// Room for rules and formats.
    pub(super) scratch: Scratch,
    /// Room for a text being made.
    pub(super) text: Vec<u8>,
}

impl Transaction {
    pub(super) fn new() -> Self {
        Self {
            upload: Source::new(Buffer::empty()),
            download: Source::new(Buffer::empty()),
            to_server: Outgoing::default(),
            to_client: Outgoing::default(),
            request: RequestHead::default(),
            response: ResponseHead::default(),
            record: Record::default(),
            vars: StreamVars::default(),
            tracks: Slots::default(),
            holds: Holds::default(),
            traces: Traces::default(),
            switched: None,
            counted: false,
            affinity: Affinity::default(),
            recoder: None,
            coding: None,
            retrying: Retrying::default(),
            stick_keys: Vec::new(),
            scratch: Scratch::new(),
            text: Vec::new(),
        }
    }

    /// Whether something decides how much of a direction's bytes goes on at once.
    pub(super) fn is_metered(&mut self, direction: Direction) -> bool {
        self.traces.is_on() || self.holds.throttles.get_mut().apply_to(direction)
    }

    /// Asks the bandwidth limits of a direction how much of what has arrived may go on; whether
    /// they hold anything back, or have let something through.
    pub(super) fn throttle(&mut self, direction: Direction, now: Millis) -> Throttled {
        if !self.is_metered(direction) {
            return Throttled::Not;
        }
        let (throttles, traces) = (self.holds.throttles.get_mut(), &mut self.traces);
        let source = match direction {
            Direction::Up => &mut self.upload,
            Direction::Down => &mut self.download,
        };
        let passing =
            source.let_pass(|wanted| throttles.allow(direction, now, traces.piece(wanted)));
        match passing {
            [] => Throttled::Waiting,
            bytes => {
                if traces.is_on() {
                    traces.payload(direction, bytes, now);
                }
                Throttled::Passing
            }
        }
    }

    /// When bytes that a bandwidth limit holds back may go on.
    pub(super) fn throttled_until(&self) -> Millis {
        let until = |direction, source: &Source| match source.is_held() {
            true => self.holds.throttles.borrow().due(direction),
            false => NEVER,
        };
        until(Direction::Up, &self.upload).min(until(Direction::Down, &self.download))
    }

    /// Forgets everything: what one connection sent is never seen by another.
    pub(super) fn reset(&mut self) {
        self.upload.clear();
        self.begin();
    }

    /// Forgets everything but bytes the client has already sent of its next request.
    pub(super) fn begin(&mut self) {
        self.upload.restart();
        self.download.clear();
        self.to_server.clear();
        self.to_client.clear();
        self.request.clear();
        self.response.clear();
        self.record.clear();
        self.vars.clear();
        self.tracks.clear();
        self.holds.clear();
        self.traces.clear();
        self.switched = None;
        self.counted = false;
        self.affinity = Affinity::default();
        self.recoder = None;
        self.coding = None;
        self.retrying = Retrying::default();
        self.stick_keys.clear();
    }
}

/// Bytes arriving from one side: a buffer, the body being decoded in it, how much of its front is
/// fit to be forwarded, and how much of that may go now.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) buffer: Buffer,
    body: Body,
    ready: usize,
    /// How much of it bandwidth limits let pass; everything unless there are any.
    pass: usize,
    done: bool,
    /// Whether what is forwarded are chunks, and the length where one was announced.
    chunked: bool,
    announced: Option<u64>,
}

impl Source {
    fn new(buffer: Buffer) -> Self {
        Self {
            buffer,
            body: Body::Done,
            ready: 0,
            pass: usize::MAX,
            done: true,
            chunked: false,
            announced: None,
        }
    }

    fn restart(&mut self) {
        self.body = Body::Done;
        self.ready = 0;
        self.pass = usize::MAX;
        self.done = true;
    }

    /// Forgets what has arrived.
    pub(super) fn clear(&mut self) {
        self.restart();
        self.buffer.clear();
    }

    /// The buffer to read into, with memory.
    pub(super) fn room(&mut self, buffers: &BufferPool) -> &mut Buffer {
        buffers.fill(&mut self.buffer);
        &mut self.buffer
    }

    /// Gives the memory back while there is nothing in it: who waits holds none, and whoever reads
    /// next gets what is still in the cache.
    pub(super) fn rest(&mut self, buffers: &BufferPool) {
        buffers.reclaim(&mut self.buffer);
    }

    /// Whether no more can be read before something was taken away.
    pub(super) fn is_full(&self) -> bool {
        self.buffer.is_allocated() && self.buffer.is_full()
    }

    /// What follows in the buffer is this body.
    pub(super) fn expect(&mut self, body: Body) {
        self.ready = 0;
        self.done = body == Body::Done;
        self.chunked = body.is_chunked();
        self.announced = match body {
            Body::Length(length) => Some(length),
            _ => None,
        };
        self.body = body;
    }

    /// From here on the data of chunks alone is fit to be forwarded. Nothing was forwarded yet.
    pub(super) fn unframe(&mut self) -> Result<(), BodyError> {
        self.expect(Body::Chunked(Chunked::default()).unframed());
        self.decode()
    }

    /// Whether what is forwarded are chunks.
    pub(super) fn is_chunked(&self) -> bool {
        self.chunked
    }

    /// Decodes all that has arrived.
    pub(super) fn decode(&mut self) -> Result<(), BodyError> {
        let undecoded = self.ready;
        let Some(input) = self.buffer.data_mut().get_mut(undecoded..) else {
            return Ok(());
        };
        if self.done || input.is_empty() {
            return Ok(());
        }
        let framed = self.body.advance(input)?;
        if framed.skip > 0 {
            // Only when more is decoded before the last of it was sent: close the gap.
            self.buffer.data_mut().copy_within(..undecoded, framed.skip);
            self.buffer.consume(framed.skip);
        }
        self.ready += framed.ready;
        self.done = framed.done;
        Ok(())
    }

    /// Bytes that are fit to be forwarded.
    pub(super) fn ready(&self) -> &[u8] {
        self.buffer.data().get(..self.ready).unwrap_or_default()
    }

    /// Those of them that may go now.
    pub(super) fn sendable(&self) -> &[u8] {
        let ready = self.ready();
        ready.get(..self.pass).unwrap_or(ready)
    }

    /// Whether a bandwidth limit holds something back.
    pub(super) fn is_held(&self) -> bool {
        self.ready > self.pass
    }

    /// Has `allow` say how many of the bytes that are held may go, and gives those.
    fn let_pass(&mut self, allow: impl FnOnce(usize) -> usize) -> &[u8] {
        if self.pass == usize::MAX {
            self.pass = 0;
        }
        let held = self.ready.saturating_sub(self.pass);
        let allowed = if held > 0 { allow(held) } else { 0 };
        let before = self.pass;
        self.pass += allowed;
        self.ready().get(before..self.pass).unwrap_or_default()
    }

    /// The length of the body where one was announced.
    pub(super) fn announced(&self) -> Option<u64> {
        self.announced
    }

    /// What rules see of the body.
    pub(super) fn payload(&self) -> Payload<'_> {
        Payload {
            bytes: self.ready(),
            chunked: self.chunked,
            announced: self.announced,
        }
    }

    /// Takes forwarded bytes away.
    pub(super) fn forwarded(&mut self, count: usize) {
        self.buffer.consume(count);
        self.ready -= count;
        if self.pass != usize::MAX {
            self.pass = self.pass.saturating_sub(count);
        }
    }

    /// Throws away what could be forwarded.
    pub(super) fn discard(&mut self) {
        self.forwarded(self.ready);
    }

    /// Body bytes that may be moved without being looked at; 0 while any are in the buffer.
    pub(super) fn unread_raw(&self) -> u64 {
        if self.buffer.is_empty() {
            self.body.raw_bytes()
        } else {
            0
        }
    }

    /// Counts body bytes that were moved without passing through the buffer.
    pub(super) fn moved_raw(&mut self, count: usize) {
        self.body.consume_raw(count as u64);
        self.done = self.body.is_done();
    }

    /// Whether the whole body has been decoded (not necessarily forwarded).
    pub(super) fn is_done(&self) -> bool {
        self.done
    }

    /// Whether everything was decoded and forwarded.
    pub(super) fn is_finished(&self) -> bool {
        self.done && self.ready == 0
    }

    /// Whether it is the sender's close that ends the body.
    pub(super) fn ends_at_close(&self) -> bool {
        self.body == Body::UntilClose
    }

    /// Whether bytes of a next message have arrived.
    pub(super) fn has_more(&self) -> bool {
        self.done && self.buffer.data().len() > self.ready
    }

    /// The body ends with the connection, which has ended.
    pub(super) fn end_of_stream(&mut self) -> bool {
        if self.body == Body::UntilClose {
            self.done = true;
        }
        self.done
    }
}

/// Most memory of [`Outgoing`] that stays for the next request, in bytes.
const KEEP_OUTGOING: usize = 1 << 16;

/// Bytes made here that wait to be sent.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    bytes: Vec<u8>,
    sent: usize,
    /// Length of what [`Outgoing::set_prefix`] put first.
    prefix: usize,
    /// Where the empty line of a head is, without the prefix, and how much before it
    /// [`Outgoing::set_last_header`] put there.
    head_end: usize,
    last_header: usize,
}

impl Outgoing {
    fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(KEEP_OUTGOING);
        self.sent = 0;
        self.prefix = 0;
        self.head_end = 0;
        self.last_header = 0;
    }

    /// What was appended is a whole head.
    pub(super) fn end_head(&mut self) {
        self.head_end = self.bytes.len().saturating_sub(b"\r\n".len());
    }

    /// Ends the head with this header, in place of an earlier one.
    pub(super) fn set_last_header(&mut self, name: &[u8], value: &[u8]) {
        let line = [name, b": ", value, b"\r\n"].concat();
        let end = self.prefix + self.head_end;
        let start = end.saturating_sub(self.last_header);
        if end <= self.bytes.len() {
            let added = line.len();
            self.bytes.splice(start..end, line);
            self.head_end = self.head_end + added - self.last_header;
            self.last_header = added;
        }
    }

    /// Where to append.
    pub(super) fn append(&mut self) -> &mut Vec<u8> {
        if self.sent == self.bytes.len() {
            self.clear();
        }
        &mut self.bytes
    }

    /// Puts `prefix` before everything else, in place of an earlier one: a PROXY header.
    pub(super) fn set_prefix(&mut self, prefix: &[u8]) {
        if self.prefix > 0 || !prefix.is_empty() {
            self.bytes.splice(..self.prefix, prefix.iter().copied());
            self.prefix = prefix.len();
        }
    }

    /// Sends everything once more from its start.
    pub(super) fn rewind(&mut self) {
        self.sent = 0;
    }

    /// What is left.
    pub(super) fn pending(&self) -> &[u8] {
        self.bytes.get(self.sent..).unwrap_or_default()
    }

    /// Whether nothing is left.
    pub(super) fn is_sent(&self) -> bool {
        self.sent >= self.bytes.len()
    }

    /// Takes `count` sent bytes away and returns how many were not from here.
    pub(super) fn advance(&mut self, count: usize) -> usize {
        let own = count.min(self.bytes.len() - self.sent);
        self.sent += own;
        count - own
    }
}

/// The head and what is ready of the body, for one vectored write.
pub(super) fn slices<'a>(head: &'a Outgoing, body: &'a Source) -> [IoSlice<'a>; 2] {
    [IoSlice::new(head.pending()), IoSlice::new(body.sendable())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::BufferPool;

    #[test]
    fn nothing_of_one_connection_is_left_for_the_next() {
        let mut tx = Transaction::new();
        let buffers = BufferPool::new(64, 2);
        tx.download.room(&buffers);
        tx.upload
            .room(&buffers)
            .append(b"POST /secret HTTP/1.1\r\n");
        tx.upload.expect(Body::Length(5));
        tx.upload.decode().unwrap();
        tx.download.buffer.append(b"leftover");
        tx.to_client.append().extend_from_slice(b"head");
        tx.to_server.append().extend_from_slice(b"head");
        tx.record.status = 200;
        tx.reset();
        assert!(tx.upload.buffer.is_empty() && tx.download.buffer.is_empty());
        assert!(tx.upload.is_finished() && tx.to_client.is_sent() && tx.to_server.is_sent());
        assert_eq!(tx.record.status, 0);
    }

    #[test]
    fn decoding_before_all_was_forwarded_closes_the_gap() {
        let mut tx = Transaction::new();
        let source = &mut tx.upload;
        source.room(&BufferPool::new(64, 2));
        source.expect(Body::Chunked(Default::default()).unframed());
        source.buffer.append(b"3\r\nabc\r\n");
        source.decode().unwrap();
        source.buffer.append(b"2\r\nde\r\n0\r\n\r\n");
        source.decode().unwrap();
        assert_eq!((source.ready(), source.is_done()), (&b"abcde"[..], true));
    }

    #[test]
    fn chunks_that_have_arrived_are_taken_apart() {
        let mut tx = Transaction::new();
        let source = &mut tx.upload;
        source.room(&BufferPool::new(64, 2));
        source.expect(Body::Chunked(Chunked::default()));
        source.buffer.append(b"03;x=y\r\nabc\r\n2");
        source.decode().unwrap();
        assert_eq!(source.ready(), b"3\r\nabc\r\n");
        source.unframe().unwrap();
        source.buffer.append(b"\r\nde\r\n0\r\n\r\nGET");
        source.decode().unwrap();
        assert_eq!((source.ready(), source.is_done()), (&b"abcde"[..], true));
        assert!(source.has_more() && !source.is_chunked());
    }

    #[test]
    fn a_prefix_replaces_the_one_before() {
        let mut out = Outgoing::default();
        out.append().extend_from_slice(b"head");
        out.set_prefix(b"one ");
        out.set_prefix(b"two ");
        assert_eq!(out.pending(), b"two head");
        assert_eq!(out.advance(10), 2);
        assert!(out.is_sent());
        out.rewind();
        assert_eq!(out.pending(), b"two head");
    }
}
