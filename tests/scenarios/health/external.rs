//! `option external-check`. HAProxy 3.4.0 crashes on it, so the lines are those of 2.6.

use crate::support::tidegate;
use crate::support::topology::Topology;

/// Where a proxy has no address, its programs' first argument is this: `sh` runs the file.
const FILE: &str = "NOT_USED";

/// The line about the first check by `program`, with these lines of the backend and this file.
fn line(backend: &str, file: &str, global: &str) -> String {
    let config = format!(
        "global\n    nbthread 1\n    log \"${{log}}\" local0\n    external-check\n    {global}\n\
         defaults\n    mode http\n    log global\n    timeout connect 6s\n    timeout client 6s\n    \
         timeout server 6s\n    option log-health-checks\n\
         frontend fe\n    bind \"fd@${{fe}}\"\n    default_backend be\n\
         backend be\n    id 7\n    option external-check\n    {backend}\n    \
         server s ${{s}} maxconn 5 check rise 1\n    #file {FILE}: {file}\n"
    );
    let topology = Topology::start(&tidegate(), &config);
    topology.log.event().expect("a line about the check")
}

#[track_caller]
fn check(backend: &str, file: &str, expected: &str) {
    let found = line(backend, file, "insecure-fork-wanted");
    let expected = format!("5 Health check for server be/s {expected}");
    assert_eq!(found, expected);
}

const SUCCEEDED: &str =
    "succeeded, reason: External check passed, code: 0, check duration: #ms, status: 3/3 UP.";

#[test]
fn its_end_is_its_verdict() {
    check("external-check command /bin/true", "", SUCCEEDED);
    check(
        "external-check command false\n    external-check path /usr/bin:/bin",
        "",
        "failed, reason: External check error, code: 1, check duration: #ms, status: 0/1 DOWN.",
    );
    check(
        "external-check command /bin/sh",
        "kill -9 $$",
        "failed, reason: External check error, code: 255, check duration: #ms, status: 0/1 DOWN.",
    );
    check(
        "external-check command /nowhere/probe",
        "",
        "failed, reason: External check error, code: 255, check duration: #ms, status: 0/1 DOWN.",
    );
}

#[test]
fn it_has_no_longer_than_a_check() {
    check(
        "external-check command /bin/sh\n    default-server inter 100ms",
        "exec /bin/sleep 60",
        "failed, reason: External check timeout, code: 0, check duration: #ms, status: 0/1 DOWN.",
    );
}

#[test]
fn it_is_told_where_and_what_the_server_is() {
    let told = "$1 $2 $HAPROXY_PROXY_NAME $HAPROXY_PROXY_ID <$HAPROXY_PROXY_ADDR$HAPROXY_PROXY_PORT> \
         $HAPROXY_SERVER_NAME $HAPROXY_SERVER_ID $HAPROXY_SERVER_MAXCONN $HAPROXY_SERVER_CURCONN \
         $HAPROXY_SERVER_SSL $HAPROXY_SERVER_PROTO $PATH <$HOME>";
    let expected = "127.0.0.1 $HAPROXY_SERVER_PORT be 7 <> s 1 5 0 0 h1 /a:/b <>";
    // The file's name is `$0`, so what follows it counts from the second argument on.
    let told = told.replace("$1 $2", "$2 $3");
    let file = format!("test \"{told}\" = \"{expected}\" && test $HAPROXY_SERVER_ADDR = $2");
    let lines = "external-check command /bin/sh\n    external-check path /a:/b";
    check(lines, &file, SUCCEEDED);
}

#[test]
fn nothing_is_started_without_permission() {
    let found = line("external-check command /bin/true", "", "");
    let expected = "5 Health check for server be/s failed, reason: Socket error, info: \"Resource temporarily unavailable\", \
         check duration: #ms, status: 0/1 DOWN.";
    assert_eq!(found, expected);
}
