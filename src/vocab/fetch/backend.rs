//! Facts of backends: `be_conn`, `nbsrv`, `queue`… of any, and timeouts of the stream's own.

use super::{Build, Fetching, Keyword, Needs, example};
use crate::observe::StreamTimeout;
use crate::vocab::arguments::{Args, BadArg, Kind, required};
use crate::vocab::context::Context;
use crate::vocab::outer::Link;
use crate::vocab::sample::{Sample, Type};
use crate::vocab::state::{BackendFact, FrontendFact};

/// A count of a backend that is named, or the section's own.
const OF_ANY: Keyword = Keyword {
    args: &[required("backend", Kind::Backend)],
    yields: Type::Sint,
    needs: Needs::Internal,
    ..Keyword::DEFAULT
};

/// A timeout of the backend the stream was given to.
const OF_OWN: Keyword = Keyword {
    yields: Type::Sint,
    needs: Needs::Backend,
    ..Keyword::DEFAULT
};

pub(super) const AVG_QUEUE: Keyword = Keyword {
    names: &["avg_queue"],
    doc: "Streams that wait in the backend for each of its usable servers, rounded up; twice their number without one.",
    examples: &[example("", "avg_queue(back)", "2")],
    build: Build::With(|args| build(args, BackendFact::AverageQueue)),
    ..OF_ANY
};

pub(super) const BE_CONN: Keyword = Keyword {
    names: &["be_conn"],
    doc: "Streams in the backend, those that wait included.",
    examples: &[example("", "be_conn(back)", "5")],
    build: Build::With(|args| build(args, BackendFact::Connections)),
    ..OF_ANY
};

pub(super) const BE_CONN_FREE: Keyword = Keyword {
    names: &["be_conn_free"],
    doc: "How many more requests the backend's usable servers take; -1 if one has no maxconn.",
    examples: &[example("", "be_conn_free(back)", "20")],
    build: Build::With(|args| build(args, BackendFact::ConnectionsFree)),
    ..OF_ANY
};

pub(super) const BE_SESS_RATE: Keyword = Keyword {
    names: &["be_sess_rate"],
    doc: "Sessions given to the backend in the last second.",
    examples: &[example("", "be_sess_rate(back)", "25")],
    build: Build::With(|args| build(args, BackendFact::SessionRate)),
    ..OF_ANY
};

pub(super) const CONNSLOTS: Keyword = Keyword {
    names: &["connslots"],
    doc: "Free places on the backend's servers and in their queues; -1 if one has no maxconn or maxqueue.",
    examples: &[example("", "connslots(back)", "30")],
    build: Build::With(|args| build(args, BackendFact::Slots)),
    ..OF_ANY
};

pub(super) const NBSRV: Keyword = Keyword {
    names: &["nbsrv"],
    doc: "Usable servers of the backend.",
    examples: &[example("", "nbsrv(back)", "2")],
    build: Build::With(|args| build(args, BackendFact::UsableServers)),
    ..OF_ANY
};

pub(super) const QUEUE: Keyword = Keyword {
    names: &["queue"],
    doc: "Streams that wait in the backend for a server.",
    examples: &[example("", "queue(back)", "3")],
    build: Build::With(|args| build(args, BackendFact::Queue)),
    ..OF_ANY
};

pub(super) const CONNECT_TIMEOUT: Keyword = Keyword {
    names: &["be_connect_timeout"],
    doc: "\"timeout connect\" of the backend, in milliseconds.",
    examples: &[example("", "be_connect_timeout", "1000")],
    build: Build::Plain(|cx, _| own(cx, BackendFact::ConnectTimeout)),
    ..OF_OWN
};

pub(super) const CUR_CONNECT_TIMEOUT: Keyword = Keyword {
    names: &["cur_connect_timeout"],
    doc: "The time this stream may take to connect, in milliseconds: what rules say, or the backend.",
    examples: &[example("", "cur_connect_timeout", "1000")],
    build: Build::Plain(|cx, _| {
        current(
            cx,
            StreamTimeout::Connect,
            BackendFact::ConnectTimeout,
            true,
        )
    }),
    ..OF_OWN
};

pub(super) const QUEUE_TIMEOUT: Keyword = Keyword {
    names: &["be_queue_timeout"],
    doc: "\"timeout queue\" of the backend, in milliseconds.",
    examples: &[example("", "be_queue_timeout", "2000")],
    build: Build::Plain(|cx, _| own(cx, BackendFact::QueueTimeout)),
    ..OF_OWN
};

pub(super) const CUR_QUEUE_TIMEOUT: Keyword = Keyword {
    names: &["cur_queue_timeout"],
    doc: "The time this stream may wait in a queue, in milliseconds: what rules say, or the backend.",
    examples: &[example("", "cur_queue_timeout", "2000")],
    build: Build::Plain(|cx, _| current(cx, StreamTimeout::Queue, BackendFact::QueueTimeout, true)),
    ..OF_OWN
};

