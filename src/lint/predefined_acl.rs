//! TG0827: an ACL of the name of a predefined one replaces it in its section.

use super::{Look, PREDEFINED_ACL};
use crate::syntax::{Diagnostic, Diagnostics};
use crate::vocab::condition;
use std::collections::HashSet;

pub(super) fn lint(look: &Look<'_>, diags: &mut Diagnostics) {
    for proxy in &look.model.proxies {
        let mut told = HashSet::new();
        for statement in proxy.lines("acl") {
            let Some(name) = statement.words.get(1) else {
                continue;
            };
            if condition::is_predefined(&name.bytes) && told.insert(&name.bytes) {
                let message = format!("'{}' is the name of a predefined ACL", name.text());
                diags.push(
                    Diagnostic::lint(PREDEFINED_ACL, message)
                        .at(name.span, "means something else in this section")
                        .help("give it a name of its own"),
                );
            }
        }
    }
}
