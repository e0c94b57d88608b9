//! `errorfile`: a prepared answer for an error status, read at load.

use super::{Build, ProxyDraft, word};
use crate::vocab::args::leading_integer;
use crate::vocab::codes::{BAD_FILE, BAD_NUMBER, MISSING_ARGUMENT, UNREADABLE_FILE};
use crate::vocab::error_pages::from_errorfile;
use crate::vocab::keyword::{Keyword, Sections};
use crate::vocab::line::Line;
use std::path::Path;

/// The word.
pub(super) const WORDS: &[Keyword<Build>] = &[word(
    "errorfile",
    "<status> <path>",
    Sections::PROXIES,
    "Sends a file's content instead of an error page.",
    build,
)];

/// Statuses that have an error page.
const STATUSES: [u16; 19] = [
    200, 400, 401, 403, 404, 405, 407, 408, 410, 413, 414, 421, 422, 425, 429, 431, 500, 501, 502,
];
const GATEWAY: [u16; 2] = [503, 504];

fn build(line: &mut Line<'_, '_>, draft: &mut ProxyDraft<'_>) {
    let (Some(status), Some(file)) = (line.text(1), line.text(2)) else {
        return line.error(
            MISSING_ARGUMENT,
            0,
            "errorfile : expects <status_code> and <file> as arguments",
        );
    };
    let status = u16::try_from(leading_integer(&status).0)
        .ok()
        .filter(|status| STATUSES.contains(status) || GATEWAY.contains(status));
    let Some(status) = status else {
        let message = format!(
            "errorfile : status code '{}' not handled",
            line.text(1).unwrap_or_default()
        );
        let known: Vec<String> = STATUSES
            .iter()
            .chain(&GATEWAY)
            .map(u16::to_string)
            .collect();
        return line.error_near(BAD_NUMBER, 1, message, known.iter().map(String::as_str));
    };
    match line.host.read(Path::new(&*file)) {
        Err(error) => line.error(
            UNREADABLE_FILE,
            2,
            format!("errorfile : error opening file '{file}': {error}"),
        ),
        Ok(raw) => match from_errorfile(&raw) {
            Ok(page) => {
                draft.settings.error_pages.insert(status, page);
            }
            Err(why) => line.error(BAD_FILE, 2, format!("errorfile : file '{file}' {why}")),
        },
    }
}
