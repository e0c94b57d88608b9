//! How a stream ends: the one place that maps an outcome to a status and a termination state.
//!
//! Everything that can stop a request is an [`End`]; [`End::fate`] says what the client is told,
//! what the log's two letters are, and what becomes of the connection (DESIGN §8).

use super::service::Service;
use crate::health::Shutdown;
use crate::http1::HeadError;
use crate::observe::Termination;
use crate::observe::stats::Count;
use crate::settings::Reply;
use crate::vocab::context::ExtraHeaders;
use std::sync::Arc;

/// Why a request went no further.
#[derive(Debug)]
pub(super) enum End {
    /// The request head was refused.
    BadRequest(HeadError),
    /// The request's body was malformed.
    BadRequestBody,
    /// `timeout http-request` passed before the head, or the awaited body, was complete.
    RequestTimeout,
    /// The time of `wait-for-body` passed before the request's body was there.
    BodyTimeout,
    /// The client closed before its request was complete.
    RequestClosed,
    /// The client's socket failed before its request was complete.
    RequestError,
    /// A rule denied it or answered it.
    ByRule(Ruled),
    /// A rule closed the connection without an answer: `reject`, `silent-drop`.
    Rejected {
        /// Whether it was a response rule.
        on_response: bool,
    },
    /// `timeout client` passed while rules on content waited.
    ContentTimeout,
    /// The client broke its connection while rules on content, or a `pause`, waited.
    ContentAborted,
    /// A TCP stream was to go on as HTTP, which `proto none` of its `bind` line forbids.
    CannotSwitch {
        /// Whether by `switch-mode`, or because its backend is HTTP.
        by_rule: bool,
    },
    /// `monitor-uri` or `monitor fail` answered it, with this status.
    Monitored(u16),
    /// A request rule failed.
    RequestRuleFailed,
    /// No backend: neither a `use_backend` applied nor is there a default one.
    NoBackend,
    /// No usable server.
    NoServer,
    /// `timeout queue` passed.
    QueueTimeout,
    /// The client left the queue.
    QueueAborted,
    /// Every connection attempt was refused; the status to say so with.
    ConnectFailed(u16),
    /// Every connection attempt timed out.
    ConnectTimeout(u16),
    /// No local resource (descriptor, port) to connect with.
    ConnectResource(u16),
    /// The client left during a connection attempt.
    ConnectAborted,
    /// A reused server connection turned out to be closed and the request can't be sent again.
    ReuseFailed,
    /// The server closed before a complete response head.
    ResponseClosed,
    /// `timeout server` passed before a response head.
    ResponseTimeout,
    /// The response head was refused.
    BadResponse,
    /// The server answered with a status of `retry-on`: the request goes out again.
    UnwantedStatus(u16),
    /// A response rule failed.
    ResponseRuleFailed,
    /// The client left while the server was silent.
    ResponseAborted,
    /// The client reset its connection while the server was silent.
    ResponseReset,
    /// `timeout client` passed while the request body was awaited.
    UploadTimeout,
    /// The client closed while sending the request body.
    UploadClosed,
    /// The server stopped reading or closed in the middle of the response.
    DataServerClosed,
    /// `timeout server` passed in the middle of the response.
    DataServerTimeout,
    /// The server had answered and took no more of the request's body.
    UploadRefused {
        /// Whether the client had sent all of it, or the response ended with the server's connection.
        last: bool,
    },
    /// The client closed in the middle of the response.
    DataClientClosed,
    /// `timeout client` passed while the client wasn't reading.
    DataClientTimeout,
    /// The client closed when the server had finished and there was only to be brought to an end
    /// what came from it.
    LastClientClosed,
    /// `timeout client` passed then.
    LastClientTimeout,
    /// The response body was malformed.
    BadResponseBody,
    /// The server's streams are ended because it, or another one, changed its state.
    Cut {
        /// Which.
        why: Shutdown,
        /// Whether the response had begun.
        answered: bool,
    },
    /// The request's body turned out malformed when the response had begun.
    DataBadRequest,
    /// Somebody ended the stream by a command.
    Killed {
        /// Whether the response had begun.
        answered: bool,
    },
}

/// The decision of a rule.
#[derive(Debug)]
pub(super) struct Ruled {
    /// Whether it was a response rule.
    pub(super) on_response: bool,
    /// `deny`, as opposed to `return` and `redirect`.
    pub(super) denied: bool,
    /// Whether the log shows how long the request took to come.
    pub(super) timed: bool,
    /// Only after `timeout tarpit`.
    pub(super) tarpitted: bool,
    /// By a limit of the backend, which has no place for it.
    pub(super) overflowed: bool,
    /// What the client gets.
    pub(super) answer: Answer,
}

