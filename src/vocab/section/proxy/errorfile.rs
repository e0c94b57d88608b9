//! `errorfile`, `errorfiles` and `errorloc`: prepared answers for error statuses.

use super::{Build, ErrorSource, ProxyDraft, word};
use crate::http1::ResponseHead;
use crate::settings::{ErrorPage, Reply};
use crate::vocab::args::leading_integer;
use crate::vocab::codes::{
    BAD_CHOICE, BAD_FILE, BAD_NUMBER, MISSING_ARGUMENT, UNEXPECTED_ARGUMENT, UNREADABLE_FILE,
};
use crate::vocab::error_pages::from_errorfile;
use crate::vocab::keyword::{Keyword, Sections};
use crate::vocab::line::Line;
use bytes::Bytes;
use std::path::Path;
use std::sync::Arc;

/// The words.
pub(super) const WORDS: &[Keyword<Build>] = &[
    word(
        "errorfile",
        "<status> <path>",
        Sections::PROXIES,
        "Sends a file's content instead of an error page.",
        |line, draft| {
            let page = read(line).map(|(status, page)| ErrorSource::Page(status, page));
            draft.settings.error_pages.extend(page);
        },
    ),
    word(
        "errorfiles",
        "<name> [<status>...]",
        Sections::PROXIES,
        "Sends the error pages of an `http-errors` section, all or those of the statuses.",
        errorfiles,
    ),
    word(
        "errorloc",
        "<status> <url>",
        Sections::PROXIES,
        "Redirects instead of sending an error page; 302.",
        |line, draft| errorloc(line, draft, 302),
    ),
    word(
        "errorloc302",
        "<status> <url>",
        Sections::PROXIES,
        "Redirects instead of sending an error page; 302.",
        |line, draft| errorloc(line, draft, 302),
    ),
    word(
        "errorloc303",
        "<status> <url>",
        Sections::PROXIES,
        "Redirects instead of sending an error page; 303, so that the client uses GET.",
        |line, draft| errorloc(line, draft, 303),
    ),
];

/// Statuses that have an error page.
const STATUSES: [u16; 19] = [
    200, 400, 401, 403, 404, 405, 407, 408, 410, 413, 414, 421, 422, 425, 429, 431, 500, 501, 502,
];
const GATEWAY: [u16; 2] = [503, 504];

/// The status at `index`, if it has an error page.
fn status(line: &mut Line<'_, '_>, index: usize) -> Option<u16> {
    let text = line.text(index).unwrap_or_default();
    let status = u16::try_from(leading_integer(&text).0)
        .ok()
        .filter(|status| STATUSES.contains(status) || GATEWAY.contains(status));
    if status.is_none() {
        let message = format!("{} : status code '{text}' not handled", line.name());
        let known: Vec<String> = STATUSES
            .iter()
            .chain(&GATEWAY)
            .map(u16::to_string)
            .collect();
        line.error_near(BAD_NUMBER, index, message, known.iter().map(String::as_str));
    }
    status
}

/// Reads an `errorfile` line.
pub fn read(line: &mut Line<'_, '_>) -> Option<(u16, ErrorPage)> {
    let (Some(_), Some(file)) = (line.text(1), line.text(2)) else {
        line.error(
            MISSING_ARGUMENT,
            0,
            "errorfile : expects <status_code> and <file> as arguments",
        );
        return None;
    };
    let status = status(line, 1)?;
    match line.host.read(Path::new(&*file)) {
        Err(error) => line.error(
            UNREADABLE_FILE,
            2,
            format!("errorfile : error opening file '{file}': {error}"),
        ),
        Ok(raw) => match from_errorfile(&raw) {
            Ok(page) => return Some((status, page)),
            Err(why) => line.error(BAD_FILE, 2, format!("errorfile : file '{file}' {why}")),
        },
    }
    None
}

fn errorfiles<'d>(line: &mut Line<'_, 'd>, draft: &mut ProxyDraft<'d>) {
    let Some(name) = line.expect(1, "<name> as argument") else {
        return;
    };
    let statuses = (2..line.words.len()).filter_map(|index| status(line, index));
    let statuses = statuses.collect();
    draft
        .settings
        .error_pages
        .push(ErrorSource::Set(name, statuses));
}

fn errorloc(line: &mut Line<'_, '_>, draft: &mut ProxyDraft<'_>, code: u16) {
    let name = line.name();
    let (Some(_), Some(url)) = (line.arg(1), line.arg(2)) else {
        let message = format!("{name} : expects <status_code> and <url> as arguments");
        return line.error(MISSING_ARGUMENT, 0, message);
    };
    if line.arg(3).is_some() {
        let message = format!("{name} : expects exactly two arguments.");
        return line.error(UNEXPECTED_ARGUMENT, 3, message);
    }
    let Some(status) = status(line, 1) else {
        return;
    };
    let mut head = ResponseHead::new(code);
    let written = head
        .add_header(b"cache-control", b"no-cache")
        .and_then(|()| head.add_header(b"location", &url.bytes));
    if written.is_err() {
        return line.error(BAD_CHOICE, 2, format!("{name} : invalid URL"));
    }
    let body = Bytes::new();
    let page = ErrorPage::Reply(Arc::new(Reply { head, body }));
    draft
        .settings
        .error_pages
        .push(ErrorSource::Page(status, page));
}
