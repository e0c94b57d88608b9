//! `nbsrv`, `srv_is_up`, `srv_queue` and `fe_exists`: facts of what the value names.

use super::{Build, Converting, Keyword};
use crate::vocab::context::Context;
use crate::vocab::outer::ServerIndex;
use crate::vocab::sample::{Sample, Type};
use crate::vocab::state::{BackendFact, ServerFact};

const NAME: Keyword = Keyword {
    gives: Type::Sint,
    ..Keyword::DEFAULT
};

pub(super) const NBSRV: Keyword = Keyword {
    names: &["nbsrv"],
    doc: "Usable servers of the backend of that name.",
    examples: &[("str(back),nbsrv", Some("2")), ("str(x),nbsrv", None)],
    build: Build::With(|_| Ok(Box::new(Named(servers)))),
    ..NAME
};

pub(super) const SRV_IS_UP: Keyword = Keyword {
    names: &["srv_is_up"],
    gives: Type::Bool,
    doc: "Whether the server of that name, \"<backend>/<server>\" or one of the stream's backend, is up.",
    examples: &[
        ("str(back/s1),srv_is_up", Some("1")),
        ("str(s1),srv_is_up", Some("1")),
        ("str(back/x),srv_is_up", None),
    ],
    build: Build::With(|_| {
        Ok(Box::new(Named(|cx, name| {
            let up = cx.state.server(server(cx, name)?, ServerFact::Up)?;
            Some(Sample::Bool(up != 0))
        })))
    }),
    ..NAME
};

pub(super) const SRV_QUEUE: Keyword = Keyword {
    names: &["srv_queue"],
    doc: "Streams that wait for the server of that name, \"<backend>/<server>\" or one of the stream's backend.",
    examples: &[
        ("str(back/s1),srv_queue", Some("1")),
        ("str(x/s1),srv_queue", None),
    ],
    build: Build::With(|_| {
        Ok(Box::new(Named(|cx, name| {
            let queue = cx.state.server(server(cx, name)?, ServerFact::Queue)?;
            Some(Sample::Sint(queue))
        })))
    }),
    ..NAME
};

pub(super) const FE_EXISTS: Keyword = Keyword {
    names: &["fe_exists"],
    gives: Type::Bool,
    doc: "Whether there is a frontend of that name.",
    examples: &[
        ("str(front),fe_exists", Some("1")),
        ("str(x),fe_exists", Some("0")),
    ],
    build: Build::With(|_| {
        Ok(Box::new(Named(|cx, name| {
            Some(Sample::Bool(cx.state.frontend_named(name).is_some()))
        })))
    }),
    ..NAME
};

fn servers<'s>(cx: &Context<'_>, name: &[u8]) -> Option<Sample<'s>> {
    let backend = cx.state.backend_named(name)?;
    let count = cx.state.backend(backend, BackendFact::UsableServers);
    count.map(Sample::Sint)
}

fn server(cx: &Context<'_>, name: &[u8]) -> Option<ServerIndex> {
    match name.iter().rposition(|&byte| byte == b'/') {
        Some(at) => {
            let backend = cx.state.backend_named(name.get(..at)?)?;
            cx.state.server_named(backend, name.get(at + 1..)?)
        }
        None => cx.state.server_named(cx.names.backend_index?, name),
    }
}

/// Looks a name up.
struct Named(fn(&Context<'_>, &[u8]) -> Option<Sample<'static>>);

impl std::fmt::Debug for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Named")
    }
}

impl Converting for Named {
    fn apply<'s>(
        &'s self,
        cx: &Context<'s>,
        input: Sample<'s>,
        _: &'s mut Vec<u8>,
    ) -> Option<Sample<'s>> {
        match input {
            Sample::Str(name) => (self.0)(cx, name),
            _ => None,
        }
    }
}
