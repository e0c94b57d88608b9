//! Mistakes that are often made: each is told at the right word, with what to write instead.

use super::tests::diagnose;

const START: &str =
    "defaults\n mode http\n timeout client 5s\n timeout server 5s\n timeout connect 5s\n";

/// The one finding of a text has that code, stands under those words, and its help begins so.
#[track_caller]
fn check(text: &str, code: &str, under: &str, help: &str) {
    let found = diagnose(text);
    let [found] = &*found else {
        panic!("{text}: {found:?}");
    };
    assert_eq!(found.code.0, code, "{text}: {found:?}");
    let span = found.labels.first().map(|label| label.span);
    let words = span.and_then(|span| text.get(span.start as usize..span.end as usize));
    assert_eq!(words, Some(under), "{text}: {found:?}");
    let told = found.help.as_deref().unwrap_or_default();
    assert!(told.starts_with(help), "{text}: {told}");
}

/// A line of a frontend that has an ACL `a`.
#[track_caller]
fn front(line: &str, code: &str, under: &str, help: &str) {
    let text = format!(
        "{START}frontend f\n bind :80\n acl a path /a\n {line}\n default_backend b\nbackend b\n server s 192.0.2.1:80\n"
    );
    check(&text, code, under, help);
}

/// A line of a backend.
#[track_caller]
fn back(line: &str, code: &str, under: &str, help: &str) {
    let text = format!(
        "{START}frontend f\n bind :80\n default_backend b\nbackend b\n server s 192.0.2.1:80\n {line}\n"
    );
    check(&text, code, under, help);
}

#[test]
fn conditions_of_other_languages() {
    let deny = |condition: &str, code: &str, under: &str, help: &str| {
        front(
            &format!("http-request deny if {condition}"),
            code,
            under,
            help,
        );
    };
    let braces = "braces are words of their own";
    deny("{path_beg /admin}", "TG0420", "{path_beg", braces);
    deny("{ path_beg /admin } }", "TG0420", "}", "nothing is open");
    deny("a} a", "TG0420", "a}", braces);
    deny("not a", "TG0420", "not", "write '!'");
    deny("(a", "TG0420", "(a", "there are no parentheses");
    deny("a and a", "TG0420", "and", "leave it out");
    deny("{ src_port > 5 }", "TG0424", ">", "did you mean 'gt'?");
    deny(
        "{ src_port gt 5k }",
        "TG0424",
        "5k",
        "write a number without a unit",
    );
    deny(
        "{ src 10.0.0.0/33 }",
        "TG0424",
        "10.0.0.0/33",
        "write an address such as",
    );
    deny(
        "{ hdr[host] a }",
        "TG0405",
        "[host]",
        "arguments stand between parentheses",
    );
    deny("{ hdr (host) a }", "TG0424", "(host)", "remove the blank");
    deny(
        "{ path -m begin / }",
        "TG0423",
        "begin",
        "did you mean 'beg'?",
    );
    deny(
        "{ src,add(1) gt 5 }",
        "TG0404",
        "add",
        "it takes a value of type integer",
    );
}

#[test]
fn words_in_the_wrong_place() {
    front("use_backend b a", "TG0427", "a", "write 'if' before");
    front(
        "acl path_beg /api",
        "TG0405",
        "/api",
        "write what is compared",
    );
    front(
        "http-response set-path /x",
        "TG0501",
        "set-path",
        "'set-path' is an action of 'http-request'",
    );
    front(
        "http-request set-hdr a b",
        "TG0501",
        "set-hdr",
        "did you mean 'set-header'?",
    );
    front("// remark", "TG0201", "//", "a comment begins with '#'");
    front(
        "nbthread 4",
        "TG0201",
        "nbthread",
        "'nbthread' stands in 'global'",
    );
    front(
        "http-request set-header a %[path,lowercase]",
        "TG0402",
        "lowercase",
        "did you mean 'lower'?",
    );
    front(
        "http-request track-sc0 src",
        "TG0715",
        "track-sc0",
        "a table is the 'stick-table' line",
    );
    front(
        "rate-limit average 10",
        "TG0208",
        "rate-limit",
        "requests of each client",
    );
    back("balance hdr", "TG0208", "hdr", "write 'hdr(<name>)'");
    back(
        "default-server 192.0.2.1:80",
        "TG0303",
        "192.0.2.1:80",
        "no name and no address",
    );
    back(
        "timeout queue 5sec",
        "TG0207",
        "5sec",
        "write a number and one of the units",
    );
    let listed = "stick-table type ip size 1m store gpc0, gpc1";
    back(listed, "TG0208", "gpc1", "what 'store' lists is one word");
    let size = "stick-table type ip size 100kb";
    back(size, "TG0207", "100kb", "write a number, and 'k'");
    let old = "option httpchk GET / HTTP/1.1\\r\\nHost:\\ a\n http-check expect status 200";
    back(
        old,
        "TG0208",
        "HTTP/1.1\\r\\nHost:\\ a",
        "write the headers with",
    );
    let text = format!("global\n timeout connect 5s\n{START}");
    check(&text, "TG0201", "timeout", "'timeout' stands in 'defaults'");
}

#[test]
fn words_of_protection() {
    let breaker = |expression: &str, under: &str, help: &str| {
        let line = format!("circuit-breaker x expression {expression}");
        back(&line, "TG0540", under, help);
    };
    breaker(
        "\"NetworkErrorsRatio() > 0.5\"",
        "N",
        "did you mean 'NetworkErrorRatio'?",
    );
    breaker(
        "\"networkerrorratio() > 0.5\"",
        "n",
        "did you mean 'NetworkErrorRatio'?",
    );
    breaker(
        "\"!(NetworkErrorRatio() > 0.5)\"",
        "!",
        "turn the comparison round",
    );
    breaker("\"RequestThreshold() = 5\"", "=", "such as");
    breaker(
        "NetworkErrorRatio() > 0.5",
        "N",
        "the expression is one word",
    );
    back(
        "circuit-limits max-request 5",
        "TG0208",
        "max-request",
        "did you mean 'max-requests'?",
    );
    let outlier = "outlier-detection consecutive_5xx 5";
    back(
        outlier,
        "TG0208",
        "consecutive_5xx",
        "did you mean 'consecutive-5xx'?",
    );
    front(
        "http-request rate-limit average 1 key %[src]",
        "TG0405",
        "%",
        "an expression stands here without",
    );
}
