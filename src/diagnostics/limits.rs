//! Texts made to be too much: an answer in bounded time and space, never a crash.

use super::tests::diagnose;
use crate::syntax::Severity;

/// Checks the first error of a text, none if it is empty, and that all are of bounded length.
#[track_caller]
fn check(text: &str, expected: &str) {
    let found = diagnose(text);
    let first = found.iter().find(|found| found.severity == Severity::Error);
    assert_eq!(
        first.map_or("", |found| found.code.0),
        expected,
        "{first:?}"
    );
    for found in &found {
        let labels = found.labels.iter().map(|label| &label.text);
        let texts = labels.chain([&found.message]).chain(&found.help);
        assert!(texts.into_iter().all(|text| text.len() < 1_100));
    }
}

fn front(line: &str) -> String {
    format!("frontend f\n mode http\n bind :80\n {line}\n")
}

#[test]
fn depth() {
    let many = |text: &str| text.repeat(10_000);
    check(
        &format!("{}{}", many(".if defined(A)\n"), many(".endif\n")),
        "TG0125",
    );
    let nested = format!("{}defined(A){}", many("("), many(")"));
    check(&format!(".if {nested}\n.endif\n"), "TG0126");
    check(&format!(".if {}defined(A)\n.endif\n", many("!")), "");
    check(
        &front(&format!("http-request deny if {{ path{}", many("("))),
        "TG0427",
    );
    check(
        &front(&format!("http-request deny if {{ path{} x }}", many("("))),
        "TG0403",
    );
    check(
        &front(&format!("http-request deny if {} path /x", many("{ "))),
        "TG0106",
    );
    check(
        &front(&format!("acl a path_reg {}x{}", many("("), many(")"))),
        "TG0428",
    );
    check(&front("acl a path_reg (a{1,1000}){1,1000}"), "TG0428");
}

#[test]
fn length() {
    let many = |text: &str| text.repeat(100_000);
    check(
        &front(&format!(
            "http-request set-header a %[path{}]",
            many(",lower")
        )),
        "TG0110",
    );
    let chain = ",lower".repeat(40_000);
    check(
        &front(&format!("http-request set-header a %[path{chain}]")),
        "",
    );
    check(&front(&format!("acl a path {}", many("x "))), "TG0106");
    check(&front(&many("x")), "TG0201");
    check(
        &front(&format!("http-request set-header a {}", many("%z"))),
        "TG0440",
    );
    check(&format!("backend {}\n", many("b")), "");
}

#[test]
fn number() {
    let lines = |line: fn(usize) -> String| (0..3_000).map(line).collect::<String>();
    let front = |text: String| format!("frontend f\n mode http\n bind :80\n{text}");
    check(&front(lines(|_| " acl a path /x\n".into())), "");
    check(
        &front(lines(|n| {
            format!(" acl a path /x\n http-request deny if y{n}\n")
        })),
        "TG0420",
    );
    check(
        &front(lines(|n| {
            format!(" http-request deny if {{ pth{n} /x }}\n")
        })),
        "TG0401",
    );
    check(&front(lines(|n| format!(" use_backend b{n}\n"))), "TG0703");
    check(&front(lines(|_| " maxcon 5\n".into())), "TG0201");
    check(&lines(|n| format!("backend b{n}\n")), "");
    check(&lines(|_| "backend b\n".into()), "TG0701");
}
