//! `src` and `src_port`: the client's address.

use super::{Build, Keyword, Needs, example};
use crate::vocab::sample::{Sample, Type};

pub(super) const SRC: Keyword = Keyword {
    names: &["src"],
    needs: Needs::Connection,
    yields: Type::Addr,
    doc: "The client's address: the connection's peer, or what the PROXY protocol said.",
    examples: &[example("", "src", "192.0.2.1")],
    build: Build::Plain(|cx, _| cx.conn.src.ip().map(Sample::Addr)),
    ..Keyword::DEFAULT
};

pub(super) const SRC_PORT: Keyword = Keyword {
    names: &["src_port"],
    needs: Needs::Connection,
    yields: Type::Sint,
    doc: "The client's port; nothing for clients of UNIX sockets.",
    examples: &[example("", "src_port", "40000")],
    build: Build::Plain(|cx, _| cx.conn.src.port().map(|port| Sample::Sint(port.into()))),
    ..Keyword::DEFAULT
};
