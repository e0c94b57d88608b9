//! The grammar files are what the program reads: sentences derived from them are accepted.
//!
//! The files are read as they are. Names of fetches, converters, aliases and ACLs, and the
//! arguments fetches and converters take, come from the vocabulary and its examples.

#![allow(
    clippy::indexing_slicing,
    reason = "a wrong index here fails the test, as it should"
)]

#[path = "grammar/derive.rs"]
mod derive;
#[path = "grammar/ebnf.rs"]
mod ebnf;

use derive::{Call, Conversion, Deriver};
use ebnf::Rules;
use std::collections::BTreeSet;
use tidegate::compile::{CompileOptions, compile};
use tidegate::protect::trigger::{Fault, Trigger};
use tidegate::syntax::{self, Diagnostics, Environment, Facts, Severity, Sources};
use tidegate::vocab::host::System;

const FILES: &[&str] = &[
    include_str!("../grammar/lexical.ebnf"),
    include_str!("../grammar/statements.ebnf"),
    include_str!("../grammar/expressions.ebnf"),
    include_str!("../grammar/conditions.ebnf"),
    include_str!("../grammar/formats.ebnf"),
    include_str!("../grammar/triggers.ebnf"),
];

/// What no other rule mentions: where reading starts, and remarks on what words mean.
const ROOTS: &[&str] = &[
    "block",
    "condition",
    "configuration",
    "environment",
    "rules configuration",
    "section",
    "trigger",
];

fn rules() -> Rules {
    let mut rules = Rules::new();
    FILES.iter().for_each(|text| ebnf::read(text, &mut rules));
    rules
}

#[test]
fn every_nonterminal_is_defined_and_used() {
    let rules = rules();
    let mut used: BTreeSet<String> = ROOTS.iter().map(|&name| name.to_owned()).collect();
    for node in rules.values() {
        ebnf::names(node, &mut |name| {
            used.insert(name.to_owned());
        });
    }
    let defined: BTreeSet<String> = rules.into_keys().collect();
    let undefined: Vec<_> = used.difference(&defined).collect();
    let unused: Vec<_> = defined.difference(&used).collect();
    assert!(undefined.is_empty(), "not defined: {undefined:?}");
    assert!(unused.is_empty(), "not used: {unused:?}");
}

/// The findings about a text that are errors: code, message. That a line may hold 64 words is a
/// bound, not grammar.
fn errors(text: &[u8], compiled: bool) -> Vec<(&'static str, String)> {
    let mut sources = Sources::default();
    let file = sources.add("derived.cfg", text);
    let mut environment = Environment::new([("A", "a b")]);
    let mut diags = Diagnostics::default();
    let facts = Facts::default();
    let document = syntax::parse(&sources, &[file], &mut environment, &facts, &mut diags);
    let host = System {
        environment: &environment,
        ignore_resolution: true,
        offline: true,
    };
    let options = CompileOptions {
        allow_unsupported: false,
        host: &host,
        sources: &sources,
    };
    if compiled {
        compile(&document, &mut diags, &options);
    }
    diags
        .iter()
        .filter(|found| found.severity == Severity::Error && found.code.0 != "TG0106")
        .map(|found| (found.code.0, found.message.clone()))
        .collect()
}

#[test]
fn derived_lines_have_no_lexical_fault() {
    const FAULTS: &[&str] = &[
        "TG0101", "TG0102", "TG0103", "TG0104", "TG0105", "TG0108", "TG0109", "TG0110", "TG0140",
    ];
    let rules = rules();
    let mut deriver = Deriver::new(&rules, &[], &[], 1);
    for round in 0..5_000 {
        let text = deriver.sentence("configuration");
        let found = errors(&text, false);
        let fault = found.iter().find(|(code, _)| FAULTS.contains(code));
        assert!(
            fault.is_none(),
            "{round}: {fault:?} in {}",
            text.escape_ascii()
        );
    }
}

#[test]
fn derived_conditions_are_read() {
    let rules = rules();
    let mut deriver = Deriver::new(&rules, &[], &[], 2);
    deriver.ascii = true;
    let mut longest = 0;
    for round in 0..5_000 {
        let text = String::from_utf8(deriver.sentence("condition")).expect("ASCII");
        longest = longest.max(text.len());
        let word = text.replace('\\', "\\\\").replace('"', "\\\"");
        let word = format!("\"{}\"", word.replace('$', "\\$"));
        let environment = Environment::default();
        let value = syntax::evaluate_condition(&word, &environment, &Facts::default());
        if let Err(error) = value {
            // A version or number that is none is found when the predicate is evaluated.
            let evaluated = error.message.contains("version") || error.message.contains("api");
            assert!(evaluated, "{round}: {error} in {text:?}");
        }
    }
    assert!(longest > 100, "nothing long was derived");
}

/// A configuration that uses an expression.
fn using(expression: &str) -> Vec<u8> {
    let word = expression.replace('\\', "\\\\").replace('"', "\\\"");
    let word = word.replace('$', "\\$");
    let head =
        "defaults\n mode http\n timeout client 1s\n timeout server 1s\n timeout connect 1s\n";
    let front = "frontend f\n bind :1\n default_backend b\n";
    let rules = ["http-request", "http-response"]
        .map(|set| format!("{head}{front} {set} set-header x \"%[{word}]\"\nbackend b\n"));
    match errors(rules[0].as_bytes(), true).is_empty() {
        true => rules[0].clone().into_bytes(),
        false => rules[1].clone().into_bytes(),
    }
}

/// The calls and conversions that stand alone: some need a map, a table, a file.
fn vocabulary() -> (Vec<Call>, Vec<Conversion>) {
    let mut calls = derive::calls();
    calls.retain(|call| errors(&using(&call.text), true).is_empty());
    let mut conversions = derive::conversions();
    conversions.retain(|conversion| errors(&using(&conversion.inside), true).is_empty());
    assert!(
        calls.len() > 50 && conversions.len() > 30,
        "the examples do not parse"
    );
    (calls, conversions)
}

#[test]
fn derived_rules_compile() {
    let rules = rules();
    let (calls, conversions) = vocabulary();
    let mut deriver = Deriver::new(&rules, &calls, &conversions, 3);
    deriver.ascii = true;
    let mut longest = 0;
    for round in 0..3_000 {
        let text = deriver.sentence("rules configuration");
        longest = longest.max(text.len());
        let found = errors(&text, true);
        assert!(
            found.is_empty(),
            "{round}: {found:?} in\n{}",
            String::from_utf8_lossy(&text)
        );
        assert_eq!(
            errors(&syntax::fmt(&text), true),
            [],
            "{round}: formatted, {}",
            String::from_utf8_lossy(&text)
        );
    }
    assert!(longest > 1_000, "nothing long was derived");
}

#[test]
fn triggers_are_derived() {
    let rules = rules();
    let mut deriver = Deriver::new(&rules, &[], &[], 4);
    for _ in 0..1_000 {
        let text = deriver.sentence("trigger");
        let open = text.iter().filter(|&&byte| byte == b'(').count();
        let closed = text.iter().filter(|&&byte| byte == b')').count();
        assert!(open > 0 && open == closed, "{}", text.escape_ascii());
        let text = String::from_utf8(text).expect("the grammar is ASCII");
        // The range of quantiles and of integers is not the grammar's.
        let is_range =
            |fault: &Fault| fault.why.starts_with("quantile") || fault.why.contains("integer");
        if let Err(fault) = Trigger::parse(&text).map_err(|f| (is_range(&f), f)) {
            assert!(fault.0, "{text}: {fault:?}");
        }
    }
}
