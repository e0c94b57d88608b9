//! What is said about wrong configurations.

mod arguments;
mod log_places;
mod logs_and_bodies;
mod proxies;
mod rules;
mod words;

use super::run;
use crate::vocab::host::fake::Fake;

const BASE: &str =
    "defaults\n timeout client 5s\n timeout server 5s\n timeout connect 5s\n mode http\n";

/// Checks all findings of a text; the expected lines leave `t.cfg:` out.
fn check(text: &str, expected: &[&str]) {
    let (config, findings) = run(text, &Fake::default(), false);
    let lines: Vec<_> = findings
        .lines()
        .map(|l| l.trim_start_matches("t.cfg:"))
        .collect();
    assert_eq!(lines, expected, "{text}");
    let refused = findings.contains(": error[");
    assert_eq!(config.is_none(), refused, "{text}");
}

fn global(line: &str, expected: &[&str]) {
    check(&format!("global\n {line}\n"), expected);
}

/// Lines of a frontend, the first of which is line 8.
fn frontend(lines: &str, expected: &[&str]) {
    check(
        &format!("{BASE}frontend f\n bind :80\n {lines}\n"),
        expected,
    );
}

/// Lines of a backend, the first of which is line 7.
fn backend(lines: &str, expected: &[&str]) {
    check(&format!("{BASE}backend b\n {lines}\n"), expected);
}
