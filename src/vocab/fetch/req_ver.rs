//! `req.ver` and `res.ver`: the version of a message as `1.0` or `1.1`.

use super::{Build, Keyword, Needs, example};
use crate::http1::Version;
use crate::vocab::sample::Sample;

pub(super) const REQ_VER: Keyword = Keyword {
    names: &["req.ver", "req_ver"],
    acl_stems: &["req_ver"],
    needs: Needs::Request,
    doc: "The version of the request: \"1.0\" or \"1.1\".",
    examples: &[
        example("GET / HTTP/1.1", "req.ver", "1.1"),
        example("GET / HTTP/1.0", "req_ver", "1.0"),
    ],
    build: Build::Plain(|cx, _| Some(Sample::Str(text(cx.request?.version())))),
    ..Keyword::DEFAULT
};

pub(super) const RES_VER: Keyword = Keyword {
    names: &["res.ver", "resp_ver"],
    acl_stems: &["resp_ver"],
    needs: Needs::Response,
    doc: "The version of the response: \"1.0\" or \"1.1\".",
    examples: &[example("HTTP/1.0 200 OK", "res.ver", "1.0")],
    build: Build::Plain(|cx, _| Some(Sample::Str(text(cx.response?.version())))),
    ..Keyword::DEFAULT
};

fn text(version: Version) -> &'static [u8] {
    match version {
        Version::Http10 => b"1.0",
        Version::Http11 => b"1.1",
    }
}