/// An answer chosen by a rule.
#[derive(Debug)]
pub(super) enum Answer {
    /// The proxy's page of this status.
    Page(u16),
    /// The proxy's page of this status, with more headers.
    PageWith(u16, ExtraHeaders),
    /// This.
    Own(Box<Reply>),
    /// The proxy's page for 401, and a request for credentials of this realm.
    Challenge(Arc<[u8]>),
    /// What a part of this program makes.
    Service(Service),
    /// Nothing: the connection is closed without a byte.
    Nothing,
}

impl Ruled {
    fn fate(&self) -> Fate {
        let letters = match (self.denied, self.on_response) {
            (true, false) if self.tarpitted => b"PT",
            (true, false) if self.overflowed => b"PQ",
            (true, false) => b"PR",
            (true, true) => b"PH",
            (false, false) => b"LR",
            (false, true) => b"LH",
        };
        match &self.answer {
            Answer::Page(status) => fate(*status, letters, !self.timed && !self.tarpitted),
            Answer::PageWith(status, _) => fate(*status, letters, false),
            Answer::Own(reply) => fate(reply.head.status(), letters, false),
            Answer::Challenge(_) => fate(401, letters, false),
            Answer::Service(_) => fate(200, letters, false),
            Answer::Nothing => fate(0, letters, true),
        }
    }
}

/// What follows from an [`End`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fate {
    /// The status to answer with and to log. `None` logs what was already sent, or -1.
    pub(super) status: Option<u16>,
    /// The two letters.
    pub(super) termination: Termination,
    /// Whether the client connection must be closed afterwards.
    pub(super) close: bool,
    /// Whether there is a log line at all.
    pub(super) logged: bool,
}

const fn fate(status: u16, letters: &[u8; 2], close: bool) -> Fate {
    Fate {
        status: if status == 0 { None } else { Some(status) },
        termination: Termination {
            cause: letters[0],
            phase: letters[1],
        },
        close,
        logged: true,
    }
}

