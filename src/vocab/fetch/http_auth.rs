//! Credentials of the request: `http_auth(<userlist>)`, `http_auth_group(<userlist>)`,
//! `http_auth_type`, `http_auth_user`, `http_auth_pass`, `http_auth_bearer`.
//!
//! They are read from `Authorization`, or from `Proxy-Authorization` in a request for a proxy.

use super::{Build, Fetching, Keyword, Needs, example, nothing};
use crate::http1::RequestHead;
use crate::vocab::arguments::{Arg, Args, BadArg, Kind, optional, required};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};
use crate::vocab::userlist::{User, UserList};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use memchr::memchr;
use std::sync::Arc;

const LIST: &[Arg] = &[required("userlist", Kind::Userlist)];
/// alice:secret
const ALICE: &str = "GET / HTTP/1.1\nAuthorization: Basic YWxpY2U6c2VjcmV0";
const TOKEN: &str = "GET / HTTP/1.1\nAuthorization: Bearer  abc";

pub(super) const AUTH: Keyword = Keyword {
    names: &["http_auth"],
    args: LIST,
    yields: Type::Bool,
    needs: Needs::RequestHead,
    writes: true,
    doc: "Whether the request has the name and password of a user of the list.",
    examples: &[
        example(ALICE, "http_auth(users)", "1"),
        example(
            "GET / HTTP/1.1\nAuthorization: Basic YWxpY2U6d3Jvbmc=",
            "http_auth(users)",
            "0",
        ),
        example("GET / HTTP/1.1", "http_auth(users)", "0"),
    ],
    build: Build::With(|args| Ok(Box::new(Known(list(args)?)))),
    ..Keyword::DEFAULT
};

pub(super) const GROUP: Keyword = Keyword {
    names: &["http_auth_group"],
    acl_stems: &["http_auth_group"],
    args: LIST,
    needs: Needs::RequestHead,
    writes: true,
    doc: "The name of the user, if name and password are those of the list. Conditions look at \
          the groups the user is in.",
    examples: &[
        example(ALICE, "http_auth_group(users)", "alice"),
        nothing("GET / HTTP/1.1", "http_auth_group(users)"),
    ],
    build: Build::With(|args| Ok(Box::new(Groups(list(args)?)))),
    ..Keyword::DEFAULT
};

pub(super) const TYPE: Keyword = Keyword {
    names: &["http_auth_type"],
    needs: Needs::RequestHead,
    writes: true,
    doc: "How the client authenticates: \"Basic\" or \"Bearer\".",
    examples: &[
        example(ALICE, "http_auth_type", "Basic"),
        example(TOKEN, "http_auth_type", "Bearer"),
        nothing("GET / HTTP/1.1\nAuthorization: Digest x", "http_auth_type"),
    ],
    build: Build::Plain(|cx, out| {
        Some(Sample::Str(match credentials(cx.request?, out)? {
            Credentials::Basic { .. } => b"Basic",
            Credentials::Bearer(_) => b"Bearer",
        }))
    }),
    ..Keyword::DEFAULT
};

pub(super) const USER: Keyword = Keyword {
    names: &["http_auth_user"],
    needs: Needs::RequestHead,
    writes: true,
    doc: "The user's name, checked against nothing.",
    examples: &[
        example(ALICE, "http_auth_user", "alice"),
        nothing(TOKEN, "http_auth_user"),
    ],
    build: Build::Plain(|cx, out| match credentials(cx.request?, out)? {
        Credentials::Basic { user, .. } => Some(Sample::Str(user)),
        Credentials::Bearer(_) => None,
    }),
    ..Keyword::DEFAULT
};

pub(super) const PASS: Keyword = Keyword {
    names: &["http_auth_pass"],
    needs: Needs::RequestHead,
    writes: true,
    doc: "The password, checked against nothing.",
    examples: &[example(ALICE, "http_auth_pass", "secret")],
    build: Build::Plain(|cx, out| match credentials(cx.request?, out)? {
        Credentials::Basic { pass, .. } => Some(Sample::Str(pass)),
        Credentials::Bearer(_) => None,
    }),
    ..Keyword::DEFAULT
};

