//! Words of proxies that set one number: `maxconn`, `rate-limit`, `backlog`, `fullconn`, `retries`.

use super::{Build, ProxyDraft, ProxyKind, word};
use crate::syntax::Diagnostic;
use crate::vocab::codes::{BAD_CHOICE, BAD_NUMBER, IGNORED_HERE, MISSING_ARGUMENT};
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
        "rate-limit",
        "sessions <rate>",
        Sections::PROXIES,
        "Most new sessions per second of the frontend; further connections wait in the kernel's \
         queue. 0, the default, is no limit.",
        rate_limit,
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

fn rate_limit(line: &mut Line<'_, '_>, draft: &mut ProxyDraft<'_>) {
    let what = line.text(1).unwrap_or_default();
    if what != "sessions" {
        let message = format!("'rate-limit' only supports 'sessions' (got '{what}')");
        if what == "average" {
            let place = line.place(0);
            let help = "requests of each client are limited by 'http-request rate-limit average …'";
            let found = Diagnostic::error(BAD_CHOICE, message).at(place, "");
            return line.diags.push(found.help(help));
        }
        return line.error_near(BAD_CHOICE, 1, message, ["sessions"]);
    }
    let Some(text) = line.text(2).filter(|text| !text.is_empty()) else {
        let message = "'rate-limit sessions' expects an integer value (in sessions/second)";
        return line.error(MISSING_ARGUMENT, 1, message);
    };
    let Ok(rate) = text.parse() else {
        let message = match text.chars().find(|c| !c.is_ascii_digit()) {
            Some(c) => format!(
                "'rate-limit sessions' : unexpected character '{c}' in integer value '{text}'"
            ),
            None => format!("'rate-limit sessions' : integer value '{text}' is too large"),
        };
        return line.error(BAD_NUMBER, 2, message);
    };
    if draft.kind == ProxyKind::Backend {
        let message = format!(
            "rate-limit sessions will be ignored because backend '{}' has no frontend capability",
            draft.name
        );
        return line.warning(IGNORED_HERE, 0, message);
    }
    draft.settings.rate_limit = rate;
}

fn set(line: &mut Line<'_, '_>, to: &mut u32) {
    if line.at_most(1) {
        *to = line.count(1).unwrap_or(*to);
    }
}
