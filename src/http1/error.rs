//! What can be wrong with a peer's bytes, or with an edit.

/// Why a head was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadError {
    /// Not HTTP, a byte that must not be there, or a missing, repeated, malformed or
    /// contradicting host.
    Syntax,
    /// Framing is ambiguous: Content-Length / Transfer-Encoding rules of RFC 9112 §6.
    Framing,
    /// More than `tune.http.maxhdr` headers.
    TooManyHeaders,
    /// The head does not fit the buffer.
    TooLarge,
    /// The request line alone does not fit the buffer.
    TargetTooLong,
    /// A version other than HTTP/1.0 and HTTP/1.1.
    Version,
    /// A transfer coding other than `chunked`, which the proxy cannot frame.
    UnknownCoding,
}

/// Why a body was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// A chunk size, extension or terminator that is not RFC 9112 §7.1, or chunks that are
    /// almost nothing but extensions.
    Chunk,
    /// A chunk size over 2^60.
    ChunkTooLarge,
    /// Malformed trailers, or more than the limits allow.
    Trailers,
    /// A chunk line longer than [`super::MAX_CHUNK_LINE`].
    LineTooLong,
}

/// Why a head was not edited. It is left as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditError {
    /// A method or a header name that is not a token.
    Name,
    /// A value with a control byte, or a Host that is none.
    Value,
    /// Not a target that this method could have.
    Target,
    /// A status that would change whether a body follows.
    Status,
    /// The head would outgrow its bound; see [`super::Headers::set_bound`].
    NoRoom,
}
