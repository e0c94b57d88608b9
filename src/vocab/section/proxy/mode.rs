//! `mode`: bytes or HTTP.

use super::{Build, ProxyDraft, word};
use crate::settings::Mode;
use crate::vocab::codes::{BAD_CHOICE, REMOVED};
use crate::vocab::keyword::{Keyword, Sections};
use crate::vocab::line::Line;

/// The word.
pub(super) const WORDS: &[Keyword<Build>] = &[word(
    "mode",
    "{tcp | http}",
    Sections::PROXIES,
    "What travels: 'tcp' or 'http'.",
    build,
)];

fn build(line: &mut Line<'_, '_>, draft: &mut ProxyDraft<'_>) {
    if !line.at_most(1) {
        return;
    }
    let mode = line.text(1).unwrap_or_default();
    match &*mode {
        "tcp" => draft.settings.mode = Mode::Tcp,
        "http" => draft.settings.mode = Mode::Http,
        "log" | "spop" | "haterm" => {
            line.not_yet(1, &format!("'mode {mode}'"), "");
        }
        "health" => line.error(
            REMOVED,
            1,
            "'mode health' doesn't exist anymore. Please use 'http-request return status 200' instead",
        ),
        _ => line.error(BAD_CHOICE, 1, format!("unknown proxy mode '{mode}'")),
    }
}
