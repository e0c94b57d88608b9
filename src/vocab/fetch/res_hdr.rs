//! `res.hdr`, `res.fhdr`, `shdr_cnt`, `shdr_val`, `shdr_ip`: headers of the response.

use super::header::{As, Side, count, values};
use super::{Build, Keyword, Needs, example};
use crate::vocab::arguments::{Arg, Kind, optional};
use crate::vocab::sample::Type;

const NAME_OCC: &[Arg] = &[optional("name", Kind::Str), optional("occ", Kind::Int)];

pub(super) const RES_HDR: Keyword = Keyword {
    names: &["res.hdr", "shdr"],
    acl_stems: &["shdr"],
    args: NAME_OCC,
    needs: Needs::ResponseHead,
    doc: "The last value of the response header <name>, split at commas, or the <occ>th one.",
    examples: &[
        example("HTTP/1.1 200 OK\nX: a, b", "res.hdr(x)", "b"),
        example("HTTP/1.1 200 OK\nX: a, b", "shdr(x,1)", "a"),
    ],
    build: Build::With(|args| values(args, Side::Response, As::Value)),
    ..Keyword::DEFAULT
};

pub(super) const RES_FHDR: Keyword = Keyword {
    names: &["res.fhdr"],
    args: NAME_OCC,
    needs: Needs::ResponseHead,
    doc: "The whole value of the last response header <name>, or of the <occ>th one.",
    examples: &[example("HTTP/1.1 200 OK\nX: a, b", "res.fhdr(x)", "a, b")],
    build: Build::With(|args| values(args, Side::Response, As::Full)),
    ..Keyword::DEFAULT
};

pub(super) const RES_HDR_CNT: Keyword = Keyword {
    names: &["res.hdr_cnt", "shdr_cnt"],
    args: &[optional("name", Kind::Str)],
    yields: Type::Sint,
    needs: Needs::ResponseHead,
    doc: "How many comma-separated values the response headers <name> have.",
    examples: &[example("HTTP/1.1 200 OK\nX: a, b", "res.hdr_cnt(x)", "2")],
    build: Build::With(|args| count(args, Side::Response, As::Value)),
    ..Keyword::DEFAULT
};

pub(super) const RES_FHDR_CNT: Keyword = Keyword {
    names: &["res.fhdr_cnt"],
    args: &[optional("name", Kind::Str)],
    yields: Type::Sint,
    needs: Needs::ResponseHead,
    doc: "How many response headers <name> there are.",
    examples: &[example("HTTP/1.1 200 OK\nX: a, b", "res.fhdr_cnt(x)", "1")],
    build: Build::With(|args| count(args, Side::Response, As::Full)),
    ..Keyword::DEFAULT
};

pub(super) const RES_HDR_VAL: Keyword = Keyword {
    names: &["res.hdr_val", "shdr_val"],
    args: NAME_OCC,
    yields: Type::Sint,
    needs: Needs::ResponseHead,
    doc: "As \"res.hdr\", as an integer.",
    examples: &[example("HTTP/1.1 200 OK\nX: 42", "res.hdr_val(x)", "42")],
    build: Build::With(|args| values(args, Side::Response, As::Int)),
    ..Keyword::DEFAULT
};

pub(super) const RES_HDR_IP: Keyword = Keyword {
    names: &["res.hdr_ip", "shdr_ip"],
    args: NAME_OCC,
    yields: Type::Addr,
    needs: Needs::ResponseHead,
    doc: "As \"res.hdr\", as an address.",
    examples: &[example("HTTP/1.1 200 OK\nX: ::1", "shdr_ip(x)", "::1")],
    build: Build::With(|args| values(args, Side::Response, As::Addr)),
    ..Keyword::DEFAULT
};
