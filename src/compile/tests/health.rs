//! Words of health checks: what wrong ones are told.

use super::{config, run};
use crate::health::{Observe, OnError};
use crate::vocab::host::fake::Fake;

/// All findings about a text, without `t.cfg:` and codes.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let (config, findings) = run(text, &Fake::default(), false);
    let lines: Vec<_> = findings
        .lines()
        .map(|line| line.trim_start_matches("t.cfg:"))
        .collect();
    assert_eq!(lines, expected, "{text}");
    assert_eq!(config.is_none(), findings.contains(": error["), "{text}");
}

/// Lines of a `healthcheck` section, the first of which is line 2.
#[track_caller]
fn section(lines: &str, expected: &[&str]) {
    check(&format!("healthcheck web\n {lines}\n"), expected);
}

#[test]
fn healthcheck_sections() {
    check(
        "healthcheck\n",
        &["1:1: error[TG0204]: missing name for healthcheck section."],
    );
    check(
        "healthcheck a\nhealthcheck a\n",
        &["2:1: error[TG0241]: healthcheck section 'a' already defined at t.cfg:1."],
    );
    section("type httpchk GET /up\n http-check expect status 200", &[]);
    section(
        "type",
        &["2:2: error[TG0204]: 'type' expects a healthcheck type."],
    );
    section(
        "type httpchk\n type httpchk",
        &["3:2: error[TG0372]: healthcheck type already defined."],
    );
    section(
        "type http-check",
        &[
            "2:7: error[TG0208]: unknown healthcheck type 'http-check' (expects 'tcp-check', 'httpchk', 'ssl-hello-chk', 'smtpchk', 'pgsql-check', 'redis-check', 'mysql-check', 'ldap-check', 'spop-check').",
        ],
    );
    section(
        "tcp-check connect\n type httpchk",
        &["3:7: error[TG0372]: cannot set 'httpchk' type with 'tcp-check' rules"],
    );
    section(
        "type redis-check\n tcp-check connect",
        &["3:2: error[TG0372]: unable to configure 'tcp-check' rule for 'redis-check' healthcheck"],
    );
    section(
        "tcp-check connect\n http-check connect",
        &[
            "1:1: warning[TG0372]: healthcheck section 'web' : tcp-check rules without 'type tcp-check', so the rules are ignored.",
            "3:2: error[TG0372]: cannot mix 'tcp-check' and 'http-check' rules",
        ],
    );
    section(
        "type pgsql-check",
        &["2:2: error[TG0204]: 'type pgsql-check' expects 'user <username>' as argument."],
    );
    section(
        "type httpchk\n http-check expct status 200",
        &[
            "3:13: error[TG0570]: 'http-check' only supports 'disable-on-404', 'send-state', 'comment', 'connect', 'send', 'expect', 'set-var-fmt(*)', 'set-var(*)', 'unset-var(*)'. but got 'expct'",
        ],
    );
    section(
        "option httpchk",
        &["2:2: error[TG0201]: unknown keyword 'option' in 'healthcheck' section"],
    );
    check(
        "backend b\n timeout connect 1s\n timeout server 1s\n server s 1.2.3.4:5 check healthcheck web\n",
        &["4:39: error[TG0371]: healthcheck section 'web' not found for server 's'."],
    );
}

#[test]
fn external_checks() {
    let backend = |global: &str, lines: &str, expected: &[&str]| {
        let text = format!(
            "global\n {global}\nbackend b\n timeout connect 1s\n timeout server 1s\n {lines}\n"
        );
        check(&text, expected);
    };
    let wanted = "external-check\n insecure-fork-wanted";
    let lines = "option external-check\n external-check command /bin/true";
    backend(wanted, lines, &[]);
    backend(
        "node a",
        lines,
        &[
            "3:1: error[TG0373]: Proxy 'b' : 'option external-check' unable to find required 'global.external-check'.",
            "3:1: warning[TG0373]: Proxy 'b' : 'insecure-fork-wanted' not enabled in the global section, 'option external-check' will likely fail.",
        ],
    );
    backend(
        wanted,
        "option external-check",
        &[
            "4:1: error[TG0373]: Proxy 'b' : 'option external-check' unable to find required 'external-check command'.",
        ],
    );
    backend(
        wanted,
        "option external-check\n external-check command probe",
        &[
            "8:25: error[TG0373]: Proxy 'b': 'external-check command' does not have a leading '/' and 'external-check path' is not set.",
        ],
    );
    backend(
        wanted,
        "external-check path /bin",
        &[
            "7:22: warning[TG0373]: 'external-check path' will be ignored for backend 'b' (requires 'option external-check').",
        ],
    );
    backend(
        wanted,
        "external-check run /bin/true",
        &["7:17: error[TG0208]: 'external-check' only supports 'command' and 'path'"],
    );
    backend(
        "external-check keep-env",
        "",
        &[
            "2:17: error[TG0208]: 'external-check' only supports 'preserve-env' as an argument, found 'keep-env'.",
        ],
    );
}

#[test]
fn proxies_to_connect_through() {
    let server = |option: &str, expected: &[&str]| {
        let text = format!(
            "backend b\n timeout connect 1s\n timeout server 1s\n server s 1.2.3.4:5 {option}\n"
        );
        check(&text, expected);
    };
    server("socks4 1.2.3.4:1080 check-via-socks4", &[]);
    server(
        "socks4 1.2.3.4",
        &["4:28: error[TG0305]: 'server b/s' : 'socks4' : missing port number: '1.2.3.4'"],
    );
    server(
        "socks4 /run/socks",
        &[
            "4:28: error[TG0305]: 'server b/s' : 'socks4' : '/run/socks' is not an address and a port",
        ],
    );
}

