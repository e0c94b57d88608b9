//! The configurations in `examples/`: each loads without a warning and does what it says, between
//! sockets of the test's own.

use crate::support::process::run;
use crate::support::script::play;
use crate::support::tidegate;
use crate::support::topology::Topology;
use rustix::process::Signal;
use std::path::{Path, PathBuf};

/// The first message of a TLS client that asks for `a.example.com`.
const HELLO: &str = r"\x16\x03\x01\0\x50\x01\0\0\x4c\x03\x03{x*32}\0\0\x04\x13\x01\x13\x02\x01\0\0\x1f\0\0\0\x12\0\x10\0\0\x0da.example.com\0\x10\0\x05\0\x03\x02h2";

/// The head of our own answers, without their length.
const OWN: &str = "cache-control: no-cache|content-length: *|content-type: text/html";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn example(name: &str) -> PathBuf {
    root().join("examples").join(name)
}

#[test]
fn item_158_all_load_without_a_warning() {
    let files = std::fs::read_dir(example("")).expect("the examples");
    let mut seen = 0;
    for file in files.map_while(Result::ok) {
        let path = file.path();
        if path.extension().is_some_and(|end| end == "cfg") {
            let name = path.to_str().expect("a plain name");
            let output = run(&tidegate(), &["check", "-f", name], root());
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && said.is_empty(), "{name}: {said}");
            seen += 1;
        }
    }
    assert!(seen > 10);
}

/// An example with its sockets those of the test, running.
fn start(name: &str, edits: &[(&str, &str)]) -> Topology {
    let text = std::fs::read_to_string(example(name)).expect("an example");
    let sockets = [
        ("bind 127.0.0.1:8080", "bind \"fd@${fe}\""),
        ("bind 127.0.0.1:8443", "bind \"fd@${fe}\""),
        ("/tmp/tidegate.sock", "\"fd@${cli}\""),
        ("127.0.0.1:9001", "${s}"),
        ("127.0.0.1:9002", "${t}"),
        ("127.0.0.1:9003", "${u}"),
        ("127.0.0.1:9514", "${log}"),
    ];
    let files = format!("{}/examples/", root().display());
    let files = [("examples/", files.as_str())];
    let text = edits
        .iter()
        .chain(&sockets)
        .chain(&files)
        .fold(text, |text, (old, new)| text.replace(old, new));
    Topology::start(&tidegate(), &format!("global\n    nbthread 1\n{text}"))
}

#[track_caller]
fn check_edited(name: &str, edits: &[(&str, &str)], script: &str) {
    let mut topology = start(name, edits);
    play(&mut topology, script).unwrap_or_else(|why| panic!("{name}: {why}"));
}

#[track_caller]
fn check(name: &str, script: &str) {
    check_edited(name, &[], script);
}

/// A request of `c` for a path, with headers, that an origin answers.
fn served(path: &str, headers: &str, origin: &str) -> String {
    let request = format!("GET {path} HTTP/1.1|host: a{headers}||");
    format!(
        "c> {request}\n{origin}< {request}\n{}",
        answered(origin, "204 No Content")
    )
}

/// An origin's answer, as it is.
fn answered(origin: &str, status: &str) -> String {
    format!("{origin}> HTTP/1.1 {status}||\nc< HTTP/1.1 {status}||\n")
}

/// The same with a status and no body.
fn failed(path: &str, origin: &str, status: &str) -> String {
    format!(
        "c> GET {path} HTTP/1.1|host: a||
         {origin}< GET {path} HTTP/1.1|host: a||
         {origin}> HTTP/1.1 {status}|content-length: 0||
         c< HTTP/1.1 {status}|content-length: 0||\n"
    )
}

#[test]
fn basic() {
    let forwarded = |origin| {
        format!(
            "c> GET / HTTP/1.1|host: a||
             {origin}< GET / HTTP/1.1|host: a|x-forwarded-for: 127.0.0.1||
             {}",
            answered(origin, "204 No Content")
        )
    };
    check("basic.cfg", &["s", "s", "t"].map(forwarded).concat());
}

