//! `compression` and `filter`: what happens to bodies on their way.

use super::rules::push;
use super::trace;
use super::{Build, ProxyDraft, ProxyKind, RuleKind, word};
use crate::settings::Coding;
use crate::vocab::codes::{BAD_CHOICE, IGNORED_HERE, MISSING_ARGUMENT, NOT_ALLOWED_HERE};
use crate::vocab::keyword::{Keyword, Sections};
use crate::vocab::line::Line;

/// The words.
pub(super) const WORDS: &[Keyword<Build>] = &[
    word(
        "compression",
        "{algo <algorithm>... | algo-res <algorithm>... | algo-req <algorithm> | type <type>... | type-res <type>... | type-req <type>... | minsize-res <size> | minsize-req <size> | direction {request | response | both} | offload}",
        Sections::PROXIES,
        "Compresses responses for clients that accept it: with the first algorithm (`gzip`, \
         `deflate`, `raw-deflate`, `identity`) they like best, if the content's type begins with one of \
         those given and it is not smaller than the least size. `offload` keeps servers from \
         compressing themselves. With `direction request` or `both`, bodies of requests with a \
         `content-length` are compressed for servers, by `algo-req`.",
        compression,
    ),
    word(
        "filter",
        "{bwlim-in | bwlim-out} <name> {default-limit <size> default-period <time> | limit <size> key <expression> [table <table>]} [min-size <size>] | {cache <name> | compression | comp-res} | trace [name <name>] [quiet] [random-forwarding] [max-fwd <bytes>] [hexdump]",
        Sections::PROXIES,
        "`bwlim-in` and `bwlim-out` name a limit of bytes per time from, or to, clients; streams come under it by \
         `set-bandwidth-limit`, each for itself or all of a key together. `trace`, for debugging, tells the standard error stream what \
         passes, and passes it on in pieces. The others say where among \
         filters responses are compressed or kept: always after the limits.",
        filter,
    ),
];

const WORDS_OF_COMPRESSION: [&str; 11] = [
    "algo",
    "algo-req",
    "algo-res",
    "type",
    "type-req",
    "type-res",
    "minsize-req",
    "minsize-res",
    "direction",
    "offload",
    "tofilter",
];

fn compression(line: &mut Line<'_, '_>, draft: &mut ProxyDraft<'_>) {
    let mut to = draft.settings.compression.clone().unwrap_or_default();
    let what = line.text(1).unwrap_or_default().into_owned();
    match what.as_str() {
        "algo" | "algo-res" => {
            let Some(algorithms) = algorithms(line) else {
                return;
            };
            to.algorithms = algorithms;
        }
        "algo-req" => {
            let Some(&[algorithm, ..]) = algorithms(line).as_deref() else {
                return;
            };
            to.request_algorithm = Some(algorithm);
        }
        "type" | "type-res" | "type-req" => {
            if line.arg(2).is_none() {
                let message = format!("'compression' : '{what}' expects a MIME type");
                return line.error(MISSING_ARGUMENT, 1, message);
            }
            let types = line.words.iter().skip(2);
            let types = types.map(|word| word.bytes.clone()).collect();
            match what.as_str() {
                "type-req" => to.request_types = types,
                _ => to.types = types,
            }
        }
        "minsize-res" | "minsize-req" => {
            let Some(size) = line.text(2).as_deref().and_then(size) else {
                let message = format!("'compression' : '{what}' expects a size in bytes");
                return line.error(BAD_CHOICE, 2, message);
            };
            match what.as_str() {
                "minsize-req" => to.request_min_size = size,
                _ => to.min_size = size,
            }
        }
        "offload" if draft.kind == ProxyKind::Defaults => {
            let message = "'compression' : 'offload' ignored in 'defaults' section.";
            return line.warning(IGNORED_HERE, 1, message);
        }
        "offload" => to.offload = true,
        "direction" => match line.text(2).as_deref() {
            Some("response") => (to.requests, to.requests_only) = (false, false),
            Some("request") => (to.requests, to.requests_only) = (true, true),
            Some("both") => (to.requests, to.requests_only) = (true, false),
            _ => {
                let message =
                    "'compression' : 'direction' expects 'request', 'response', or 'both'";
                return line.error_near(BAD_CHOICE, 2, message, ["request", "response", "both"]);
            }
        },
        _ => {
            let message = "'compression' expects 'algo', 'type' 'direction' or 'offload'";
            return line.error_near(BAD_CHOICE, 1, message, WORDS_OF_COMPRESSION);
        }
    }
    draft.settings.compression = Some(to);
}

fn algorithms(line: &mut Line<'_, '_>) -> Option<Vec<Coding>> {
    if line.arg(2).is_none() {
        let message = "'compression' : 'algo' expects at least one algorithm";
        line.error(MISSING_ARGUMENT, 1, message);
        return None;
    }
    let mut found = Vec::new();
    for at in 2..line.words.len() {
        let name = line.text(at).unwrap_or_default();
        let Some((_, coding)) = Coding::NAMED.iter().find(|(known, _)| *known == name) else {
            let message = format!("'compression' : '{name}' is not a supported algorithm.");
            let names = Coding::NAMED.map(|(name, _)| name);
            line.error_near(BAD_CHOICE, at, message, names);
            return None;
        };
        found.push(*coding);
    }
    Some(found)
}

/// A number of bytes, `k`, `m` or `g` behind it.
fn size(text: &str) -> Option<u64> {
    let (digits, factor) = match text.as_bytes().last()? {
        b'k' | b'K' => (text.get(..text.len() - 1)?, 1 << 10),
        b'm' | b'M' => (text.get(..text.len() - 1)?, 1 << 20),
        b'g' | b'G' => (text.get(..text.len() - 1)?, 1 << 30),
        _ => (text, 1),
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

fn filter<'d>(line: &mut Line<'_, 'd>, draft: &mut ProxyDraft<'d>) {
    if draft.kind == ProxyKind::Defaults {
        let message = "filter is not allowed in a 'default' section";
        return line.error(NOT_ALLOWED_HERE, 0, message);
    }
    match line.text(1).as_deref() {
        Some("bwlim-in" | "bwlim-out") => push(line, draft, RuleKind::Bandwidth),
        // Where bodies are kept does not depend on it.
        Some("cache") => {}
        Some("trace") => trace::read(line, draft),
        Some("compression" | "comp-res") => {
            let _ = draft.settings.compression.get_or_insert_default();
        }
        Some(name @ ("comp-req" | "fcgi-app" | "opentracing" | "otel" | "spoe")) => {
            let what = format!("'filter {name}'");
            line.not_yet(1, &what, "filters");
        }
        None => line.error(MISSING_ARGUMENT, 1, "'filter' expects a filter's name"),
        Some(name) if name.starts_with("lua.") => {
            line.not_yet(1, &format!("'filter {name}'"), "Lua")
        }
        Some(name) => {
            let message = format!("'filter' : unknown filter '{name}'");
            line.error_near(
                BAD_CHOICE,
                1,
                message,
                [
                    "bwlim-in",
                    "bwlim-out",
                    "compression",
                    "comp-res",
                    "comp-req",
                    "cache",
                    "trace",
                    "spoe",
                ],
            );
        }
    }
}
