//! TG0809: in one set of rules a counter is read by a rule that stands before the one that
//! tracks it.

use super::{Look, TRACKED_LATE, rule_order, sample, tracked};
use crate::syntax::{Diagnostic, Diagnostics};

pub(super) fn lint(look: &Look<'_>, diags: &mut Diagnostics) {
    let tracks = look.model.proxies.iter().flat_map(|proxy| &proxy.tracks);
    let everywhere: Vec<u32> = tracks.map(|rule| rule.slot).collect();
    for proxy in &look.model.proxies {
        for rule in &proxy.tracks {
            // Tracked elsewhere too: the reader may mean that one.
            let same = everywhere.iter().filter(|slot| **slot == rule.slot);
            if same.count() > 1 {
                continue;
            }
            let set = rule_order::set_of(rule.statement);
            let earlier = proxy
                .statements()
                .take_while(|statement| !std::ptr::eq(*statement, rule.statement))
                .filter(|statement| rule_order::set_of(statement) == set && set.is_some());
            for statement in earlier {
                let Some(word) = reader(&statement.words, proxy, rule.slot) else {
                    continue;
                };
                let message = format!("counter {} is read before it is tracked", rule.slot);
                diags.push(
                    Diagnostic::lint(TRACKED_LATE, message)
                        .at(word.span, "has no value yet")
                        .at(rule.word.span, "tracked here")
                        .help("move the tracking rule above"),
                );
            }
        }
    }
}

/// The word of a statement that reads a slot, in its own words or through an ACL.
fn reader<'a>(
    words: &'a [crate::syntax::Word],
    proxy: &super::model::Proxy<'a>,
    slot: u32,
) -> Option<&'a crate::syntax::Word> {
    let reads = |sample: &sample::Sample<'_>| {
        sample
            .calls()
            .filter_map(|call| tracked::read(call))
            .any(|read| read.slot == Some(slot))
    };
    if let Some(own) = sample::of_statement(words).into_iter().find(|s| reads(s)) {
        return Some(own.word);
    }
    let condition = super::condition::of_statement(words, proxy)?;
    let terms = condition.alternatives.into_iter().flatten();
    terms
        .filter(|term| term.tests.iter().any(|test| reads(&test.sample)))
        .map(|term| term.word)
        .next()
}
