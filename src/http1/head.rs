//! What request and response heads share: bounds, versions, methods, finding the end.

use super::error::HeadError;
use super::headers::MAX_TEXT;
use std::mem::MaybeUninit;

/// The versions spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// HTTP/1.0
    Http10,
    /// HTTP/1.1
    #[default]
    Http11,
}

/// The methods the proxy has to tell apart, and the other usual ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Method {
    /// GET
    #[default]
    Get,
    /// HEAD
    Head,
    /// POST
    Post,
    /// PUT
    Put,
    /// DELETE
    Delete,
    /// CONNECT
    Connect,
    /// OPTIONS
    Options,
    /// TRACE
    Trace,
    /// PATCH (RFC 5789)
    Patch,
    /// Any other token; see [`super::RequestHead::method`].
    Other,
}

impl Method {
    /// The method a token names. Case matters (RFC 9110 §9.1).
    pub fn of(token: &[u8]) -> Self {
        match token {
            b"GET" => Self::Get,
            b"HEAD" => Self::Head,
            b"POST" => Self::Post,
            b"PUT" => Self::Put,
            b"DELETE" => Self::Delete,
            b"CONNECT" => Self::Connect,
            b"OPTIONS" => Self::Options,
            b"TRACE" => Self::Trace,
            b"PATCH" => Self::Patch,
            _ => Self::Other,
        }
    }

    /// Whether a request may be sent again when it is unknown if the server saw it
    /// (RFC 9110 §9.2.2).
    pub const fn is_idempotent(self) -> bool {
        !matches!(self, Self::Post | Self::Patch | Self::Connect | Self::Other)
    }
}

/// Which rules a request must keep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strictness {
    /// All.
    #[default]
    Full,
    /// Its target may have `#` and bytes beyond ASCII, and be for another host than Host says
    /// (`option accept-unsafe-violations-in-http-request`).
    Relaxed,
}

/// Bounds of a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadLimits {
    /// Most bytes of a head: `tune.bufsize - tune.maxrewrite`.
    pub max_size: usize,
    /// Most headers: `tune.http.maxhdr`.
    pub max_headers: usize,
}

impl HeadLimits {
    /// The part of the input that may be looked at: judging nothing beyond it makes the outcome
    /// independent of how much was read at once.
    pub(super) fn window(self, input: &[u8]) -> &[u8] {
        let len = input.len().min(self.max_size).min(MAX_TEXT);
        input.get(..len).unwrap_or(input)
    }

    /// The outcome when `window` holds no complete head.
    pub(super) fn incomplete(self, window: &[u8]) -> Result<Option<usize>, HeadError> {
        if window.len() < self.max_size.min(MAX_TEXT) {
            Ok(None)
        } else {
            Err(HeadError::TooLarge)
        }
    }
}

/// Most empty lines skipped before a head. RFC 9112 §2.2 asks for at least one.
const MAX_EMPTY_LINES: usize = 8;

/// Bytes of empty lines at the front, or `None` when that cannot be said yet.
pub(super) fn skip_empty_lines(input: &[u8]) -> Result<Option<usize>, HeadError> {
    let mut rest = input;
    for _ in 0..MAX_EMPTY_LINES {
        match rest {
            [b'\r', b'\n', more @ ..] => rest = more,
            [] | [b'\r'] => return Ok(None),
            [b'\r' | b'\n', ..] => return Err(HeadError::Syntax),
            _ => break,
        }
    }
    match rest.first() {
        Some(b'\r' | b'\n') => Err(HeadError::Syntax),
        Some(_) => Ok(Some(input.len() - rest.len())),
        None => Ok(None),
    }
}

/// Headers found without allocating; more than that takes a second attempt.
const STACK_HEADERS: usize = 128;

/// Runs `attempt` with room for `max_headers`.
pub(super) fn with_room<'b, T>(
    max_headers: usize,
    mut attempt: impl FnMut(&mut [MaybeUninit<httparse::Header<'b>>]) -> Result<T, HeadError>,
) -> Result<T, HeadError> {
    let mut room = [const { MaybeUninit::uninit() }; STACK_HEADERS];
    let usable = max_headers.min(STACK_HEADERS);
    match attempt(room.get_mut(..usable).unwrap_or_default()) {
        Err(HeadError::TooManyHeaders) if max_headers > STACK_HEADERS => {
            attempt(&mut vec![MaybeUninit::uninit(); max_headers])
        }
        outcome => outcome,
    }
}

impl From<httparse::Error> for HeadError {
    fn from(error: httparse::Error) -> Self {
        match error {
            httparse::Error::TooManyHeaders => Self::TooManyHeaders,
            httparse::Error::Version => Self::Version,
            _ => Self::Syntax,
        }
    }
}

/// httparse's minor version.
pub(super) fn version_of(minor: Option<u8>) -> Version {
    if minor == Some(0) {
        Version::Http10
    } else {
        Version::Http11
    }
}
