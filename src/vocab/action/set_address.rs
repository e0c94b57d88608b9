//! `set-src`, `set-src-port`, `set-dst`, `set-dst-port`: other ends for rules, logs and servers.
//!
//! In connection rules they replace the connection's own ends, in session rules those of all its
//! requests, elsewhere those of one request. A value that is no address changes nothing.

use super::{HttpAction, Keyword, Line, RuleSet};
use crate::net::{ConnFacts, Endpoint};
use crate::vocab::context::{ActionContext, Verdict};
use crate::vocab::expression::Expression;
use crate::vocab::sample::Sample;
use std::net::{Ipv4Addr, SocketAddr};

pub(super) const SET_SRC: Keyword = Keyword {
    name: "set-src",
    sets: SETS,
    usage: "set-src <expr> [ { if | unless } <condition> ]",
    doc: "Takes another address for the client's; the port stays.",
    build: |line| build(line, End::Source, Part::Address),
};

pub(super) const SET_SRC_PORT: Keyword = Keyword {
    name: "set-src-port",
    sets: SETS,
    usage: "set-src-port <expr> [ { if | unless } <condition> ]",
    doc: "Takes another port for the client's; the address stays.",
    build: |line| build(line, End::Source, Part::Port),
};

pub(super) const SET_DST: Keyword = Keyword {
    name: "set-dst",
    sets: SETS,
    usage: "set-dst <expr> [ { if | unless } <condition> ]",
    doc: "Takes another address for the one the client connected to; the port stays.",
    build: |line| build(line, End::Destination, Part::Address),
};

pub(super) const SET_DST_PORT: Keyword = Keyword {
    name: "set-dst-port",
    sets: SETS,
    usage: "set-dst-port <expr> [ { if | unless } <condition> ]",
    doc: "Takes another port for the one the client connected to; the address stays.",
    build: |line| build(line, End::Destination, Part::Port),
};

const SETS: &[RuleSet] = &[
    RuleSet::Connection,
    RuleSet::Session,
    RuleSet::Content,
    RuleSet::Request,
];

#[derive(Clone, Copy, Debug)]
enum End {
    Source,
    Destination,
}

#[derive(Clone, Copy, Debug)]
enum Part {
    Address,
    Port,
}

#[derive(Debug)]
struct SetAddress {
    end: End,
    part: Part,
    value: Expression,
    /// Whether the connection's own end changes with it.
    of_connection: bool,
}

fn build(line: &mut Line<'_, '_, '_>, end: End, part: Part) -> Option<Box<dyn HttpAction>> {
    Some(Box::new(SetAddress {
        end,
        part,
        value: line.expression()?,
        of_connection: line.set == RuleSet::Connection,
    }))
}

impl HttpAction for SetAddress {
    fn run(&self, cx: &mut ActionContext<'_>) -> Verdict {
        let end = *self.slot(cx.conn);
        let mut changed = None;
        self.value.one(&cx.view(), &mut |value| {
            changed = self.part.of(end, value);
        });
        if let Some(changed) = changed {
            *self.slot(cx.conn) = changed;
            if self.of_connection {
                cx.conn.ends = (cx.conn.src, cx.conn.dst);
            }
        }
        Verdict::Continue
    }
}

impl SetAddress {
    fn slot<'c>(&self, conn: &'c mut ConnFacts) -> &'c mut Endpoint {
        match self.end {
            End::Source => &mut conn.src,
            End::Destination => &mut conn.dst,
        }
    }
}

impl Part {
    /// The end with this part replaced.
    fn of(self, end: Endpoint, value: Sample<'_>) -> Option<Endpoint> {
        if end == Endpoint::Unknown {
            return None;
        }
        let kept = end.inet();
        let addr = match self {
            Self::Address => SocketAddr::new(value.addr()?, kept.map_or(0, |addr| addr.port())),
            // The low 16 bits, as HAProxy keeps them.
            Self::Port => SocketAddr::new(
                kept.map_or(Ipv4Addr::UNSPECIFIED.into(), |addr| addr.ip()),
                (value.int()? & 0xffff) as u16,
            ),
        };
        Some(Endpoint::Inet(addr))
    }
}
