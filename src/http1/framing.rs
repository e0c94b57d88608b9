//! What a head's own headers say about its body and its connection (RFC 9112 §6, §9).

use super::class::{elements, parse_decimal};
use super::error::HeadError;
use super::head::Version;
use super::headers::{Headers, Kind, Kinds, Slice};

/// How a body is delimited in the head.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Framing {
    /// Neither Content-Length nor Transfer-Encoding: no request body; a response's ends with
    /// the connection.
    #[default]
    Nothing,
    /// `content-length`, in bytes.
    Length(u64),
    /// `transfer-encoding: chunked`.
    Chunked,
}

/// What one call of [`Body::advance`](super::Body::advance) made of the buffer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Framed {
    /// Bytes at the front of the buffer that are used up and must not be forwarded.
    pub skip: usize,
    /// Bytes after those that are ready to forward, as they are.
    pub ready: usize,
    /// Whether the message ends with them.
    pub done: bool,
}

/// What the Connection headers say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ConnectionOptions {
    pub(super) close: bool,
    pub(super) keep_alive: bool,
    pub(super) upgrade: bool,
}

impl ConnectionOptions {
    /// Whether the sender lets the connection live on (RFC 9112 §9.3).
    pub(super) fn persists(self, version: Version) -> bool {
        !self.close && (version == Version::Http11 || self.keep_alive)
    }
}

/// Most other headers that Connection may name: looking each up has a price.
const MAX_NAMED: usize = 32;

/// Reads the framing headers and leaves at most one of them, in its canonical form.
pub(super) fn read_framing(
    headers: &mut Headers,
    kinds: Kinds,
    version: Version,
) -> Result<Framing, HeadError> {
    if kinds.has(Kind::TransferEncoding) {
        // RFC 9112 §6.1: an intermediary cannot tell which of the two the next hop obeys.
        if kinds.has(Kind::ContentLength) || version == Version::Http10 {
            return Err(HeadError::Framing);
        }
        check_codings(headers)?;
        headers.unify(Kind::TransferEncoding, b"chunked");
        return Ok(Framing::Chunked);
    }
    if !kinds.has(Kind::ContentLength) {
        return Ok(Framing::Nothing);
    }
    let length = read_length(headers).ok_or(HeadError::Framing)?;
    headers.unify(Kind::ContentLength, Decimal::new(length).as_bytes());
    Ok(Framing::Length(length))
}

/// The list of all lines must be `chunked`, once and alone.
fn check_codings(headers: &Headers) -> Result<(), HeadError> {
    let codings = || headers.values_of(Kind::TransferEncoding).flat_map(elements);
    let is_chunked = |coding: &[u8]| coding.eq_ignore_ascii_case(b"chunked");
    let times = codings().filter(|coding| is_chunked(coding)).count();
    let ends = codings().last().is_some_and(is_chunked);
    if times != 1 || !ends || codings().any(<[u8]>::is_empty) {
        return Err(HeadError::Framing);
    }
    if codings().count() > 1 {
        return Err(HeadError::UnknownCoding);
    }
    Ok(())
}

/// All lines and list elements must be the same number (RFC 9112 §6.3, rule 5).
fn read_length(headers: &Headers) -> Option<u64> {
    let mut lengths = headers
        .values_of(Kind::ContentLength)
        .flat_map(elements)
        .map(parse_decimal);
    let first = lengths.next()??;
    lengths.all(|other| other == Some(first)).then_some(first)
}

/// Reads the Connection headers and holds back those they name (RFC 9110 §7.6.1). Only received
/// headers are held: a client cannot name away what a rule adds later.
pub(super) fn read_connection(
    headers: &mut Headers,
    kinds: Kinds,
) -> Result<ConnectionOptions, HeadError> {
    let mut options = ConnectionOptions::default();
    if !kinds.has(Kind::Connection) {
        return Ok(options);
    }
    let mut named = [Slice::default(); MAX_NAMED];
    let mut count = 0;
    for value in headers.values_of(Kind::Connection) {
        for option in elements(value) {
            if option.eq_ignore_ascii_case(b"keep-alive") {
                options.keep_alive = true;
            } else if option.eq_ignore_ascii_case(b"close") {
                options.close = true;
            } else if option.eq_ignore_ascii_case(b"upgrade") {
                options.upgrade = true;
            } else if !option.is_empty() {
                let name = Slice::within(&headers.text, option);
                *named.get_mut(count).ok_or(HeadError::Syntax)? = name;
                count += 1;
            }
        }
    }
    for name in named.iter().take(count) {
        headers.hold(*name);
    }
    Ok(options)
}

/// Whether the Upgrade headers offer something to tunnel. HTTP/2 in clear text is never taken
/// up: after it, nothing of the connection would be seen by rules.
pub(super) fn offers_upgrade(headers: &Headers) -> bool {
    let mut protocols = headers.values_of(Kind::Upgrade).flat_map(elements);
    let Some(first) = protocols.next().filter(|first| !first.is_empty()) else {
        return false;
    };
    let is_http2 = |protocol: &[u8]| {
        protocol.eq_ignore_ascii_case(b"h2c") || protocol.eq_ignore_ascii_case(b"h2")
    };
    !is_http2(first) && !protocols.any(is_http2)
}

/// A number's decimal digits, without allocating.
pub(super) struct Decimal {
    digits: [u8; 20],
    start: usize,
}

impl Decimal {
    pub(super) fn new(mut number: u64) -> Self {
        let mut digits = [b'0'; 20];
        let mut start = digits.len();
        for (at, digit) in digits.iter_mut().enumerate().rev() {
            // The remainder is below ten.
            *digit = b'0' + (number % 10) as u8;
            start = at;
            number /= 10;
            if number == 0 {
                break;
            }
        }
        Self { digits, start }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.digits.get(self.start..).unwrap_or(&[])
    }
}
