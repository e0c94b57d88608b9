//! Health checks by `healthcheck` sections, of SPOE agents, and through SOCKS4.

use crate::case::http;

/// A case whose words are those of 3.4, on a frontend, the sections `$sections`, and a backend.
macro_rules! sections {
    ($sections:expr, $backend:expr, $script:expr) => {
        http(
            concat!(
                "frontend fe\nbind \"fd@${fe}\"\ndefault_backend be\n",
                $sections,
                "\nbackend be\noption log-health-checks\ndefault-server inter 2s\n",
                $backend
            ),
            $script,
        )
        .since(3, 4)
    };
}

/// A case whose words are those of 3.4.
macro_rules! lines {
    ($config:expr, $script:expr) => {
        http($config, $script).since(3, 4)
    };
}

cases! {
    section_with_a_request: sections!("healthcheck web\ntype httpchk GET /status HTTP/1.1 www.example.com",
        "server s ${s} check healthcheck web", r#"
        s< GET /status HTTP/1.1|host: www.example.com|connection: close||
        s> HTTP/1.1 200 OK||
        s close
        event 5 Health check for server be/s succeeded, reason: Layer7 check passed, code: 200, check duration: #ms, status: 3/3 UP.
    "#),
    section_with_rules: sections!("healthcheck web\ntype httpchk
        http-check set-var(check.path) str(/x)
        http-check send meth HEAD uri-lf %[var(check.path)] hdr X-Server %[srv_name]
        http-check expect status 204 comment \"as agreed\"",
        "server s ${s} check healthcheck web", r#"
        s< HEAD /x HTTP/1.0|x-server: s||
        s> HTTP/1.0 200 OK||
        s close
        event 5 Health check for server be/s failed, reason: Layer7 wrong status, code: 200, info: "OK comment: as agreed", check duration: #ms, status: 0/2 DOWN.
    "#),
    section_whose_rules_come_first: sections!("healthcheck line
        tcp-check send PING\\n
        tcp-check expect string PONG
        type tcp-check",
        "server s ${s} check healthcheck line", r#"
        s= PING\n
        s> PONG\n
        event 5 Health check for server be/s succeeded, reason: Layer7 check passed, code: 0, info: "(tcp-check)", check duration: #ms, status: 3/3 UP.
    "#),
    section_replaces_the_backends_check: sections!("healthcheck cache\ntype redis-check",
        "option httpchk\nhttp-check expect status 500\nserver s ${s} check healthcheck cache\nserver t ${t} check", r#"
        s= *1|$4|PING|
        s> +PONG|
        event 5 Health check for server be/s succeeded, reason: Layer7 check passed, code: 0, info: "Redis server is ok", check duration: #ms, status: 3/3 UP.
        t< OPTIONS / HTTP/1.0||
    "#),
    spop_check: lines!("backend: default-server inter 2s; backend: option spop-check; backend: option log-health-checks
        server: check", r#"
        s= \0\0\0N\x01\0\0\0\x01\0\0\x12supported-versions\x08\x032.0\x0emax-frame-size\x03\xfc\xf0\x06\x0ccapabilities\x08\0\x0bhealthcheck\x11
        s> \0\0\0\x36\x65\0\0\0\x01\0\0\x07version\x08\x032.0\x0emax-frame-size\x03\xfc\xf0\x06\x0ccapabilities\x08\0
        event 5 Health check for server be/s succeeded, reason: Layer7 check passed, code: 0, info: "SPOA server is ok", check duration: #ms, status: 3/3 UP.
    "#),
    spop_check_of_something_else: lines!("backend: default-server inter 2s; backend: option spop-check; backend: option log-health-checks
        server: check", r#"
        s> \0\0\0\x07\x65\0\0\0\0\0\0
        event 5 Health check for server be/s failed, reason: Layer7 invalid response, info: "invalid frame received", check duration: #ms, status: 0/2 DOWN.
    "#),
    spop_check_of_another_version: lines!("backend: default-server inter 2s; backend: option spop-check; backend: option log-health-checks
        server: check", r#"
        s> \0\0\0\x14\x65\0\0\0\x01\0\0\x07version\x08\x031.0
        event 5 Health check for server be/s failed, reason: Layer7 invalid response, info: "unsupported version", check duration: #ms, status: 0/2 DOWN.
    "#),
    request_through_socks4: lines!("server: socks4 ${t}", r#"
        c> GET / HTTP/1.1|host: a||
        t= \x04\x01${s.port16}\x7f\0\0\x01HAProxy\0
        t> \0\x5a\0\0\0\0\0\0
        t< GET / HTTP/1.1|host: a||
        t> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
    "#),
    socks4_proxy_that_refuses: lines!("retries 0; server: socks4 ${t}", r#"
        c> GET / HTTP/1.1|host: a||
        t= \x04\x01${s.port16}\x7f\0\0\x01HAProxy\0
        t> \0\x5b\0\0\0\0\0\0
        c< {503}
        log fe be/s #/#/-1/-1/# 503 # - - SC-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    check_through_socks4: lines!("backend: default-server inter 2s; backend: option httpchk; backend: option log-health-checks
        server: socks4 ${t} check-via-socks4 check", r#"
        t= \x04\x01${s.port16}\x7f\0\0\x01HAProxy\0
        t> \0\x5a\0\0\0\0\0\0
        t< OPTIONS / HTTP/1.0||
        t> HTTP/1.0 200 OK||
        t close
        event 5 Health check for server be/s succeeded, reason: Layer7 check passed, code: 200, check duration: #ms, status: 3/3 UP.
    "#),
    check_that_goes_past_socks4: lines!("backend: default-server inter 2s; backend: option httpchk
        server: socks4 ${t} check", r#"
        s< OPTIONS / HTTP/1.0||
    "#),
    check_that_socks4_refuses: lines!("backend: default-server inter 2s; backend: option log-health-checks
        server: socks4 ${t} check-via-socks4 check", r#"
        t= \x04\x01${s.port16}\x7f\0\0\x01HAProxy\0
        t> \0\x5b\0\0\0\0\0\0
        event 5 Health check for server be/s failed, reason: Socket error, info: "SOCKS4 Proxy deny the request", check duration: #ms, status: 0/2 DOWN.
    "#).differs("its text goes on with an error number that some other system call left behind", r#"
        t= \x04\x01${s.port16}\x7f\0\0\x01HAProxy\0
        t> \0\x5b\0\0\0\0\0\0
        event 5 Health check for server be/s failed, reason: Socket error, info: "SOCKS4 Proxy deny the request (Message too long)", check duration: #ms, status: 0/2 DOWN.
    "#),
    rule_that_connects_through_socks4: lines!("backend: default-server inter 2s; backend: option httpchk; backend: http-check connect via-socks4
        server: socks4 ${t} check", r#"
        t= \x04\x01${s.port16}\x7f\0\0\x01HAProxy\0
        t> \0\x5a\0\0\0\0\0\0
        t< OPTIONS / HTTP/1.0||
    "#),
    check_of_an_unreachable_network: lines!("backend: default-server inter 2s; backend: option log-health-checks
        backend: server s 255.255.255.255:1111 check", r#"
        event 5 Health check for server be/s failed, reason: Layer4 connection problem, info: "General socket error (Network is unreachable)", check duration: #ms, status: 0/2 DOWN.
    "#),
}
