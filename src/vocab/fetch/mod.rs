//! Sample fetches: where values come from. One word is one file plus one line of [`ALL`].
//!
//! What must hold: a fetch borrows from the stream or writes to the buffer it is given, and
//! answers `None` rather than a made-up value when what it reads is not there. The ACL words
//! (`path_beg`, `hdr_dom`…) are not fetches of their own: they are derived from
//! [`Keyword::acl_stems`] and the matching methods. Deliberately absent: changing anything.

use super::arguments::{Arg, Args, BadArg};
use super::context::Context;
use super::matcher::Method;
use super::sample::{Sample, Type};
use super::scope::Phase;
use super::userlist::UserList;
use std::collections::HashMap;
use std::sync::LazyLock;

mod acl;
mod always;
mod backend;
mod base;
mod body;
mod capture;
mod cb_state;
mod connection;
mod constant;
mod cookie;
mod date;
mod distcc;
mod dst;
mod ends;
mod env;
mod exchange;
mod fc_pp;
mod frontend;
mod hdr_ip_excl;
mod header;
mod heads;
mod hostname;
mod http_auth;
mod method;
mod names;
mod parameters;
mod path;
mod pathq;
mod payload;
mod process;
mod proto_http;
mod query;
mod rand;
mod rdp_cookie;
mod req_hdr;
mod req_ver;
mod res_hdr;
mod server;
mod src;
mod ssl;
mod status;
mod stick_table;
mod stream;
mod tcp_info;
mod timer;
mod tls_hello;
mod uri;
mod url;
mod url_host;
mod url_param;
mod uuid;
mod var;
mod wait_end;

pub(crate) use header::comma_separated;
pub(super) use hostname::hostname;
pub(super) use uri::{path as path_of, path_and_query as path_and_query_of};

pub use http_auth::basic_credentials;

