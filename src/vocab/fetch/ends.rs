//! `fc_src`, `bc_dst_port`, `src_is_local`…: the ends of the two connections.
//!
//! Unlike `src` and `dst`, those of `fc_` do not follow a PROXY header, nor `set-src` and the like in later rules.

use super::{Build, Keyword, Needs, example, nothing};
use crate::net::Endpoint;
use crate::vocab::sample::{Sample, Type};
use std::net::{IpAddr, SocketAddr, UdpSocket};

pub(super) const FC_SRC: Keyword = address(
    &["fc_src"],
    "The client's address on the connection itself, or what `tcp-request connection` rules made of it.",
    &[example("", "fc_src", "192.0.2.1")],
    Build::Plain(|cx, _| cx.conn.ends.0.ip().map(Sample::Addr)),
);

pub(super) const FC_DST: Keyword = address(
    &["fc_dst"],
    "The address the client connected to, or what `tcp-request connection` rules made of it.",
    &[example("", "fc_dst", "198.51.100.2")],
    Build::Plain(|cx, _| cx.conn.ends.1.ip().map(Sample::Addr)),
);

pub(super) const FC_SRC_PORT: Keyword = port(
    &["fc_src_port"],
    "The client's port on the connection itself, or what `tcp-request connection` rules made of it.",
    &[example("", "fc_src_port", "40000")],
    Build::Plain(|cx, _| port_of(cx.conn.ends.0)),
);

pub(super) const FC_DST_PORT: Keyword = port(
    &["fc_dst_port"],
    "The port the client connected to, or what `tcp-request connection` rules made of it.",
    &[example("", "fc_dst_port", "8080")],
    Build::Plain(|cx, _| port_of(cx.conn.ends.1)),
);

pub(super) const BC_SRC: Keyword = server(address(
    &["bc_src"],
    "The address the server was connected to from.",
    &[nothing("", "bc_src")],
    Build::Plain(|cx, _| cx.record.server_local.map(|addr| Sample::Addr(addr.ip()))),
));

pub(super) const BC_DST: Keyword = server(address(
    &["bc_dst"],
    "The server's address on the connection to it.",
    &[nothing("", "bc_dst")],
    Build::Plain(|cx, _| cx.record.server_peer.map(|addr| Sample::Addr(addr.ip()))),
));

pub(super) const BC_SRC_PORT: Keyword = server(port(
    &["bc_src_port"],
    "The port the server was connected to from.",
    &[nothing("", "bc_src_port")],
    Build::Plain(|cx, _| cx.record.server_local.and_then(socket_port)),
));

pub(super) const BC_DST_PORT: Keyword = server(port(
    &["bc_dst_port"],
    "The server's port on the connection to it.",
    &[nothing("", "bc_dst_port")],
    Build::Plain(|cx, _| cx.record.server_peer.and_then(socket_port)),
));

pub(super) const SRC_IS_LOCAL: Keyword = local(
    &["src_is_local"],
    "Whether the client's address is one of this machine.",
    &[example("", "src_is_local", "0")],
    Build::Plain(|cx, _| is_local(cx.conn.src)),
);

pub(super) const DST_IS_LOCAL: Keyword = local(
    &["dst_is_local"],
    "Whether the address the client connected to is one of this machine.",
    &[example("", "dst_is_local", "0")],
    Build::Plain(|cx, _| is_local(cx.conn.dst)),
);

pub(super) const FC_SRC_IS_LOCAL: Keyword = local(
    &["fc_src_is_local"],
    "As 'src_is_local', for the connection itself.",
    &[example("", "fc_src_is_local", "0")],
    Build::Plain(|cx, _| is_local(cx.conn.ends.0)),
);

pub(super) const FC_DST_IS_LOCAL: Keyword = local(
    &["fc_dst_is_local"],
    "As 'dst_is_local', for the connection itself.",
    &[example("", "fc_dst_is_local", "0")],
    Build::Plain(|cx, _| is_local(cx.conn.ends.1)),
);

const fn address(
    names: &'static [&'static str],
    doc: &'static str,
    examples: &'static [super::Example],
    build: Build,
) -> Keyword {
    Keyword {
        names,
        yields: Type::Addr,
        needs: Needs::Connection,
        doc,
        examples,
        build,
        ..Keyword::DEFAULT
    }
}

const fn port(
    names: &'static [&'static str],
    doc: &'static str,
    examples: &'static [super::Example],
    build: Build,
) -> Keyword {
    Keyword {
        yields: Type::Sint,
        ..address(names, doc, examples, build)
    }
}

const fn local(
    names: &'static [&'static str],
    doc: &'static str,
    examples: &'static [super::Example],
    build: Build,
) -> Keyword {
    Keyword {
        yields: Type::Bool,
        ..address(names, doc, examples, build)
    }
}

const fn server(keyword: Keyword) -> Keyword {
    Keyword {
        needs: Needs::ServerAddress,
        ..keyword
    }
}

fn port_of<'s>(end: Endpoint) -> Option<Sample<'s>> {
    end.inet().and_then(socket_port)
}

fn socket_port<'s>(addr: SocketAddr) -> Option<Sample<'s>> {
    (addr.port() != 0).then(|| Sample::Sint(addr.port().into()))
}

/// Asks the kernel, as only it knows: an address can be bound here or it is another machine's.
fn is_local<'s>(end: Endpoint) -> Option<Sample<'s>> {
    let ip: IpAddr = end.ip()?.to_canonical();
    Some(Sample::Bool(UdpSocket::bind((ip, 0)).is_ok()))
}
