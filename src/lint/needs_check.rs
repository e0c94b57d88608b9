//! TG0818: server options that do nothing without health checks, or without `observe`.

use super::{Look, NEEDS_CHECK};
use crate::syntax::{Diagnostic, Diagnostics, Statement, Word};

/// What each needs to have an effect.
const NEEDS: &[(&str, &[&str])] = &[
    ("observe", &["check"]),
    ("slowstart", &["check", "agent-check"]),
    ("rise", &["check", "agent-check"]),
    ("fall", &["check", "agent-check"]),
    ("inter", &["check", "agent-check"]),
    ("fastinter", &["check", "agent-check"]),
    ("downinter", &["check", "agent-check"]),
    ("error-limit", &["observe"]),
    ("on-error", &["observe"]),
    ("on-marked-down", &["check", "agent-check"]),
    ("on-marked-up", &["check", "agent-check"]),
];

pub(super) fn lint(look: &Look<'_>, diags: &mut Diagnostics) {
    for proxy in look.model.backends() {
        let defaults: Vec<&Statement> = look
            .model
            .lineage(proxy)
            .flat_map(|proxy| proxy.lines("default-server").collect::<Vec<_>>())
            .collect();
        for server in proxy.lines("server").chain(proxy.lines("server-template")) {
            let inherited = |name: &str| {
                let mut words = defaults.iter().flat_map(|line| &line.words);
                words.any(|word| *word == name)
            };
            let off = |name: &str| has(server, &format!("no-{name}"));
            let has_any = |names: &[&str]| {
                let on = |name: &str| (has(server, name) || inherited(name)) && !off(name);
                names.iter().any(|name| on(name)) || has(server, "track") || inherited("track")
            };
            for &(option, needed) in NEEDS {
                let Some(word) = find(server, option).filter(|_| !has_any(needed)) else {
                    continue;
                };
                let needed = needed.join("' or '");
                let message = format!("'{option}' does nothing without '{needed}'");
                diags.push(
                    Diagnostic::lint(NEEDS_CHECK, message)
                        .at(word.span, "")
                        .help(format!("add '{needed}' to the line")),
                );
            }
        }
    }
}

fn has(line: &Statement, name: &str) -> bool {
    find(line, name).is_some()
}

/// An option of a server line, not a value that looks like one.
fn find<'a>(line: &'a Statement, name: &str) -> Option<&'a Word> {
    line.words.iter().skip(3).find(|word| **word == name)
}
