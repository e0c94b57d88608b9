//! `mode`: bytes or HTTP.

use super::{Build, ProxyDraft, word};
use crate::settings::Mode;
use crate::vocab::codes::{BAD_CHOICE, REMOVED};
use crate::vocab::keyword::{Keyword, Sections};
use crate::vocab::line::Line;
use crate::vocab::suggest::closest;

/// The word.
pub(super) const WORDS: &[Keyword<Build>] = &[word(
    "mode",
    "{tcp | http | log}",
    Sections::PROXIES,
    "What travels: `http` reads messages and applies HTTP rules, `tcp` relays bytes. A frontend \
     and its backends must agree. Default `tcp`. The servers of a backend in mode `log` get the \
     lines of `log backend@<name>`.",
    build,
)];

const MODES: [&str; 5] = ["http", "tcp", "log", "spop", "haterm"];

fn build(line: &mut Line<'_, '_>, draft: &mut ProxyDraft<'_>) {
    if !line.at_most(1) {
        return;
    }
    let mode = line.text(1).unwrap_or_default();
    draft.settings.is_log = false;
    match &*mode {
        "tcp" => draft.settings.mode = Mode::Tcp,
        "http" => draft.settings.mode = Mode::Http,
        "log" if draft.kind.has_front() => {
            let message = "mode syslog is only applicable on proxies with backend capability.";
            line.error(BAD_CHOICE, 1, message);
        }
        "log" => (draft.settings.mode, draft.settings.is_log) = (Mode::Tcp, true),
        "spop" | "haterm" => {
            line.not_yet(1, &format!("'mode {mode}'"), "");
        }
        "health" => line.error(
            REMOVED,
            1,
            "'mode health' doesn't exist anymore. Please use 'http-request return status 200' instead",
        ),
        _ => {
            let message = format!("unknown proxy mode '{mode}'");
            line.error_near(BAD_CHOICE, 1, message, MODES);
            // What was meant decides about the rest of the section, which is judged accordingly.
            draft.settings.mode = match closest(&mode, MODES.into_iter()) {
                Some("tcp") => Mode::Tcp,
                _ => Mode::Http,
            };
        }
    }
}
