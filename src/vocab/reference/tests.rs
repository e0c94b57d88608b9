//! Every word of HAProxy 3.4 is listed, and what is listed is documented and can be found.

use super::*;
use crate::syntax::SectionKind;
use std::collections::{BTreeMap, HashSet};

/// How many words each class has in HAProxy 3.4.0, counted in its own listing (`-dKall`) and,
/// for what that leaves out, in its manual. A word that is forgotten or mistyped shows here.
/// The words of TLS, QUIC, Lua and device detection count, whatever a build includes.
const COUNTS: &[(&str, usize)] = &[
    ("section", 21),
    ("global", 313),
    ("stats", 5),
    ("proxy", 117),
    ("option", 65),
    ("timeout", 12),
    ("balance", 13),
    ("hash-type", 8),
    ("retry-on", 19),
    ("proxy-stats", 14),
    ("bind", 83),
    ("server", 126),
    ("http-request", 68),
    ("http-response", 43),
    ("http-after-response", 26),
    ("tcp-request-connection", 24),
    ("tcp-request-session", 23),
    ("tcp-request-content", 35),
    ("tcp-response-content", 22),
    ("quic-initial", 4),
    ("http-check", 9),
    ("tcp-check", 10),
    ("matcher", 13),
    ("acl-flag", 7),
    ("predefined-acl", 23),
    ("acl-word", 60),
    ("fetch", 559),
    ("converter", 207),
    ("log-alias", 65),
    ("table-type", 5),
    ("table-option", 11),
    ("table-data", 27),
    ("filter", 11),
    ("service", 1),
    ("acme", 18),
    ("cache", 5),
    ("crt-list", 18),
    ("crt-store", 3),
    ("crt-load", 15),
    ("fcgi-app", 13),
    ("healthcheck", 3),
    ("http-errors", 1),
    ("log-forward", 9),
    ("log-profile", 8),
    ("mailers", 2),
    ("namespace-list", 1),
    ("peers", 10),
    ("program", 4),
    ("resolvers", 13),
    ("ring", 8),
    ("traces", 1),
    ("userlist", 2),
    ("directive", 8),
    ("predicate", 13),
    ("flag", 50),
    ("command", 160),
];

#[test]
fn every_word_of_haproxy_is_known() {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let own = |word: &KeywordInfo| known::OWN.contains(&(word.class.name(), word.name));
    for word in keywords().into_iter().filter(|word| !own(word)) {
        *counts.entry(word.class.name()).or_default() += 1;
    }
    let expected: BTreeMap<&str, usize> = COUNTS.iter().copied().collect();
    assert_eq!(counts, expected);
}

#[test]
fn words_are_listed_once_and_explained() {
    let mut seen = HashSet::new();
    for word in keywords() {
        assert!(seen.insert((word.class, word.name)), "twice: {word:?}");
        let works = word.status == Status::Works;
        assert_eq!(works, !word.doc.is_empty(), "doc: {word:?}");
        assert_eq!(works, word.reason.is_empty(), "reason: {word:?}");
        assert!(!word.allowed.is_empty(), "where: {word:?}");
    }
}

#[test]
fn registries_agree_with_the_names_haproxy_has() {
    let known = |names: &'static [&'static str], own: &str| assert!(names.contains(&own), "{own}");
    fetch::names().for_each(|name| known(known::FETCHES, name));
    converter::names().for_each(|name| known(known::CONVERTERS, name));
    log_alias::names().for_each(|name| known(known::LOG_ALIASES, name));
    let sections = keywords();
    for (name, _) in SectionKind::ALL {
        let listed = |word: &&KeywordInfo| word.class == Class::Section && word.name == name;
        assert!(sections.iter().any(|word| listed(&word)), "{name}");
    }
}

#[test]
fn classes_are_found_by_name_and_in_order() {
    let all: Vec<Class> = Class::all().collect();
    assert!(all.is_sorted());
    for class in all {
        assert_eq!(Class::find(class.name()), Some(class));
    }
}

#[track_caller]
fn check_syntax(class: Class, name: &str, expected: &str) {
    let found = keywords()
        .into_iter()
        .find(|word| (word.class, word.name) == (class, name));
    assert_eq!(found.map(|word| word.syntax()).as_deref(), Some(expected));
}

#[test]
fn syntax_lines() {
    check_syntax(Class::Fetch, "req.hdr", "req.hdr([<name>[,<occ>]])");
    check_syntax(Class::Converter, "lower", "lower");
    check_syntax(Class::Option, "httplog", "option httplog [clf]");
    check_syntax(Class::Proxy, "retries", "retries <number>");
    check_syntax(Class::Balance, "random", "balance random[(<draws>)]");
    check_syntax(
        Class::HttpRequest,
        "set-method",
        "http-request set-method <fmt> [ { if | unless } <condition> ]",
    );
}

/// The errors of a configuration with that line in the section it belongs to.
fn errors(class: Class, line: &str) -> Vec<String> {
    let own = match class {
        Class::Global => "global",
        Class::Server => "backend example",
        _ => "frontend shown",
    };
    let word = line.split(' ').next().unwrap_or("");
    let backend = [
        "balance",
        "circuit-limits",
        "conn-failure-status",
        "cookie",
        "default-server",
        "force-persist",
        "fullconn",
        "http-reuse",
        "ignore-persist",
        "outlier-detection",
        "retries",
        "retry-backoff",
        "retry-body-max",
        "retry-on",
        "retry-timeout",
        "server",
        "tcp-check",
    ];
    let own = match (
        class,
        backend.contains(&word),
        word,
        line.contains("redispatch"),
    ) {
        (Class::Proxy, true, ..) | (Class::Option, _, _, true) => "backend example",
        (Class::Timeout, ..) => "defaults",
        _ => own,
    };
    let others = match own {
        "backend example" => "",
        _ => "backend example\n mode http\n",
    };
    let text = format!("{own}\n mode http\n {line}\n{others}");
    let text = match own {
        "global" => format!("global\n {line}\n"),
        _ => text,
    };
    let mut sources = crate::syntax::Sources::default();
    let file = sources.add("example.cfg", text);
    let mut environment = crate::syntax::Environment::default();
    let mut diags = crate::syntax::Diagnostics::default();
    let facts = crate::syntax::Facts::default();
    let document = crate::syntax::parse(&sources, &[file], &mut environment, &facts, &mut diags);
    let host = crate::vocab::host::System {
        environment: &environment,
        ignore_resolution: true,
        offline: true,
    };
    let options = crate::compile::CompileOptions {
        allow_unsupported: false,
        host: &host,
        sources: &sources,
    };
    crate::compile::compile(&document, &mut diags, &options);
    diags
        .iter()
        .filter(|found| found.severity == crate::syntax::Severity::Error)
        .map(|found| found.message.clone())
        .collect()
}

#[test]
fn examples_are_read_and_show_their_word() {
    let words = keywords();
    for &(class, name, line) in examples::ALL {
        let shown = |word: &&KeywordInfo| (word.class, word.name) == (class, name);
        let word = words.iter().find(shown);
        assert!(
            word.is_some_and(|word| word.status == Status::Works),
            "{name}"
        );
        assert!(line.split(' ').any(|part| part == name), "{name} in {line}");
        assert_eq!(errors(class, line), [""; 0], "{line}");
    }
}

#[test]
fn prose_keeps_its_placeholders() {
    let check = |text, expected: &str| assert_eq!(manual::prose(text), expected);
    check("Adds <n>.", "Adds \\<n>.");
    check("As `<n>` says, <n>", "As `<n>` says, \\<n>");
}
