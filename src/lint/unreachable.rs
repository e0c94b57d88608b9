//! TG0814: rules that an earlier one always anticipates.

use super::model::Proxy;
use super::rule_order::{action, is_conditional, set_of};
use super::{Look, UNREACHABLE};
use crate::syntax::{Diagnostic, Diagnostics, Statement};
use crate::vocab::line::span_of;
use std::collections::HashMap;

/// Actions after which no other rule of the set runs.
const FINAL: &[&str] = &[
    "accept",
    "allow",
    "deny",
    "redirect",
    "reject",
    "return",
    "silent-drop",
    "tarpit",
];

pub(super) fn lint(look: &Look<'_>, diags: &mut Diagnostics) {
    for proxy in &look.model.proxies {
        let mut ended: HashMap<(&str, &str), &Statement> = HashMap::new();
        for statement in proxy.statements() {
            let Some(set) = set_of(statement).or_else(|| switching(statement)) else {
                continue;
            };
            // `accept` and `allow` at the end state what happens anyway, and rules after them
            // may be there to be switched on.
            match ended.get(&set) {
                Some(earlier) => report(statement, earlier, diags),
                None if is_final(statement) => {
                    ended.insert(set, statement);
                }
                None => {}
            }
        }
        same_condition(proxy, diags);
    }
}

fn switching(statement: &Statement) -> Option<(&str, &str)> {
    let first = statement.words.first()?;
    (*first == "use_backend").then_some(("use_backend", ""))
}

fn is_final(statement: &Statement) -> bool {
    let action = match switching(statement) {
        Some(_) => statement.words.len() == 2,
        None => action(statement).is_some_and(|action| FINAL.contains(&action)),
    };
    action && !is_conditional(statement)
}

fn report(statement: &Statement, earlier: &Statement, diags: &mut Diagnostics) {
    diags.push(
        Diagnostic::lint(UNREACHABLE, "this rule is never reached")
            .at(span_of(&statement.words), "")
            .at(span_of(&earlier.words), "this one always ends the rules")
            .help("move it above, or give the other a condition"),
    );
}

/// Two `use_backend` lines of one condition: the first wins.
fn same_condition(proxy: &Proxy<'_>, diags: &mut Diagnostics) {
    let mut seen: HashMap<Vec<&[u8]>, &Statement> = HashMap::new();
    for statement in proxy.lines("use_backend") {
        let words = statement.words.get(2..).unwrap_or_default();
        if words.is_empty() {
            continue;
        }
        let condition = words.iter().map(|word| &*word.bytes).collect();
        let earlier = *seen.entry(condition).or_insert(statement);
        if !std::ptr::eq(earlier, statement) && earlier.words != statement.words {
            diags.push(
                Diagnostic::lint(UNREACHABLE, "this rule is never reached")
                    .at(span_of(&statement.words), "")
                    .at(span_of(&earlier.words), "has the same condition and wins")
                    .help("remove one of the two, or make their conditions differ"),
            );
        }
    }
}