#[test]
fn routing() {
    let host = |host: &str, path: &str| format!("c> GET {path} HTTP/1.1|host: {host}||\n");
    let edits = [
        ("127.0.0.1:9010", "${s}"),
        ("127.0.0.1:9020", "${t}"),
        ("127.0.0.1:9041", "${u}"),
    ];
    check_edited(
        "routing.cfg",
        &edits,
        &format!(
            "{}s< GET / HTTP/1.1|host: admin.example.com||
             {}c> POST /api/x HTTP/1.1|host: a|content-length: 0||
             t< POST /api/x HTTP/1.1|host: a|content-length: 0||
             {}{}u< GET / HTTP/1.1|host: blue.example.com||
             {}{}c^ HTTP/1.1 308 Permanent Redirect|content-length: 0|location: /api/v2/v1/a||",
            host("admin.example.com", "/"),
            answered("s", "204 No Content"),
            answered("t", "204 No Content"),
            host("blue.example.com", "/"),
            answered("u", "204 No Content"),
            host("a", "/v1/a"),
        ),
    );
}

#[test]
fn maps() {
    let shop = "GET / HTTP/1.1|host: Shop.example.com:80||";
    let new = "GET / HTTP/1.1|host: new.example.com||";
    let file = example("maps/hosts.map");
    check(
        "maps.cfg",
        &format!(
            "{}{}{}c> {shop}\nt< {shop}\n{}cli add map {} new.example.com api =>\nc> {new}\nu< {new}\n{}",
            served("/", "", "s"),
            served("/cart/1", "", "t"),
            served("/cart/api/1", "", "u"),
            answered("t", "204 No Content"),
            file.display(),
            answered("u", "204 No Content"),
        ),
    );
}

#[test]
fn sticky() {
    check(
        "sticky.cfg",
        "c> GET / HTTP/1.1|host: a|cookie: x=1; SRV=a||
         s< GET / HTTP/1.1|host: a|cookie: x=1||
         s> HTTP/1.1 503 Busy|content-length: 0||
         s2< GET / HTTP/1.1|host: a|cookie: x=1||
         s2> HTTP/1.1 503 Busy|content-length: 0||
         t< GET / HTTP/1.1|host: a|cookie: x=1||
         t> HTTP/1.1 204 No Content||
         c^ HTTP/1.1 204 No Content|set-cookie: *||",
    );
}

#[test]
fn blue_green() {
    let green = "GET / HTTP/1.1|host: a|x-release: green||";
    check(
        "blue-green.cfg",
        &format!(
            "c> {green}
             t< {green}
             {}c> GET / HTTP/1.1|host: a||
             s< GET / HTTP/1.1|host: a||
             s> HTTP/1.1 204 No Content||
             c< HTTP/1.1 204 No Content|set-cookie: RELEASE=blue; path=/; HttpOnly||
             cli set server app/green weight 100 =>
             cli set server app/blue weight 0 =>
             c> GET / HTTP/1.1|host: a||
             t< GET / HTTP/1.1|host: a||
             t> HTTP/1.1 204 No Content||
             c< HTTP/1.1 204 No Content|set-cookie: RELEASE=green; path=/; HttpOnly||
             c> GET / HTTP/1.1|host: a|cookie: RELEASE=blue||
             s< GET / HTTP/1.1|host: a||
             {}",
            answered("t", "204 No Content"),
            answered("s", "204 No Content"),
        ),
    );
}

#[test]
fn canary() {
    let volunteer = "GET / HTTP/1.1|host: a|cookie: canary=always||";
    let failing = format!(
        "c> {volunteer}
         t< {volunteer}
         t> HTTP/1.1 500 Broken|content-length: 0||
         c< HTTP/1.1 500 Broken|content-length: 0||\n"
    );
    check_edited(
        "canary.cfg",
        &[("min-requests 5", "min-requests 1")],
        &format!(
            "{}c> GET /?canary=always HTTP/1.1|host: a||
             c^ HTTP/1.1 302 Found|cache-control: no-cache|content-length: 0|location: /|set-cookie: canary=always; path=/;||
             {}c> {volunteer}\ns< {volunteer}\n{}",
            served("/", "|cookie: canary=never", "s"),
            failing,
            answered("s", "204 No Content"),
        ),
    );
}

#[test]
fn tcp_by_name() {
    check("sni.cfg", &format!("c> {HELLO}\nt= {HELLO}\nt> x\nc= x"));
    check("sni.cfg", "c> GET / HTTP/1.0||\nc end");
}

