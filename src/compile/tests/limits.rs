//! Words of limits and circuit breakers: whose a line is.

use super::{config, run};
use crate::vocab::host::fake::Fake;

const BASE: &str =
    "defaults\n timeout client 5s\n timeout server 5s\n timeout connect 5s\n mode http\n";

/// What is found in a backend with this line, which is the seventh.
#[track_caller]
fn findings(line: &str) -> String {
    run(
        &format!("{BASE}backend b\n {line}\n"),
        &Fake::default(),
        false,
    )
    .1
}

/// The message about a line, which is refused.
#[track_caller]
fn refused(line: &str, message: &str) {
    let (config, found) = run(
        &format!("{BASE}backend b\n {line}\n"),
        &Fake::default(),
        false,
    );
    let shown = found.split_once("]: ").map_or("", |(_, message)| message);
    assert_eq!(shown.trim_end(), message, "{line}: {found}");
    assert!(found.starts_with("t.cfg:7:"), "{found}");
    assert!(config.is_none());
}

#[test]
fn limits_are_named_by_their_rule() {
    let config = config(&format!(
        "{BASE}frontend web\n bind :80\n http-request set-header a b\n \
         http-request rate-limit average 10\n http-request inflight-limit 5 if {{ path / }}\n \
         http-request rate-limit average 5 period 1m burst 3 key req.hdr(x),lower name api\n"
    ));
    let names = |names: Vec<&str>| names.join(" ");
    let specs = &config.protections;
    let rates = specs.rate_limits.iter().map(|spec| &*spec.name).collect();
    let inflight = specs
        .inflight_limits
        .iter()
        .map(|spec| &*spec.name)
        .collect();
    assert_eq!([names(rates), names(inflight)], ["web#2 api", "web#3"]);
    let api = &specs.rate_limits[1];
    assert_eq!(
        (api.average, api.period, api.burst, &*api.key),
        (5, 60_000, 3, "req.hdr(x),lower")
    );
}

/// ACCEPTANCE 68, 69.
#[test]
fn items_68_and_69_durations() {
    let durations = |options: &str| {
        let line = format!("circuit-breaker x expression \"NetworkErrorRatio() > 0.5\" {options}");
        let config = config(&format!("{BASE}backend b\n {line}\n"));
        let spec = config.protections.breakers[0].clone();
        (
            spec.check_period,
            spec.fallback,
            spec.recovery,
            spec.window,
            spec.latency_window,
        )
    };
    assert_eq!(durations(""), (100, 10_000, 10_000, 10_000, 60_000));
    let given = "check-period 10s fallback-duration 30s recovery-duration 1m";
    assert_eq!(durations(given), (10_000, 30_000, 60_000, 10_000, 60_000));
}

#[test]
fn breakers_of_defaults_are_inherited_changed_and_cancelled() {
    let line = |name, bound| {
        format!(" circuit-breaker {name} expression \"NetworkErrorRatio() > {bound}\"\n")
    };
    let config = config(&format!(
        "{BASE}{}{}backend a\nbackend b\n{}backend c\n no circuit-breaker x\n",
        line("x", "0.1"),
        line("y", "0.2"),
        line("x", "0.3"),
    ));
    let names: Vec<&str> = config
        .protections
        .breakers
        .iter()
        .map(|spec| &*spec.name)
        .collect();
    assert_eq!(names, ["a/x", "a/y", "b/y", "b/x", "c/y"]);
    let counts: Vec<usize> = config.backends.iter().map(|b| b.breakers.len()).collect();
    assert_eq!(counts, [2, 2, 1]);
}

#[test]
fn in_tcp_mode_a_breaker_is_ignored() {
    let found = findings("mode tcp\n circuit-breaker x expression \"NetworkErrorRatio() > 0.5\"");
    let expected = "'circuit-breaker' ignored for backend 'b' as it requires HTTP mode";
    assert!(found.contains(expected), "{found}");
}

#[test]
fn breakers_of_servers() {
    let breaker = |rest: &str| {
        format!("circuit-breaker x expression \"NetworkErrorRatio() > 0.5\" scope server {rest}")
    };
    let check = |rest: &str, message: &str| refused(&breaker(rest), message);
    for word in ["retry-after", "fallback-backend b", "status 500", "if TRUE"] {
        let first = word.split(' ').next().unwrap_or_default();
        let message =
            format!("circuit-breaker 'x': unexpected argument '{first}' with 'scope server'");
        check(word, &message);
    }
    refused(
        "circuit-breaker x scope server",
        "circuit-breaker 'x': missing 'expression'",
    );
    refused(
        "circuit-breaker x scope both",
        "circuit-breaker 'x': 'scope' expects 'proxy' or 'server' but got 'both'",
    );
    let front = format!("{BASE}frontend f\n bind :80\n {}\n", breaker(""));
    let (config_of_front, found) = run(&front, &Fake::default(), false);
    assert!(
        config_of_front.is_none() && found.contains("'scope server' needs a section with servers")
    );
    let servers = " server s 1.2.3.4:5\n server t 1.2.3.4:6";
    let config = config(&format!(
        "{BASE}backend b\n {}\n{servers}\n",
        breaker("shadow")
    ));
    let names: Vec<_> = (config.protections.breakers.iter())
        .map(|spec| (&*spec.name, spec.server, spec.shadow))
        .collect();
    let expected = [("b/x/s", Some((0, 0)), true), ("b/x/t", Some((0, 1)), true)];
    assert_eq!(names, expected);
    assert!(config.backends[0].breakers.is_empty());
    let of_servers = config.backends[0].server_breakers.of.iter();
    assert!(of_servers.eq(&[Box::from([0]), Box::from([1])]));
}
