//! Request and response heads: parsed once, edited in place, written canonically.
//!
//! A head owns its text: the received bytes followed by whatever edits appended. Headers are
//! slots of (name, value) ranges into it, so that an edit is a small append and a changed slot.
//! The vectors keep their capacity between messages: in steady state nothing is allocated.

use super::body::Body;
use super::error::HeadError;

/// The versions spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// HTTP/1.0
    Http10,
    /// HTTP/1.1
    #[default]
    Http11,
}

/// Bounds of a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadLimits {
    /// Most bytes of a head: `tune.bufsize - tune.maxrewrite`.
    pub max_size: usize,
    /// Most headers: `tune.http.maxhdr`.
    pub max_headers: usize,
}

/// One header as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    /// Its name in the sender's case.
    pub name: &'a [u8],
    /// Its value without surrounding blanks.
    pub value: &'a [u8],
}

/// A range of `text`.
#[derive(Clone, Copy, Debug, Default)]
struct Slice {
    start: u32,
    len: u32,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    name: Slice,
    value: Slice,
}

/// A request head.
#[derive(Clone, Debug, Default)]
pub struct RequestHead {
    text: Vec<u8>,
    slots: Vec<Slot>,
    method: Slice,
    target: Slice,
    version: Version,
}

/// A response head.
#[derive(Clone, Debug, Default)]
pub struct ResponseHead {
    text: Vec<u8>,
    slots: Vec<Slot>,
    status: u16,
    reason: Slice,
    version: Version,
}

impl RequestHead {
    /// Parses a head at the front of `input`, replacing what `self` held.
    ///
    /// `Ok(None)` means more bytes are needed; `Ok(Some(n))` that the head took `n` bytes.
    ///
    /// # Errors
    /// Any deviation from RFC 9112 §2-5 that could be read in two ways.
    pub fn parse(
        &mut self,
        _input: &[u8],
        _limits: HeadLimits,
    ) -> Result<Option<usize>, HeadError> {
        let _ = (
            &self.text,
            &self.slots,
            self.method,
            self.target,
            self.version,
        );
        unimplemented!()
    }

    /// The body that follows, from Content-Length and Transfer-Encoding.
    pub fn body(&self) -> Body {
        unimplemented!()
    }
}

impl ResponseHead {
    /// Parses a head at the front of `input`, replacing what `self` held.
    ///
    /// # Errors
    /// As for requests.
    pub fn parse(
        &mut self,
        _input: &[u8],
        _limits: HeadLimits,
    ) -> Result<Option<usize>, HeadError> {
        let _ = (
            &self.text,
            &self.slots,
            self.status,
            self.reason,
            self.version,
        );
        unimplemented!()
    }
}

impl Slice {
    #[allow(dead_code, reason = "skeleton")]
    fn of(self, text: &[u8]) -> &[u8] {
        let start = self.start as usize;
        text.get(start..start + self.len as usize).unwrap_or(&[])
    }
}

impl Slot {
    #[allow(dead_code, reason = "skeleton")]
    fn header(self, text: &[u8]) -> Header<'_> {
        Header {
            name: self.name.of(text),
            value: self.value.of(text),
        }
    }
}
