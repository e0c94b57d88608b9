//! Compression of bodies (`compression`): of responses for clients, of requests for servers.
//!
//! A response's coding is chosen from the request, whether it is used from the response: as HAProxy does,
//! only for whole representations of HTTP/1.1 that nobody forbids to transform. A request's is given. What goes out are
//! chunks, one for all that has arrived, so that nothing waits here. Compressors are kept by the
//! worker: making one costs more than using it for a small body.
//! Bodies that bandwidth limits count go through here too, unchanged but for their chunks.
//! Deliberately absent: limits of processor time.

use super::place::Place;
use super::transaction::{Source, Transaction};
use crate::compile::config::Backend;
use crate::http1::{Header, Headers, Version};
use crate::observe::stats::Rate;
use crate::protect::bandwidth::Direction;
use crate::settings::{Coding, Compression};
use flate2::{Compress, Crc, FlushCompress};
use std::sync::atomic::Ordering;

/// As HAProxy's default `tune.comp.maxlevel`.
const LEVEL: u32 = 1;

/// Compressors a worker keeps of each kind.
const KEPT: usize = 4;

/// The settings of a backend and of a frontend, the first of which counts.
#[derive(Clone, Copy)]
struct Both<'a>([Option<&'a Compression>; 2]);

impl<'a> Both<'a> {
    fn of(at: Place<'a>, backend: &'a Backend) -> Self {
        Self([
            backend.compression.as_ref(),
            at.frontend.compression.as_ref(),
        ])
    }

    /// The first list that is not empty.
    fn list<T>(self, list: impl Fn(&'a Compression) -> &'a [T]) -> &'a [T] {
        let mut lists = self.0.into_iter().flatten().map(list);
        lists.find(|list| !list.is_empty()).unwrap_or_default()
    }

    fn min_size(self) -> u64 {
        let mut sizes = self.0.into_iter().flatten().map(|one| one.min_size);
        sizes.find(|&size| size > 0).unwrap_or(0)
    }

    fn compress_responses(self) -> bool {
        self.0.into_iter().flatten().any(|one| !one.requests_only)
    }

    fn compress_requests(self) -> bool {
        self.0.into_iter().flatten().any(|one| one.requests)
    }

    fn offloads(self) -> bool {
        self.0.into_iter().flatten().any(|one| one.offload)
    }
}

/// Chooses the coding that the response may get, and with `offload` keeps it from the server.
pub(super) fn request(at: Place<'_>, backend: &Backend, tx: &mut Transaction) {
    let both = Both::of(at, backend);
    if both.compress_requests() {
        upload(at, both, backend, tx);
    }
    if tx.recoder.is_none()
        && tx.upload.is_chunked()
        && !backend.retry_on.replays()
        && tx.is_metered(Direction::Up)
    {
        code_upload(at, Coding::Identity, tx);
    }
    let algorithms = both.list(|one| &one.algorithms);
    if algorithms.is_empty()
        || !both.compress_responses()
        || tx.request.header(b"user-agent").is_some_and(is_broken)
    {
        return;
    }
    let accepted = accepted(&tx.request, algorithms);
    if accepted.is_some() && both.offloads() {
        tx.request.remove_header(b"accept-encoding");
    }
    // It changes nothing and needs nobody's consent.
    let identity = || {
        algorithms
            .contains(&Coding::Identity)
            .then_some(Coding::Identity)
    };
    tx.coding = accepted.or_else(identity);
}

/// Decides about a request's body, and if so says in its head that it is compressed. One that may be sent
/// again is kept as it is.
fn upload(at: Place<'_>, both: Both<'_>, backend: &Backend, tx: &mut Transaction) {
    let each = || both.0.into_iter().flatten();
    let Some(coding) = each().find_map(|one| one.request_algorithm) else {
        return;
    };
    let types = both.list(|one| &one.request_types);
    let least = each()
        .map(|one| one.request_min_size)
        .find(|&size| size > 0);
    let whole = tx
        .upload
        .is_done()
        .then(|| tx.upload.payload().len() as u64);
    let length = tx.upload.announced().or(whole);
    let head = &tx.request;
    let fits = length.is_none_or(|length| length >= least.unwrap_or(1))
        && head.version() == Version::Http11
        && !head.is_head()
        && head.upgrade().is_none()
        && head.header(b"content-encoding").is_none()
        && is_of_type(head, types)
        && !backend.retry_on.replays();
    if fits && mark(&mut tx.request, coding).is_ok() {
        code_upload(at, coding, tx);
    }
}

