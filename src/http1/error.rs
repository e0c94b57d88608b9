//! What can be wrong with a peer's bytes.

/// Why a head was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadError {
    /// Not HTTP, or a byte that must not be there.
    Syntax,
    /// Framing is ambiguous: Content-Length / Transfer-Encoding rules of RFC 9112 §6.
    Framing,
    /// More than `tune.http.maxhdr` headers.
    TooManyHeaders,
    /// The head does not fit the buffer.
    TooLarge,
    /// A target longer than the buffer allows.
    TargetTooLong,
    /// A version other than HTTP/1.0 and HTTP/1.1.
    Version,
    /// A transfer coding other than `chunked`, which the proxy cannot frame.
    UnknownCoding,
}

/// Why a body was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// A chunk size, extension or terminator that is not RFC 9112 §7.1.
    Chunk,
    /// A chunk size over 2^60.
    ChunkTooLarge,
    /// Malformed trailers, or more than the limits allow.
    Trailers,
    /// A chunk line longer than the buffer.
    LineTooLong,
}
