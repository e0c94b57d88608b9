//! Answers from a cache, and bodies on their way into one. Rules decide about both
//! (`vocab::action::cache`); an answer goes through the rules on responses as a server's would.

use super::client::Client;
use super::compress::{self, Recoder};
use super::connect::Target;
use super::count;
use super::end::End;
use super::place::Place;
use super::transaction::Transaction;
use super::{log, persistence, reply, rules, wait};
use crate::cache::{Cache, Entry};
use crate::http1::{Framing, HeadError, ResponseHead, WriteOptions};
use crate::observe::{LogStep, Termination};
use crate::settings::Coding;
use crate::vocab::calendar::http_date;
use crate::vocab::context::Wait;
use std::io::Write as _;
use std::sync::Arc;

/// Bytes of a kept body that are copied at once.
const PIECE: usize = 16 * 1024;

/// The response that rules found for this request.
pub(super) fn hit(tx: &Transaction) -> Option<Arc<Entry>> {
    let uses = tx.record.cache.borrow();
    uses.hit.as_ref().map(|(_, entry)| Arc::clone(entry))
}

/// Answers with a kept response. Whether the client's connection is still good.
pub(super) async fn serve(
    at: Place<'_>,
    to: Target<'_>,
    client: &mut Client,
    tx: &mut Transaction,
    entry: &Entry,
) -> Result<bool, End> {
    let clock = &at.worker.clock;
    let now_us = clock.now_us();
    let record = &mut tx.record;
    (record.queued_us, record.connected_us) = (now_us, now_us);
    record.response_us = now_us;
    record.served_by = Some("<CACHE>");
    // Nobody but the proxy answered.
    record.termination = Termination {
        cause: b'L',
        phase: b'R',
    };
    let unchanged = is_unchanged(tx, entry);
    let now_s = i64::try_from(clock.wall_us(now_us) / 1_000_000).unwrap_or(i64::MAX);
    tx.response = head(at, entry, unchanged, now_s).map_err(|_| End::ResponseRuleFailed)?;
    at.vars(&client.vars, &tx.vars).begin_response();
    let mut progress = rules::Progress::default();
    while let Some(waiting) = rules::response(at, to.backend, None, client, tx, &mut progress)? {
        if let Wait::Pause(time) = waiting {
            wait::pause(at, client, time).await?;
        }
    }
    let keep = tx.request.keep_alive() && persistence::of_client(at) && tx.upload.is_finished();
    let body = match unchanged || tx.request.is_head() {
        true => &[],
        false => entry.body.as_slice(),
    };
    let length = entry.body.len() as u64;
    let coding = compress::response(at, to.backend, tx, Some(length));
    tx.record.coding = coding.map(Coding::token);
    let options = WriteOptions {
        connection: persistence::to_client(keep, tx.request.version()),
        framing: Some(match coding {
            Some(_) => Framing::Chunked,
            None => Framing::Length(length),
        }),
        ..WriteOptions::default()
    };
    tx.response.write_to(tx.to_client.append(), &options);
    tx.record.status = tx.response.status();
    tx.record.bytes_out += log::response_size(&tx.response);
    log::step(at, LogStep::Response, Some(to.id), client, tx);
    let shelf = &at.worker.compressors;
    let mut recoder = coding.map(|coding| Recoder::new(coding, &mut shelf.borrow_mut()));
    let mut pieces = body.chunks(PIECE);
    loop {
        let piece = pieces.next().unwrap_or_default();
        let last = pieces.len() == 0;
        let out = tx.to_client.append();
        match &mut recoder {
            Some(recoder) => {
                let made = recoder.put(piece, last, out);
                count::coded(at, &mut tx.record, (piece.len() as u64, made));
            }
            None => out.extend_from_slice(piece),
        }
        tx.record.bytes_out += piece.len() as u64;
        if !reply::flush(at, client, tx).await {
            return Err(End::DataClientClosed);
        }
        if last {
            break;
        }
    }
    if let Some(recoder) = recoder {
        recoder.finish(&mut shelf.borrow_mut());
    }
    Ok(keep)
}

/// The head of a kept response: 304 if the client has it already.
fn head(
    at: Place<'_>,
    entry: &Entry,
    unchanged: bool,
    now_s: i64,
) -> Result<ResponseHead, HeadError> {
    let mut text = Vec::with_capacity(entry.headers.len() + 64);
    match unchanged {
        true => text.extend_from_slice(b"HTTP/1.1 304 Not Modified\r\n"),
        false => {
            text.extend_from_slice(b"HTTP/1.1 200 ");
            text.extend_from_slice(&entry.reason);
            text.extend_from_slice(b"\r\n");
        }
    }
    text.extend_from_slice(&entry.headers);
    // Writing to memory cannot fail.
    let _ = write!(text, "age: {}\r\n\r\n", entry.age_at(now_s));
    let mut head = ResponseHead::default();
    head.parse(&text, at.worker.shared.head_limits)?;
    Ok(head)
}

/// Whether the client has this very response (RFC 9110 §13.1.2, §13.1.3).
fn is_unchanged(tx: &Transaction, entry: &Entry) -> bool {
    let mut tags = tx
        .request
        .header_values(b"if-none-match")
        .flat_map(|line| line.split(|&byte| byte == b','))
        .map(<[u8]>::trim_ascii)
        .peekable();
    if tags.peek().is_some() {
        return tags.any(|tag| tag == b"*" || !entry.etag.is_empty() && same(tag, &entry.etag));
    }
    let since = tx.request.header(b"if-modified-since").and_then(http_date);
    since.is_some_and(|since| entry.last_modified_s <= since)
}

/// Weak comparison of two ETags (RFC 9110 §8.8.3.2).
fn same(one: &[u8], other: &[u8]) -> bool {
    let strong = |tag: &[u8]| tag.strip_prefix(b"W/").unwrap_or(tag).to_vec();
    strong(one) == strong(other)
}

/// A response that goes into a cache while it passes.
#[derive(Debug)]
pub(super) struct Storing {
    cache: Arc<Cache>,
    entry: Entry,
}

impl Storing {
    /// What rules decided to keep.
    pub(super) fn begun(tx: &Transaction) -> Option<Self> {
        let (cache, entry) = tx.record.cache.borrow_mut().storing.take()?;
        Some(Self { cache, entry })
    }

    /// Adds what has arrived of the body; `None` once it is too much.
    pub(super) fn add(mut self, data: &[u8]) -> Option<Self> {
        let size = self.entry.body.len() + data.len() + self.entry.headers.len();
        (size <= self.cache.spec().most).then(|| {
            self.entry.body.extend_from_slice(data);
            self
        })
    }

    /// The body is complete.
    pub(super) fn finish(self, now_s: i64) {
        self.cache.store(self.entry, now_s);
    }
}
