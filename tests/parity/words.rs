//! Words that no other group needs: one case each.

use crate::case::http;

/// A request that reaches the server with this target.
macro_rules! target {
    ($rule:literal, $target:literal) => {
        http(
            concat!("frontend: http-request ", $rule),
            concat!("c> GET /a/b?q=1 HTTP/1.1|host: a||\ns< GET ", $target, " HTTP/1.1|host: a||"),
        )
    };
}

/// A status after which a request goes out again.
macro_rules! retried {
    ($status:literal) => {
        http(
            concat!("retry-on ", $status),
            concat!(
                "c> GET / HTTP/1.1|host: a||
                s< GET / HTTP/1.1|host: a||
                s> HTTP/1.1 ", $status, " X|content-length: 0||
                s2< GET / HTTP/1.1|host: a||
                s2> HTTP/1.1 200 OK|content-length: 2||ok
                c< HTTP/1.1 200 OK|content-length: 2||ok"
            ),
        )
        .since(3, 4)
    };
}

cases! {
    replace_path: target!(r"replace-path (.*)/b \1/c", "/a/c?q=1"),
    replace_pathq: target!(r"replace-pathq /a/b.q=(.) /n?r=\1", "/n?r=1"),
    replace_uri: target!(r"replace-uri ^/(.*)/b(.*) /x/\1\2", "/x/a?q=1"),
    set_pathq: target!("set-pathq /n?%[query]", "/n?q=1"),
    no_effect: target!("set-nice 5; frontend: http-request wait-for-handshake", "/a/b?q=1"),
    retry_on_401: retried!("401"),
    retry_on_403: retried!("403"),
    retry_on_408: retried!("408"),
    retry_on_425: retried!("425"),
    retry_on_429: retried!("429"),
    retry_on_501: retried!("501"),
    retry_on_502: retried!("502"),
    retry_on_504: retried!("504"),
    retry_on_early_data_only: http("retry-on 0rtt-rejected; retries 3", r#"
        s refuse
        c> GET / HTTP/1.1|host: a||
        c< {503}
        log fe be/s #/#/-1/-1/# 503 # - - SC-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#).since(3, 4),
    leastconn: http("balance leastconn; backend: server s ${s} weight 10; backend: server t ${t} weight 1", r#"
        c> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        c2> GET /2 HTTP/1.1|host: a||
        t< GET /2 HTTP/1.1|host: a||
        c3> GET /3 HTTP/1.1|host: a||
        s2< GET /3 HTTP/1.1|host: a||
        c4> GET /4 HTTP/1.1|host: a||
        s3< GET /4 HTTP/1.1|host: a||
        t unused
    "#),
    random: http("balance random(3); backend: server s ${s}; backend: server t ${t} disabled", r#"
        c> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
    "#),
    do_log_in_every_rule_set: http("frontend: log-format \"<%OG>\"
        frontend: tcp-request connection do-log
        frontend: tcp-request session do-log
        frontend: tcp-request content do-log
        frontend: http-request do-log
        backend: tcp-response inspect-delay 5s
        backend: tcp-response content do-log
        backend: http-response do-log
        backend: http-after-response do-log", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        log <tcp-req-conn>
        log <tcp-req-sess>
        log <tcp-req-cont>
        log <http-req>
        log <tcp-res-cont>
        log <http-res>
        log <http-after-res>
        log <txn_response>
    "#).since(3, 4),
    many_headers_at_once: http("frontend: http-request set-var(txn.h) req.hdrs_bin
        frontend: http-request add-headers-bin var(txn.h) prefix x
        frontend: http-request set-headers-bin var(txn.h) prefix y
        backend: http-response set-var(txn.h) res.hdrs_bin
        backend: http-response add-headers-bin var(txn.h) prefix c
        backend: http-after-response set-headers-bin var(txn.h) prefix x", r#"
        c> GET / HTTP/1.1|host: a|xa: 1|yb: 2|yb: 3||
        s< GET / HTTP/1.1|host: a|xa: 1|xa: 1|yb: 3||
        s> HTTP/1.1 200 OK|content-length: 2|xa: 1|xa: 2|cx: 4||ok
        c< HTTP/1.1 200 OK|content-length: 2|cx: 4|cx: 4|xa: 2||ok
    "#).since(3, 4),
    many_headers_are_removed: http("frontend: http-request del-headers-bin bin(0261620263640E636F6E74656E742D6C656E67746800)
        backend: http-response del-headers-bin bin(01610C636F6E74656E742D7479706500) -m beg
        backend: http-after-response del-headers-bin bin(016200) -m end
        backend: http-after-response set-headers-bin bin(026E6E01350000)
        backend: http-after-response add-headers-bin bin(026E6E01360000)
        backend: http-after-response del-headers-bin bin(024D4D00) -m sub", r#"
        c> POST / HTTP/1.1|host: a|ab: 1|cd: 2|ef: 3|content-length: 2||hi
        s< POST / HTTP/1.1|host: a|ef: 3|content-length: 2||hi
        s> HTTP/1.1 200 OK|content-length: 2|ax: 1|a: 2|content-type: x|xb: 2|ommo: 3|nn: 1||ok
        c< HTTP/1.1 200 OK|content-length: 2|nn: 5|nn: 6||ok
    "#).since(3, 4),
    marks_in_every_rule_set: http("frontend: tcp-request connection set-fc-mark 1
        frontend: tcp-request connection set-fc-tos 8
        frontend: tcp-request session set-mark 1
        frontend: tcp-request session set-tos 8
        frontend: tcp-request content set-fc-mark 1
        frontend: tcp-request content set-tos 8
        frontend: http-request set-mark 1
        frontend: http-request set-fc-tos 8
        backend: tcp-response content set-fc-mark 1
        backend: tcp-response content set-tos 8
        backend: http-response set-mark 1
        backend: http-response set-fc-tos 8", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        c open
    "#).since(3, 4),
    predicates_of_blocks: http("frontend: .if defined(PATH)
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]0,\"
        frontend: .else
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]-,\"
        frontend: .endif
        frontend: .if defined(NOPE)
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]1,\"
        frontend: .else
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]-,\"
        frontend: .endif
        frontend: .if feature(NOPE)
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]2,\"
        frontend: .else
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]-,\"
        frontend: .endif
        frontend: .if streq(a,a)
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]3,\"
        frontend: .else
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]-,\"
        frontend: .endif
        frontend: .if streq(a,b)
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]4,\"
        frontend: .else
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]-,\"
        frontend: .endif
        frontend: .if strneq(a,b)
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]5,\"
        frontend: .else
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]-,\"
        frontend: .endif
        frontend: .if strstr(abc,b)
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]6,\"
        frontend: .else
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]-,\"
        frontend: .endif
        frontend: .if strstr(abc,x)
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]7,\"
        frontend: .else
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]-,\"
        frontend: .endif
        frontend: .if version_atleast(3.4)
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]8,\"
        frontend: .else
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]-,\"
        frontend: .endif
        frontend: .if version_atleast(4.0)
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]9,\"
        frontend: .else
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]-,\"
        frontend: .endif
        frontend: .if version_before(3.4)
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]10,\"
        frontend: .else
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]-,\"
        frontend: .endif
        frontend: .if version_before(4.0)
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]11,\"
        frontend: .else
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]-,\"
        frontend: .endif
        frontend: .if !streq(a,a)
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]12,\"
        frontend: .else
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]-,\"
        frontend: .endif
        frontend: .if streq(a,a) && streq(b,c)
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]13,\"
        frontend: .else
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]-,\"
        frontend: .endif
        frontend: .if streq(a,b) || streq(c,c)
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]14,\"
        frontend: .else
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]-,\"
        frontend: .endif
        frontend: .if enabled(SPLICE)
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]15,\"
        frontend: .else
        frontend: http-request set-var-fmt(txn.r) \"%[var(txn.r)]-,\"
        frontend: .endif
        frontend: http-request return status 200 hdr x %[var(txn.r)]", r#"
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x: 0,-,-,3,-,5,6,-,8,-,-,11,-,-,14,15,||
    "#).since(3, 4),
    blocks_and_their_messages: http("global: .notice hello
        global: .warning hello
        global: .diag hello
        frontend: .if streq(a,b)
        frontend: http-request return status 200
        frontend: .alert never
        frontend: .elif streq(c,c)
        frontend: http-request return status 202
        frontend: .else
        frontend: http-request return status 500
        frontend: .endif", r#"
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 202 Accepted|content-length: 0||
    "#).since(3, 4),
    variables_of_the_environment: http("global: setenv TG_A 1
        global: presetenv TG_A 2
        global: presetenv TG_B 3
        global: setenv TG_C 4
        global: unsetenv TG_C
        frontend: http-request return status 200 hdr x \"%[env(TG_A)]/%[env(TG_B)]/%[env(TG_C)]\"", r#"
        c> GET / HTTP/1.1|host: a||
        c< HTTP/1.1 200 OK|content-length: 0|x: 1/3/||
    "#).since(3, 4),
    usual_requests_are_not_logged: http("option dontlog-normal; frontend: http-request deny if { path /no }", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        c> GET /no HTTP/1.1|host: a||
        c< {403}
        log fe fe/<NOSRV> #/-1/-1/-1/# 403 # - - PR-- 1/1/0/0/0 0/0 "GET /no HTTP/1.1"
    "#).since(3, 4),
    error_locations: http("errorloc302 403 http://x/%[src]?a
        errorloc303 401 /y
        frontend: http-request deny if { path /a }
        frontend: http-request deny deny_status 401", r#"
        c> GET /a HTTP/1.1|host: a||
        c< HTTP/1.1 302 Found|cache-control: no-cache|content-length: 0|location: http://x/%[src]?a||
        c> GET /b HTTP/1.1|host: a||
        c< HTTP/1.1 303 See Other|cache-control: no-cache|content-length: 0|location: /y||
    "#).since(3, 4),
    options_of_servers_that_undo_others: http("backend: default-server send-proxy send-proxy-v2 check agent-check agent-port 1 backup
        server: no-send-proxy no-send-proxy-v2 no-check no-agent-check no-backup max-reuse 3 pool-max-conn 1 pool-purge-delay 1s
        max-keep-alive-queue 5; option splice-auto; option splice-request; option idle-close-on-response; backlog 10", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
    "#).since(3, 4),
    targets_beyond_ascii: http("option accept-unsafe-violations-in-http-request", r#"
        c> GET /\xc3\xa4#x HTTP/1.1|host: a||
        s< GET /\xc3\xa4#x HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
    "#).since(3, 4),
    flags_of_conditions: http("frontend: acl d hdr(host) -m dom -u 7 example.com
        frontend: http-request return status 202 if d", r#"
        c> GET / HTTP/1.1|host: www.example.com||
        c< HTTP/1.1 202 Accepted|content-length: 0||
    "#).since(3, 4),
    blanks_of_unique_ids_merge: http("frontend: unique-id-format \"%{+X}o %ci:x  %[str(a)] \"; frontend: unique-id-header x", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a|x: 7F000001:x a||
    "#).since(3, 4),
}
