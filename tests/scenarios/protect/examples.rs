//! The examples made of Traefik's: each is accepted without a warning and does what it says.

use crate::support::script::play;
use crate::support::tidegate;
use crate::support::topology::Topology;
use std::process::Command;

/// The file's text with the proxy's socket and servers those of the test.
fn example(name: &str) -> String {
    let path = format!("{}/examples/{name}.cfg", env!("CARGO_MANIFEST_DIR"));
    let checked = Command::new(tidegate())
        .args(["check", "-f", &path])
        .output();
    let checked = checked.expect("the binary runs");
    let said = String::from_utf8_lossy(&checked.stderr).into_owned();
    assert!(
        checked.status.success() && said.is_empty(),
        "{name}: {said}"
    );
    let text = std::fs::read_to_string(path).expect("the example");
    text.replace("bind 127.0.0.1:8080", "bind \"fd@${fe}\"")
        .replace("127.0.0.1:9001", "${s}")
        .replace("127.0.0.1:9002", "${closed}")
}

#[track_caller]
fn check(config: &str, script: &str) {
    let mut topology = Topology::start(&tidegate(), config);
    play(&mut topology, script).unwrap_or_else(|why| panic!("{why}"));
}

/// A request that the server answers, and one for the same path that gets a status of ours.
fn served_then(path: &str, status: &str) -> String {
    format!(
        "c> GET {path} HTTP/1.1|host: a||
         s< GET {path} HTTP/1.1|host: a||
         s> HTTP/1.1 204 No Content||
         c< HTTP/1.1 204 No Content||
         c2> GET {path} HTTP/1.1|host: a||
         c2^ HTTP/1.1 {status}||"
    )
}

#[test]
fn traefik_ratelimit() {
    let config =
        example("traefik-ratelimit").replace("average 10 period 1s", "average 1 period 1h");
    let refused = "429 Too Many Requests|cache-control: no-cache|content-length: *\
                   |content-type: text/html|retry-after: *|x-retry-in: *";
    check(&config, &served_then("/ratelimit", refused));
}

#[test]
fn traefik_source() {
    let config = example("traefik-source").replace("average 10", "average 1 period 1h");
    let ask = |chain: &str| format!("GET /depth HTTP/1.1|host: a|x-forwarded-for: {chain}||");
    let served = |chain: &str| {
        let request = ask(chain);
        format!(
            "c> {request}
             s< {request}
             s> HTTP/1.1 204 No Content||
             c< HTTP/1.1 204 No Content||
             "
        )
    };
    check(
        &config,
        &format!(
            "{}{}c> {}
             c^ HTTP/1.1 429 Too Many Requests|cache-control: no-cache|content-length: *\
             |content-type: text/html|retry-after: *|x-retry-in: *||",
            served("10.0.0.1,11.0.0.1,12.0.0.1,13.0.0.1"),
            served("10.0.0.1,11.0.0.2,12.0.0.1,13.0.0.1"),
            ask("10.9.9.9,11.0.0.1,12.9.9.9,13.9.9.9"),
        ),
    );
}

#[test]
fn traefik_inflightreq() {
    let config = example("traefik-inflightreq").replace("inflight-limit 10", "inflight-limit 1");
    check(
        &config,
        "c> GET /inflightreq HTTP/1.1|host: a||
         s< GET /inflightreq HTTP/1.1|host: a||
         c2> GET /inflightreq HTTP/1.1|host: a||
         c2^ HTTP/1.1 429 Too Many Requests|cache-control: no-cache|content-length: *|content-type: text/html||
         s> HTTP/1.1 204 No Content||
         c< HTTP/1.1 204 No Content||",
    );
}

#[test]
fn traefik_retry() {
    let config = example("traefik-retry").replace("${s}", "${closed}");
    check(
        &config,
        "c> GET / HTTP/1.1|host: a||
         c^ HTTP/1.1 502 Bad Gateway|cache-control: no-cache|content-length: *|content-type: text/html||",
    );
    check(
        &example("traefik-retry"),
        "c> GET / HTTP/1.1|host: a||
         s< GET / HTTP/1.1|host: a||
         s> HTTP/1.1 204 No Content||
         c< HTTP/1.1 204 No Content||
         c> GET / HTTP/1.1|host: a||
         s< GET / HTTP/1.1|host: a||
         s> HTTP/1.1 204 No Content||
         c< HTTP/1.1 204 No Content||",
    );
}

#[test]
fn traefik_circuitbreakers() {
    let unavailable =
        "503 Service Unavailable|cache-control: no-cache|content-length: *|content-type: text/html";
    let script = format!(
        "c> GET / HTTP/1.1|host: a||
         s< GET / HTTP/1.1|host: a||
         s> HTTP/1.1 502 Bad|content-length: 0||
         c< HTTP/1.1 502 Bad|content-length: 0||
         c> GET / HTTP/1.1|host: a||
         c^ HTTP/1.1 {unavailable}||"
    );
    check(&example("traefik-circuitbreakers"), &script);
    check(&example("traefik-circuitbreaker-flaky"), &script);
}
