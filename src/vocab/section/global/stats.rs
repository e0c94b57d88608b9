//! `stats socket`, `stats timeout`, `stats maxconn` of `global`.

use super::{Build, GlobalDraft, word};
use crate::settings::StatsSocket;
use crate::vocab::args::TimeUnit;
use crate::vocab::bind_option::{self, BindDraft};
use crate::vocab::codes::{BAD_CHOICE, BAD_NUMBER, MISSING_ARGUMENT};
use crate::vocab::keyword::Keyword;
use crate::vocab::line::Line;

/// The words.
pub(super) const WORDS: &[Keyword<Build>] = &[word(
    "stats",
    "{socket <address> [<option>...] | timeout <time> | maxconn <number>}",
    "The administration socket: `stats socket`, `stats timeout`, `stats maxconn`.",
    build,
)];

fn build(line: &mut Line<'_, '_>, draft: &mut GlobalDraft) {
    let what = line.text(1).unwrap_or_default();
    match &*what {
        "socket" => socket(line, draft),
        "timeout" => {
            line.duration(2, "stats timeout", TimeUnit::Millis);
        }
        "maxconn" => {
            if line.count(2) == Some(0) {
                line.error(BAD_NUMBER, 2, "'stats maxconn' expects a positive value");
            }
        }
        "calculate-max-counters" => {
            line.no_effect(1, "'calculate-max-counters'", "maxima cost nothing");
        }
        _ => line.error(
            BAD_CHOICE,
            1,
            format!("'stats' only supports 'socket', 'maxconn', 'bind-process', 'calculate-max-counters' and 'timeout' (got '{what}')"),
        ),
    }
}

fn socket(line: &mut Line<'_, '_>, draft: &mut GlobalDraft) {
    if line.arg(2).is_none() {
        return line.error(
            MISSING_ARGUMENT,
            2,
            "'stats socket' in global section expects an address or a path to a UNIX socket",
        );
    }
    let Some(BindDraft { addrs, options, .. }) = bind_option::read(line, 2, "stats socket") else {
        return;
    };
    draft
        .config
        .stats_sockets
        .extend(addrs.into_iter().map(|addr| StatsSocket {
            addr,
            unix_mode: options.unix_mode,
            level: options.level.unwrap_or(2),
        }));
}
