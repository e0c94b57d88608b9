//! TG0821: a limit on a request rate whose refusals are counted too: a ban for as long as the
//! client keeps trying, not a limit.

use super::condition;
use super::rule_order::{action, set_of};
use super::{Look, SELF_FEEDING, tracked};
use crate::syntax::{Diagnostic, Diagnostics, Statement};

/// What ends a request here.
const REFUSALS: &[&str] = &["deny", "reject", "return", "silent-drop", "tarpit"];

pub(super) fn lint(look: &Look<'_>, diags: &mut Diagnostics) {
    for proxy in &look.model.proxies {
        for statement in proxy.statements() {
            let refuses = action(statement).is_some_and(|action| REFUSALS.contains(&action));
            let Some(condition) = refuses
                .then(|| condition::of_statement(&statement.words, proxy))
                .flatten()
            else {
                continue;
            };
            for term in condition.alternatives.iter().flatten() {
                let calls = term.tests.iter().flat_map(|test| test.sample.calls());
                let slots: Vec<u32> = calls
                    .filter(|call| {
                        call.name.ends_with("http_req_rate") || call.name.ends_with("conn_rate")
                    })
                    .filter_map(|call| tracked::read(call)?.slot)
                    .collect();
                let before = |rule: &&super::track::Track<'_>| {
                    slots.contains(&rule.slot) && is_before(rule.statement, statement, proxy)
                };
                let Some(rule) = proxy.tracks.iter().find(before).filter(|_| !term.negated) else {
                    continue;
                };
                diags.push(
                    Diagnostic::lint(
                        SELF_FEEDING,
                        "refused requests count as well: who keeps trying stays out",
                    )
                    .at(term.word.span, "")
                    .at(rule.word.span, "counts every request, refused ones too")
                    .help("that is a ban; 'http-request rate-limit' refuses what is above the rate only"),
                );
            }
        }
    }
}

/// Whether a rule runs before another of its set, or in an earlier set.
fn is_before(rule: &Statement, other: &Statement, proxy: &super::model::Proxy<'_>) -> bool {
    if set_of(rule) != set_of(other) {
        return true;
    }
    let mut order = proxy.statements();
    order.any(|statement| std::ptr::eq(statement, rule))
        && order.any(|statement| std::ptr::eq(statement, other))
}