/// From here on the request's body goes through a coding.
fn code_upload(at: Place<'_>, coding: Coding, tx: &mut Transaction) {
    // What has arrived was found to be sound already.
    if !tx.upload.is_chunked() || tx.upload.unframe().is_ok() {
        let mut shelf = at.worker.compressors.borrow_mut();
        tx.recoder = Some(Recoder::new(coding, &mut shelf));
    }
}

/// Old browsers that say they can and cannot: Netscape 4, and Internet Explorer before 6 SP 2.
fn is_broken(agent: &[u8]) -> bool {
    let msie = |version: &[u8]| match version.first() {
        Some(b'6') => agent.get(51..54) == Some(b"SV1"),
        Some(version) => *version > b'6',
        None => false,
    };
    let is_good = agent.get(25..30) == Some(b"MSIE ") && agent.get(30..).is_some_and(msie);
    agent.starts_with(b"Mozilla/4") && !is_good
}

/// Of what the client accepts most, the first in the order of the configuration.
fn accepted(request: &Headers, algorithms: &[Coding]) -> Option<Coding> {
    let mut best = (0, None);
    let elements = request
        .header_values(b"accept-encoding")
        .flat_map(|line| line.split(|&byte| byte == b','));
    for element in elements {
        let mut parts = element.split(|&byte| byte == b';').map(<[u8]>::trim_ascii);
        let token = parts.next().unwrap_or_default();
        let quality = parts.find_map(|part| part.strip_prefix(b"q="));
        let quality = quality.map_or(1000, parse_quality);
        let fits = |coding: &&Coding| {
            token.first() == Some(&b'*') || token.eq_ignore_ascii_case(coding.token().as_bytes())
        };
        if quality > best.0
            && let Some(coding) = algorithms.iter().find(fits)
        {
            best = (quality, Some(*coding));
        }
    }
    best.1
}

/// A weight in thousandths (RFC 9110 §12.4.2).
fn parse_quality(text: &[u8]) -> u32 {
    let mut digits = text.iter().filter(|byte| **byte != b'.');
    let mut value = 0;
    for _ in 0..4 {
        let digit = match digits.next() {
            Some(byte @ b'0'..=b'9') => u32::from(byte - b'0'),
            _ => 0,
        };
        value = value * 10 + digit;
    }
    value.min(1000)
}

/// Whether the response of a request may be compressed, as far as the request and the status say.
fn may_compress(tx: &Transaction) -> bool {
    tx.coding.is_some()
        && tx.request.version() == Version::Http11
        && tx.response.version() == Version::Http11
        && !tx.request.is_head()
        && !tx.request.is_connect()
        && (200..=203).contains(&tx.response.status())
}

/// Decides about a response whose rules have run, and if so says in its head that it is compressed. Its body
/// has this length, as far as one is known.
pub(super) fn response(
    at: Place<'_>,
    backend: &Backend,
    tx: &mut Transaction,
    length: Option<u64>,
) -> Option<Coding> {
    let coding = tx.coding.filter(|_| may_compress(tx))?;
    if is_too_fast(at) {
        return None;
    }
    let both = Both::of(at, backend);
    if length.is_some_and(|length| length == 0 || length < both.min_size())
        || !is_suitable(&tx.response, both.list(|one| &one.types))
    {
        return None;
    }
    mark(&mut tx.response, coding).ok()?;
    Some(coding)
}

/// Whether the process compresses more per second than it may.
fn is_too_fast(at: Place<'_>) -> bool {
    let shared = &at.worker.shared;
    let most = shared.compress_rate.load(Ordering::Relaxed);
    let rate = || {
        let process = shared.counters.process();
        process.rate(Rate::CompressIn, at.worker.clock.now())
    };
    most > 0 && rate() > most
}

