//! Words of proxies that set one number: `maxconn`, `backlog`, `fullconn`, `retries`.

use super::{Build, word};
use crate::vocab::keyword::{Keyword, Sections};
use crate::vocab::line::Line;

/// The words.
pub(super) const WORDS: &[Keyword<Build>] = &[
    word(
        "maxconn",
        "<number>",
        Sections::FRONT,
        "Most concurrent connections of the frontend.",
        |line, draft| set(line, &mut draft.settings.maxconn),
    ),
    word(
        "fullconn",
        "<number>",
        Sections::BACK,
        "Load at which servers reach their 'maxconn'.",
        |line, draft| set(line, &mut draft.settings.fullconn),
    ),
    word(
        "retries",
        "<number>",
        Sections::BACK,
        "Attempts after the first connection to a server fails.",
        |line, draft| set(line, &mut draft.settings.retries),
    ),
    word(
        "backlog",
        "<number>",
        Sections::FRONT,
        "Length of the kernel's queue of new connections.",
        |line, draft| {
            if line.at_most(1) {
                draft.settings.backlog = line.count(1).or(draft.settings.backlog);
            }
        },
    ),
];

fn set(line: &mut Line<'_, '_>, to: &mut u32) {
    if line.at_most(1) {
        *to = line.count(1).unwrap_or(*to);
    }
}
