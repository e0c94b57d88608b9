//! `stats socket`, `stats timeout`, `stats maxconn` of `global`.

use super::{Build, GlobalDraft, word};
use crate::vocab::args::TimeUnit;
use crate::vocab::bind_option;
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
            match line.duration(2, "stats timeout", TimeUnit::Millis) {
                Some(0) => line.error(BAD_NUMBER, 2, "'stats timeout' expects a positive value"),
                Some(time) => draft.config.stats_timeout = time,
                None => {}
            }
        }
        "maxconn" => {
            match line.count(2) {
                Some(0) => line.error(BAD_NUMBER, 2, "'stats maxconn' expects a positive value"),
                Some(count) => draft.config.stats_maxconn = count,
                None => {}
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
    if let Some(read) = bind_option::read(line, 2, "stats socket") {
        draft.stats_sockets.push(read);
    }
}
