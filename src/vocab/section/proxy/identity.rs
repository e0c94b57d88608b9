//! `id`, `description`, `guid`, `disabled`, `enabled`.

use super::{Build, ProxyDraft, word};
use crate::vocab::codes::BAD_NUMBER;
use crate::vocab::guid::{BAD_GUID, fault};
use crate::vocab::keyword::{Keyword, Sections};
use crate::vocab::line::{Line, clamp_u32};

/// The words.
pub(super) const WORDS: &[Keyword<Build>] = &[
    word(
        "id",
        "<number>",
        Sections::LISTEN,
        "Numeric id of the proxy, above 0 and unique. Without one, the first free number in order \
         of the configuration.",
        id,
    ),
    word(
        "description",
        "<text>...",
        Sections::LISTEN,
        "Text shown on the statistics page.",
        |line, draft| {
            if line.expect(1, "a string argument").is_some() {
                let words: Vec<_> = line.rest(1).iter().map(|word| word.text()).collect();
                draft.description = Some(words.join(" "));
            }
        },
    ),
    word(
        "guid",
        "<text>",
        Sections::LISTEN,
        "Identifier of the proxy in files of statistics (`stats-file`).",
        |line, draft| {
            let Some(word) = line.expect(1, "an argument").filter(|_| line.at_most(1)) else {
                return;
            };
            match fault(&word.text()) {
                Some(why) => line.error(BAD_GUID, 1, format!("'guid': {why}")),
                None => draft.guid = Some((word.text().into_owned(), word.span)),
            }
        },
    ),
    word(
        "disabled",
        "",
        Sections::PROXIES,
        "The proxy binds no address and takes no connections; its lines are still checked.",
        |line, draft| {
            if line.at_most(0) {
                draft.settings.disabled = true;
            }
        },
    ),
    word(
        "enabled",
        "",
        Sections::PROXIES,
        "Reverts a `disabled` inherited from `defaults`.",
        |line, draft| {
            if line.at_most(0) {
                draft.settings.disabled = false;
            }
        },
    ),
];

fn id(line: &mut Line<'_, '_>, draft: &mut ProxyDraft<'_>) {
    if !line.at_most(1) {
        return;
    }
    match line.integer(1) {
        Some(id) if id > 0 => draft.id = Some((clamp_u32(id), line.place(1))),
        Some(_) => line.error(BAD_NUMBER, 1, "custom id has to be > 0"),
        None => {}
    }
}
