//! What content rules look at: bytes that were received and not forwarded yet.
//!
//! A fetch that needs more of them than there are says so with [`Content::wait`], which a
//! condition that is [decided](super::condition::Condition::decide) turns into "not yet" while
//! more may come. Other evaluations never look: what is not there has no value. Deliberately
//! absent: how long to wait, and for what (that is `proxy::content`).

use std::cell::Cell;

/// The bytes of one direction, at one moment.
#[derive(Debug)]
pub struct Content<'a> {
    /// Received and not forwarded; `None` in HTTP mode, where messages have been read already.
    bytes: Option<&'a [u8]>,
    /// Most bytes there can be before some are forwarded.
    limit: usize,
    /// What is there now is all that rules will see.
    settled: bool,
    /// The bytes may become an HTTP request once more of them are there.
    may_be_http: bool,
    missing: Cell<bool>,
}

impl<'a> Content<'a> {
    /// What was received so far, at most `limit` bytes. `settled`: nothing more is waited for.
    pub fn raw(bytes: &'a [u8], limit: usize, settled: bool) -> Self {
        Self {
            bytes: Some(bytes),
            limit,
            settled,
            may_be_http: false,
            missing: Cell::new(false),
        }
    }

    /// A message that was read already, and of which no bytes can be seen.
    pub fn message(settled: bool) -> Self {
        Self {
            bytes: None,
            limit: 0,
            settled,
            may_be_http: false,
            missing: Cell::new(false),
        }
    }

    /// The bytes are the start of what may be an HTTP request.
    #[must_use]
    pub fn may_be_http(self, may_be_http: bool) -> Self {
        Self {
            may_be_http,
            ..self
        }
    }

    /// The bytes received so far.
    pub fn bytes(&self) -> Option<&'a [u8]> {
        self.bytes
    }

    /// Most bytes there can be.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Whether nothing more is waited for.
    pub fn is_settled(&self) -> bool {
        self.settled
    }

    /// There is no value, but may be one once more has arrived.
    pub fn wait<T>(&self) -> Option<T> {
        self.change();
        None
    }

    /// The value may be another one once more has arrived.
    pub fn change(&self) {
        self.may_change(true);
    }

    /// Whether it may: a converter can know better than the fetch before it.
    pub fn may_change(&self, may_change: bool) {
        self.missing.set(may_change && !self.settled);
    }

    /// Runs `test`; whether it holds, or `None` if that may change. `on_request` tells that the
    /// test reads an HTTP request.
    pub(super) fn decide(&self, on_request: bool, test: impl FnOnce() -> bool) -> Option<bool> {
        self.missing
            .set(on_request && self.may_be_http && !self.settled);
        match test() {
            true => Some(true),
            false if self.missing.get() => None,
            false => Some(false),
        }
    }
}
