//! TG0822: a ratio of counters that decides without a minimum of requests: the first failure of a
//! quiet hour is 100 %.

use super::condition;
use super::{Look, NO_MINIMUM};
use crate::syntax::{Diagnostic, Diagnostics};

pub(super) fn lint(look: &Look<'_>, diags: &mut Diagnostics) {
    for proxy in &look.model.proxies {
        for statement in proxy.statements() {
            let Some(condition) = condition::of_statement(&statement.words, proxy) else {
                continue;
            };
            for terms in &condition.alternatives {
                let ratio = terms.iter().find(|term| {
                    term.tests
                        .iter()
                        .any(|test| test.sample.converts("mul") && divides_by_variable(test))
                });
                let Some(ratio) = ratio.filter(|_| terms.len() == 1) else {
                    continue;
                };
                diags.push(
                    Diagnostic::lint(
                        NO_MINIMUM,
                        "this ratio decides even when there was one request only",
                    )
                    .at(ratio.word.span, "")
                    .help("add a term that asks for a number of requests: { var(res.req_rate) -m int ge 20 }"),
                );
            }
        }
    }
}

fn divides_by_variable(test: &condition::Test<'_>) -> bool {
    let mut divisions = test
        .sample
        .converters
        .iter()
        .filter(|call| call.name == "div");
    divisions.any(|call| call.arg(0).is_some_and(|arg| arg.contains('.')))
}
