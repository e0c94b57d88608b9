//! Facts of frontends: `fe_conn`, `fe_req_rate`, `fe_sess_rate` of any, and timeouts and default
//! backend of the stream's own.

use super::backend::chosen_timeout;
use super::{Build, Fetching, Keyword, Needs, example};
use crate::observe::StreamTimeout;
use crate::vocab::arguments::{Args, BadArg, Kind, required};
use crate::vocab::context::Context;
use crate::vocab::outer::Link;
use crate::vocab::sample::{Sample, Type};
use crate::vocab::state::FrontendFact;

/// A count of a frontend that is named, or the section's own.
const OF_ANY: Keyword = Keyword {
    args: &[required("frontend", Kind::Frontend)],
    yields: Type::Sint,
    needs: Needs::Internal,
    ..Keyword::DEFAULT
};

/// A fact of the frontend the stream came in by.
const OF_OWN: Keyword = Keyword {
    yields: Type::Sint,
    needs: Needs::Connection,
    ..Keyword::DEFAULT
};

pub(super) const FE_CONN: Keyword = Keyword {
    names: &["fe_conn"],
    doc: "Connections of the frontend that are open now.",
    examples: &[example("", "fe_conn(front)", "6")],
    build: Build::With(|args| build(args, FrontendFact::Connections)),
    ..OF_ANY
};

pub(super) const FE_REQ_RATE: Keyword = Keyword {
    names: &["fe_req_rate"],
    doc: "HTTP requests the frontend got in the last second.",
    examples: &[example("", "fe_req_rate(front)", "50")],
    build: Build::With(|args| build(args, FrontendFact::RequestRate)),
    ..OF_ANY
};

pub(super) const FE_SESS_RATE: Keyword = Keyword {
    names: &["fe_sess_rate"],
    doc: "Sessions that began in the frontend in the last second.",
    examples: &[example("", "fe_sess_rate(front)", "40")],
    build: Build::With(|args| build(args, FrontendFact::SessionRate)),
    ..OF_ANY
};

pub(super) const FE_CLIENT_TIMEOUT: Keyword = Keyword {
    names: &["fe_client_timeout"],
    doc: "\"timeout client\" of the frontend, in milliseconds.",
    examples: &[example("", "fe_client_timeout", "5000")],
    build: Build::Plain(|cx, _| own(cx, FrontendFact::ClientTimeout)),
    ..OF_OWN
};

pub(super) const FE_TARPIT_TIMEOUT: Keyword = Keyword {
    names: &["fe_tarpit_timeout"],
    doc: "\"timeout tarpit\" of the frontend, in milliseconds.",
    examples: &[example("", "fe_tarpit_timeout", "8000")],
    build: Build::Plain(|cx, _| own(cx, FrontendFact::TarpitTimeout)),
    ..OF_OWN
};

pub(super) const CUR_CLIENT_TIMEOUT: Keyword = Keyword {
    names: &["cur_client_timeout"],
    doc: "The client timeout of this stream, in milliseconds: what rules say, or the frontend.",
    examples: &[example("", "cur_client_timeout", "5000")],
    build: Build::Plain(|cx, _| match chosen_timeout(cx, StreamTimeout::Client) {
        Some(chosen) => Some(Sample::Sint(chosen)),
        None => own(cx, FrontendFact::ClientTimeout),
    }),
    ..OF_OWN
};

pub(super) const FE_DEFBE: Keyword = Keyword {
    names: &["fe_defbe"],
    yields: Type::Str,
    doc: "The name of the frontend's default backend.",
    examples: &[example("", "fe_defbe", "back")],
    build: Build::Plain(|cx, _| {
        let name = cx.state.default_backend(cx.names.frontend_index)?;
        Some(Sample::Str(name.as_bytes()))
    }),
    ..OF_OWN
};

fn own<'s>(cx: &Context<'_>, fact: FrontendFact) -> Option<Sample<'s>> {
    let value = cx.state.frontend(cx.names.frontend_index, fact);
    value.map(Sample::Sint)
}

#[derive(Debug)]
struct Of {
    frontend: Link<u32>,
    fact: FrontendFact,
}

fn build(args: &Args, fact: FrontendFact) -> Result<Box<dyn Fetching>, BadArg> {
    let frontend = args.frontend(0).unwrap_or_default();
    Ok(Box::new(Of { frontend, fact }))
}

impl Fetching for Of {
    fn one<'s>(&'s self, cx: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        let value = cx.state.frontend(*self.frontend.get()?, self.fact);
        value.map(Sample::Sint)
    }
}
