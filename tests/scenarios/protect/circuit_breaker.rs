//! `circuit-breaker` over real sockets: what opens one, what is refused, where requests go instead.

use super::{Client, header, logging};
use crate::proxy;
use crate::support::script::play;
use crate::support::tidegate;
use crate::support::topology::Topology;

/// A proxy in front of one server, with lines in its backend.
fn guarded(lines: &str) -> String {
    let server = "    server s ${s}\n";
    logging(&proxy("")).replace(server, &format!("    {lines}\n{server}"))
}

/// The same with a server that refuses connections.
fn failing(lines: &str) -> String {
    guarded(lines).replace("${s}", "${closed}")
}

#[track_caller]
fn check(config: &str, script: &str) {
    let mut topology = Topology::start(&tidegate(), config);
    play(&mut topology, script).unwrap_or_else(|why| panic!("{why}"));
}

const ERRORS: &str = "circuit-breaker errors expression \"NetworkErrorRatio() > 0.5\" \
                      fallback-duration 1h";

#[test]
fn items_85_and_98_open_means_503_at_once() {
    let mut client = Client::of(&failing(&format!("{ERRORS} retry-after")));
    assert_eq!(client.ask(""), "503");
    client.logs("503 SC -");
    let refused = client.message("");
    assert_eq!(refused.start, "HTTP/1.1 503 Service Unavailable");
    let seconds: u64 = header(&refused, "retry-after").unwrap().parse().unwrap();
    assert!((3590..=3600).contains(&seconds), "{seconds}");
    client.logs("503 PR circuit-breaker/errors");
}

#[test]
fn the_change_is_logged() {
    let client = &mut Client::of(&failing(ERRORS));
    client.ask("");
    let told = loop {
        let line = client.topology.log.datagram().expect("a log line");
        if line.contains("Circuit breaker") {
            break line;
        }
    };
    let expected = "Circuit breaker be/errors is OPEN for 1h (NetworkErrorRatio()=1.00).";
    assert!(
        told.ends_with(expected) && told.starts_with("<129>"),
        "{told}"
    );
}

#[test]
fn statuses_of_the_server_count() {
    check(
        &guarded(
            "circuit-breaker codes expression \"ResponseCodeRatio(500, 600, 0, 600) > 0.5\" \
                  check-period 1ms fallback-duration 1h string off content-type text/plain",
        ),
        "c> GET / HTTP/1.1|host: a||
         s< GET / HTTP/1.1|host: a||
         s> HTTP/1.1 500 No|content-length: 0||
         c< HTTP/1.1 500 No|content-length: 0||
         log 500 -- -
         c> GET / HTTP/1.1|host: a||
         c< HTTP/1.1 503 Service Unavailable|content-length: 3|content-type: text/plain||off
         log 503 PR circuit-breaker/codes
         c open",
    );
}

#[test]
fn item_93_what_rules_refuse_before_is_no_sample() {
    let config = failing(ERRORS).replace(
        "backend be\n",
        "backend be\n    http-request return status 204 if { path /x }\n",
    );
    let mut client = Client::of(&config);
    for _ in 0..3 {
        assert_eq!(client.get("/x", ""), "204");
    }
    assert_eq!(client.ask(""), "503");
    assert_eq!(client.get("/x", ""), "204", "the rule comes first");
    client.logs("204 LR -");
}

#[test]
fn item_92_each_proxy_has_its_own() {
    let config = failing("").replace("defaults\n", &format!("defaults\n    {ERRORS}\n"));
    let config = config.replace(
        "    default_backend be\n",
        "    use_backend other if { path /other }\n    default_backend be\n",
    );
    // The frontend inherits the line too, and would judge all backends together.
    let config = config.replace(
        "frontend fe\n",
        "frontend fe\n    no circuit-breaker errors\n",
    );
    let config = format!("{config}backend other\n    http-request return status 204\n");
    let mut client = Client::of(&config);
    assert_eq!(client.ask(""), "503");
    assert_eq!(client.ask(""), "503");
    assert_eq!(client.get("/other", ""), "204");
    client.logs("503 SC -");
    client.logs("503 PR circuit-breaker/errors");
}

#[test]
fn a_fallback_backend_answers_instead() {
    let config = failing(&format!("{ERRORS} fallback-backend spare"));
    let config = format!("{config}backend spare\n    http-request return status 206\n");
    let mut client = Client::of(&config);
    let answers: Vec<String> = (0..3).map(|_| client.ask("")).collect();
    assert_eq!(answers, ["503", "206", "206"]);
    client.logs("503 SC -");
    client.logs("206 LR circuit-breaker/errors");
}

#[test]
fn in_shadow_nobody_is_refused() {
    let mut client = Client::of(&failing(&format!("{ERRORS} shadow")));
    for _ in 0..3 {
        assert_eq!(client.ask(""), "503");
    }
    client.logs("503 SC -");
    client.logs("503 SC shadow:circuit-breaker/errors");
}

#[test]
fn conditions_say_who_passes_through_it() {
    let mut client = Client::of(&failing(&format!("{ERRORS} if {{ path /x }}")));
    assert_eq!(client.ask(""), "503");
    client.logs("503 SC -");
    for logged in ["503 SC -", "503 PR circuit-breaker/errors"] {
        assert_eq!(client.get("/x", ""), "503");
        client.logs(logged);
    }
    assert_eq!(client.ask(""), "503");
    client.logs("503 SC -");
}

#[test]
fn the_state_can_be_read() {
    let config = failing(ERRORS).replace(
        "frontend fe\n",
        "frontend fe\n    http-after-response set-header x-state %[cb_state(be/errors)]\n",
    );
    let mut client = Client::of(&config);
    let states: Vec<_> = (0..2).map(|_| client.message("")).collect();
    let states: Vec<_> = states
        .iter()
        .map(|answer| header(answer, "x-state"))
        .collect();
    assert_eq!(states, [Some("0"), Some("1")]);
}

#[test]
fn an_open_breaker_stays_open_over_a_reload() {
    check(
        &guarded(
            "circuit-breaker errors expression \"ResponseCodeRatio(500, 600, 0, 600) > 0.5\" fallback-duration 1h",
        ),
        "c> GET / HTTP/1.1|host: a||
         s< GET / HTTP/1.1|host: a||
         s> HTTP/1.1 500 Broken|content-length: 0||
         c< HTTP/1.1 500 Broken|content-length: 0||
         c close
         told Circuit breaker be/errors is OPEN for 1h
         edit timeout connect 6s => timeout connect 7s
         signal USR2
         told Reloaded: configuration 2 is in force
         c2> GET / HTTP/1.1|host: a||
         c2< {503}
         s unused",
    );
}
