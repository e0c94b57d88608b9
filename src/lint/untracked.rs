//! TG0808: a tracked counter is read, and no rule of the whole configuration tracks it.

use super::{Look, UNTRACKED, sample, tracked};
use crate::syntax::{Diagnostic, Diagnostics};
use std::collections::HashSet;

pub(super) fn lint(look: &Look<'_>, diags: &mut Diagnostics) {
    let rules = look.model.proxies.iter().flat_map(|proxy| &proxy.tracks);
    let slots: HashSet<u32> = rules.map(|rule| rule.slot).collect();
    for proxy in &look.model.proxies {
        for statement in proxy.statements() {
            let samples = sample::of_statement(&statement.words);
            let read = samples.iter().flat_map(|sample| {
                let reads = sample.calls().filter_map(|call| tracked::read(call));
                reads.map(|read| (sample.word, read))
            });
            for (word, read) in read.chain(tracked::written(statement)) {
                if let Some(slot) = read.slot
                    && !slots.contains(&slot)
                {
                    let message = format!("nothing tracks counter {slot}");
                    diags.push(
                        Diagnostic::lint(UNTRACKED, message)
                            .at(word.span, "never has a value")
                            .help(format!("track it before: http-request track-sc{slot} src")),
                    );
                }
            }
        }
    }
}
