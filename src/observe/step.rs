//! At which steps of a stream something is logged (`log-steps`, `log-profile`, `do-log`, `%OG`).

/// A step at which a line may be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "each is the step of the same name in the manual, 8.3.5"
)]
pub enum LogStep {
    /// None: what a format prints is no log line.
    #[default]
    Unspecified,
    Accept,
    Request,
    Connect,
    Response,
    Close,
    /// Instead of a request there was something wrong.
    Error,
    /// The connection failed before its protocol began.
    Killed,
    TcpReqConn,
    TcpReqSess,
    TcpReqCont,
    TcpResCont,
    HttpReq,
    HttpRes,
    HttpAfterRes,
}

impl LogStep {
    /// The steps that `log-steps` and `log-profile` name, with their names.
    pub const NAMED: [(&str, Self); 12] = [
        ("accept", Self::Accept),
        ("request", Self::Request),
        ("connect", Self::Connect),
        ("response", Self::Response),
        ("close", Self::Close),
        ("tcp-req-conn", Self::TcpReqConn),
        ("tcp-req-sess", Self::TcpReqSess),
        ("tcp-req-cont", Self::TcpReqCont),
        ("tcp-res-cont", Self::TcpResCont),
        ("http-req", Self::HttpReq),
        ("http-res", Self::HttpRes),
        ("http-after-res", Self::HttpAfterRes),
    ];

    /// What `%OG` prints.
    pub fn origin(self) -> &'static str {
        match self {
            Self::Unspecified => "unspec",
            Self::Accept => "txn_accept",
            Self::Request => "txn_request",
            Self::Connect => "txn_connect",
            Self::Response => "txn_response",
            Self::Close => "txn_close",
            Self::Error => "sess_error",
            Self::Killed => "sess_killed",
            Self::TcpReqConn => "tcp-req-conn",
            Self::TcpReqSess => "tcp-req-sess",
            Self::TcpReqCont => "tcp-req-cont",
            Self::TcpResCont => "tcp-res-cont",
            Self::HttpReq => "http-req",
            Self::HttpRes => "http-res",
            Self::HttpAfterRes => "http-after-res",
        }
    }
}

/// `log-steps`: the steps at which lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogSteps(u16);

impl LogSteps {
    /// `log-steps all`.
    pub const ALL: Self = Self(u16::MAX);

    /// Adds one.
    pub fn add(&mut self, step: LogStep) {
        self.0 |= 1 << step as u16;
    }

    /// Whether it is among them.
    pub fn has(self, step: LogStep) -> bool {
        self.0 & (1 << step as u16) != 0
    }
}
