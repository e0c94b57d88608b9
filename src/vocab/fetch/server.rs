//! Facts of a server that is named: `srv_conn(back/s1)` and its kind.

use super::{Build, Fetching, Keyword, Needs, example};
use crate::vocab::arguments::{Args, BadArg, Kind, required};
use crate::vocab::context::Context;
use crate::vocab::outer::{Link, ServerIndex};
use crate::vocab::sample::{Sample, Type};
use crate::vocab::state::ServerFact;

const SERVER: Keyword = Keyword {
    args: &[required("server", Kind::Server)],
    yields: Type::Sint,
    needs: Needs::Internal,
    ..Keyword::DEFAULT
};

pub(super) const SRV_CONN: Keyword = Keyword {
    names: &["srv_conn"],
    doc: "Requests the server works on now.",
    examples: &[example("", "srv_conn(back/s1)", "4")],
    build: Build::With(|args| build(args, ServerFact::Connections)),
    ..SERVER
};

pub(super) const SRV_CONN_FREE: Keyword = Keyword {
    names: &["srv_conn_free"],
    doc: "How many more requests the server takes; -1 without maxconn.",
    examples: &[example("", "srv_conn_free(back/s1)", "6")],
    build: Build::With(|args| build(args, ServerFact::ConnectionsFree)),
    ..SERVER
};

pub(super) const SRV_IS_UP: Keyword = Keyword {
    names: &["srv_is_up"],
    yields: Type::Bool,
    doc: "Whether the server is up: neither in maintenance nor found down.",
    examples: &[example("", "srv_is_up(back/s1)", "1")],
    build: Build::With(|args| build(args, ServerFact::Up)),
    ..SERVER
};

pub(super) const SRV_QUEUE: Keyword = Keyword {
    names: &["srv_queue"],
    doc: "Streams that wait for this very server.",
    examples: &[example("", "srv_queue(back/s1)", "1")],
    build: Build::With(|args| build(args, ServerFact::Queue)),
    ..SERVER
};

pub(super) const SRV_SESS_RATE: Keyword = Keyword {
    names: &["srv_sess_rate"],
    doc: "Sessions given to the server in the last second.",
    examples: &[example("", "srv_sess_rate(back/s1)", "12")],
    build: Build::With(|args| build(args, ServerFact::SessionRate)),
    ..SERVER
};

pub(super) const SRV_WEIGHT: Keyword = Keyword {
    names: &["srv_weight"],
    doc: "The server's weight as balancing sees it now.",
    examples: &[example("", "srv_weight(back/s1)", "16")],
    build: Build::With(|args| build(args, ServerFact::Weight)),
    ..SERVER
};

pub(super) const SRV_IWEIGHT: Keyword = Keyword {
    names: &["srv_iweight"],
    doc: "The server's weight in the configuration.",
    examples: &[example("", "srv_iweight(back/s1)", "8")],
    build: Build::With(|args| build(args, ServerFact::InitialWeight)),
    ..SERVER
};

pub(super) const SRV_UWEIGHT: Keyword = Keyword {
    names: &["srv_uweight"],
    doc: "The server's weight as users set it.",
    examples: &[example("", "srv_uweight(back/s1)", "10")],
    build: Build::With(|args| build(args, ServerFact::UserWeight)),
    ..SERVER
};

#[derive(Debug)]
struct Of {
    server: Link<ServerIndex>,
    fact: ServerFact,
}

fn build(args: &Args, fact: ServerFact) -> Result<Box<dyn Fetching>, BadArg> {
    let server = args.server(0).unwrap_or_default();
    Ok(Box::new(Of { server, fact }))
}

impl Fetching for Of {
    fn one<'s>(&'s self, cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        let value = cx.state.server(*self.server.get()?, self.fact)?;
        Some(match self.fact {
            ServerFact::Up => Sample::Bool(value != 0),
            _ => Sample::Sint(value),
        })
    }
}
