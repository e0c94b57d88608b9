//! Conditions as text, what they decide, and what is said of bad ones.

use super::*;
use crate::vocab::content::Content;
use crate::vocab::stage::{SITE, Stage, scoped, words};

/// ACL lines, a condition, and what the parser says about them.
fn compile(acls: &[&str], condition: &str, phase: Phase) -> (Option<Condition>, Vec<String>) {
    let mut diags = Diagnostics::default();
    let mut set = AclSet::default();
    for line in acls {
        set.define(&words(line), Mode::Http, SITE.site(), &mut diags);
    }
    let (parsed, messages) = scoped(&set, phase, |scope| parse(&words(condition), scope));
    let defined = diags.iter().map(|d| format!("{} {}", d.code.0, d.message));
    (parsed, defined.chain(messages).collect())
}

/// What a content rule makes of a condition when these bytes are there.
#[track_caller]
fn decided(condition: &str, bytes: &str, settled: bool, expected: Option<bool>) {
    let mut stage = Stage::new(&format!("raw:{bytes}"));
    stage.content = Some(Content::raw(
        bytes.to_owned().leak().as_bytes(),
        100,
        settled,
    ));
    let (parsed, messages) = compile(&[], condition, stage.phase());
    let parsed = parsed.unwrap_or_else(|| panic!("{condition}: {messages:?}"));
    assert_eq!(
        parsed.decide(&stage.context()),
        expected,
        "{condition} on {bytes}"
    );
}

#[test]
fn what_may_change_is_not_decided() {
    const ABC: &str = "{ req.payload(0,3) -m str abc }";
    let check = |condition: &str, bytes, expected| {
        let text = condition.replace("ABC", ABC);
        decided(&text, bytes, false, expected);
    };
    check("if ABC", "ab", None);
    check("if ABC", "abc", Some(true));
    check("if ABC", "abd", Some(false));
    check("unless ABC", "ab", None);
    check("unless ABC", "abc", Some(false));
    check("if !ABC", "ab", None);
    check("if !ABC", "abd", Some(true));
    check("if ABC or TRUE", "ab", Some(true));
    check("if FALSE ABC", "ab", Some(false));
    check("if ABC FALSE", "ab", None);
    check("if ABC or FALSE", "ab", None);
    check("if { req.len ge 3 }", "ab", None);
    check("if { req.len ge 2 }", "ab", Some(true));
    check("if WAIT_END", "ab", None);
    check("if REQ_CONTENT", "", None);
    check("if { req.payload(90,20) -m found }", "ab", Some(false));
    check("if { src 192.0.2.1 }", "", Some(true));
}

#[test]
fn in_the_end_everything_is_decided() {
    let check = |condition: &str, bytes, expected| decided(condition, bytes, true, Some(expected));
    check("if { req.payload(0,3) -m str abc }", "ab", false);
    check("unless { req.payload(0,3) -m str abc }", "ab", true);
    check("if WAIT_END", "", true);
    check("if { req.len lt 3 } WAIT_END", "ab", true);
}

#[track_caller]
fn check(acls: &[&str], condition: &str, head: &str, expected: bool) {
    let stage = Stage::new(head);
    let (parsed, messages) = compile(acls, condition, stage.phase());
    let parsed = parsed.unwrap_or_else(|| panic!("{condition}: {messages:?}"));
    assert_eq!(
        parsed.holds(&stage.context()),
        expected,
        "{condition} on {head}"
    );
}

const GET: &str = "GET /api/x.png?q=1 HTTP/1.1\nHost: www.example.com\nX-A: 1, two";

