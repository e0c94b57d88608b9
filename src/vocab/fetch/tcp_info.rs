//! `fc_rtt`, `fc_lost`…: what the kernel measured of a connection.
//!
//! They are accepted and have no value: the kernel tells them through an interface that none of
//! the crates in use offers without `unsafe`.

use super::{Build, Fetching, Keyword};
use crate::vocab::arguments::{Arg, Args, BadArg, Kind, optional};
use crate::vocab::context::Context;
use crate::vocab::sample::{Sample, Type};

/// The words.
pub(super) const ALL: &[Keyword] = &[
    time(&["fc_rtt"], "Round-trip time of the client connection."),
    time(&["fc_rttvar"], "Variation of 'fc_rtt'."),
    time(&["bc_rtt"], "Round-trip time of the server connection."),
    time(&["bc_rttvar"], "Variation of 'bc_rtt'."),
    count(
        &["fc_unacked"],
        "Segments sent to the client and not acknowledged.",
    ),
    count(
        &["fc_sacked"],
        "Segments that the client acknowledged out of order.",
    ),
    count(&["fc_retrans"], "Segments sent to the client again."),
    count(
        &["fc_fackets"],
        "Segments up to the last one that the client acknowledged out of order.",
    ),
    count(&["fc_lost"], "Segments to the client that were lost."),
    count(
        &["fc_reordering"],
        "How far segments of the client connection were out of order.",
    ),
    Keyword {
        args: &[],
        yields: Type::Bin,
        ..count(
            &["fc_saved_syn"],
            "The packet that opened the client connection, see 'tcp-ss'.",
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