/// Every fetch but those that are rows of a table: see [`all`].
pub const ALL: &[&Keyword] = &[
    &acl::KEYWORD,
    &always::ALWAYS_TRUE,
    &always::ALWAYS_FALSE,
    &backend::AVG_QUEUE,
    &backend::BE_CONN,
    &backend::BE_CONN_FREE,
    &backend::BE_SESS_RATE,
    &backend::BE_TARPIT_TIMEOUT,
    &backend::CONNECT_TIMEOUT,
    &backend::CONNSLOTS,
    &backend::CUR_CONNECT_TIMEOUT,
    &backend::CUR_QUEUE_TIMEOUT,
    &backend::CUR_SERVER_TIMEOUT,
    &backend::CUR_TARPIT_TIMEOUT,
    &backend::CUR_TUNNEL_TIMEOUT,
    &backend::NBSRV,
    &backend::QUEUE,
    &backend::QUEUE_TIMEOUT,
    &backend::SERVER_TIMEOUT,
    &backend::TUNNEL_TIMEOUT,
    &base::BASE,
    &base::BASE32,
    &base::BASE32_SRC,
    &base::BASEQ,
    &base::URL32,
    &base::URL32_SRC,
    &body::REQ_BODY,
    &body::REQ_BODY_LEN,
    &body::REQ_BODY_PARAM,
    &body::REQ_BODY_SIZE,
    &body::RES_BODY,
    &body::RES_BODY_LEN,
    &body::RES_BODY_SIZE,
    &capture::REQ_HDR,
    &capture::REQ_METHOD,
    &capture::REQ_URI,
    &capture::REQ_VER,
    &capture::RES_HDR,
    &capture::RES_VER,
    &cb_state::KEYWORD,
    &connection::BC_ERR,
    &connection::BC_ERR_NAME,
    &connection::BC_ERR_STR,
    &connection::BC_GLITCHES,
    &connection::BC_HTTP_MAJOR,
    &connection::BC_NB_STREAMS,
    &connection::BC_REUSED,
    &connection::BC_STREAMS_LIMIT,
    &connection::FC_ERR,
    &connection::FC_ERR_NAME,
    &connection::FC_ERR_STR,
    &connection::FC_GLITCHES,
    &connection::FC_HTTP_MAJOR,
    &connection::FC_NB_STREAMS,
    &connection::FC_STREAMS_LIMIT,
    &constant::BIN,
    &constant::BOOL,
    &constant::INT,
    &constant::IPV4,
    &constant::IPV6,
    &constant::METH,
    &constant::STR,
    &cookie::COOKIE,
    &cookie::REQ_COOK,
    &cookie::REQ_COOK_CNT,
    &cookie::REQ_COOK_NAMES,
    &cookie::REQ_COOK_VAL,
    &cookie::RES_COOK,
    &cookie::RES_COOK_CNT,
    &cookie::RES_COOK_NAMES,
    &cookie::RES_COOK_VAL,
    &date::ACCEPT_DATE,
    &date::DATE,
    &date::DATE_US,
    &date::REQUEST_DATE,
    &distcc::BODY,
    &distcc::PARAM,
    &dst::DST,
    &dst::DST_PORT,
    &ends::BC_DST,
    &ends::BC_DST_PORT,
    &ends::BC_SRC,
    &ends::BC_SRC_PORT,
    &ends::DST_IS_LOCAL,
    &ends::FC_DST,
    &ends::FC_DST_IS_LOCAL,
    &ends::FC_DST_PORT,
    &ends::FC_SRC,
    &ends::FC_SRC_IS_LOCAL,
    &ends::FC_SRC_PORT,
    &ends::SRC_IS_LOCAL,
    &env::KEYWORD,
    &exchange::HTTP_FIRST_REQ,
    &exchange::RES_CACHE_HIT,
    &exchange::RES_CACHE_NAME,
    &exchange::RES_COMP,
    &exchange::RES_COMP_ALGO,
    &exchange::SERVER_STATUS,
    &exchange::UNIQUE_ID,
    &fc_pp::AUTHORITY,
    &fc_pp::RCVD_PROXY,
    &fc_pp::TLV,
    &fc_pp::UNIQUE_ID,
    &frontend::CUR_CLIENT_TIMEOUT,
    &frontend::FE_CLIENT_TIMEOUT,
    &frontend::FE_CONN,
    &frontend::FE_DEFBE,
    &frontend::FE_REQ_RATE,
    &frontend::FE_SESS_RATE,
    &frontend::FE_TARPIT_TIMEOUT,
    &hdr_ip_excl::KEYWORD,
    &heads::REQ_HDRS,
    &heads::REQ_HDRS_BIN,
    &heads::REQ_HDR_NAMES,
    &heads::RES_HDRS,
    &heads::RES_HDRS_BIN,
    &heads::RES_HDR_NAMES,
    &hostname::KEYWORD,
    &http_auth::AUTH,
    &http_auth::BEARER,
    &http_auth::GROUP,
    &http_auth::PASS,
    &http_auth::TYPE,
    &http_auth::USER,
    &method::KEYWORD,
    &names::BE_ID,
    &names::BE_NAME,
    &names::DST_CONN,
    &names::FE_ID,
    &names::FE_NAME,
    &names::SO_ID,
    &names::SO_NAME,
    &names::SRV_ID,
    &names::SRV_NAME,
    &path::KEYWORD,
    &pathq::KEYWORD,
    &payload::PAYLOAD,
    &payload::PAYLOAD_LV,
    &payload::REQ_LEN,
    &payload::REQ_PAYLOAD,
    &payload::REQ_PAYLOAD_LV,
    &payload::RES_LEN,
    &payload::RES_PAYLOAD,
    &payload::RES_PAYLOAD_LV,
    &proto_http::KEYWORD,
    &process::ACT_CONN,
    &process::CPU_CALLS,
    &process::CPU_NS_AVG,
    &process::CPU_NS_TOT,
    &process::CPU_USAGE,
    &process::CPU_USAGE_THR,
    &process::LAT_NS_AVG,
    &process::LAT_NS_TOT,
    &process::NBPROC,
    &process::PID,
    &process::PROC,
    &process::QUIC_ENABLED,
    &process::STOPPING,
    &process::TGROUP,
    &process::THREAD,
    &process::UPTIME,
    &query::KEYWORD,
    &rand::KEYWORD,
    &rdp_cookie::RDP_COOKIE,
    &rdp_cookie::RDP_COOKIE_CNT,
    &req_hdr::REQ_FHDR,
    &req_hdr::REQ_FHDR_CNT,
    &req_hdr::HDR,
    &req_hdr::REQ_HDR,
    &req_hdr::REQ_HDR_CNT,
    &req_hdr::REQ_HDR_IP,
    &req_hdr::REQ_HDR_VAL,
    &req_ver::REQ_VER,
    &req_ver::RES_VER,
    &res_hdr::RES_FHDR,
    &res_hdr::RES_FHDR_CNT,
    &res_hdr::RES_HDR,
    &res_hdr::RES_HDR_CNT,
    &res_hdr::RES_HDR_IP,
    &res_hdr::RES_HDR_VAL,
    &server::SRV_CONN,
    &server::SRV_CONN_FREE,
    &server::SRV_IS_UP,
    &server::SRV_IWEIGHT,
    &server::SRV_QUEUE,
    &server::SRV_SESS_RATE,
    &server::SRV_UWEIGHT,
    &server::SRV_WEIGHT,
    &src::SRC,
    &src::SRC_PORT,
    &status::KEYWORD,
    &stream::BC_BE_QUEUE,
    &stream::BLOCKED_BY,
    &stream::BC_SRV_QUEUE,
    &stream::BS_ABORTED,
    &stream::BS_DEBUG_STR,
    &stream::BS_ID,
    &stream::BS_RST_CODE,
    &stream::CONN_RETRIES,
    &stream::FS_ABORTED,
    &stream::FS_DEBUG_STR,
    &stream::FS_ID,
    &stream::FS_RST_CODE,
    &stream::ID32,
    &stream::LAST_ENTITY,
    &stream::LAST_RULE_FILE,
    &stream::LAST_RULE_LINE,
    &stream::PRIO_CLASS,
    &stream::PRIO_OFFSET,
    &stream::REDISPATCHED,
    &stream::REQ_BYTES,
    &stream::REQ_BYTES_OUT,
    &stream::RES_BYTES,
    &stream::RES_BYTES_OUT,
    &stream::SESS_TERM_STATE,
    &stream::TXN_STATUS,
    &stream::WAITING_ENTITY,
    &timer::ACTIVE,
    &timer::CONNECT,
    &timer::DATA,
    &timer::HANDSHAKE,
    &timer::HEADERS,
    &timer::IDLE,
    &timer::QUEUE,
    &timer::RESPONSE,
    &timer::TOTAL,
    &timer::UP_TO_REQUEST,
    &timer::USER,
    &tls_hello::ALPN,
    &tls_hello::CIPHERLIST,
    &tls_hello::EC_EXT,
    &tls_hello::KEYSHARE_GROUPS,
    &tls_hello::REQ_HELLO_TYPE,
    &tls_hello::RES_HELLO_TYPE,
    &tls_hello::SIGALGS,
    &tls_hello::SNI,
    &tls_hello::ST_EXT,
    &tls_hello::SUPPORTED_GROUPS,
    &tls_hello::VER,
    &url::KEYWORD,
    &url_host::URL_IP,
    &url_host::URL_PORT,
    &url_param::URLP_VAL,
    &url_param::URL_PARAM,
    &uuid::KEYWORD,
    &var::DUMP_ALL_VARS,
    &var::VAR,
    &wait_end::KEYWORD,
];