#[test]
fn logic() {
    let acls = [
        "a path_beg /api",
        "b path_end .gif",
        "b path_end .png",
        "c path /none",
    ];
    let check = |condition, expected| check(&acls, condition, GET, expected);
    check("if a", true);
    check("unless a", false);
    check("if a b", true);
    check("if a c", false);
    check("if a !c", true);
    check("if ! c", true);
    check("if !!a", true);
    check("if c or a", true);
    check("if c || !b", false);
    check("if c a || a b", true);
    check("if TRUE", true);
    check("if !FALSE METH_GET HTTP_1.1", true);
    check("if HTTP_URL_SLASH !HTTP_URL_ABS !HTTP_URL_STAR", true);
    check("if LOCALHOST", false);
    check("if HTTP_CONTENT", false);
}

#[test]
fn anonymous_tests() {
    let check = |condition, expected| check(&[], condition, GET, expected);
    check("if { path_beg /api }", true);
    check("if !{ path_beg /img } { src 192.0.2.0/24 }", true);
    check("if ! { path_beg /img }", true);
    check("if { path_beg -i /API }", true);
    check("if { path -m beg /api }", true);
    check("if { path_dir api }", true);
    check("if { path_sub x.p }", true);
    check("if { path_reg ^/api/[a-z]+\\.png$ }", true);
    check("if { path_len 10 }", true);
    check("if { path_len ge 10 lt 5 }", true);
    check("if { path,lower,length gt 10 }", false);
    check("if { hdr(x-a) two }", true);
    check("if { hdr(x-a) 1 }", true);
    check("if { hdr(x-a,1) two }", false);
    check("if { hdr_cnt(x-a) 2 }", true);
    check("if { hdr_val(x-a) eq 1 }", true);
    // What it gives is declared as bytes, and is a number.
    let number = "if { bin(082a),protobuf(1,int32) -m bin 000000000000002a }";
    check(number, true);
    check("if { hdr(x-b) -m found }", false);
    check("if { hdr_beg(host) -i WWW. }", true);
    check("if { hdr_dom(host) example }", true);
    check("if { req.hdr(host) -m end .com .org }", true);
    check("if { req.hdr(host) lower www.example.com }", true);
    check("if { method GET POST }", true);
    check("if { dst_port 8080 }", true);
    check("if { dst_port 1:1024 }", false);
    check("if { dst_port gt 8000 }", true);
    check("if { urlp(q) 1 }", true);
    check("if { path -f paths.lst }", false);
    check("if { str(/two) -f paths.lst }", true);
    check("if { int(7) -m bool }", true);
    check("if { str(ab) -m bin 6162 }", true);
    check("if { path -- -i }", false);
}

#[test]
fn what_is_gone_never_matches() {
    check(&[], "if { status 404 }", "HTTP/1.1 404 Not Found", true);
    let (parsed, messages) = compile(&[], "if !{ path / }", Phase::Response);
    let stage = Stage::new("HTTP/1.1 200 OK");
    assert!(parsed.is_some_and(|condition| condition.holds(&stage.context())));
    assert!(
        messages
            .iter()
            .all(|message| message.starts_with("TG0406 anonymous acl"))
    );
    assert_eq!(messages.len(), 1);
}

#[track_caller]
fn refused(acls: &[&str], condition: &str, expected: &str) {
    let (parsed, messages) = compile(acls, condition, Phase::Request);
    assert!(
        messages.iter().any(|message| message == expected),
        "{messages:?}"
    );
    assert!(
        parsed.is_none()
            || expected.contains("never match")
            || expected.contains("missing ACL name")
            || expected.contains("TG0421")
    );
}

