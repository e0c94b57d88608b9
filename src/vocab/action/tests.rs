//! What each action answers, writes and refuses.

use super::*;
use crate::vocab::condition::AclSet;
use crate::vocab::stage::{Stage, scoped, words};
use std::collections::HashSet;

fn rule(text: &str, set: RuleSet) -> (Option<Rule>, Vec<String>) {
    scoped(&AclSet::default(), set.phase(), |scope| {
        parse(&words(text), set, scope)
    })
}

/// What is left of the message after the rule: request line or status, headers.
fn run(text: &str, set: RuleSet, head: &str) -> (Verdict, String) {
    let mut stage = Stage::new(head);
    let (rule, messages) = rule(text, set);
    let rule = rule.unwrap_or_else(|| panic!("{text}: {messages:?}"));
    let verdict = rule.action.run(&mut stage.action_context());
    let request = stage.request.as_ref().expect("every stage has one");
    let (first, headers) = match &stage.response {
        Some(head) => (head.status().to_string(), show(head)),
        None => {
            let (method, target) = (request.method(), request.target());
            let line = [method, b" ".as_slice(), target].concat();
            (String::from_utf8(line).unwrap(), show(request))
        }
    };
    (verdict, first + &headers)
}

fn show(headers: &Headers) -> String {
    headers
        .headers()
        .filter(|header| header.name != b"host")
        .map(|header| {
            let (name, value) = (header.name.escape_ascii(), header.value.escape_ascii());
            format!("|{name}: {value}")
        })
        .collect()
}

#[track_caller]
fn check(text: &str, head: &str, expected: &str) {
    let set = match head.starts_with("HTTP/") {
        true => RuleSet::Response,
        false => RuleSet::Request,
    };
    let (verdict, left) = run(text, set, head);
    assert!(matches!(verdict, Verdict::Continue), "{text}: {verdict:?}");
    assert_eq!(left, expected, "{text}");
}

#[test]
fn edits() {
    const GET: &str = "GET /a/b?q=1 HTTP/1.1\nX: 1\nY: a,b\nX: 2";
    check("set-header x %[path]", GET, "GET /a/b?q=1|y: a,b|x: /a/b");
    check("add-header x 3", GET, "GET /a/b?q=1|x: 1|y: a,b|x: 2|x: 3");
    check("del-header X", GET, "GET /a/b?q=1|y: a,b");
    check("del-header ^[xz]$ -m reg", GET, "GET /a/b?q=1|y: a,b");
    check(
        "replace-header x (.*) <\\1>",
        GET,
        "GET /a/b?q=1|x: <1>|y: a,b|x: <2>",
    );
    check(
        "replace-header x 2 %[method]\\0",
        GET,
        "GET /a/b?q=1|x: 1|y: a,b|x: GET2",
    );
    check("replace-value y b c", GET, "GET /a/b?q=1|x: 1|y: a,c|x: 2");
    check("set-path /n%[path]", GET, "GET /n/a/b?q=1|x: 1|y: a,b|x: 2");
    check("set-pathq /n", GET, "GET /n|x: 1|y: a,b|x: 2");
    check(
        "set-query z=%[urlp(q)]",
        GET,
        "GET /a/b?z=1|x: 1|y: a,b|x: 2",
    );
    check("set-uri /u?v", GET, "GET /u?v|x: 1|y: a,b|x: 2");
    check(
        "replace-path /a(/.*) \\1",
        GET,
        "GET /b?q=1|x: 1|y: a,b|x: 2",
    );
    check(
        "replace-pathq (.*)q=1 \\1r",
        GET,
        "GET /a/b?r|x: 1|y: a,b|x: 2",
    );
    check(
        "replace-uri .*/b(.*) /c\\1",
        GET,
        "GET /c?q=1|x: 1|y: a,b|x: 2",
    );
    check(
        "normalize-uri query-sort-by-name",
        GET,
        "GET /a/b?q=1|x: 1|y: a,b|x: 2",
    );
    check(
        "set-headers-bin req.hdrs_bin prefix x",
        GET,
        "GET /a/b?q=1|y: a,b|x: 2",
    );
    check(
        "add-headers-bin req.hdrs_bin prefix y",
        GET,
        "GET /a/b?q=1|x: 1|y: a,b|x: 2|y: a,b",
    );
    check("set-method PURGE", GET, "PURGE /a/b?q=1|x: 1|y: a,b|x: 2");
    const OK: &str = "HTTP/1.1 200 OK\nServer: x";
    check("set-header server %[status]", OK, "200|server: 200");
    check("del-header server", OK, "200");
    check(
        "set-header a <%[res.hdr(server)]>",
        OK,
        "200|server: x|a: <x>",
    );
}

#[test]
fn statuses() {
    let (_, left) = run(
        "set-status 404 reason no",
        RuleSet::AfterResponse,
        "HTTP/1.1 200 OK",
    );
    assert_eq!(left, "404");
}

