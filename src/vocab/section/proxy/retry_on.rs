//! `retry-on`: after which failures a request goes to a server once more.

use super::{Build, ProxyDraft, word};
use crate::settings::{RetryOn, RetryReason};
use crate::vocab::codes::{BAD_CHOICE, MISSING_ARGUMENT};
use crate::vocab::keyword::{Keyword, Sections};
use crate::vocab::line::Line;
use crate::vocab::reference::{Class, KeywordInfo};

/// The word.
pub(super) const WORD: &[Keyword<Build>] = &[word(
    "retry-on",
    "<reason> [<reason>...]",
    Sections::BACK,
    "After which failures a request goes to a server once more, at most as often as `retries` \
     says; see the reasons below. But for `conn-failure` the whole request must be in the buffer \
     when it is first sent: `option http-buffer-request` waits for it. A request may then be done \
     twice: `http-request disable-l7-retry` excepts those that must not be. Default `conn-failure`.",
    build,
)];

use RetryReason::{
    ConnFailure, EarlyDataRejected, EmptyResponse, JunkResponse, ResponseTimeout, Status,
};

/// What `all-retryable-errors` stands for.
const ALL: [RetryReason; 9] = [
    ConnFailure,
    EmptyResponse,
    JunkResponse,
    ResponseTimeout,
    EarlyDataRejected,
    Status(500),
    Status(502),
    Status(503),
    Status(504),
];

/// A word and what it means.
struct Reason {
    name: &'static str,
    doc: &'static str,
    adds: &'static [RetryReason],
}

const fn reason(name: &'static str, doc: &'static str, adds: &'static [RetryReason]) -> Reason {
    Reason { name, doc, adds }
}

#[rustfmt::skip]
const REASONS: [Reason; 19] = [
    reason("0rtt-rejected", "The server refused early data of TLS. Nothing sends any yet.", &[EarlyDataRejected]),
    reason("401", "The server answered with this status.", &[Status(401)]),
    reason("403", "The server answered with this status.", &[Status(403)]),
    reason("404", "The server answered with this status.", &[Status(404)]),
    reason("408", "The server answered with this status.", &[Status(408)]),
    reason("421", "The server answered with this status.", &[Status(421)]),
    reason("425", "The server answered with this status.", &[Status(425)]),
    reason("429", "The server answered with this status.", &[Status(429)]),
    reason("500", "The server answered with this status.", &[Status(500)]),
    reason("501", "The server answered with this status.", &[Status(501)]),
    reason("502", "The server answered with this status.", &[Status(502)]),
    reason("503", "The server answered with this status.", &[Status(503)]),
    reason("504", "The server answered with this status.", &[Status(504)]),
    reason("all-retryable-errors", "All that can be repeated: `conn-failure empty-response junk-response response-timeout 0rtt-rejected 500 502 503 504`.", &ALL),
    reason("conn-failure", "The connection was refused, failed or timed out: the server has seen nothing of the request.", &[ConnFailure]),
    reason("empty-response", "The server closed the connection before it said anything.", &[EmptyResponse]),
    reason("junk-response", "What the server answered is not HTTP.", &[JunkResponse]),
    reason("none", "Never. Stands alone.", &[]),
    reason("response-timeout", "`timeout server` passed before an answer.", &[ResponseTimeout]),
];

/// Every reason, for the reference.
pub fn words() -> impl Iterator<Item = KeywordInfo> {
    REASONS
        .iter()
        .map(|reason| KeywordInfo::working(Class::RetryOn, reason.name, "", reason.doc))
}

fn build(line: &mut Line<'_, '_>, draft: &mut ProxyDraft<'_>) {
    if line.arg(1).is_none() {
        let message = "'retry-on' needs at least one keyword to specify when to retry";
        return line.error(MISSING_ARGUMENT, 0, message);
    }
    let mut found = RetryOn::NONE;
    for at in 1..line.words.len() {
        let name = line.text(at).unwrap_or_default();
        if name == "none" && line.words.len() > 2 {
            return line.error(
                BAD_CHOICE,
                at,
                "'retry-on' 'none' keyword only usable alone",
            );
        }
        let Some(reason) = REASONS.iter().find(|reason| reason.name == name) else {
            let message = format!("'retry-on': unknown keyword '{name}'");
            let known = REASONS.iter().map(|reason| reason.name);
            return line.error_near(BAD_CHOICE, at, message, known);
        };
        reason.adds.iter().for_each(|&reason| found.add(reason));
    }
    draft.settings.retry_on = found;
}