/// Fetches that are accepted and never have a value.
pub const WITHOUT_VALUE: &[Keyword] = tcp_info::ALL;

/// Every fetch that works.
pub fn working() -> impl Iterator<Item = &'static Keyword> {
    ALL.iter()
        .copied()
        .chain(ssl::ALL)
        .chain(stick_table::all())
}

/// Every fetch.
pub fn all() -> impl Iterator<Item = &'static Keyword> {
    working().chain(WITHOUT_VALUE)
}

/// What a fetch reads, which decides when it can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: there even while the configuration is read.
    Nothing,
    /// The client connection once its handshakes are done.
    Session,
    /// Bytes of the request that were not forwarded.
    RequestBytes,
    /// Bytes of either direction that were not forwarded.
    Bytes,
    /// The running process.
    Internal,
    /// The client connection, or the frontend.
    Connection,
    /// The request's head, gone once it was forwarded.
    RequestHead,
    /// The head of the message that rules work on.
    Head,
    /// Facts of the request that are kept to its end.
    Request,
    /// The backend, once one is chosen.
    Backend,
    /// The server, once one is chosen.
    Server,
    /// The addresses of the server connection, once there is one.
    ServerAddress,
    /// The server connection, once there is one.
    ServerConn,
    /// Bytes of the response that were not forwarded.
    ResponseBytes,
    /// The response's head.
    ResponseHead,
    /// Facts of the response that are kept to the end.
    Response,
}

