//! Formats as text, what they print, and what is said of bad ones.

use super::*;
use crate::observe::{LogStep, Termination};
use crate::vocab::condition::AclSet;
use crate::vocab::stage::{Stage, scoped, word};
use std::collections::HashSet;

/// A request answered by s1: 3 ms idle, 1 ms head, 2 ms connect, 5 ms server, 10 ms body.
fn stage() -> Stage {
    let mut stage = Stage::new("GET /a/b?c=1 HTTP/1.1");
    let record = &mut stage.record;
    record.accepted_us = 1_000_000;
    record.handshake_us = 1_000_000;
    record.request_start_us = 1_003_000;
    record.request_end_us = 1_004_000;
    record.queued_us = 1_004_000;
    record.connected_us = 1_006_000;
    record.response_us = 1_011_000;
    record.end_us = 1_021_500;
    record.status = 200;
    record.bytes_out = 57;
    record.conns = [4, 3, 2, 1].into();
    record.step = LogStep::Close.into();
    record.request_line = b"GET /a/b?c=\"1# HTTP/1.1".to_vec();
    record.request_counter = 27;
    stage.record.server_peer = Some("192.0.2.9:80".parse().unwrap());
    stage
}

fn render(stage: &Stage, text: &str, purpose: FormatUse, phase: Phase) -> String {
    let acls = AclSet::default();
    let (format, messages) = scoped(&acls, phase, |scope| {
        Format::parse(&word(text), scope, purpose)
    });
    let format = format.unwrap_or_else(|| panic!("{text}: {messages:?}"));
    let mut out = Vec::new();
    format.render(&stage.context(), &mut out);
    String::from_utf8(out).unwrap()
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(
        render(&stage(), text, FormatUse::Log, Phase::Log),
        expected,
        "{text}"
    );
}

#[test]
fn aliases() {
    check(
        "%ci:%cp %fi:%fp %si:%sp %bi:%bp",
        "192.0.2.1:40000 198.51.100.2:8080 192.0.2.9:80 -:-",
    );
    check("%{+X}ci:%{+X}cp %{+X}rt %rt", "C0000201:9C40 001B 27");
    check("%f %ft %b %s %ID %OG", "front front back s1 - txn_close");
    check(
        "%Th %Ti %TR %Tq %Tw %Tc %Tr %Td %Ta %Tt %Tu",
        "0 3 1 4 0 2 5 10 18 21 18",
    );
    check("%ST %B %U %ts %tsc", "200 57 0 -- ----");
    check("%ac/%fc/%bc/%sc/%rc %sq/%bq", "4/3/2/1/0 0/0");
    check(
        "%r|%HM|%HP|%HPO",
        "GET /a/b?c=#221#23 HTTP/1.1|GET|/a/b|/a/b",
    );
    check("%HQ|%HU|%HV", "?c=#221#23|/a/b?c=#221#23|HTTP/1.1");
    check("%Ts %ms %T", "1700000001 000 14/Nov/2023:22:13:21 +0000");
    check("%trg", "14/Nov/2023:22:13:21 +0000");
    check("%CC|%{+Q}CC|%hr|%lc", "-|\"\"||0");
}

#[test]
fn text_blanks_and_flags() {
    check("  a   %hr  b ", "a b ");
    check("100%% %{+Q}s %{+Q}o %s %{-Q}b", "100% \"s1\" \"s1\" back");
    check(
        "%[src]|%[fe_name,upper]|%[int(0),ipmask(0)]|%{+Q}[str()]",
        "192.0.2.1|FRONT|0.0.0.0|\"\"",
    );
    check("%{+E}[str(a]b)]", "a\\]b");
    check("%(name)ci %(n:str)[be_name]", "192.0.2.1 back");
    check(r"%[str(a\nb)]", "a#0Ab");
}

