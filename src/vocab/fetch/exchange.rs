//! Facts of the request at hand: `http_first_req`, `server_status`, `unique-id`, `res.comp`,
//! `res.comp_algo`, `res.cache_hit`, `res.cache_name`.

use super::{Build, Keyword, Needs, example, nothing};
use crate::vocab::sample::{Sample, Type};

pub(super) const HTTP_FIRST_REQ: Keyword = Keyword {
    names: &["http_first_req"],
    yields: Type::Bool,
    needs: Needs::Request,
    doc: "Whether this is the first request of its connection.",
    examples: &[example("GET / HTTP/1.1", "http_first_req", "1")],
    build: Build::Plain(|cx, _| Some(Sample::Bool(!cx.record.followed))),
    ..Keyword::DEFAULT
};

pub(super) const SERVER_STATUS: Keyword = Keyword {
    names: &["server_status"],
    yields: Type::Sint,
    needs: Needs::Response,
    doc: "The status the server answered with, whatever rules made of it.",
    examples: &[example("HTTP/1.1 404 Not Found", "server_status", "404")],
    build: Build::Plain(|cx, _| {
        let noted = Some(cx.record.server_status).filter(|&status| status != 0);
        let status = noted.or_else(|| cx.response.map(|head| head.status()))?;
        Some(Sample::Sint(status.into()))
    }),
    ..Keyword::DEFAULT
};

pub(super) const UNIQUE_ID: Keyword = Keyword {
    names: &["unique-id"],
    doc: "The request's unique id, made by the frontend's \"unique-id-format\".",
    examples: &[nothing("GET / HTTP/1.1", "unique-id")],
    build: Build::Plain(|cx, _| cx.unique_id().map(Sample::Str)),
    ..Keyword::DEFAULT
};

pub(super) const RES_COMP: Keyword = Keyword {
    names: &["res.comp"],
    yields: Type::Bool,
    needs: Needs::Response,
    doc: "Whether the response is being compressed here.",
    examples: &[example("HTTP/1.1 200 OK", "res.comp", "0")],
    build: Build::Plain(|cx, _| {
        let coding = cx.record.coding;
        cx.response.map(|_| Sample::Bool(coding.is_some()))
    }),
    ..Keyword::DEFAULT
};

pub(super) const RES_COMP_ALGO: Keyword = Keyword {
    names: &["res.comp_algo"],
    needs: Needs::Response,
    doc: "The algorithm the response is being compressed with here.",
    build: Build::Plain(|cx, _| cx.record.coding.map(|name| Sample::Str(name.as_bytes()))),
    examples: &[nothing("HTTP/1.1 200 OK", "res.comp_algo")],
    ..Keyword::DEFAULT
};

pub(super) const RES_CACHE_HIT: Keyword = Keyword {
    names: &["res.cache_hit"],
    yields: Type::Bool,
    needs: Needs::Response,
    doc: "Whether the response came from a cache.",
    examples: &[example("HTTP/1.1 200 OK", "res.cache_hit", "0")],
    build: Build::Plain(|cx, _| {
        let is_hit = cx.record.cache.borrow().hit.is_some();
        cx.response.map(|_| Sample::Bool(is_hit))
    }),
    ..Keyword::DEFAULT
};

pub(super) const RES_CACHE_NAME: Keyword = Keyword {
    names: &["res.cache_name"],
    needs: Needs::Response,
    doc: "The name of the cache the response came from.",
    examples: &[nothing("HTTP/1.1 200 OK", "res.cache_name")],
    build: Build::Plain(|cx, buf| {
        let uses = cx.record.cache.borrow();
        let (cache, _) = uses.hit.as_ref()?;
        buf.extend_from_slice(cache.spec().name.as_bytes());
        Some(Sample::Str(buf))
    }),
    ..Keyword::DEFAULT
};