impl Needs {
    /// Whether it is there in that phase.
    pub fn met_at(self, phase: Phase) -> bool {
        match self {
            Self::Nothing => true,
            Self::Session => phase >= Phase::Session,
            Self::Head => matches!(
                phase,
                Phase::Content | Phase::Request | Phase::ResponseContent | Phase::Response
            ),
            Self::RequestBytes | Self::RequestHead => {
                matches!(phase, Phase::Content | Phase::Request)
            }
            Self::Bytes => phase >= Phase::Content && phase != Phase::Log,
            Self::Request | Self::Backend => phase >= Phase::Content,
            Self::ResponseBytes | Self::ResponseHead => {
                matches!(phase, Phase::ResponseContent | Phase::Response)
            }
            Self::ServerAddress | Self::ServerConn | Self::Server | Self::Response => {
                phase >= Phase::ResponseContent
            }
            Self::Internal | Self::Connection => phase > Phase::Config,
        }
    }

    /// Whether it is a part of an HTTP request.
    pub fn is_request(self) -> bool {
        matches!(self, Self::RequestHead | Self::Request)
    }

    /// As HAProxy's messages call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Session => "client-side connection",
            Self::RequestBytes => "request buffer",
            Self::Bytes => "request buffer,response buffer",
            Self::ServerAddress => "server address",
            Self::ServerConn => "server-side connection",
            Self::ResponseBytes => "response buffer",
            Self::Nothing | Self::Internal => "internal state",
            Self::Connection => "client-side connection",
            Self::RequestHead => "HTTP request headers",
            Self::Head => "HTTP request headers,HTTP response headers",
            Self::Request => "HTTP request",
            Self::Backend => "backend",
            Self::Server => "server",
            Self::ResponseHead => "HTTP response headers",
            Self::Response => "HTTP response",
        }
    }
}

/// One fetch of the language.
#[derive(Debug)]
pub struct Keyword {
    /// Its name, then older spellings.
    pub names: &'static [&'static str],
    /// Names that take `_beg`, `_dir`… in ACLs, and there compare with the type of the values,
    /// as text if in doubt, when alone.
    pub acl_stems: &'static [&'static str],
    /// What goes between its parentheses.
    pub args: &'static [Arg],
    /// The type of its values.
    pub yields: Type,
    /// What it reads.
    pub needs: Needs,
    /// Whether patterns for it are versions such as `3.1`.
    pub dotted_patterns: bool,
    /// Whether what it gives changes until the stream ends: log lines that show it wait.
    pub grows: bool,
    /// Whether it writes its value to a buffer instead of borrowing it.
    pub writes: bool,
    /// One or two sentences for the reference manual.
    pub doc: &'static str,
    /// Cases that are run as tests.
    pub examples: &'static [Example],
    /// How it is made.
    pub build: Build,
}

/// A message and what an expression gives for it.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// A request head, or a response head if it starts with `HTTP/`; `\n` ends a line. After `raw:`,
    /// the bytes that content rules in TCP mode see.
    pub head: &'static str,
    /// The expression.
    pub expression: &'static str,
    /// Its value as text, if it has one.
    pub gives: Option<&'static str>,
}

/// An example with a value.
pub const fn example(head: &'static str, expression: &'static str, gives: &'static str) -> Example {
    Example {
        head,
        expression,
        gives: Some(gives),
    }
}

/// An example without a value.
pub const fn nothing(head: &'static str, expression: &'static str) -> Example {
    Example {
        head,
        expression,
        gives: None,
    }
}

/// A fetch without arguments.
pub type Plain = for<'s> fn(&Context<'s>, &'s mut Vec<u8>) -> Option<Sample<'s>>;

