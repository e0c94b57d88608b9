//! `url_ip` and `url_port`: where an absolute target points, if it names an IPv4 address.

use super::{Build, Keyword, Needs, example, nothing};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};
use memchr::memmem;
use std::net::Ipv4Addr;

pub(super) const URL_IP: Keyword = Keyword {
    names: &["url_ip"],
    yields: Type::Ipv4,
    needs: Needs::RequestHead,
    doc: "The IPv4 address of an absolute target.",
    examples: &[
        example(
            "GET http://192.0.2.7:81/ HTTP/1.1\nHost: 192.0.2.7:81",
            "url_ip",
            "192.0.2.7",
        ),
        nothing("GET http://h/ HTTP/1.1\nHost: h", "url_ip"),
        nothing("GET / HTTP/1.1", "url_ip"),
    ],
    build: Build::Plain(|cx, _| place(cx).map(|(addr, _)| Sample::Addr(addr.into()))),
    ..Keyword::DEFAULT
};

pub(super) const URL_PORT: Keyword = Keyword {
    names: &["url_port"],
    yields: Type::Sint,
    needs: Needs::RequestHead,
    doc: "The port of an absolute target that names an IPv4 address.",
    examples: &[
        example(
            "GET http://192.0.2.7:81/ HTTP/1.1\nHost: 192.0.2.7:81",
            "url_port",
            "81",
        ),
        example(
            "GET https://192.0.2.7/ HTTP/1.1\nHost: 192.0.2.7",
            "url_port",
            "443",
        ),
        nothing("GET / HTTP/1.1", "url_port"),
    ],
    build: Build::Plain(|cx, _| place(cx).map(|(_, port)| Sample::Sint(port.into()))),
    ..Keyword::DEFAULT
};

fn place(cx: &Context<'_>) -> Option<(Ipv4Addr, u16)> {
    let target = cx.request?.target();
    let (scheme, rest) = target.split_at_checked(memmem::find(target, b"://")?)?;
    let default_port = match scheme {
        scheme if scheme.eq_ignore_ascii_case(b"http") => 80,
        scheme if scheme.eq_ignore_ascii_case(b"https") => 443,
        _ => return None,
    };
    let rest = std::str::from_utf8(rest.get(3..)?).ok()?;
    let end = |text: &str, is_part: fn(u8) -> bool| {
        text.bytes()
            .position(|byte| !is_part(byte))
            .unwrap_or(text.len())
    };
    let (addr, rest) = rest.split_at(end(rest, |byte| byte.is_ascii_digit() || byte == b'.'));
    let port = match rest.strip_prefix(':') {
        Some(rest) => rest
            .get(..end(rest, |byte| byte.is_ascii_digit()))?
            .parse()
            .ok()?,
        None => default_port,
    };
    Some((addr.parse().ok()?, port))
}
