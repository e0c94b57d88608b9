//! `req.hdr`, `req.fhdr`, `hdr_cnt`, `hdr_val`, `hdr_ip`: headers of the request.

use super::header::{As, Side, count, values};
use super::{Build, Keyword, Needs, example, nothing};
use crate::vocab::arguments::{Arg, Kind, optional};
use crate::vocab::sample::Type;

const NAME_OCC: &[Arg] = &[optional("name", Kind::Str), optional("occ", Kind::Int)];
const NAME: &[Arg] = &[optional("name", Kind::Str)];

pub(super) const REQ_HDR: Keyword = Keyword {
    names: &["req.hdr"],
    acl_stems: &["hdr"],
    args: NAME_OCC,
    needs: Needs::RequestHead,
    doc: "The last value of the header <name>, split at commas, or the <occ>th one; negative \
          counts from the end. Conditions look at every value.",
    examples: &[
        example("GET / HTTP/1.1\nX: a, b", "req.hdr(x)", "b"),
        example("GET / HTTP/1.1\nX: a, b", "req.hdr(x,1)", "a"),
        example("GET / HTTP/1.1\nX: a, b\nx: c", "hdr(x,-2)", "b"),
        example("GET / HTTP/1.1\nX: a, b\nx: c", "hdr(x,3)", "c"),
        example("GET / HTTP/1.1\nX:", "hdr(x)", ""),
        nothing("GET / HTTP/1.1\nX: a", "hdr(x,2)"),
        nothing("GET / HTTP/1.1", "hdr(x)"),
    ],
    build: Build::With(|args| values(args, Side::Request, As::Value)),
    ..Keyword::DEFAULT
};

pub(super) const HDR: Keyword = Keyword {
    names: &["hdr"],
    args: NAME_OCC,
    needs: Needs::Head,
    doc: "As \"req.hdr\" in request rules and as \"res.hdr\" in response rules.",
    examples: &[
        example("GET / HTTP/1.1\nX: a, b", "hdr(x)", "b"),
        example("HTTP/1.1 200 OK\nX: a, b", "hdr(x)", "b"),
    ],
    build: Build::With(|args| values(args, Side::Either, As::Value)),
    ..Keyword::DEFAULT
};

pub(super) const REQ_FHDR: Keyword = Keyword {
    names: &["req.fhdr"],
    args: NAME_OCC,
    needs: Needs::RequestHead,
    doc: "The whole value of the last header <name>, commas and all, or of the <occ>th one.",
    examples: &[
        example("GET / HTTP/1.1\nX: a, b", "req.fhdr(x)", "a, b"),
        example("GET / HTTP/1.1\nX: a, b\nX: c", "req.fhdr(x)", "c"),
        example("GET / HTTP/1.1\nX: a, b\nX: c", "req.fhdr(x,1)", "a, b"),
    ],
    build: Build::With(|args| values(args, Side::Request, As::Full)),
    ..Keyword::DEFAULT
};

pub(super) const REQ_HDR_CNT: Keyword = Keyword {
    names: &["req.hdr_cnt", "hdr_cnt"],
    args: NAME,
    yields: Type::Sint,
    needs: Needs::RequestHead,
    doc: "How many comma-separated values the headers <name> have.",
    examples: &[
        example("GET / HTTP/1.1\nX: a, b\nX: c", "req.hdr_cnt(x)", "3"),
        example("GET / HTTP/1.1", "hdr_cnt(x)", "0"),
    ],
    build: Build::With(|args| count(args, Side::Request, As::Value)),
    ..Keyword::DEFAULT
};

pub(super) const REQ_FHDR_CNT: Keyword = Keyword {
    names: &["req.fhdr_cnt"],
    args: NAME,
    yields: Type::Sint,
    needs: Needs::RequestHead,
    doc: "How many headers <name> there are.",
    examples: &[example(
        "GET / HTTP/1.1\nX: a, b\nX: c",
        "req.fhdr_cnt(x)",
        "2",
    )],
    build: Build::With(|args| count(args, Side::Request, As::Full)),
    ..Keyword::DEFAULT
};

pub(super) const REQ_HDR_VAL: Keyword = Keyword {
    names: &["req.hdr_val", "hdr_val"],
    args: NAME_OCC,
    yields: Type::Sint,
    needs: Needs::RequestHead,
    doc: "As \"req.hdr\", as an integer.",
    examples: &[
        example("GET / HTTP/1.1\nX: 42", "req.hdr_val(x)", "42"),
        example("GET / HTTP/1.1\nX: 42, 7", "hdr_val(x,1)", "42"),
    ],
    build: Build::With(|args| values(args, Side::Request, As::Int)),
    ..Keyword::DEFAULT
};

pub(super) const REQ_HDR_IP: Keyword = Keyword {
    names: &["req.hdr_ip", "hdr_ip"],
    args: NAME_OCC,
    yields: Type::Addr,
    needs: Needs::RequestHead,
    doc: "As \"req.hdr\", as an address; a port after an IPv4 one is ignored.",
    examples: &[
        example("GET / HTTP/1.1\nX: 192.0.2.7", "req.hdr_ip(x)", "192.0.2.7"),
        example("GET / HTTP/1.1\nX: 192.0.2.7, ::1", "hdr_ip(x)", "::1"),
        example("GET / HTTP/1.1\nX: 192.0.2.7:80", "hdr_ip(x)", "192.0.2.7"),
        example("GET / HTTP/1.1\nX: [::1]", "hdr_ip(x)", "::1"),
        nothing("GET / HTTP/1.1\nX: [::1]:80", "hdr_ip(x)"),
        nothing("GET / HTTP/1.1\nX: [192.0.2.7]", "hdr_ip(x)"),
        nothing("GET / HTTP/1.1\nX: a", "hdr_ip(x)"),
    ],
    build: Build::With(|args| values(args, Side::Request, As::Addr)),
    ..Keyword::DEFAULT
};
