//! Words of limits and circuit breakers: what bad input is told (SEMANTICS 8.10), whose a line is.

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
fn item_156_rate_limit() {
    let check =
        |rest: &str, message: &str| refused(&format!("http-request rate-limit {rest}"), message);
    check("burst 5", "'rate-limit' expects 'average <requests>'");
    let positive = |got| format!("'average' expects an integer greater than 0 but got '{got}'");
    check("average 0", &positive("0"));
    check("average x", &positive("x"));
    check(
        "average 1 period 0",
        "'period' expects a positive time but got '0'",
    );
    check(
        "average 1 period 5y",
        "unexpected character 'y' in 'period'",
    );
    check(
        "average 1 burst 0",
        "'burst' expects an integer greater than 0 but got '0'",
    );
    check(
        "average 1 max-delay 1y",
        "unexpected character 'y' in 'max-delay'",
    );
    // Item 45 too.
    check(
        "average 1 key src key dst",
        "'key' already set, only one source criterion is permitted",
    );
    check("average 1 key", "missing fetch method");
    check("average 1 key foo", "unknown fetch method 'foo'");
    check("average 1 average 2", "'average' already set");
    check(
        "average 1 size 0",
        "'size' expects a size greater than 0 but got '0'",
    );
    check(
        "average 1 foo",
        "'rate-limit' expects 'average', 'period', 'burst', 'key', 'name', 'max-delay', 'size', \
         'no-retry-hdr' or a response argument but got 'foo'",
    );
    check("average 1 status 99", "Unexpected status code '99'");
    // Item 43.
    check(
        "average 1 key src,ipmask(32,200)",
        "converter 'ipmask': failed to parse '200' as type 'IPv6 mask' at position 2",
    );
}

#[test]
fn item_156_one_name_for_two_limits() {
    let lines =
        "http-request rate-limit average 1 name x\n http-request rate-limit average 2 name x";
    let found = findings(lines);
    let expected = "t.cfg:8:15: error[TG0542]: 'rate-limit' name 'x' already used at t.cfg:7 with \
                    different parameters\n";
    assert!(found.starts_with(expected), "{found}");
    assert_eq!(findings(&lines.replace("average 2", "average 1")), "");
}

#[test]
fn item_156_inflight_limit() {
    let check = |rest: &str, message: &str| {
        refused(&format!("http-request inflight-limit {rest}"), message);
    };
    let first = |got| {
        format!(
            "'inflight-limit' expects an integer greater than 0 as first argument but got '{got}'"
        )
    };
    check("", &first(""));
    check("0", &first("0"));
    check("key src", &first("key"));
    check(
        "1 burst 2",
        "'inflight-limit' expects 'key', 'name', 'size' or a response argument but got 'burst'",
    );
}

#[test]
fn item_156_networks() {
    let check = |args: &str, message: &str| {
        let line = format!("http-request inflight-limit 1 key req.hdr_ip_excl({args})");
        let found = findings(&line);
        assert!(found.contains(message), "{found}");
    };
    check(
        "h",
        "req.hdr_ip_excl expects a header name and at least one network",
    );
    check(
        "h,12.0.0.300",
        "'12.0.0.300' is not a valid address or network",
    );
    check(
        "h,12.0.0.0/33",
        "'12.0.0.0/33' is not a valid address or network",
    );
    check("h,::1/", "'::1/' is not a valid address or network");
}

#[test]
fn item_156_circuit_breaker() {
    refused(
        "circuit-breaker",
        "'circuit-breaker' expects <name> as first argument",
    );
    refused(
        "circuit-breaker x",
        "circuit-breaker 'x': missing 'expression'",
    );
    let check = |rest: &str, message: &str| {
        let line = format!("circuit-breaker x expression \"NetworkErrorRatio() > 0.5\" {rest}");
        refused(&line, message);
    };
    check(
        "check-period 0",
        "circuit-breaker 'x': 'check-period' expects a positive time but got '0'",
    );
    check("window 1y", "unexpected character 'y' in 'window'");
    check(
        "min-requests 0",
        "'min-requests' expects an integer greater than 0 but got '0'",
    );
    check(
        "latency last",
        "'latency' expects 'total' or 'first-byte' but got 'last'",
    );
    check("foo", "circuit-breaker 'x': unknown argument 'foo'");
    check(
        "fallback-backend c",
        "unable to find backend 'c' referenced in circuit-breaker 'x' in proxy 'b'",
    );
    let twice = "circuit-breaker x expression \"NetworkErrorRatio() > 0.5\"";
    let found = findings(&format!("{twice}\n {twice}"));
    let expected = "t.cfg:8:18: error[TG0541]: circuit-breaker 'x' already declared in backend 'b' \
                    at t.cfg:7\n";
    assert!(found.starts_with(expected), "{found}");
}

#[test]
fn item_156_expressions() {
    let check = |text: &str, column: usize, why: &str| {
        refused(
            &format!("circuit-breaker x expression \"{text}\""),
            &format!("circuit-breaker 'x': expression, column {column}: {why}"),
        );
    };
    // Item 82.
    check(
        "LatencyAtQuantileMS(50) > 100",
        21,
        "LatencyAtQuantileMS() expects a floating point quantile such as '50.0' but got '50'",
    );
    check(
        "LatencyAtQuantileMS(500.0) > 1",
        21,
        "quantile must be between 0.0 and 100.0 but got '500.0'",
    );
    check(
        "LatencyAtQuantileMS(50.0) > 100.5",
        29,
        "LatencyAtQuantileMS() must be compared with an integer number of milliseconds but got '100.5'",
    );
    check(
        "NetworkErrorRatio() > 1",
        23,
        "NetworkErrorRatio() must be compared with a floating point number such as '1.0' but got '1'",
    );
    check(
        "ResponseCodeRatio(400,600) > 0.5",
        1,
        "ResponseCodeRatio() expects 4 arguments but got 2",
    );
    check(
        "ResponseCodeRatio(400.0,600,0,600) > 0.5",
        19,
        "ResponseCodeRatio() expects integer status codes but got '400.0'",
    );
    check(
        "Foo() > 1",
        1,
        "unknown metric 'Foo', expects 'LatencyAtQuantileMS', 'NetworkErrorRatio', \
         'RequestThreshold' or 'ResponseCodeRatio'",
    );
    check(
        "NetworkErrorRatio()",
        1,
        "'NetworkErrorRatio()' is not a condition, a comparison is expected",
    );
    check(
        "0.5 < NetworkErrorRatio()",
        1,
        "the metric must be on the left side of '<'",
    );
    check(
        "!(NetworkErrorRatio() > 0.5)",
        1,
        "operator '!' is not supported",
    );
    let ratio = "NetworkErrorRatio() > 0.5";
    check(
        &format!("{ratio} & {ratio}"),
        27,
        "unexpected '&', did you mean '&&' ?",
    );
    check(
        &format!("{ratio} and {ratio}"),
        27,
        "unexpected 'and', did you mean '&&' ?",
    );
    check(&format!("({ratio}"), 27, "expected ')'");
    check(" ", 2, "expression is empty");
    check(
        &format!("{ratio} x"),
        27,
        "unexpected 'x' after the end of the expression",
    );
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
    assert_eq!(config.backends[0].server_breakers, [[0].into(), [1].into()]);
}
