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
use std::collections::HashMap;
use std::sync::LazyLock;

mod always;
mod base;
mod body;
mod capture;
mod constant;
mod cookie;
mod date;
mod dst;
mod header;
mod heads;

mod hostname;
mod http_auth;
mod method;
mod names;
mod parameters;
mod path;
mod pathq;
mod query;
mod rand;
mod req_hdr;
mod req_ver;
mod res_hdr;
mod src;
mod status;
mod stream;
mod uri;
mod url;
mod url_host;
mod url_param;

pub(super) use header::comma_separated;
pub(super) use hostname::hostname;
pub(super) use uri::{path as path_of, path_and_query as path_and_query_of};

/// Every fetch.
pub const ALL: &[&Keyword] = &[
    &always::ALWAYS_TRUE,
    &always::ALWAYS_FALSE,
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
    &constant::BOOL,
    &constant::INT,
    &constant::IPV4,
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
    &date::KEYWORD,
    &dst::DST,
    &dst::DST_PORT,
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
    &names::FE_ID,
    &names::FE_NAME,
    &names::SO_ID,
    &names::SO_NAME,
    &names::SRV_ID,
    &names::SRV_NAME,
    &path::KEYWORD,
    &pathq::KEYWORD,
    &query::KEYWORD,
    &rand::KEYWORD,
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
    &src::SRC,
    &src::SRC_PORT,
    &status::KEYWORD,
    &stream::HTTP_FIRST_REQ,
    &stream::RES_CACHE_HIT,
    &stream::RES_CACHE_NAME,
    &stream::RES_COMP,
    &stream::RES_COMP_ALGO,
    &stream::SERVER_STATUS,
    &stream::UNIQUE_ID,
    &url::KEYWORD,
    &url_host::URL_IP,
    &url_host::URL_PORT,
    &url_param::URLP_VAL,
    &url_param::URL_PARAM,
];

/// What a fetch reads, which decides when it can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing, or the connection: always there.
    Nothing,
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
            Self::RequestHead => phase == Phase::Request,
            Self::Head => matches!(phase, Phase::Request | Phase::Response),
            Self::Request => phase >= Phase::Request,
            Self::Backend => phase >= Phase::Request,
            Self::ResponseHead => phase == Phase::Response,
            Self::Server | Self::Response => phase >= Phase::Response,
        }
    }

    /// As HAProxy's messages call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nothing => "internal state",
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
    /// Names that take `_beg`, `_dir`… in ACLs, and mean `-m str` there when alone.
    pub acl_stems: &'static [&'static str],
    /// What goes between its parentheses.
    pub args: &'static [Arg],
    /// The type of its values.
    pub yields: Type,
    /// What it reads.
    pub needs: Needs,
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
    /// A request head, or a response head if it starts with `HTTP/`; `\n` ends a line.
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
}

impl Keyword {
    /// What most fetches are: no arguments, nothing written, no ACL words.
    const DEFAULT: Self = Self {
        names: &[],
        acl_stems: &[],
        args: &[],
        yields: Type::Str,
        needs: Needs::Nothing,
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
    ALL.iter().flat_map(|keyword| keyword.names).copied()
}

/// The fetch of that name.
pub fn find(name: &[u8]) -> Option<&'static Keyword> {
    static BY_NAME: LazyLock<HashMap<&'static [u8], &'static Keyword>> = LazyLock::new(|| {
        let names = |keyword: &&'static Keyword| {
            let keyword = *keyword;
            keyword
                .names
                .iter()
                .map(move |name| (name.as_bytes(), keyword))
        };
        ALL.iter().flat_map(names).collect()
    });
    BY_NAME.get(name).copied()
}

/// The fetch and the matching method that an ACL word such as `hdr_beg` or `path` stands for.
pub fn find_acl_word(name: &[u8]) -> Option<(&'static Keyword, Method)> {
    let name = std::str::from_utf8(name).ok()?;
    let (stem, method) = match name.rsplit_once('_') {
        Some((stem, suffix)) => match Method::of_suffix(suffix) {
            Some(method) => (stem, method),
            None => (name, Method::Str),
        },
        None => (name, Method::Str),
    };
    let has_stem = |keyword: &&&Keyword| keyword.acl_stems.contains(&stem);
    ALL.iter().find(has_stem).map(|keyword| (*keyword, method))
}
