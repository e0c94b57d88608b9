//! Message bodies: how many bytes belong to one, decoded in place.

use super::chunked::Chunked;
use super::error::BodyError;
use super::framing::{Framed, Framing};

/// The state of one message body being relayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// There is none, or it has ended.
    Done,
    /// This many bytes are still to come, at least one.
    Length(u64),
    /// Chunked.
    Chunked(Chunked),
    /// Until the peer closes: a response without a length, or a tunnel.
    UntilClose,
}

impl Body {
    pub(super) fn of(framing: Framing, unframed: Self) -> Self {
        match framing {
            Framing::Nothing => unframed,
            Framing::Length(0) => Self::Done,
            Framing::Length(length) => Self::Length(length),
            Framing::Chunked => Self::Chunked(Chunked::default()),
        }
    }

    /// The same body, of which only the data is wanted: for a peer that reads no chunks. Trailers
    /// are checked and dropped.
    #[must_use]
    pub fn unframed(self) -> Self {
        match self {
            Self::Chunked(chunked) => Self::Chunked(chunked.unframed()),
            other => other,
        }
    }

    /// Decodes what it can of `input`, rewriting in place so that everything to forward is
    /// contiguous: after the call `input[skip..skip + ready]` is to be forwarded, and undecoded
    /// input starts at `skip + ready`.
    ///
    /// An unfinished chunk line or trailer is left undecoded until its end is there. A buffer
    /// that is full with one must be given up: [`super::MAX_CHUNK_LINE`] and
    /// [`super::MAX_TRAILERS`] say how long they get.
    ///
    /// # Errors
    /// When the framing is not exactly RFC 9112 §7.1. Nothing more is to be forwarded then.
    pub fn advance(&mut self, input: &mut [u8]) -> Result<Framed, BodyError> {
        match self {
            Self::Chunked(chunked) => {
                let framed = chunked.advance(input)?;
                if framed.done {
                    *self = Self::Done;
                }
                Ok(framed)
            }
            _ => {
                let whole = u64::try_from(input.len()).unwrap_or(u64::MAX);
                let ready = whole.min(self.raw_bytes());
                self.consume_raw(ready);
                Ok(Framed {
                    skip: 0,
                    // At most `input.len()`.
                    ready: ready as usize,
                    done: self.is_done(),
                })
            }
        }
    }

    /// Whether it goes out as chunks.
    pub fn is_chunked(&self) -> bool {
        matches!(self, Self::Chunked(chunked) if chunked.is_framed())
    }

    /// Whether it has ended.
    pub fn is_done(&self) -> bool {
        *self == Self::Done
    }

    /// Whether the peer's closing now is the body's proper end, and not a truncation.
    pub fn may_end_at_close(&self) -> bool {
        matches!(self, Self::Done | Self::UntilClose)
    }

    /// Bytes that may be moved on without looking at them, as splice does: all that is left, the
    /// rest of a chunk, or `u64::MAX` until close. 0 when the next bytes must be looked at.
    pub fn raw_bytes(&self) -> u64 {
        match self {
            Self::Done => 0,
            Self::Length(left) => *left,
            Self::Chunked(chunked) => chunked.data_left(),
            Self::UntilClose => u64::MAX,
        }
    }

    /// Counts bytes that were moved on, at most [`Self::raw_bytes`] of them.
    pub fn consume_raw(&mut self, bytes: u64) {
        debug_assert!(bytes <= self.raw_bytes());
        match self {
            Self::Length(left) if *left <= bytes => *self = Self::Done,
            Self::Length(left) => *left -= bytes,
            Self::Chunked(chunked) => chunked.consume(bytes),
            Self::Done | Self::UntilClose => {}
        }
    }
}