#[test]
fn item_122_servers_have_what_their_default_says() {
    let config = config(include_str!("../../../examples/observe.cfg"));
    let servers = config.backends[0].servers.iter();
    let seen: Vec<_> = servers
        .map(|server| {
            let health = &server.health;
            let check = health.check.as_ref().map(|check| check.rise);
            let observed = (health.observe, health.error_limit, health.on_error);
            (server.maxconn, server.slowstart_s, check, observed)
        })
        .collect();
    let observed = (Observe::Layer7, 50, OnError::MarkDown);
    assert_eq!(seen, [(30, 20, Some(30), observed); 2]);
}

#[test]
fn item_135_the_example_as_it_was_printed() {
    let printed = |address: &str| {
        format!(
            "backend servers\n \
             default-server maxconn 30 check observe layer7 error-limit 50 on-error mark-down inter 1s rise 30 slowstart 20s\n \
             server s1{address}\n server s2{address}\n \
             timeout connect 1s\n timeout server 1s\n"
        )
    };
    let no_address = "error[TG0204]: 'server' expects <name> and <addr>[:<port>] as arguments";
    check(
        &printed(""),
        &[&format!("3:9: {no_address}"), &format!("4:9: {no_address}")],
    );
    let needs_http = "2:42: error[TG0709]: 'layer7' can only be used in http proxies.";
    check(&printed(" 192.0.2.1:80"), &[needs_http; 2]);
}

/// What HAProxy 3.4 says of an option of a `server` line, without the line's place.
#[test]
fn options_of_servers() {
    let server = |options: &str, expected: &str| {
        let (_, findings) = run(
            &format!(
                "backend b\n timeout connect 1s\n timeout server 1s\n server s 1.2.3.4:5 {options}\n"
            ),
            &Fake::default(),
            false,
        );
        let first = findings.lines().next().unwrap_or_default();
        let (_, message) = first.split_once("]: ").unwrap_or_default();
        let message = message.trim_start_matches("'server b/s' : ");
        assert_eq!(message, expected, "{options}");
    };
    for name in ["inter", "fastinter", "downinter", "agent-inter"] {
        server(
            &format!("check {name}"),
            &format!("'{name}' expects a delay as argument."),
        );
        server(
            &format!("check {name} 0"),
            &format!("invalid value 0 for argument '{name}' of server s."),
        );
        server(
            &format!("check {name} 5x"),
            &format!("unexpected character 'x' in '{name}' argument of server s"),
        );
    }
    for name in ["rise", "fall", "error-limit"] {
        server(
            &format!("check {name}"),
            &format!("'{name}' expects an integer argument."),
        );
    }
    server(
        "check slowstart 5x",
        "unexpected character 'x' in 'slowstart' argument of server s",
    );
    server("check port", "'port' expects a port number as argument.");
    server("check addr", "'addr' expects <ipv4|ipv6> as argument.");
    server(
        "agent-check",
        "server s does not have agent port. Agent check has been disabled.",
    );
    server(
        "agent-check agent-port 0",
        "server s does not have agent port. Agent check has been disabled.",
    );
    server("agent-check port 7", "");
    server("agent-check agent-port 7", "");
    server(
        "agent-port",
        "'agent-port' expects a port number as argument.",
    );
    server("agent-addr", "'agent-addr' expects an address as argument.");
    server("agent-send", "'agent-send' expects a string as argument.");
    server("observe", "'observe' expects <mode> as argument.");
    server(
        "on-error",
        "'on-error' expects one of 'fastinter', 'fail-check', 'sudden-death' or 'mark-down' but got ''.",
    );
    server(
        "on-marked-down",
        "'on-marked-down' expects 'shutdown-sessions' but got ''.",
    );
    server(
        "init-state",
        "'init-state' expects one of 'none', 'fully-up', 'up', 'down', or 'fully-down' but got ''.",
    );
    server("track", "'track' expects [<proxy>/]<server> as argument.");
    server("id", "'id' : expects an integer argument");
    server(
        "id 4294967296",
        "'id' : custom id has to be between 1 and 4294967295",
    );
    server(
        "weight 257",
        "weight of server s is not within 0 and 256 (257).",
    );
}

#[test]
fn rules_of_checks() {
    let backend = |lines: &str, expected: &[&str]| {
        check(
            &format!("backend b\n timeout connect 1s\n timeout server 1s\n {lines}\n"),
            expected,
        );
    };
    backend(
        "option tcp-check\n tcp-check set-var(check.x) int(1)\n tcp-check comment c\n tcp-check connect\n tcp-check send x\n tcp-check connect",
        &[],
    );
    backend(
        "option tcp-check\n tcp-check send x\n tcp-check connect",
        &[
            "6:12: error[TG0570]: 'tcp-check connect' : first step MUST also be a 'connect', optionally preceded by a 'set-var', an 'unset-var' or a 'comment', when there is a 'connect' step in the tcp-check ruleset.",
        ],
    );
    backend(
        "http-check connect\n tcp-check connect",
        &[
            "4:2: warning[TG0372]: backend 'b' uses http-check rules without 'option httpchk', so the rules are ignored.",
            "5:2: warning[TG0372]: backend 'b' uses tcp-check rules without 'option tcp-check', so the rules are ignored.",
        ],
    );
    backend(
        "option httpchk\n http-check expect tout-status x status 200",
        &[
            "5:32: error[TG0208]: 'http-check expect' : 'tout-status' only supports 'L4TOUT', 'L6TOUT' or 'L7TOUT' status (got 'x').",
        ],
    );
    backend(
        "option httpchk\n http-check send meth",
        &["5:18: error[TG0204]: 'http-check send' : 'meth' expects a string as argument."],
    );
}
