//! TCP frontends whose streams go on as HTTP: by `switch-mode`, or because their backend is HTTP.

use crate::case::{http, tcp};

cases! {
    by_a_rule: tcp("backend: mode http; frontend: log-format \"%ST %ts %{+Q}r\"
        frontend: tcp-request inspect-delay 5s
        frontend: tcp-request content switch-mode http proto h1 if HTTP
        frontend: tcp-request content reject
        frontend: http-request set-header x-fe 1", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a|x-fe: 1||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        log 200 -- "GET / HTTP/1.1"
        c> GET /2 HTTP/1.1|host: a||
        s< GET /2 HTTP/1.1|host: a|x-fe: 1||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log 204 -- "GET /2 HTTP/1.1"
    "#).since(3, 4),
    what_is_no_http_stays_tcp: tcp("backend: mode http
        frontend: tcp-request inspect-delay 5s
        frontend: tcp-request content switch-mode http if HTTP
        frontend: tcp-request content reject", r#"
        c> hello|
        c end
        log fe fe/<NOSRV> -1/-1/# 0 PR 1/1/0/0/0 0/0
    "#).since(3, 4),
    by_the_backend: tcp("backend: mode http; backend: http-request set-header x-be 1; frontend: log-format \"%ST %ts %b\"", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a|x-be: 1||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        log 200 -- be
        c> GET /2 HTTP/1.1|host: a||
        s< GET /2 HTTP/1.1|host: a|x-be: 1||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
        log 204 -- be
    "#).since(3, 4),
    a_head_in_pieces: tcp("backend: mode http", r#"
        c> GE
        c> T / HTTP/1.1|host: a
        c> ||
        s< GET / HTTP/1.1|host: a||
    "#),
    proto_none_forbids_a_rule: tcp("frontend fe
        bind \"fd@${fe}\" proto none
        log-format \"%ts %b\"
        tcp-request inspect-delay 5s
        tcp-request content switch-mode http if HTTP
        default_backend be
        backend be
        mode http
        server s ${s}", r#"
        c> GET / HTTP/1.1|host: a||
        c end
        log PR fe
    "#).since(3, 4),
    proto_none_forbids_an_http_backend: tcp("frontend fe
        bind \"fd@${fe}\" proto none
        log-format \"%ts %b\"
        default_backend be
        backend be
        mode http
        server s ${s}", r#"
        c> GET / HTTP/1.1|host: a||
        c end
        log RR be
    "#).since(3, 4),
    proto_of_both_sides: http("frontend fe
        bind \"fd@${fe}\" proto h1
        default_backend be
        backend be
        server s ${s} proto h1", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 204 No Content||
        c< HTTP/1.1 204 No Content||
    "#),
    proto_none_of_both_sides: tcp("frontend fe
        bind \"fd@${fe}\" proto none
        default_backend be
        backend be
        server s ${s} proto none", r#"
        c> hello
        s~ hello
        s> world
        c~ world
    "#).since(3, 4),
    no_http_for_an_http_backend: tcp("backend: mode http; frontend: log-format \"%ST %ts\"", r#"
        c> GET / BAD-VERSION||
        c< {400}
        c end
        log 400 PR
    "#).since(3, 4).differs("HAProxy's connection answers before there is a request to log", r#"
        c> GET / BAD-VERSION||
        c< {400}
        c end
        log 0 PR
    "#),
    a_client_without_a_request: tcp("backend: mode http; frontend: log-format \"%ST %ts\"; timeout http-request 60ms", r#"
        c connect
        c< {408}
        c end
        log 408 cR
    "#).since(3, 4).differs("HAProxy's connection answers before there is a request to log", r#"
        c connect
        c< {408}
        c end
        log 0 PR
    "#),
}
