//! `http-request rate-limit` over real sockets: who is refused, what the answer says, and whose
//! requests are counted together.

use super::{Client, asking, header};
use crate::support::script::play;
use crate::support::tidegate;
use crate::support::topology::Topology;

/// Answers of requests one after the other, each a head's lines without the request line.
#[track_caller]
fn check(lines: &str, requests: &[(&str, &str)]) {
    let mut client = Client::of(&asking(lines));
    for (n, (head, expected)) in requests.iter().enumerate() {
        assert_eq!(client.ask(head), *expected, "request {n}: {head}");
    }
}

const OK: &str = "200";

#[test]
fn item_9_too_many_are_told_when_to_come_again() {
    let mut client = Client::of(&asking("http-request rate-limit average 1 period 1h"));
    assert_eq!(client.ask(""), OK);
    let refused = client.message("");
    assert_eq!(refused.start, "HTTP/1.1 429 Too Many Requests");
    let seconds: u64 = header(&refused, "retry-after").unwrap().parse().unwrap();
    assert!((3590..=3600).contains(&seconds), "{seconds}");
    let exactly = header(&refused, "x-retry-in").unwrap();
    let ms: u64 = exactly.strip_suffix("ms").unwrap().parse().unwrap();
    assert!((3_590_000..=3_600_000).contains(&ms), "{exactly}");
    assert!(String::from_utf8_lossy(&refused.body).contains("429 Too Many Requests"));
    client.logs("200 LR -");
    client.logs("429 PR rate-limit/fe#1");
}

#[test]
fn item_9_the_answer_is_configurable() {
    let line = "http-request rate-limit average 1 period 1h no-retry-hdr status 503 \
                content-type text/plain string \"Too Many Requests\" hdr x-by %[txn.blocked_by]";
    let mut client = Client::of(&asking(line));
    assert_eq!(client.ask(""), OK);
    let refused = client.message("");
    assert_eq!(refused.start, "HTTP/1.1 503 Service Unavailable");
    assert_eq!(header(&refused, "retry-after"), None);
    assert_eq!(refused.body, b"Too Many Requests");
    assert_eq!(header(&refused, "content-type"), Some("text/plain"));
}

#[test]
fn items_11_12_15_and_21_keys() {
    check(
        "http-request rate-limit average 1 period 1h key req.hdr(host),lower",
        &[("host: a", OK), ("host: b", OK), ("host: A", "429")],
    );
    check(
        "http-request rate-limit average 1 period 1h key req.hdr(x-user)",
        &[
            ("x-user: u1", OK),
            ("x-user: u2", OK),
            ("x-user: u1", "429"),
        ],
    );
    // Item 15: without a key all from one address are one.
    check(
        "http-request rate-limit average 1 period 1h",
        &[
            ("x-forwarded-for: 192.0.2.1", OK),
            ("x-forwarded-for: 192.0.2.2", "429"),
        ],
    );
    check(
        "http-request rate-limit average 1 period 1h key req.hdr_ip(x-forwarded-for,-1)",
        &[
            ("x-forwarded-for: 192.0.2.1", OK),
            ("x-forwarded-for: 192.0.2.2", OK),
        ],
    );
    // Item 21: who leaves the header out shares a bucket.
    check(
        "http-request rate-limit average 2 period 1h key req.hdr(x-user)",
        &[("", OK), ("x-user: u", OK), ("", "429")],
    );
}

#[test]
fn item_14_conditions() {
    let mut client = Client::of(&asking(
        "http-request rate-limit average 1 period 1h if { path_beg /ratelimit }",
    ));
    for _ in 0..5 {
        assert_eq!(client.get("/whoami", ""), OK);
    }
    assert_eq!(client.get("/ratelimit", ""), OK);
    assert_eq!(client.get("/ratelimit", ""), "429");
}

#[test]
fn item_16_a_little_early_is_a_delay() {
    let mut client = Client::of(&asking(
        "http-request rate-limit average 5 period 1s max-delay 1s",
    ));
    let answers: Vec<String> = (0..3).map(|_| client.ask("")).collect();
    assert_eq!(answers, [OK, OK, OK]);
}

#[test]
fn rules_of_one_name_share_a_limit() {
    check(
        "http-request rate-limit average 2 period 1h burst 2 name all\n    \
         http-request rate-limit average 2 period 1h burst 2 name all if { hdr(x) 1 }",
        &[("x: 1", OK), ("", "429")],
    );
}

#[test]
fn in_shadow_nobody_is_refused() {
    let mut client = Client::of(&asking(
        "http-request rate-limit average 1 period 1h shadow",
    ));
    for _ in 0..3 {
        assert_eq!(client.ask(""), OK);
    }
    client.logs("200 LR -");
    client.logs("200 LR shadow:rate-limit/fe#1");
}

#[test]
fn item_13_a_burst_is_added_by_a_reload() {
    let mut topology = Topology::start(
        &tidegate(),
        &asking("http-request rate-limit average 1 period 1h no-retry-hdr"),
    );
    let served = |client: &str| {
        format!(
            "{client}> GET / HTTP/1.1|host: a||\n{client}^ HTTP/1.1 200 OK|content-length: 0||\n"
        )
    };
    let refused = |client: &str| format!("{client}> GET / HTTP/1.1|host: a||\n{client}< {{429}}\n");
    let script = format!(
        "{}{}edit period 1h => period 1h burst 3
         signal USR2
         told Reloaded: configuration 2 is in force
         {}{}",
        served("c"),
        refused("c2"),
        served("c3").repeat(3),
        refused("c4")
    );
    play(&mut topology, &script).unwrap_or_else(|why| panic!("{why}"));
}
