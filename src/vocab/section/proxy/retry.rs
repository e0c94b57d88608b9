//! How retries are made beyond HAProxy's words: `retry-backoff`, `retry-timeout`,
//! `retry-body-max`, `conn-failure-status` (SEMANTICS 8.6).

use super::{Build, ProxyDraft, word};
use crate::clock::NEVER;
use crate::settings::Backoff;
use crate::vocab::args::TimeUnit;
use crate::vocab::codes::{BAD_CHOICE, BAD_NUMBER, MISSING_ARGUMENT};
use crate::vocab::keyword::{Keyword, Sections};
use crate::vocab::line::{Line, Sense};
use crate::vocab::pairs::{self, Pairs};

/// The words.
pub(super) const WORDS: &[Keyword<Build>] = &[
    word(
        "retry-backoff",
        "<initial> [max <time>] [jitter <percent>%]",
        Sections::BACK,
        "How long to wait before each retry, to whatever server: <initial> before the first, \
         growing towards `max` (default: twice <initial>), each time more or less by up to \
         `jitter` (default 50%). Without it HAProxy's rule holds: up to a second before the same \
         server is tried again. `no retry-backoff` cancels an inherited line.",
        backoff,
    ),
    word(
        "retry-timeout",
        "<time>",
        Sections::BACK,
        "No retry begins later than this after the first attempt. Default: no limit.",
        |line, draft| {
            if line.expect(1, "<time>").is_some() && line.at_most(1) {
                let time = line.duration(1, "retry-timeout", TimeUnit::Millis);
                draft.settings.retry.timeout = time.unwrap_or(NEVER);
            }
        },
    ),
    word(
        "retry-body-max",
        "<size>",
        Sections::BACK,
        "Requests with a body of up to this size can be sent again (see `retry-on`): the body is \
         waited for, within `timeout http-request`, and kept. Longer ones are sent as they come, \
         and only once. Default: what is in the buffer already, of `tune.bufsize`.",
        |line, draft| {
            if line.expect(1, "<size>").is_some() && line.at_most(1) {
                let size = pairs::size(line, 1, "retry-body-max");
                draft.settings.retry.body_max = size;
            }
        },
    ),
    word(
        "conn-failure-status",
        "{502 | 503 | 504}",
        Sections::BACK,
        "The status of the answer when no connection to a server came about. Default 503.",
        failure_status,
    ),
];

fn backoff(line: &mut Line<'_, '_>, draft: &mut ProxyDraft<'_>) {
    if line.sense != Sense::Set {
        draft.settings.retry.backoff = None;
        return;
    }
    if line.expect(1, "<time>").is_none() {
        return;
    }
    let initial = line.duration(1, "retry-backoff", TimeUnit::Millis);
    let (mut max, mut jitter) = (None, None);
    let mut pairs = Pairs::new(line, 2);
    while let Some(name) = pairs.name() {
        match &*name {
            "max" => {
                let value = pairs.time_or_none();
                pairs.put(&mut max, value);
            }
            "jitter" => {
                let value = pairs.percent();
                pairs.put(&mut jitter, value);
            }
            _ => pairs.unknown(&["max", "jitter"], false),
        }
    }
    let is_sound = pairs.is_sound();
    let Some(initial) = initial.filter(|_| is_sound) else {
        return;
    };
    if let Some(max) = max.filter(|&max| max < initial) {
        let message = format!("'max' ({max}ms) is lower than the initial interval ({initial}ms)");
        return line.error(BAD_NUMBER, 1, message);
    }
    draft.settings.retry.backoff = Some(Backoff {
        initial,
        max: max.unwrap_or(initial.saturating_mul(2)),
        jitter: jitter.unwrap_or(50),
    });
}

fn failure_status(line: &mut Line<'_, '_>, draft: &mut ProxyDraft<'_>) {
    const STATUSES: [u16; 3] = [502, 503, 504];
    let Some(text) = line.text(1) else {
        let message = "'conn-failure-status' expects '502', '503' or '504'";
        return line.error(MISSING_ARGUMENT, 0, message);
    };
    let status = text.parse().ok().filter(|code| STATUSES.contains(code));
    match status {
        Some(status) if line.at_most(1) => draft.settings.retry.failure_status = status,
        Some(_) => {}
        None => {
            let message =
                format!("'conn-failure-status' expects '502', '503' or '504' but got '{text}'");
            line.error(BAD_CHOICE, 1, message);
        }
    }
}