#[test]
fn gateway() {
    let ask = |path: &str, user: &str| {
        format!("c> GET {path} HTTP/1.1|host: a|authorization: Basic {user}||\n")
    };
    // partner and reports.
    let (writer, reader) = ("cGFydG5lcjpjaGFuZ2UtbWU=", "cmVwb3J0czpjaGFuZ2UtbWUtdG9v");
    check(
        "gateway.cfg",
        &format!(
            "c> GET /health HTTP/1.1|host: a||
             c< HTTP/1.1 200 OK|content-type: application/json|content-length: 15||{}
             c2> GET /v1/orders/7 HTTP/1.1|host: a||
             c2^ HTTP/1.1 401 Unauthorized|{OWN}|www-authenticate: Basic realm=\"api\"||
             {}s< GET /orders/7 HTTP/1.1|host: a|x-caller: partner|x-request-id: *||
             s> HTTP/1.1 200 OK|content-length: 0|server: x||
             c< HTTP/1.1 200 OK|content-length: 0|cache-control: no-store||
             {}t< GET /items HTTP/1.1|host: a|x-caller: reports|x-request-id: *||
             t> HTTP/1.1 200 OK|content-length: 0||
             c< HTTP/1.1 200 OK|content-length: 0|cache-control: no-store||
             c> DELETE /v1/items HTTP/1.1|host: a|authorization: Basic {reader}||
             c^ HTTP/1.1 403 Forbidden|content-type: application/json|content-length: 21||",
            r#"\{"status":"up"}"#,
            ask("/v1/orders/7", writer),
            ask("/v1/items", reader),
        ),
    );
}

#[test]
fn logging() {
    let mut topology = start("logging.cfg", &[]);
    let script = format!(
        "c> GET /health HTTP/1.1|host: a||
         c< HTTP/1.1 200 OK|content-length: 0||
         {}",
        served("/page", "", "s")
    );
    play(&mut topology, &script).unwrap_or_else(|why| panic!("{why}"));
    let line = topology.log.datagram().expect("a line to the collector");
    assert!(
        line.starts_with("<134>1 ") && line.contains("\"GET /page HTTP/1.1\""),
        "{line}"
    );
    topology.process.signal(Signal::USR1);
    topology.process.wait();
    let printed = topology.process.output();
    let json = printed.lines().find(|line| line.starts_with('{'));
    let json: serde_json::Value =
        serde_json::from_str(json.expect("a line of JSON")).expect("JSON");
    assert_eq!(
        (&json["path"], &json["status"]),
        (&"/page".into(), &204.into()),
        "{json}"
    );
}

#[test]
fn maintenance() {
    let edits = [("src 192.0.2.0/24", "src 192.0.2.0/24 127.0.0.1")];
    check_edited("maintenance.cfg", &edits, &served("/", "", "s"));
    check(
        "maintenance.cfg",
        "c> GET /status HTTP/1.1|host: a||
         c< HTTP/1.1 200 OK|content-type: text/plain|content-length: 22||closed for maintenance
         c> GET / HTTP/1.1|host: a||
         c^ HTTP/1.1 503 Service Unavailable|cache-control: no-cache|content-length: 120\
         |content-type: text/html; charset=utf-8|retry-after: 600||",
    );
}

#[test]
fn envoys_limits() {
    let asking: String = (1..=10)
        .map(|n| format!("c{n}> GET /{n} HTTP/1.1|host: a||\ns{n}< GET /{n} HTTP/1.1|host: a||\n"))
        .collect();
    check(
        "envoy-circuit-limits.cfg",
        &format!("{asking}c11> GET / HTTP/1.1|host: a||\nc11< {{503}}\ns11 unused"),
    );
}

#[test]
fn envoys_thresholds() {
    check(
        "envoy-thresholds.cfg",
        &format!(
            "{}c> GET / HTTP/1.1|host: a||
             s< GET / HTTP/1.1|host: a||
             s> HTTP/1.1 503 Busy|content-length: 0||
             s2< GET / HTTP/1.1|host: a||
             s2> HTTP/1.1 204 No Content||
             c< HTTP/1.1 204 No Content||",
            served("/api/", "", "t")
        ),
    );
}

