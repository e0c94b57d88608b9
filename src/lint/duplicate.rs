//! TG0826: the same line twice in one section, or one server under two names.

use super::rule_order::set_of;
use super::sample::text;
use super::{DUPLICATE, Look};
use crate::syntax::{Diagnostic, Diagnostics, Statement};
use crate::vocab::line::span_of;
use std::collections::HashMap;

pub(super) fn lint(look: &Look<'_>, diags: &mut Diagnostics) {
    for proxy in &look.model.proxies {
        let mut seen: HashMap<Vec<&[u8]>, &Statement> = HashMap::new();
        for statement in proxy.statements() {
            let Some(key) = identity(statement) else {
                continue;
            };
            let earlier = *seen.entry(key).or_insert(statement);
            if std::ptr::eq(earlier, statement) {
                continue;
            }
            let (message, help) = match statement.words.first().map_or("", text) {
                "server" => (
                    "this server has the address and the options of another",
                    "it gets the traffic of two; remove one, or use 'weight'",
                ),
                _ => ("this line is there twice", "remove one of the two"),
            };
            diags.push(
                Diagnostic::lint(DUPLICATE, message)
                    .at(span_of(&statement.words), "")
                    .at(span_of(&earlier.words), "the first")
                    .help(help),
            );
        }
    }
}

/// What makes two statements the same, for those where that means nothing.
fn identity(statement: &Statement) -> Option<Vec<&[u8]>> {
    let words = statement.words.as_slice();
    let all = || words.iter().map(|word| &*word.bytes);
    match words.first().map_or("", text) {
        "acl" | "use_backend" | "stick" | "redirect" => Some(all().collect()),
        // A disabled one is a place kept for an address to come.
        "server" if words.iter().any(|word| *word == "disabled") => None,
        "server" => Some(all().take(1).chain(all().skip(2)).collect()),
        // Counting and adding twice can be meant.
        _ if set_of(statement).is_some() => {
            let action = super::rule_order::action(statement)?;
            let repeatable =
                action.starts_with("add-") || action.starts_with("sc-") || action == "do-log";
            (!repeatable).then(|| all().collect())
        }
        _ => None,
    }
}
