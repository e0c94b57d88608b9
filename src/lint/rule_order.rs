//! Sets of rules that run together, in the order of their lines.

use super::sample::text;
use crate::syntax::Statement;

/// The set a rule belongs to: the words before its action.
pub(super) fn set_of(statement: &Statement) -> Option<(&str, &str)> {
    let word = |at| statement.words.get(at).map_or("", text);
    match word(0) {
        set @ ("http-request" | "http-response" | "http-after-response") => Some((set, "")),
        set @ ("tcp-request" | "tcp-response") => Some((set, word(1))),
        _ => None,
    }
}

/// The action of a rule, without its parentheses.
pub(super) fn action(statement: &Statement) -> Option<&str> {
    let at = match set_of(statement)? {
        (_, "") => 1,
        _ => 2,
    };
    let word = text(statement.words.get(at)?);
    Some(word.split('(').next().unwrap_or(word))
}

/// Whether a statement has a condition.
pub(super) fn is_conditional(statement: &Statement) -> bool {
    let senses = ["if", "unless"];
    statement
        .words
        .iter()
        .any(|word| senses.iter().any(|sense| word == sense))
}
