//! `filter trace`: a look at what passes, for debugging.

use super::ProxyDraft;
use crate::settings::TraceSpec;
use crate::vocab::codes::{BAD_CHOICE, BAD_NUMBER, MISSING_ARGUMENT};
use crate::vocab::line::Line;
use std::sync::Arc;

const WORDS: [&str; 5] = ["name", "quiet", "random-forwarding", "max-fwd", "hexdump"];

/// Reads a line whose filter is `trace`.
pub(super) fn read(line: &mut Line<'_, '_>, draft: &mut ProxyDraft<'_>) {
    let mut named = None;
    let mut spec = TraceSpec {
        name: Box::default(),
        quiet: false,
        hexdump: false,
        random: false,
        max_forward: 0,
    };
    let mut at = 2;
    while let Some(word) = line.text(at) {
        if matches!(&*word, "name" | "max-fwd") && line.arg(at + 1).is_none() {
            let message = format!("'filter' : 'trace' : '{word}' option without value");
            return line.error(MISSING_ARGUMENT, at, message);
        }
        match &*word {
            "name" if named.is_some() => {
                let message = "'filter' : 'trace' : 'name' option already defined";
                return line.error(BAD_CHOICE, at, message);
            }
            "name" => {
                at += 1;
                named = line.text(at);
            }
            "max-fwd" => {
                at += 1;
                let Ok(most) = u32::try_from(line.lenient_integer(at)) else {
                    let message = "'filter' : 'trace' : 'max-fwd' expect unsigned integer (0 to 4294967295 expected)";
                    return line.error(BAD_NUMBER, at, message);
                };
                spec.max_forward = most;
            }
            "quiet" => spec.quiet = true,
            "hexdump" => spec.hexdump = true,
            "random-forwarding" => spec.random = true,
            // HAProxy takes it, and does nothing.
            "random-parsing" => {}
            unknown => {
                let message = format!("'filter trace' : unknown keyword '{unknown}'.");
                return line.error_near(BAD_CHOICE, at, message, WORDS);
            }
        }
        at += 1;
    }
    spec.name = format!("{}/{}", named.as_deref().unwrap_or("TRACE"), draft.name).into();
    draft.traces.push(Arc::new(spec));
}