impl End {
    /// What it is counted as, besides the response's class.
    pub(super) fn counts(&self) -> &'static [Count] {
        use Count::*;
        match self {
            Self::BadRequest(_)
            | Self::BadRequestBody
            | Self::DataBadRequest
            | Self::RequestTimeout
            | Self::BodyTimeout
            | Self::RequestClosed
            | Self::RequestError => &[FailedRequests],
            Self::ContentTimeout | Self::ContentAborted => &[FailedRequests, ClientAborts],
            Self::ByRule(ruled) if ruled.denied && ruled.on_response => &[DeniedResponses],
            Self::ByRule(ruled) if ruled.denied => &[DeniedRequests],
            Self::Rejected { on_response: false } => &[DeniedRequests],
            Self::Rejected { on_response: true } => &[DeniedResponses],
            Self::RequestRuleFailed | Self::ResponseRuleFailed => &[InternalErrors],
            Self::NoServer
            | Self::QueueTimeout
            | Self::ConnectFailed(_)
            | Self::ConnectTimeout(_)
            | Self::ConnectResource(_) => &[FailedConnections],
            Self::ResponseClosed
            | Self::ResponseTimeout
            | Self::BadResponse
            | Self::BadResponseBody => &[FailedResponses],
            Self::ResponseAborted
            | Self::ResponseReset
            | Self::UploadTimeout
            | Self::UploadClosed
            | Self::DataClientClosed
            | Self::DataClientTimeout
            | Self::LastClientClosed
            | Self::LastClientTimeout => &[ClientAborts],
            Self::DataServerClosed
            | Self::DataServerTimeout
            | Self::UploadRefused { .. }
            | Self::Cut { answered: true, .. } => &[ServerAborts],
            Self::Cut { .. } => &[FailedResponses],
            Self::ByRule(_)
            | Self::Monitored(_)
            | Self::NoBackend
            | Self::QueueAborted
            | Self::ConnectAborted
            | Self::UnwantedStatus(_)
            | Self::CannotSwitch { .. }
            | Self::Killed { .. }
            | Self::ReuseFailed => &[],
        }
    }

    /// Whether the proxy answered by itself, and not because something was wrong.
    pub(super) fn is_intercepted(&self) -> bool {
        match self {
            Self::ByRule(ruled) => !ruled.denied && !ruled.on_response,
            Self::Monitored(_) => true,
            _ => false,
        }
    }

    /// Whether a rule denied the request.
    pub(super) fn is_denial(&self) -> bool {
        matches!(self, Self::ByRule(ruled) if ruled.denied && !ruled.on_response)
    }

    /// Whether the request got so far that the log shows how long it took to come.
    pub(super) fn is_timed(&self) -> bool {
        match self {
            Self::NoBackend
            | Self::RequestTimeout
            | Self::BodyTimeout
            | Self::RequestRuleFailed
            | Self::Rejected { on_response: false } => false,
            Self::ByRule(ruled) => ruled.timed,
            _ => true,
        }
    }

    /// The consequences. `close` is true where the request's framing is lost or in doubt.
    pub(super) fn fate(&self) -> Fate {
        match self {
            Self::BadRequest(error) => fate(bad_request_status(*error), b"PR", true),
            Self::BadRequestBody => fate(400, b"PR", true),
            Self::RequestTimeout | Self::BodyTimeout => fate(408, b"cR", true),
            Self::RequestClosed | Self::RequestError => fate(400, b"CR", true),
            Self::ByRule(ruled) => ruled.fate(),
            Self::Rejected { on_response: false } => fate(0, b"PR", true),
            Self::Rejected { on_response: true } => fate(0, b"PD", true),
            Self::ContentTimeout => fate(0, b"cR", true),
            Self::ContentAborted => fate(0, b"CR", true),
            Self::CannotSwitch { by_rule: true } => fate(0, b"PR", true),
            Self::CannotSwitch { by_rule: false } => fate(500, b"RR", true),
            Self::Monitored(status) => Fate {
                logged: false,
                ..fate(*status, b"LR", false)
            },
            Self::RequestRuleFailed => fate(500, b"PR", false),
            Self::NoBackend | Self::NoServer => fate(503, b"SC", false),
            Self::ConnectFailed(status) => fate(*status, b"SC", false),
            Self::QueueTimeout => fate(503, b"sQ", false),
            Self::QueueAborted => fate(0, b"CQ", true),
            Self::ConnectTimeout(status) => fate(*status, b"sC", false),
            Self::ConnectResource(status) => fate(*status, b"RC", false),
            Self::ConnectAborted => fate(0, b"CC", true),
            Self::ReuseFailed => Fate {
                logged: false,
                ..fate(0, b"SH", true)
            },
            Self::ResponseClosed | Self::UnwantedStatus(_) => fate(502, b"SH", false),
            Self::ResponseTimeout => fate(504, b"sH", false),
            Self::BadResponse => fate(502, b"PH", false),
            Self::ResponseRuleFailed => fate(500, b"PH", false),
            Self::ResponseAborted => fate(400, b"CH", true),
            Self::ResponseReset => fate(400, b"CD", true),
            Self::UploadTimeout => fate(408, b"cH", true),
            Self::UploadClosed => fate(400, b"CH", true),
            Self::DataServerClosed => fate(0, b"SD", true),
            Self::DataServerTimeout => fate(0, b"sD", true),
            Self::UploadRefused { last: true } => fate(0, b"SD", true),
            Self::UploadRefused { last: false } => fate(0, b"SL", true),
            Self::DataClientClosed => fate(0, b"CD", true),
            Self::DataClientTimeout => fate(0, b"cD", true),
            Self::LastClientClosed => fate(0, b"CL", true),
            Self::LastClientTimeout => fate(0, b"cL", true),
            Self::Killed { answered: false } => fate(500, b"KC", true),
            Self::Killed { answered: true } => fate(0, b"KC", true),
            Self::BadResponseBody | Self::DataBadRequest => fate(0, b"PD", true),
            Self::Cut { why, answered } => match (why, answered) {
                (Shutdown::Down, false) => fate(502, b"DH", true),
                (Shutdown::Down, true) => fate(0, b"DD", true),
                (Shutdown::Up, false) => fate(502, b"UH", true),
                (Shutdown::Up, true) => fate(0, b"UD", true),
            },
        }
    }
}

fn bad_request_status(error: HeadError) -> u16 {
    match error {
        HeadError::TargetTooLong => 414,
        HeadError::UnknownCoding => 422,
        HeadError::TooLarge => 431,
        HeadError::Syntax | HeadError::Framing | HeadError::TooManyHeaders | HeadError::Version => {
            400
        }
    }
}
