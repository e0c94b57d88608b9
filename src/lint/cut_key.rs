//! TG0805: keys longer than what the table keeps: different ones share an entry.

use super::sample::Sample;
use super::{CUT_KEY, Look};
use crate::syntax::{Diagnostic, Diagnostics};
use crate::table::KeyType;

/// Fetches without a bound on their length.
const LONG: &[&str] = &[
    "base",
    "baseq",
    "capture.req.uri",
    "cook",
    "hdr",
    "path",
    "pathq",
    "query",
    "req.cook",
    "req.fhdr",
    "req.hdr",
    "url",
    "url_param",
    "urlp",
];

pub(super) fn lint(look: &Look<'_>, diags: &mut Diagnostics) {
    for proxy in &look.model.proxies {
        for rule in &proxy.tracks {
            let Some(table) = look.model.table_of(rule.table, proxy) else {
                continue;
            };
            let kept = match table.spec.key {
                KeyType::String(length) | KeyType::Binary(length) => length as usize,
                KeyType::Ip | KeyType::Ipv6 | KeyType::Integer => continue,
            };
            let chosen = table.line.words.iter().any(|word| *word == "len");
            let message = match length(&rule.key) {
                Length::Exactly(length) if length > kept => format!(
                    "keys of {length} characters are cut to the {kept} that the table keeps"
                ),
                Length::Any if !chosen => format!(
                    "keys are cut to {kept} characters, and those that begin alike share an entry"
                ),
                _ => continue,
            };
            diags.push(
                Diagnostic::lint(CUT_KEY, message)
                    .at(rule.key.word.span, "")
                    .at(super::table_place(table), "the table")
                    .help("give the table 'len <n>', or track a digest: 'type binary len 20' and ',sha1'"),
            );
        }
    }
}

enum Length {
    Exactly(usize),
    Any,
    Unknown,
}

/// The length of a key as far as its last link tells.
fn length(key: &Sample<'_>) -> Length {
    let names: Vec<&str> = key.converters.iter().map(|call| call.name).collect();
    let digest = |name: &str| match name {
        "sha1" => Some(20),
        "sha2" => Some(32),
        _ => None,
    };
    match *names.as_slice() {
        [] if key.fetch.name == "uuid" => Length::Exactly(36),
        [] if LONG.contains(&key.fetch.name) => Length::Any,
        [.., "lower" | "upper"] if LONG.contains(&key.fetch.name) && names.len() == 1 => {
            Length::Any
        }
        [.., last] if digest(last).is_some() => Length::Exactly(digest(last).unwrap_or(0)),
        [.., before, "hex"] if digest(before).is_some() => {
            Length::Exactly(2 * digest(before).unwrap_or(0))
        }
        _ => Length::Unknown,
    }
}
