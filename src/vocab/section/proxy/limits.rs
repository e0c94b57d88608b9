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
        "Most concurrent connections of the frontend; further ones wait in the kernel's queue \
         until one ends. Default: the global `maxconn`.",
        |line, draft| set(line, &mut draft.settings.maxconn),
    ),
    word(
        "fullconn",
        "<number>",
        Sections::BACK,
        "Load of the backend at which servers with a `minconn` reach their full `maxconn`. \
         Default: 10 % of the `maxconn` of the frontends that can send here.",
        |line, draft| set(line, &mut draft.settings.fullconn),
    ),
    word(
        "max-keep-alive-queue",
        "<number>",
        Sections::BACK,
        "With `option prefer-last-server`: a client goes elsewhere if so many wait for its server. 0, \
         the default, is no limit.",
        |line, draft| set(line, &mut draft.settings.max_keep_alive_queue),
    ),
    word(
        "retries",
        "<number>",
        Sections::BACK,
        "How many further attempts follow when connecting to a server fails. Default 3. With `option redispatch` the last may go to another server.",
        |line, draft| set(line, &mut draft.settings.retries),
    ),
    word(
        "backlog",
        "<number>",
        Sections::FRONT,
        "Length of the kernel's queue of connections not yet accepted. Default: the frontend's \
         `maxconn`.",
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