/// Whether the representation may be transformed and is of one of the types.
fn is_suitable(head: &Headers, types: &[Box<[u8]>]) -> bool {
    let forbids = |line: &[u8]| {
        let mut words = line.split(|&byte| byte == b',').map(<[u8]>::trim_ascii);
        words.any(|word| word.eq_ignore_ascii_case(b"no-transform"))
    };
    let mut tags = head.header_values(b"etag");
    let tag = tags.next();
    let is_tagged_well = tag.is_none_or(|tag| {
        let strong = tag.strip_prefix(b"W/").unwrap_or(tag);
        strong.len() > 1 && strong.starts_with(b"\"") && strong.ends_with(b"\"")
    });
    let kind = head.header(b"content-type");
    !kind.is_some_and(|kind| starts(kind, b"multipart"))
        && is_of_type(head, types)
        && is_tagged_well
        && tags.next().is_none()
        && head.header(b"content-encoding").is_none()
        && !head.header_values(b"cache-control").any(forbids)
}

/// Whether the content's type is one of these, if there are any.
fn is_of_type(head: &Headers, types: &[Box<[u8]>]) -> bool {
    let kind = head.header(b"content-type");
    types.is_empty() || kind.is_some_and(|kind| types.iter().any(|one| starts(kind, one)))
}

fn starts(text: &[u8], start: &[u8]) -> bool {
    let begin = text.get(..start.len());
    begin.is_some_and(|begin| begin.eq_ignore_ascii_case(start))
}

/// Changes the head: another representation, that depends on what the client accepts.
fn mark(head: &mut Headers, coding: Coding) -> Result<(), crate::http1::EditError> {
    if let Some(tag) = head.header(b"etag").filter(|tag| tag.starts_with(b"\"")) {
        let weak = [b"W/", tag].concat();
        head.set_header(b"etag", &weak)?;
    }
    let names = |line: &[u8]| {
        let mut words = line.split(|&byte| byte == b',').map(<[u8]>::trim_ascii);
        words.any(|word| word.eq_ignore_ascii_case(b"accept-encoding"))
    };
    if !head.header_values(b"vary").any(names) {
        let is_vary = |header: Header<'_>| header.name.eq_ignore_ascii_case(b"vary");
        let last = (0..head.header_count())
            .rev()
            .find(|&index| head.header_at(index).is_some_and(is_vary));
        match last.and_then(|index| Some((index, head.header_at(index)?.value))) {
            Some((index, value)) if !value.is_empty() => {
                let value = [value, b",Accept-Encoding"].concat();
                head.set_value(index, &value)?;
            }
            Some((index, _)) => head.set_value(index, b"Accept-Encoding")?,
            None => head.add_header(b"vary", b"Accept-Encoding")?,
        }
    }
    if coding != Coding::Identity {
        head.add_header(b"content-encoding", coding.token().as_bytes())?;
    }
    Ok(())
}

/// The compressors of a worker that nobody uses.
#[derive(Debug, Default)]
pub(super) struct Compressors {
    raw: Vec<Compress>,
    zlib: Vec<Compress>,
}

impl Compressors {
    fn shelf(&mut self, zlib: bool) -> &mut Vec<Compress> {
        match zlib {
            true => &mut self.zlib,
            false => &mut self.raw,
        }
    }

    fn take(&mut self, zlib: bool) -> Compress {
        let new = || Compress::new(flate2::Compression::new(LEVEL), zlib);
        self.shelf(zlib).pop().unwrap_or_else(new)
    }

    fn give(&mut self, zlib: bool, mut compress: Compress) {
        let shelf = self.shelf(zlib);
        if shelf.len() < KEPT {
            compress.reset();
            shelf.push(compress);
        }
    }
}

/// A body on its way through a coding, into chunks.
#[derive(Debug)]
pub(super) struct Recoder {
    coding: Coding,
    compress: Option<Compress>,
    crc: Crc,
    begun: bool,
    done: bool,
    /// What the coding has made of the bytes at hand.
    out: Vec<u8>,
}

