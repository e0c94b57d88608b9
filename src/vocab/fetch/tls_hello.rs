//! `req.ssl_sni`, `req.ssl_alpn`…: what a TLS client says before anything is encrypted.
//!
//! For TCP mode; in HTTP mode the bytes of a request are gone when rules run.

use super::{Build, Fetching, Keyword, Needs, example, nothing};
use crate::net::tls_hello::{self, ClientHello, Unreadable};
use crate::vocab::content::Content;
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};

pub(super) const SNI: Keyword = Keyword {
    names: &["req.ssl_sni", "req_ssl_sni"],
    acl_stems: &["req_ssl_sni"],
    needs: Needs::RequestBytes,
    doc: "The server name that a TLS client's hello asks for.",
    examples: &[nothing("raw:GET / HTTP/1.1", "req.ssl_sni")],
    build: Build::Plain(|cx, _| hello(cx)?.server_name().map(Sample::Str)),
    ..Keyword::DEFAULT
};

pub(super) const ALPN: Keyword = Keyword {
    names: &["req.ssl_alpn"],
    needs: Needs::RequestBytes,
    doc: "The protocols that a TLS client's hello offers; in an expression, the first one.",
    examples: &[nothing("raw:GET / HTTP/1.1", "req.ssl_alpn")],
    build: Build::With(|_| Ok(Box::new(Protocols))),
    ..Keyword::DEFAULT
};

#[derive(Debug)]
struct Protocols;

impl Fetching for Protocols {
    fn one<'s>(&'s self, cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        hello(cx)?.protocols().next().map(Sample::Str)
    }

    fn any(
        &self,
        cx: &Context<'_>,
        _: &mut Vec<u8>,
        visit: &mut dyn FnMut(Sample<'_>) -> bool,
    ) -> bool {
        hello(cx).is_some_and(|hello| hello.protocols().any(|name| visit(Sample::Str(name))))
    }
}

pub(super) const CIPHERLIST: Keyword = bytes(
    &["req.ssl_cipherlist"],
    "The cipher suites that a TLS client's hello offers, two bytes each.",
    &[nothing("raw:x", "req.ssl_cipherlist")],
    Build::Plain(|cx, _| Some(Sample::Bin(hello(cx)?.ciphers))),
);

pub(super) const SUPPORTED_GROUPS: Keyword = bytes(
    &["req.ssl_supported_groups"],
    "The key exchange groups that a TLS client's hello lists, two bytes each.",
    &[nothing("raw:x", "req.ssl_supported_groups")],
    Build::Plain(|cx, _| hello(cx)?.groups().map(Sample::Bin)),
);

pub(super) const SIGALGS: Keyword = bytes(
    &["req.ssl_sigalgs"],
    "The signature algorithms that a TLS client's hello lists, two bytes each.",
    &[nothing("raw:x", "req.ssl_sigalgs")],
    Build::Plain(|cx, _| hello(cx)?.signature_algorithms().map(Sample::Bin)),
);

pub(super) const KEYSHARE_GROUPS: Keyword = Keyword {
    writes: true,
    ..bytes(
        &["req.ssl_keyshare_groups"],
        "The groups that a TLS client's hello sends keys for, two bytes each.",
        &[nothing("raw:x", "req.ssl_keyshare_groups")],
        Build::Plain(|cx, out| {
            let shares = hello(cx)?.key_shares()?;
            shares.for_each(|group| out.extend_from_slice(group));
            Some(Sample::Bin(out))
        }),
    )
};

const fn bytes(
    names: &'static [&'static str],
    doc: &'static str,
    examples: &'static [super::Example],
    build: Build,
) -> Keyword {
    Keyword {
        names,
        yields: Type::Bin,
        needs: Needs::RequestBytes,
        doc,
        examples,
        build,
        ..Keyword::DEFAULT
    }
}

pub(super) const EC_EXT: Keyword = Keyword {
    names: &["req.ssl_ec_ext"],
    yields: Type::Bool,
    needs: Needs::RequestBytes,
    doc: "True if a TLS client's hello lists key exchange groups; nothing otherwise.",
    examples: &[nothing("raw:x", "req.ssl_ec_ext")],
    build: Build::Plain(|cx, _| hello(cx)?.has_groups().then_some(Sample::Bool(true))),
    ..Keyword::DEFAULT
};

pub(super) const ST_EXT: Keyword = Keyword {
    names: &["req.ssl_st_ext"],
    yields: Type::Sint,
    needs: Needs::RequestBytes,
    doc: "0 if a TLS client's hello does not mention session tickets, 1 if it does, 2 if it sends \
          one.",
    examples: &[nothing("raw:x", "req.ssl_st_ext")],
    build: Build::Plain(|cx, _| {
        let ticket = hello(cx)?.session_ticket();
        Some(Sample::Sint(
            ticket.map_or(0, |length| 1 + i64::from(length > 0)),
        ))
    }),
    ..Keyword::DEFAULT
};

pub(super) const VER: Keyword = Keyword {
    names: &["req.ssl_ver", "req_ssl_ver"],
    dotted_patterns: true,
    yields: Type::Sint,
    needs: Needs::RequestBytes,
    doc: "The version that a TLS or SSL client's hello asks for: 65536 times the major number, \
          plus the minor one. Conditions compare it with patterns such as 3.1.",
    examples: &[nothing("raw:GET / HTTP/1.1", "req.ssl_ver")],
    build: Build::Plain(|cx, _| {
        let content = cx.content?;
        let version = tls_hello::version(content.bytes()?, content.limit());
        let (major, minor) = known(content, version)?;
        Some(Sample::Sint(i64::from(major) << 16 | i64::from(minor)))
    }),
    ..Keyword::DEFAULT
};

pub(super) const REQ_HELLO_TYPE: Keyword = Keyword {
    names: &["req.ssl_hello_type", "req_ssl_hello_type"],
    yields: Type::Sint,
    needs: Needs::RequestBytes,
    doc: "The type of the TLS handshake message that the request starts with: 1 is a client's \
          hello.",
    examples: &[
        example(
            "raw:\x16\x03\x01\x00\x04\x01\x00\x00\x00",
            "req.ssl_hello_type",
            "1",
        ),
        nothing("raw:GET / HTTP/1.1", "req.ssl_hello_type"),
    ],
    build: Build::Plain(hello_type),
    ..Keyword::DEFAULT
};

pub(super) const RES_HELLO_TYPE: Keyword = Keyword {
    names: &["res.ssl_hello_type", "rep_ssl_hello_type"],
    yields: Type::Sint,
    needs: Needs::ResponseBytes,
    doc: "The type of the TLS handshake message that the response starts with: 2 is a server's \
          hello.",
    examples: &[example(
        "raw:\x16\x03\x01\x00\x04\x02\x00\x00\x00",
        "res.ssl_hello_type",
        "2",
    )],
    build: Build::Plain(hello_type),
    ..Keyword::DEFAULT
};

fn hello_type<'s>(cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
    let content = cx.content?;
    let kind = known(content, tls_hello::hello_type(content.bytes()?))?;
    Some(Sample::Sint(kind.into()))
}

/// The client's hello, if that is what was received.
fn hello<'s>(cx: &Context<'s>) -> Option<ClientHello<'s>> {
    let content = cx.content?;
    known(content, tls_hello::client_hello(content.bytes()?))
}

fn known<T>(content: &Content<'_>, read: Result<T, Unreadable>) -> Option<T> {
    match read {
        Ok(value) => Some(value),
        Err(Unreadable::Incomplete) => content.wait(),
        Err(Unreadable::NotHello) => None,
    }
}
