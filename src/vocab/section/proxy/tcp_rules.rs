//! `tcp-request` and `tcp-response`: rules on connections and on bytes, and how long they wait.

use super::{Build, ProxyDraft, ProxyKind, Rule, RuleKind, word};
use crate::clock::Millis;
use crate::vocab::args::TimeUnit;
use crate::vocab::codes::{BAD_CHOICE, MISSING_ARGUMENT, NOT_ALLOWED_HERE, OVERWRITES};
use crate::vocab::keyword::Keyword;
use crate::vocab::line::Line;
use crate::vocab::suggest::closest;

/// The words.
pub(super) const WORDS: &[Keyword<Build>] = &[
    word(
        "tcp-request",
        "{connection | session | content} <action> [<argument>...] [{if | unless} <condition>] | \
         inspect-delay <time>",
        super::rules::RULES,
        "Does something with a connection, or with the first bytes that its client sends.",
        request,
    ),
    word(
        "tcp-response",
        "content <action> [<argument>...] [{if | unless} <condition>] | inspect-delay <time>",
        super::rules::RULES,
        "Does something with a connection when its server sends the first bytes.",
        response,
    ),
];

fn request<'d>(line: &mut Line<'_, 'd>, draft: &mut ProxyDraft<'d>) {
    let sets = [
        ("connection", RuleKind::TcpRequestConnection),
        ("session", RuleKind::TcpRequestSession),
        ("content", RuleKind::TcpRequestContent),
    ];
    let Some(which) = choose(line, &sets, draft) else {
        return;
    };
    match which {
        None => delay(line, &mut draft.settings.tcp_request_delay),
        Some(kind) if kind != RuleKind::TcpRequestContent && draft.kind == ProxyKind::Backend => {
            let what = line.text(1).unwrap_or_default();
            let message = format!(
                "tcp-request {what} is not allowed because backend {} is not a frontend",
                draft.name
            );
            line.error(NOT_ALLOWED_HERE, 1, message);
        }
        Some(kind) => keep(line, draft, kind),
    }
}

fn response<'d>(line: &mut Line<'_, 'd>, draft: &mut ProxyDraft<'d>) {
    let sets = [("content", RuleKind::TcpResponseContent)];
    let Some(which) = choose(line, &sets, draft) else {
        return;
    };
    if draft.kind == ProxyKind::Frontend {
        let what = line.text(1).unwrap_or_default();
        let message = format!(
            "tcp-response {what} is only allowed in 'backend' sections or 'defaults' section with a name"
        );
        return line.error(NOT_ALLOWED_HERE, 1, message);
    }
    match which {
        None => delay(line, &mut draft.settings.tcp_response_delay),
        Some(kind) => keep(line, draft, kind),
    }
}

const DELAY: &str = "inspect-delay";

/// The rule set that the second word names, the inner `None` for the delay.
fn choose(
    line: &mut Line<'_, '_>,
    sets: &[(&'static str, RuleKind)],
    draft: &ProxyDraft<'_>,
) -> Option<Option<RuleKind>> {
    let owner = format!("{} '{}'", draft.kind.noun(), draft.name);
    let keyword = line.name();
    let Some(word) = line.text(1) else {
        let message = format!("missing argument for '{keyword}' in {owner}");
        line.error(MISSING_ARGUMENT, 0, message);
        return None;
    };
    if word == DELAY {
        return Some(None);
    }
    let found = sets.iter().find(|(name, _)| word == *name);
    if found.is_none() {
        let names = || sets.iter().map(|(name, _)| *name).chain([DELAY]);
        let list: Vec<String> = names().map(|name| format!("'{name}'")).collect();
        let list = list.join(", ");
        let mut message = format!("'{keyword}' expects {list} in {owner} (got '{word}')");
        if let Some(near) = closest(&word, names()) {
            message = format!("{message}. Did you mean '{near}' maybe ?");
        }
        line.error(BAD_CHOICE, 1, message);
    }
    found.map(|(_, kind)| Some(*kind))
}

fn keep<'d>(line: &mut Line<'_, 'd>, draft: &mut ProxyDraft<'d>, kind: RuleKind) {
    if line.arg(2).is_none() {
        let set = format!("{} {}", line.name(), line.text(1).unwrap_or_default());
        return line.error(MISSING_ARGUMENT, 1, format!("'{set}' expects an action"));
    }
    draft.rules.push(Rule {
        kind,
        words: line.words,
    });
}

/// Reads the delay. As in HAProxy the first one counts, an inherited one too.
fn delay(line: &mut Line<'_, '_>, slot: &mut Millis) {
    let what = format!("{} {DELAY}", line.name());
    if line.arg(2).is_none() {
        let message = format!("'{what}' expects a positive delay in milliseconds");
        return line.error(MISSING_ARGUMENT, 1, message);
    }
    let Some(value) = line.duration(2, &what, TimeUnit::Millis) else {
        return;
    };
    if *slot == 0 {
        *slot = value;
    } else {
        line.warning(
            OVERWRITES,
            2,
            format!("ignoring {what} (was already defined)"),
        );
    }
}
