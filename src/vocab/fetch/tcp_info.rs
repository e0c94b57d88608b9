//! `fc_rtt`, `fc_lost`…: what the kernel measured of a connection.
//!
//! They are accepted and have no value: the kernel tells them through an interface that none of
//! the crates in use offers without `unsafe`.

use super::{Build, Fetching, Keyword, Needs};
use crate::vocab::arguments::{Arg, Args, BadArg, Kind, optional};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};

/// The words.
pub(super) const ALL: &[Keyword] = &[
    time(
        &["fc_rtt"],
        "round-trip time of the client connection: not known",
    ),
    time(&["fc_rttvar"], "variation of 'fc_rtt': not known"),
    time(
        &["bc_rtt"],
        "round-trip time of the server connection: not known",
    ),
    time(&["bc_rttvar"], "variation of 'bc_rtt': not known"),
    count(
        &["fc_unacked"],
        "segments sent to the client and not acknowledged: not known",
    ),
    count(
        &["fc_sacked"],
        "segments that the client acknowledged out of order: not known",
    ),
    count(
        &["fc_retrans"],
        "segments sent to the client again: not known",
    ),
    count(
        &["fc_fackets"],
        "segments up to the last that the client acknowledged out of order: not known",
    ),
    count(
        &["fc_lost"],
        "segments to the client that were lost: not known",
    ),
    count(
        &["fc_reordering"],
        "how far segments were out of order: not known",
    ),
    Keyword {
        args: &[],
        yields: Type::Bin,
        ..count(
            &["fc_saved_syn"],
            "the packet that opened the client connection: not known",
        )
    },
];

const UNIT: &[Arg] = &[optional("unit", Kind::Str)];

const fn time(names: &'static [&'static str], doc: &'static str) -> Keyword {
    Keyword {
        build: Build::With(check_unit),
        ..count(names, doc)
    }
}

const fn count(names: &'static [&'static str], doc: &'static str) -> Keyword {
    Keyword {
        names,
        args: UNIT,
        yields: Type::Sint,
        needs: Needs::Connection,
        doc,
        build: Build::With(|_| Ok(Box::new(Unknown))),
        ..Keyword::DEFAULT
    }
}

fn check_unit(args: &Args) -> Result<Box<dyn Fetching>, BadArg> {
    match args.text(0) {
        None | Some(b"us" | b"ms") => Ok(Box::new(Unknown)),
        Some(other) => {
            let other = String::from_utf8_lossy(other);
            Err(BadArg::new(
                0,
                format!("expects 'us' or 'ms', got '{other}'"),
            ))
        }
    }
}

#[derive(Debug)]
struct Unknown;

impl Fetching for Unknown {
    fn one<'s>(&'s self, _: &Context<'s>, _: &'s mut Vec<u8>) -> Option<Sample<'s>> {
        None
    }
}
