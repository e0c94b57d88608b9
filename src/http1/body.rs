//! Message bodies: how many bytes belong to one, decoded in place.

use super::error::BodyError;

/// The state of one message body being relayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// There is none, or it has ended.
    Done,
    /// This many bytes are still to come.
    Length(u64),
    /// Chunked; see `Chunked` for the state. (To be refined by the implementation.)
    Chunked,
    /// Until the peer closes: a response without a length, or a tunnel.
    UntilClose,
}

/// What one call of [`Body::advance`] made of the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Framed {
    /// Bytes at the front of the buffer that are used up and must not be forwarded.
    pub skip: usize,
    /// Bytes after those that are ready to forward, as they are.
    pub ready: usize,
    /// Whether the message ends with them.
    pub done: bool,
}

impl Body {
    /// Decodes what it can of `input`, rewriting in place so that everything to forward is
    /// contiguous: after the call `input[skip..skip + ready]` is to be forwarded, and undecoded
    /// input starts at `skip + ready`.
    ///
    /// # Errors
    /// When the framing is not exactly RFC 9112 §7.1.
    pub fn advance(&mut self, _input: &mut [u8]) -> Result<Framed, BodyError> {
        unimplemented!()
    }
}