#[test]
fn envoys_outliers() {
    let failing: String = (1..=5)
        .map(|_| failed("/bad", "s", "500 Broken") + &failed("/good", "t", "200 OK"))
        .collect();
    let alone = failed("/more", "t", "200 OK").repeat(3);
    check("envoy-outlier-detection.cfg", &(failing + &alone));
}

#[test]
fn the_stick_table_breaker() {
    let failing = failed("/", "s", "500 Broken");
    check(
        "haproxy-circuit-breaker.cfg",
        &format!("{failing}c> GET / HTTP/1.1|host: a||\nc< {{503}}"),
    );
}

/// Errors of our own making are no server's.
#[test]
fn item_148_servers_that_are_down_open_no_breaker() {
    let edits = [
        ("127.0.0.1:9001", "${closed}"),
        ("127.0.0.1:9002", "${closed}"),
        ("defaults\n", "    stats socket \"fd@${cli}\"\ndefaults\n"),
        ("timeout connect 5s", "timeout connect 5s\n    retries 0"),
        ("expire 30s", "expire 1h"),
    ];
    let refused = |client: &str| format!("{client}> GET / HTTP/1.1|host: a||\n{client}< {{503}}\n");
    check_edited(
        "haproxy-circuit-breaker.cfg",
        &edits,
        &format!(
            "{}{}cli show table serviceA data.gpc0 gt 0 => # table: serviceA, type: string, size:1, used:1|",
            refused("c"),
            refused("c2")
        ),
    );
}

/// The second request of the same kind is refused.
fn served_then_limited(request: &str) -> String {
    format!(
        "c> {request}
         c^ HTTP/1.1 429 Too Many Requests|{OWN}|retry-after: *|x-retry-in: *||"
    )
}

#[test]
fn traefiks_rate_limit() {
    let script =
        served("/ratelimit", "", "s") + &served_then_limited("GET /ratelimit HTTP/1.1|host: a||");
    let edits = [("average 10 period 1s", "average 1 period 1h")];
    check_edited("traefik-ratelimit.cfg", &edits, &script);
}

#[test]
fn traefiks_source() {
    let header = |chain: &str| format!("|x-forwarded-for: {chain}");
    let script = [
        served(
            "/depth",
            &header("10.0.0.1,11.0.0.1,12.0.0.1,13.0.0.1"),
            "s",
        ),
        served(
            "/depth",
            &header("10.0.0.1,11.0.0.2,12.0.0.1,13.0.0.1"),
            "s",
        ),
        served_then_limited(&format!(
            "GET /depth HTTP/1.1|host: a{}||",
            header("10.9.9.9,11.0.0.1,12.9.9.9,13.9.9.9")
        )),
    ];
    let edits = [("average 10", "average 1 period 1h")];
    check_edited("traefik-source.cfg", &edits, &script.concat());
}

#[test]
fn traefiks_requests_in_flight() {
    let ask = "GET /inflightreq HTTP/1.1|host: a||";
    let edits = [("inflight-limit 10", "inflight-limit 1")];
    check_edited(
        "traefik-inflightreq.cfg",
        &edits,
        &format!(
            "c> {ask}
             s< {ask}
             c2> {ask}
             c2^ HTTP/1.1 429 Too Many Requests|{OWN}||
             {}",
            answered("s", "204 No Content")
        ),
    );
}

#[test]
fn traefiks_retry() {
    let closed = [
        ("127.0.0.1:9001", "${closed}"),
        ("127.0.0.1:9002", "${closed}"),
    ];
    let refused = format!("c> GET / HTTP/1.1|host: a||\nc^ HTTP/1.1 502 Bad Gateway|{OWN}||");
    check_edited("traefik-retry.cfg", &closed, &refused);
    let half = [("127.0.0.1:9002", "${closed}")];
    check_edited("traefik-retry.cfg", &half, &served("/", "", "s").repeat(2));
}

#[test]
fn traefiks_breakers() {
    let script = failed("/", "s", "502 Bad")
        + &format!("c> GET / HTTP/1.1|host: a||\nc^ HTTP/1.1 503 Service Unavailable|{OWN}||");
    check("traefik-circuitbreakers.cfg", &script);
    check("traefik-circuitbreaker-flaky.cfg", &script);
}