#[track_caller]
fn answers(text: &str, head: &str, expected: &str) {
    let (verdict, _) = run(text, RuleSet::Request, head);
    let shown = match verdict {
        Verdict::Metrics(_) => "metrics".to_owned(),
        Verdict::Allow => "allow".to_owned(),
        Verdict::Continue => "continue".to_owned(),
        Verdict::Deny(status) => format!("deny {status}"),
        Verdict::ReplyPage(status) => format!("page {status}"),
        Verdict::DenySilently => "silent".to_owned(),
        Verdict::Failed => "failed".to_owned(),
        Verdict::Incomplete => "incomplete".to_owned(),
        Verdict::Unanswerable => "unanswerable".to_owned(),
        Verdict::Reject => "reject".to_owned(),
        Verdict::SilentDrop(hops) => format!("drop {hops}"),
        Verdict::CloseServer => "close".to_owned(),
        Verdict::ExpectProxy => "proxy".to_owned(),
        Verdict::SwitchToHttp => "http".to_owned(),
        Verdict::Tarpit(refusal) => format!("after a while {refusal:?}"),
        Verdict::Challenge(realm) => format!("challenge {}", realm.escape_ascii()),
        Verdict::Wait(wait) => format!("{wait:?}"),
        Verdict::Hint => "hint".to_owned(),
        Verdict::Invalid => "invalid".to_owned(),
        Verdict::DenyPage(status, headers) => format!("page {status} {headers:?}"),
        Verdict::SendTo(backend) => format!("send to {backend}"),
        Verdict::Reply(reply) => format!(
            "{}{} {}",
            reply.head.status(),
            show(&reply.head),
            reply.body.escape_ascii()
        ),
        Verdict::DenyWith(reply) => {
            format!(
                "deny {}{} {}",
                reply.head.status(),
                show(&reply.head),
                reply.body.escape_ascii()
            )
        }
    };
    assert_eq!(shown, expected, "{text}");
}

const GET: &str = "GET /p?x HTTP/1.1\nHost: h:80";

#[test]
fn answers_are_haproxys() {
    answers("allow", GET, "allow");
    answers("auth", GET, "challenge back");
    answers("auth realm r", GET, "challenge r");
    answers("tarpit", GET, "after a while Deny(500)");
    answers("reject", GET, "reject");
    answers("pause 5", GET, "Pause(5)");
    answers("pause int(7)", GET, "Pause(7)");
    answers(
        "wait-for-body time 1s at-least 2k",
        GET,
        "Body { timeout_ms: 1000, at_least: 2048 }",
    );
    answers("early-hint link <a>", GET, "hint");
    answers("set-timeout server 5s", GET, "continue");
    answers("deny", GET, "deny 403");
    answers("deny deny_status 429", GET, "deny 429");
    answers("deny status 450", GET, "deny 450 ");
    answers("deny hdr a b", GET, "deny 403|a: b ");
    answers(
        "deny status 429 content-type text/plain string slow hdr X-A b",
        GET,
        "deny 429|x-a: b|content-type: text/plain slow",
    );
    answers("return", GET, "200 ");
    answers("return status 299", GET, "299 ");
    answers("return status 404 default-errorfiles", GET, "page 404");
    answers(
        "return content-type text/plain lf-string %[path]:%ci",
        GET,
        "200|content-type: text/plain /p:192.0.2.1",
    );
    answers(
        "return content-type text/html file page.html",
        GET,
        "200|content-type: text/html <p>hello</p>\\n",
    );
    answers("return hdr a %[method]", GET, "200|a: GET ");
}

#[test]
fn redirects_are_haproxys() {
    answers(
        "redirect location /new",
        GET,
        "302|location: /new|cache-control: no-cache ",
    );
    answers(
        "redirect location /new code 301 set-cookie A=b",
        GET,
        "301|location: /new|set-cookie: A=b; path=/; ",
    );
    answers(
        "redirect location /n?%[path] code 307 clear-cookie A",
        GET,
        "307|location: /n?/p|cache-control: no-cache|set-cookie: A; path=/; Max-Age=0; ",
    );
    answers(
        "redirect location /new code 301 set-cookie %[path]",
        GET,
        "301|location: /new|set-cookie: %[path]; path=/; ",
    );
    answers(
        "redirect location /new code 301 set-cookie-fmt a=%[path]",
        GET,
        "301|location: /new|set-cookie: a=/p; path=/; ",
    );
    answers(
        "redirect prefix https://x.org",
        GET,
        "302|location: https://x.org/p?x|cache-control: no-cache ",
    );
    answers(
        "redirect prefix / drop-query append-slash",
        GET,
        "302|location: /p/|cache-control: no-cache ",
    );
    answers(
        "redirect scheme https code 308",
        GET,
        "308|location: https://h:80/p?x ",
    );
    answers(
        "redirect location /n keep-query code 308",
        GET,
        "308|location: /n?x ",
    );
    answers(
        "redirect location %[req.hdr(no)] ignore-empty",
        GET,
        "continue",
    );
}

