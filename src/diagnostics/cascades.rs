//! One mistake, one finding: what follows from it is not reported again.

use super::tests::diagnose;
use crate::syntax::Severity;

const BASE: &str = "defaults\n mode http\n timeout client 5s\n timeout server 5s\n timeout connect 5s\n log stdout local0\n";

/// All but notes that a text brings.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let found = diagnose(&format!("{BASE}{text}"));
    let codes: Vec<_> = found
        .iter()
        .filter(|found| found.severity != Severity::Note)
        .map(|found| found.code.0)
        .collect();
    assert_eq!(codes, expected, "{text}: {found:#?}");
}

#[test]
fn a_mistake_is_told_once() {
    let front = |lines: &str, code| check(&format!("frontend f\n bind :80\n{lines}"), &[code]);
    front(
        " acl a pth /x\n http-request deny if a\n use_backend b if !a\nbackend b\n",
        "TG0401",
    );
    front(" acl a$ path /x\n http-request deny if a$\n", "TG0421");
    front(" acl a\n http-request deny if a\n", "TG0427");
    front(
        " mode htpp\n http-request deny if { path /x }\n default_backend b\nbackend b\n",
        "TG0208",
    );
    front(
        " default_backend b\nbakend b\n server s :80\n http-request deny\n",
        "TG0142",
    );
    front(
        " default_backend b\nbackend \"b\n server s :80\n http-request deny\n",
        "TG0101",
    );
    front(" default_backend b\n\nbackend 'b\n maxcon 5\n", "TG0101");
    front(
        " use_backend nob if { path /x }\n use_backend b\nbackend b\n",
        "TG0703",
    );
    front(
        " http-request set-header a %[nbsrv(b)]\nbakend b\n server s :80\n",
        "TG0142",
    );
    front(" log 127.0.0.1 locall0\n log-format %ci\n", "TG0601");
    front(
        " http-request set-header a b if { pth /x } { path /y }\n",
        "TG0401",
    );
    front(" http-request dney if TRUE\n", "TG0501");
    check(
        "defaults x\n timeout clinet 5s\n timeout server 5s\nfrontend f\n bind :80\n",
        &["TG0208"],
    );
    check(
        "defaults x\n timeout client 5x\nfrontend f\n bind :80\n",
        &["TG0207"],
    );
    check(
        "defautls x\n timeout client 5s\nbackend b from x\n",
        &["TG0142"],
    );
    check(
        "defaults xyz\n mode http\n timeout client 5s\nfrontend f from xy\n bind :80\n http-request deny\n",
        &["TG0710"],
    );
    check("frontend f\n bind 1.2.3:80:x\n", &["TG0301"]);
    check(
        "backend b\n server s 1.2.3.4:80 wieght 3 cehck inter 3\n",
        &["TG0303"],
    );
    check("backend b\n server s$ 1.2.3.4:80\n", &["TG0212"]);
    check(
        "backend b/c\nfrontend f\n bind :80\n default_backend b/c\n",
        &["TG0212"],
    );
    check("frontend\n bind :80\n", &["TG0204"]);
    check("backend b\nbackend b\n server s :80\n", &["TG0701"]);
    check(
        "backend b\n.if define(A)\n maxcon 5\n.else\n maxcon 6\n.endif\n",
        &["TG0126"],
    );
    check("backend b\n.iff defined(A)\n.endif\n", &["TG0120"]);
    check("backend b\n.if !defined(A)\n.esle\n.endif\n", &["TG0120"]);
    check("backend b\n.if !defined(A)\n.endfi\n", &["TG0120"]);
}

#[test]
fn lints_beside_errors_judge_what_is_there() {
    let front = |lines: &str, codes: &[&str]| {
        check(&format!("frontend f\n bind :80\n{lines}"), codes);
    };
    let host = " http-request deny if { req.hdr(host) example.com }\n";
    front(host, &["TG0816"]);
    front(&format!("{host} maxcon 1\n"), &["TG0201", "TG0816"]);
    // What stands in a line with an error may follow from it.
    front(
        " http-request deny if { req.hdr(host) example.com } nope\n",
        &["TG0420"],
    );
    // The line with the error may be where the name is used.
    let acl = " acl a path_beg /x\n";
    front(acl, &["TG0801"]);
    front(&format!("{acl} maxcon 1\n"), &["TG0201"]);
}

#[test]
fn variables_of_addresses_are_named() {
    let back = |line: &str, codes: &[&str]| {
        check(&format!("listen l\n bind :80\n {line}\n"), codes);
    };
    back("server s \"${NONE}:80\"", &["TG0828"]);
    back("server s 127.0.0.1:${NONE}", &["TG0828"]);
    back("server s \"127.0.0.1:8${fd}\"", &[]);
    back("server s \"${NONE-127.0.0.1}:80\"", &[]);
    let found = diagnose(&format!("{BASE}listen l\n bind :${{NONE}}\n"));
    let error = found.first().expect("an error");
    assert_eq!(error.code.0, "TG0301");
    assert_eq!(error.labels[0].text, "'NONE' is not set");
    assert!(
        error
            .help
            .as_ref()
            .is_some_and(|help| help.contains("${NONE-value}"))
    );
}

/// Help of the first finding for lines of a frontend.
#[track_caller]
fn check_help(lines: &str, expected: &str) {
    let text = format!("{BASE}frontend f\n bind :8080\n{lines}\n");
    let found = diagnose(&text);
    let help = found.first().and_then(|first| first.help.clone());
    let help = help.unwrap_or_else(|| panic!("{lines}: {found:#?}"));
    assert!(help.contains(expected), "{lines}: {help}");
}

#[test]
fn help_says_what_was_meant() {
    check_help(" http-request deny if TRUE if HTTP", "leave this 'if' out");
    check_help(" http-request deny if TRUE unless HTTP", "'if a !b'");
    check_help(" http-request deny if TRUE and HTTP", "leave it out");
    check_help(" http-request lua.a", "no Lua");
    check_help(" http-request deny if { lua.a }", "no Lua");
    check_help(" http-request set-header X %[src,lua.a]", "no Lua");
    check_help(
        " http-request deny content-type a/b string x if TRUE or",
        "path_beg /api",
    );
    check_help(" http-request deny string x", "content-type text/plain");
    check_help(
        " http-request deny if { req.hdr(host) -i a.example }",
        "req.hdr(host),host_only -i a.example",
    );
    check_help(
        " http-request set-header X %[var(txn.blocked_by)]",
        "no variable but a fetch: write 'txn.blocked_by'",
    );
}
