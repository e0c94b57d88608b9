//! `dst` and `dst_port`: the address the client connected to.

use super::{Build, Keyword, Needs, example};
use crate::vocab::sample::{Sample, Type};

pub(super) const DST: Keyword = Keyword {
    names: &["dst"],
    needs: Needs::Connection,
    yields: Type::Addr,
    doc: "The address the client connected to, or what the PROXY protocol said.",
    examples: &[example("", "dst", "198.51.100.2")],
    build: Build::Plain(|cx, _| cx.conn.dst.ip().map(Sample::Addr)),
    ..Keyword::DEFAULT
};

pub(super) const DST_PORT: Keyword = Keyword {
    names: &["dst_port"],
    needs: Needs::Connection,
    yields: Type::Sint,
    doc: "The port the client connected to; nothing on UNIX sockets.",
    examples: &[example("", "dst_port", "8080")],
    build: Build::Plain(|cx, _| cx.conn.dst.port().map(|port| Sample::Sint(port.into()))),
    ..Keyword::DEFAULT
};
