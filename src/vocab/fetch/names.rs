//! `fe_name`, `be_name`, `srv_name`, `so_name` and their ids: where the stream went through.

use super::{Build, Keyword, Needs, example};
use crate::vocab::sample::{Sample, Type};

pub(super) const FE_NAME: Keyword = Keyword {
    names: &["fe_name"],
    needs: Needs::Connection,
    doc: "The name of the frontend the stream came in by.",
    examples: &[example("", "fe_name", "front")],
    build: Build::Plain(|cx, _| Some(Sample::Str(cx.names.frontend.as_bytes()))),
    ..Keyword::DEFAULT
};

pub(super) const FE_ID: Keyword = Keyword {
    names: &["fe_id"],
    needs: Needs::Connection,
    yields: Type::Sint,
    doc: "The id of the frontend the stream came in by.",
    examples: &[example("", "fe_id", "2")],
    build: Build::Plain(|cx, _| Some(Sample::Sint(cx.names.frontend_id.into()))),
    ..Keyword::DEFAULT
};

pub(super) const BE_NAME: Keyword = Keyword {
    names: &["be_name"],
    needs: Needs::Backend,
    doc: "The name of the backend, or of the frontend before one is chosen.",
    examples: &[example("", "be_name", "back")],
    build: Build::Plain(|cx, _| Some(Sample::Str(cx.names.backend.as_bytes()))),
    ..Keyword::DEFAULT
};

pub(super) const BE_ID: Keyword = Keyword {
    names: &["be_id"],
    yields: Type::Sint,
    needs: Needs::Backend,
    doc: "The id of the backend.",
    examples: &[example("", "be_id", "3")],
    build: Build::Plain(|cx, _| Some(Sample::Sint(cx.names.backend_id.into()))),
    ..Keyword::DEFAULT
};

pub(super) const SRV_NAME: Keyword = Keyword {
    names: &["srv_name"],
    needs: Needs::Server,
    doc: "The name of the server; nothing before one is chosen.",
    examples: &[example("", "srv_name", "s1")],
    build: Build::Plain(|cx, _| Some(Sample::Str(cx.names.server?.as_bytes()))),
    ..Keyword::DEFAULT
};

pub(super) const SRV_ID: Keyword = Keyword {
    names: &["srv_id"],
    yields: Type::Sint,
    needs: Needs::Server,
    doc: "The id of the server; nothing before one is chosen.",
    examples: &[example("", "srv_id", "1")],
    build: Build::Plain(|cx, _| {
        let id = cx.names.server_id;
        cx.names.server.map(|_| Sample::Sint(id.into()))
    }),
    ..Keyword::DEFAULT
};

pub(super) const SO_NAME: Keyword = Keyword {
    names: &["so_name"],
    needs: Needs::Connection,
    doc: "The name of the listening socket, as given by \"name\" on its line.",
    examples: &[example("", "so_name", "sock")],
    build: Build::Plain(|cx, _| {
        let name = Some(cx.names.listener).filter(|name| !name.is_empty());
        name.map(|name| Sample::Str(name.as_bytes()))
    }),
    ..Keyword::DEFAULT
};

pub(super) const SO_ID: Keyword = Keyword {
    names: &["so_id"],
    needs: Needs::Connection,
    yields: Type::Sint,
    doc: "The id of the listening socket.",
    examples: &[example("", "so_id", "1")],
    build: Build::Plain(|cx, _| Some(Sample::Sint(cx.names.listener_id.into()))),
    ..Keyword::DEFAULT
};

pub(super) const DST_CONN: Keyword = Keyword {
    names: &["dst_conn"],
    yields: Type::Sint,
    needs: Needs::Connection,
    doc: "Connections of the listening socket now, this one included.",
    examples: &[example("", "dst_conn", "3")],
    build: Build::Plain(|cx, _| Some(Sample::Sint(cx.names.listener_conns.into()))),
    ..Keyword::DEFAULT
};