impl Recoder {
    pub(super) fn new(coding: Coding, shelf: &mut Compressors) -> Self {
        let compress = match coding {
            Coding::Identity => None,
            Coding::Gzip | Coding::RawDeflate => Some(shelf.take(false)),
            Coding::Deflate => Some(shelf.take(true)),
        };
        Self {
            coding,
            compress,
            crc: Crc::new(),
            begun: false,
            done: false,
            out: Vec::new(),
        }
    }

    /// Takes what may go on of the body, and appends chunks to `to`. How many bytes were taken, and made
    /// of them.
    pub(super) fn pump(&mut self, from: &mut Source, to: &mut Vec<u8>) -> (u64, u64) {
        let last = from.is_done() && !from.is_held();
        let taken = from.sendable().len();
        if self.done || taken == 0 && !last {
            return (0, 0);
        }
        let made = self.put(from.sendable(), last, to);
        from.forwarded(taken);
        (taken as u64, made)
    }

    /// Appends a piece of the body to `to`, and the end if it is the last one. How many bytes of content
    /// it became.
    pub(super) fn put(&mut self, piece: &[u8], last: bool, to: &mut Vec<u8>) -> u64 {
        self.out.clear();
        self.encode(piece, last);
        if !self.out.is_empty() {
            to.extend_from_slice(format!("{:x}\r\n", self.out.len()).as_bytes());
            to.extend_from_slice(&self.out);
            to.extend_from_slice(b"\r\n");
        }
        if last {
            to.extend_from_slice(b"0\r\n\r\n");
            self.done = true;
        }
        self.out.len() as u64
    }