pub(super) const BEARER: Keyword = Keyword {
    names: &["http_auth_bearer"],
    args: &[optional("header", Kind::Str)],
    needs: Needs::RequestHead,
    writes: true,
    doc: "The bearer token, of the Authorization header or of <header>.",
    examples: &[
        example(TOKEN, "http_auth_bearer", "abc"),
        example("GET / HTTP/1.1\nX: bearer t", "http_auth_bearer(x)", "t"),
        nothing(ALICE, "http_auth_bearer"),
    ],
    build: Build::With(|args| {
        let header = args.text(0).unwrap_or_default().into();
        Ok(Box::new(Bearer { header }))
    }),
    ..Keyword::DEFAULT
};

enum Credentials<'s> {
    Basic { user: &'s [u8], pass: &'s [u8] },
    Bearer(&'s [u8]),
}

/// The name and the password that a request has.
pub fn basic_credentials<'s>(
    head: &'s RequestHead,
    out: &'s mut Vec<u8>,
) -> Option<(&'s [u8], &'s [u8])> {
    match credentials(head, out)? {
        Credentials::Basic { user, pass } => Some((user, pass)),
        Credentials::Bearer(_) => None,
    }
}

/// The header that holds them: a target in absolute form without Connection header is meant for
/// a proxy only where `option http-use-proxy-header` says so, which we do not have.
fn credentials<'s>(head: &'s RequestHead, out: &'s mut Vec<u8>) -> Option<Credentials<'s>> {
    let (scheme, data) = split(head.header(b"authorization")?)?;
    if scheme.eq_ignore_ascii_case(b"bearer") {
        return Some(Credentials::Bearer(data));
    }
    if !scheme.eq_ignore_ascii_case(b"basic") {
        return None;
    }
    STANDARD.decode_vec(data, out).ok()?;
    // Names and passwords end at a NUL, as C strings do.
    let text = out.split(|&byte| byte == 0).next()?;
    let (user, pass) = text.split_at_checked(memchr(b':', text)?)?;
    let pass = pass.get(1..)?;
    Some(Credentials::Basic { user, pass })
}

/// The scheme and what follows the blanks after it.
fn split(value: &[u8]) -> Option<(&[u8], &[u8])> {
    let (scheme, data) = value.split_at_checked(memchr(b' ', value)?)?;
    (!scheme.is_empty()).then(|| (scheme, data.trim_ascii_start()))
}

fn list(args: &Args) -> Result<Arc<UserList>, BadArg> {
    args.userlist(0)
        .ok_or_else(|| BadArg::new(0, "expects a userlist"))
}

/// The user of the list that the request's name and password belong to.
fn known<'s>(
    list: &'s UserList,
    head: &'s RequestHead,
    out: &'s mut Vec<u8>,
) -> Option<(&'s [u8], &'s User)> {
    match credentials(head, out)? {
        Credentials::Basic { user, pass } => Some((user, list.check(user, pass)?)),
        Credentials::Bearer(_) => None,
    }
}

#[derive(Debug)]
struct Known(Arc<UserList>);

impl Fetching for Known {
    fn one<'s>(&'s self, cx: &Context<'s>, out: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        Some(Sample::Bool(known(&self.0, cx.request?, out).is_some()))
    }
}

#[derive(Debug)]
struct Groups(Arc<UserList>);

impl Fetching for Groups {
    fn one<'s>(&'s self, cx: &Context<'s>, out: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        known(&self.0, cx.request?, out).map(|(user, _)| Sample::Str(user))
    }

    fn any(
        &self,
        cx: &Context<'_>,
        out: &mut Vec<u8>,
        visit: &mut dyn FnMut(Sample<'_>) -> bool,
    ) -> bool {
        let user = cx.request.and_then(|head| known(&self.0, head, out));
        user.is_some_and(|(_, user)| user.groups.iter().any(|group| visit(Sample::Str(group))))
    }

    fn groups_of(&self) -> Option<&UserList> {
        Some(&self.0)
    }
}

#[derive(Debug)]
struct Bearer {
    /// Empty means `Authorization`.
    header: Box<[u8]>,
}

impl Fetching for Bearer {
    fn one<'s>(&'s self, cx: &Context<'s>, out: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        let head = cx.request?;
        if self.header.is_empty() {
            return match credentials(head, out)? {
                Credentials::Bearer(token) => Some(Sample::Str(token)),
                Credentials::Basic { .. } => None,
            };
        }
        let (scheme, token) = split(head.header(&self.header)?)?;
        let is_bearer = scheme.eq_ignore_ascii_case(b"bearer") && !token.is_empty();
        is_bearer.then_some(Sample::Str(token))
    }
}
