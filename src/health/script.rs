//! What a check does with its connection: the rules of `tcp-check` and `http-check`, and what
//! `option httpchk` and its like stand for.
//!
//! Texts made while the check runs, and patterns, are behind traits: their language is known
//! elsewhere.

use super::spec::CheckAddr;
use super::status::CheckStatus;
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// Steps of one check.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// How answers are read, and what messages call the check.
    pub language: Language,
    /// In order; empty is a connection and nothing else.
    pub steps: Vec<Step>,
    /// `http-check disable-on-404`.
    pub disable_on_404: bool,
    /// `http-check send-state`, and the name of this node that goes with it.
    pub send_state: Option<Arc<str>>,
}

/// What answers are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Nothing is read.
    #[default]
    Connection,
    /// Bytes, by `tcp-check` rules.
    Tcp,
    /// HTTP.
    Http,
    /// A protocol with a check of its own: redis, MySQL…
    Protocol,
    /// An agent's line.
    Agent,
    /// None: a program is run.
    Program,
}

/// A rule.
#[derive(Clone, Debug)]
pub struct Step {
    /// What is done.
    pub action: Action,
    /// Which line of its kind it is, from 1, for messages.
    pub number: usize,
    /// `comment`, which messages about a failure end with.
    pub comment: Option<Arc<str>>,
}

/// What a rule does.
#[derive(Clone, Debug)]
pub enum Action {
    /// Connects; the first of a script may be implicit.
    Connect(Connect),
    /// Sends bytes.
    Send(Text),
    /// Sends a request.
    SendHttp(Arc<HttpRequest>),
    /// Compares what was received.
    Expect(Arc<Expect>),
    /// Sets or unsets a variable.
    Variable(Arc<dyn Effect>),
}

/// `connect`.
#[derive(Clone, Debug, Default)]
pub struct Connect {
    /// Where no rule says `connect` but the first must.
    pub implicit: bool,
    /// Uses what the server's line says: PROXY header, port, address.
    pub default: bool,
    /// `addr`.
    pub addr: Option<CheckAddr>,
    /// `port`.
    pub port: Option<Text>,
    /// `via-socks4`.
    pub via_socks4: bool,
    /// `send-proxy`.
    pub send_proxy: bool,
    /// `linger`: ends the connection orderly.
    pub linger: bool,
}

impl Connect {
    /// Whether it connects as requests do, as far as the rule says.
    pub(super) fn is_plain(&self) -> bool {
        self.addr.is_none() && self.port.is_none() && !self.via_socks4 && !self.send_proxy
    }
}

/// Bytes to send or look for.
#[derive(Clone)]
pub enum Text {
    /// The same each time.
    Fixed(Arc<[u8]>),
    /// Made for each check.
    Made(Arc<dyn Make>),
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(bytes) => f.debug_tuple("Fixed").field(bytes).finish(),
            Self::Made(_) => f.write_str("Made"),
        }
    }
}

impl Text {
    /// The bytes; `received` is what the check was last answered.
    pub fn bytes(&self, run: &Run<'_>) -> Arc<[u8]> {
        match self {
            Self::Fixed(bytes) => Arc::clone(bytes),
            Self::Made(made) => made.make(run).into(),
        }
    }
}

/// A check that is running, as texts and variables see it.
#[derive(Debug)]
pub struct Run<'a> {
    /// Bytes received last; of HTTP the body.
    pub received: &'a [u8],
    /// The head received last.
    pub head: Option<&'a crate::http1::ResponseHead>,
    /// What the check remembers, for texts and effects to know.
    pub memory: &'a dyn Any,
    /// The backend's name.
    pub backend: &'a str,
    /// The server's name.
    pub server: &'a str,
}

/// Makes bytes for one check.
pub trait Make: Send + Sync {
    /// The bytes.
    fn make(&self, run: &Run<'_>) -> Vec<u8>;
}

/// Changes the variables of one check.
pub trait Effect: Send + Sync + fmt::Debug {
    /// Does it.
    fn apply(&self, run: &Run<'_>);
}

/// A regular expression.
pub trait Pattern: Send + Sync + fmt::Debug {
    /// Whether the text has a match.
    fn is_match(&self, text: &[u8]) -> bool;
}

impl Pattern for regex::bytes::Regex {
    fn is_match(&self, text: &[u8]) -> bool {
        self.is_match(text)
    }
}

/// A request.
#[derive(Clone, Debug)]
pub struct HttpRequest {
    /// The method.
    pub method: Box<[u8]>,
    /// The target.
    pub uri: Text,
    /// `HTTP/1.0` unless said otherwise.
    pub version: Box<[u8]>,
    /// Names and values; empty values are left out.
    pub headers: Vec<(Box<[u8]>, Text)>,
    /// The body.
    pub body: Option<Text>,
}

/// `expect`.
#[derive(Clone, Debug)]
pub struct Expect {
    /// What is looked for.
    pub what: Wanted,
    /// `!`: it must not be there.
    pub negated: bool,
    /// `min-recv`: bytes to wait for; `None` waits for a match as long as more may come.
    pub min_recv: Option<usize>,
    /// `ok-status`.
    pub ok_status: Option<CheckStatus>,
    /// `error-status`.
    pub error_status: Option<CheckStatus>,
    /// `tout-status`.
    pub timeout_status: Option<CheckStatus>,
    /// `on-success`.
    pub on_success: Option<Text>,
    /// `on-error`.
    pub on_error: Option<Text>,
    /// `status-code`.
    pub status_code: Option<Text>,
}

impl Expect {
    /// An expectation that says nothing but what is looked for.
    pub fn of(what: Wanted) -> Self {
        Self {
            what,
            negated: false,
            min_recv: None,
            ok_status: None,
            error_status: None,
            timeout_status: None,
            on_success: None,
            on_error: None,
            status_code: None,
        }
    }
}

/// What an `expect` looks for.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// Bytes somewhere in what was received.
    Bytes(Text, BytesKind),
    /// A match in what was received.
    Regex(Arc<dyn Pattern>, bool),
    /// HTTP statuses, as ranges.
    Status(Vec<(u16, u16)>),
    /// A match of the status.
    StatusRegex(Arc<dyn Pattern>),
    /// A header.
    Header(HeaderWanted),
    /// Bytes in a body.
    Body(Text),
    /// A match in a body.
    BodyRegex(Arc<dyn Pattern>),
    /// What a protocol says.
    Protocol(super::protocol::Reply),
}

/// How bytes were written, for messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BytesKind {
    /// `string`.
    String,
    /// `binary`.
    Binary,
    /// `string-lf`.
    StringFormat,
    /// `binary-lf`, hexadecimal digits once made.
    BinaryFormat,
}

/// `expect hdr` and `fhdr`.
#[derive(Clone, Debug)]
pub struct HeaderWanted {
    /// The name.
    pub name: Match,
    /// The value; any if `None`.
    pub value: Option<Match>,
    /// `fhdr`: the whole line, commas included.
    pub whole: bool,
}

/// How a name or value is compared.
#[derive(Clone, Debug)]
pub enum Match {
    /// `str`.
    Equal(Text),
    /// `beg`.
    Begins(Text),
    /// `end`.
    Ends(Text),
    /// `sub`.
    Contains(Text),
    /// `reg`.
    Regex(Arc<dyn Pattern>),
}
