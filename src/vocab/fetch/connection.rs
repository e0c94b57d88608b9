//! `fc_http_major`, `bc_reused`, `fc_err`…: the state of the two connections.
//!
//! HTTP/1 carries one stream per connection, and rules never see a connection that failed.

use super::{Build, Example, Keyword, Needs, example, nothing};
use crate::settings::Mode;
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};

pub(super) const FC_HTTP_MAJOR: Keyword = client(
    &["fc_http_major"],
    Type::Sint,
    "The major HTTP version of the client connection; nothing in TCP mode.",
    &[example("GET / HTTP/1.1", "fc_http_major", "1")],
    Build::Plain(|cx, _| client_number(cx, 1)),
);

pub(super) const BC_HTTP_MAJOR: Keyword = server(
    &["bc_http_major"],
    Type::Sint,
    "The major HTTP version of the server connection; nothing in TCP mode.",
    &[nothing("", "bc_http_major")],
    Build::Plain(|cx, _| server_number(cx, 1)),
);

pub(super) const FC_GLITCHES: Keyword = client(
    &["fc_glitches"],
    Type::Sint,
    "Oddities of the client's HTTP framing that were let pass: always 0, as none are.",
    &[example("GET / HTTP/1.1", "fc_glitches", "0")],
    Build::Plain(|cx, _| client_number(cx, 0)),
);

pub(super) const BC_GLITCHES: Keyword = server(
    &["bc_glitches"],
    Type::Sint,
    "Oddities of the server's HTTP framing that were let pass: always 0, as none are.",
    &[nothing("", "bc_glitches")],
    Build::Plain(|cx, _| server_number(cx, 0)),
);

pub(super) const FC_NB_STREAMS: Keyword = client(
    &["fc_nb_streams"],
    Type::Sint,
    "Streams open on the client connection: HTTP/1 has one.",
    &[example("GET / HTTP/1.1", "fc_nb_streams", "1")],
    Build::Plain(|_, _| Some(Sample::Sint(1))),
);

pub(super) const BC_NB_STREAMS: Keyword = server(
    &["bc_nb_streams"],
    Type::Sint,
    "Streams open on the server connection: HTTP/1 has one.",
    &[nothing("", "bc_nb_streams")],
    Build::Plain(|cx, _| is_connected(cx).then_some(Sample::Sint(1))),
);

pub(super) const FC_STREAMS_LIMIT: Keyword = Keyword {
    needs: Needs::Session,
    ..client(
        &["fc_settings_streams_limit"],
        Type::Sint,
        "Most streams the client connection may have open: 1 for HTTP/1.",
        &[example("GET / HTTP/1.1", "fc_settings_streams_limit", "1")],
        Build::Plain(|_, _| Some(Sample::Sint(1))),
    )
};

pub(super) const BC_STREAMS_LIMIT: Keyword = server(
    &["bc_settings_streams_limit"],
    Type::Sint,
    "Most streams the server connection may have open: 1 for HTTP/1.",
    &[nothing("", "bc_settings_streams_limit")],
    Build::Plain(|cx, _| is_connected(cx).then_some(Sample::Sint(1))),
);

pub(super) const FC_ERR: Keyword = client(
    &["fc_err"],
    Type::Sint,
    "The number of the client connection's error: 0 is none.",
    &[example("", "fc_err", "0")],
    Build::Plain(|_, _| Some(Sample::Sint(0))),
);

pub(super) const FC_ERR_NAME: Keyword = client(
    &["fc_err_name"],
    Type::Str,
    "The short name of the client connection's error: empty for none.",
    &[example("", "fc_err_name", "")],
    Build::Plain(|_, _| Some(Sample::Str(b""))),
);

pub(super) const FC_ERR_STR: Keyword = client(
    &["fc_err_str"],
    Type::Str,
    "The client connection's error in words.",
    &[example("", "fc_err_str", "Success")],
    Build::Plain(|_, _| Some(Sample::Str(b"Success"))),
);

pub(super) const BC_ERR: Keyword = server(
    &["bc_err"],
    Type::Sint,
    "The number of the server connection's error: 0 is none.",
    &[nothing("", "bc_err")],
    Build::Plain(|cx, _| is_connected(cx).then_some(Sample::Sint(0))),
);

pub(super) const BC_ERR_NAME: Keyword = server(
    &["bc_err_name"],
    Type::Str,
    "The short name of the server connection's error: empty for none.",
    &[nothing("", "bc_err_name")],
    Build::Plain(|cx, _| is_connected(cx).then_some(Sample::Str(b""))),
);

pub(super) const BC_ERR_STR: Keyword = server(
    &["bc_err_str"],
    Type::Str,
    "The server connection's error in words.",
    &[nothing("", "bc_err_str")],
    Build::Plain(|cx, _| is_connected(cx).then_some(Sample::Str(b"Success"))),
);

pub(super) const BC_REUSED: Keyword = Keyword {
    needs: Needs::ServerAddress,
    ..server(
        &["bc_reused"],
        Type::Bool,
        "Whether the server connection had served another request before.",
        &[example("", "bc_reused", "0")],
        Build::Plain(|cx, _| Some(Sample::Bool(cx.record.reused))),
    )
};

const fn client(
    names: &'static [&'static str],
    yields: Type,
    doc: &'static str,
    examples: &'static [Example],
    build: Build,
) -> Keyword {
    Keyword {
        names,
        yields,
        needs: Needs::Connection,
        doc,
        examples,
        build,
        ..Keyword::DEFAULT
    }
}

const fn server(
    names: &'static [&'static str],
    yields: Type,
    doc: &'static str,
    examples: &'static [Example],
    build: Build,
) -> Keyword {
    Keyword {
        needs: Needs::ServerConn,
        ..client(names, yields, doc, examples, build)
    }
}

fn is_connected(cx: &Context<'_>) -> bool {
    cx.record.connected_us != 0
}

fn client_number<'s>(cx: &Context<'_>, value: i64) -> Option<Sample<'s>> {
    (cx.names.mode == Mode::Http).then_some(Sample::Sint(value))
}

fn server_number<'s>(cx: &Context<'_>, value: i64) -> Option<Sample<'s>> {
    client_number(cx, value).filter(|_| is_connected(cx))
}