    fn encode(&mut self, input: &[u8], last: bool) {
        let Some(compress) = &mut self.compress else {
            return self.out.extend_from_slice(input);
        };
        if self.coding == Coding::Gzip && !self.begun {
            // No name, no time, from an unknown system (RFC 1952 §2.3).
            self.out
                .extend_from_slice(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255]);
        }
        self.begun = true;
        self.crc.update(input);
        let flush = match last {
            true => FlushCompress::Finish,
            false => FlushCompress::Sync,
        };
        let mut rest = input;
        loop {
            self.out.reserve(rest.len() / 2 + 64);
            let (taken, made) = (compress.total_in(), self.out.len());
            // Compressing cannot fail: no dictionary is ever asked for.
            if compress.compress_vec(rest, &mut self.out, flush).is_err() {
                break;
            }
            let taken = usize::try_from(compress.total_in() - taken).unwrap_or(rest.len());
            rest = rest.get(taken..).unwrap_or_default();
            let is_stuck = taken == 0 && self.out.len() == made;
            // Room left over means that everything is out.
            if is_stuck || rest.is_empty() && self.out.len() < self.out.capacity() {
                break;
            }
        }
        if last && self.coding == Coding::Gzip {
            self.out.extend_from_slice(&self.crc.sum().to_le_bytes());
            self.out.extend_from_slice(&self.crc.amount().to_le_bytes());
        }
    }

    /// Whether the end of the body is out.
    pub(super) fn is_done(&self) -> bool {
        self.done
    }

    /// Gives the compressor back.
    pub(super) fn finish(self, shelf: &mut Compressors) {
        if let Some(compress) = self.compress {
            shelf.give(self.coding == Coding::Deflate, compress);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http1::{Body, HeadLimits, RequestHead, ResponseHead};
    use crate::net::BufferPool;
    use std::io::Read;

    const LIMITS: HeadLimits = HeadLimits {
        max_size: 16_000,
        max_headers: 100,
    };

    #[test]
    fn the_client_chooses_and_the_order_decides() {
        let check = |header: &str, expected: Option<Coding>| {
            let mut head = RequestHead::default();
            let text = format!("GET / HTTP/1.1\r\nhost: a\r\naccept-encoding: {header}\r\n\r\n");
            head.parse(text.as_bytes(), LIMITS).unwrap();
            let offered = [Coding::Gzip, Coding::Deflate];
            assert_eq!(accepted(&head, &offered), expected, "{header}");
        };
        check("gzip", Some(Coding::Gzip));
        check("deflate, gzip", Some(Coding::Deflate));
        check("GZIP;q=0.1, deflate; x=y; q=0.5", Some(Coding::Deflate));
        check("*;q=0, gzip;q=0.750, deflate;q=0.500", Some(Coding::Gzip));
        check("*", Some(Coding::Gzip));
        check("gzip;q=0", None);
        check("br, zstd", None);
        check("", None);
    }

    #[test]
    fn old_browsers_get_nothing() {
        let check = |agent: &str, expected| assert_eq!(is_broken(agent.as_bytes()), expected);
        check("Mozilla/4", true);
        check("Mozilla/5.0 (X11)", false);
        check("Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 5.1)", false);
        check("Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)", true);
        check(
            "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1)",
            false,
        );
    }

    #[test]
    fn what_may_be_transformed() {
        let check = |headers: &str, types: &[&str], expected| {
            let mut head = ResponseHead::default();
            let text = format!("HTTP/1.1 200 OK\r\n{headers}\r\n\r\n");
            head.parse(text.as_bytes(), LIMITS).unwrap();
            let types: Vec<Box<[u8]>> = types.iter().map(|t| t.as_bytes().into()).collect();
            assert_eq!(is_suitable(&head, &types), expected, "{headers}");
        };
        check("content-type: text/html; charset=utf-8", &["text/"], true);
        check("content-type: image/png", &["text/"], false);
        check("content-type: Multipart/mixed", &[], false);
        check("x: y", &[], true);
        check("x: y", &["text/"], false);
        check("content-encoding: br", &[], false);
        check("cache-control: max-age=1, no-transform", &[], false);
        check("etag: \"a\"", &[], true);
        check("etag: W/\"a\"", &[], true);
        check("etag: a", &[], false);
        check("etag: \"a\"\r\netag: \"b\"", &[], false);
    }

    /// What a client makes of a body sent in these pieces.
    fn through(coding: Coding, pieces: &[&[u8]]) -> Vec<u8> {
        let buffers = BufferPool::new(70_000, 2);
        let mut tx = Transaction::new();
        let mut shelf = Compressors::default();
        let mut recoder = Recoder::new(coding, &mut shelf);
        let mut chunks = Vec::new();
        let length: usize = pieces.iter().map(|piece| piece.len()).sum();
        tx.download.expect(Body::Length(length as u64));
        for piece in pieces {
            tx.download.room(&buffers).append(piece);
            tx.download.decode().unwrap();
            recoder.pump(&mut tx.download, &mut chunks);
        }
        recoder.pump(&mut tx.download, &mut chunks);
        recoder.finish(&mut shelf);
        unchunk(&chunks)
    }

    fn unchunk(mut chunks: &[u8]) -> Vec<u8> {
        let mut whole = Vec::new();
        loop {
            let end = chunks.iter().position(|&b| b == b'\r').unwrap();
            let size = std::str::from_utf8(&chunks[..end]).unwrap();
            let size = usize::from_str_radix(size, 16).unwrap();
            if size == 0 {
                assert_eq!(&chunks[end..], b"\r\n\r\n");
                return whole;
            }
            whole.extend_from_slice(&chunks[end + 2..end + 2 + size]);
            chunks = &chunks[end + 2 + size + 2..];
        }
    }

    #[test]
    fn what_goes_in_comes_out() {
        let noise: Vec<u8> = (0..60_000u32)
            .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect();
        let cases: [&[&[u8]]; 3] = [&[b"hello"], &[b"hello ", b"world"], &[&noise]];
        for pieces in cases {
            let plain = pieces.concat();
            let mut read = Vec::new();
            let sent = through(Coding::Gzip, pieces);
            flate2::read::GzDecoder::new(&*sent)
                .read_to_end(&mut read)
                .unwrap();
            assert_eq!(read, plain);
            read.clear();
            let sent = through(Coding::Deflate, pieces);
            flate2::read::ZlibDecoder::new(&*sent)
                .read_to_end(&mut read)
                .unwrap();
            assert_eq!(read, plain);
            read.clear();
            let sent = through(Coding::RawDeflate, pieces);
            flate2::read::DeflateDecoder::new(&*sent)
                .read_to_end(&mut read)
                .unwrap();
            assert_eq!(read, plain);
            assert_eq!(through(Coding::Identity, pieces), plain);
        }
    }
}