/// How a fetch is made from its arguments.
#[derive(Clone, Copy, Debug)]
pub enum Build {
    /// It has none: the function itself.
    Plain(Plain),
    /// They are checked and kept.
    With(fn(&Args) -> Result<Box<dyn Fetching>, BadArg>),
}

/// A fetch with arguments.
pub trait Fetching: std::fmt::Debug + Send + Sync {
    /// The value an expression gets; of several, the one the manual says.
    fn one<'s>(&'s self, cx: &Context<'s>, out: &'s mut Vec<u8>) -> Option<Sample<'s>>;

    /// Every value a condition looks at, until `visit` answers true; whether it did.
    fn any(
        &self,
        cx: &Context<'_>,
        out: &mut Vec<u8>,
        visit: &mut dyn FnMut(Sample<'_>) -> bool,
    ) -> bool {
        self.one(cx, out).is_some_and(visit)
    }

    /// The userlist whose groups conditions look at.
    fn groups_of(&self) -> Option<&UserList> {
        None
    }
}

/// A fetch ready to run.
#[derive(Debug)]
pub(super) enum Fetch {
    Plain(Plain),
    Boxed(Box<dyn Fetching>),
}

impl Fetch {
    pub(super) fn one<'s>(&'s self, cx: &Context<'s>, out: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        match self {
            Self::Plain(fetch) => fetch(cx, out),
            Self::Boxed(fetch) => fetch.one(cx, out),
        }
    }

    pub(super) fn any(
        &self,
        cx: &Context<'_>,
        out: &mut Vec<u8>,
        visit: &mut dyn FnMut(Sample<'_>) -> bool,
    ) -> bool {
        match self {
            Self::Plain(fetch) => fetch(cx, out).is_some_and(visit),
            Self::Boxed(fetch) => fetch.any(cx, out, visit),
        }
    }

    pub(super) fn groups_of(&self) -> Option<&UserList> {
        match self {
            Self::Plain(_) => None,
            Self::Boxed(fetch) => fetch.groups_of(),
        }
    }
}

impl Keyword {
    /// What most fetches are: no arguments, nothing written, no ACL words.
    const DEFAULT: Self = Self {
        names: &[],
        acl_stems: &[],
        args: &[],
        yields: Type::Str,
        needs: Needs::Nothing,
        dotted_patterns: false,
        grows: false,
        writes: false,
        doc: "",
        examples: &[],
        build: Build::Plain(|_, _| None),
    };

    /// The name it is documented under.
    pub fn name(&self) -> &'static str {
        self.names.first().copied().unwrap_or("")
    }

    pub(super) fn build(&self, args: &Args) -> Result<Fetch, BadArg> {
        match self.build {
            Build::Plain(fetch) => Ok(Fetch::Plain(fetch)),
            Build::With(build) => build(args).map(Fetch::Boxed),
        }
    }
}

/// All names of all fetches.
pub fn names() -> impl Iterator<Item = &'static str> {
    all().flat_map(|keyword| keyword.names).copied()
}

/// The fetch of that name.
pub fn find(name: &[u8]) -> Option<&'static Keyword> {
    static BY_NAME: LazyLock<HashMap<&'static [u8], &'static Keyword>> = LazyLock::new(|| {
        let names = |keyword: &'static Keyword| {
            keyword
                .names
                .iter()
                .map(move |name| (name.as_bytes(), keyword))
        };
        all().flat_map(names).collect()
    });
    BY_NAME.get(name).copied()
}

/// The fetch and the matching method that an ACL word such as `hdr_beg` or `path` stands for.
pub fn find_acl_word(name: &[u8]) -> Option<(&'static Keyword, Method)> {
    let name = std::str::from_utf8(name).ok()?;
    let (stem, method) = match name.rsplit_once('_') {
        Some((stem, suffix)) => match Method::of_suffix(suffix) {
            Some(method) => (stem, Some(method)),
            None => (name, None),
        },
        None => (name, None),
    };
    let keyword = all().find(|keyword| keyword.acl_stems.contains(&stem))?;
    let alone = match keyword.yields {
        Type::Sint => Method::Int,
        Type::Meth => Method::Meth,
        Type::Bin => Method::Bin,
        _ => Method::Str,
    };
    Some((keyword, method.unwrap_or(alone)))
}
