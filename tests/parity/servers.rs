//! Choosing a server, reaching it, and what happens when that fails.

use crate::case::http;

/// A backend of three servers, `$s`, `$t` and `$u` being what follows their addresses.
macro_rules! three {
    ($s:literal, $t:literal, $u:literal) => {
        concat!(
            "balance roundrobin\n",
            "backend: server s ${s} ", $s, "\n",
            "backend: server t ${t} ", $t, "\n",
            "backend: server u ${u} ", $u, "\n"
        )
    };
}

cases! {
    a_connection_serves_one_destination: http("http-reuse always
        frontend: http-request set-dst-port str(${s}),field(2,:) if { path /s }
        frontend: http-request set-dst-port str(${t}),field(2,:) if { path /t }
        backend: server any 0.0.0.0", r#"
        c> GET /s HTTP/1.1|host: a||
        s< GET /s HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        c> GET /t HTTP/1.1|host: a||
        t< GET /t HTTP/1.1|host: a||
    "#).since(3, 4),
    round_robin: http(three!("", "", ""), r#"
        c> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        c2> GET /2 HTTP/1.1|host: a||
        t< GET /2 HTTP/1.1|host: a||
        c3> GET /3 HTTP/1.1|host: a||
        u< GET /3 HTTP/1.1|host: a||
        c4> GET /4 HTTP/1.1|host: a||
        s2< GET /4 HTTP/1.1|host: a||
    "#),
    round_robin_with_weights: http(three!("weight 1", "weight 2", "weight 3"), r#"
        c1> GET /1 HTTP/1.1|host: a||
        u< GET /1 HTTP/1.1|host: a||
        c2> GET /2 HTTP/1.1|host: a||
        t< GET /2 HTTP/1.1|host: a||
        c3> GET /3 HTTP/1.1|host: a||
        u2< GET /3 HTTP/1.1|host: a||
        c4> GET /4 HTTP/1.1|host: a||
        s< GET /4 HTTP/1.1|host: a||
        c5> GET /5 HTTP/1.1|host: a||
        u3< GET /5 HTTP/1.1|host: a||
        c6> GET /6 HTTP/1.1|host: a||
        t2< GET /6 HTTP/1.1|host: a||
        c7> GET /7 HTTP/1.1|host: a||
        u4< GET /7 HTTP/1.1|host: a||
    "#),
    a_weight_of_zero_gets_nothing: http(three!("weight 0", "", "weight 0"), r#"
        c1> GET /1 HTTP/1.1|host: a||
        t< GET /1 HTTP/1.1|host: a||
        c2> GET /2 HTTP/1.1|host: a||
        t2< GET /2 HTTP/1.1|host: a||
        s unused
        u unused
    "#),
    disabled_and_backup_servers_wait: http(three!("disabled", "backup", ""), r#"
        c1> GET /1 HTTP/1.1|host: a||
        u< GET /1 HTTP/1.1|host: a||
        c2> GET /2 HTTP/1.1|host: a||
        u2< GET /2 HTTP/1.1|host: a||
    "#),
    backup_when_nothing_else_is_left: http(three!("disabled", "backup", "disabled"), r#"
        c1> GET /1 HTTP/1.1|host: a||
        t< GET /1 HTTP/1.1|host: a||
    "#),
    every_server_disabled: http("server: disabled", r#"
        c> GET / HTTP/1.1|host: a||
        c< {503}
        log fe be/<NOSRV> #/-1/-1/-1/# 503 # - - SC-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
        c open
    "#),
    no_server_in_the_backend: http("frontend fe
        bind \"fd@${fe}\"
        default_backend be
        backend be", r#"
        c> GET / HTTP/1.1|host: a||
        c< {503}
        log fe be/<NOSRV> #/-1/-1/-1/# 503 # - - SC-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    a_request_stays_with_its_server_connection: http("balance roundrobin; backend: server s ${s}; backend: server t ${t}", r#"
        c> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        c> GET /2 HTTP/1.1|host: a||
        t< GET /2 HTTP/1.1|host: a||
        t> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        c> GET /3 HTTP/1.1|host: a||
        s< GET /3 HTTP/1.1|host: a||
    "#),
    server_refuses: http("retries 0; backend: server s ${closed}", r#"
        c> GET / HTTP/1.1|host: a||
        c< {503}
        log fe be/s #/#/-1/-1/# 503 # - - SC-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
        c open
    "#),
    retries_are_counted: http("timeout connect 10ms; retries 2; backend: server s ${closed}", r#"
        c> GET / HTTP/1.1|host: a||
        c< {503}
        log fe be/s #/#/-1/-1/# 503 # - - SC-- 1/1/0/0/2 0/0 "GET / HTTP/1.1"
    "#),
    redispatch_at_the_last_retry: http("timeout connect 50ms; retries 1; option redispatch; balance roundrobin
        backend: server s ${closed}; backend: server t ${t}", r#"
        c> GET / HTTP/1.1|host: a||
        t< GET / HTTP/1.1|host: a||
        t> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log fe be/t #/#/#/#/# 204 # - - ---- 1/1/0/0/+1 0/0 "GET / HTTP/1.1"
    "#),
    redispatch_at_every_retry: http("retries 3; option redispatch 1; balance roundrobin
        backend: server s ${closed}; backend: server t ${t}", r#"
        c> GET / HTTP/1.1|host: a||
        t< GET / HTTP/1.1|host: a||
        t> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log fe be/t #/#/#/#/# 204 # - - ---- 1/1/0/0/+1 0/0 "GET / HTTP/1.1"
    "#),
    no_redispatch_without_the_option: http("timeout connect 10ms; retries 1; balance roundrobin
        backend: server s ${closed}; backend: server t ${t}", r#"
        c> GET / HTTP/1.1|host: a||
        c< {503}
        t unused
        log fe be/s #/#/-1/-1/# 503 # - - SC-- 1/1/0/0/1 0/0 "GET / HTTP/1.1"
    "#),
    server_closes_without_an_answer: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s close
        c< {502}
        log fe be/s #/#/#/-1/# 502 # - - SH-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
        c open
    "#),
    server_resets_without_an_answer: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s abort
        c< {502}
        log fe be/s #/#/#/-1/# 502 # - - SH-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    server_closes_in_the_head: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|conte
        s close
        c< {502}
        log fe be/s #/#/#/-1/# 502 # - - PH-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#).since(3, 4),
    server_resets_in_the_body: http("", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 10||hello
        c^ HTTP/1.1 200 OK|content-length: 10||
        c~ hello
        s abort
        c end
        log fe be/s #/#/#/#/# 200 # - - SD-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    idle_server_connection_that_closed_is_replaced: http("http-reuse always", r#"
        c> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        s close
        c> GET /2 HTTP/1.1|host: a||
        s2< GET /2 HTTP/1.1|host: a||
        s2> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
    "#),
    reused_connection_that_closes_is_retried: http("", r#"
        c> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        c> GET /2 HTTP/1.1|host: a||
        s< GET /2 HTTP/1.1|host: a||
        s close
        s2< GET /2 HTTP/1.1|host: a||
        s2> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        c open
    "#).differs("RFC 9112 9.3.1: an idempotent request may be sent again, the client need not notice", r#"
        c> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        c> GET /2 HTTP/1.1|host: a||
        s< GET /2 HTTP/1.1|host: a||
        s close
        c end
    "#),
    reused_connection_that_closes_on_a_post_is_passed_on: http("", r#"
        c> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log fe be/s #/#/#/#/# 204 # - - ---- 1/1/0/0/0 0/0 "GET /1 HTTP/1.1"
        c> POST /2 HTTP/1.1|host: a|content-length: 2||ab
        s< POST /2 HTTP/1.1|host: a|content-length: 2||ab
        s close
        c end
        s2 unused
    "#),
    maxconn_of_the_server_queues: http("timeout queue 5s; server: maxconn 1", r#"
        c1> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        c2> GET /2 HTTP/1.1|host: a||
        s2 unused
        s> HTTP/1.1 200 OK|content-length: 0||
        c1< HTTP/1.1 200 OK|content-length: 0||
        s2< GET /2 HTTP/1.1|host: a||
        s2> HTTP/1.1 200 OK|content-length: 0||
        c2< HTTP/1.1 200 OK|content-length: 0||
    "#),
    maxconn_of_the_frontend_waits: http("frontend: maxconn 1", r#"
        c1> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        c2> GET /2 HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 0||
        c1< HTTP/1.1 200 OK|content-length: 0||
        c1 close
        s2< GET /2 HTTP/1.1|host: a||
        s2> HTTP/1.1 200 OK|content-length: 0||
        c2< HTTP/1.1 200 OK|content-length: 0||
    "#),
    maxconn_of_the_process_waits: http("global: maxconn 2", r#"
        c1> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        c2> GET /2 HTTP/1.1|host: a||
        s2< GET /2 HTTP/1.1|host: a||
        c3> GET /3 HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 0||
        c1< HTTP/1.1 200 OK|content-length: 0||
        s3 unused
        c1 close
        s3< GET /3 HTTP/1.1|host: a||
        s3> HTTP/1.1 200 OK|content-length: 0||
        c3< HTTP/1.1 200 OK|content-length: 0||
    "#),
    listen_section: http("listen fe
        bind \"fd@${fe}\"
        server s ${s}", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log fe fe/s #/#/#/#/# 204 # - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    two_frontends_one_backend: http("frontend fe
        bind \"fd@${fe}\"
        default_backend be
        frontend other
        bind \"fd@${fe2}\"
        http-request set-header x-via other
        default_backend be
        backend be
        server s ${s}", r#"
        c> GET /c HTTP/1.1|host: a||
        s< GET /c HTTP/1.1|host: a||
        d> GET /d HTTP/1.1|host: a||
        s2< GET /d HTTP/1.1|host: a|x-via: other||
        s2> HTTP/1.1 204 No Content||
        d< HTTP/1.1 204 No Content||
        log other be/s #/#/#/#/# 204 # - - ---- 2/1/1/1/0 0/0 "GET /d HTTP/1.1"
    "#),
}
