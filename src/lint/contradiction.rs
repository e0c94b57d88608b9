//! TG0815: conditions that can never hold, and conditions that always do: mostly `or` where `and`
//! was meant, or the reverse.

use super::condition::{self, Condition, Term, Test};
use super::{CONTRADICTION, Look};
use crate::syntax::{Diagnostic, Diagnostics};
use std::collections::HashSet;

/// Fetches with one value at most, so that it cannot equal two things at once.
const SINGLE: &[&str] = &[
    "dst",
    "dst_port",
    "method",
    "meth",
    "path",
    "pathq",
    "query",
    "req.ver",
    "so_id",
    "so_name",
    "src",
    "src_port",
    "ssl_fc_sni",
    "status",
    "url",
];

pub(super) fn lint(look: &Look<'_>, diags: &mut Diagnostics) {
    for proxy in &look.model.proxies {
        for statement in proxy.statements() {
            if statement.words.first().is_some_and(|word| *word == "acl") {
                continue;
            }
            if let Some(condition) = condition::of_statement(&statement.words, proxy) {
                never(&condition, diags);
                always(&condition, diags);
            }
        }
    }
}

/// An alternative with two terms that exclude each other.
fn never(condition: &Condition<'_>, diags: &mut Diagnostics) {
    for terms in &condition.alternatives {
        for (at, second) in terms.iter().enumerate() {
            let earlier = terms.get(..at).unwrap_or_default();
            let Some(first) = earlier.iter().find(|first| exclude(first, second)) else {
                continue;
            };
            diags.push(
                Diagnostic::lint(CONTRADICTION, "these terms are never true together")
                    .at(second.word.span, "")
                    .at(first.word.span, "excludes the other")
                    .help("terms without 'or' between them must all hold: is an 'or' missing?"),
            );
        }
    }
}

/// Alternatives of one negated term each that exclude each other: one of them always holds.
fn always(condition: &Condition<'_>, diags: &mut Diagnostics) {
    let single: Vec<&Term<'_>> = condition
        .alternatives
        .iter()
        .filter_map(|terms| match terms.as_slice() {
            [term] => Some(term),
            _ => None,
        })
        .collect();
    for (at, second) in single.iter().enumerate() {
        let earlier = single.get(..at).unwrap_or_default();
        let both = |first: &&&Term<'_>| {
            same(first, second) && first.negated != second.negated
                || first.negated && second.negated && disjoint(first, second)
        };
        if let Some(first) = earlier.iter().find(both) {
            let what = match condition.unless {
                true => "one of these terms always holds, so that the rule never applies",
                false => "one of these terms always holds, so that the rule always applies",
            };
            diags.push(
                Diagnostic::lint(CONTRADICTION, what)
                    .at(second.word.span, "")
                    .at(first.word.span, "holds when the other does not")
                    .help("leave the 'or' out: terms side by side must all hold"),
            );
            return;
        }
    }
}

/// Whether two terms of a conjunction exclude each other.
fn exclude(first: &Term<'_>, second: &Term<'_>) -> bool {
    match (first.negated, second.negated) {
        (false, false) => disjoint(first, second),
        (true, true) => false,
        _ => same(first, second),
    }
}

/// Whether two terms test the same.
fn same(first: &Term<'_>, second: &Term<'_>) -> bool {
    match (first.tests.as_slice(), second.tests.as_slice()) {
        ([one], [other]) => {
            one.sample.word.bytes == other.sample.word.bytes
                && one.method == other.method
                && one.ignore_case == other.ignore_case
                && !one.from_file
                && !other.from_file
                && texts(one) == texts(other)
                && is_pure(one)
        }
        _ => false,
    }
}

/// Whether asking twice gives the same answer.
fn is_pure(test: &Test<'_>) -> bool {
    test.sample.calls().all(|call| {
        !call.name.contains("rand") && !call.name.contains("_inc_") && !call.name.contains("clr_")
    })
}

/// Whether no value satisfies both, their negations aside.
fn disjoint(first: &Term<'_>, second: &Term<'_>) -> bool {
    let (one, other) = match (first.tests.as_slice(), second.tests.as_slice()) {
        ([one], [other]) => (one, other),
        _ => return false,
    };
    let exact = |test: &Test<'_>| {
        matches!(test.method, None | Some("str")) && !test.from_file && is_single(test)
    };
    let stems = |test: &Test<'_>| stem(test.sample.fetch.name).to_owned();
    if stems(one) != stems(other) || one.sample.converters != other.sample.converters {
        return false;
    }
    if exact(one) && exact(other) && plain(one) && plain(other) {
        let texts: HashSet<Vec<u8>> = texts(one).into_iter().collect();
        return self::texts(other).iter().all(|text| !texts.contains(text));
    }
    let (exact_one, prefix) = match (exact(one), exact(other)) {
        (true, false) => (one, other),
        (false, true) => (other, one),
        _ => return false,
    };
    let by_prefix = prefix.method == Some("beg") && !prefix.from_file;
    by_prefix
        && texts(exact_one)
            .iter()
            .all(|text| !texts(prefix).iter().any(|start| text.starts_with(start)))
}

fn is_single(test: &Test<'_>) -> bool {
    test.sample.converters.is_empty() && SINGLE.contains(&stem(test.sample.fetch.name))
}

/// The fetch behind an ACL word such as `path_beg`.
fn stem(name: &str) -> &str {
    match name.rsplit_once('_') {
        Some((stem, "beg" | "dir" | "dom" | "end" | "len" | "reg" | "sub")) => stem,
        _ => name,
    }
}

/// Whether the patterns are texts to be equal to: no ranges, no networks, no operators.
fn plain(test: &Test<'_>) -> bool {
    !test.patterns.is_empty()
        && test.patterns.iter().all(|pattern| {
            let operator = ["eq", "ge", "gt", "le", "lt"];
            !operator.iter().any(|word| pattern == word)
                && (!pattern.bytes.contains(&b'/') || pattern.bytes.starts_with(b"/"))
                && !pattern.bytes.contains(&b':')
        })
}

/// The patterns as they are compared.
fn texts(test: &Test<'_>) -> Vec<Vec<u8>> {
    let shown = |bytes: &[u8]| match test.ignore_case {
        true => bytes.to_ascii_lowercase(),
        false => bytes.to_vec(),
    };
    test.patterns
        .iter()
        .map(|word| shown(&word.bytes))
        .collect()
}
