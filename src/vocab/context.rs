//! What an expression, a condition, a log format or an action can see at run time.

use crate::clock::Clock;
use crate::http1::{RequestHead, ResponseHead};
use crate::net::ConnFacts;
use crate::observe::Record;
use bytes::Bytes;

/// Names of the places a stream went through, for logs and fetches.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// The frontend's name.
    pub frontend: &'a str,
    /// The bind line's `name`, or its address text.
    pub listener: &'a str,
    /// The listener's numeric id (stands for the port of UNIX clients).
    pub listener_id: u32,
    /// The backend's name, or the frontend's before one is chosen.
    pub backend: &'a str,
    /// The server's name; `<NOSRV>` is printed when absent.
    pub server: Option<&'a str>,
    /// The server's id.
    pub server_id: u32,
}

/// Read-only view of one stream. Copy it freely.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The client connection.
    pub conn: &'a ConnFacts,
    /// The request head, once complete and while known.
    pub request: Option<&'a RequestHead>,
    /// The response head, once complete.
    pub response: Option<&'a ResponseHead>,
    /// What happened so far.
    pub record: &'a Record,
    /// Where it happened.
    pub names: Names<'a>,
    /// The process's clock.
    pub clock: &'a Clock,
}

/// A complete answer made by the proxy: an error page, a redirect, a `return`.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    /// Status line and headers; `content-length` is written by the proxy from `body`.
    pub head: ResponseHead,
    /// The body.
    pub body: Bytes,
}

/// What an `http-request` or `http-response` action decided.
#[derive(Debug)]
pub enum Verdict {
    /// Go on with the next rule.
    Continue,
    /// Stop this rule set, the message is accepted (`allow`).
    Allow,
    /// Answer with the proxy's error page of this status (`deny`); counted as denied.
    Deny(u16),
    /// Answer with this (`return`, `redirect`).
    Reply(Box<Reply>),
    /// The action failed (e.g. no room): 500 with `PR`, as `strict-mode` says.
    Failed,
}

/// What an action may change. Exactly one of the two heads is being worked on.
#[derive(Debug)]
pub struct ActionContext<'a> {
    /// The client connection.
    pub conn: &'a ConnFacts,
    /// The request; readable in response rules too.
    pub request: &'a mut RequestHead,
    /// The response, in response rules.
    pub response: Option<&'a mut ResponseHead>,
    /// What happened so far.
    pub record: &'a Record,
    /// Where.
    pub names: Names<'a>,
    /// The process's clock.
    pub clock: &'a Clock,
    /// Room for values being made; cleared by whoever uses it.
    pub scratch: &'a mut Vec<u8>,
}

impl ActionContext<'_> {
    /// The read-only view of the same stream.
    pub fn view(&self) -> Context<'_> {
        Context {
            conn: self.conn,
            request: Some(self.request),
            response: self.response.as_deref(),
            record: self.record,
            names: self.names,
            clock: self.clock,
        }
    }
}