#[test]
fn encodings() {
    check(
        "%{+json}o x %(a)ci %b %(c)[int(5)] %(d:str)[int(5)] %(e)[bool(1)] %(f)[str('q\"')] %(g)hr %(h)TR",
        r#"{"a": "192.0.2.1", "c": 5, "d": "5", "e": true, "f": "q\"", "g": null, "h": 1}"#,
    );
    check(
        "%{+json}o %(n:bool)ST %(m)[req.ver] %(t)tsc",
        r#"{"n": true, "m": "1.1", "t": "----"}"#,
    );
    check(
        "%{+json}o %(a:raw)[str('{x}')] %(b:raw)[int(5)] %(c:raw)[var(txn.none)] %(d:raw)ci %(e:raw){+Q}[str(z)]",
        "{\"a\": {x}, \"b\": \0\0\0\0\0\0\0\u{5}, \"c\": null, \"d\": \"192.0.2.1\", \"e\": z}",
    );
    check(r#"%{+json}o %(a"b)ST"#, r#"{"a\"b": 200}"#);
    check("%(x){+json}[int(5)] %{+json}b", r#"5 "back""#);
    check(
        "%{+cbor}o %(a)[int(500)] %(b)b %(c)[int(-2)]",
        "BF61611901F46162646261636B616321FF",
    );
    check("%{+cbor}o %(r)HM", "BF61727F63474554FFFF");
}

#[test]
fn header_values_have_no_dashes_and_no_merging() {
    let check = |text: &str, expected: &str| {
        let got = render(&stage(), text, FormatUse::HttpValue, Phase::Request);
        assert_eq!(got, expected, "{text}");
    };
    check("a  %[req.hdr(none)]b", "a  b");
    check(r"%[str(a\nb)]", "a%0Ab");
    check("%{+Q}[path] %{+Q}HP", "/a/b \"/a/b\"");
    check("%{+bin}[bin(0d0a41)]", "%0D%0AA");
}

#[test]
fn nothing_reached_is_minus_one() {
    let mut stage = stage();
    stage.record = crate::observe::Record {
        accepted_us: 1_000_000,
        end_us: 1_002_000,
        bad_request: true,
        termination: Termination {
            cause: b'C',
            phase: b'R',
        },
        ..Default::default()
    };
    stage.server = None;
    let got = render(
        &stage,
        "%TR/%Tw/%Tc/%Tr/%Ta %ST %tsc %s %r %HM",
        FormatUse::Log,
        Phase::Log,
    );
    assert_eq!(got, "-1/-1/-1/-1/2 -1 CR-- <NOSRV> <BADREQ> <BADREQ>");
}

#[track_caller]
fn check_line(format: &Format, expected: &str) {
    let mut out = Vec::new();
    format.render(&stage().context(), &mut out);
    // The machine's time zone decides the local date.
    let line = String::from_utf8(out).unwrap();
    let (before, rest) = line.split_once('[').unwrap_or((&line, "]"));
    let after = rest.split_once(']').map_or("", |(_, after)| after);
    assert_eq!(format!("{before}[]{after}"), expected);
}

#[test]
fn built_in_lines() {
    check_line(
        &httplog(),
        "192.0.2.1:40000 [] front back/s1 1/0/2/5/18 200 57 - - ---- 4/3/2/1/0 0/0 \"GET /a/b?c=#221#23 HTTP/1.1\"",
    );
    check_line(
        &httplog_clf(),
        "192.0.2.1 - - [] \"GET /a/b?c=#221#23 HTTP/1.1\" 200 57 \"\" \"\" 40000 000 \"front\" \"back\" \"s1\" 1 0 2 5 18 ---- 4 3 2 1 0 0 0 \"\" \"\" ",
    );
    check_line(
        &tcplog(),
        "192.0.2.1:40000 [] front back/s1 0/2/21 57 -- 4/3/2/1/0 0/0",
    );
    check_line(
        &default_line(Mode::Http),
        "Connect from 192.0.2.1:40000 to 198.51.100.2:8080 (front/HTTP)[]",
    );
    assert!(httplog().wants_request_line() && !tcplog().wants_request_line());
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    let (format, messages) = scoped(&AclSet::default(), Phase::Log, |scope| {
        Format::parse(&word(text), scope, FormatUse::Log)
    });
    assert!(
        format.is_none() && messages.iter().any(|m| m == expected),
        "{messages:?}"
    );
}

#[test]
fn faults() {
    refused("%cj", "TG0440 no such format alias 'cj'");
    refused("%[path", "TG0441 missing ']' after the expression");
    refused("%[src)]", "TG0441 expected ']' but found ')'");
    refused(
        "%[path]",
        "TG0406 sample fetch <path> may not be reliably used here because it needs 'HTTP request headers' which is not available here.",
    );
    refused(
        "%{+Q",
        "TG0441 missing '}' after the flags of a format item",
    );
    refused("%{+Q} x", "TG0441 unexpected alias name after '%'");
    refused("50%", "TG0441 truncated line after '%'");
    refused(
        "%(a:int)ci",
        "TG0441 unexpected output format typecast 'int'",
    );
}

#[test]
fn alias_names_are_unique_and_documented() {
    let mut seen = HashSet::new();
    for alias in log_alias::ALL.iter().flat_map(|family| family.iter()) {
        assert!(
            seen.insert(alias.name) && !alias.doc.is_empty(),
            "{}",
            alias.name
        );
    }
}
