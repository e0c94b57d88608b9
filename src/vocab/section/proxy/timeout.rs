//! `timeout`: one row per kind of timeout.

use super::{Build, ProxyDraft, ProxyKind, word};
use crate::clock::{Millis, NEVER};
use crate::settings::Timeouts;
use crate::vocab::args::TimeUnit;
use crate::vocab::codes::{
    BAD_CHOICE, IGNORED_HERE, MISSING_ARGUMENT, OVERWRITES, SUSPICIOUSLY_SMALL, UNEXPECTED_ARGUMENT,
};
use crate::vocab::keyword::{Keyword, Sections, Status};
use crate::vocab::line::Line;
use crate::vocab::reference::{Class, KeywordInfo};

/// The word.
pub(super) const WORD: &[Keyword<Build>] = &[word(
    "timeout",
    "<kind> <time>",
    Sections::PROXIES,
    "Limits how long something may take.",
    build,
)];

struct Timeout {
    name: &'static str,
    sections: Sections,
    doc: &'static str,
    slot: fn(&mut Timeouts) -> &mut Millis,
}

const fn row(
    name: &'static str,
    sections: Sections,
    doc: &'static str,
    slot: fn(&mut Timeouts) -> &mut Millis,
) -> Timeout {
    Timeout {
        name,
        sections,
        doc,
        slot,
    }
}

const TIMEOUTS: &[Timeout] = &[
    row(
        "check",
        Sections::BACK,
        "Reading a health check's answer.",
        |t| &mut t.check,
    ),
    row("client", Sections::FRONT, "Silence of the client.", |t| {
        &mut t.client
    }),
    row(
        "client-fin",
        Sections::FRONT,
        "Silence of a half-closed client.",
        |t| &mut t.client_fin,
    ),
    row("connect", Sections::BACK, "Connecting to a server.", |t| {
        &mut t.connect
    }),
    row(
        "http-keep-alive",
        Sections::PROXIES,
        "Waiting for a next request.",
        |t| &mut t.http_keep_alive,
    ),
    row(
        "http-request",
        Sections::PROXIES,
        "Receiving a complete request head.",
        |t| &mut t.http_request,
    ),
    row("queue", Sections::BACK, "Waiting for a free server.", |t| {
        &mut t.queue
    }),
    row("server", Sections::BACK, "Silence of the server.", |t| {
        &mut t.server
    }),
    row(
        "server-fin",
        Sections::BACK,
        "Silence of a half-closed server.",
        |t| &mut t.server_fin,
    ),
    row(
        "tarpit",
        Sections::PROXIES,
        "How long a tarpitted client waits.",
        |t| &mut t.tarpit,
    ),
    row(
        "tunnel",
        Sections::BACK,
        "Silence of both sides of a tunnel.",
        |t| &mut t.tunnel,
    ),
];

/// The TLS handshake's timeout is checked like the others but there is no TLS yet.
const HANDSHAKE: &str = "client-hs";

/// Every timeout, for the reference.
pub fn infos() -> impl Iterator<Item = KeywordInfo> {
    let works = |t: &Timeout| {
        KeywordInfo::working(Class::Timeout, t.name, "<time>", t.doc)
            .allowed_in(t.sections.names(Class::Timeout))
    };
    let handshake = KeywordInfo::other(
        Class::Timeout,
        HANDSHAKE,
        Status::NoEffect,
        "there is no TLS yet",
    );
    TIMEOUTS
        .iter()
        .map(works)
        .chain([handshake.allowed_in(Sections::FRONT.names(Class::Timeout))])
}

fn build(line: &mut Line<'_, '_>, draft: &mut ProxyDraft<'_>) {
    let name = line.text(1).unwrap_or_default();
    let known = TIMEOUTS.iter().find(|timeout| timeout.name == name);
    if known.is_none() && name != HANDSHAKE {
        return unknown(line, &name);
    }
    let what = format!("timeout {name}");
    if line.arg(2).is_none() {
        let message = format!("'{what}' expects an integer value (in milliseconds)");
        return line.error(MISSING_ARGUMENT, 1, message);
    }
    let Some(value) = line.duration(2, &what, TimeUnit::Millis) else {
        return;
    };
    if let Some(extra) = line.text(3) {
        let message = format!("'{what}' : unexpected extra argument '{extra}'");
        return line.error(UNEXPECTED_ARGUMENT, 3, message);
    }
    warn_if_small(line, &what, value);
    let Some(timeout) = known else {
        return line.no_effect(1, "'timeout client-hs'", "there is no TLS yet");
    };
    let slot = (timeout.slot)(&mut draft.settings.timeouts);
    let inherited = *(timeout.slot)(&mut draft.inherited);
    let overwrites = draft.kind != ProxyKind::Defaults && *slot != inherited;
    *slot = if value == 0 { NEVER } else { value };
    if let Some(side) = draft
        .kind
        .missing_side()
        .filter(|_| !timeout.sections.allows(draft.sections()))
    {
        let message = format!(
            "'{what}' will be ignored because {} '{}' has no {side} capability",
            draft.kind.noun(),
            draft.name
        );
        line.warning(IGNORED_HERE, 1, message);
    } else if overwrites {
        let message = format!("overwriting '{what}' which was already specified");
        line.warning(OVERWRITES, 1, message);
    }
}

fn unknown(line: &mut Line<'_, '_>, name: &str) {
    let names = || TIMEOUTS.iter().map(|timeout| timeout.name);
    let list: Vec<String> = names().map(|name| format!("'{name}'")).collect();
    let message = format!("'timeout' supports {} (got '{name}')", list.join(", "));
    line.error_near(BAD_CHOICE, 1, message, names().chain([HANDSHAKE]));
}

/// A bare number below 100 is probably seconds without their unit.
fn warn_if_small(line: &mut Line<'_, '_>, what: &str, value: Millis) {
    let bare = line
        .arg(2)
        .is_some_and(|word| word.bytes.iter().all(u8::is_ascii_digit));
    if bare && (1..100).contains(&value) {
        let message = format!(
            "'{what} {value}' is suspiciously small for a value in milliseconds. Please use an explicit unit ('{value}ms') if that was the intent"
        );
        line.warning(SUSPICIOUSLY_SMALL, 2, message);
    }
}