#[test]
fn lists_say_which_line_is_wrong() {
    let refused = |condition, expected| refused(&[], condition, expected);
    refused(
        "if { src -f bad.lst }",
        "TG0424 pattern file 'bad.lst' line 3: 'nowhere' is not a valid IPv4 or IPv6 address (and 1 more line)",
    );
    refused(
        "if { path_reg -M -f bad_regs.map }",
        "TG0428 map file 'bad_regs.map' line 2: regex '(b' is invalid: unclosed group",
    );
    refused(
        "if { path -f junk.lst }",
        "TG0425 pattern file 'junk.lst' line 2: the line has a NUL byte: this is no text file",
    );
    refused(
        "if { path -f texts.map } { path,map(texts.map) -m found }",
        "TG0425 invalid args in converter 'map_str' : The file \"texts.map\" is already used as one column file and cannot be used by as two column file. in ACL expression 'path,map(texts.map)'",
    );
    refused(
        "if { path,map(texts.map) -m found } { path -f texts.map }",
        "TG0425 The file \"texts.map\" is already used as two column file and cannot be used by as one column file.",
    );
    refused(
        "if { path -u 7 /a } { path -u 7 /b }",
        "TG0422 the id is already used",
    );
    refused(
        "if { path -u x /a }",
        "TG0422 the argument of -u must be an integer",
    );
    refused(
        "if { path_len gt x }",
        "TG0424 'x' is neither a number nor a supported operator",
    );
    refused(
        "if { path -f virt@a -m beg /a }",
        "TG0423 '-m' must only be specified before patterns and files in parsing ACL expression",
    );
}

#[test]
fn lists_need_no_file() {
    let check = |condition, expected| check(&[], condition, GET, expected);
    check("if { path -f virt@a -f opt@none -u 7 /api/x.png }", true);
    check("if { path -f file@paths.lst }", false);
    check("if { str(one) -M -f texts.map -f texts.map }", true);
    check("if { method -i get }", false);
    check("if { method -m str -i get }", true);
    check("if { src -n 192.0.2.0/24 }", true);
}

#[test]
fn faults() {
    refused(&[], "if", "TG0427 missing ACL name after 'if'");
    refused(&[], "unless", "TG0427 missing ACL name after 'unless'");
    refused(&[], "if a", "TG0420 no such ACL : 'a'");
    for (condition, nothing) in [
        ("if a or", "after 'or'"),
        ("if a ||", "after '||'"),
        ("if or a", "before 'or'"),
        ("if a or || a", "before '||'"),
    ] {
        let expected = format!("TG0427 missing ACL name {nothing}");
        refused(&["a path /"], condition, &expected);
    }
    for word in ["if", "unless", "and", "&&"] {
        let (condition, expected) = (
            format!("if a {word} a"),
            format!("TG0420 no such ACL : '{word}'"),
        );
        refused(&["a path /"], &condition, &expected);
    }
    refused(&["a path /"], "if a !", "TG0427 missing ACL name after '!'");
    refused(
        &[],
        "if { path /",
        "TG0427 missing closing '}' in condition",
    );
    refused(
        &[],
        "if { }",
        "TG0427 missing fetch method in ACL expression",
    );
    refused(
        &["a$ path /"],
        "if a$",
        "TG0421 character '$' is not permitted in acl name 'a$'",
    );
    refused(
        &[],
        "if { pth / }",
        "TG0401 unknown fetch method 'pth' in ACL expression 'pth'",
    );
    refused(
        &[],
        "if { path -q / }",
        "TG0422 '-q' is not a valid ACL option. Please use '--' before any pattern beginning with a '-'",
    );
    refused(
        &[],
        "if { path -m bgn / }",
        "TG0423 unknown matching method 'bgn' when parsing ACL expression",
    );
    refused(
        &[],
        "if { method -m bool }",
        "TG0423 matching method 'bool' cannot be used with fetch keyword 'method'",
    );
    refused(
        &[],
        "if { src 10.0.0.0/33 }",
        "TG0424 '10.0.0.0/33' is not a valid IPv4 or IPv6 address",
    );
    refused(&[], "if { dst_port http }", "TG0424 'http' is not a number");
    refused(
        &[],
        "if { path_reg (?=a) }",
        "TG0428 regex '(?=a)' is invalid: regular expressions cannot use look-around",
    );
    refused(
        &[],
        "if { path -f nowhere }",
        "TG0425 failed to open pattern file <nowhere>: entity not found",
    );
    refused(
        &[],
        "if { path }",
        "TG0426 acl keyword 'path': no pattern to match against were provided, so this ACL will never match",
    );
}
