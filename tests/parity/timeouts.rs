//! Limits of time, one at a time; the others stay far away.

use crate::case::http;

cases! {
    request_head_is_late: http("timeout http-request 60ms", r#"
        c> GET / HTTP/1.1|host: a|
        c< {408}
        c eof
        log fe fe/<NOSRV> -1/-1/-1/-1/# 408 # - - cR-- 1/1/0/0/0 0/0 "<BADREQ>"
    "#),
    no_request_at_all: http("timeout http-request 60ms", r#"
        c connect
        c< {408}
        c eof
        log fe fe/<NOSRV> -1/-1/-1/-1/# 408 # - - cR-- 1/1/0/0/0 0/0 "<BADREQ>"
    "#),
    no_request_with_dontlognull: http("timeout http-request 60ms; option dontlognull", r#"
        c connect
        c< {408}
        c eof
        c2> GET / HTTP/1.1|host: a|
        c2< {408}
        log fe fe/<NOSRV> -1/-1/-1/-1/# 408 # - - cR-- 1/1/0/0/0 0/0 "<BADREQ>"
    "#),
    no_request_with_http_ignore_probes: http("timeout http-request 60ms; option http-ignore-probes", r#"
        c connect
        c eof
    "#),
    client_timeout_bounds_the_head: http("timeout client 60ms", r#"
        c> GET / HTTP/1.1|
        c< {408}
        c eof
        log fe fe/<NOSRV> -1/-1/-1/-1/# 408 # - - cR-- 1/1/0/0/0 0/0 "<BADREQ>"
    "#),
    second_request_is_late: http("timeout http-request 60ms; timeout http-keep-alive 5s", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        log fe be/s #/#/#/#/# 200 # - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
        c> GET / HT
        c< {408}
        c eof
        log fe fe/<NOSRV> -1/-1/-1/-1/# 408 # - - cR-- 1/1/0/0/0 0/0 "<BADREQ>"
    "#),
    body_for_the_buffer_is_late: http("timeout http-request 60ms; timeout client 250ms; option http-buffer-request", r#"
        c> POST / HTTP/1.1|host: a|content-length: 5||he
        c< {408}
        c eof
        log fe fe/<NOSRV> -1/-1/-1/-1/# 408 # - - cR-- 1/1/0/0/0 0/0 "POST / HTTP/1.1"
    "#),
    client_stops_in_the_body: http("timeout client 60ms", r#"
        c> POST / HTTP/1.1|host: a|content-length: 5||he
        s^ POST / HTTP/1.1|host: a|content-length: 5||
        s~ he
        c< {408}
        c end
        log fe be/s #/#/#/-1/# 408 # - - cH-- 1/1/0/0/0 0/0 "POST / HTTP/1.1"
    "#).differs("a late body is a time-out, not a bad request", r#"
        c> POST / HTTP/1.1|host: a|content-length: 5||he
        s^ POST / HTTP/1.1|host: a|content-length: 5||
        s~ he
        c< {400}
        c end
        log fe be/s #/#/#/-1/# 400 # - - cH-- 1/1/0/0/0 0/0 "POST / HTTP/1.1"
    "#).since(3, 4),
    server_does_not_answer: http("timeout server 60ms", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        c< {504}
        s end
        log fe be/s #/#/#/-1/# 504 # - - sH-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
        c open
    "#),
    server_stops_in_the_head: http("timeout server 60ms", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-le
        c< {504}
        s end
        log fe be/s #/#/#/-1/# 504 # - - sH-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    server_stops_in_the_body: http("timeout server 60ms", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 10||hello
        c^ HTTP/1.1 200 OK|content-length: 10||
        c~ hello
        c end
        s end
        log fe be/s #/#/#/#/# 200 # - - sD-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    server_never_accepts: http("timeout connect 60ms; retries 0; backend: server s ${full}", r#"
        c> GET / HTTP/1.1|host: a||
        c< {503}
        log fe be/s #/#/-1/-1/# 503 # - - sC-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
        c open
    "#),
    queue_is_too_slow: http("timeout queue 60ms; server: maxconn 1", r#"
        c> GET /1 HTTP/1.1|host: a||
        s< GET /1 HTTP/1.1|host: a||
        c2> GET /2 HTTP/1.1|host: a||
        c2< {503}
        log fe be/<NOSRV> #/#/-1/-1/# 503 # - - sQ-- 2/2/1/0/0 0/1 "GET /2 HTTP/1.1"
        s> HTTP/1.1 200 OK|content-length: 0||
        c< HTTP/1.1 200 OK|content-length: 0||
        log fe be/s #/#/#/#/# 200 # - - ---- 2/2/0/0/0 0/0 "GET /1 HTTP/1.1"
    "#),
    tunnel_idles: http("timeout tunnel 60ms", r#"
        c> GET / HTTP/1.1|host: a|connection: upgrade|upgrade: x||
        s< GET / HTTP/1.1|host: a|connection: upgrade|upgrade: x||
        s> HTTP/1.1 101 Switching Protocols|connection: upgrade|upgrade: x||
        c< HTTP/1.1 101 Switching Protocols|connection: upgrade|upgrade: x||
        c end
        s end
    "#),
    idle_time_between_requests_is_the_http_request_one_by_default: http("timeout http-request 60ms", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        c eof
        log fe be/s #/#/#/#/# 200 # - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#),
    body_that_stops_after_the_whole_response: http("timeout client 300ms", r#"
        c> POST / HTTP/1.1|host: a|content-length: 10||abc
        s^ POST / HTTP/1.1|host: a|content-length: 10||
        s~ abc
        s> HTTP/1.1 200 OK|content-length: 2||ok
        c< HTTP/1.1 200 OK|content-length: 2||ok
        s end
        log fe be/s #/#/#/#/# 200 # - - cL-- 1/1/0/0/0 0/0 "POST / HTTP/1.1"
    "#).since(3, 4),
    client_that_does_not_read_is_not_the_servers_fault: http("timeout server 250ms; timeout client 600ms", r#"
        c> GET / HTTP/1.1|host: a||
        s< GET / HTTP/1.1|host: a||
        s> HTTP/1.1 200 OK|content-length: 20000000||{y*20000000}
        s end
        log fe be/s #/#/#/#/# 200 # - - cD-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
    "#).since(3, 4),
}
