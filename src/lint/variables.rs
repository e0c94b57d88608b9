//! Which variables are set and read, where, and when.

use super::Look;
use super::sample::{of_statement, text};
use crate::syntax::{SectionKind, Statement, Word};

/// One use of a variable.
pub(super) struct Use<'a> {
    /// With its scope: `txn.x`.
    pub(super) name: &'a str,
    pub(super) word: &'a Word,
    pub(super) sets: bool,
    /// `unset-var`: neither set nor read.
    pub(super) unsets: bool,
    pub(super) when: When,
}

/// When a statement runs, as scopes know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Request,
    Response,
    /// When the line is logged.
    Log,
    Other,
}

/// The scopes whose uses can be judged: process variables can be set at run time too, and those
/// of checks are used by them.
pub(super) const SCOPES: [&str; 4] = ["sess.", "txn.", "req.", "res."];

/// Every use in every proxy, in order. `None` where scripts and agents may use them as well.
pub(super) fn uses<'a>(look: &Look<'a>) -> Option<Vec<Use<'a>>> {
    let mut found = Vec::new();
    for section in &look.document.sections {
        for statement in &section.statements {
            let first = statement.words.first().map_or("", text);
            let second = statement.words.get(1).map_or("", text);
            if first.starts_with("lua-") || second.starts_with("lua.") || first == "filter" {
                return None;
            }
            if section.kind != SectionKind::Global {
                of_line(statement, &mut found);
            }
        }
    }
    Some(found)
}

fn of_line<'a>(statement: &'a Statement, found: &mut Vec<Use<'a>>) {
    let when = when(statement);
    let mut push = |name: &'a str, word, sets, unsets| {
        if SCOPES.iter().any(|scope| name.starts_with(scope)) {
            found.push(Use {
                name,
                word,
                sets,
                unsets,
                when,
            });
        }
    };
    for word in &statement.words {
        let Some((action, args)) = text(word).split_once('(') else {
            continue;
        };
        let name = args.split([',', ')']).next().unwrap_or("");
        match action {
            "set-var" | "set-var-fmt" => push(name, word, true, false),
            "unset-var" => push(name, word, false, true),
            _ => {}
        }
    }
    for sample in of_statement(&statement.words) {
        for call in sample.calls() {
            for arg in &call.args {
                match call.name {
                    "set-var" => push(arg, sample.word, true, false),
                    "unset-var" => push(arg, sample.word, false, true),
                    _ => push(arg, sample.word, false, false),
                }
            }
        }
    }
}

fn when(statement: &Statement) -> When {
    let second = statement.words.get(1).map_or("", text);
    match statement.words.first().map_or("", text) {
        "http-request" | "use_backend" | "use-server" | "redirect" | "balance" => When::Request,
        "tcp-request" if second == "content" => When::Request,
        "http-response" | "http-after-response" | "tcp-response" => When::Response,
        "log-format" | "log-format-sd" | "error-log-format" => When::Log,
        // An ACL runs where it is used.
        _ => When::Other,
    }
}
