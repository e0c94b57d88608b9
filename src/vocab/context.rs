//! What an expression, a condition, a log format or an action can see at run time.

use super::content::Content;
use crate::clock::{Clock, Millis};
use crate::http1::{RequestHead, ResponseHead};
use crate::net::{ConnFacts, Stream};
use crate::observe::Record;
use crate::observe::stats::metrics::Query;
use crate::protect::Holds;
use crate::settings::{Mode, Reply};
use crate::table::Tracks;
use crate::vocab::format::Format;
use crate::vocab::state::State;
use crate::vocab::variable::Vars;
use std::cell::Cell;
use std::sync::Arc;

/// Names of the places a stream went through, for logs and fetches.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// The frontend's name.
    pub frontend: &'a str,
    /// The frontend's mode.
    pub mode: Mode,
    /// The frontend's id.
    pub frontend_id: u32,
    /// Its index in the configuration.
    pub frontend_index: u32,
    /// The bind line's `name`, empty if it has none.
    pub listener: &'a str,
    /// The listener's numeric id (stands for the port of UNIX clients).
    pub listener_id: u32,
    /// Connections of the listener now.
    pub listener_conns: u32,
    /// The backend's name, or the frontend's before one is chosen.
    pub backend: &'a str,
    /// The backend's id, or the frontend's before one is chosen.
    pub backend_id: u32,
    /// The backend's index in the configuration, once one is chosen.
    pub backend_index: Option<u32>,
    /// The server's name; `<NOSRV>` is printed when absent.
    pub server: Option<&'a str>,
    /// The server's id.
    pub server_id: u32,
    /// What makes the request's unique id, if the frontend says.
    pub unique_id: Option<&'a Format>,
}

/// The part of a message's body that is in the buffer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Payload<'a> {
    /// As it will be forwarded.
    pub bytes: &'a [u8],
    /// Whether chunk sizes stand between the data.
    pub chunked: bool,
    /// The announced length, if there is one.
    pub announced: Option<u64>,
}

impl<'a> Payload<'a> {
    /// How many bytes of data there are.
    pub fn len(self) -> usize {
        self.data().map(<[u8]>::len).sum()
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The data alone, in order.
    pub fn data(self) -> impl Iterator<Item = &'a [u8]> {
        let plain = (!self.chunked).then_some(self.bytes);
        let chunks = self.chunked.then(|| chunk_data(self.bytes));
        plain.into_iter().chain(chunks.into_iter().flatten())
    }
}

/// The data of chunks that were checked when they were decoded. The buffer may begin in the
/// middle of none: it holds the body from its start.
fn chunk_data(mut rest: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let line = memchr::memchr(b'\n', rest)?;
        let size = rest
            .get(..line)?
            .iter()
            .map_while(|&byte| (byte as char).to_digit(16));
        let size = size.fold(0_usize, |size, digit| {
            size.saturating_mul(16).saturating_add(digit as usize)
        });
        let after = rest.get(line + 1..)?;
        let data = after.get(..size.min(after.len()))?;
        rest = after.get(data.len() + 2..).unwrap_or_default();
        (size > 0).then_some(data)
    })
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
    /// What was received and not forwarded, while rules look at that.
    pub content: Option<&'a Content<'a>>,
    /// What has arrived of the request's body.
    pub request_body: Payload<'a>,
    /// What has arrived of the response's body.
    pub response_body: Payload<'a>,
    /// What happened so far.
    pub record: &'a Record,
    /// Where it happened.
    pub names: Names<'a>,
    /// The process's clock.
    pub clock: &'a Clock,
    /// Its variables.
    pub vars: Vars<'a>,
    /// What it and its connection track.
    pub tracks: Tracks<'a>,
    /// The running process.
    pub state: &'a dyn State,
    /// Room for values being made.
    pub scratch: &'a Scratch,
}

/// Room for values that expressions make: owned by a worker or a connection, kept between uses.
///
/// A user takes buffers and gives them back. Nested uses of texts each have their own; whoever
/// takes an expression's buffers meanwhile gets none, so that nesting costs an allocation instead
/// of a panic.
#[derive(Default)]
pub struct Scratch {
    buffers: Cell<Vec<Vec<u8>>>,
    texts: Cell<Vec<Vec<u8>>>,
}

impl Scratch {
    /// No room yet; it grows with use and stays.
    pub const fn new() -> Self {
        Self {
            buffers: Cell::new(Vec::new()),
            texts: Cell::new(Vec::new()),
        }
    }

    /// The buffers of an expression's links.
    pub(super) fn take(&self) -> Vec<Vec<u8>> {
        self.buffers.take()
    }

    pub(super) fn give(&self, buffers: Vec<Vec<u8>>) {
        self.buffers.set(buffers);
    }

    /// An empty buffer for a whole text, such as a header's new value.
    pub(super) fn take_text(&self) -> Vec<u8> {
        let mut texts = self.texts.take();
        let mut text = texts.pop().unwrap_or_default();
        self.texts.set(texts);
        text.clear();
        text
    }

    pub(super) fn give_text(&self, text: Vec<u8>) {
        let mut texts = self.texts.take();
        texts.push(text);
        self.texts.set(texts);
    }
}

impl std::fmt::Debug for Scratch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scratch")
    }
}