pub(super) const SERVER_TIMEOUT: Keyword = Keyword {
    names: &["be_server_timeout"],
    doc: "\"timeout server\" of the backend, in milliseconds.",
    examples: &[example("", "be_server_timeout", "3000")],
    build: Build::Plain(|cx, _| own(cx, BackendFact::ServerTimeout)),
    ..OF_OWN
};

pub(super) const CUR_SERVER_TIMEOUT: Keyword = Keyword {
    names: &["cur_server_timeout"],
    doc: "The server timeout of this stream, in milliseconds: what rules say, or the backend once \
          a server is connected, and 0 before.",
    examples: &[example("", "cur_server_timeout", "0")],
    build: Build::Plain(|cx, _| {
        let connected = cx.record.connected_us != 0;
        current(
            cx,
            StreamTimeout::Server,
            BackendFact::ServerTimeout,
            connected,
        )
    }),
    ..OF_OWN
};

pub(super) const TUNNEL_TIMEOUT: Keyword = Keyword {
    names: &["be_tunnel_timeout"],
    doc: "\"timeout tunnel\" of the backend, in milliseconds; 0 without one.",
    examples: &[example("", "be_tunnel_timeout", "0")],
    build: Build::Plain(|cx, _| own(cx, BackendFact::TunnelTimeout)),
    ..OF_OWN
};

pub(super) const CUR_TUNNEL_TIMEOUT: Keyword = Keyword {
    names: &["cur_tunnel_timeout"],
    doc: "The tunnel timeout of this stream, in milliseconds: what rules say, or the backend once \
          a server is connected, and 0 before.",
    examples: &[example("", "cur_tunnel_timeout", "0")],
    build: Build::Plain(|cx, _| {
        let connected = cx.record.connected_us != 0;
        current(
            cx,
            StreamTimeout::Tunnel,
            BackendFact::TunnelTimeout,
            connected,
        )
    }),
    ..OF_OWN
};

pub(super) const BE_TARPIT_TIMEOUT: Keyword = Keyword {
    names: &["be_tarpit_timeout"],
    doc: "\"timeout tarpit\" of the backend, in milliseconds.",
    examples: &[example("", "be_tarpit_timeout", "4000")],
    build: Build::Plain(|cx, _| own(cx, BackendFact::TarpitTimeout)),
    ..OF_OWN
};

pub(super) const CUR_TARPIT_TIMEOUT: Keyword = Keyword {
    names: &["cur_tarpit_timeout"],
    needs: Needs::Connection,
    doc: "The tarpit timeout of this stream, in milliseconds: what rules say, or the backend, or \
          the frontend before one is chosen.",
    examples: &[example("", "cur_tarpit_timeout", "4000")],
    build: Build::Plain(|cx, _| match cx.names.backend_index {
        Some(_) => current(cx, StreamTimeout::Tarpit, BackendFact::TarpitTimeout, true),
        None => {
            let (frontend, fact) = (cx.names.frontend_index, FrontendFact::TarpitTimeout);
            let configured = || cx.state.frontend(frontend, fact);
            let chosen = chosen_timeout(cx, StreamTimeout::Tarpit);
            chosen.or_else(configured).map(Sample::Sint)
        }
    }),
    ..OF_OWN
};

/// The timeout in force: what a rule said, or what the backend says once that `applies`.
fn current<'s>(
    cx: &Context<'_>,
    which: StreamTimeout,
    fact: BackendFact,
    applies: bool,
) -> Option<Sample<'s>> {
    match chosen_timeout(cx, which) {
        Some(chosen) => Some(Sample::Sint(chosen)),
        None if applies => own(cx, fact),
        None => Some(Sample::Sint(0)),
    }
}

/// What a rule said of a timeout.
pub(super) fn chosen_timeout(cx: &Context<'_>, which: StreamTimeout) -> Option<i64> {
    let chosen = cx.record.by_rules.chosen_timeout(which)?;
    Some(i64::try_from(chosen).unwrap_or(i64::MAX))
}

fn own<'s>(cx: &Context<'_>, fact: BackendFact) -> Option<Sample<'s>> {
    let value = cx.state.backend(cx.names.backend_index?, fact);
    value.map(Sample::Sint)
}

#[derive(Debug)]
struct Of {
    backend: Link<u32>,
    fact: BackendFact,
}

fn build(args: &Args, fact: BackendFact) -> Result<Box<dyn Fetching>, BadArg> {
    let backend = args.backend(0).unwrap_or_default();
    Ok(Box::new(Of { backend, fact }))
}

impl Fetching for Of {
    fn one<'s>(&'s self, cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        let value = cx.state.backend(*self.backend.get()?, self.fact);
        value.map(Sample::Sint)
    }
}