#[track_caller]
fn refused(text: &str, set: RuleSet, expected: &str) {
    let (rule, messages) = rule(text, set);
    assert!(rule.is_none(), "{text}");
    assert!(
        messages.iter().any(|message| message == expected),
        "{text}: {messages:?}"
    );
}

#[test]
fn faults() {
    let check = |text, expected| refused(text, RuleSet::Request, expected);
    check("dny", "TG0501 unknown http-request action 'dny'");
    check(
        "set-log-level loud",
        "TG0502 expects exactly 1 argument (log level name or 'silent')",
    );
    check("capture src len 0", "TG0502 length must be > 0");
    check(
        "capture src id 0",
        "TG0502 unable to find capture id '0' referenced by this rule",
    );
    check("normalize-uri path", "TG0502 unknown normalizer 'path'");
    check(
        "set-var(tnx.a) src",
        "TG0430 invalid variable name 'tnx.a'. A variable name must start with its scope. The scope can be 'proc', '(p)sess', '(p)txn', '(p)req', '(p)res' or 'check'",
    );
    check(
        "set-var(txn.a,ifst) src",
        "TG0430 unknown condition \"ifst\"",
    );
    check(
        "set-var txn.a src",
        "TG0502 invalid or incomplete action 'set-var'. Expects 'set-var(<var-name>)', 'set-var-fmt(<var-name>)' or 'unset-var(<var-name>)'",
    );
    check(
        "set-var(txn.a) status",
        "TG0406 fetch method 'status' extracts information from 'HTTP response', none of which is available here",
    );
    check(
        "track-sc3 src",
        "TG0502 3 track-sc number exceeding 2 (tune.stick-counters-1) value",
    );
    check("track-scx src", "TG0502 Wrong track-sc number 'x'");
    check("track-sc0 src table", "TG0502 missing table name");
    check(
        "sc-inc-gpc(1)",
        "TG0502 Missing gpc ID 'sc-inc-gpc(1)'. Expects sc-inc-gpc(<GPC ID>,<Track ID>)",
    );
    check(
        "sc-inc-gpc0(3)",
        "TG0502 invalid stick table track ID 'sc-inc-gpc0(3)'. The max allowed ID is 2 (tune.stick-counters)",
    );
    check(
        "sc-set-gpt(0,x) 1",
        "TG0502 invalid stick table track ID 'sc-set-gpt(0,x)'. Expects sc-set-gpt(<GPT ID>,<Track ID>)",
    );
    check(
        "set-header x",
        "TG0502 'set-header' expects exactly 2 arguments",
    );
    check(
        "set-header a:b c",
        "TG0502 'a:b' is not a valid header name",
    );
    check(
        "set-header a b c",
        "TG0502 'http-request set-header' expects either 'if' or 'unless' followed by a condition but found 'c'",
    );
    check(
        "set-header a %[status]",
        "TG0406 sample fetch <status> may not be reliably used here because it needs 'HTTP response' which is not available here.",
    );
    check(
        "deny deny_status 450",
        "TG0502 status code '450' not handled by default with 'default-errorfiles' argument.",
    );
    check("return status 100", "TG0502 Unexpected status code '100'");
    check(
        "return status 204 content-type a string b",
        "TG0502 No body expected for 204 responses",
    );
    check(
        "return status 304 lf-string b",
        "TG0502 No body expected for 304 responses",
    );
    check(
        "del-headers-bin req.hdrs_bin -m reg",
        "TG0502 -m reg is unsupported with del-headers-bin due to performance reasons",
    );
    check(
        "redirect /x",
        "TG0502 expects 'code', 'prefix', 'location', 'scheme', 'set-cookie', 'set-cookie-fmt', 'clear-cookie', 'drop-query', 'keep-query', 'ignore-empty' or 'append-slash' (was '/x')",
    );
    check(
        "redirect code 301",
        "TG0502 redirection type expected ('prefix', 'location', or 'scheme')",
    );
    check(
        "redirect location / code 304",
        "TG0502 unsupported HTTP code '304' (not one of 301, 302, 303, 307 or 308)",
    );
    refused(
        "set-path /",
        RuleSet::Response,
        "TG0501 unknown http-response action 'set-path'",
    );
}

#[test]
fn names_are_unique_and_known_to_haproxy() {
    let mut seen = HashSet::new();
    for keyword in ALL {
        assert!(seen.insert(keyword.name), "{}", keyword.name);
        assert!(!keyword.doc.is_empty() && keyword.usage.starts_with(keyword.name));
        for set in keyword.sets {
            assert!(
                set.known_names().contains(&keyword.name),
                "{}",
                keyword.name
            );
        }
    }
}