/// Headers that are added to an answer: names and values.
pub type ExtraHeaders = Vec<(Box<[u8]>, Box<[u8]>)>;

/// What an action decided.
#[derive(Debug)]
pub enum Verdict {
    /// Go on with the next rule.
    Continue,
    /// Stop this rule set, the message is accepted (`allow`, `accept`).
    Allow,
    /// Answer with the proxy's error page of this status (`deny`); counted as denied.
    Deny(u16),
    /// Answer with this own reply of a `deny` line; counted as denied.
    DenyWith(Box<Reply>),
    /// Answer with the proxy's error page of this status and these headers; counted as denied.
    DenyPage(u16, ExtraHeaders),
    /// Go on in the backend at this index, in breakers' lines.
    SendTo(u32),
    /// Close without a byte (a `deny` with an empty errorfile); counted as denied.
    DenySilently,
    /// Answer with the proxy's error page of this status (`return … default-errorfiles`); not
    /// counted as denied.
    ReplyPage(u16),
    /// Answer with this (`return`, `redirect`).
    Reply(Box<Reply>),
    /// Answer with metrics (`use-service prometheus-exporter`).
    Metrics(Box<Query>),
    /// Close the client connection without an answer (`reject`); counted as denied.
    Reject,
    /// Close the client connection so that it does not notice (`silent-drop`): the last segment
    /// lives for this many hops. Counted as denied.
    SilentDrop(u8),
    /// Close the server connection (`tcp-response … close`).
    CloseServer,
    /// Read a PROXY header before anything else (`expect-proxy`), and go on.
    ExpectProxy,
    /// Go on as HTTP, in rules on content of a TCP frontend.
    SwitchToHttp,
    /// Come again when more was received, in rules on content.
    Incomplete,
    /// The action failed (e.g. no room): 500 with `PR`, as `strict-mode` says.
    Failed,
    /// The answer that ends the stream cannot be made: 500, also with `strict-mode off`, since
    /// who is refused or sent elsewhere must not get through.
    Unanswerable,
    /// The request turned out to be wrong: 400.
    Invalid,
    /// Refuse with this after `timeout tarpit`.
    Tarpit(Box<Verdict>),
    /// Answer with the proxy's page for 401 and ask for credentials of this realm.
    Challenge(Arc<[u8]>),
    /// Go on with the next rule once this is over.
    Wait(Wait),
    /// Go on with the next rule, and send the hints that were noted unless it adds to them.
    Hint,
}

/// What a rule waits for before the next one runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// So many milliseconds.
    Pause(u64),
    /// The message's body, or as much as the buffer holds.
    Body {
        /// How long, in milliseconds.
        timeout_ms: u64,
        /// So many bytes are enough; 0 waits for all.
        at_least: usize,
    },
}

/// What an action may change. At most one of the two heads is being worked on.
#[derive(Debug)]
pub struct ActionContext<'a> {
    /// The client connection.
    pub conn: &'a mut ConnFacts,
    /// Its socket, for the options that actions set.
    pub socket: Option<&'a Stream>,
    /// The request; readable in response rules too.
    pub request: &'a mut RequestHead,
    /// Whether the request was read. Without it, `request` is empty and of no meaning.
    pub has_request: bool,
    /// The response, in response rules.
    pub response: Option<&'a mut ResponseHead>,
    /// What was received and not forwarded, in content rules.
    pub content: Option<&'a Content<'a>>,
    /// What has arrived of the request's body.
    pub request_body: Payload<'a>,
    /// What has arrived of the response's body.
    pub response_body: Payload<'a>,
    /// What happened so far; rules note captures and wishes here.
    pub record: &'a Record,
    /// Where.
    pub names: Names<'a>,
    /// The process's clock.
    pub clock: &'a Clock,
    /// Its variables.
    pub vars: Vars<'a>,
    /// What it and its connection track.
    pub tracks: Tracks<'a>,
    /// What it holds of limits and breakers.
    pub holds: &'a Holds,
    /// The running process.
    pub state: &'a dyn State,
    /// Room for values being made.
    pub scratch: &'a Scratch,
}

impl<'a> Context<'a> {
    /// The time.
    pub fn now(&self) -> Millis {
        self.clock.now()
    }

    /// Says whether what was read of the content may be another value once more has arrived.
    pub fn may_change(&self, may_change: bool) {
        if let Some(content) = self.content {
            content.may_change(may_change);
        }
    }

    /// The request's unique id, made when it is first asked for.
    pub fn unique_id(&self) -> Option<&'a [u8]> {
        let format = self.names.unique_id?;
        Some(self.record.unique_id.get_or_init(|| {
            let mut text = Vec::new();
            format.render(self, &mut text);
            text.into()
        }))
    }
}

impl ActionContext<'_> {
    /// The read-only view of the same stream.
    pub fn view(&self) -> Context<'_> {
        Context {
            conn: self.conn,
            request: self.has_request.then_some(&*self.request),
            response: self.response.as_deref(),
            content: self.content,
            request_body: self.request_body,
            response_body: self.response_body,
            record: self.record,
            names: self.names,
            clock: self.clock,
            vars: self.vars,
            tracks: self.tracks,
            state: self.state,
            scratch: self.scratch,
        }
    }
}
