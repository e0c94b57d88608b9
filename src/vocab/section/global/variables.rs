//! `set-var` and `set-var-fmt` of `global`, and `tune.vars.*-max-size`.

use super::{Build, GlobalDraft, word};
use crate::vocab::args;
use crate::vocab::codes::{BAD_NUMBER, MISSING_ARGUMENT};
use crate::vocab::keyword::Keyword;
use crate::vocab::line::Line;

/// The words.
pub(super) const WORDS: &[Keyword<Build>] = &[
    word(
        "set-var",
        "proc.<name> <expr>",
        "Gives a process variable its first value.",
        |line, draft| assignment(line, draft, "a sample expression"),
    ),
    word(
        "set-var-fmt",
        "proc.<name> <fmt>",
        "Gives a process variable the text of a format as its first value.",
        |line, draft| assignment(line, draft, "a format string"),
    ),
    word(
        "tune.vars.global-max-size",
        "<size>",
        "Most bytes of all variables together; 0 is no limit.",
        |line, draft| size(line, &mut draft.variable_limits.global),
    ),
    word(
        "tune.vars.proc-max-size",
        "<size>",
        "Most bytes of the process's variables, those of all other scopes included.",
        |line, draft| size(line, &mut draft.variable_limits.process),
    ),
    word(
        "tune.vars.sess-max-size",
        "<size>",
        "Most bytes of one connection's variables, those of its requests included.",
        |line, draft| size(line, &mut draft.variable_limits.session),
    ),
    word(
        "tune.vars.txn-max-size",
        "<size>",
        "Most bytes of one transaction's variables, those of request and response included.",
        |line, draft| size(line, &mut draft.variable_limits.transaction),
    ),
    word(
        "tune.vars.reqres-max-size",
        "<size>",
        "Most bytes of the variables of one request or response.",
        |line, draft| size(line, &mut draft.variable_limits.message),
    ),
    word(
        "tune.vars.check-max-size",
        "<size>",
        "Most bytes of one health check's variables.",
        |line, draft| size(line, &mut draft.variable_limits.check),
    ),
];

fn assignment(line: &mut Line<'_, '_>, draft: &mut GlobalDraft, value: &str) {
    let is_complete = |at: usize| line.arg(at).is_some_and(|word| !word.bytes.is_empty());
    if is_complete(1) && is_complete(2) {
        return draft.assignments.push(line.words.into());
    }
    let message = format!(
        "'{}' requires a process-wide variable name ('proc.<name>') and {value}.",
        line.name()
    );
    line.error(MISSING_ARGUMENT, 0, message);
}

fn size(line: &mut Line<'_, '_>, limit: &mut usize) {
    let text = line.text(1).unwrap_or_default();
    let (size, is_number) = match &*text {
        "" => (0, true),
        text => args::leading_integer(text),
    };
    match usize::try_from(size) {
        Ok(size) if is_number => *limit = size,
        _ => {
            let message = format!("{}: '{text}' is an invalid size", line.name());
            line.error(BAD_NUMBER, 1, message);
        }
    }
}
