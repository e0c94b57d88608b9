//! TG0825: small durations without a unit. They are milliseconds, and seconds were probably meant.

use super::sample::text;
use super::{Look, MISSING_UNIT};
use crate::syntax::{Diagnostic, Diagnostics, Statement, Word};

/// Words of `server` lines and `stick-table` that a duration follows.
const DURATIONS: &[&str] = &[
    "agent-inter",
    "downinter",
    "expire",
    "fastinter",
    "inter",
    "slowstart",
];

/// Durations below this many milliseconds make no sense where they stand.
const LEAST: u64 = 100;

pub(super) fn lint(look: &Look<'_>, diags: &mut Diagnostics) {
    for proxy in &look.model.proxies {
        for statement in proxy.statements() {
            for word in durations(statement) {
                if let Ok(number) = text(word).parse::<u64>()
                    && (1..LEAST).contains(&number)
                {
                    let message = format!("'{number}' without a unit is {number} milliseconds");
                    diags.push(
                        Diagnostic::lint(MISSING_UNIT, message)
                            .at(word.span, "")
                            .help(format!(
                                "write '{number}s' for seconds, or '{number}ms' to say so"
                            )),
                    );
                }
            }
        }
    }
}

fn durations(statement: &Statement) -> impl Iterator<Item = &Word> {
    let words = statement.words.as_slice();
    let line = words.first().map_or("", text);
    let listed = matches!(
        line,
        "server" | "default-server" | "server-template" | "stick-table"
    );
    let alone = matches!(line, "tcp-request" | "tcp-response") && words.len() == 3;
    let pairs = words.iter().zip(words.iter().skip(1));
    pairs
        .filter(move |(name, _)| {
            listed && DURATIONS.contains(&text(name)) || alone && **name == "inspect-delay"
        })
        .map(|(_, value)| value)
}
